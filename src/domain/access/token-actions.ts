// What can be done with tokens: make one, look at them, end one. Everybody has their own; an admin
// also sees and ends those of others.

import { AppError, forbidden } from '#kernel/error.ts'
import { ID_PREFIXES, makeId, type TokenId, type UserId, type WorkspaceId } from '#kernel/id.ts'
import { tellPerson } from '#domain/messages/request.ts'
import { findWorkspace } from '#domain/workspaces/actions.ts'
import { readPolicy } from '#domain/workspaces/policy-actions.ts'
import { addMs, DAY, type Instant } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import type { Tx } from '#platform/db/tx.ts'
import type { House } from '#platform/house.ts'
import type { NewToken } from './token-input.ts'
import { can, permit } from './permission.ts'
import { flagsOf } from './person.ts'
import {
  formatToken,
  hashToken,
  TOKEN_DAYS_DEFAULT,
  TOKEN_KEPT_MS,
  TOKEN_SALT_BYTES,
  TOKEN_SECRET_BYTES,
  SERVICE_TOKENS_MAX,
  TOKENS_PER_PERSON_MAX,
  tokenState,
  type ApiToken,
  type ListedToken,
  type ServiceRole,
  type StoredToken,
  type TokenMaker,
  type TokenUse,
} from './token.ts'
import { scopesOf, serviceScopes, type Scope } from './token-scope.ts'
import {
  countLiveTokens,
  deleteEndedTokens,
  findTokenOf,
  findTokenUse,
  insertToken,
  selectTokens,
  selectUnrevokedOf,
  setTokenRevoked,
} from './token-store.ts'
import { assertReach, isNarrowed } from './within.ts'
import { findMembership, findUser } from './user-store.ts'

export interface MadeToken {
  readonly token: ApiToken
  /** What a program sends. Shown now and never again. */
  readonly text: string
}

/**
 * Throws `invalid` for a scope that the maker's role may not give and a longer life than the policy's, `conflict` when they have as many
 * as they may. A token made through another holds no more and lives no longer than that one. Audited, and
 * the person is told.
 */
export async function addToken(
  house: House,
  caller: Caller,
  maker: TokenMaker,
  input: NewToken,
): Promise<MadeToken> {
  permit(caller, input.serviceRole === undefined ? 'token.add' : 'token.manage')
  const { stored, made } = await makeToken(house, caller, maker, input)
  await house.db.write(caller, (tx) => storeToken(tx, house, caller, stored))
  return made
}

interface NewlyMade {
  readonly stored: StoredToken
  readonly made: MadeToken
}

/** Not stored yet. `within-policy`: days beyond the policy are its longest life, instead of refused. */
export async function makeToken(
  house: House,
  caller: Caller,
  maker: TokenMaker,
  input: NewToken,
  life?: 'within-policy',
): Promise<NewlyMade> {
  const { serviceRole = null } = input
  assertScopes(maker, input.scopes, serviceRole)
  const { targets = [], groups = [] } = input
  await assertReach(house.db.read(caller.scope), caller, { ...input, targets, groups })
  const id = makeId(ID_PREFIXES.token, caller.now, house.random(10))
  const text = formatToken(input.kind, id, house.random(TOKEN_SECRET_BYTES))
  const salt = house.random(TOKEN_SALT_BYTES)
  const token: ApiToken = {
    id,
    workspaceId: caller.scope.workspaceId as WorkspaceId,
    userId: maker.userId,
    serviceRole,
    kind: input.kind,
    name: input.name,
    scopes: input.scopes,
    networks: input.networks,
    targets,
    groups,
    createdAt: caller.now,
    expiresAt: await expiryOf(house, caller, maker, input.days, life),
    usedAt: null,
    revokedAt: null,
  }
  const hash = hashToken(house.keys.purpose('token-pepper'), salt, text)
  return { stored: { ...token, salt, hash }, made: { token, text } }
}

/** The token whose place it takes, and when that one ends. */
export interface Replaced {
  readonly replaces: TokenId
  readonly oldEndsAt: Instant
}

/** Throws `conflict` when its person has as many as they may. Audited, and the person is told. */
export async function storeToken(
  tx: Tx,
  house: House,
  caller: Caller,
  token: StoredToken,
  replaced?: Replaced,
): Promise<void> {
  const { scope, now } = caller
  await deleteEndedTokens(tx, scope, addMs(now, -TOKEN_KEPT_MS))
  const [whose, countMax] =
    token.serviceRole === null
      ? ['of this person', TOKENS_PER_PERSON_MAX]
      : ['of the workspace', SERVICE_TOKENS_MAX]
  if ((await countLiveTokens(tx, scope, token, now)) >= countMax) {
    throw new AppError(
      'conflict',
      `There are ${countMax} tokens ${whose} already. Revoke one that is not needed.`,
    )
  }
  await insertToken(tx, house.keys.purpose('row-mac'), token)
  const { id, kind, scopes, expiresAt, userId, name, networks, targets, groups, serviceRole } =
    token
  await house.audit.record(tx, caller, {
    action: replaced ? 'token.rotate' : 'token.add',
    target: id,
    data: {
      kind,
      scopes,
      expiresAt,
      userId,
      isLimited: networks.length > 0,
      ...(serviceRole !== null && { serviceRole }),
      ...(isNarrowed(token) && { targets, groups }),
      ...replaced,
    },
    personal: { ...caller.personal, label: name, networks },
  })
  const workspace = (await findWorkspace(tx, token.workspaceId))?.name ?? ''
  const told = { name, workspace }
  await tellPerson(tx, house, caller, { userId, kind: 'token.added', data: told })
}

function assertScopes(
  maker: TokenMaker,
  scopes: readonly Scope[],
  serviceRole: ServiceRole | null,
): void {
  const given =
    serviceRole === null ? scopesOf(maker.role, maker.flags) : serviceScopes(serviceRole)
  const allowed =
    maker.through === undefined || maker.through.scopes.includes('admin')
      ? given
      : given.filter((scope) => maker.through!.scopes.includes(scope))
  const excess = scopes.filter((scope) => !allowed.includes(scope))
  if (excess.length === 0) return
  const problems = excess.map((scope) => ({
    code: 'token/scope-not-held',
    severity: 'error' as const,
    message:
      serviceRole === null
        ? `scopes: ${scope} is more than whoever makes this token may give.`
        : `scopes: ${scope} is more than a service token of this role may hold.`,
  }))
  throw new AppError('invalid', problems[0]!.message, { details: { problems } })
}

async function expiryOf(
  house: House,
  caller: Caller,
  { through }: TokenMaker,
  given: number | undefined,
  life?: 'within-policy',
): Promise<Instant> {
  const { tokenDays: daysMax } = (await readPolicy(house, caller)).policy
  const days = given !== undefined && life ? Math.min(given, daysMax) : given
  if (days !== undefined && days > daysMax) {
    const message = `days: a token of this workspace lives at most ${daysMax} days.`
    const problems = [{ code: 'token/lives-too-long', severity: 'error' as const, message }]
    throw new AppError('invalid', message, { details: { problems } })
  }
  const wanted = addMs(caller.now, (days ?? Math.min(TOKEN_DAYS_DEFAULT, daysMax)) * DAY)
  return through && through.expiresAt < wanted ? through.expiresAt : wanted
}

/**
 * Ends all of somebody in the workspace that they leave, within the write that is the reason: were they
 * to come back, none of them opens anything again.
 */
export async function revokeTokensOf(
  tx: Tx,
  house: House,
  caller: Caller,
  userId: UserId,
): Promise<void> {
  const key = house.keys.purpose('row-mac')
  for (const token of await selectUnrevokedOf(tx, key, caller.scope, userId)) {
    await revoke(tx, house, token, caller.now)
    const data = { userId }
    await house.audit.record(tx, caller, { action: 'token.revoke', target: token.id, data })
  }
}

/** Streams that it holds open are let go at once. */
async function revoke(tx: Tx, house: House, token: StoredToken, now: Instant): Promise<void> {
  await setTokenRevoked(tx, house.keys.purpose('row-mac'), token, now)
  const { id, workspaceId } = token
  house.events.publish(tx, { workspaceId, noun: 'token', id, verb: 'removed' })
}

export interface TokensWanted {
  /** Whose; of everybody in the workspace when absent, which is for admins. */
  readonly userId?: UserId
  /** Only personal tokens, or only service tokens. */
  readonly isService?: boolean
  readonly limit: number
  /** The last id of the page before. */
  readonly after?: TokenId
}

/** Newest first, those included that ended within the last 90 days. */
export async function listTokens(
  house: House,
  caller: Caller,
  maker: Partial<Pick<TokenMaker, 'userId'>>,
  wanted: TokensWanted,
): Promise<readonly ListedToken[]> {
  permit(caller, 'token.read')
  const isOwn = wanted.userId !== undefined && wanted.userId === maker.userId
  if (!isOwn) permit(caller, 'token.manage')
  const key = house.keys.purpose('row-mac')
  return selectTokens(house.db.read(caller.scope), key, caller.scope, wanted)
}

/** What an agent with this token used of its budget, as it was last written down. */
export async function readTokenUse(
  house: House,
  caller: Caller,
  { id }: Pick<ApiToken, 'id'>,
): Promise<TokenUse | null> {
  permit(caller, 'workspace.read')
  return (await findTokenUse(house.db.read(caller.scope), id)) ?? null
}

/** A service token is nobody's own: admins look after it. */
export function isOwnToken(
  { userId, serviceRole }: Pick<ApiToken, 'userId' | 'serviceRole'>,
  maker: Pick<TokenMaker, 'userId'>,
): boolean {
  return serviceRole === null && userId === maker.userId
}

/** At once, everywhere. Throws `conflict` for one that has ended. Audited. */
export async function revokeToken(
  house: House,
  caller: Caller,
  maker: Pick<TokenMaker, 'userId'>,
  id: TokenId,
): Promise<void> {
  permit(caller, 'token.revoke')
  const key = house.keys.purpose('row-mac')
  await house.db.write(caller, async (tx) => {
    const token = await findTokenOf(tx, key, caller.scope, id)
    if (!token) throw forbidden()
    if (!isOwnToken(token, maker) && !can(caller, 'token.manage')) throw forbidden()
    if (tokenState(token, caller.now) !== 'live') {
      throw new AppError('conflict', 'This token has ended already.')
    }
    await revoke(tx, house, token, caller.now)
    const { kind, userId, name } = token
    await house.audit.record(tx, caller, {
      action: 'token.revoke',
      target: id,
      data: { kind, userId },
      personal: { ...caller.personal, label: name },
    })
  })
}

/** For whoever acts on somebody's behalf: their place in the caller's workspace, or `forbidden`. */
export async function getMaker(house: House, caller: Caller, userId: UserId): Promise<TokenMaker> {
  permit(caller, 'token.manage')
  const key = house.keys.purpose('row-mac')
  const reader = house.db.read(caller.scope)
  const user = await findUser(reader, key, userId)
  const member = await findMembership(reader, key, caller.scope, userId)
  if (user?.state !== 'active' || !member) throw forbidden()
  return { userId, role: member.role, flags: flagsOf(member) }
}
