// What people do with the alerts of a rule: look at the newest, and say what they were.

import { permit } from '#domain/access/permission.ts'
import { getRule } from '#domain/rules/reading.ts'
import type { AlertId, RuleId, WorkspaceId } from '#kernel/id.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import type { Disposition } from '#domain/targets/port.ts'
import { precisionOf, type AlertRef, type Precision } from './alert.ts'
import * as store from './alert-store.ts'

export interface RuleAlerts {
  /** Newest first; the newest only. */
  readonly items: readonly AlertRef[]
  readonly precision: Precision
}

/** Throws `forbidden` for a rule that is not here. */
export async function listAlerts(
  house: House,
  caller: Caller,
  { ruleId, limit }: { readonly ruleId: RuleId; readonly limit: number },
): Promise<RuleAlerts> {
  permit(caller, 'health.read')
  await getRule(house, caller, ruleId)
  const { scope } = caller
  const reader = house.db.read(scope)
  const items = await store.selectAlerts(reader, scope, ruleId, limit)
  const counts = await store.countDispositions(reader, scope, ruleId)
  return { items, precision: precisionOf(counts) }
}

export interface NewDisposition {
  readonly disposition: Disposition
  readonly note: string
}

/** Throws `forbidden` for one that is not here. */
export async function getAlert(house: House, caller: Caller, id: AlertId): Promise<AlertRef> {
  permit(caller, 'health.read')
  return store.getAlert(house.db.read(caller.scope), caller.scope, id)
}

/** What somebody says counts before what the target says. Throws `forbidden`. Audited. */
export async function setDisposition(
  house: House,
  caller: Caller,
  id: AlertId,
  { disposition, note }: NewDisposition,
): Promise<AlertRef> {
  permit(caller, 'disposition.write')
  return house.db.write(caller, async (tx) => {
    const before = await store.getAlert(tx, tx.scope, id)
    const change = { disposition, note, disposedAt: caller.now, disposedBy: caller.actor }
    await store.updateDisposition(tx, id, change)
    await house.audit.record(tx, caller, {
      action: 'alert.disposition',
      target: id,
      data: { rule: before.ruleId, from: before.disposition, to: disposition, note },
    })
    const workspaceId = caller.scope.workspaceId as WorkspaceId
    house.events.publish(tx, { workspaceId, noun: 'alert', id, verb: 'changed' })
    return { ...before, ...change }
  })
}
