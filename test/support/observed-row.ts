// Rows of rules that were seen on a target, and one that this installation made there and forgot.

import { systemCaller } from '#domain/access/system.ts'
import { insertObserved, type NewObserved } from '#domain/adoption/store.ts'
import { ownRefOf } from '#domain/placements/refs.ts'
import { createRule } from '#domain/rules/actions.ts'
import { contentHash } from '#kernel/hash.ts'
import { ID_PREFIXES, makeId, type RuleId, type TargetId } from '#kernel/id.ts'
import { markerOf } from '#languages/rule-formats/write/marker.ts'
import { nextTurn } from '#platform/turns.ts'
import { ruleText } from './rule-text.ts'
import type { TestApp } from './start-app.ts'

export function observedRow(
  { house, clock }: Pick<TestApp, 'house' | 'clock'>,
  row: Pick<NewObserved, 'targetId' | 'ref' | 'name'> & Partial<NewObserved>,
): NewObserved {
  const now = clock.now()
  return {
    id: makeId(ID_PREFIXES.observed, now, house.random(10)),
    sortName: row.name.toLowerCase(),
    type: 'query',
    level: null,
    isEnabled: 1,
    hash: 'h',
    body: '{}',
    raw: '{}',
    uuid: null,
    marker: null,
    managers: '[]',
    isManaged: 0,
    actions: '[]',
    notices: '[]',
    observeOnly: null,
    etag: null,
    remoteChangedAt: null,
    remoteChangedBy: null,
    firstSeenAt: now,
    lastSeenAt: now,
    changedAt: now,
    missingSince: null,
    ...row,
  }
}

/** As if the database were older than the deployment that put it there. */
export async function plantForgotten(
  app: TestApp,
  workspaceId: string,
  { targetId, title }: { readonly targetId: TargetId; readonly title: string },
): Promise<RuleId> {
  const { house } = app
  const caller = systemCaller(house, 'test', undefined, workspaceId)
  const text = ruleText(`# no id\ntitle: ${title}`)
  const { rule } = await createRule(house, caller, { text, reason: '', origin: 'written' })
  const { installId } = house.keys
  const mark = { installId, ruleId: rule.id, version: 1, bodyHash: contentHash(text) }
  const body = { title, rule: text, enabled: true, marker: markerOf(mark) }
  const ref = ownRefOf({ installId, ruleId: rule.id, targetId })
  const row = observedRow(app, {
    targetId,
    ref,
    name: title,
    hash: contentHash(body),
    body: JSON.stringify(body),
    marker: rule.id,
  })
  await house.db.write(caller, (tx) => insertObserved(tx, [row]))
  await nextTurn()
  return rule.id
}
