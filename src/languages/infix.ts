// The shapes that every expression grammar of ours shares, over one cursor: a chain of one operator
// (`a and b and c` is one node, not two), and binary operators that lean left.

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
