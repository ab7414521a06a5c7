// Deflate without a frame (RFC 1951), for short texts; what comes from outside opens to so much and no more.

import { deflateRawSync, inflateRawSync } from 'node:zlib'

export const deflateText = (text: string): Buffer => deflateRawSync(text)

/** Throws for bytes that are none of it, that open to more than `bytesMax`, or to no UTF-8. */
export function inflateText(bytes: Buffer, bytesMax: number): string {
  const opened = inflateRawSync(bytes, { maxOutputLength: bytesMax })
  return new TextDecoder('utf-8', { fatal: true }).decode(opened)
}
