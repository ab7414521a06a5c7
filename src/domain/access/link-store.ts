// SQL of access links. They belong to the instance: whoever opens one has no scope yet. What a
// workspace may see or end of its own invitations goes by the scope's workspace.

import type { Selectable } from 'kysely'
import type { LinkId, UserId, WorkspaceId } from '#kernel/id.ts'
import type { Instant } from '#kernel/time.ts'
import type { WorkspaceScope } from '#platform/db/scope.ts'
import type { Tables } from '#platform/db/tables.ts'
import type { Reader, Tx } from '#platform/db/tx.ts'
import { checkMac, withMac, type RowKey } from '#platform/keys/row-mac.ts'
import type { AccessLink, LinkPurpose } from './link.ts'

type Handle = Pick<Reader, 'selectFrom'>

/** An admin who invites more than these at a time is told to wait for some to be used. */
export const INVITATIONS_MAX = 500

export async function insertLink(tx: Tx, key: RowKey, link: AccessLink): Promise<void> {
  const row = {
    ...link,
    isApprover: link.isApprover ? (1 as const) : (0 as const),
    isAuditor: link.isAuditor ? (1 as const) : (0 as const),
  }
  await tx
    .insertInto('accessLink')
    .values(withMac(key, 'accessLink', row))
    .execute()
}

/** `linkKey` is the digest of the token. Whether it is still good is the caller's to ask. */
export async function findLink(
  db: Handle,
  key: RowKey,
  purpose: LinkPurpose,
  linkKey: string,
): Promise<AccessLink | undefined> {
  const row = await db
    .selectFrom('accessLink')
    .selectAll()
    .where('key', '=', linkKey)
    .where('purpose', '=', purpose)
    .executeTakeFirst()
  return row && toLink(key, row)
}

/** The invitations of a workspace that are still good, newest first. */
export async function selectInvitations(
  db: Handle,
  key: RowKey,
  scope: WorkspaceScope,
  now: Instant,
): Promise<readonly AccessLink[]> {
  const rows = await invitationsOf(db, scope)
    .where('expiresAt', '>', now)
    .orderBy('createdAt', 'desc')
    .orderBy('id', 'desc')
    .limit(INVITATIONS_MAX)
    .execute()
  return rows.map((row) => toLink(key, row))
}

export async function findInvitation(
  db: Handle,
  key: RowKey,
  scope: WorkspaceScope,
  id: LinkId,
): Promise<AccessLink | undefined> {
  const row = await invitationsOf(db, scope).where('id', '=', id).executeTakeFirst()
  return row && toLink(key, row)
}

/** True when it was there until now: of two who use it at once, one gets true. */
export async function deleteLink(tx: Tx, linkKey: string): Promise<boolean> {
  const [result] = await tx.deleteFrom('accessLink').where('key', '=', linkKey).execute()
  return Number(result?.numDeletedRows ?? 0) === 1
}

/** Invitations of the workspace to this address: a newer one ends them. */
export async function deleteInvitationsTo(
  tx: Tx,
  scope: WorkspaceScope,
  email: string,
): Promise<void> {
  await tx
    .deleteFrom('accessLink')
    .where('purpose', '=', 'invite')
    .where('workspaceId', '=', scope.workspaceId as WorkspaceId)
    .where('email', '=', email)
    .execute()
}

export async function findResetOf(
  db: Handle,
  key: RowKey,
  userId: UserId,
): Promise<AccessLink | undefined> {
  const row = await db
    .selectFrom('accessLink')
    .selectAll()
    .where('purpose', '=', 'reset')
    .where('userId', '=', userId)
    .orderBy('createdAt', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row && toLink(key, row)
}

/** Invitations to an address, of any workspace. */
export async function selectInvitationsOf(
  db: Handle,
  key: RowKey,
  email: string,
): Promise<readonly AccessLink[]> {
  const rows = await db.selectFrom('accessLink').selectAll().where('email', '=', email).execute()
  return rows.map((row) => toLink(key, row))
}

export async function deleteInvitationsOf(tx: Tx, email: string): Promise<void> {
  await tx.deleteFrom('accessLink').where('email', '=', email).execute()
}

/** Links that change somebody's password: ended by a newer one and by whatever changes the account. */
export async function deleteResetsOf(tx: Tx, userId: UserId): Promise<number> {
  const [result] = await tx
    .deleteFrom('accessLink')
    .where('purpose', '=', 'reset')
    .where('userId', '=', userId)
    .execute()
  return Number(result?.numDeletedRows ?? 0)
}

export async function deleteAllOf(tx: Tx, purpose: LinkPurpose): Promise<void> {
  await tx.deleteFrom('accessLink').where('purpose', '=', purpose).execute()
}

export async function deleteEndedLinks(tx: Tx, now: Instant): Promise<void> {
  await tx.deleteFrom('accessLink').where('expiresAt', '<=', now).execute()
}

function invitationsOf(db: Handle, scope: WorkspaceScope) {
  return db
    .selectFrom('accessLink')
    .selectAll()
    .where('purpose', '=', 'invite')
    .where('workspaceId', '=', scope.workspaceId as WorkspaceId)
}

function toLink(key: RowKey, row: Selectable<Tables['accessLink']>): AccessLink {
  const { mac: _, isApprover, isAuditor, ...link } = checkMac(key, 'accessLink', row)
  return { ...link, isApprover: isApprover === 1, isAuditor: isAuditor === 1 }
}
