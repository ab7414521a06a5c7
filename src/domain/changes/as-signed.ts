// Whether people signed what is to be written: the items of a change as they are kept, and the bodies that were
// signed for the end of an exclusion together with those that ran until then.

import { contentHash } from '#kernel/hash.ts'
import type { Instant } from '#kernel/time.ts'
import type { WorkspaceScope } from '#platform/db/scope.ts'
import type { Reader } from '#platform/db/tx.ts'
import type { House } from '#platform/house.ts'
import { hashChange, type ChangePolicy } from './change.ts'
import { countApprovals, signaturesNeeded } from './moves.ts'
import { genuine } from './signing.ts'
import * as store from './store.ts'
import type { StoredChange, StoredItem } from './store.ts'

type Handle = Pick<Reader, 'selectFrom'>

/** The hash is over digests of bodies, so that each body has to be the one of its digest as well. */
export function isAsSigned(items: readonly StoredItem[], hash: string): boolean {
  const isWhole = items.every(
    ({ body, bodyHash, switches }) =>
      (body && contentHash(body)) === bodyHash &&
      switches.every((one) => contentHash(one.body) === one.bodyHash),
  )
  return isWhole && hashChange(items) === hash
}

/** By `placeOf`. */
export type ItemsByPlace = ReadonlyMap<string, StoredItem>

/** Names a place, which a change writes once. */
export function placeOf({ ruleId, targetId }: Pick<StoredItem, 'ruleId' | 'targetId'>): string {
  return `${ruleId} ${targetId}`
}

/**
 * Items of the change whose signatures count for what follows it; none where there is no such change. What was
 * opened at one end may be followed at the next one by another change, so that they are some steps back.
 */
export async function selectSignedBefore(
  db: Handle,
  house: House,
  scope: WorkspaceScope,
  { follows }: Pick<StoredChange, 'follows'>,
  policy: ChangePolicy,
): Promise<ItemsByPlace> {
  for (let id = follows; id !== null;) {
    const earlier = await store.findChangeRow(db, scope, id)
    if (earlier?.state !== 'deployed') return new Map()
    const { hash } = earlier
    const signatures = genuine(house, id, await store.selectSignatures(db, scope, id))
    if (countApprovals(signatures, { hash, policy }) >= signaturesNeeded(policy)) {
      const items = await store.selectItems(db, scope, id)
      return new Map(isAsSigned(items, hash) ? items.map((item) => [placeOf(item), item]) : [])
    }
    id = earlier.follows
  }
  return new Map()
}

/** Whether it writes what was signed for now, with no more let pass than was signed to pass. */
export function isSignedSwitch(item: StoredItem, signed: ItemsByPlace, now: Instant): boolean {
  const { action, version, bodyHash, waivers } = item
  const before = signed.get(placeOf(item))
  if (action !== 'change' || before?.version !== version) return false
  const known = new Set(before.waivers.map(({ code, reason }) => `${code} ${reason}`))
  return (
    before.switches.some((one) => one.bodyHash === bodyHash && one.at <= now) &&
    waivers.every(({ code, reason }) => known.has(`${code} ${reason}`))
  )
}
