// What a deployment asks of a change and tells it: whether its bytes may be written now, that it begins,
// how it ended. The questions are asked inside of the write that begins it.

import { AppError } from '#kernel/error.ts'
import { contentHash } from '#kernel/hash.ts'
import type { ChangeId, DeploymentId, TargetId } from '#kernel/id.ts'
import { addMs, type Instant } from '#kernel/time.ts'
import { getTarget } from '#domain/targets/actions.ts'
import { tightened, type Tightened } from '#domain/workspaces/group-policy.ts'
import { readPolicy } from '#domain/workspaces/policy-actions.ts'
import { isOpenAt, nextOpening, readWindows } from '#domain/workspaces/windows.ts'
import { voiced } from '#languages/rule-formats/write/silent.ts'
import type { Caller } from '#platform/caller.ts'
import type { Tx } from '#platform/db/tx.ts'
import type { House } from '#platform/house.ts'
import { isAsSigned, isSignedSwitch, selectSignedBefore } from './as-signed.ts'
import type { Change, ChangeItem } from './change.ts'
import { requireFresh } from './fresh.ts'
import { move, returnToDraft, shown } from './keep.ts'
import { countApprovals, isOpen, signaturesNeeded } from './moves.ts'
import { keepRendered, policyNow, renderAnew, requireSound } from './rendering.ts'
import { genuine } from './signing.ts'
import * as store from './store.ts'
import type { StoredChange, StoredItem } from './store.ts'

export interface Deployable {
  readonly change: Change
  readonly items: readonly ChangeItem[]
  /** Somebody besides its makers signed these bytes; false where review is off. */
  readonly isSigned: boolean
}

/**
 * Throws `conflict` for one that is not approved or whose approval is over, `stale` where anything that
 * it was made of is another thing now, `invalid` with its problems.
 */
export async function requireDeployable(
  tx: Tx,
  house: House,
  caller: Caller,
  changeId: ChangeId,
): Promise<Deployable> {
  const stored = await store.getChangeRow(tx, tx.scope, changeId)
  const policy = await policyNow(tx, house, stored)
  const change = { ...stored, policy }
  const needed = signaturesNeeded(policy)
  const items = await store.selectItems(tx, tx.scope, changeId)
  const before = await selectSignedBefore(tx, house, tx.scope, change, policy)
  if (!items.every((item) => isSignedSwitch(item, before, caller.now))) {
    requireApproved(change, needed, caller.now)
    const kept = await store.selectSignatures(tx, tx.scope, changeId)
    const count = countApprovals(genuine(house, changeId, kept), { hash: change.hash, policy })
    if (count < needed) {
      throw new AppError('conflict', `This change needs ${needed} signatures and has ${count}.`)
    }
  }
  if (!isAsSigned(items, change.hash)) {
    throw new AppError('stale', 'What is kept of this change is not what was signed.')
  }
  requireSound(items)
  await requireFresh(tx, tx.scope, items, caller.now)
  return { change: await shown(tx, change), items, isSigned: needed > 0 }
}

function requireApproved(
  { state, expiresAt, heldSince }: StoredChange,
  needed: number,
  now: Instant,
): void {
  const isUnreviewed = needed === 0 && (state === 'draft' || state === 'changes_requested')
  if (isUnreviewed) return
  if (state !== 'approved') {
    throw new AppError('conflict', 'This change is not approved, so it cannot be deployed.')
  }
  if (expiresAt === null) return
  const endsAt = heldSince === null ? expiresAt : addMs(expiresAt, now - heldSince)
  if (endsAt > now) return
  throw new AppError('conflict', 'The approval of this change is over. Hand it in again.')
}

/**
 * Compiles everything anew. Where a byte differs the change is a draft again, without its signatures.
 * Throws `stale` then.
 */
export async function renderAgain(
  house: House,
  caller: Caller,
  { id, hash }: Pick<Change, 'id' | 'hash'>,
): Promise<void> {
  const reader = house.db.read(caller.scope)
  const change = await store.getChangeRow(reader, caller.scope, id)
  const again = await renderAnew(house, caller, change, change.policy)
  if (again.hash === hash) return
  await house.db.write(caller, (tx) => keepRendered(tx, house, caller, again))
  throw new AppError(
    'stale',
    'What would be written is not what was approved. The change is a draft again; look at what differs.',
  )
}

/**
 * The same for one whose deployment waited: compiled anew before anything is written. Throws `stale` where
 * a byte differs; does nothing for what is deployed without a change.
 */
export async function requireSameBytes(
  house: House,
  caller: Caller,
  { changeId, hash }: { readonly changeId: ChangeId; readonly hash: string },
): Promise<void> {
  const reader = house.db.read(caller.scope)
  const change = await store.findChangeRow(reader, caller.scope, changeId)
  if (change?.state !== 'deploying' || change.hash !== hash) return
  const again = await renderAnew(house, caller, change, change.policy)
  if (again.hash === hash) return
  const why = again.why === undefined ? '' : ` ${again.why}`
  const message = `While it waited, what would be written became another thing than what was approved.${why}`
  throw new AppError('stale', `${message} Nothing was written, and the change is a draft again.`)
}

type KeptWrite = Pick<StoredItem, 'ruleId' | 'targetId' | 'body'>

/**
 * Whether bodies that were kept beside a change are those of its digests: what was edited in the file is
 * not written. Throws `conflict`; does nothing for what is deployed without a change, or before it is
 * signed and may still become another one.
 */
export async function requireKept(
  house: House,
  { scope }: Caller,
  { changeId, hash }: { readonly changeId: ChangeId; readonly hash: string },
  writes: readonly KeptWrite[],
): Promise<void> {
  const reader = house.db.read(scope)
  const change = await store.findChangeRow(reader, scope, changeId)
  if (change === undefined || (isOpen(change.state) && change.hash !== hash)) return
  const items = await store.selectItems(reader, scope, changeId)
  const signed = new Map(items.map((item) => [`${item.ruleId} ${item.targetId}`, item]))
  const isKept = writes.every(({ ruleId, targetId, body }) => {
    const item = signed.get(`${ruleId} ${targetId}`)
    if (!item?.body || body === null) return false
    // What ran silently alerts from now on, as it was signed to.
    const sameBytes = [item.body, voiced(item.kind, item.body)].map(contentHash)
    return sameBytes.includes(contentHash(body))
  })
  if (isKept && change.hash === hash && isAsSigned(items, hash)) return
  throw new AppError('conflict', 'What is kept of this deployment is not what was signed.')
}

/** Throws as requireDeployable. */
export async function beginDeploying(
  tx: Tx,
  house: House,
  caller: Caller,
  changeId: ChangeId,
  deploymentId: DeploymentId,
): Promise<Deployable> {
  const found = await requireDeployable(tx, house, caller, changeId)
  const stored = await store.getChangeRow(tx, tx.scope, changeId)
  const told = { what: 'deploy', data: { deployment: deploymentId } }
  const change = await move(tx, house, caller, stored, 'deploying', { told })
  return { ...found, change: await shown(tx, change) }
}

/** `draft`: nothing was written, because it became another thing while it waited. */
export type Settled = 'deployed' | 'failed' | 'rolled_back' | 'draft'

export async function settleChange(
  tx: Tx,
  house: House,
  caller: Caller,
  changeId: ChangeId,
  outcome: Settled,
  reason = '',
): Promise<void> {
  const stored = await store.getChangeRow(tx, tx.scope, changeId)
  if (outcome === 'draft') return returnToDraft(tx, house, caller, stored, reason)
  await move(tx, house, caller, stored, outcome, { told: { what: `settle_${outcome}`, reason } })
}

/** When exclusions in what it writes end; an instant may be there more than once. */
export async function listSwitchTimes(tx: Tx, changeId: ChangeId): Promise<readonly Instant[]> {
  const items = await store.selectItems(tx, tx.scope, changeId)
  return items.flatMap(({ switches }) => switches.map(({ at }) => at))
}

export interface WindowState {
  readonly open: boolean
  /** Null while it is open, or when nobody knows when it will be. */
  readonly opensAt: Instant | null
}

/** Whether changes may be deployed there at that time. Throws `forbidden` for a target not here. */
export async function windowAt(
  house: House,
  caller: Caller,
  { targetId, changeId }: { readonly targetId: TargetId; readonly changeId: ChangeId },
  at: Instant,
): Promise<WindowState> {
  const { windows } = await readTightened(house, caller, changeId)
  const all = windows.map((text) => readWindows(text) ?? [])
  const { stage } = await getTarget(house, caller, targetId)
  const closed = (then: Instant) => all.find((rules) => !isOpenAt(rules, stage, then))
  let opensAt: Instant | null = at
  // What opens first may find another one closed.
  for (let tries = 0; tries < OPENINGS_MAX && opensAt !== null; tries++) {
    const shut = closed(opensAt)
    if (!shut) return opensAt === at ? { open: true, opensAt: null } : { open: false, opensAt }
    opensAt = nextOpening(shut, stage, opensAt)
  }
  return { open: false, opensAt: null }
}

const OPENINGS_MAX = 200

/** What is asked of a deployment of this change now, by the workspace and by groups of its rules. */
export async function readTightened(
  house: House,
  { scope }: Caller,
  changeId: ChangeId,
): Promise<Tightened> {
  const { policy } = await readPolicy(house, { scope })
  const change = await store.findChangeRow(house.db.read(scope), scope, changeId)
  return tightened(policy, change?.policy.strictGroups ?? [])
}
