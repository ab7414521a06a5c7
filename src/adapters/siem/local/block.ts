// A block: some hundred events of one log source from one import, packed. Their times stand beside
// them, so that what is outside a range of time is never parsed.

import { zstdCompressSync, zstdDecompressSync, constants } from 'node:zlib'

/** More would make the index of a block say yes too often; fewer cost a row each. */
export const BLOCK_EVENTS_MAX = 512
export const BLOCK_BYTES_MAX = 1024 * 1024

const LEVEL = { params: { [constants.ZSTD_c_compressionLevel]: 3 } }
/** Larger than any block with one event of the longest line. */
const UNPACKED_BYTES_MAX = 80 * 1024 * 1024

export function packLines(lines: Buffer): Buffer {
  return zstdCompressSync(lines, LEVEL)
}

export function unpackLines(packed: Buffer): Buffer {
  return zstdDecompressSync(packed, { maxOutputLength: UNPACKED_BYTES_MAX })
}

/** NaN for an event without a time never happens: it has the time of its import. */
export function packTimes(times: readonly number[]): Buffer {
  return Buffer.from(Float64Array.from(times).buffer)
}

export function unpackTimes(packed: Buffer): Float64Array {
  return new Float64Array(Uint8Array.from(packed).buffer)
}
