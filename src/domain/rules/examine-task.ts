// Rule files examined in a worker thread: thousands of them are shared among threads, and what comes
// back is plain data.

import { examine, type Finding } from '#languages/sigma/lint.ts'
import { parseSigma } from '#languages/sigma/parse.ts'
import type { WorkerTask } from '#platform/worker.ts'

export interface RuleTexts {
  readonly files: readonly { readonly path: string; readonly text: string }[]
  /** `YYYY-MM-DD`. */
  readonly today: string
}

/** Findings in the order of the files. */
export const examineRules: WorkerTask<RuleTexts, readonly Finding[]> = {
  worker: 'rules',
  name: 'rules.examine',
}

export function examineRulesHere({ files, today }: RuleTexts): readonly Finding[] {
  return files.flatMap(({ path, text }) =>
    examine({ path, text, outlines: parseSigma(text).outlines }, { today }),
  )
}
