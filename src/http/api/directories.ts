// `/providers/{id}/directory`: the tokens by which the directory of a provider tells who is there and who
// has left; and `/break-ins`, the admins for the day that no provider answers.

import { z } from 'zod'
import { listBreakIns, setBreakIn } from '#domain/access/break-in.ts'
import { Networks } from '#domain/access/token-input.ts'
import { operation } from './operation.ts'
import {
  DirectoryShape,
  directoryTokenShape,
  MadeDirectoryToken,
  ProviderIdText,
  ScimTokenIdText,
} from './provider-shapes.ts'
import { accepted, named, PAGE_QUERY, pageIn, pageShape, UserIdText } from './shapes.ts'

const tokens = () => import('#domain/identity/scim-tokens.ts')

const ProviderPath = z.strictObject({ id: ProviderIdText })
const PROOF = 'Needs a fresh proof of the person behind this token.'

const get = operation({
  method: 'GET',
  path: '/providers/{id}/directory',
  name: 'getDirectory',
  summary: 'Where the directory of a provider sends its people to, and the tokens it may use',
  permission: 'provider.read',
  params: ProviderPath,
  answer: DirectoryShape,
  async run({ house, caller, params, c }) {
    const found = await (await tokens()).listScimTokens(house, caller, params.id)
    return { address: `${c.var.publicUrl}/scim/v2`, tokens: found.map(directoryTokenShape) }
  },
})

const add = operation({
  method: 'POST',
  path: '/providers/{id}/directory/tokens',
  name: 'addDirectoryToken',
  summary: 'Make a token for the directory of a provider',
  about: `There are at most two: the one in use, and the next. \`secret\` is in this answer and in no other. ${PROOF}`,
  permission: 'provider.manage',
  params: ProviderPath,
  body: z.strictObject({ networks: Networks }).register(accepted, { id: 'NewDirectoryToken' }),
  status: 201,
  answer: MadeDirectoryToken,
  needsProof: true,
  async run({ house, caller, params, body }) {
    const { addScimToken } = await tokens()
    const { token, text } = await addScimToken(house, caller, params.id, body.networks)
    return { ...directoryTokenShape(token), secret: text }
  },
})

const remove = operation({
  method: 'DELETE',
  path: '/providers/{id}/directory/tokens/{token}',
  name: 'removeDirectoryToken',
  summary: 'End a token of a directory at once',
  about: PROOF,
  permission: 'provider.manage',
  params: ProviderPath.extend({ token: ScimTokenIdText }),
  needsProof: true,
  async run({ house, caller, params }) {
    await (await tokens()).removeScimToken(house, caller, params.id, params.token)
    return undefined
  },
})

const BreakIn = z
  .strictObject({ id: UserIdText, name: z.string(), isBreakIn: z.boolean() })
  .register(named, { id: 'BreakIn' })
const BreakInPage = pageShape(BreakIn).register(named, { id: 'BreakInPage' })

const breakIns = operation({
  method: 'GET',
  path: '/break-ins',
  name: 'listBreakIns',
  summary: 'The admins, and which of them may sign in by a password though a domain is enforced',
  permission: 'provider.read',
  query: z.strictObject(PAGE_QUERY),
  answer: BreakInPage,
  async run(call) {
    const admins = await listBreakIns(call.house, call.caller)
    const shown = admins.map(({ userId: id, name, isBreakIn }) => ({ id, name, isBreakIn }))
    return pageIn(call, 'break-ins', shown, ({ id }) => id)
  },
})

const choose = operation({
  method: 'PUT',
  path: '/break-ins/{id}',
  name: 'setBreakIn',
  summary: 'Let an admin break in, or no longer',
  about: `It takes a password and a second factor of theirs; whoever breaks in is told to all admins. ${PROOF}`,
  permission: 'provider.manage',
  params: z.strictObject({ id: UserIdText }),
  body: z.strictObject({ isBreakIn: z.boolean() }).register(accepted, { id: 'BreakInChoice' }),
  needsProof: true,
  async run({ house, caller, params, body }) {
    await setBreakIn(house, caller, params.id, body.isBreakIn)
    return undefined
  },
})

export const DIRECTORY_OPERATIONS = [get, add, remove, breakIns, choose]
