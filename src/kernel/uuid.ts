// A UUID that follows from a name: the same name is the same UUID, on every machine and in every year.

import { hash } from 'node:crypto'
import { assert } from './error.ts'

/** RFC 9562 section 5.5. `namespace` is a UUID, with or without hyphens. */
export function uuidV5(namespace: string, name: string): string {
  const space = Buffer.from(namespace.replaceAll('-', ''), 'hex')
  assert(space.length === 16, 'a namespace is a UUID')
  const bytes = hash('sha1', Buffer.concat([space, Buffer.from(name)]), 'buffer').subarray(0, 16)
  bytes[6] = 0x50 | (bytes[6]! & 0x0f)
  bytes[8] = 0x80 | (bytes[8]! & 0x3f)
  const hex = bytes.toString('hex')
  const parts = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20)]
  return `${parts.join('-')}-${hex.slice(20)}`
}
