// What a condition can be at all, its searches taken as independent: the table of all their answers is
// walked, 32 rows at a time. Conditions of more searches than fit are not judged.

import { references, selectNames, type Condition } from '#languages/sigma/condition.ts'

/** 2^10 rows. Beyond it are lists of filters under one quantity, which hold no surprise. */
const NAMES_MAX = 10

/** One bit a row: row number r is that in which search number i holds when bit i of r is set. */
type Column = Uint32Array

export interface Truth {
  readonly isNever: boolean
  readonly isAlways: boolean
  /** Names whose answer changes nothing. */
  readonly idle: readonly string[]
}

/** What a condition that names each search once is: anything, by any of them. */
const FREE: Truth = { isNever: false, isAlways: false, idle: [] }

/** Undefined when there are too many searches. */
export function truthOf(tree: Condition, all: readonly string[]): Truth | undefined {
  const used = [...references(tree)].flatMap((reference) =>
    reference.kind === 'identifier' ? [reference.name] : selectNames(reference.pattern, all),
  )
  const names = [...new Set(used)]
  if (names.length === used.length) return FREE
  if (names.length > NAMES_MAX) return undefined
  const size = Math.max(1, 2 ** (names.length - 5))
  const columns = new Map(names.map((name, at) => [name, column(at, size)]))
  const answers = evaluate(tree, all, columns, size)
  const rows = 2 ** names.length
  const valid = rows >= 32 ? 0xffffffff : 2 ** rows - 1
  return {
    isNever: answers.every((word) => (word & valid) === 0),
    isAlways: answers.every((word) => (word & valid) >>> 0 === valid),
    idle: names.filter((_, at) => isIdle(answers, at, valid)),
  }
}

/** The rows without search number `at` say the same as those with it. */
function isIdle(answers: Column, at: number, valid: number): boolean {
  if (at >= 5) return answers.every((word, index) => word === answers[index ^ (1 << (at - 5))])
  const without = ~PATTERNS[at]!
  return answers.every((word) => ((word ^ (word >>> (1 << at))) & without & valid) === 0)
}

const PATTERNS = [0xaaaaaaaa, 0xcccccccc, 0xf0f0f0f0, 0xff00ff00, 0xffff0000]

/** The answers of search number `at` over all rows. */
function column(at: number, size: number): Column {
  const pattern = PATTERNS[at]
  if (pattern !== undefined) return new Uint32Array(size).fill(pattern)
  return Uint32Array.from({ length: size }, (_, word) => ((word >> (at - 5)) & 1 ? 0xffffffff : 0))
}

function evaluate(
  tree: Condition,
  all: readonly string[],
  columns: ReadonlyMap<string, Column>,
  size: number,
): Column {
  const join = (of: readonly Column[], isAll: boolean) =>
    Uint32Array.from({ length: size }, (_, word) =>
      of.reduce(
        (joined, one) => (isAll ? joined & one[word]! : joined | one[word]!),
        isAll ? -1 : 0,
      ),
    )
  switch (tree.kind) {
    case 'identifier':
      return columns.get(tree.name)!
    case 'selector': {
      const selected = selectNames(tree.pattern, all).map((name) => columns.get(name)!)
      return join(selected, tree.quantity === 'all')
    }
    case 'not':
      return evaluate(tree.of, all, columns, size).map((word) => ~word)
    case 'and':
    case 'or':
      return join(
        tree.of.map((one) => evaluate(one, all, columns, size)),
        tree.kind === 'and',
      )
  }
}
