// Reads a TOML document together with the place of every key and value. The parser checks the
// document; the walk below then only needs to find where things stand in a text known to be valid.

import { parse, TomlError } from 'smol-toml'
import { LineMap, type Checked, type Problem, type Span } from '#kernel/problem.ts'

export interface Place {
  readonly key: Span
  readonly value: Span
}

export interface TomlDocument {
  readonly root: Readonly<Record<string, unknown>>
  /** Where the value at this path of keys stands; for a table, its header or first dotted key. */
  placeOf(path: readonly string[]): Place | undefined
}

/** No settings file of a person comes near; the cap keeps a wrong path from being read whole. */
export const TOML_BYTES_MAX = 256 * 1024
const DEPTH_MAX = 32
/** Settings are two keys deep; noting more would make a long dotted key cost its square. */
const NOTED_DEPTH_MAX = 3

export function readToml(bytes: Uint8Array): Checked<TomlDocument> {
  if (bytes.length > TOML_BYTES_MAX) {
    return refuse('config/too-large', `is larger than ${TOML_BYTES_MAX / 1024} kB`, 1, 1)
  }
  const badLine = firstLineNotUtf8(bytes)
  if (badLine !== undefined) {
    return refuse('config/not-utf8', 'holds bytes that are not UTF-8', badLine, 1)
  }
  const source = new TextDecoder().decode(bytes)
  try {
    const root = parse(source, { maxDepth: DEPTH_MAX })
    const places = new Walk(source).run()
    return { value: { root, placeOf: (path) => places.get(pathKey(path)) }, problems: [] }
  } catch (error) {
    if (!(error instanceof TomlError)) throw error
    // The parser's message carries a picture of the code after its first line.
    const [first = ''] = error.message.split('\n')
    const what = first.replace(/^Invalid TOML document: /, '')
    return refuse('config/not-toml', `is not TOML: ${what}`, error.line, error.column)
  }
}

function refuse(code: string, message: string, line: number, column: number): Checked<never> {
  const problem: Problem = { code, severity: 'error', message, line, column }
  return { problems: [problem] }
}

function firstLineNotUtf8(bytes: Uint8Array): number | undefined {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let line = 1
  for (let start = 0; start < bytes.length; line++) {
    const end = bytes.indexOf(0x0a, start)
    const stop = end < 0 ? bytes.length : end
    try {
      decoder.decode(bytes.subarray(start, stop))
    } catch {
      return line
    }
    start = stop + 1
  }
  return undefined
}

function pathKey(path: readonly string[]): string {
  return JSON.stringify(path)
}

/** Walks a valid document once, noting where keys and values stand. */
class Walk {
  readonly #source: string
  readonly #lines: LineMap
  readonly #places = new Map<string, Place>()
  #at = 0

  constructor(source: string) {
    this.#source = source
    this.#lines = new LineMap(source)
    if (source.startsWith('\ufeff')) this.#at = 1
  }

  run(): ReadonlyMap<string, Place> {
    let table: readonly string[] = []
    for (this.#skipBlank(); this.#at < this.#source.length; this.#skipBlank()) {
      if (this.#source[this.#at] === '[') table = this.#header()
      else this.#pair(table)
    }
    return this.#places
  }

  #header(): readonly string[] {
    const start = this.#at
    while (this.#source[this.#at] === '[') this.#at++
    const path = this.#keyPath()
    while (this.#source[this.#at] === ']') this.#at++
    this.#noteTables(path, 1, this.#lines.span(start, this.#at))
    return path
  }

  #pair(table: readonly string[]): void {
    const start = this.#at
    const keys = this.#keyPath()
    const key = this.#lines.span(start, this.#at)
    this.#at = this.#source.indexOf('=', this.#at) + 1
    this.#skipBlank()
    const valueStart = this.#at
    const path = [...table, ...keys]
    this.#value(path)
    const value = this.#lines.span(valueStart, this.#at)
    this.#note(path, key, value)
    this.#noteTables(path, table.length + 1, key)
  }

  #value(path: readonly string[]): void {
    const first = this.#source[this.#at]
    if (first === '"' || first === "'") return this.#string(first)
    if (first === '[') return this.#items(() => this.#value([...path, '']), ']')
    if (first === '{') return this.#items(() => this.#pair(path), '}')
    while (this.#at < this.#source.length && !/[,\]}#\r\n]/.test(this.#source[this.#at]!))
      this.#at++
    while (this.#source[this.#at - 1] === ' ' || this.#source[this.#at - 1] === '\t') this.#at--
  }

  #items(item: () => void, close: string): void {
    this.#at++
    for (this.#skipBlank(); this.#source[this.#at] !== close; this.#skipBlank()) {
      if (this.#source[this.#at] === ',') this.#at++
      else item()
    }
    this.#at++
  }

  #string(quote: string): void {
    const isLong = this.#source.startsWith(quote.repeat(3), this.#at)
    const close = isLong ? quote.repeat(3) : quote
    this.#at += close.length
    while (!this.#source.startsWith(close, this.#at)) {
      this.#at += quote === '"' && this.#source[this.#at] === '\\' ? 2 : 1
    }
    this.#at += close.length
    // Up to two quotes may stand directly before the closing three.
    if (isLong) while (this.#source[this.#at] === quote) this.#at++
  }

  /** Leaves the cursor right behind the last key. */
  #keyPath(): string[] {
    const keys: string[] = []
    for (;;) {
      this.#skipSpaces()
      const start = this.#at
      const first = this.#source[start]
      if (first === '"' || first === "'") this.#string(first)
      else while (/[A-Za-z0-9_-]/.test(this.#source[this.#at] ?? '')) this.#at++
      keys.push(bareKey(this.#source.slice(start, this.#at)))
      const end = this.#at
      this.#skipSpaces()
      if (this.#source[this.#at] !== '.') {
        if (this.#source[this.#at] !== ']') this.#at = end
        return keys
      }
      this.#at++
    }
  }

  // `a.b = 1` and `[a.b]` also make the table `a`, which then stands at the same place.
  #noteTables(path: readonly string[], from: number, span: Span): void {
    for (let depth = from; depth <= Math.min(path.length, NOTED_DEPTH_MAX); depth++) {
      this.#note(path.slice(0, depth), span, span)
    }
  }

  #note(path: readonly string[], key: Span, value: Span): void {
    if (path.length > NOTED_DEPTH_MAX) return
    const at = pathKey(path)
    if (!this.#places.has(at)) this.#places.set(at, { key, value })
  }

  #skipSpaces(): void {
    while (this.#source[this.#at] === ' ' || this.#source[this.#at] === '\t') this.#at++
  }

  #skipBlank(): void {
    for (;;) {
      while (/\s/.test(this.#source[this.#at] ?? '')) this.#at++
      if (this.#source[this.#at] !== '#') return
      const end = this.#source.indexOf('\n', this.#at)
      this.#at = end < 0 ? this.#source.length : end
    }
  }
}

// A quoted key spells its name as a string value does, escapes included.
function bareKey(text: string): string {
  if (text[0] !== '"' && text[0] !== "'") return text
  const { key } = parse(`key = ${text}`)
  return typeof key === 'string' ? key : text
}
