// Byte-level modifiers: what a text looks like as UTF-16, as Base64, or inside a longer Base64 text.
// Bytes travel as a string with one character a byte, so that they can be searched for as text.

export type Bytes = Buffer

export function utf8(text: string): Bytes {
  return Buffer.from(text, 'utf8')
}

export function utf16le(text: string): Bytes {
  return Buffer.from(text, 'utf16le')
}

export function utf16be(text: string): Bytes {
  return Buffer.from(text, 'utf16le').swap16()
}

/** With a byte order mark, little-endian: `FF FE 63 00` for "c". */
export function utf16(text: string): Bytes {
  return Buffer.concat([Buffer.from([0xff, 0xfe]), utf16le(text)])
}

export function asText(bytes: Bytes): string {
  return bytes.toString('latin1')
}

/**
 * What Base64 shows of `bytes` at each of the three positions they can have in a longer text: only
 * the characters that depend on no neighbour.
 */
export function base64Offsets(bytes: Bytes): readonly string[] {
  return [0, 1, 2].map((offset) => {
    const padded = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64')
    const from = Math.ceil((offset * 8) / 6)
    const to = Math.floor(((offset + bytes.length) * 8) / 6)
    return padded.slice(from, to)
  })
}
