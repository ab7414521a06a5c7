// Cuts an EQL query into tokens, comments among them: the formatter keeps those where they stand.
// Never throws; whatever is never closed ends at the end of the text and carries a problem.

import type { Token } from '#languages/cursor.ts'

export type EqlTokenKind =
  | 'name'
  | 'keyword'
  | 'string'
  | 'number'
  | 'duration'
  | 'operator'
  | 'punctuation'
  | 'comment'
  | 'unknown'
  | 'end'

export interface EqlToken extends Token {
  readonly kind: EqlTokenKind
}

const KEYWORDS = new Set([
  'and', 'any', 'by', 'false', 'in', 'join', 'like', 'maxspan', 'not', 'null', 'of', 'or', 'regex',
  'runs', 'sample', 'sequence', 'true', 'until', 'where', 'with',
]) // prettier-ignore
/** Keywords that are also fine as a field, function or pipe name. */
const SOFT = new Set([
  'any',
  'by',
  'join',
  'maxspan',
  'of',
  'runs',
  'sample',
  'sequence',
  'until',
  'with',
])

export function isSoftKeyword(text: string): boolean {
  return SOFT.has(text)
}

const PATTERNS: readonly (readonly [EqlTokenKind | 'space', RegExp])[] = [
  ['space', /\s+/y],
  ['comment', /\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/y],
  ['duration', /\d+(?:\.\d+)?(?:ms|s|m|h|d)(?![\w.])/y],
  ['number', /(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y],
  ['operator', /==|!=|<=|>=|like~|regex~|in~|[<>=:+*/%-]/iy],
  ['punctuation', /[()[\],|!?~{}]/y],
  ['name', /[A-Za-z_@][\w@-]*(?:\.(?:[\w@-]+|`(?:[^`\n]|``)*`))*/y],
]

export function lexEql(text: string): readonly EqlToken[] {
  const tokens: EqlToken[] = []
  let at = 0
  while (at < text.length) {
    const token = readToken(text, at)
    if (token.kind !== 'space') tokens.push(token as EqlToken)
    at = token.end
  }
  tokens.push(make('end', text.length, text.length, ''))
  return tokens
}

type RawToken = Omit<EqlToken, 'kind'> & { readonly kind: EqlTokenKind | 'space' }

function readToken(text: string, at: number): RawToken {
  const char = text[at]!
  if (char === '"')
    return text.startsWith('"""', at) ? readRaw(text, at) : readString(text, at, '"')
  if (char === "'") return readString(text, at, "'")
  if (char === '`') return readQuotedName(text, at)
  for (const [kind, pattern] of PATTERNS) {
    pattern.lastIndex = at
    const match = pattern.exec(text)
    if (match) return classify(kind, match[0], at)
  }
  const symbol = String.fromCodePoint(text.codePointAt(at)!)
  return make('unknown', at, at + symbol.length, symbol, `“${symbol}” has no meaning here.`)
}

function classify(kind: EqlTokenKind | 'space', raw: string, at: number): RawToken {
  const end = at + raw.length
  const lower = raw.toLowerCase()
  if (kind === 'name' && KEYWORDS.has(lower)) return make('keyword', at, end, lower)
  if (kind === 'comment' && raw.startsWith('/*') && !(raw.length >= 4 && raw.endsWith('*/'))) {
    return make('comment', at, end, raw, 'This comment is never closed.')
  }
  if (kind === 'name') return make('name', at, end, unquote(raw))
  return make(kind as EqlTokenKind, at, end, kind === 'operator' ? lower : raw)
}

function readRaw(text: string, at: number): RawToken {
  const close = text.indexOf('"""', at + 3)
  if (close < 0)
    return make(
      'string',
      at,
      text.length,
      text.slice(at + 3),
      'This raw string is never closed.',
      true,
    )
  // Quotes directly before the closing three belong to the value.
  let end = close + 3
  while (text[end] === '"') end++
  return make('string', at, end, text.slice(at + 3, end - 3), null, true)
}

const ESCAPES: Readonly<Record<string, string>> = {
  b: '\b', t: '\t', n: '\n', f: '\f', r: '\r', '\\': '\\', '"': '"', "'": "'",
} // prettier-ignore

function readString(text: string, start: number, quote: string): RawToken {
  let value = ''
  let problem = quote === "'" ? 'Strings stand in double quotes.' : null
  let at = start + 1
  while (at < text.length && text[at] !== quote && text[at] !== '\n') {
    if (text[at] !== '\\') value += text[at++]
    else {
      const escape = readEscape(text, at)
      if (!escape) problem ??= `“\\${text[at + 1] ?? ''}” is no escape; write \\\\ for a backslash.`
      value += escape?.value ?? text.slice(at, at + 2)
      at = escape?.end ?? at + 2
    }
  }
  const isClosed = text[at] === quote
  const end = Math.min(isClosed ? at + 1 : at, text.length)
  return make('string', start, end, value, isClosed ? problem : 'This quote is never closed.', true)
}

function readEscape(text: string, at: number): { value: string; end: number } | undefined {
  const unicode = /^\\u\{([0-9a-fA-F]{2,8})\}/.exec(text.slice(at, at + 12))
  if (unicode) {
    const code = Number.parseInt(unicode[1]!, 16)
    return code > 0x10ffff
      ? undefined
      : { value: String.fromCodePoint(code), end: at + unicode[0].length }
  }
  const value = ESCAPES[text[at + 1] ?? '']
  return value === undefined ? undefined : { value, end: at + 2 }
}

function readQuotedName(text: string, start: number): RawToken {
  const match = /^`(?:[^`\n]|``)*(`?)(?:\.(?:[\w@-]+|`(?:[^`\n]|``)*`))*/.exec(text.slice(start))!
  const problem = match[1] === '`' ? null : 'This backtick is never closed.'
  return make('name', start, start + match[0].length, unquote(match[0]), problem, true)
}

// A part of a name may stand in backticks, in which a backtick is doubled.
function unquote(name: string): string {
  return name.replaceAll(/`((?:[^`]|``)*)`?/g, (_, inner: string) => inner.replaceAll('``', '`'))
}

function make<K extends EqlTokenKind | 'space'>(
  kind: K,
  start: number,
  end: number,
  text: string,
  problem: string | null = null,
  isQuoted = false,
) {
  // prettier-ignore
  return { kind, start, end, text, problem, isQuoted }
}
