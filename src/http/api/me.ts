// `/me`: whose token this is and what it may do. The first thing a program asks.

import { z } from 'zod'
import { readTokenUse } from '#domain/access/token-actions.ts'
import { ROLES } from '#domain/access/permission.ts'
import { getOwnWorkspace } from '#domain/workspaces/own.ts'
import { tokenShape, TokenShape } from './tokens.ts'
import { operation } from './operation.ts'
import { named, UserIdText, WorkspaceIdText } from './shapes.ts'

const Me = z
  .strictObject({
    token: TokenShape,
    person: z.strictObject({ id: UserIdText, name: z.string() }),
    workspace: z.strictObject({ id: WorkspaceIdText, slug: z.string(), name: z.string() }),
    role: z.enum(ROLES),
    flags: z.array(z.enum(['approver', 'auditor'])),
    verbs: z.array(z.string()),
  })
  .register(named, { id: 'Me' })

export const getMe = operation({
  method: 'GET',
  path: '/me',
  name: 'getMe',
  summary: 'Whose token this is, and what it may do',
  permission: 'workspace.read',
  answer: Me,
  async run({ house, caller, holder }) {
    const use = await readTokenUse(house, caller, holder.token)
    const { id, slug, name } = await getOwnWorkspace(house, caller)
    return {
      token: tokenShape({ ...holder.token, makerName: holder.name, use }, caller.now),
      person: { id: holder.token.userId, name: holder.name },
      workspace: { id, slug, name },
      role: holder.role,
      flags: holder.flags.filter((flag) => flag !== 'owner'),
      verbs: [...caller.verbs].toSorted(),
    }
  },
})
