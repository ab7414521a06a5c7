// Sealed values: how a secret stands in a column, and how one key stands wrapped by another. Pure:
// keys and randomness come in as arguments. Both formats are AES-256-GCM and bound by their
// additional data to the place they were made for, so that a ciphertext moved to another row,
// column, workspace or key version does not open. Vectors in test/kernel/seal.test.ts never change.
//
//   sealed  = 0x01 | key version u32 | iterations u32 | salt 16 | nonce 12 | ciphertext | tag 16
//   dk      = PBKDF2-HMAC-SHA256(workspace key, salt, iterations, 32)
//   its AAD = "v1|workspaceId|table|rowId|column|keyVersion"
//   wrapped = 0x01 | nonce 12 | ciphertext | tag 16, its AAD "v1|" and the labels joined by "|"

import { createCipheriv, createDecipheriv, pbkdf2Sync, type KeyObject } from 'node:crypto'
import { assert } from './error.ts'

/** Where a sealed value lives: it opens nowhere else. */
export interface Place {
  readonly table: string
  readonly row: string
  readonly column: string
}

export interface SealKey {
  readonly version: number
  readonly key: KeyObject
}

/**
 * Stretching a 256-bit random key adds no strength; it gives every value a key of its own, which
 * lifts GCM's limit on messages per key. The count is in the header so that it can move.
 */
export const SEAL_ITERATIONS = 1_000
/** A forged header may not make us work for minutes. */
export const SEAL_ITERATIONS_MAX = 1_000_000
/** Random bytes one sealed value needs: salt and nonce. */
export const SEAL_RANDOM_BYTES = 28
/** Random bytes one wrapped key needs. */
export const WRAP_RANDOM_BYTES = 12

const CIPHER = 'aes-256-gcm'
const FORMAT = 1
const SALT_BYTES = 16
const NONCE_BYTES = 12
const TAG_BYTES = 16
const SALT_AT = 1 + 4 + 4
const HEADER_BYTES = SALT_AT + SALT_BYTES + NONCE_BYTES

/** `random` is SEAL_RANDOM_BYTES fresh bytes. */
export function sealValue(
  key: SealKey,
  workspaceId: string,
  place: Place,
  plaintext: Uint8Array,
  random: Buffer,
): Buffer {
  assert(random.length === SEAL_RANDOM_BYTES, 'a sealed value needs 28 random bytes')
  const salt = random.subarray(0, SALT_BYTES)
  const header = Buffer.alloc(HEADER_BYTES)
  header.writeUInt8(FORMAT, 0)
  header.writeUInt32BE(key.version, 1)
  header.writeUInt32BE(SEAL_ITERATIONS, 5)
  random.copy(header, SALT_AT)
  const aad = label([workspaceId, place.table, place.row, place.column, String(key.version)])
  return withDerived(key.key, salt, SEAL_ITERATIONS, (derived) =>
    Buffer.concat([header, encrypt(derived, random.subarray(SALT_BYTES), aad, plaintext)]),
  )
}

/** The version of the key that opens `sealed`, or undefined when the header is none of ours. */
export function sealedKeyVersion(sealed: Buffer): number | undefined {
  if (sealed.length < HEADER_BYTES + TAG_BYTES || sealed[0] !== FORMAT) return undefined
  const iterations = sealed.readUInt32BE(5)
  if (iterations < 1 || iterations > SEAL_ITERATIONS_MAX) return undefined
  return sealed.readUInt32BE(1)
}

/** The plaintext, or undefined when the value was changed, moved, or sealed under another key. */
export function openSealed(
  key: SealKey,
  workspaceId: string,
  place: Place,
  sealed: Buffer,
): Buffer | undefined {
  if (sealedKeyVersion(sealed) !== key.version) return undefined
  const salt = sealed.subarray(SALT_AT, SALT_AT + SALT_BYTES)
  const nonce = sealed.subarray(SALT_AT + SALT_BYTES, HEADER_BYTES)
  const aad = label([workspaceId, place.table, place.row, place.column, String(key.version)])
  return withDerived(key.key, salt, sealed.readUInt32BE(5), (derived) =>
    decrypt(derived, nonce, aad, sealed.subarray(HEADER_BYTES)),
  )
}

/** Wraps key bytes under a key that wraps nothing else than keys. `random` is 12 fresh bytes. */
export function wrapKey(
  wrapping: KeyObject,
  labels: readonly string[],
  keyBytes: Uint8Array,
  random: Buffer,
): Buffer {
  assert(random.length === WRAP_RANDOM_BYTES, 'a wrapped key needs 12 random bytes')
  const body = encrypt(wrapping, random, label(labels), keyBytes)
  return Buffer.concat([Buffer.of(FORMAT), random, body])
}

/** The key bytes, to be cleared after use; undefined for another key, other labels, a changed byte. */
export function unwrapKey(
  wrapping: KeyObject,
  labels: readonly string[],
  wrapped: Buffer,
): Buffer | undefined {
  if (wrapped.length < 1 + NONCE_BYTES + TAG_BYTES || wrapped[0] !== FORMAT) return undefined
  const nonce = wrapped.subarray(1, 1 + NONCE_BYTES)
  return decrypt(wrapping, nonce, label(labels), wrapped.subarray(1 + NONCE_BYTES))
}

// One text for one list of parts: none may hold the separator.
function label(parts: readonly string[]): Buffer {
  for (const part of parts) assert(/^[^|\p{Cc}]+$/u.test(part), 'a label part is empty or holds |')
  return Buffer.from(['v1', ...parts].join('|'))
}

function withDerived<T>(
  key: KeyObject,
  salt: Uint8Array,
  iterations: number,
  use: (derived: Buffer) => T,
): T {
  const bytes = key.export()
  const derived = pbkdf2Sync(bytes, salt, iterations, 32, 'sha256')
  try {
    return use(derived)
  } finally {
    bytes.fill(0)
    derived.fill(0)
  }
}

function encrypt(
  key: KeyObject | Buffer,
  nonce: Uint8Array,
  aad: Uint8Array,
  plaintext: Uint8Array,
): Buffer {
  const cipher = createCipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES }).setAAD(aad)
  return Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()])
}

function decrypt(
  key: KeyObject | Buffer,
  nonce: Uint8Array,
  aad: Uint8Array,
  body: Buffer,
): Buffer | undefined {
  const tagAt = body.length - TAG_BYTES
  const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES })
  decipher.setAAD(aad).setAuthTag(body.subarray(tagAt))
  const plaintext = decipher.update(body.subarray(0, tagAt))
  try {
    return Buffer.concat([plaintext, decipher.final()])
  } catch {
    plaintext.fill(0) // unauthenticated bytes go nowhere
    return undefined
  }
}
