// Bytes made smaller before they are sealed: ciphertext does not pack. Off the event loop's thread.

import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'

const deflate = promisify(gzip)

/** Fast rather than small: what is kept for days is read more than once. */
export function pack(bytes: Buffer): Promise<Buffer> {
  return deflate(bytes, { level: 1 })
}

/** For what `pack` made; what comes from elsewhere needs a cap. */
export const unpack: (packed: Buffer) => Promise<Buffer> = promisify(gunzip)
