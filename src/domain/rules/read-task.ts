// Rule texts examined for keeping, in a worker thread: by the hundred, and none of them trusted.

import type { WorkerTask } from '#platform/worker.ts'
import { examineRuleText, type ExaminedRule } from './examined.ts'

export interface TextsToRead {
  readonly texts: readonly string[]
  /** `YYYY-MM-DD`. */
  readonly today: string
}

/** In the order of the texts. */
export const readRules: WorkerTask<TextsToRead, readonly ExaminedRule[]> = {
  worker: 'rules',
  name: 'rules.read',
}

export function readRulesHere({ texts, today }: TextsToRead): readonly ExaminedRule[] {
  return texts.map((text) => examineRuleText(text, today))
}
