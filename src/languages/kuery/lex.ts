// Cuts a Kibana query into tokens. Never throws; an unclosed quote ends at the end of the text and
// is marked, so that the parser can go on and say where it began.

import type { Token } from '#languages/cursor.ts'

export type KueryTokenKind =
  | 'word'
  | 'quoted'
  | 'and'
  | 'or'
  | 'not'
  | 'operator'
  | 'open'
  | 'close'
  | 'open_nested'
  | 'close_nested'
  | 'end'

export interface KueryToken extends Token {
  readonly kind: KueryTokenKind
  /** Unescaped pieces of a word or a quoted text; a wildcard stands between each two. */
  readonly parts: readonly string[]
  readonly isClosed: boolean
  /** Offset of a backslash before something that needs none; -1 when there is none. */
  readonly badEscapeAt: number
}

const SINGLE: Readonly<Record<string, KueryTokenKind>> = {
  '(': 'open',
  ')': 'close',
  '{': 'open_nested',
  '}': 'close_nested',
  ':': 'operator',
}
const KEYWORDS: ReadonlySet<string> = new Set(['and', 'or', 'not'])
const ENDS_WORD = /[\s():<>"{}]/
const ESCAPES: Readonly<Record<string, string>> = { t: '\t', r: '\r', n: '\n' }
const ESCAPABLE = /[\\():<>"*{}]/

export function lexKuery(text: string): readonly KueryToken[] {
  const tokens: KueryToken[] = []
  let at = 0
  while (at < text.length) {
    const char = text[at]!
    if (/\s/.test(char)) at++
    else {
      const token = readToken(text, at, char)
      tokens.push(token)
      at = token.end
    }
  }
  tokens.push(make('end', text.length, text.length))
  return tokens
}

function readToken(text: string, at: number, char: string): KueryToken {
  const single = SINGLE[char]
  if (single !== undefined) return make(single, at, at + 1, char)
  if (char === '<' || char === '>') {
    const end = text[at + 1] === '=' ? at + 2 : at + 1
    return make('operator', at, end, text.slice(at, end))
  }
  return char === '"' ? readQuoted(text, at) : readWord(text, at)
}

// Inside quotes a backslash before an ordinary character is that backslash.
function readQuoted(text: string, start: number): KueryToken {
  let value = ''
  let at = start + 1
  while (at < text.length && text[at] !== '"') {
    const escape = text[at] === '\\' ? readEscape(text, at) : undefined
    value += escape?.char ?? text[at]!
    at = escape?.end ?? at + 1
  }
  const isClosed = at < text.length
  return { ...says('quoted', start, isClosed ? at + 1 : at, [value]), isClosed }
}

function readWord(text: string, start: number): KueryToken {
  const parts = ['']
  let at = start
  let badEscapeAt = -1
  let isPlain = true
  while (at < text.length && !ENDS_WORD.test(text[at]!)) {
    if (text[at] === '*') {
      parts.push('')
      at++
      continue
    }
    const escape = text[at] === '\\' ? (readKeyword(text, at) ?? readEscape(text, at)) : undefined
    if (text[at] === '\\' && !escape && badEscapeAt < 0) badEscapeAt = at
    if (text[at] === '\\') isPlain = false
    parts[parts.length - 1] += escape?.char ?? text[at]!
    at = escape?.end ?? at + 1
  }
  const raw = text.slice(start, at).toLowerCase()
  if (isPlain && KEYWORDS.has(raw)) return make(raw as KueryTokenKind, start, at, raw)
  return { ...says('word', start, at, parts), badEscapeAt }
}

interface Escape {
  readonly char: string
  readonly end: number
}

// `\u0041` is a code unit, `\t \r \n` white space, a special character itself; nothing else is one.
function readEscape(text: string, at: number): Escape | undefined {
  const unicode = /^\\u([0-9a-fA-F]{4})/.exec(text.slice(at, at + 6))
  if (unicode) return { char: String.fromCharCode(Number.parseInt(unicode[1]!, 16)), end: at + 6 }
  const next = text[at + 1] ?? ''
  const char = ESCAPES[next] ?? (ESCAPABLE.test(next) ? next : undefined)
  return char === undefined ? undefined : { char, end: at + 2 }
}

/** `\and` is the word. */
function readKeyword(text: string, at: number): Escape | undefined {
  const keyword = /^(and|or|not)(?=[\s():<>"{}]|$)/i.exec(text.slice(at + 1, at + 5))
  return keyword ? { char: keyword[0], end: at + 1 + keyword[0].length } : undefined
}

/** A value: it is no sign and no keyword, whatever it says. */
function says(
  kind: KueryTokenKind,
  start: number,
  end: number,
  parts: readonly string[],
): KueryToken {
  return { ...make(kind, start, end, parts.join('*')), parts, isQuoted: true }
}

function make(kind: KueryTokenKind, start: number, end: number, text = ''): KueryToken {
  const common = { problem: null, isQuoted: false, isClosed: true, badEscapeAt: -1 }
  return { kind, start, end, text, parts: [], ...common }
}
