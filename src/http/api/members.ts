// `/members`: who is in the workspace, and inviting one more.

import { z } from 'zod'
import { NewInvitation } from '#domain/access/input.ts'
import { invite } from '#domain/access/invitations.ts'
import { listMembers, type Member } from '#domain/access/members.ts'
import { ROLES } from '#domain/access/permission.ts'
import { ID_PREFIXES } from '#kernel/id.ts'
import { formatInstant } from '#kernel/time.ts'
import { operation } from './operation.ts'
import { accepted, idOf, InstantText, named, PAGE_QUERY, pageShape, UserIdText } from './shapes.ts'

const MemberShape = z
  .strictObject({
    id: UserIdText,
    name: z.string(),
    email: z.string().nullable(),
    state: z.enum(['active', 'suspended', 'erased']),
    role: z.enum(ROLES),
    isAuditor: z.boolean(),
    approver: z.enum(['no', 'asked', 'yes']),
    createdAt: InstantText,
  })
  .register(named, { id: 'Member' })
const MemberPage = pageShape(MemberShape).register(named, { id: 'MemberPage' })

const Invitation = z
  .strictObject({
    id: idOf(ID_PREFIXES.link),
    url: z.url(),
    email: z.string(),
    role: z.enum(ROLES),
    expiresAt: InstantText,
  })
  .register(named, { id: 'Invitation' })

function memberShape(member: Member): z.input<typeof MemberShape> {
  const { userId, name, email, state, role, isAuditor, approver, createdAt } = member
  const since = formatInstant(createdAt)
  return { id: userId, name, email, state, role, isAuditor, approver, createdAt: since }
}

const list = operation({
  method: 'GET',
  path: '/members',
  name: 'listMembers',
  summary: 'People of this workspace, by name',
  permission: 'member.read',
  query: z.strictObject({
    q: z.string().max(200).optional(),
    role: z.enum(ROLES).optional(),
    ...PAGE_QUERY,
  }),
  answer: MemberPage,
  async run({ house, caller, query }) {
    const { q, role, limit, cursor } = query
    const filter = { ...(q !== undefined && { q }), ...(role !== undefined && { role }) }
    const page = { limit, ...(cursor !== undefined && { cursor }) }
    const { items, next } = await listMembers(house, caller, filter, page)
    return { items: items.map(memberShape), next }
  },
})

const add = operation({
  method: 'POST',
  path: '/members',
  name: 'inviteMember',
  summary: 'Invite somebody',
  about:
    'Whoever opens `url` first joins with this role; it is good for seven days and in this answer only. An approver is one when another admin confirms.',
  permission: 'member.add',
  body: NewInvitation.register(accepted, { id: 'NewInvitation' }),
  status: 201,
  answer: Invitation,
  async run({ house, caller, body, c }) {
    const addressOf = (token: string) => `${c.var.publicUrl}/invite/${token}`
    const { token, link } = await invite(house, caller, body, addressOf)
    return {
      id: link.id,
      url: addressOf(token),
      email: body.email,
      role: body.role,
      expiresAt: formatInstant(link.expiresAt),
    }
  },
})

export const MEMBER_OPERATIONS = [list, add]
