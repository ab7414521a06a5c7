// Passkeys of people: making one, proving who one is by it, taking it away. A passkey verifies the
// person itself (finger, face, PIN), so it is two factors at once and signs in without a password.

import { AppError, forbidden } from '#kernel/error.ts'
import { ID_PREFIXES, makeId, type PasskeyId, type UserId } from '#kernel/id.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import type { Challenges, ChallengeUse } from './challenge.ts'
import {
  countPasskeyUse,
  deletePasskey,
  findPasskey,
  insertPasskey,
  selectPasskeysOf,
  type PasskeyRow,
} from './passkey-store.ts'
import type { User } from './person.ts'
import { findActiveUser } from './prove.ts'
import { prepareAlone } from './credentials.ts'
import { findSecondFactors, readFactors } from './factors.ts'
import { factorAdded, factorRemoved, type Removal } from './second-factor.ts'
import type { SessionRow } from './session.ts'
import {
  challengeOf,
  creationOptions,
  notAccepted,
  parseAssertion,
  parseRegistration,
  verifyAssertion,
  verifyRegistration,
  type RelyingParty,
} from './webauthn.ts'

const PASSKEYS_MAX = 20

export function listPasskeys(
  house: House,
  caller: Caller,
  userId: UserId,
): Promise<readonly PasskeyRow[]> {
  return selectPasskeysOf(house.db.read(caller.scope), house.keys.purpose('row-mac'), userId)
}

/** What the browser needs to make one for the caller. */
export async function passkeyOptions(
  house: House,
  challenges: Challenges,
  caller: Caller,
  rp: RelyingParty,
  session: SessionRow,
): Promise<object> {
  const user = await findActiveUser(house, caller, caller.actor as UserId)
  if (!user) throw forbidden()
  const challenge = challenges.make(caller.now, registering(session))
  const names = { name: user.email ?? user.id, displayName: user.name }
  const known = await listPasskeys(house, caller, user.id)
  return creationOptions(rp, challenge, { handle: handleOf(user.id), ...names }, known)
}

/**
 * Keeps the caller's new passkey. Answers recovery codes, to show once, if there were none. Throws
 * `invalid` for what does not verify, `conflict` for one that is known or one too many.
 */
export async function addPasskey(
  house: House,
  challenges: Challenges,
  caller: Caller,
  given: {
    readonly rp: RelyingParty
    readonly session: SessionRow
    readonly credential: string
    readonly name: string
  },
): Promise<readonly string[]> {
  const registration = parseRegistration(given.credential)
  const use = registering(given.session)
  if (!challenges.take(caller.now, challengeOf(registration), use)) throw notAccepted()
  const made = await verifyRegistration(given.rp, registration)
  const userId = caller.actor as UserId
  const key = house.keys.purpose('row-mac')
  return house.db.write(caller, async (tx) => {
    await readFactors(tx, key, userId)
    const known = await selectPasskeysOf(tx, key, userId)
    if (known.length >= PASSKEYS_MAX) {
      throw new AppError('conflict', `You have ${PASSKEYS_MAX} passkeys. Remove one first.`)
    }
    if (await findPasskey(tx, key, made.credentialId)) {
      throw new AppError('conflict', 'This passkey is known here already.')
    }
    await insertPasskey(tx, key, {
      id: makeId(ID_PREFIXES.passkey, caller.now, house.random(10)),
      userId,
      credentialId: made.credentialId,
      publicKey: made.publicKey,
      counter: made.counter,
      transports: JSON.stringify(registration.response.transports ?? []),
      isBackedUp: made.isBackedUp ? 1 : 0,
      name: given.name,
      createdAt: caller.now,
      usedAt: null,
    })
    return factorAdded(tx, house, caller, { kind: 'passkey', keep: given.session })
  })
}

/** Throws `forbidden` for one of somebody else, or none; otherwise as removeTotp. */
export async function removePasskey(
  house: House,
  caller: Caller,
  id: PasskeyId,
  { keep, password }: Removal,
): Promise<void> {
  const userId = caller.actor as UserId
  const chosen = await prepareAlone(house, caller, password)
  await house.db.write(caller, async (tx) => {
    await readFactors(tx, house.keys.purpose('row-mac'), userId)
    if (!(await deletePasskey(tx, userId, id))) throw forbidden()
    await factorRemoved(tx, house, caller, { kind: 'passkey', keep, chosen })
  })
}

/**
 * Whose passkey answered; undefined for one that is unknown, of a suspended account, does not verify or
 * answers a challenge of another use. Which of these, nobody is told. Failures leave a trace.
 */
export async function provePasskey(
  house: House,
  challenges: Challenges,
  caller: Caller,
  given: {
    readonly rp: RelyingParty
    readonly credential: string
    readonly use: ChallengeUse
  },
): Promise<User | undefined> {
  let owner: UserId | undefined
  try {
    const assertion = parseAssertion(given.credential)
    if (!challenges.take(caller.now, challengeOf(assertion), given.use)) throw notAccepted()
    const key = house.keys.purpose('row-mac')
    const passkey = await findPasskey(house.db.read(caller.scope), key, assertion.id)
    if (!passkey) throw notAccepted()
    owner = passkey.userId
    const { userHandle } = assertion.response
    if (typeof userHandle === 'string' && userHandle !== handleOf(owner)) throw notAccepted()
    const user = await findActiveUser(house, caller, owner)
    if (!user) throw notAccepted()
    await findSecondFactors(house, caller, owner)
    const { counter, isBackedUp } = await verifyAssertion(given.rp, assertion, passkey)
    const used = { counter, isBackedUp: isBackedUp ? 1 : 0, usedAt: caller.now } as const
    const isCounted = await house.db.write(caller, (tx) => countPasskeyUse(tx, passkey, used))
    if (!isCounted) throw notAccepted()
    return user
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'invalid') throw error
    const { log } = house
    log.info({ requestId: caller.requestId, err: error.cause }, 'a passkey was not accepted')
    await house.audit.recordRefusal(
      { ...caller, actor: owner ?? caller.actor },
      { verb: 'session.start', target: owner ?? 'unknown', code: 'unauthenticated' },
    )
    return undefined
  }
}

/** What an authenticator keeps beside the key, to say whose it is. */
function handleOf(userId: UserId): string {
  return Buffer.from(userId).toString('base64url')
}

function registering({ id }: SessionRow): ChallengeUse {
  return { purpose: 'register', boundTo: id }
}
