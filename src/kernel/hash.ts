// Digests and comparisons, by node:crypto. One spelling each, so that a reviewer can count them.

import { createHmac, hash, timingSafeEqual, type KeyObject } from 'node:crypto'
import { canonicalJson, type Json } from './json.ts'

export function sha256(bytes: Uint8Array | string): Buffer {
  return hash('sha256', bytes, 'buffer')
}

/** Lower-case hex, 64 characters. */
export function sha256Hex(bytes: Uint8Array | string): string {
  return hash('sha256', bytes, 'hex')
}

/** Hex digest of the canonical JSON of a value: the *content hash* of rules and changes. */
export function contentHash(value: Json): string {
  return sha256Hex(canonicalJson(value))
}

export function hmacSha256(key: KeyObject, ...parts: readonly (Uint8Array | string)[]): Buffer {
  const mac = createHmac('sha256', key)
  for (const part of parts) mac.update(part)
  return mac.digest()
}

/** Constant time for equal lengths; lengths are not secret. */
export function isSameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b)
}

/** CRC-32 (IEEE 802.3), 8 characters of hex: tells a mistyped token from an unknown one, no more. */
export function crc32Hex(text: string): string {
  let crc = 0xffffffff
  for (const byte of Buffer.from(text)) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0)
  }
  return ((crc ^ 0xffffffff) >>> 0).toString(16).padStart(8, '0')
}
