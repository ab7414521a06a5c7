// The step about programs: a token reads what its scope says, and not what its maker may do beyond it.

import { invite } from '#domain/access/invitations.ts'
import { verbsOf } from '#domain/access/permission.ts'
import { systemCaller } from '#domain/access/system.ts'
import { addToken, getMaker } from '#domain/access/token-actions.ts'
import { narrowVerbs } from '#domain/access/token-scope.ts'
import { Tokens } from '#domain/access/tokens.ts'
import { readAudit } from '#domain/audit/actions.ts'
import type { Workspace } from '#domain/workspaces/workspace.ts'
import type { House } from '#platform/house.ts'
import { addPerson } from './cast.ts'
import { expect, refusal } from './story.ts'

export async function readByToken(house: House, acme: Workspace): Promise<string> {
  const admin = systemCaller(house, 'demo', undefined, acme.id)
  const maker = await getMaker(house, admin, await addPerson(house, acme, 'otto', 'admin', false))
  const { text } = await addToken(house, admin, maker, {
    name: 'Audit export',
    kind: 'pat',
    scopes: ['audit:read'],
    networks: [],
  })
  const found = await new Tokens(house).find(text, () => true)
  expect(found?.kind === 'live', 'the token opens the door of programs')
  const { token, role, flags } = found.holder
  const program = {
    ...admin,
    actor: token.id,
    verbs: narrowVerbs(verbsOf(role, flags), token.scopes),
  }
  const { items } = await readAudit(house, program, {}, { limit: 100 })
  expect(items.length > 0, 'it reads the audit log')
  const as = { role: 'viewer', isApprover: false, isAuditor: false } as const
  const email = 'zoe@acme.example'
  const words = await refusal(() => invite(house, program, { email, ...as }, String))
  return `an admin’s token reads ${items.length} entries; it invites somebody: “${words}”`
}
