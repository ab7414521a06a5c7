// What takes a change to many rules back: for each rule the text of the version before, or the state
// before. A rule that somebody touched since is told and left alone.

import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { revisionOf, type RuleSummary } from '#domain/rules/rule.ts'
import { selectRulesById, toSummary } from '#domain/rules/rule-store.ts'
import type { Move } from '#domain/rules/rule-state.ts'
import type { RuleText } from '#domain/rules/save.ts'
import { getVersion } from '#domain/rules/version-store.ts'
import type { BulkItem } from './store.ts'

interface Undoing {
  readonly texts: readonly (RuleText & { readonly rule: RuleSummary })[]
  readonly moves: readonly (Move & { readonly title: string })[]
  readonly refused: readonly BulkItem[]
}

/** `items` were changed; `reason` stands in the history of each text that comes back. */
export async function undoPage(
  house: House,
  { scope }: Caller,
  items: readonly BulkItem[],
  reason: string,
): Promise<Undoing> {
  const reader = house.db.read(scope)
  const ids = items.map(({ ruleId }) => ruleId)
  const rows = await selectRulesById(reader, scope, ids)
  const known = new Map(rows.map((row) => [row.id, toSummary(row)]))
  const texts: (RuleText & { readonly rule: RuleSummary })[] = []
  const moves: (Move & { readonly title: string })[] = []
  const refused: BulkItem[] = []
  for (const { ruleId, title, before, after } of items) {
    const rule = known.get(ruleId)
    if (!rule || revisionOf(rule) !== after) {
      const message = rule ? 'It was changed since, and stays as it is.' : 'It was deleted since.'
      refused.push({ ruleId, title, result: 'refused', before: null, after: null, message })
      continue
    }
    const expected = new Set([after])
    const [version, state] = before!.split('-')
    if (Number(version) === rule.version) {
      moves.push({ ruleId, title, expected, to: state === 'retired' ? 'retired' : 'draft' })
      continue
    }
    const restoredFrom = Number(version)
    const { text } = await getVersion(reader, scope, ruleId, restoredFrom)
    texts.push({ text, reason, origin: rule.origin, ruleId, expected, restoredFrom, rule })
  }
  return { texts, moves, refused }
}
