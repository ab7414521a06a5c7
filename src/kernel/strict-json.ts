// JSON from strangers (RFC 8259), read in one way only. JSON.parse takes the last of two members with
// one name, lets a number become Infinity and a string hold half a character: whoever reads the same
// bytes with another parser sees something else. All of that is refused here, with a place. Linear in
// the length of the text.

import { JSON_DEPTH_MAX } from './json.ts'

export type StrictJson =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly why: string; readonly offset: number }

/** More members and items than this in one text is no request of ours. */
const VALUES_MAX = 100_000

export function parseStrictJson(text: string): StrictJson {
  const tooDeep = depthFault(text)
  if (tooDeep !== undefined) return refuse('it is nested too deeply', tooDeep)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    return refuse(grammarFault(error), text.length)
  }
  return new Scan(text).fault() ?? { ok: true, value }
}

// Before the parser sees it: half a million brackets are not worth a tree. Strings are skipped.
function depthFault(text: string): number | undefined {
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) at = endOfString(text, at)
    else if (code === OPEN_BRACE || code === OPEN_BRACKET) {
      depth += 1
      if (depth > JSON_DEPTH_MAX) return at
    } else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) depth -= 1
  }
  return undefined
}

/** Offset of the closing quote, or the end of a text without one. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === BACKSLASH) at += 1
    else if (code === QUOTE) return at
  }
  return text.length
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d
const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d
const COMMA = 0x2c
const COLON = 0x3a

/** A walk over a text that the grammar has accepted: what is left to find is in its tokens. */
class Scan {
  readonly #text: string
  /** The names of each open object so far; null for an array. */
  readonly #open: (Set<string> | null)[] = []
  #values = 0
  /** The next string is a member's name. */
  #isName = false

  constructor(text: string) {
    this.#text = text
  }

  fault(): StrictJson | undefined {
    const text = this.#text
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at)
      if (code === QUOTE) {
        const end = endOfString(text, at)
        const why = this.#string(text.slice(at, end + 1))
        if (why !== undefined) return refuse(why, at)
        at = end
      } else if (code === 0x2d || (code >= 0x30 && code <= 0x39)) {
        const end = endOfNumber(text, at)
        if (!Number.isFinite(Number(text.slice(at, end)))) return refuse(TOO_LARGE, at)
        at = end - 1
      } else this.#sign(code)
      if (this.#values > VALUES_MAX) return refuse(`it holds more than ${VALUES_MAX} values`, at)
    }
    return undefined
  }

  #sign(code: number): void {
    if (code === OPEN_BRACE) this.#open.push(new Set())
    else if (code === OPEN_BRACKET) this.#open.push(null)
    else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) this.#open.pop()
    else if (code !== COMMA && code !== COLON) return
    if (code === COMMA || code === OPEN_BRACE || code === OPEN_BRACKET) {
      this.#isName = this.#open.at(-1) instanceof Set
      this.#values += 1
    } else if (code === COLON) this.#isName = false
  }

  #string(quoted: string): string | undefined {
    const value = quoted.includes('\\') ? (JSON.parse(quoted) as string) : quoted.slice(1, -1)
    if (!value.isWellFormed()) return 'a string holds half a character'
    if (!this.#isName) return undefined
    if (value === '__proto__') return 'no member may be named __proto__'
    const names = this.#open.at(-1)!
    if (names.has(value)) return `the member ${shorten(value)} stands there twice`
    names.add(value)
    return undefined
  }
}

const TOO_LARGE = 'a number is larger than any that can be kept'

function endOfNumber(text: string, start: number): number {
  let at = start + 1
  while (at < text.length && /[\d.eE+-]/.test(text[at]!)) at++
  return at
}

const shorten = (name: string): string => JSON.stringify(name.slice(0, 60))

// V8 quotes what it met, which is the sender's own text: its first line says enough.
function grammarFault(error: unknown): string {
  const message = error instanceof SyntaxError ? error.message : 'it cannot be read'
  return message.split('\n')[0]!.slice(0, 200).toWellFormed()
}

function refuse(why: string, offset: number): StrictJson {
  return { ok: false, why, offset }
}
