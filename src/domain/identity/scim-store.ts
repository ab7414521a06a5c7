// SQL of the people that directories tell of. Everything names its provider, so that one directory never
// sees another's. Every row that is read is checked against its digest: who is still there decides what
// they may do.

import type { Selectable } from 'kysely'
import type { ProviderId, ScimPersonId, UserId } from '#kernel/id.ts'
import type { Instant } from '#kernel/time.ts'
import type { Tables } from '#platform/db/tables.ts'
import type { Reader, Tx } from '#platform/db/tx.ts'
import { checkMac, withMac, type RowKey } from '#platform/keys/row-mac.ts'
import type { ScimPerson } from './scim.ts'
import type { Filter } from './scim-filter.ts'
import { inOrderOf, NAMES_OF_PEOPLE, whereFits } from './scim-filter-store.ts'

type Handle = Pick<Reader, 'selectFrom'>
type PersonRow = Selectable<Tables['scimPerson']>

/** A part of a list, of what fits and in which order: SCIM pages by number. */
export interface Part {
  /** All of them when absent. */
  readonly filter?: Filter | undefined
  /** An attribute in lower case; by id when absent, and where two are the same. */
  readonly sortBy?: string | undefined
  readonly isDescending?: boolean
  readonly offset: number
  readonly limit: number
}

export async function insertPerson(tx: Tx, key: RowKey, person: ScimPerson): Promise<void> {
  await tx.insertInto('scimPerson').values(toPersonRow(key, person)).execute()
}

export async function updatePerson(tx: Tx, key: RowKey, person: ScimPerson): Promise<void> {
  const { id, ...row } = toPersonRow(key, person)
  await tx.updateTable('scimPerson').set(row).where('id', '=', id).execute()
}

/** With their places in groups. */
export async function deletePerson(tx: Tx, id: ScimPersonId): Promise<void> {
  await tx.deleteFrom('scimPerson').where('id', '=', id).execute()
}

export async function findPerson(
  db: Handle,
  key: RowKey,
  providerId: ProviderId,
  id: ScimPersonId,
): Promise<ScimPerson | undefined> {
  const row = await db
    .selectFrom('scimPerson')
    .selectAll()
    .where('providerId', '=', providerId)
    .where('id', '=', id)
    .executeTakeFirst()
  return row && toPerson(key, row)
}

/** True, and remembered, when nobody was told of it for `afterMs`. */
export async function setRefused(
  tx: Tx,
  personId: ScimPersonId,
  now: Instant,
  afterMs: number,
): Promise<boolean> {
  const known = await tx
    .selectFrom('scimRefusal')
    .select('toldAt')
    .where('personId', '=', personId)
    .executeTakeFirst()
  if (known && now - known.toldAt < afterMs) return false
  await tx.deleteFrom('scimRefusal').where('personId', '=', personId).execute()
  await tx.insertInto('scimRefusal').values({ personId, toldAt: now }).execute()
  return true
}

/** Those of one account, or, while they have none, of one address. */
export async function selectPeopleOf(
  db: Handle,
  key: RowKey,
  providerId: ProviderId,
  { userId, email }: { readonly userId: UserId | null; readonly email: string | null },
): Promise<readonly ScimPerson[]> {
  const rows = await db
    .selectFrom('scimPerson')
    .selectAll()
    .where('providerId', '=', providerId)
    .where((eb) =>
      eb.or([
        eb('userId', '=', userId),
        eb.and([eb('userId', 'is', null), eb('email', '=', email)]),
      ]),
    )
    .execute()
  return rows.map((row) => toPerson(key, row))
}

/** What any directory tells of somebody: by account, or by address where it has none. */
export async function selectToldOf(
  db: Handle,
  key: RowKey,
  { id, email }: { readonly id: UserId; readonly email: string | null },
): Promise<readonly ScimPerson[]> {
  const rows = await db
    .selectFrom('scimPerson')
    .selectAll()
    .where((eb) =>
      eb.or([eb('userId', '=', id), eb.and([eb('userId', 'is', null), eb('email', '=', email)])]),
    )
    .execute()
  return rows.map((row) => toPerson(key, row))
}

/** With their places in groups. */
export async function deletePeopleOf(
  tx: Tx,
  people: readonly Pick<ScimPerson, 'id'>[],
): Promise<void> {
  for (const { id } of people) await deletePerson(tx, id)
}

/** Throws `ScimRefusal` for a filter or an order of what is no attribute. */
export async function selectPeople(
  db: Handle,
  key: RowKey,
  providerId: ProviderId,
  { filter, sortBy, isDescending = false, offset, limit }: Part,
): Promise<{ readonly people: readonly ScimPerson[]; readonly count: number }> {
  let query = db.selectFrom('scimPerson').where('providerId', '=', providerId)
  if (filter !== undefined) query = query.where(whereFits(filter, NAMES_OF_PEOPLE))
  const counted = await query
    .select((eb) => eb.fn.countAll<number | string>().as('count'))
    .executeTakeFirst()
  let found = query.selectAll()
  if (sortBy !== undefined) found = found.orderBy(inOrderOf(NAMES_OF_PEOPLE, sortBy, isDescending))
  const rows = await found.orderBy('id').limit(limit).offset(offset).execute()
  return { people: rows.map((row) => toPerson(key, row)), count: Number(counted?.count ?? 0) }
}

function toPersonRow(key: RowKey, { isActive, ...person }: ScimPerson): PersonRow {
  const userNameKey = person.userName.toLowerCase()
  return withMac(key, 'scimPerson', { ...person, userNameKey, isActive: isActive ? 1 : 0 })
}

export function toPerson(key: RowKey, row: PersonRow): ScimPerson {
  const { mac: _mac, userNameKey: _key, isActive, ...person } = checkMac(key, 'scimPerson', row)
  return { ...person, isActive: isActive === 1 }
}
