// SQL of users and memberships. They belong to the instance, because a person is known before a
// workspace is; the functions about one workspace's members take its id from the scope. Every row
// read is checked against its digest: `conflict` for one that was edited in the file.

import type { Selectable } from 'kysely'
import type { UserId, WorkspaceId } from '#kernel/id.ts'
import type { WorkspaceScope } from '#platform/db/scope.ts'
import type { Tables } from '#platform/db/tables.ts'
import type { Reader, Tx } from '#platform/db/tx.ts'
import { flagsOf, type Membership, type MembershipRow, type User } from './person.ts'
import { checkMac, withMac, type RowKey } from '#platform/keys/row-mac.ts'

type Handle = Pick<Reader, 'selectFrom'>

export async function insertUser(tx: Tx, key: RowKey, user: User): Promise<void> {
  await tx
    .insertInto('user')
    .values(withMac(key, 'user', toUserRow(user)))
    .execute()
}

export async function updateUser(tx: Tx, key: RowKey, user: User): Promise<void> {
  const { id, ...row } = withMac(key, 'user', toUserRow(user))
  await tx.updateTable('user').set(row).where('id', '=', id).execute()
}

export async function findUser(db: Handle, key: RowKey, id: UserId): Promise<User | undefined> {
  const row = await db.selectFrom('user').selectAll().where('id', '=', id).executeTakeFirst()
  return row && toUser(key, row)
}

/** `email` in lower case. */
export async function findUserByEmail(
  db: Handle,
  key: RowKey,
  email: string,
): Promise<User | undefined> {
  const row = await db.selectFrom('user').selectAll().where('email', '=', email).executeTakeFirst()
  return row && toUser(key, row)
}

/** The users of these ids, by id. */
export async function selectUsers(
  db: Handle,
  key: RowKey,
  ids: readonly UserId[],
): Promise<ReadonlyMap<UserId, User>> {
  if (ids.length === 0) return new Map()
  const rows = await db
    .selectFrom('user')
    .selectAll()
    .where('id', 'in', [...ids])
    .execute()
  return new Map(rows.map((row) => [row.id, toUser(key, row)]))
}

export async function countOwners(db: Handle): Promise<number> {
  const rows = await db
    .selectFrom('user')
    .select('id')
    .where('isOwner', '=', 1)
    .where('state', '=', 'active')
    .execute()
  return rows.length
}

/** Into the workspace of the transaction. */
export async function insertMembership(tx: Tx, key: RowKey, row: MembershipRow): Promise<void> {
  await tx
    .insertInto('membership')
    .values(withMac(key, 'membership', toMembershipRow(row)))
    .execute()
}

export async function updateMembership(tx: Tx, key: RowKey, row: MembershipRow): Promise<void> {
  const { workspaceId, userId, ...rest } = withMac(key, 'membership', toMembershipRow(row))
  await tx
    .updateTable('membership')
    .set(rest)
    .where('workspaceId', '=', workspaceId)
    .where('userId', '=', userId)
    .execute()
}

export async function deleteMembership(
  tx: Tx,
  scope: WorkspaceScope,
  userId: UserId,
): Promise<void> {
  await tx
    .deleteFrom('membership')
    .where('workspaceId', '=', scope.workspaceId as WorkspaceId)
    .where('userId', '=', userId)
    .execute()
}

export async function findMembership(
  db: Handle,
  key: RowKey,
  scope: WorkspaceScope,
  userId: UserId,
): Promise<MembershipRow | undefined> {
  const row = await db
    .selectFrom('membership')
    .selectAll()
    .where('workspaceId', '=', scope.workspaceId as WorkspaceId)
    .where('userId', '=', userId)
    .executeTakeFirst()
  return row && fromMembershipRow(key, row)
}

/** Every open workspace somebody is in, by its name. */
export async function selectMembershipsOf(
  db: Handle,
  key: RowKey,
  userId: UserId,
): Promise<readonly Membership[]> {
  const rows = await db
    .selectFrom('membership')
    .innerJoin('workspace', 'workspace.id', 'membership.workspaceId')
    .selectAll('membership')
    .select([
      'workspace.slug',
      'workspace.name',
      'workspace.suspendedAt',
      'workspace.policyVersion',
      'workspace.createdAt as openedAt',
      'workspace.mac as workspaceMac',
    ])
    .where('membership.userId', '=', userId)
    .where('workspace.suspendedAt', 'is', null)
    .orderBy('workspace.name')
    .orderBy('workspace.id')
    .execute()
  return rows.map(({ slug, name, suspendedAt, policyVersion, openedAt, workspaceMac, ...row }) => {
    const workspace = { id: row.workspaceId, slug, name, suspendedAt, policyVersion }
    checkMac(key, 'workspace', { ...workspace, createdAt: openedAt, mac: workspaceMac })
    const { workspaceId, role, ...flags } = fromMembershipRow(key, row)
    return { workspaceId, slug, name, role, flags: flagsOf(flags) }
  })
}

function toUserRow({
  isOwner,
  isPasswordShort,
  ...user
}: User): Omit<Selectable<Tables['user']>, 'mac'> {
  return { ...user, isOwner: isOwner ? 1 : 0, isPasswordShort: isPasswordShort ? 1 : null }
}

/** A row as it was read, checked. */
export function toUser(key: RowKey, row: Selectable<Tables['user']>): User {
  const { mac: _, isOwner, isPasswordShort, ...user } = checkMac(key, 'user', row)
  return { ...user, isOwner: isOwner === 1, isPasswordShort: isPasswordShort === 1 }
}

function toMembershipRow({
  isAuditor,
  isBreakIn,
  ...row
}: MembershipRow): Omit<Selectable<Tables['membership']>, 'mac'> {
  return { ...row, isAuditor: isAuditor ? 1 : 0, isBreakIn: isBreakIn ? 1 : null }
}

/** A row as it was read, checked. */
export function fromMembershipRow(
  key: RowKey,
  row: Selectable<Tables['membership']>,
): MembershipRow {
  const { mac: _, isAuditor, isBreakIn, ...rest } = checkMac(key, 'membership', row)
  return { ...rest, isAuditor: isAuditor === 1, isBreakIn: isBreakIn === 1 }
}
