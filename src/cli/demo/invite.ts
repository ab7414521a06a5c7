// The step about people: somebody is invited, makes their account with the link, and nobody else does.

import { acceptAsNew, invite } from '#domain/access/invitations.ts'
import { getMember } from '#domain/access/members.ts'
import { systemCaller } from '#domain/access/system.ts'
import type { Workspace } from '#domain/workspaces/workspace.ts'
import type { House } from '#platform/house.ts'
import { expect, refusal } from './story.ts'

const EMAIL = 'ines@acme.example'

export async function inviteSomebody(house: House, { id }: Workspace): Promise<string> {
  const admin = systemCaller(house, 'demo', undefined, id)
  const as = { role: 'engineer', isApprover: true, isAuditor: false } as const
  const { token } = await invite(house, admin, { email: EMAIL, ...as }, String)
  const visitor = { ...systemCaller(house, 'demo'), verbs: new Set<string>() }
  const account = { name: 'Ines', password: house.random(24).toString('base64url') }
  const userId = await acceptAsNew(house, visitor, token, account)
  const member = await getMember(house, admin, userId)
  expect(member.role === 'engineer', 'they are what they were invited as')
  expect(member.approver === 'asked', 'they sign nothing until another admin confirms it')
  const words = await refusal(() => acceptAsNew(house, visitor, token, account))
  return `${member.name} came in as ${member.role}; the link again: “${words}”`
}
