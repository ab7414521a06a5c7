// What a condition can be at all, its searches taken as independent: the table of all their answers is
// walked, 32 rows at a time. Conditions of more searches than fit are not judged.

import { references, selectNames, type Condition } from '#languages/sigma/condition.ts'

/** 2^10 rows. Beyond it are lists of filters under one quantity, which hold no surprise. */
const NAMES_MAX = 10

export class Truth {
  /** Bit by bit: the answer for the row whose number spells the answers of the searches. */
  readonly #words: Uint32Array
  readonly #names: readonly string[]

  private constructor(words: Uint32Array, names: readonly string[]) {
    this.#words = words
    this.#names = names
  }

  /** Undefined when there are too many searches. */
  static of(tree: Condition, all: readonly string[]): Truth | undefined {
    const names = [
      ...new Set(
        [...references(tree)].flatMap((reference) =>
          reference.kind === 'identifier' ? [reference.name] : selectNames(reference.pattern, all),
        ),
      ),
    ]
    if (names.length > NAMES_MAX) return undefined
    const size = Math.max(1, 2 ** (names.length - 5))
    const columns = new Map(names.map((name, at) => [name, column(at, size)]))
    return new Truth(evaluate(tree, all, columns, size), names)
  }

  get isNever(): boolean {
    return this.#rows().every((isTrue) => !isTrue)
  }

  get isAlways(): boolean {
    return this.#rows().every((isTrue) => isTrue)
  }

  /** Names whose answer changes nothing. */
  get idle(): readonly string[] {
    const rows = this.#rows()
    return this.#names.filter((_, at) =>
      rows.every((isTrue, row) => isTrue === rows[row ^ (1 << at)]),
    )
  }

  #rows(): readonly boolean[] {
    return Array.from(
      { length: 2 ** this.#names.length },
      (_, row) => ((this.#words[row >>> 5]! >>> (row & 31)) & 1) === 1,
    )
  }
}

const PATTERNS = [0xaaaaaaaa, 0xcccccccc, 0xf0f0f0f0, 0xff00ff00, 0xffff0000]

/** The answers of search number `at` over all rows. */
function column(at: number, size: number): Uint32Array {
  const pattern = PATTERNS[at]
  if (pattern !== undefined) return new Uint32Array(size).fill(pattern)
  return Uint32Array.from({ length: size }, (_, word) => ((word >> (at - 5)) & 1 ? 0xffffffff : 0))
}

function evaluate(
  tree: Condition,
  all: readonly string[],
  columns: ReadonlyMap<string, Uint32Array>,
  size: number,
): Uint32Array {
  const join = (of: readonly Uint32Array[], isAll: boolean) =>
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
