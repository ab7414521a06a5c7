// Ed25519 keys as their 32 raw bytes: PKCS #8 and SPKI of RFC 8410 are a fixed prefix around them.

import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'

const PRIVATE_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex')
const PUBLIC_PREFIX = Buffer.from('302a300506032b6570032100', 'hex')
const KEY_BYTES = 32

export function signingKey(seed: Buffer): KeyObject {
  const der = Buffer.concat([PRIVATE_PREFIX, seed])
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
  der.fill(0)
  return key
}

export function verifyingKey(raw: Buffer): KeyObject {
  const key = Buffer.concat([PUBLIC_PREFIX, raw])
  return createPublicKey({ key, format: 'der', type: 'spki' })
}

/** Of a key, public or private. */
export function rawPublicKey(key: KeyObject): Buffer {
  const publicKey = key.type === 'private' ? createPublicKey(key) : key
  return publicKey.export({ format: 'der', type: 'spki' }).subarray(-KEY_BYTES)
}
