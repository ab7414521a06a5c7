// Changes that follow another one when exclusions in it end: one of what was signed for that time, which needs no
// signature again, and a draft of what became something else.

import { permit } from '#domain/access/permission.ts'
import type { ChangeId } from '#kernel/id.ts'
import type { Caller } from '#platform/caller.ts'
import type { Reader } from '#platform/db/tx.ts'
import type { House } from '#platform/house.ts'
import { nextTurn } from '#platform/turns.ts'
import { isSignedSwitch, placeOf, selectSignedBefore } from './as-signed.ts'
import { blocking } from './checks.ts'
import { withWaivers } from './keep.ts'
import { askedNow, keepOpening, makeOpening } from './opening.ts'
import { prepareItems, type Prepared, type PreparedItem, type WantedItem } from './prepare.ts'
import * as store from './store.ts'
import type { StoredItem } from './store.ts'

/** What a change writes; nothing of one that does not stand. */
export async function listWritten(
  house: House,
  caller: Caller,
  id: ChangeId,
): Promise<readonly StoredItem[]> {
  permit(caller, 'change.read')
  const reader = house.db.read(caller.scope)
  const { state } = await store.getChangeRow(reader, caller.scope, id)
  if (state !== 'deployed') return []
  const items = await store.selectItems(reader, caller.scope, id)
  return items.filter(({ body }) => body !== null)
}

/** An item, and whether it runs there as it was deployed. */
export interface Followed {
  readonly item: StoredItem
  readonly isLive: boolean
}

export interface Following {
  /** May be deployed as it is; null where nothing is left that was signed. */
  readonly signed: ChangeId | null
  readonly draft: ChangeId | null
}

/**
 * Opens both in one write, each where something is left for it: not what waits in such a change already, and
 * nothing where exclusions were prolonged. Audited.
 */
export async function followChange(
  house: House,
  caller: Caller,
  id: ChangeId,
  followed: readonly Followed[],
): Promise<Following> {
  permit(caller, 'change.write')
  const reader = house.db.read(caller.scope)
  const { title } = await store.getChangeRow(reader, caller.scope, id)
  const asked = await askedNow(house, caller)
  const before = await selectSignedBefore(reader, house, caller.scope, { follows: id }, asked)
  const isSigned = (item: StoredItem) =>
    blocking(item).length === 0 && isSignedSwitch(item, before, caller.now)
  const known = await findWaiting(reader, caller, id, isSigned)
  const left = followed.filter(({ item }) => !known.places.has(placeOf(item)))
  const items = left.map(({ item }) => item)
  const live = new Set(left.flatMap(({ item, isLive }) => (isLive ? placeOf(item) : [])))

  const made = await prepareItems(house, caller, items.map(asItStands), asked)
  const fit = withWaivers(id, made.items, items).map(
    (item) => live.has(placeOf(item)) && isSigned(item),
  )
  const ready = { ...made, items: made.items.filter((_, index) => fit[index]) }
  const moved = made.items.filter((_, index) => !fit[index])
  const newest = await prepareItems(house, caller, moved.map(asItIsNow), asked)
  const given = {
    title: `Exclusions end: ${title}`.slice(0, TITLE_CHARS),
    origin: 'exclusion',
  } as const
  const open = (why: string, prepared: Prepared) =>
    prepared.items.length === 0
      ? null
      : makeOpening(house, caller, { ...given, why, follows: { id, items } }, prepared)
  const signed = open(SIGNED, ready)
  const draft = open(MOVED_ON, newest)
  await nextTurn()
  if (signed || draft) {
    await house.db.write(caller, async (tx) => {
      for (const one of [signed, draft]) if (one) await keepOpening(tx, house, caller, one)
    })
  }
  return { signed: signed?.change.id ?? known.signed, draft: draft && draft.change.id }
}

/** What a run before this one opened; `signed` is the one with which it came no further. */
async function findWaiting(
  reader: Reader,
  { scope }: Caller,
  id: ChangeId,
  isSigned: (item: StoredItem) => boolean,
) {
  const places = new Set<string>()
  let signed: ChangeId | null = null
  for (const one of await store.selectFollowing(reader, scope, id)) {
    const items = await store.selectItems(reader, scope, one.id)
    for (const item of items) places.add(placeOf(item))
    if (one.state === 'draft' && items.every(isSigned)) signed = one.id
  }
  return { places, signed }
}

const SIGNED = 'Exclusions are over. What runs without them was signed together with them.'
const MOVED_ON = 'Exclusions are over, and what the rules became since was not signed with them.'
const TITLE_CHARS = 200

function asItStands({ ruleId, targetId, version }: StoredItem): WantedItem {
  return { ruleId, targetId, action: 'change', version: version ?? undefined }
}

function asItIsNow({ ruleId, targetId }: PreparedItem): WantedItem {
  return { ruleId, targetId, action: 'change' }
}
