// Texts of exclusions read in a worker thread, with the terms that a form or a program gives beside
// them, and held against their rules: nothing of them is trusted.

import { AppError } from '#kernel/error.ts'
import type { Checked } from '#kernel/problem.ts'
import type { WorkerTask } from '#platform/worker.ts'
import type { ExclusionContent } from './exclusion.ts'
import { judgeExclusion, type ExclusionMarks, type ExclusionToJudge } from './marks.ts'
import { readExclusion, writeTerms, type ExclusionTerms } from './text.ts'

export interface ExclusionToRead extends ExclusionTerms {
  readonly text: string
  /** Where neither the text nor what is given beside it says them. */
  readonly usual?: ExclusionTerms
}

export interface ReadExclusion extends Checked<ExclusionContent> {
  /** With the terms written in. */
  readonly text: string
}

/** In the order of the texts. */
export const readExclusions: WorkerTask<readonly ExclusionToRead[], readonly ReadExclusion[]> = {
  worker: 'rules',
  name: 'rules.exclusions',
}

export function readExclusionsHere(given: readonly ExclusionToRead[]): readonly ReadExclusion[] {
  return given.map(({ text, usual, ...terms }) => {
    try {
      const written = writeTerms(text, terms, usual)
      return { text: written, ...readExclusion(written) }
    } catch (error) {
      // The reader says more about a broken text than that nothing could be written into it.
      if (!(error instanceof AppError)) throw error
      const { problems } = readExclusion(text)
      const refused = { code: 'exclusion/text', severity: 'error', message: error.message } as const
      return { text, problems: problems.length > 0 ? problems : [refused] }
    }
  })
}

/** In the order of the exclusions. */
export const judgeExclusions: WorkerTask<readonly ExclusionToJudge[], readonly ExclusionMarks[]> = {
  worker: 'rules',
  name: 'rules.exclusions.judge',
}

export function judgeExclusionsHere(given: readonly ExclusionToJudge[]): readonly ExclusionMarks[] {
  return given.map(judgeExclusion)
}
