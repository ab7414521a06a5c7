// `/invitations`: who is invited and has not come yet. Inviting is `POST /members`.

import { z } from 'zod'
import { listInvitations, resendInvitation, revokeInvitation } from '#domain/access/invitations.ts'
import type { AccessLink } from '#domain/access/link.ts'
import { ROLES } from '#domain/access/permission.ts'
import { assert } from '#kernel/error.ts'
import { ID_PREFIXES } from '#kernel/id.ts'
import { formatInstant } from '#kernel/time.ts'
import type { HttpContext } from '#http/env.ts'
import { operation } from './operation.ts'
import { idOf, InstantText, named, PAGE_QUERY, pageIn, pageShape } from './shapes.ts'

const LinkIdText = idOf(ID_PREFIXES.link)
const InvitationPath = z.strictObject({ id: LinkIdText })

const shape = {
  id: LinkIdText,
  email: z.string(),
  role: z.enum(ROLES),
  expiresAt: InstantText,
}
const Waiting = z
  .strictObject({ ...shape, isApprover: z.boolean(), isAuditor: z.boolean() })
  .register(named, { id: 'WaitingInvitation' })
const WaitingPage = pageShape(Waiting).register(named, { id: 'WaitingInvitationPage' })

/** With the address that is told once. */
export const InvitationShape = z
  .strictObject({ ...shape, url: z.url() })
  .register(named, { id: 'Invitation' })

/** Where whoever holds a token of an invitation opens it. */
export const inviteAddress = (c: HttpContext) => (token: string) =>
  `${c.var.publicUrl}/invite/${token}`

export function invitationShape(link: AccessLink, url: string): z.input<typeof InvitationShape> {
  return { ...toldOf(link), url }
}

function toldOf({ id, email, role, expiresAt }: AccessLink) {
  assert(email !== null && role !== null, 'an invitation says whom and as what')
  return { id, email, role, expiresAt: formatInstant(expiresAt) }
}

const list = operation({
  method: 'GET',
  path: '/invitations',
  name: 'listInvitations',
  summary: 'Invitations that are still good, newest first',
  permission: 'member.read',
  query: z.strictObject(PAGE_QUERY),
  answer: WaitingPage,
  async run(call) {
    const links = await listInvitations(call.house, call.caller)
    const { items, next } = pageIn(call, 'invitations', links, ({ id }) => id)
    const shown = items.map((link) => {
      const { isApprover, isAuditor } = link
      return { ...toldOf(link), isApprover, isAuditor }
    })
    return { items: shown, next }
  },
})

const renew = operation({
  method: 'POST',
  path: '/invitations/{id}/link',
  name: 'renewInvitation',
  summary: 'A new address in the place of an invitation’s old one, good for seven days again',
  about: '`url` is in this answer only. Needs a fresh proof of the person behind this token.',
  permission: 'member.add',
  params: InvitationPath,
  answer: InvitationShape,
  needsProof: true,
  async run({ house, caller, params, c }) {
    const addressOf = inviteAddress(c)
    const { token, link } = await resendInvitation(house, caller, params.id, addressOf)
    return invitationShape(link, addressOf(token))
  },
})

const end = operation({
  method: 'DELETE',
  path: '/invitations/{id}',
  name: 'endInvitation',
  summary: 'End an invitation',
  about: 'Needs a fresh proof of the person behind this token.',
  permission: 'member.add',
  params: InvitationPath,
  needsProof: true,
  async run({ house, caller, params }) {
    await revokeInvitation(house, caller, params.id)
    return undefined
  },
})

export const INVITATION_OPERATIONS = [list, renew, end]
