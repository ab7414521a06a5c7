// SQL of the groups that directories tell of, and of who is in them. Everything names its provider, so that
// one directory never sees another's. Every row that is read is checked against its digest: who is in a
// group decides what they may do.

import type { Selectable } from 'kysely'
import type { ProviderId, ScimGroupId, ScimPersonId } from '#kernel/id.ts'
import type { Tables } from '#platform/db/tables.ts'
import type { Reader, Tx } from '#platform/db/tx.ts'
import { checkMac, withMac, type RowKey } from '#platform/keys/row-mac.ts'
import type { ScimGroup } from './scim.ts'
import { inOrderOf, NAMES_OF_GROUPS, whereFits } from './scim-filter-store.ts'
import type { Part } from './scim-store.ts'

type Handle = Pick<Reader, 'selectFrom'>
type GroupRow = Selectable<Tables['scimGroup']>

/** Somebody in a group. */
export interface Member {
  readonly id: ScimPersonId
  readonly userName: string
}

export async function insertGroup(tx: Tx, key: RowKey, group: ScimGroup): Promise<void> {
  await tx.insertInto('scimGroup').values(toRow(key, group)).execute()
}

export async function updateGroup(tx: Tx, key: RowKey, group: ScimGroup): Promise<void> {
  const { id, ...row } = toRow(key, group)
  await tx.updateTable('scimGroup').set(row).where('id', '=', id).execute()
}

/** With the places in it. */
export async function deleteGroup(tx: Tx, id: ScimGroupId): Promise<void> {
  await tx.deleteFrom('scimGroup').where('id', '=', id).execute()
}

export async function findGroup(
  db: Handle,
  key: RowKey,
  providerId: ProviderId,
  id: ScimGroupId,
): Promise<ScimGroup | undefined> {
  const row = await db
    .selectFrom('scimGroup')
    .selectAll()
    .where('providerId', '=', providerId)
    .where('id', '=', id)
    .executeTakeFirst()
  return row && toGroup(key, row)
}

/** Throws `ScimRefusal` for a filter or an order of what is no attribute. */
export async function selectGroups(
  db: Handle,
  key: RowKey,
  providerId: ProviderId,
  { filter, sortBy, isDescending = false, offset, limit }: Part,
): Promise<{ readonly groups: readonly ScimGroup[]; readonly count: number }> {
  let query = db.selectFrom('scimGroup').where('providerId', '=', providerId)
  if (filter !== undefined) query = query.where(whereFits(filter, NAMES_OF_GROUPS))
  const counted = await query
    .select((eb) => eb.fn.countAll<number | string>().as('count'))
    .executeTakeFirst()
  let found = query.selectAll()
  if (sortBy !== undefined) found = found.orderBy(inOrderOf(NAMES_OF_GROUPS, sortBy, isDescending))
  const rows = await found.orderBy('id').limit(limit).offset(offset).execute()
  return { groups: rows.map((row) => toGroup(key, row)), count: Number(counted?.count ?? 0) }
}

/** The groups somebody is in. */
export async function selectGroupsOf(
  db: Handle,
  key: RowKey,
  personId: ScimPersonId,
): Promise<readonly ScimGroup[]> {
  const places = await db
    .selectFrom('scimMember')
    .selectAll()
    .where('personId', '=', personId)
    .execute()
  const ids = places.map((place) => checkMac(key, 'scimMember', place).groupId)
  if (ids.length === 0) return []
  const rows = await db.selectFrom('scimGroup').selectAll().where('id', 'in', ids).execute()
  return rows.map((row) => toGroup(key, row))
}

/** Who is in a group, by id from behind `after` on, with the name of each. */
export async function selectMembers(
  db: Handle,
  key: RowKey,
  groupId: ScimGroupId,
  { after, limit }: { readonly after: ScimPersonId | undefined; readonly limit: number },
): Promise<readonly Member[]> {
  let query = db
    .selectFrom('scimMember')
    .innerJoin('scimPerson', 'scimPerson.id', 'scimMember.personId')
    .selectAll('scimMember')
    .select('scimPerson.userName')
    .where('groupId', '=', groupId)
  if (after !== undefined) query = query.where('personId', '>', after)
  const rows = await query.orderBy('personId').limit(limit).execute()
  return rows.map(({ userName, ...row }) => ({
    id: checkMac(key, 'scimMember', row).personId,
    userName,
  }))
}

export async function countMembers(db: Handle, groupId: ScimGroupId): Promise<number> {
  const row = await db
    .selectFrom('scimMember')
    .select((eb) => eb.fn.countAll<number | string>().as('count'))
    .where('groupId', '=', groupId)
    .executeTakeFirst()
  return Number(row?.count ?? 0)
}

/** The ids of everybody in a group. */
export async function selectMemberIds(
  db: Handle,
  key: RowKey,
  groupId: ScimGroupId,
): Promise<readonly ScimPersonId[]> {
  const rows = await db
    .selectFrom('scimMember')
    .selectAll()
    .where('groupId', '=', groupId)
    .execute()
  return rows.map((row) => checkMac(key, 'scimMember', row).personId)
}

/** Those of `ids` that are in the group. */
export async function selectMembersAmong(
  db: Handle,
  key: RowKey,
  groupId: ScimGroupId,
  ids: readonly string[],
): Promise<readonly ScimPersonId[]> {
  const found: ScimPersonId[] = []
  for (const part of partsOf(ids)) {
    const rows = await db
      .selectFrom('scimMember')
      .selectAll()
      .where('groupId', '=', groupId)
      .where('personId', 'in', part as ScimPersonId[])
      .execute()
    found.push(...rows.map((row) => checkMac(key, 'scimMember', row).personId))
  }
  return found
}

/** Those of `ids` whom the provider's directory told of. */
export async function selectKnownAmong(
  db: Handle,
  providerId: ProviderId,
  ids: readonly string[],
): Promise<readonly ScimPersonId[]> {
  const found: ScimPersonId[] = []
  for (const part of partsOf(ids)) {
    const rows = await db
      .selectFrom('scimPerson')
      .select('id')
      .where('providerId', '=', providerId)
      .where('id', 'in', part as ScimPersonId[])
      .execute()
    found.push(...rows.map(({ id }) => id))
  }
  return found
}

/** Whoever is in it already stays in it. */
export async function insertMembers(
  tx: Tx,
  key: RowKey,
  groupId: ScimGroupId,
  ids: readonly ScimPersonId[],
): Promise<void> {
  for (const part of partsOf(ids)) {
    const rows = part.map((personId) => withMac(key, 'scimMember', { groupId, personId }))
    await tx
      .insertInto('scimMember')
      .values(rows)
      .onConflict((conflict) => conflict.columns(['groupId', 'personId']).doNothing())
      .execute()
  }
}

export async function deleteMembers(
  tx: Tx,
  groupId: ScimGroupId,
  ids: readonly ScimPersonId[],
): Promise<void> {
  for (const part of partsOf(ids)) {
    await tx
      .deleteFrom('scimMember')
      .where('groupId', '=', groupId)
      .where('personId', 'in', part)
      .execute()
  }
}

// As many as one statement names.
const PART = 500

function partsOf<T>(items: readonly T[]): T[][] {
  const count = Math.ceil(items.length / PART)
  return Array.from({ length: count }, (_, at) => items.slice(at * PART, at * PART + PART))
}

function toRow(key: RowKey, { isSettled, ...group }: ScimGroup): GroupRow {
  return withMac(key, 'scimGroup', { ...group, isMoving: isSettled ? null : 1 })
}

export function toGroup(key: RowKey, row: GroupRow): ScimGroup {
  const { mac: _, isMoving, ...group } = checkMac(key, 'scimGroup', row)
  return { ...group, isSettled: isMoving === null }
}
