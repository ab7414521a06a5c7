// The shapes that every expression grammar of ours shares, over one cursor: a chain of one operator
// (`a and b and c` is one node, not two), binary operators that lean left, and values in brackets.

import type { Cursor, Token } from './cursor.ts'
import type { Range } from './query.ts'

/** Parts joined by what `takeJoin` consumes; `make` is called for two or more. */
export function parseChain<T extends Range>(
  part: () => T | undefined,
  takeJoin: () => boolean,
  make: (items: readonly T[], range: Range) => T,
): T | undefined {
  const items: T[] = []
  do {
    const item = part()
    if (item) items.push(item)
  } while (takeJoin())
  const [first] = items
  if (items.length < 2) return first
  return make(items, { start: first!.start, end: items.at(-1)!.end })
}

/** `a - b - c` is `(a - b) - c`. A missing right side leaves what was read so far. */
export function parseLeftBinary<Expression extends Range, K extends Token>(
  cursor: Cursor<K>,
  operators: readonly string[],
  part: () => Expression | undefined,
  make: (operator: string, left: Expression, right: Expression, range: Range) => Expression,
): Expression | undefined {
  let left = part()
  for (;;) {
    const operator = operators.find((text) => cursor.isAt(text))
    if (left === undefined || operator === undefined) return left
    cursor.next()
    const right = part()
    if (right === undefined) return left
    left = make(operator, left, right, { start: left.start, end: right.end })
  }
}

/** How a language ends what stands in brackets. */
export interface Brackets {
  /** Signs that end more than the bracket: an unclosed one is given up there. */
  readonly boundary: readonly string[]
  /** A list stops at them too, before it asks for a value. */
  readonly isListBounded: boolean
  /** What else may stand before the closing sign, in words. */
  readonly expected: string
}

/** Values between commas; the cursor stands at the opening bracket. */
export function parseList<Expression, K extends Token>(
  cursor: Cursor<K>,
  brackets: Brackets,
  part: () => Expression | undefined,
): readonly Expression[] {
  const open = cursor.next()
  const closing = open.text === '[' ? ']' : ')'
  const isPast = () => cursor.isAtEnd || (brackets.isListBounded && isBounded(cursor, brackets))
  const items: Expression[] = []
  while (!cursor.isAt(closing) && !isPast()) {
    const before = cursor.peek()
    const item = cursor.nested(part)
    if (item) items.push(item)
    if (cursor.take(',')) {
      if (cursor.isAt(closing)) cursor.expected('a value after “,”')
      continue
    }
    if (!cursor.isAt(closing) || cursor.peek() === before) break
  }
  closeBracket(cursor, brackets, open, closing)
  return items
}

export function closeBracket<K extends Token>(
  cursor: Cursor<K>,
  brackets: Brackets,
  open: Token,
  closing = ')',
): void {
  if (cursor.take(closing)) return
  if (cursor.isAtEnd || isBounded(cursor, brackets)) {
    return cursor.problem('unclosed', open, `This “${open.text}” is never closed.`)
  }
  cursor.expected(`${brackets.expected} or “${closing}”`)
  cursor.skipTo(closing, ...brackets.boundary)
  cursor.take(closing)
}

function isBounded<K extends Token>(cursor: Cursor<K>, { boundary }: Brackets): boolean {
  return boundary.some((sign) => cursor.isAt(sign))
}
