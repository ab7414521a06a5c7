// The session cookie's value: PASETO v4.local around a random 256-bit value. Defence in depth: the
// random value and its row carry the security; the envelope keeps somebody who reads or writes the
// database from making a cookie. Bound to this installation.

import type { KeyObject } from 'node:crypto'
import { decrypt, encrypt } from 'paseto-ts/v4'
import { z } from 'zod'

const Payload = z.strictObject({ id: z.string().regex(/^[A-Za-z0-9_-]{43}$/) })

/** A genuine one is about 200 characters: nothing longer is even tried. */
const ENVELOPE_CHARACTERS_MAX = 512

/** `value` is 32 random bytes in base64url. */
export function sealEnvelope(key: KeyObject, installId: string, value: string): string {
  const options = { addIat: false, addExp: false, assertion: assertionFor(installId) }
  return encrypt(localKey(key), { id: value }, options)
}

/** Undefined for whatever this installation did not make. */
export function openEnvelope(
  key: KeyObject,
  installId: string,
  envelope: string,
): string | undefined {
  if (envelope.length > ENVELOPE_CHARACTERS_MAX || !envelope.startsWith('v4.local.'))
    return undefined
  try {
    const options = { assertion: assertionFor(installId), maxDepth: 2, maxKeys: 2 }
    const { payload } = decrypt(localKey(key), envelope, options)
    return Payload.safeParse(payload).data?.id
  } catch {
    return undefined // the library throws for anything it cannot open
  }
}

const assertionFor = (installId: string) => `session|v1|${installId}`

function localKey(key: KeyObject): string {
  return `k4.local.${key.export().toString('base64url')}`
}
