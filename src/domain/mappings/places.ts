// Targets as compilers know them: with what each calls things.

import { listPlaces } from '#domain/targets/places.ts'
import type { Actor } from '#kernel/actor.ts'
import { contentHash } from '#kernel/hash.ts'
import type { TargetId } from '#kernel/id.ts'
import type { Instant } from '#kernel/time.ts'
import type { WorkspaceScope } from '#platform/db/scope.ts'
import type { Reader } from '#platform/db/tx.ts'
import { isUsual, type MappedPlace } from './mapping.ts'
import { selectMappingHashes, selectMappings, selectMappingVersions } from './store.ts'

type Handle = Pick<Reader, 'selectFrom'>

/** By name. For compiling, whoever asks. */
export async function listMappedPlaces(
  db: Handle,
  scope: WorkspaceScope,
): Promise<readonly MappedPlace[]> {
  const places = await listPlaces(db, scope)
  const mappings = await selectMappings(db, scope)
  const byTarget = new Map(mappings.map((one) => [one.targetId, one]))
  return places.map((place) => {
    const found = byTarget.get(place.id)
    return { ...place, mapping: found === undefined || isUsual(found) ? null : found }
  })
}

/** Another one when a rule could become something else at any of them. */
export async function hashPlaces(db: Handle, scope: WorkspaceScope): Promise<string> {
  const places = await listPlaces(db, scope)
  const mappings = await selectMappingHashes(db, scope)
  const newest = new Map(mappings.map((one) => [one.targetId, one.contentHash]))
  return contentHash(
    places.map(({ id, name, kind, parameters }) => ({
      name,
      kind,
      parameters,
      mapping: newest.get(id) ?? '',
    })),
  )
}

/** Who made what is in force at a target now since then. Those of the newest versions come first. */
export async function listMappingMakers(
  db: Handle,
  scope: WorkspaceScope,
  targetId: TargetId,
  since: Instant,
): Promise<readonly Actor[]> {
  const page = { limit: VERSIONS_MAX, before: null }
  const versions = await selectMappingVersions(db, scope, targetId, page)
  return versions.flatMap((one) => (one.createdAt >= since ? one.createdBy : []))
}

const VERSIONS_MAX = 500
