// Cuts an SPL search into tokens. Two alphabets: in `eval` and `where` a `-` or `.` is an operator,
// everywhere else a word runs to the next white space, bracket, comma or sign of comparison, with
// `*`, `\`, `:`, `-` and the like inside it. The command's name decides. Never throws.

import type { Token } from '#languages/cursor.ts'

export type SplTokenKind =
  | 'word'
  | 'string'
  | 'field' // 'single quotes' in eval: a field of any name
  | 'number'
  | 'macro'
  | 'operator'
  | 'punctuation'
  | 'comment'
  | 'unknown'
  | 'end'

export interface SplToken extends Token {
  readonly kind: SplTokenKind
  readonly lower: string
}

const EVAL_COMMANDS = new Set(['eval', 'where', 'fieldformat'])

type Rule = readonly [SplTokenKind | 'space', RegExp]
const COMMON: readonly Rule[] = [
  ['space', /\s+/y],
  ['comment', /```[\s\S]*?(?:```|$)/y],
]
const SEARCH: readonly Rule[] = [
  ...COMMON,
  ['word', /(?:\w*<<\w+>>\w*)+/y], // a place that foreach fills
  ['operator', /!=|<=|>=|==|=|<|>/y],
  ['punctuation', /[()[\],|]/y],
  ['word', /(?:\\\S|\\(?!\S)|[^\s"`()[\],|=<>!\\]|!(?!=))+/y],
]
const EVAL: readonly Rule[] = [
  ...COMMON,
  ['word', /(?:\w*<<\w+>>\w*)+/y],
  ['number', /(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?(?![\w])/y],
  ['operator', /!=|<=|>=|==|=|<|>|[+*/%.&-]/y],
  ['punctuation', /[()[\],|]/y],
  ['word', /(?:[A-Za-z_0-9@$]|\{[\w.]+\})[\w@$:{}]*(?:\.[A-Za-z_][\w@$:{}]*)*/y],
]

export function lexSpl(text: string): readonly SplToken[] {
  const tokens: SplToken[] = []
  let rules = SEARCH
  const outer: (readonly Rule[])[] = [] // what open brackets interrupted
  let isCommandStart = true
  let at = 0
  while (at < text.length) {
    const token = readToken(text, at, rules)
    at = token.end
    if (token.kind === 'space') continue
    tokens.push(token as SplToken)
    if (token.kind === 'comment') continue
    const isSign = token.kind === 'punctuation'
    if (isSign && (token.text === '(' || token.text === '[')) {
      outer.push(rules)
      // `count(eval(x>1))`: inside the inner bracket stands an expression.
      if (token.text === '(' && tokens.at(-2)?.lower === 'eval') rules = EVAL
      if (token.text === '[') rules = SEARCH
    } else if (isSign && (token.text === ')' || token.text === ']')) {
      rules = outer.pop() ?? rules
    } else if (isSign && token.text === '|') rules = SEARCH
    else if (isCommandStart && EVAL_COMMANDS.has(token.lower)) rules = EVAL
    isCommandStart = isSign && (token.text === '|' || token.text === '[')
  }
  tokens.push(make('end', text.length, text.length, ''))
  return tokens
}

type RawToken = Omit<SplToken, 'kind'> & { readonly kind: SplTokenKind | 'space' }

function readToken(text: string, at: number, rules: readonly Rule[]): RawToken {
  if (text[at] === '"') return readQuoted(text, at, '"', 'string')
  if (text[at] === "'" && rules === EVAL) return readQuoted(text, at, "'", 'field')
  if (text[at] === '`' && !text.startsWith('```', at)) return readMacro(text, at)
  for (const [kind, pattern] of rules) {
    pattern.lastIndex = at
    const match = pattern.exec(text)
    if (match) return classify(kind, match[0], at)
  }
  const symbol = String.fromCodePoint(text.codePointAt(at)!)
  return make('unknown', at, at + symbol.length, symbol, `“${symbol}” has no meaning here.`)
}

function classify(kind: SplTokenKind | 'space', raw: string, at: number): RawToken {
  const isOpen = kind === 'comment' && !(raw.length >= 6 && raw.endsWith('```'))
  return make(kind, at, at + raw.length, raw, isOpen ? 'This comment is never closed.' : null)
}

// A backslash escapes a quote and itself; before anything else it stands for itself.
function readQuoted(
  text: string,
  start: number,
  quote: string,
  kind: 'string' | 'field',
): RawToken {
  let value = ''
  let at = start + 1
  while (at < text.length && text[at] !== quote) {
    const isEscape = text[at] === '\\' && (text[at + 1] === quote || text[at + 1] === '\\')
    value += isEscape ? text[at + 1]! : text[at]!
    at += isEscape ? 2 : 1
  }
  const isClosed = at < text.length
  const problem = isClosed ? null : 'This quote is never closed.'
  return make(kind, start, isClosed ? at + 1 : at, value, problem, true)
}

// Arguments may be quoted and then hold anything but a backtick.
function readMacro(text: string, start: number): RawToken {
  const close = text.indexOf('`', start + 1)
  if (close < 0) {
    const end = text.length
    return make('macro', start, end, text.slice(start + 1), 'This macro is never closed.', true)
  }
  return make('macro', start, close + 1, text.slice(start + 1, close), null, true)
}

function make<K extends SplTokenKind | 'space'>(
  kind: K,
  start: number,
  end: number,
  text: string,
  problem: string | null = null,
  isQuoted = false,
) {
  return { kind, start, end, text, lower: text.toLowerCase(), problem, isQuoted }
}
