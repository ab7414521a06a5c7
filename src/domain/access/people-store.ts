// SQL about everybody of the instance, for its owner: the list, and what is known of one person in every
// table of this domain.

import type { UserId } from '#kernel/id.ts'
import type { Reader, Tx } from '#platform/db/tx.ts'
import type { RowKey } from '#platform/keys/row-mac.ts'
import { matches } from './member-store.ts'
import type { User } from './person.ts'
import { toUser } from './user-store.ts'

type Handle = Pick<Reader, 'selectFrom'>

export interface PeopleFilter {
  /** Every word stands in the name or the address. */
  readonly q?: string
  readonly state?: User['state']
}

/** By name, then id; those after `after`. */
export async function selectPeople(
  db: Handle,
  key: RowKey,
  filter: PeopleFilter,
  page: { readonly limit: number; readonly after: Pick<User, 'id' | 'name'> | null },
): Promise<readonly User[]> {
  let query = peopleOf(db, filter).selectAll()
  const { after } = page
  if (after) {
    query = query.where((eb) =>
      eb.or([
        eb('name', '>', after.name),
        eb.and([eb('name', '=', after.name), eb('id', '>', after.id)]),
      ]),
    )
  }
  const rows = await query.orderBy('name').orderBy('id').limit(page.limit).execute()
  return rows.map((row) => toUser(key, row))
}

export async function countPeople(db: Handle, filter: PeopleFilter): Promise<number> {
  const row = await peopleOf(db, filter)
    .select((eb) => eb.fn.countAll<number | string>().as('count'))
    .executeTakeFirst()
  return Number(row?.count ?? 0)
}

/** Rows of this person, as they are stored but for what opens a door. */
export async function selectRowsOf(db: Handle, userId: UserId) {
  return {
    memberships: await db
      .selectFrom('membership')
      .innerJoin('workspace', 'workspace.id', 'membership.workspaceId')
      .select(['workspace.slug', 'role', 'isAuditor', 'approver', 'membership.createdAt'])
      .where('userId', '=', userId)
      .orderBy('workspace.slug')
      .execute(),
    sessions: await db
      .selectFrom('session')
      .select(['id', 'factors', 'startedAt', 'usedAt', 'userAgent', 'ip'])
      .where('userId', '=', userId)
      .execute(),
    devices: await db
      .selectFrom('device')
      .select(['userAgent', 'firstAt', 'lastAt'])
      .where('userId', '=', userId)
      .execute(),
    passkeys: await db
      .selectFrom('passkey')
      .select(['id', 'name', 'createdAt', 'usedAt'])
      .where('userId', '=', userId)
      .execute(),
    authenticators: await db
      .selectFrom('totp')
      .select(['createdAt', 'confirmedAt'])
      .where('userId', '=', userId)
      .execute(),
    tokens: await db
      .selectFrom('apiToken')
      .select(['id', 'workspaceId', 'kind', 'name', 'scopes', 'createdAt', 'expiresAt', 'usedAt'])
      .where('userId', '=', userId)
      .execute(),
  }
}

const TABLES_OF_A_PERSON = [
  'membership',
  'session',
  'device',
  'passkey',
  'totp',
  'recoveryCode',
  'accessLink',
  'emailChange',
] as const

/** Everything but the row of the user itself, which keeps the id. */
export async function deleteRowsOf(tx: Tx, userId: UserId): Promise<void> {
  for (const table of TABLES_OF_A_PERSON) {
    await tx.deleteFrom(table).where('userId', '=', userId).execute()
  }
  // A service token is of its workspace, which looks after it.
  const own = tx.deleteFrom('apiToken').where('userId', '=', userId)
  await own.where('serviceRole', 'is', null).execute()
}

function peopleOf(db: Handle, { q, state }: PeopleFilter) {
  let query = db.selectFrom('user')
  if (state !== undefined) query = query.where('state', '=', state)
  if (q !== undefined && q.trim() !== '') {
    query = query.where((eb) => matches(q, eb.ref('name'), eb.ref('email')))
  }
  return query
}
