// The full-text index of a block of events: one bit for each three characters that stand in a row in
// any value, folded as the matcher folds. A block that lacks a bit of a text cannot hold the text, in
// any value, at any place in it; one that has all bits is read. So an index word cannot be missed.

const BITS_LOG = 17
const BITS = 1 << BITS_LOG
const BITS_LOG_MIN = 11
/** Folded in half while fewer bits than this share are set. */
const FILL_MIN = 0.18

const LINE_END = 10
const QUOTE = 34
const BACKSLASH = 92
/** Numbers of more digits are not what JSON.parse makes of them. */
const DIGITS_MAX = 15

const LOWER = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= 65 && byte <= 90 ? byte + 32 : byte,
)
const ESCAPED = escapes()

function escapes(): Uint8Array {
  const table = new Uint8Array(256)
  for (const [letter, byte] of Object.entries({ n: 10, r: 13, t: 9, b: 8, f: 12 })) {
    table[letter.charCodeAt(0)] = byte
  }
  table[QUOTE] = QUOTE
  table[BACKSLASH] = BACKSLASH
  return table
}

export interface Grams {
  readonly bits: Buffer
  /**
   * Every line is ASCII in the one spelling of JSON, so a text in a value stands in the line as
   * JSON.stringify writes it.
   */
  readonly isPlain: boolean
}

/** `lines` are events as JSON, each ended by a line end and holding none. */
export function gramsOf(lines: Buffer): Grams {
  const bits = new Uint8Array(BITS >> 3)
  const odd = addLines(bits, lines, true)
  for (const [start, end] of odd) {
    // As the matcher sees it: escapes resolved, numbers as they print, folded by the rules of Unicode.
    const event: unknown = JSON.parse(lines.toString('utf8', start, end))
    addLines(bits, Buffer.from(`${JSON.stringify(event).toLowerCase()}\n`), false)
  }
  return { bits: folded(bits), isPlain: odd.length === 0 }
}

/** Returns the lines whose bytes are not what their values are. */
function addLines(bits: Uint8Array, lines: Buffer, isStrict: boolean): [number, number][] {
  const odd: [number, number][] = []
  let [a, b, start, digits] = [0, 0, 0, 0]
  let [isText, isOdd] = [false, false]
  for (let at = 0; at < lines.length; at++) {
    let byte = lines[at]!
    if (byte === LINE_END) {
      if (isOdd) odd.push([start, at])
      a = b = digits = 0
      isText = isOdd = false
      start = at + 1
      continue
    }
    if (byte >= 128) isOdd = isStrict
    else if (isText) {
      if (byte === BACKSLASH) {
        byte = ESCAPED[lines[++at]!]!
        if (byte === 0) isOdd = isStrict
      } else if (byte === QUOTE) isText = false
    } else if (byte === QUOTE) {
      isText = true
      digits = 0
    } else if (byte >= 48 && byte <= 57) {
      if (++digits > DIGITS_MAX) isOdd = isStrict
    } else {
      // A fraction or an exponent: `1.0` is 1.
      if (digits > 0 && (byte === 46 || byte === 101 || byte === 69)) isOdd = isStrict
      digits = 0
    }
    byte = LOWER[byte]!
    const bit = bitOf(a, b, byte)
    bits[bit >> 3]! |= 1 << (bit & 7)
    a = b
    b = byte
  }
  return odd
}

function bitOf(a: number, b: number, c: number): number {
  return Math.imul((a << 16) | (b << 8) | c, 0x9e_37_79_b1) >>> (32 - BITS_LOG)
}

/** Half as long keeps the lower bits of each place, so a place is found by its remainder. */
function folded(bits: Uint8Array): Buffer {
  let own = bits
  while (own.length > 1 << (BITS_LOG_MIN - 3) && fillOf(own) < FILL_MIN) {
    const half = own.length / 2
    const next = own.slice(0, half)
    for (let at = 0; at < half; at++) next[at]! |= own[half + at]!
    own = next
  }
  return Buffer.from(own)
}

const ONES = Uint8Array.from(
  { length: 256 },
  (_, byte) => byte.toString(2).replaceAll('0', '').length,
)

function fillOf(bits: Uint8Array): number {
  let count = 0
  for (const byte of bits) count += ONES[byte]!
  return count / (bits.length * 8)
}

/** The places a text needs; empty when nothing can be said about it. `text` is folded. */
export function placesOf(text: string): readonly number[] {
  const places = new Set<number>()
  for (let at = 0; at + 2 < text.length; at++) {
    const [a, b, c] = [text.charCodeAt(at), text.charCodeAt(at + 1), text.charCodeAt(at + 2)]
    if (isPrintable(a) && isPrintable(b) && isPrintable(c)) places.add(bitOf(a, b, c))
  }
  return [...places]
}

function isPrintable(code: number): boolean {
  return code >= 32 && code < 127
}

export function hasPlaces(bits: Uint8Array, places: readonly number[]): boolean {
  const mask = bits.length * 8 - 1
  return places.every((place) => {
    const at = place & mask
    return (bits[at >> 3]! & (1 << (at & 7))) !== 0
  })
}
