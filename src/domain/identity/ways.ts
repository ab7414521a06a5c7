// A way in, from the page where it begins to the answer of the provider: single use, ten minutes, for the
// browser that began it, and for what it was begun.

import { AppError, forbidden } from '#kernel/error.ts'
import { sha256Hex } from '#kernel/hash.ts'
import type { ProviderId, SessionId } from '#kernel/id.ts'
import { addMs, MINUTE } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import { makeScope } from '#platform/db/scope.ts'
import type { House } from '#platform/house.ts'
import { nextTurn } from '#platform/turns.ts'
import {
  deleteWayIn,
  findWayIn,
  insertWayIn,
  setWayAnswer,
  useOnce,
  type WayIn,
} from './identity-store.ts'
import { recordRefused } from './inside.ts'
import { openOwnKeys } from './own-keys.ts'
import { IDENTITY, type Answer, type Asserted } from './port.ts'
import type { Provider, ProviderWhole } from './provider.ts'
import { forgetFormer, hasFormer, openSecrets, unsealTexts, withoutFormer } from './secrets.ts'
import { findProvider } from './store.ts'

const WAY_MS = 10 * MINUTE

export interface NewWay {
  readonly purpose: WayIn['purpose']
  /** The value of the browser's cookie. */
  readonly browser: string
  /** Of whoever proves, connects or tests. */
  readonly sessionId: SessionId | null
  readonly next: string | null
  readonly hint: string | null
  readonly redirectUri: string
}

/** Where the browser goes. Throws `forbidden` for no provider, and what the port throws. */
export async function beginWay(
  house: House,
  visitor: Caller,
  id: ProviderId,
  { purpose, browser, sessionId, next, hint, redirectUri }: NewWay,
): Promise<string> {
  const provider = await openProvider(house, visitor, id)
  if (!provider.isEnabled && purpose !== 'test') throw forbidden()
  const port = await house.ports.get(IDENTITY)(provider.kind)
  const state = house.random(32).toString('base64url')
  const forceProof = purpose === 'prove' || purpose === 'connect'
  const { url, kept } = await port.begin(provider, { state, redirectUri, forceProof, hint })
  const key = sha256Hex(state)
  const place = { table: 'identityAttempt', row: key, column: 'sealed' }
  const scope = makeScope(provider.workspaceId)
  const sealed = await house.keys.seal(scope, place, Buffer.from(JSON.stringify(kept)))
  const { now: createdAt } = visitor
  const expiresAt = addMs(createdAt, WAY_MS)
  const browserKey = sha256Hex(browser)
  const way = { key, providerId: id, purpose, browserKey, sessionId, next, sealed, answer: null }
  await house.db.write(visitor, (tx) =>
    insertWayIn(tx, { ...way, createdAt, expiresAt }, createdAt),
  )
  return url
}

/**
 * Keeps an answer that a provider sends by a form of its own, which brings no cookie along: the browser
 * that began this way comes for it. Of several answers the first is kept. Does nothing for what is no way
 * of this provider, and tells nobody.
 */
export async function keepAnswer(
  house: House,
  visitor: Caller,
  id: ProviderId,
  state: string,
  form: Answer['form'],
): Promise<void> {
  const key = sha256Hex(state)
  const way = await findWayIn(house.db.read(visitor.scope), key)
  if (way?.providerId !== id || way.expiresAt <= visitor.now) return
  const provider = await openProvider(house, visitor, id)
  const place = { table: 'identityAttempt', row: key, column: 'answer' }
  const scope = makeScope(provider.workspaceId)
  const sealed = await house.keys.seal(scope, place, Buffer.from(JSON.stringify(form)))
  await house.db.write(visitor, (tx) => setWayAnswer(tx, key, sealed))
}

export interface Returned {
  readonly provider: Provider
  readonly purpose: WayIn['purpose']
  readonly sessionId: SessionId | null
  readonly next: string | null
}

export interface Come extends Returned {
  readonly asserted: Asserted
}

/**
 * What the provider answered, to a way that this browser began. Throws `forbidden` for any other, and for
 * one that was answered; `unauthenticated` for an answer that does not hold, with the way among its
 * details so that a door knows where to say so.
 */
export async function endWay(
  house: House,
  visitor: Caller,
  id: ProviderId,
  given: { readonly state: string; readonly browser: string | undefined; readonly answer: Answer },
): Promise<Come> {
  const key = sha256Hex(given.state)
  const way = await takeWay(house, visitor, key)
  const isOurs =
    way?.providerId === id &&
    way.expiresAt > visitor.now &&
    given.browser !== undefined &&
    way.browserKey === sha256Hex(given.browser)
  if (!isOurs) throw beganElsewhere()
  await nextTurn()
  const provider = await openProvider(house, visitor, id)
  const place = { table: 'identityAttempt', row: key, column: 'sealed' }
  const kept = await unsealTexts(house, provider, place, way.sealed)
  const { secrets: _secrets, ownKeys: _ownKeys, ...shown } = provider
  const { purpose, sessionId, next } = way
  const returned: Returned = { provider: shown, purpose, sessionId, next }
  if (!provider.isEnabled && purpose !== 'test') throw forbidden()
  const port = await house.ports.get(IDENTITY)(provider.kind)
  try {
    const form = await formOf(house, provider, way, given.answer)
    const answer = { ...given.answer, form }
    // A test is of the secret that was typed last.
    const asked = purpose === 'test' ? withLast(provider) : provider
    const asserted = await port.finish(asked, kept, answer, visitor.now)
    await requireFirst(house, visitor, id, asserted)
    if (purpose !== 'test') await settleSecret(house, visitor, provider, asserted)
    return { ...returned, asserted }
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    const details = { ...error.details, returned }
    throw new AppError(error.code, error.message, { cause: error, details })
  }
}

const withLast = (provider: ProviderWhole): ProviderWhole => ({
  ...provider,
  secrets: withoutFormer(provider.secrets),
})

/** While there are two client secrets: which of them the provider took. */
async function settleSecret(
  house: House,
  visitor: Caller,
  provider: ProviderWhole,
  { secret }: Asserted,
): Promise<void> {
  if (!hasFormer(provider.secrets)) return
  await nextTurn()
  if (secret === 'last') await forgetFormer(house, visitor, provider)
  if (secret === 'former') {
    await recordRefused(house, visitor, provider, 'the new client secret was refused')
  }
  await nextTurn()
}

/** What was kept for this way, else what came now. */
async function formOf(
  house: House,
  provider: Provider,
  { key, answer }: WayIn,
  { form }: Answer,
): Promise<Answer['form']> {
  if (answer === null) return form
  const place = { table: 'identityAttempt', row: key, column: 'answer' }
  return unsealTexts(house, provider, place, answer)
}

/** Remembered at least this long, whatever it says of itself. */
const REMEMBERED_MS = 5 * MINUTE

/** Throws `unauthenticated` for a message that somebody came in by before. */
async function requireFirst(
  house: House,
  visitor: Caller,
  providerId: ProviderId,
  { once }: Asserted,
): Promise<void> {
  if (once === undefined) return
  const soonest = addMs(visitor.now, REMEMBERED_MS)
  const expiresAt = once.endsAt > soonest ? once.endsAt : soonest
  const message = { providerId, key: sha256Hex(once.id), expiresAt }
  const isFirst = await house.db.write(visitor, (tx) => useOnce(tx, message, visitor.now))
  await nextTurn()
  if (isFirst) return
  throw new AppError('unauthenticated', 'This sign-in was used already. Begin again.', {
    details: { why: 'the assertion was used before' },
  })
}

/** What a failed answer was an answer to. */
export function returnedOf(error: AppError): Returned | undefined {
  return error.details['returned'] as Returned | undefined
}

function beganElsewhere(): AppError {
  return new AppError(
    'forbidden',
    'This sign-in was not begun here by this browser, was used already, or took longer than ten minutes. Begin it on the sign-in page.',
    { details: { why: 'no such way in for this browser' } },
  )
}

async function takeWay(house: House, visitor: Caller, key: string): Promise<WayIn | undefined> {
  return house.db.write(visitor, async (tx) => {
    const way = await findWayIn(tx, key)
    if (way) await deleteWayIn(tx, key)
    return way
  })
}

/** With its secrets. Throws `forbidden` for none. */
export async function openProvider(
  house: House,
  visitor: Caller,
  id: ProviderId,
): Promise<ProviderWhole> {
  const key = house.keys.purpose('row-mac')
  const found = await findProvider(house.db.read(visitor.scope), key, id)
  if (!found) throw forbidden()
  const secrets = await openSecrets(house, found)
  const { provider } = found
  if (provider.kind === 'oidc') return { ...provider, secrets }
  return { ...provider, secrets, ownKeys: await openOwnKeys(house, visitor, id) }
}
