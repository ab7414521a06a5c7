// What an item of a change means for the rule, in words: its text where it stands beside the text that
// would be written.

import { explainChanges } from '#domain/rules/merge/explain-changes.ts'
import { getVersion } from '#domain/rules/reading.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
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
