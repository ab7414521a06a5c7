// Recovery codes: ten for the day the phone is gone, each good once. 50 random bits each, so a keyed
// digest is enough at rest: nobody without the pepper can try them.

import { hmacSha256 } from '#kernel/hash.ts'
import type { UserId } from '#kernel/id.ts'
import type { House } from '#platform/house.ts'

export const RECOVERY_CODES = 10
const CODE_LETTERS = 10

// Crockford's base32: no letter that looks like another one. 32 of them, so five bits of a byte each.
const LETTERS = '0123456789abcdefghjkmnpqrstvwxyz'

/** `abcde-fghjk` */
export function makeRecoveryCode(random: (bytes: number) => Buffer): string {
  const letters = Array.from(random(CODE_LETTERS), (byte) => LETTERS.charAt(byte & 31)).join('')
  return `${letters.slice(0, 5)}-${letters.slice(5)}`
}

/** Undefined for what cannot be one. However it was typed, it is the same code. */
export function digestRecoveryCode(
  { keys }: Pick<House, 'keys'>,
  userId: UserId,
  typed: string,
): string | undefined {
  const code = typed
    .toLowerCase()
    .replaceAll(/[\s-]/g, '')
    .replaceAll('o', '0')
    .replaceAll(/[il]/g, '1')
  if (!/^[0-9a-hjkmnp-tv-z]{10}$/.test(code)) return undefined
  return hmacSha256(keys.purpose('token-pepper'), 'recovery|', userId, '|', code).toString('hex')
}
