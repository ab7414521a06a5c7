// Tokens of directories: made and ended by admins, found again at each request. One is in use; a second
// can be made before the first is taken away, so that nobody's leaving waits for the change.

import { permit } from '#domain/access/permission.ts'
import { systemCaller } from '#domain/access/system.ts'
import {
  hashToken,
  isTokenText,
  TOKEN_SALT_BYTES,
  TOKEN_SECRET_BYTES,
} from '#domain/access/token.ts'
import { findWorkspace } from '#domain/workspaces/actions.ts'
import { systemActor } from '#kernel/actor.ts'
import { AppError, forbidden } from '#kernel/error.ts'
import { ID_PREFIXES, makeId, type ProviderId, type ScimTokenId } from '#kernel/id.ts'
import { addMs, DAY, MINUTE, type Instant } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import { makeScope } from '#platform/db/scope.ts'
import type { House } from '#platform/house.ts'
import { nextTurn } from '#platform/turns.ts'
import type { Provider } from './provider.ts'
import {
  formatScimToken,
  parseScimToken,
  SCIM_TOKEN_DAYS,
  SCIM_TOKENS_MAX,
  type ScimToken,
  type StoredScimToken,
} from './scim-token.ts'
import {
  deleteScimToken,
  findScimToken,
  insertScimToken,
  selectScimTokens,
  setScimTokenUsed,
} from './scim-token-store.ts'
import { findProvider, getProviderRow } from './store.ts'

/** Oldest first. Throws `forbidden` for a provider that is not here. */
export async function listScimTokens(
  house: House,
  caller: Caller,
  providerId: ProviderId,
): Promise<readonly ScimToken[]> {
  permit(caller, 'provider.read')
  const key = house.keys.purpose('row-mac')
  const db = house.db.read(caller.scope)
  await getProviderRow(db, key, caller.scope, providerId)
  return (await selectScimTokens(db, key, providerId)).map(withoutHash)
}

/** Shown now and never again. Throws `conflict` while there are two. */
export async function addScimToken(
  house: House,
  caller: Caller,
  providerId: ProviderId,
  networks: readonly string[],
): Promise<{ readonly token: ScimToken; readonly text: string }> {
  permit(caller, 'provider.manage')
  const key = house.keys.purpose('row-mac')
  const id = makeId(ID_PREFIXES.scimToken, caller.now, house.random(10))
  const text = formatScimToken(id, house.random(TOKEN_SECRET_BYTES))
  const salt = house.random(TOKEN_SALT_BYTES)
  const hash = hashToken(house.keys.purpose('token-pepper'), salt, text)
  return house.db.write(caller, async (tx) => {
    const { provider } = await getProviderRow(tx, key, tx.scope, providerId)
    if ((await selectScimTokens(tx, key, providerId)).length >= SCIM_TOKENS_MAX) {
      throw new AppError('conflict', 'There are two tokens already. Take one away first.')
    }
    const token: ScimToken = {
      id,
      providerId,
      workspaceId: provider.workspaceId,
      networks,
      createdAt: caller.now,
      createdBy: caller.actor,
      expiresAt: addMs(caller.now, SCIM_TOKEN_DAYS * DAY),
      usedAt: null,
    }
    await insertScimToken(tx, key, { ...token, salt, hash })
    const data = { token: id, expiresAt: token.expiresAt, isLimited: networks.length > 0 }
    await house.audit.record(tx, caller, { action: 'scim.token.add', target: providerId, data })
    return { token, text }
  })
}

/** Ends it at once. Throws `forbidden` for one that is not here. */
export async function removeScimToken(
  house: House,
  caller: Caller,
  providerId: ProviderId,
  id: ScimTokenId,
): Promise<void> {
  permit(caller, 'provider.manage')
  const key = house.keys.purpose('row-mac')
  await house.db.write(caller, async (tx) => {
    await getProviderRow(tx, key, tx.scope, providerId)
    const token = await findScimToken(tx, key, id)
    if (token?.providerId !== providerId) throw forbidden()
    await deleteScimToken(tx, id)
    const data = { token: id }
    await house.audit.record(tx, caller, { action: 'scim.token.remove', target: providerId, data })
  })
}

export interface Directory {
  readonly provider: Provider
  readonly token: ScimToken
}

/** When the time of use is written again. */
const TOUCH_MS = MINUTE

/** A token of ours that opens nothing now. Whoever sends it is told nothing; admins are told why. */
export interface Shut {
  readonly providerId: ProviderId
  readonly why: string
}

/**
 * The provider whose token this is. What opens nothing is undefined, or shut: a token that ended or is
 * used from elsewhere, a provider that is switched off, a workspace that is suspended.
 */
export async function findDirectory(
  house: House,
  text: string,
  now: Instant,
  isWithin: (networks: readonly string[]) => boolean,
): Promise<Directory | Shut | undefined> {
  const id = parseScimToken(text)
  if (id === undefined) return undefined
  const key = house.keys.purpose('row-mac')
  const db = house.db.read(systemCaller(house, 'scim').scope)
  const stored = await findScimToken(db, key, id)
  if (!stored || !isTokenText(house.keys.purpose('token-pepper'), stored, text)) return undefined
  const shut = (why: string): Shut => ({ providerId: stored.providerId, why })
  if (now >= stored.expiresAt) return shut('The token has ended. Make the next one.')
  if (stored.networks.length > 0 && !isWithin(stored.networks)) {
    return shut('The token is used from outside of its networks.')
  }
  const provider = (await findProvider(db, key, stored.providerId))?.provider
  const workspace = provider && (await findWorkspace(db, provider.workspaceId))
  if (provider?.isEnabled !== true) return shut('Sign-in by this provider is switched off.')
  if (workspace?.suspendedAt !== null) return shut('The workspace is suspended.')
  const token = withoutHash(stored)
  if (token.usedAt === null || now - token.usedAt >= TOUCH_MS) {
    await touch(house, token, now)
    await nextTurn() // whoever asks reads next
  }
  return { provider, token }
}

/** Who acts when a directory does: the provider, by name in the log. */
export function directoryCaller(
  { provider }: Directory,
  given: Pick<Caller, 'now' | 'requestId' | 'personal'>,
): Caller {
  return {
    ...given,
    actor: systemActor('scim', provider.id),
    scope: makeScope(provider.workspaceId),
    verbs: new Set(['member.provide']),
  }
}

// A volume that is full must not keep a directory from reading.
async function touch(house: House, { id }: ScimToken, now: Instant): Promise<void> {
  await house.db
    .write(systemCaller(house, 'scim'), (tx) => setScimTokenUsed(tx, id, now))
    .catch((err: unknown) => house.log.warn({ err }, 'the use of a token could not be stored'))
}

function withoutHash({ salt: _salt, hash: _hash, ...token }: StoredScimToken): ScimToken {
  return token
}
