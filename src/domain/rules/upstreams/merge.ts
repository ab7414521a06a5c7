// A text of the upstream held against a rule that is here: nothing to do, taken as it is, or merged with
// what was changed here.

import type { House } from '#platform/house.ts'
import type { TaskLimits } from '#platform/worker.ts'
import { mergeTexts } from '#domain/rules/merge/compare-task.ts'
import type { RuleTexts } from '#domain/rules/merge/merge.ts'
import { hashText } from '#domain/rules/rule.ts'

export interface TextsToCompare {
  /** Null when nobody knows which text of the upstream the rule began as. */
  readonly base: string | null
  readonly mine: string
  readonly theirs: string
}

export interface ComparedTexts {
  /** `likely` when no base is known: what differs may be tuning of this very text. */
  readonly finding: 'unchanged' | 'clean' | 'conflict' | 'likely'
  /** What the rule would become, ours where both changed the same; null when it is just theirs. */
  readonly merged: string | null
  readonly conflicts: number
}

const LIMITS: TaskLimits = { timeoutMs: 60_000 }

/** Throws `timeout` and `busy`. */
export async function compareTexts(
  { workers }: Pick<House, 'workers'>,
  { base, mine, theirs }: TextsToCompare,
): Promise<ComparedTexts> {
  if (mine === theirs || base === theirs) return UNCHANGED
  if (base === null) return { finding: 'likely', merged: null, conflicts: 0 }
  if (base === mine) return { finding: 'clean', merged: null, conflicts: 0 }
  const { text, conflicts } = await workers.run(mergeTexts, { base, mine, theirs }, LIMITS)
  if (conflicts.length > 0)
    return { finding: 'conflict', merged: text, conflicts: conflicts.length }
  return hashText(text) === hashText(mine)
    ? UNCHANGED
    : { finding: 'clean', merged: text, conflicts: 0 }
}

const UNCHANGED: ComparedTexts = { finding: 'unchanged', merged: null, conflicts: 0 }

/** Both, and theirs where both changed the same place. Theirs alone when no base is known. */
export async function takeTheirs(
  { workers }: Pick<House, 'workers'>,
  { base, mine, theirs }: TextsToCompare,
): Promise<string> {
  if (base === null) return theirs
  const swapped: RuleTexts = { base, mine: theirs, theirs: mine }
  const { text } = await workers.run(mergeTexts, swapped, LIMITS)
  return text
}
