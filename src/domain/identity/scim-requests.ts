// The last requests of each directory, for whoever sets it up: what was asked, and in plain words what was
// wrong. They are kept in memory alone and end with the process: what a directory changed is in the log.

import { permit } from '#domain/access/permission.ts'
import type { ProviderId } from '#kernel/id.ts'
import type { Instant } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { getProviderRow } from './store.ts'

export interface DirectoryRequest {
  readonly at: Instant
  readonly method: string
  /** Behind `/scim/v2`, without what was asked for: that names people. */
  readonly path: string
  readonly status: number
  /** Null when it was done. */
  readonly problem: string | null
}

const REQUESTS_MAX = 30
const PATH_MAX = 120
const requestsOf = new WeakMap<House, Map<ProviderId, DirectoryRequest[]>>()

export function noteRequest(house: House, id: ProviderId, request: DirectoryRequest): void {
  const all = requestsOf.get(house) ?? new Map<ProviderId, DirectoryRequest[]>()
  requestsOf.set(house, all)
  const kept = all.get(id) ?? []
  all.set(id, kept)
  kept.push({ ...request, path: request.path.slice(0, PATH_MAX) })
  if (kept.length > REQUESTS_MAX) kept.shift()
}

/** Newest first. Throws `forbidden` for a provider that is not here. */
export async function listRequests(
  house: House,
  caller: Caller,
  id: ProviderId,
): Promise<readonly DirectoryRequest[]> {
  permit(caller, 'provider.read')
  const key = house.keys.purpose('row-mac')
  await getProviderRow(house.db.read(caller.scope), key, caller.scope, id)
  return (requestsOf.get(house)?.get(id) ?? []).toReversed()
}
