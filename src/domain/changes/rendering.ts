// A change rendered again from what is there now, and what has to hold of it before anybody decides on it.

import { readPolicyIn } from '#domain/workspaces/policy-actions.ts'
import { AppError } from '#kernel/error.ts'
import { contentHash } from '#kernel/hash.ts'
import type { ChangeId } from '#kernel/id.ts'
import { requireVersion } from '#kernel/version.ts'
import type { Caller } from '#platform/caller.ts'
import type { Tx } from '#platform/db/tx.ts'
import type { House } from '#platform/house.ts'
import { hashChange, type Change, type ChangePolicy } from './change.ts'
import { blocking } from './checks.ts'
import { findStale } from './fresh.ts'
import { putPrepared, shown, withWaivers } from './keep.ts'
import { isOpen, policyOf, stricter } from './moves.ts'
import { prepareItems, type Prepared, type WantedItem } from './prepare.ts'
import * as store from './store.ts'
import type { StoredChange, StoredItem } from './store.ts'

export function wantedOf({ ruleId, targetId, action, wantedVersion }: StoredItem): WantedItem {
  return { ruleId, targetId, action, version: wantedVersion ?? undefined }
}

export interface RenderedAgain {
  /** As it was when this began. */
  readonly before: StoredChange
  readonly made: Prepared
  /** What was no longer so, in words; undefined where nothing was seen. */
  readonly why: string | undefined
  /** Over what was made: another one than the change's where a byte differs. */
  readonly hash: string
}

/** Compiles it anew without keeping anything. `policy` and that of now decide what is checked. */
export async function renderAnew(
  house: House,
  caller: Caller,
  before: StoredChange,
  policy: ChangePolicy,
): Promise<RenderedAgain> {
  const reader = house.db.read(caller.scope)
  const kept = await store.selectItems(reader, caller.scope, before.id)
  const why = await findStale(reader, caller.scope, kept, caller.now)
  const made = await prepareItems(house, caller, kept.map(wantedOf), policy)
  return { before, made, why, hash: hashChange(withWaivers(before.id, made.items, kept)) }
}

/** Throws `stale` when somebody changed it meanwhile. */
export async function keepRendered(
  tx: Tx,
  house: House,
  caller: Caller,
  { before, made, why }: RenderedAgain,
): Promise<StoredChange> {
  const change = await store.getChangeRow(tx, tx.scope, before.id)
  requireVersion(new Set([String(before.version)]), String(change.version))
  if (!isOpen(change.state)) throw new AppError('conflict', 'This change is closed.')
  const reason = [why ?? 'It was rendered again.', ...made.leftOut].join(' ')
  const told = { what: 'render', reason }
  const { items, policy } = made
  const isStricter = contentHash(policy) !== contentHash(change.policy)
  return putPrepared(tx, house, caller, change, { items, told, ...(isStricter && { policy }) })
}

/** Renders it again and keeps that. For whoever may do something else that needs it to be of now. */
export async function renderInto(house: House, caller: Caller, id: ChangeId): Promise<Change> {
  const before = await store.getChangeRow(house.db.read(caller.scope), caller.scope, id)
  if (!isOpen(before.state)) throw new AppError('conflict', 'This change is closed.')
  const again = await renderAnew(house, caller, before, before.policy)
  return house.db.write(caller, async (tx) =>
    shown(tx, await keepRendered(tx, house, caller, again)),
  )
}

/** What is asked for: never less than while the change was open before. */
export async function policyNow(tx: Tx, house: House, { policy }: StoredChange) {
  return stricter(policy, policyOf((await readPolicyIn(tx, house)).policy, policy.strictGroups))
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
