// Opening a change in two steps: everything is rendered before the write, and kept inside of it, alone or
// together with what opens the change.

import { readPolicy } from '#domain/workspaces/policy-actions.ts'
import { AppError } from '#kernel/error.ts'
import { ID_PREFIXES, makeId, type ChangeId, type RuleId, type TargetId } from '#kernel/id.ts'
import type { ExclusionToCome } from '#domain/rules/renders/actions.ts'
import type { Caller } from '#platform/caller.ts'
import type { Tx } from '#platform/db/tx.ts'
import type { House } from '#platform/house.ts'
import { hashChange, type ChangeAction, type ChangeOrigin, type ChangePolicy } from './change.ts'
import { personOf, tell, withWaivers } from './keep.ts'
import { policyOf } from './moves.ts'
import { prepareItems, type Prepared } from './prepare.ts'
import * as store from './store.ts'
import type { StoredChange, StoredItem } from './store.ts'

export interface NewChange {
  readonly title: string
  readonly why: string
  readonly origin: ChangeOrigin
  readonly items: readonly NewItem[]
  /** The change whose exclusions ended: what it let pass, this one lets pass. */
  readonly follows?: { readonly id: ChangeId; readonly items: readonly StoredItem[] }
}

export interface NewItem {
  readonly ruleId: RuleId
  readonly targetId: TargetId
  /** Absent: added where the rule does not stand, changed where it does. */
  readonly action?: ChangeAction | undefined
  /** Of the rule; absent: the newest, whenever the change is rendered again. */
  readonly version?: number | undefined
}

export interface Opening {
  readonly change: StoredChange
  readonly items: readonly StoredItem[]
  /** Items that would change nothing, in words. */
  readonly leftOut: readonly string[]
}

/**
 * Throws `invalid` when nothing is left or a place is named twice, `forbidden` for what is not here.
 * Exclusions `toCome` are laid over as if they were there.
 */
export async function prepareOpening(
  house: House,
  caller: Caller,
  given: NewChange,
  toCome: readonly ExclusionToCome[] = [],
): Promise<Opening> {
  requireOnce(given.items)
  const made = await prepareItems(house, caller, given.items, await askedNow(house, caller), toCome)
  return makeOpening(house, caller, given, made)
}

/** What is asked of a change of no group. */
export async function askedNow(house: House, caller: Caller): Promise<ChangePolicy> {
  return policyOf((await readPolicy(house, caller)).policy, [])
}

/** Of what was prepared. Throws `invalid` where that is nothing. */
export function makeOpening(
  house: House,
  caller: Caller,
  { title, why, origin, follows }: Omit<NewChange, 'items'>,
  { items, leftOut, policy }: Prepared,
): Opening {
  if (items.length === 0) {
    throw new AppError('invalid', `Nothing would change: ${leftOut.slice(0, 3).join(' ')}`)
  }
  const { now, actor } = caller
  const id = makeId(ID_PREFIXES.change, now, house.random(10))
  const numbered = withWaivers(id, items, follows?.items ?? [])
  const change: StoredChange = {
    id,
    title,
    why,
    origin,
    state: 'draft',
    author: personOf(caller),
    editors: [],
    createdAt: now,
    createdBy: actor,
    updatedAt: now,
    submittedAt: null,
    expiresAt: null,
    heldSince: null,
    remindedAt: null,
    hash: hashChange(numbered),
    itemCount: numbered.length,
    policy,
    follows: follows?.id ?? null,
    version: 1,
  }
  return { change, items: numbered, leftOut }
}

/** Throws `invalid`. */
export function requireOnce(items: readonly NewItem[]): void {
  const places = new Set(items.map(({ ruleId, targetId }) => `${ruleId} ${targetId}`))
  if (places.size === items.length) return
  throw new AppError('invalid', 'A rule is named twice for the same target.')
}

/** `isPart`: the entry of what opens it tells of it. */
export async function keepOpening(
  tx: Tx,
  house: House,
  caller: Caller,
  { change, items, leftOut }: Opening,
  { isPart }: { readonly isPart: boolean } = { isPart: false },
): Promise<StoredChange> {
  await store.insertChange(tx, change)
  await store.putItems(tx, change.id, items)
  const { title, origin, hash } = change
  const data = { title, origin, items: items.length, hash }
  await tell(tx, house, caller, change.id, {
    what: 'open',
    reason: leftOut.join(' '),
    data,
    isPart,
  })
  return change
}
