// Two or three texts of a rule put beside each other, in a worker thread: the texts are foreign.

import type { WorkerTask } from '#platform/worker.ts'
import { describeChanges, type QueryChange } from './changes-in-words.ts'
import { mergeRuleTexts, type MergedRule, type RuleTexts } from './merge.ts'
import { foldSame, placeSideBySide, type LineRow } from './side-by-side.ts'

export interface TwoTexts {
  readonly before: string
  readonly after: string
}

export interface TextsToDescribe extends TwoTexts {
  /** What changed in each native query, in the order in which they are asked about. */
  readonly answers: readonly (string | null | undefined)[]
}

export interface DescribedTexts {
  /** Without a full stop; empty when the texts are the same. */
  readonly sentences: readonly string[]
  /** Native queries that differ: other workers compare them. */
  readonly asked: readonly QueryChange[]
}

export const describeTexts: WorkerTask<TextsToDescribe, DescribedTexts> = {
  worker: 'rules',
  name: 'rules.describe',
}

export function describeTextsHere({ before, after, answers }: TextsToDescribe): DescribedTexts {
  const asked: QueryChange[] = []
  const sentences = describeChanges(before, after, (change) => answers[asked.push(change) - 1])
  return { sentences, asked }
}

export const placeTexts: WorkerTask<TwoTexts, readonly LineRow[]> = {
  worker: 'rules',
  name: 'rules.place',
}

export function placeTextsHere({ before, after }: TwoTexts): readonly LineRow[] {
  return foldSame(placeSideBySide(before, after))
}

export const mergeTexts: WorkerTask<RuleTexts, MergedRule> = {
  worker: 'rules',
  name: 'rules.merge',
}

export function mergeTextsHere(texts: RuleTexts): MergedRule {
  return mergeRuleTexts(texts)
}
