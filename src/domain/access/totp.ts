// Codes of an authenticator app (RFC 6238): six digits, 30 seconds, SHA-1, as every app knows them. One
// step of drift either way is allowed. Pure: time comes in as an argument.

import { Secret, TOTP } from 'otpauth'
import { encode } from 'uqr'
import type { Instant } from '#kernel/time.ts'

export const TOTP_SECRET_BYTES = 20
const STEP_SECONDS = 30
export const STEP_MS = STEP_SECONDS * 1_000
const DRIFT_STEPS = 1

export interface TotpSecret {
  /** Base32, in groups of four: what one types when no camera is there. */
  readonly text: string
  /** `otpauth://totp/…`: what the QR code says. */
  readonly uri: string
  /** The QR code of it: dark modules, row by row, with its quiet zone. */
  readonly modules: readonly (readonly boolean[])[]
}

/** `label` is the account's address; `host` tells two instances apart in one app. */
export function describeTotp(secret: Buffer, label: string, host: string): TotpSecret {
  const totp = makeTotp(secret)
  totp.issuer = `Rulewright ${host}`
  totp.label = label
  const uri = totp.toString()
  return {
    text: totp.secret.base32.replaceAll(/(.{4})(?=.)/g, '$1 '),
    uri,
    modules: encode(uri, { ecc: 'M', border: 4 }).data,
  }
}

/** The step a code belongs to, for remembering that it was used; undefined for a wrong one. */
export function stepOfCode(secret: Buffer, code: string, now: Instant): number | undefined {
  const digits = code.replaceAll(/\s/g, '')
  if (!/^\d{6}$/.test(digits)) return undefined
  const delta = makeTotp(secret).validate({ token: digits, timestamp: now, window: DRIFT_STEPS })
  return delta === null ? undefined : Math.floor(now / 1_000 / STEP_SECONDS) + delta
}

/** What an app shows at `now` that was given this secret as text. */
export function codeOfSecret(text: string, now: Instant): string {
  const { buffer } = Secret.fromBase32(text.replaceAll(' ', ''))
  return makeTotp(Buffer.from(buffer)).generate({ timestamp: now })
}

function makeTotp(secret: Buffer): TOTP {
  const bytes = new Uint8Array(secret)
  return new TOTP({
    secret: new Secret({ buffer: bytes.buffer }),
    algorithm: 'SHA1',
    digits: 6,
    period: STEP_SECONDS,
  })
}
