// The public keys of the log as a file that anyone can keep: one line for each key, a verifier key of
// the signed-note format (c2sp.org/signed-note) and, behind a space, the first entry it speaks for.

import { AppError } from '#kernel/error.ts'
import { keyId } from './checkpoint.ts'
import type { AuditPublicKeys, KeyFrom } from './keys.ts'
import { verifyingKey, rawPublicKey } from './ed25519.ts'

const ED25519 = 0x01

/** One line for each key, oldest first. */
export function checkpointKeys({ origin, verifyKeys }: AuditPublicKeys): string[] {
  return verifyKeys.map(({ fromSeq, key }) => {
    const bytes = Buffer.concat([Buffer.of(ED25519), rawPublicKey(key)])
    const id = keyId(origin, key).toString('hex')
    return `${origin}+${id}+${bytes.toString('base64')} ${fromSeq}`
  })
}

/** Throws `invalid` for a file that holds something else. */
export function readCheckpointKeys(text: string): AuditPublicKeys {
  const lines = text.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#'))
  const parsed = lines.map(parseLine)
  const [first] = parsed
  if (!first || parsed.some(({ origin }) => origin !== first.origin)) throw noKeys()
  const verifyKeys = parsed.map(({ from }) => from).toSorted((a, b) => a.fromSeq - b.fromSeq)
  return { origin: first.origin, verifyKeys }
}

function parseLine(line: string): { origin: string; from: KeyFrom } {
  const match = /^([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)(?: (\d{1,15}))?$/.exec(line.trim())
  const bytes = Buffer.from(match?.[3] ?? '', 'base64')
  if (!match || bytes.length !== 33 || bytes[0] !== ED25519) throw noKeys()
  const [, origin = '', id = '', , fromSeq = '1'] = match
  const key = verifyingKey(bytes.subarray(1))
  if (keyId(origin, key).toString('hex') !== id) throw noKeys()
  return { origin, from: { fromSeq: Math.max(1, Number(fromSeq)), key } }
}

function noKeys(): AppError {
  return new AppError('invalid', 'This file holds no public keys of an audit log.')
}
