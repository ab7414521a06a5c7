// SQL of what admins see of a directory, by name and page by page.

import type { ProviderId, ScimGroupId, ScimPersonId } from '#kernel/id.ts'
import type { Reader } from '#platform/db/tx.ts'
import type { RowKey } from '#platform/keys/row-mac.ts'
import type { ScimGroup, ScimPerson } from './scim.ts'
import { NAMES_OF_GROUPS, NAMES_OF_PEOPLE, whereFits } from './scim-filter-store.ts'
import type { Filter } from './scim-filter.ts'
import { toGroup } from './scim-group-store.ts'
import { toPerson } from './scim-store.ts'

type Handle = Pick<Reader, 'selectFrom'>

export interface ToldFilter {
  /** Every word stands in the user name, the name or the address. */
  readonly q: string
  /** `apart`: active, with no account. */
  readonly standing?: 'active' | 'left' | 'apart' | undefined
}

export interface ToldGroup {
  readonly group: ScimGroup
  readonly members: number
}

interface Wanted<Id> {
  readonly limit: number
  readonly after: { readonly name: string; readonly id: Id } | null
}

/** By user name, then id; those after `after`. */
export async function selectTold(
  db: Handle,
  key: RowKey,
  providerId: ProviderId,
  filter: ToldFilter,
  { limit, after }: Wanted<ScimPersonId>,
): Promise<readonly ScimPerson[]> {
  let query = toldBy(db, providerId, filter).selectAll()
  if (after) {
    query = query.where((eb) =>
      eb.or([
        eb('userNameKey', '>', after.name),
        eb.and([eb('userNameKey', '=', after.name), eb('id', '>', after.id)]),
      ]),
    )
  }
  const rows = await query.orderBy('userNameKey').orderBy('id').limit(limit).execute()
  return rows.map((row) => toPerson(key, row))
}

export async function countTold(db: Handle, providerId: ProviderId, filter: ToldFilter) {
  const people = await countOf(toldBy(db, providerId, filter))
  const left = await countOf(toldBy(db, providerId, { ...filter, standing: 'left' }))
  const apart = await countOf(toldBy(db, providerId, { ...filter, standing: 'apart' }))
  const row = await db
    .selectFrom('scimGroup')
    .select((eb) => eb.fn.countAll<number | string>().as('count'))
    .where('providerId', '=', providerId)
    .executeTakeFirst()
  return { people, left, apart, groups: Number(row?.count ?? 0) }
}

async function countOf(query: ReturnType<typeof toldBy>): Promise<number> {
  const row = await query
    .select((eb) => eb.fn.countAll<number | string>().as('count'))
    .executeTakeFirst()
  return Number(row?.count ?? 0)
}

function toldBy(db: Handle, providerId: ProviderId, { q, standing }: ToldFilter) {
  let query = db.selectFrom('scimPerson').where('providerId', '=', providerId)
  if (standing !== undefined) query = query.where('isActive', '=', standing === 'left' ? 0 : 1)
  if (standing === 'apart') query = query.where('userId', 'is', null)
  const words = wordsIn(q, ['username', 'emails.value', 'name.formatted'])
  if (words) query = query.where(whereFits(words, NAMES_OF_PEOPLE))
  return query
}

const WORDS_MAX = 10

/** True where every word stands in one of the attributes. */
function wordsIn(q: string, names: readonly string[]): Filter | undefined {
  const words = q.split(/\s+/).filter(Boolean).slice(0, WORDS_MAX)
  return join(
    'and',
    words.map((value) =>
      join(
        'or',
        names.map((name) => ({ kind: 'compare', name, operator: 'co', value })),
      )!,
    ),
  )
}

function join(kind: 'and' | 'or', parts: readonly Filter[]): Filter | undefined {
  const [first, ...rest] = parts
  return first && rest.reduce((left, right) => ({ kind, left, right }), first)
}

/** By name, then id; those after `after`. */
export async function selectToldGroups(
  db: Handle,
  key: RowKey,
  providerId: ProviderId,
  q: string,
  { limit, after }: Wanted<ScimGroupId>,
): Promise<readonly ToldGroup[]> {
  let query = db.selectFrom('scimGroup').selectAll().where('providerId', '=', providerId)
  const words = wordsIn(q, ['displayname'])
  if (words) query = query.where(whereFits(words, NAMES_OF_GROUPS))
  if (after) {
    query = query.where((eb) =>
      eb.or([
        eb('displayName', '>', after.name),
        eb.and([eb('displayName', '=', after.name), eb('id', '>', after.id)]),
      ]),
    )
  }
  const rows = await query
    .select((eb) =>
      eb
        .selectFrom('scimMember')
        .select((inner) => inner.fn.countAll<number | string>().as('count'))
        .whereRef('scimMember.groupId', '=', 'scimGroup.id')
        .as('members'),
    )
    .orderBy('displayName')
    .orderBy('id')
    .limit(limit)
    .execute()
  return rows.map(({ members, ...row }) => ({
    group: toGroup(key, row),
    members: Number(members ?? 0),
  }))
}
