// A Kusto query as tokens for the printer: Microsoft's, with the comments that it keeps as white
// space, and what only its tree knows: which `=` is an option's and which `-` is a sign.

import type { Token } from '#languages/cursor.ts'
import {
  childrenOf,
  isToken,
  kindOf,
  parse,
  tokensOf,
  type Syntax,
  type SyntaxToken,
} from './microsoft.ts'

export interface KustoToken extends Token {
  readonly kind: 'word' | 'number' | 'string' | 'sign' | 'comment'
  /** A comment behind something on its line. */
  readonly isTrailing: boolean
  /** The `=` of an option: `kind=inner`. */
  readonly isTight: boolean
  /** The value of an option: no function's name. */
  readonly isValue: boolean
  /** A sign before a number, not between two. */
  readonly isUnary: boolean
}

export function lexKusto(text: string): readonly KustoToken[] {
  const root = parse(text).Syntax
  const marks: Marks = { tight: new Set(), unary: new Set(), values: new Set() }
  mark(root, marks)
  const tokens: KustoToken[] = []
  for (const token of tokensOf(root)) {
    tokens.push(...commentsIn(token, tokens.length > 0))
    if (token.Text !== '') tokens.push(make(token, marks))
  }
  return tokens
}

interface Marks {
  readonly tight: Set<number>
  readonly unary: Set<number>
  readonly values: Set<number>
}

function mark(node: Syntax, marks: Marks): void {
  const stack = [node]
  for (let at = stack.pop(); at; at = stack.pop()) {
    const kind = kindOf(at)
    const children = childrenOf(at)
    if (kind === 'NamedParameter') marks.values.add(children.at(-1)?.TextStart ?? -1)
    for (const child of children) {
      if (!isToken(child)) stack.push(child)
      else if (kind === 'NamedParameter' && child.Text === '=') marks.tight.add(child.TextStart)
      else if (kind.startsWith('Unary')) marks.unary.add(child.TextStart)
    }
  }
}

function commentsIn(
  { Trivia, TriviaStart }: SyntaxToken,
  hasBefore: boolean,
): readonly KustoToken[] {
  return [...Trivia.matchAll(/\/\/[^\r\n]*/g)].map((match) => {
    const isFirstOfLine = /[\r\n]/.test(Trivia.slice(0, match.index))
    const start = TriviaStart + match.index
    return {
      kind: 'comment',
      text: match[0],
      start,
      end: start + match[0].length,
      problem: null,
      isQuoted: false,
      isTrailing: hasBefore && !isFirstOfLine,
      isTight: false,
      isValue: false,
      isUnary: false,
    }
  })
}

function make(token: SyntaxToken, { tight, unary, values }: Marks): KustoToken {
  const { Text: text, TextStart: start, End: end } = token
  const kind = kindOfText(text)
  return {
    kind,
    text,
    start,
    end,
    problem: null,
    isQuoted: kind === 'string',
    isTrailing: false,
    isTight: tight.has(start),
    isValue: values.has(start),
    isUnary: unary.has(start),
  }
}

function kindOfText(text: string): KustoToken['kind'] {
  if (/^[hH]?@?["'`~]/.test(text)) return 'string'
  if (/^\d/.test(text)) return 'number'
  return /^[!$\w]/.test(text) && text !== '!=' && text !== '!~' ? 'word' : 'sign'
}
