// `/w/{slug}/settings/members`: who is in the workspace, inviting, roles and flags, leaving. The filter
// stands in the address; every form is a plain one.

import { z } from 'zod'
import { NewInvitation, NewMember } from '#domain/access/input.ts'
import {
  invite,
  listInvitations,
  resendInvitation,
  revokeInvitation,
  type Invited,
} from '#domain/access/invitations.ts'
import {
  changeMember,
  confirmApprover,
  findMemberName,
  getMember,
  listMembers,
  removeMember,
  type Member,
} from '#domain/access/members.ts'
import { ROLES } from '#domain/access/permission.ts'
import { AppError } from '#kernel/error.ts'
import type { LinkId, UserId } from '#kernel/id.ts'
import type { FieldProblems } from '#views/parts/field.tsx'
import { LinkMadePage } from '#views/settings/link-made-page.tsx'
import { MemberPage, type MemberShown } from '#views/settings/member-page.tsx'
import { MembersPage, type MembersShown } from '#views/settings/members-page.tsx'
import { callerOf, membershipOf } from '#http/caller.ts'
import type { HttpContext } from '#http/env.ts'
import { placeOf } from '#http/frame.ts'
import { problemsByField, readForm, readQuery } from '#http/input.ts'
import { changed, goTo, page } from '#http/respond.tsx'
import { pageRoute, type Route } from '#http/routes.ts'
import { settingsTabs } from '#http/settings-tabs.ts'

const ROOT = '/w/:slug/settings/members'

export function memberRoutes(): readonly Route[] {
  const sure = { needsProof: true }
  return [
    pageRoute('GET', ROOT, 'member.read', (c) => showMembers(c)),
    pageRoute('POST', ROOT, 'member.add', inviteSomebody, sure),
    pageRoute('POST', `${ROOT}/invitations/:id/link`, 'member.add', makeNewLink, sure),
    pageRoute('POST', `${ROOT}/invitations/:id/end`, 'member.add', endInvitation, sure),
    pageRoute('GET', `${ROOT}/:id`, 'member.read', showMember),
    pageRoute('POST', `${ROOT}/:id`, 'member.change', changeRole, sure),
    pageRoute('POST', `${ROOT}/:id/approver`, 'member.change', confirm, sure),
    pageRoute('POST', `${ROOT}/:id/removal`, 'member.remove', remove, sure),
  ]
}

const PAGE_ROWS = 50
const NOTHING_TYPED = { email: '', role: 'engineer', isApprover: false, isAuditor: false } as const

// What does not fit is left out: a link that somebody edited still shows the list.
const Query = z.object({
  q: z.string().max(200).catch('').default(''),
  role: z.enum(ROLES).optional().catch(undefined),
  cursor: z.string().max(2_000).optional().catch(undefined),
})

async function showMembers(
  c: HttpContext,
  typed: MembersShown['typed'] = NOTHING_TYPED,
  problems: FieldProblems = {},
): Promise<Response> {
  const { house } = c.var
  const caller = callerOf(c)
  const { q, role, cursor } = readQuery(c, Query)
  const filter = { q, ...(role !== undefined && { role }) }
  const limit = PAGE_ROWS
  const shown: MembersShown = {
    tabs: settingsTabs(c),
    path: rootOf(c),
    filter: { q, role: role ?? null },
    isFirst: cursor === undefined,
    members: await listMembers(house, caller, filter, {
      limit,
      ...(cursor !== undefined && { cursor }),
    }),
    invitations: await listInvitations(house, caller),
    typed,
    problems,
  }
  const status = Object.keys(problems).length > 0 ? 422 : 200
  return page(c, { title: 'Members', status }, <MembersPage shown={shown} />)
}

// A form sends words: a box that is ticked as `on`, one that is not not at all.
const RoleForm = z.strictObject({
  role: z.string().max(20),
  isApprover: z.literal('on').optional(),
  isAuditor: z.literal('on').optional(),
})
const InviteForm = RoleForm.extend({ email: z.string().max(1_000) })

function flagsOf(form: z.infer<typeof RoleForm>) {
  return { isApprover: form.isApprover === 'on', isAuditor: form.isAuditor === 'on' }
}

async function inviteSomebody(c: HttpContext): Promise<Response> {
  const form = await readForm(c, InviteForm)
  const role = ROLES.find((one) => one === form.role) ?? 'viewer'
  const typed = { email: form.email, role, ...flagsOf(form) }
  const parsed = NewInvitation.safeParse({ ...typed, role: form.role })
  if (!parsed.success) return showMembers(c, typed, problemsByField(parsed.error, FIELD_NAMES))
  try {
    return await showLink(c, await invite(c.var.house, callerOf(c), parsed.data, addressOf(c)))
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'conflict') throw error
    return showMembers(c, typed, { email: error.message })
  }
}

const FIELD_NAMES = { email: 'The address', role: 'The role' }

async function makeNewLink(c: HttpContext): Promise<Response> {
  const id = c.req.param('id') as LinkId
  return showLink(c, await resendInvitation(c.var.house, callerOf(c), id, addressOf(c)))
}

const addressOf = (c: HttpContext) => (token: string) => `${c.var.publicUrl}/invite/${token}`

async function showLink(c: HttpContext, { token, link, isMailed }: Invited): Promise<Response> {
  const made = {
    title: `Invitation for ${link.email}`,
    url: addressOf(c)(token),
    expiresAt: link.expiresAt,
    isMailed,
    back: { href: rootOf(c), label: 'All members' },
  }
  const options = { title: 'Invitation', trail: trailOf(c) }
  return page(c, options, <LinkMadePage made={made} />)
}

async function endInvitation(c: HttpContext): Promise<Response> {
  await revokeInvitation(c.var.house, callerOf(c), c.req.param('id') as LinkId)
  return changed(c, { redirect: rootOf(c), notice: 'The invitation is ended.' })
}

async function showMember(c: HttpContext): Promise<Response> {
  return renderMember(c, await getMember(c.var.house, callerOf(c), idOf(c)))
}

async function renderMember(
  c: HttpContext,
  member: Member,
  typed?: MemberShown['values'],
  refusal: string | null = null,
): Promise<Response> {
  const { house } = c.var
  const caller = callerOf(c)
  const { approverAskedBy, approver, userId } = member
  const shown: MemberShown = {
    member,
    path: `${rootOf(c)}/${userId}`,
    workspaceName: membershipOf(c.var.session!, c.req.param('slug')!).name,
    isSelf: userId === caller.actor,
    mayConfirm: approver === 'asked' && approverAskedBy !== caller.actor && userId !== caller.actor,
    askedBy: await findMemberName(house, caller, approverAskedBy),
    values: typed ?? { ...member, isApprover: approver !== 'no' },
    refusal,
  }
  const status = refusal === null ? 200 : 409
  const options = { title: member.name, trail: trailOf(c), status } as const
  return page(c, options, <MemberPage shown={shown} />)
}

async function changeRole(c: HttpContext): Promise<Response> {
  const { house } = c.var
  const caller = callerOf(c)
  const before = await getMember(house, caller, idOf(c))
  const form = await readForm(c, RoleForm.extend({ role: z.enum(ROLES) }))
  const change = NewMember.parse({ role: form.role, ...flagsOf(form) })
  try {
    const after = await changeMember(house, caller, before.userId, change)
    const notice = `Saved: ${after.name} is ${after.role} here.`
    // Their sessions have ended, and this was one of them.
    if (before.userId === caller.actor) return goTo(c, '/')
    return changed(c, { redirect: `${rootOf(c)}/${before.userId}`, notice })
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'conflict') throw error
    return renderMember(c, before, change, error.message)
  }
}

async function confirm(c: HttpContext): Promise<Response> {
  const { name, userId } = await confirmApprover(c.var.house, callerOf(c), idOf(c))
  const notice = `${name} may sign changes now.`
  return changed(c, { redirect: `${rootOf(c)}/${userId}`, notice })
}

async function remove(c: HttpContext): Promise<Response> {
  const { house } = c.var
  const caller = callerOf(c)
  const member = await getMember(house, caller, idOf(c))
  try {
    await removeMember(house, caller, member.userId)
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'conflict') throw error
    return renderMember(c, member, undefined, error.message)
  }
  if (member.userId === caller.actor) return goTo(c, '/')
  return changed(c, { redirect: rootOf(c), notice: `${member.name} is no longer a member.` })
}

// An id of no shape is nobody's: it finds nothing, like one that never was.
const idOf = (c: HttpContext) => c.req.param('id') as UserId
const rootOf = (c: HttpContext) => `${placeOf(c)}/settings/members`
const trailOf = (c: HttpContext) => [{ label: 'Members', href: rootOf(c) }]
