// How large files are packed into the executable. Deflate: other methods pack to a tenth less, and keep
// megabytes of memory for unpacking.

import { deflateSync } from 'node:zlib'

export function packed(bytes: Buffer): Buffer {
  return deflateSync(bytes, { level: 9 })
}
