// A passkey that answers to the hash of something: its challenge is that hash, so the answer proves who
// saw exactly this and said yes to it. What is kept of it is all that anybody needs to verify it offline.

import { ID_PREFIXES, isId, type UserId } from '#kernel/id.ts'
import { personBehind, type Caller } from '#platform/caller.ts'
import type { Tx } from '#platform/db/tx.ts'
import type { House } from '#platform/house.ts'
import { forbidden } from '#kernel/error.ts'
import { countPasskeyUse, findPasskey, selectPasskeysOf } from './passkey-store.ts'
import {
  challengeOf,
  notAccepted,
  parseAssertion,
  requestOptions,
  verifyAssertion,
  type RelyingParty,
} from './webauthn.ts'

/** An answer to a hash, with the key that gave it. */
export interface PasskeyProof {
  readonly origin: string
  readonly relyingParty: string
  readonly credentialId: string
  /** COSE key, base64. */
  readonly publicKey: string
  /** As the browser gave it. */
  readonly assertion: string
}

/** For `navigator.credentials.get`: any passkey of the caller may answer. `hash` is hex SHA-256. */
export async function assertionOptions(
  house: House,
  caller: Caller,
  rp: RelyingParty,
  hash: string,
): Promise<object> {
  const known = await selectPasskeysOf(
    house.db.read(caller.scope),
    house.keys.purpose('row-mac'),
    personOf(caller),
  )
  return requestOptions(rp, challengeFor(hash), known)
}

export interface ProvedAnswer {
  readonly proof: PasskeyProof
  /** In the write that it decides. Throws `invalid` for one that was used already. */
  readonly count: (tx: Tx) => Promise<void>
}

/** Throws `invalid` for what does not verify, answers to something else, or is another's. */
export async function proveAnswer(
  house: House,
  caller: Caller,
  given: { readonly rp: RelyingParty; readonly credential: string; readonly hash: string },
): Promise<ProvedAnswer> {
  const { rp, credential, hash } = given
  const assertion = parseAssertion(credential)
  if (challengeOf(assertion) !== challengeFor(hash)) throw notAccepted()
  const key = house.keys.purpose('row-mac')
  const passkey = await findPasskey(house.db.read(caller.scope), key, assertion.id)
  if (passkey?.userId !== personOf(caller)) throw notAccepted()
  const { counter, isBackedUp } = await verifyAssertion(rp, assertion, passkey)
  const used = { counter, isBackedUp: isBackedUp ? 1 : 0, usedAt: caller.now } as const
  return {
    proof: {
      origin: rp.origin,
      relyingParty: rp.id,
      credentialId: passkey.credentialId,
      publicKey: passkey.publicKey.toString('base64'),
      assertion: credential,
    },
    async count(tx) {
      if (!(await countPasskeyUse(tx, passkey, used))) throw notAccepted()
    },
  }
}

/** Whether the answer is of this key and to this hash. Needs nothing but what is kept beside it. */
export async function isAnswerTo(hash: string, proof: PasskeyProof): Promise<boolean> {
  try {
    const assertion = parseAssertion(proof.assertion)
    if (challengeOf(assertion) !== challengeFor(hash)) return false
    const rp = { id: proof.relyingParty, origin: proof.origin }
    const publicKey = Buffer.from(proof.publicKey, 'base64')
    await verifyAssertion(rp, assertion, {
      credentialId: proof.credentialId,
      publicKey,
      counter: 0, // it went on since: what is proved is the answer, not its order
    })
    return true
  } catch {
    return false
  }
}

function challengeFor(hash: string): string {
  return Buffer.from(hash, 'hex').toString('base64url')
}

function personOf(caller: Caller): UserId {
  const person = personBehind(caller)
  if (!isId(ID_PREFIXES.user, person)) throw forbidden()
  return person
}
