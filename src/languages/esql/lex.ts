// Cuts an ES|QL query into tokens. What a word may hold depends on the command it stands in: after
// FROM an index pattern runs to the next white space or comma (`logs-*,-old`), in KEEP a name may
// hold `*`, elsewhere `-` and `*` are operators. Never throws.

import type { Token } from '#languages/cursor.ts'

export type EsqlTokenKind =
  | 'name'
  | 'pattern'
  | 'string'
  | 'number'
  | 'parameter'
  | 'operator'
  | 'punctuation'
  | 'comment'
  | 'unknown'
  | 'end'

export interface EsqlToken extends Token {
  readonly kind: EsqlTokenKind
  /** Names, patterns and parameters as written without quotes; `lower` for keywords. */
  readonly lower: string
}

type Mode = 'expression' | 'source' | 'columns'

const COMMON: readonly (readonly [EsqlTokenKind | 'space', RegExp])[] = [
  ['space', /\s+/y],
  ['comment', /\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/y],
]
const NAME = String.raw`(?:[A-Za-z_@][\w@]*|${'`(?:[^`\\n]|``)*`?'})`
const PATTERNS: Readonly<Record<Mode, readonly (readonly [EsqlTokenKind | 'space', RegExp])[]>> = {
  expression: [
    ...COMMON,
    ['parameter', /\?\??(?:\w+)?/y],
    ['name', new RegExp(String.raw`${NAME}(?:\.(?:[\w@]+|${'`(?:[^`\\n]|``)*`?'}))*`, 'y')],
    ['number', /(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y],
    ['operator', /==|=~|!=|<=|>=|::|[<>=:+*/%-]/y],
    ['punctuation', /[()[\]{},|;.]/y],
  ],
  source: [
    ...COMMON,
    ['punctuation', /[()[\]{},|;]/y],
    ['pattern', /[\w*-]+:"[^"\n]*"|<[^>\n]*>|[^\s,|()[\]{}"`;=/]+/y],
    ['operator', /=/y],
  ],
  columns: [
    ...COMMON,
    ['parameter', /\?\??(?:\w+)?/y],
    ['pattern', /(?:[\w@*?.-]|`(?:[^`\n]|``)*`?)+/y],
    ['punctuation', /[()[\]{},|;]/y],
  ],
}

/** Commands whose first words are index patterns or policies, and the word that ends them. */
const SOURCE_COMMANDS = /^(from|ts|join|enrich)$/
const ENDS_SOURCE = /^(metadata|on|as|with)$/
const COLUMN_COMMANDS = /^(keep|drop)$/

export function lexEsql(text: string): readonly EsqlToken[] {
  const tokens: EsqlToken[] = []
  let mode: Mode = 'expression'
  const outer: Mode[] = [] // the modes that open brackets interrupted
  let isCommandStart = true
  let at = 0
  while (at < text.length) {
    const token = readToken(text, at, mode)
    at = token.end
    if (token.kind === 'space') continue
    tokens.push(token as EsqlToken)
    if (token.kind === 'comment') continue
    if (token.text === '(' && !token.isQuoted) outer.push(mode)
    const isClosing = token.text === ')' && !token.isQuoted
    mode = isClosing
      ? (outer.pop() ?? 'expression')
      : nextMode(mode, token as EsqlToken, isCommandStart)
    // `LOOKUP JOIN` names its index after the second word.
    isCommandStart =
      isOpening(token.text, token.isQuoted) || (isCommandStart && token.lower === 'lookup')
  }
  tokens.push(make('end', text.length, text.length, ''))
  return tokens
}

function isOpening(text: string, isQuoted: boolean): boolean {
  return !isQuoted && (text === '|' || text === '(' || text === ';')
}

function nextMode(mode: Mode, token: EsqlToken, isCommandStart: boolean): Mode {
  if (isCommandStart && token.kind === 'name' && !token.isQuoted) {
    if (SOURCE_COMMANDS.test(token.lower)) return 'source'
    if (COLUMN_COMMANDS.test(token.lower)) return 'columns'
  }
  if (token.isQuoted) return mode
  if (token.text === '|' || token.text === ';' || token.text === '(') return 'expression'
  if (mode === 'source' && ENDS_SOURCE.test(token.lower)) return 'expression'
  return mode
}

type RawToken = Omit<EsqlToken, 'kind'> & { readonly kind: EsqlTokenKind | 'space' }

function readToken(text: string, at: number, mode: Mode): RawToken {
  if (text.startsWith('"""', at)) return readRaw(text, at)
  if (text[at] === '"') return readString(text, at)
  if (text[at] === "'") return readSingle(text, at)
  for (const [kind, pattern] of PATTERNS[mode]) {
    pattern.lastIndex = at
    const match = pattern.exec(text)
    if (match) return classify(kind, match[0], at)
  }
  const symbol = String.fromCodePoint(text.codePointAt(at)!)
  return make('unknown', at, at + symbol.length, symbol, `“${symbol}” has no meaning here.`)
}

function classify(kind: EsqlTokenKind | 'space', raw: string, at: number): RawToken {
  const end = at + raw.length
  if (kind === 'comment') {
    const isOpen = raw.startsWith('/*') && !(raw.length >= 4 && raw.endsWith('*/'))
    return make(kind, at, end, raw, isOpen ? 'This comment is never closed.' : null)
  }
  if (kind !== 'name' && kind !== 'pattern') return make(kind, at, end, raw)
  const isUnclosed = (raw.match(/`/g)?.length ?? 0) % 2 === 1
  const name = raw.replaceAll(/`((?:[^`]|``)*)`?/g, (_, inner: string) =>
    inner.replaceAll('``', '`'),
  )
  const problem = isUnclosed ? 'This backtick is never closed.' : null
  return make(kind, at, end, name, problem, raw.includes('`'))
}

function readRaw(text: string, at: number): RawToken {
  const close = text.indexOf('"""', at + 3)
  if (close < 0) {
    const rest = text.slice(at + 3)
    return make('string', at, text.length, rest, 'This raw string is never closed.', true)
  }
  let end = close + 3
  while (text[end] === '"' && end < close + 5) end++ // up to two quotes belong to the value
  return make('string', at, end, text.slice(at + 3, end - 3), null, true)
}

const ESCAPES: Readonly<Record<string, string>> = {
  t: '\t',
  n: '\n',
  r: '\r',
  '\\': '\\',
  '"': '"',
}

function readString(text: string, start: number): RawToken {
  let value = ''
  let problem: string | null = null
  let at = start + 1
  while (at < text.length && text[at] !== '"' && text[at] !== '\n') {
    if (text[at] !== '\\') value += text[at++]
    else {
      const next = text[at + 1] ?? ''
      const char = ESCAPES[next]
      if (char === undefined) problem ??= `“\\${next}” is no escape; write \\\\ for a backslash.`
      value += char ?? text.slice(at, at + 2)
      at += 2
    }
  }
  const isClosed = text[at] === '"'
  const end = Math.min(isClosed ? at + 1 : at, text.length)
  return make('string', start, end, value, isClosed ? problem : 'This quote is never closed.', true)
}

function readSingle(text: string, start: number): RawToken {
  const [raw] = /^'[^'\n]*'?/.exec(text.slice(start))!
  return make(
    'string',
    start,
    start + raw.length,
    raw.replaceAll("'", ''),
    'Strings stand in double quotes.',
    true,
  )
}

function make<K extends EsqlTokenKind | 'space'>(
  kind: K,
  start: number,
  end: number,
  text: string,
  problem: string | null = null,
  isQuoted = false,
) {
  return { kind, start, end, text, lower: text.toLowerCase(), problem, isQuoted }
}
