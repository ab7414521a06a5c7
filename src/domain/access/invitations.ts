// Inviting somebody into the caller's workspace. The link is shown once to who made it, and mailed
// where mail is set up; it is good for seven days and one person, and a newer one ends it.
//
// A new person makes their account with it. Somebody who has one already signs in first: otherwise an
// admin of one workspace, who sees the link, could become anybody of the instance.

import { findWorkspace } from '#domain/workspaces/actions.ts'
import { AppError, assert, forbidden } from '#kernel/error.ts'
import type { LinkId, UserId, WorkspaceId } from '#kernel/id.ts'
import type { Caller } from '#platform/caller.ts'
import { makeScope } from '#platform/db/scope.ts'
import { prepareMail, queueMail, type PreparedMail } from '#domain/messages/request.ts'
import type { Reader, Tx } from '#platform/db/tx.ts'
import type { House } from '#platform/house.ts'
import { addMemberIn, addUserIn } from './actions.ts'
import { refusePassword } from './credentials.ts'
import type { NewAccount, NewInvitation } from './input.ts'
import type { AccessLink } from './link.ts'
import {
  deleteInvitationsTo,
  deleteLink,
  findInvitation,
  INVITATIONS_MAX,
  selectInvitations,
} from './link-store.ts'
import { draftLink, getLink, spendLink, storeLink, type MadeLink } from './links.ts'
import { hashPassword } from './password-hash.ts'
import { passwordProblems } from './password.ts'
import { permit } from './permission.ts'
import { findMembership, findUser, findUserByEmail } from './user-store.ts'

export interface Invited extends MadeLink {
  /** The link was also sent to the address. */
  readonly isMailed: boolean
}

/** The address people open for a token. */
export type AddressOf = (token: string) => string

/** Throws `conflict` for a member, and when too many wait. */
export async function invite(
  house: House,
  caller: Caller,
  input: NewInvitation,
  addressOf: AddressOf,
): Promise<Invited> {
  permit(caller, 'member.add')
  const draft = await draftInvitation(house, caller, input, addressOf)
  return house.db.write(caller, async (tx) => {
    await refuseMember(tx, house, caller, input.email)
    const key = house.keys.purpose('row-mac')
    const open = await selectInvitations(tx, key, caller.scope, caller.now)
    if (open.length >= INVITATIONS_MAX) {
      throw new AppError('conflict', `${INVITATIONS_MAX} invitations wait already.`)
    }
    return write(tx, house, caller, draft, 'invitation.add')
  })
}

/** Those that are still good, newest first. */
export async function listInvitations(
  house: House,
  caller: Caller,
): Promise<readonly AccessLink[]> {
  permit(caller, 'member.read')
  const key = house.keys.purpose('row-mac')
  return selectInvitations(house.db.read(caller.scope), key, caller.scope, caller.now)
}

/** A new link in place of the old one, good for seven days again. */
export async function resendInvitation(
  house: House,
  caller: Caller,
  id: LinkId,
  addressOf: AddressOf,
): Promise<Invited> {
  permit(caller, 'member.add')
  const old = await loadInvitation(house.db.read(caller.scope), house, caller, id)
  const { email, role, isApprover, isAuditor } = old
  const input = { email: email!, role: role!, isApprover, isAuditor }
  const draft = await draftInvitation(house, caller, input, addressOf)
  return house.db.write(caller, async (tx) => {
    await loadInvitation(tx, house, caller, id) // it may have been accepted or ended meanwhile
    return write(tx, house, caller, draft, 'invitation.resend')
  })
}

export async function revokeInvitation(house: House, caller: Caller, id: LinkId): Promise<void> {
  permit(caller, 'member.add')
  await house.db.write(caller, async (tx) => {
    const { key } = await loadInvitation(tx, house, caller, id)
    await deleteLink(tx, key)
    await house.audit.record(tx, caller, { action: 'invitation.revoke', target: id, data: {} })
  })
}

export interface OpenInvitation {
  readonly link: AccessLink
  readonly email: string
  readonly workspaceName: string
  readonly slug: string
  /** Who has this address on this instance already; they sign in to accept. */
  readonly userId: UserId | null
}

/** What a link invites to. Throws `forbidden` for one that is no good. */
export async function readInvitation(
  house: House,
  caller: Caller,
  token: string,
): Promise<OpenInvitation> {
  const db = house.db.read(caller.scope)
  const link = await getLink(house, db, { purpose: 'invite', token, now: caller.now })
  const known = await findUserByEmail(db, house.keys.purpose('row-mac'), link.email!)
  const workspace = await findWorkspace(db, link.workspaceId!)
  assert(workspace, 'an invitation leads to a workspace')
  const { name: workspaceName, slug } = workspace
  return { link, email: link.email!, workspaceName, slug, userId: known?.id ?? null }
}

/**
 * Makes the account and the membership. Throws `forbidden` for a link that is no good, `invalid` with
 * the problems of the password, `conflict` when somebody has the address already, `busy`.
 */
export async function acceptAsNew(
  house: House,
  visitor: Caller,
  token: string,
  { name, password }: NewAccount,
): Promise<UserId> {
  const { link, email, userId } = await readInvitation(house, visitor, token)
  if (userId !== null) throw new AppError('conflict', 'Sign in to accept this invitation.')
  refusePassword(passwordProblems(password, { email, name }, { hasSecondFactor: false }))
  const passwordHash = await hashPassword(house, password)
  const caller = inWorkspaceOf(visitor, link)
  return house.db.write(caller, async (tx) => {
    await spendLink(tx, house, { purpose: 'invite', token, now: caller.now })
    const user = await addUserIn(tx, house, caller, { email, name, isOwner: false, passwordHash })
    await join(tx, house, { ...caller, actor: user.id }, link)
    return user.id
  })
}

/** For somebody who is signed in. Throws `forbidden` when the invitation is for another address. */
export async function acceptAsMember(house: House, caller: Caller, token: string): Promise<void> {
  const { link, userId } = await readInvitation(house, caller, token)
  if (userId === null || userId !== caller.actor) throw forbidden()
  const inside = inWorkspaceOf(caller, link)
  await house.db.write(inside, async (tx) => {
    const user = await findUser(tx, house.keys.purpose('row-mac'), userId)
    if (user?.state !== 'active') throw forbidden()
    await spendLink(tx, house, { purpose: 'invite', token, now: caller.now })
    await join(tx, house, inside, link)
  })
}

async function join(tx: Tx, house: House, self: Caller, link: AccessLink): Promise<void> {
  const { role, isApprover, isAuditor } = link
  const as = { role: role!, isApprover, isAuditor }
  await addMemberIn(tx, house, self, self.actor as UserId, as, link.createdBy)
  await house.audit.record(tx, self, {
    action: 'invitation.accept',
    target: link.id,
    data: { invitedBy: link.createdBy },
  })
}

// The link was just read and names this workspace: that is what lets the visitor write there.
function inWorkspaceOf(caller: Caller, { workspaceId }: AccessLink): Caller {
  return { ...caller, scope: makeScope(workspaceId!) }
}

interface Draft extends MadeLink {
  readonly mail: PreparedMail | undefined
}

async function draftInvitation(
  house: House,
  caller: Caller,
  input: NewInvitation,
  addressOf: AddressOf,
): Promise<Draft> {
  const workspaceId = caller.scope.workspaceId as WorkspaceId
  const made = draftLink(house, caller, 'invite', { ...input, workspaceId })
  const mail = await prepareMail(house, {
    to: input.email,
    subject: 'You are invited to Rulewright',
    text: `You are invited to work with detection rules in Rulewright, as ${input.role}.\n\nOpen this link to accept. It is good once, for seven days:\n${addressOf(made.token)}\n\nIf you do not expect this, do nothing.\n`,
  })
  return { ...made, mail }
}

async function write(
  tx: Tx,
  house: House,
  caller: Caller,
  { token, link, mail }: Draft,
  action: string,
): Promise<Invited> {
  const { id, email, role, isApprover, isAuditor } = link
  await deleteInvitationsTo(tx, caller.scope, email!)
  await storeLink(tx, house, link)
  if (mail) await queueMail(tx, house, caller, 'invitation', mail)
  await house.audit.record(tx, caller, {
    action,
    target: id,
    data: { role, isApprover, isAuditor },
    personal: { ...caller.personal, email },
  })
  return { token, link, isMailed: mail !== undefined }
}

async function loadInvitation(
  db: Pick<Reader, 'selectFrom'>,
  house: House,
  { scope }: Caller,
  id: LinkId,
): Promise<AccessLink> {
  const link = await findInvitation(db, house.keys.purpose('row-mac'), scope, id)
  if (!link) throw forbidden()
  return link
}

async function refuseMember(tx: Tx, house: House, { scope }: Caller, email: string): Promise<void> {
  const key = house.keys.purpose('row-mac')
  const user = await findUserByEmail(tx, key, email)
  if (user && (await findMembership(tx, key, scope, user.id))) {
    throw new AppError('conflict', `${email} is in this workspace already.`)
  }
}
