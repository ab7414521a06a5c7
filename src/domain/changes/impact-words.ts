// What an item of a change means for the rule, in words and as a diff: its text where it stands beside the
// text that would be written, and the query that is asked of either.

import { explainChanges } from '#domain/rules/merge/explain-changes.ts'
import { compareTexts } from '#domain/rules/looking.ts'
import { unified } from '#domain/rules/merge/unified.ts'
import { getVersion } from '#domain/rules/reading.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import type { BacktestItem } from './backtest.ts'
import type { Question } from './backtest-query.ts'
import type { ChangeItem } from './change.ts'

const ACTIONS: Readonly<Record<ChangeItem['action'], string>> = {
  adopt: 'It is managed from here, and nothing is written',
  add: 'It does not stand there yet',
  change: 'The same text is written otherwise: its mapping, an exclusion or a setting changed',
  remove: 'It is taken away',
  pause: 'It is switched off and stays there',
  resume: 'It is switched on again',
  unmanage: 'It is let go of and stays as it is',
}

/** Without full stops. Throws `timeout` and `busy`. */
export async function wordsOf(
  house: House,
  caller: Caller,
  { ruleId, action, version, replaces }: ChangeItem,
): Promise<readonly string[]> {
  const from = replaces?.version ?? null
  if (action !== 'change' || version === null || from === version) return [ACTIONS[action]]
  if (from === null) return ['Nobody knows of which version the bytes are that stand there']
  const before = await getVersion(house, caller, ruleId, from)
  const after = await getVersion(house, caller, ruleId, version)
  const sentences = await explainChanges(house.workers, before.text, after.text)
  return sentences.length > 0 ? sentences : [ACTIONS.change]
}

export interface ItemDiffs {
  readonly textDiff: string | null
  readonly queryDiff: string | null
}

/** Null where both sides are the same, or one of them is not known. Throws `timeout` and `busy`. */
export async function diffsOf(
  house: House,
  caller: Caller,
  item: ChangeItem | undefined,
  { before, after }: Pick<BacktestItem, 'before' | 'after'>,
): Promise<ItemDiffs> {
  const diff = async (texts: { readonly before: string; readonly after: string }) =>
    texts.before === texts.after ? null : unified(await compareTexts(house, caller, texts))
  const textOf = (question: Question | null) =>
    question === null || 'why' in question ? undefined : question.text
  const [now, then] = [textOf(before), textOf(after)]
  const queryDiff =
    now === undefined || then === undefined ? null : await diff({ before: now, after: then })
  const from = item?.replaces?.version ?? null
  const to = item?.version ?? null
  if (!item || from === null || to === null || from === to) return { textDiff: null, queryDiff }
  const was = await getVersion(house, caller, item.ruleId, from)
  const becomes = await getVersion(house, caller, item.ruleId, to)
  return { textDiff: await diff({ before: was.text, after: becomes.text }), queryDiff }
}
