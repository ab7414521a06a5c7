// `/tokens`: tokens of the workspace, over the API.

import { z } from 'zod'
import { addToken, listTokens, revokeToken } from '#domain/access/token-actions.ts'
import { NewToken, TokenRotation } from '#domain/access/token-input.ts'
import { rotateToken } from '#domain/access/token-rotation.ts'
import {
  SERVICE_ROLES,
  tokenState,
  usedToday,
  type ListedToken,
  type TokenMaker,
} from '#domain/access/token.ts'
import { SCOPES, type Scope } from '#domain/access/token-scope.ts'
import type { TokenHolder } from '#domain/access/tokens.ts'
import { ID_PREFIXES } from '#kernel/id.ts'
import { formatInstant, type Instant } from '#kernel/time.ts'
import { operation } from './operation.ts'
import {
  accepted,
  idOf,
  InstantText,
  instantOrNull,
  makePage,
  named,
  PAGE_QUERY,
  pageShape,
  readCursor,
  TokenIdText,
  UserIdText,
} from './shapes.ts'

const shape = {
  id: TokenIdText,
  name: z.string(),
  kind: z.enum(['pat', 'mcp']),
  scopes: z.array(z.enum(SCOPES as [Scope, ...Scope[]])),
  networks: z.array(z.string()),
  /** Of a service token, the role it acts with; `userId` then answers for it. */
  serviceRole: z.enum(SERVICE_ROLES).nullable(),
  /** Those it reaches; empty for all. */
  targets: z.array(idOf(ID_PREFIXES.target)),
  groups: z.array(idOf(ID_PREFIXES.group)),
  userId: UserIdText,
  makerName: z.string(),
  state: z.enum(['live', 'expired', 'revoked']),
  createdAt: InstantText,
  expiresAt: InstantText,
  usedAt: InstantText.nullable(),
  /** Of an agent's token: what it used of its budget, this day in UTC. */
  usedToday: z
    .strictObject({ calls: z.int(), rows: z.int(), searches: z.int(), bytes: z.int() })
    .nullable(),
}

export const TokenShape = z.strictObject(shape).register(named, { id: 'Token' })
const MadeToken = z
  .strictObject({ ...shape, secret: z.string() })
  .register(named, { id: 'MadeToken' })
const TokenPage = pageShape(TokenShape).register(named, { id: 'TokenPage' })

export function tokenShape(token: ListedToken, now: Instant): z.input<typeof TokenShape> {
  const { id, name, kind, scopes, networks, targets, groups, userId, makerName } = token
  return {
    id,
    name,
    kind,
    scopes: [...scopes],
    networks: [...networks],
    targets: [...targets],
    groups: [...groups],
    serviceRole: token.serviceRole,
    userId,
    makerName,
    state: tokenState(token, now),
    createdAt: formatInstant(token.createdAt),
    expiresAt: formatInstant(token.expiresAt),
    usedAt: instantOrNull(token.usedAt),
    usedToday: kind === 'mcp' ? usedToday(token.use, now) : null,
  }
}

function makerOf({ token, role, flags }: TokenHolder): TokenMaker {
  return { userId: token.userId, role, flags, through: token }
}

const list = operation({
  method: 'GET',
  path: '/tokens',
  name: 'listTokens',
  summary: 'Tokens of this workspace, newest first',
  about:
    'Yours; for an admin with `of=all` those of everybody, with `of=service` those of the workspace itself. One that ended stays for 90 days.',
  permission: 'token.read',
  query: z.strictObject({ of: z.enum(['me', 'all', 'service']).default('me'), ...PAGE_QUERY }),
  answer: TokenPage,
  async run(call) {
    const { house, caller, holder, query } = call
    const { of, limit, cursor } = query
    const place = { list: 'tokens', filter: { of } }
    const after = readCursor(call, place, cursor, TokenIdText)
    const found = await listTokens(house, caller, makerOf(holder), {
      ...(of === 'me' && { userId: holder.token.userId, isService: false }),
      ...(of === 'service' && { isService: true }),
      ...(after && { after }),
      limit: limit + 1,
    })
    const { items, next } = makePage(call, place, { found, limit }, (last) => last.id)
    return { items: items.map((token) => tokenShape(token, caller.now)), next }
  },
})

const add = operation({
  method: 'POST',
  path: '/tokens',
  name: 'addToken',
  summary: 'Make a token',
  about:
    'It acts for the person behind the token that makes it, holds no more and lives no longer than that one. `secret` is in this answer and in no other. With `serviceRole`, for an admin, a service token: it acts as itself, signs nothing, and outlives who made it. Needs a fresh proof of that person.',
  permission: 'token.add',
  body: NewToken.register(accepted, { id: 'NewToken' }),
  status: 201,
  answer: MadeToken,
  needsProof: true,
  async run({ house, caller, holder, body }) {
    const { token, text } = await addToken(house, caller, makerOf(holder), body)
    return {
      ...tokenShape({ ...token, makerName: holder.name, use: null }, caller.now),
      secret: text,
    }
  },
})

const rotate = operation({
  method: 'POST',
  path: '/tokens/{id}/rotate',
  name: 'rotateToken',
  summary: 'A new secret for a token of yours',
  about:
    'A token that is the same in all but its secret and its end; the old one goes on for `hours`, at most 168; with 0 it ends at once. Needs a fresh proof of the person behind the token.',
  permission: 'token.add',
  params: z.strictObject({ id: TokenIdText }),
  body: TokenRotation.register(accepted, { id: 'TokenRotation' }),
  status: 201,
  answer: MadeToken,
  needsProof: true,
  async run({ house, caller, holder, params, body }) {
    const { token, text } = await rotateToken(house, caller, makerOf(holder), params.id, body)
    const shown = { ...token, makerName: holder.name, use: null }
    return { ...tokenShape(shown, caller.now), secret: text }
  },
})

const revoke = operation({
  method: 'DELETE',
  path: '/tokens/{id}',
  name: 'revokeToken',
  summary: 'End a token at once',
  permission: 'token.revoke',
  params: z.strictObject({ id: TokenIdText }),
  async run({ house, caller, holder, params }) {
    await revokeToken(house, caller, makerOf(holder), params.id)
    return undefined
  },
})

export const TOKEN_OPERATIONS = [list, add, rotate, revoke]
