// A change rendered again from what is there now, and what has to hold of it before anybody decides on it.

import { readPolicyIn } from '#domain/workspaces/policy-actions.ts'
import { AppError } from '#kernel/error.ts'
import type { ChangeId } from '#kernel/id.ts'
import { requireVersion } from '#kernel/version.ts'
import type { Caller } from '#platform/caller.ts'
import type { Tx } from '#platform/db/tx.ts'
import type { House } from '#platform/house.ts'
import { nextTurn } from '#platform/turns.ts'
import { blocking } from './checks.ts'
import { findStale } from './fresh.ts'
import { putPrepared } from './keep.ts'
import { isOpen, policyOf, stricter } from './moves.ts'
import { prepareItems, type WantedItem } from './prepare.ts'
import * as store from './store.ts'
import type { StoredChange, StoredItem } from './store.ts'

export function wantedOf({ ruleId, targetId, action, wantedVersion }: StoredItem): WantedItem {
  return { ruleId, targetId, action, version: wantedVersion ?? undefined }
}

/** For whoever may do something else that needs it to be of now. */
export async function renderInto(
  house: House,
  caller: Caller,
  id: ChangeId,
): Promise<StoredChange> {
  await nextTurn()
  const reader = house.db.read(caller.scope)
  const before = await store.getChangeRow(reader, caller.scope, id)
  if (!isOpen(before.state)) throw new AppError('conflict', 'This change is closed.')
  const kept = await store.selectItems(reader, caller.scope, id)
  const why = await findStale(reader, caller.scope, kept, caller.now)
  const made = await prepareItems(house, caller, kept.map(wantedOf), before.policy)
  return house.db.write(caller, async (tx) => {
    const change = await store.getChangeRow(tx, tx.scope, id)
    requireVersion(new Set([String(before.version)]), String(change.version))
    const reason = [why ?? 'It was rendered again.', ...made.leftOut].join(' ')
    return putPrepared(tx, house, caller, change, {
      items: made.items,
      told: { what: 'render', reason },
    })
  })
}

/** Only what is no longer so is rendered. */
export async function freshen(house: House, caller: Caller, id: ChangeId): Promise<void> {
  const reader = house.db.read(caller.scope)
  const items = await store.selectItems(reader, caller.scope, id)
  if ((await findStale(reader, caller.scope, items, caller.now)) === undefined) return
  await renderInto(house, caller, id)
}

/** Checks depend on the policy, so it is taken over before they are made. */
export async function tightenPolicy(house: House, caller: Caller, id: ChangeId): Promise<void> {
  await house.db.write(caller, async (tx) => {
    const change = await store.getChangeRow(tx, tx.scope, id)
    await store.updateChange(tx, id, { policy: await policyNow(tx, house, change) })
  })
}

/** What is asked for: never less than while the change was open before. */
export async function policyNow(tx: Tx, house: House, { policy }: StoredChange) {
  return stricter(policy, policyOf((await readPolicyIn(tx, house)).policy))
}

/** Throws `invalid` with every problem that stops it. */
export function requireSound(items: readonly StoredItem[]): void {
  if (items.length === 0) throw new AppError('invalid', 'Nothing would change.')
  const problems = items.flatMap((item) =>
    blocking(item).map((one) => ({
      ...one,
      message: `${item.ruleTitle} on ${item.targetName}: ${one.message}`,
    })),
  )
  const [first] = problems
  if (first) throw new AppError('invalid', first.message, { details: { problems } })
}
