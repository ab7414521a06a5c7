// Two or three texts of a rule put beside each other, in a worker thread: the texts are foreign.

import type { WorkerTask } from '#platform/worker.ts'
import { describeChanges } from './changes-in-words.ts'
import { mergeRuleTexts, type MergedRule, type RuleTexts } from './merge.ts'

export interface TwoTexts {
  readonly before: string
  readonly after: string
}

/** Sentences without a full stop; empty when the texts are the same. */
export const compareTexts: WorkerTask<TwoTexts, readonly string[]> = {
  worker: 'rules',
  name: 'rules.compare',
}

export function compareTextsHere({ before, after }: TwoTexts): readonly string[] {
  return describeChanges(before, after)
}

export const mergeTexts: WorkerTask<RuleTexts, MergedRule> = {
  worker: 'rules',
  name: 'rules.merge',
}

export function mergeTextsHere(texts: RuleTexts): MergedRule {
  return mergeRuleTexts(texts)
}
