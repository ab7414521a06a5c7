// Rule files examined in a worker thread: thousands of them are shared among threads, and what comes
// back is plain data.

import { openAttack, type AttackTable } from '#languages/attack/attack.ts'
import { examine, type Finding } from '#languages/sigma/lint.ts'
import { parseSigma } from '#languages/sigma/parse.ts'
import type { WorkerTask } from '#platform/worker.ts'

export interface RuleTexts {
  readonly files: readonly { readonly path: string; readonly text: string }[]
  /** `YYYY-MM-DD`. */
  readonly today: string
  /** Undefined for the version of ATT&CK that came with the product. */
  readonly attack?: AttackTable | undefined
}

/** Findings in the order of the files. */
export const examineRules: WorkerTask<RuleTexts, readonly Finding[]> = {
  worker: 'rules',
  name: 'rules.examine',
}

export function examineRulesHere({ files, ...given }: RuleTexts): readonly Finding[] {
  const options = { today: given.today, attack: openAttack(given.attack) }
  return files.flatMap(({ path, text }) =>
    examine({ path, text, outlines: parseSigma(text).outlines }, options),
  )
}
