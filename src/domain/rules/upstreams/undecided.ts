// Bundles of upstreams whose plan waits for a person. In a file of its own, because planning brings the
// reader of rules along.

import { permit } from '#domain/access/permission.ts'
import type { UpstreamId } from '#kernel/id.ts'
import type { Instant } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { countItems, selectUpdates, selectUpstreams } from './store.ts'
import { summarisePlan } from './upstream.ts'

export interface UndecidedUpstream {
  readonly id: UpstreamId
  readonly name: string
  /** Of its newest bundle. */
  readonly label: string
  /** Rules about which nobody has decided. */
  readonly count: number
  /** When that bundle was brought. */
  readonly since: Instant
}

/** By name; nothing of a bundle that is still being planned. */
export async function listUndecided(
  house: House,
  caller: Caller,
): Promise<readonly UndecidedUpstream[]> {
  permit(caller, 'rule.read')
  const { scope } = caller
  const reader = house.db.read(scope)
  const found: UndecidedUpstream[] = []
  for (const { id, name } of await selectUpstreams(reader, scope)) {
    const [update] = await selectUpdates(reader, scope, id, 1)
    if (update?.state !== 'open') continue
    const { undecided } = summarisePlan(await countItems(reader, scope, id))
    if (undecided === 0) continue
    found.push({ id, name, label: update.label, count: undecided, since: update.createdAt })
  }
  return found
}
