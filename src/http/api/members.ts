// `/members`: who is in the workspace, inviting one more, roles and flags, and leaving.

import { z } from 'zod'
import { MemberChange, NewInvitation } from '#domain/access/input.ts'
import { invite } from '#domain/access/invitations.ts'
import {
  changeMember,
  getMember,
  listMembers,
  removeMember,
  type Member,
} from '#domain/access/members.ts'
import { ROLES } from '#domain/access/permission.ts'
import { formatInstant } from '#kernel/time.ts'
import { invitationShape, InvitationShape, inviteAddress } from './invitations.ts'
import { operation } from './operation.ts'
import { accepted, InstantText, named, PAGE_QUERY, pageShape, UserIdText } from './shapes.ts'

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
    version: z.string(),
  })
  .register(named, { id: 'Member' })
const MemberPage = pageShape(MemberShape).register(named, { id: 'MemberPage' })

function memberShape(member: Member): z.input<typeof MemberShape> {
  const { userId, approverAskedBy: _, createdAt, ...rest } = member
  return { id: userId, ...rest, createdAt: formatInstant(createdAt) }
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
    'Whoever opens `url` first joins with this role; it is good for seven days and in this answer only. An approver is one when another admin confirms. Needs a fresh proof of the person behind this token.',
  permission: 'member.add',
  body: NewInvitation.register(accepted, { id: 'NewInvitation' }),
  status: 201,
  answer: InvitationShape,
  needsProof: true,
  async run({ house, caller, body, c }) {
    const addressOf = inviteAddress(c)
    const { token, link } = await invite(house, caller, body, addressOf)
    return invitationShape(link, addressOf(token))
  },
})

const MemberPath = z.strictObject({ id: UserIdText })

const get = operation({
  method: 'GET',
  path: '/members/{id}',
  name: 'getMember',
  summary: 'One person of this workspace',
  permission: 'member.read',
  params: MemberPath,
  answer: MemberShape,
  isVersioned: true,
  run: async ({ house, caller, params }) => memberShape(await getMember(house, caller, params.id)),
})

const change = operation({
  method: 'PATCH',
  path: '/members/{id}',
  name: 'changeMember',
  summary: 'Give somebody another role or flags',
  about:
    'What is left out stays. They are signed out everywhere. An approver is one when another admin than the person behind this token confirms, on their page. Needs a fresh proof of that person.',
  permission: 'member.change',
  params: MemberPath,
  body: MemberChange.register(accepted, { id: 'MemberChange' }),
  answer: MemberShape,
  isVersioned: true,
  needsProof: true,
  run: async ({ house, caller, params, body, expected }) =>
    memberShape(await changeMember(house, caller, params.id, body, expected)),
})

const remove = operation({
  method: 'DELETE',
  path: '/members/{id}',
  name: 'removeMember',
  summary: 'Take the workspace from somebody',
  about:
    'Their tokens here end with it. A workspace keeps an admin. Needs a fresh proof of the person behind this token.',
  permission: 'member.remove',
  params: MemberPath,
  isVersioned: true,
  needsProof: true,
  async run({ house, caller, params, expected }) {
    await removeMember(house, caller, params.id, expected)
    return undefined
  },
})

export const MEMBER_OPERATIONS = [list, add, get, change, remove]
