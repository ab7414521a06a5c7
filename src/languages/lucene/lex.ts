// Cuts a Lucene query string into tokens. Never throws; what is not closed ends at the end of the text
// and is marked. A range is one token, because its two brackets may be of different kinds.

import type { Token } from '#languages/cursor.ts'
import { ANY, ONE, type TextPattern, type Wildcard } from '#languages/predicate.ts'

export interface LuceneRange {
  readonly low: string | null
  readonly high: string | null
  readonly includesLow: boolean
  readonly includesHigh: boolean
}

export interface LuceneToken extends Token {
  readonly kind: 'term' | 'quoted' | 'regex' | 'range' | 'sign' | 'end'
  /** Of a term and of a quoted text. */
  readonly pattern: TextPattern
  readonly range: LuceneRange | null
}

/** Keywords are known by their sign; in lower case they are terms. */
const KEYWORDS: Readonly<Record<string, string>> = { AND: '&&', OR: '||', NOT: '!' }
const SIGN = /&&|\|\||[<>]=?|[()+\-!:^~]/y
const TERM = /(?:\\[\s\S]|[^\s()[\]{}":^~\\])+/y
const QUOTED = /"(?:\\[\s\S]|[^"\\])*(?:"|\\?$)/y
const REGEX = /\/(?:\\[\s\S]|[^/\\])*(?:\/|\\?$)/y
const BOUND = String.raw`(?:"(?:\\[\s\S]|[^"\\])*"|(?:\\[\s\S]|[^\s\]}"\\])+)`
const RANGE = new RegExp(String.raw`([[{])\s*(${BOUND})\s+TO\s+(${BOUND})\s*([\]}])`, 'y')
const BROKEN_RANGE = /[[{][^\]}]*[\]}]?/y
const NEGATIVE = /-\d[^\s()]*/y
const NUMBER = /\d+(?:\.\d+)?/y

export function lexLucene(text: string): readonly LuceneToken[] {
  const tokens: LuceneToken[] = []
  let at = 0
  while (at < text.length) {
    if (/\s/.test(text[at]!)) {
      at++
      continue
    }
    const token = readToken(text, at, tokens.at(-1))
    tokens.push(token)
    at = token.end
  }
  tokens.push(make('end', '', text.length, text.length, false))
  return tokens
}

function readToken(text: string, at: number, previous: LuceneToken | undefined): LuceneToken {
  const char = text[at]!
  if (char === '"') return readQuoted(text, at)
  if (char === '/') return readRegex(text, at)
  if (char === '[' || char === '{') return readRange(text, at)
  // `~2`, `^3`: the number belongs to the sign before it.
  const isCounted = previous?.end === at && (previous.text === '~' || previous.text === '^')
  const number = isCounted && !previous.isQuoted ? match(NUMBER, text, at) : undefined
  if (number !== undefined) return term(number, at)
  const isAfterColon = previous?.text === ':' && !previous.isQuoted
  const isCompared = previous?.kind === 'sign' && /^(?::|[<>]=?)$/.test(previous.text)
  const negative = isCompared ? match(NEGATIVE, text, at) : undefined
  if (negative !== undefined) return term(negative, at)
  const sign = match(SIGN, text, at)
  const isSign = sign !== undefined && (isAfterColon || !/^[<>]/.test(sign))
  if (isSign) return make('sign', sign, at, at + sign.length, false)
  const raw = match(TERM, text, at)
  if (raw === undefined) {
    const problem = char === '\\' ? 'This backslash escapes nothing.' : 'Nothing is open here.'
    return make('sign', char, at, at + 1, false, problem)
  }
  const keyword = KEYWORDS[raw]
  if (keyword !== undefined) return make('sign', keyword, at, at + raw.length, false)
  return term(cutAtSign(raw), at)
}

// `a&&b` is three tokens, `a-b` one.
function cutAtSign(raw: string): string {
  const found = /^(?:\\[\s\S]|(?!&&|\|\||!)[\s\S])+/.exec(raw)
  return found?.[0] ?? raw
}

function term(raw: string, at: number): LuceneToken {
  const pattern = readPattern(raw)
  const slash = /(?<!\\)(?:\\\\)*\//.test(raw) ? 'A slash begins an expression; write \\/.' : null
  const token = make('term', unescape(raw), at, at + raw.length, true, slash)
  return { ...token, pattern }
}

function readQuoted(text: string, at: number): LuceneToken {
  const raw = match(QUOTED, text, at)!
  const isClosed = raw.length > 1 && /(?<!\\)(?:\\\\)*"$/.test(raw)
  const value = unescape(isClosed ? raw.slice(1, -1) : raw.slice(1))
  const problem = isClosed ? null : 'This quote is never closed.'
  const token = make('quoted', value, at, at + raw.length, true, problem)
  return { ...token, pattern: value === '' ? [] : [value] }
}

// Only `\/` is an escape of ours; all others are the expression's.
function readRegex(text: string, at: number): LuceneToken {
  const raw = match(REGEX, text, at)!
  const isClosed = raw.length > 1 && raw.endsWith('/')
  const body = raw.slice(1, isClosed ? -1 : undefined).replaceAll('\\/', '/')
  const problem = isClosed ? null : 'This expression is never closed; a plain slash is written \\/.'
  return make('regex', body, at, at + raw.length, true, problem)
}

function readRange(text: string, at: number): LuceneToken {
  RANGE.lastIndex = at
  const found = RANGE.exec(text)
  if (!found) {
    const raw = match(BROKEN_RANGE, text, at)!
    return make('range', raw, at, at + raw.length, true, 'A range is [low TO high].')
  }
  const [raw, open, low, high, close] = found
  const token = make('range', raw, at, at + raw.length, true)
  const range: LuceneRange = {
    low: bound(low!),
    high: bound(high!),
    includesLow: open === '[',
    includesHigh: close === ']',
  }
  return { ...token, range }
}

function bound(raw: string): string | null {
  if (raw === '*') return null
  return unescape(raw.startsWith('"') ? raw.slice(1, -1) : raw)
}

function readPattern(raw: string): TextPattern {
  const parts: (string | Wildcard)[] = []
  let text = ''
  const flush = () => {
    if (text !== '') parts.push(text)
    text = ''
  }
  for (const [piece] of raw.matchAll(/\\u[0-9a-fA-F]{4}|\\[\s\S]|[\s\S]/g)) {
    if (piece === '*' || piece === '?') {
      flush()
      parts.push(piece === '*' ? ANY : ONE)
    } else text += unescape(piece)
  }
  flush()
  return parts
}

function unescape(raw: string): string {
  return raw.replaceAll(/\\u([0-9a-fA-F]{4})|\\([\s\S])/g, (_, code?: string, char?: string) =>
    code === undefined ? char! : String.fromCharCode(Number.parseInt(code, 16)),
  )
}

function match(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at
  return pattern.exec(text)?.[0]
}

function make(
  kind: LuceneToken['kind'],
  text: string,
  start: number,
  end: number,
  isQuoted: boolean,
  problem: string | null = null,
): LuceneToken {
  return { kind, text, start, end, problem, isQuoted, pattern: [], range: null }
}
