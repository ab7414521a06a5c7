// SQL of the people of one workspace, by the scope's workspace. Rows are checked against their digests
// like everywhere else.

import { sql, type Expression, type SqlBool } from 'kysely'
import type { UserId, WorkspaceId } from '#kernel/id.ts'
import type { WorkspaceScope } from '#platform/db/scope.ts'
import type { Reader } from '#platform/db/tx.ts'
import type { RowKey } from '#platform/keys/row-mac.ts'
import type { Role } from './permission.ts'
import type { MembershipRow, User } from './person.ts'
import { fromMembershipRow, selectUsers } from './user-store.ts'

type Handle = Pick<Reader, 'selectFrom'>

export interface MemberFilter {
  /** Stands in the name or the address, whatever the case. */
  readonly q?: string
  readonly role?: Role
}

export type MemberPlace = {
  readonly name: string
  readonly userId: UserId
}

export interface MemberRow {
  readonly user: User
  readonly membership: MembershipRow
}

/** By name, then id; those after `after`. */
export async function selectMembers(
  db: Handle,
  key: RowKey,
  scope: WorkspaceScope,
  filter: MemberFilter,
  page: { readonly limit: number; readonly after: MemberPlace | null },
): Promise<readonly MemberRow[]> {
  let query = membersOf(db, scope, filter).selectAll('membership')
  const { after } = page
  if (after) {
    query = query.where((eb) =>
      eb.or([
        eb('user.name', '>', after.name),
        eb.and([eb('user.name', '=', after.name), eb('user.id', '>', after.userId)]),
      ]),
    )
  }
  const rows = await query.orderBy('user.name').orderBy('user.id').limit(page.limit).execute()
  const users = await selectUsers(
    db,
    key,
    rows.map(({ userId }) => userId),
  )
  return rows.map((row) => ({
    user: users.get(row.userId)!,
    membership: fromMembershipRow(key, row),
  }))
}

export async function countMembers(
  db: Handle,
  scope: WorkspaceScope,
  filter: MemberFilter,
): Promise<number> {
  const row = await membersOf(db, scope, filter)
    .select((eb) => eb.fn.countAll<number | string>().as('count'))
    .executeTakeFirst()
  return Number(row?.count ?? 0)
}

/** People who can act as admins of the workspace now, without `exceptId`. */
export async function countAdmins(
  db: Handle,
  scope: WorkspaceScope,
  exceptId: UserId | null,
): Promise<number> {
  let query = membersOf(db, scope, { role: 'admin' }).where('user.state', '=', 'active')
  if (exceptId !== null) query = query.where('user.id', '!=', exceptId)
  const row = await query
    .select((eb) => eb.fn.countAll<number | string>().as('count'))
    .executeTakeFirst()
  return Number(row?.count ?? 0)
}

function membersOf(db: Handle, scope: WorkspaceScope, { q, role }: MemberFilter) {
  let query = db
    .selectFrom('membership')
    .innerJoin('user', 'user.id', 'membership.userId')
    .where('membership.workspaceId', '=', scope.workspaceId as WorkspaceId)
  if (role !== undefined) query = query.where('membership.role', '=', role)
  if (q !== undefined && q.trim() !== '') {
    query = query.where((eb) => matches(q, eb.ref('user.name'), eb.ref('user.email')))
  }
  return query
}

/**
 * True where every word stands in one of the columns. SQLite lowers only a–z: other letters match as
 * they are typed.
 */
export function matches(q: string, ...columns: readonly Expression<string | null>[]) {
  const words = q.split(/\s+/).filter(Boolean)
  const has = (word: string) =>
    columns.map(
      (column) => sql<SqlBool>`lower(${column}) like ${`%${escapeLike(word)}%`} escape '\\'`,
    )
  return sql<SqlBool>`(${sql.join(
    words.map((word) => sql`(${sql.join(has(lowerAscii(word)), sql` or `)})`),
    sql` and `,
  )})`
}

const escapeLike = (text: string) => text.replaceAll(/[\\%_]/g, String.raw`\$&`)
const lowerAscii = (text: string) => text.replaceAll(/[A-Z]+/g, (run) => run.toLowerCase())
