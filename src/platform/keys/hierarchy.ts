// What follows from the master secret: HKDF-SHA256(master, salt = install id, info = purpose). Two
// purposes never share a key, two installs with one secret never share any. Pure.

import { createSecretKey, hkdfSync, type KeyObject } from 'node:crypto'
import { hmacSha256 } from '#kernel/hash.ts'
import { canonicalJson, type Json } from '#kernel/json.ts'

/** The purpose string is in the derivation: renaming one is losing what it protects. */
export const PURPOSES = [
  'credentials', // wraps workspace keys, nothing else
  'config', // wraps the instance's own keys: that of wsp_instance, token pepper, past chain keys
  'audit-sign-wrap', // wraps the Ed25519 key that signs checkpoints
  'audit-mac', // the keyed chain of the audit log
  'token-pepper', // HMAC of API and MCP tokens
  'row-mac', // HMAC of rows that decide access
  'session', // envelope of the session cookie
  'cursor', // authenticates page cursors
  'backup', // backup files
  'canary', // proves at start that this is the right secret
] as const
export type Purpose = (typeof PURPOSES)[number]

export const INSTALL_ID_BYTES = 16

/** All keys that one master secret gives to one install. Holds no copy of the secret. */
export interface DerivedKeys {
  /** Hex, 16 characters: names the secret without telling anything about it. */
  readonly mkId: string
  readonly keys: Readonly<Record<Purpose, KeyObject>>
}

/** `installId` is 32 characters of hex. The caller clears `master` when done. */
export function deriveKeys(master: Buffer, installId: string): DerivedKeys {
  const salt = Buffer.from(installId, 'hex')
  const derive = (purpose: string, bytes: number) =>
    Buffer.from(hkdfSync('sha256', master, salt, `rulewright/v1/${purpose}`, bytes))
  const pairs = PURPOSES.map((purpose) => {
    const bytes = derive(purpose, 32)
    const key = createSecretKey(bytes)
    bytes.fill(0)
    return [purpose, key] as const
  })
  return {
    mkId: derive('key-id', 8).toString('hex'),
    keys: Object.fromEntries(pairs) as Record<Purpose, KeyObject>,
  }
}

/**
 * Digest of a row that decides access, kept in a column beside it: an edit to the file without the
 * key is seen when the row is read. `row` holds every column that counts, keys included.
 */
export function rowMac(
  key: KeyObject,
  table: string,
  row: { readonly [column: string]: Json },
): Buffer {
  return hmacSha256(key, 'row|v1|', table, '\0', canonicalJson(row))
}
