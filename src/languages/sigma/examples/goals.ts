// What a predicate asks of an event, as lists of single tests with the verdict each shall have. A
// disjunction offers several lists. Lists of parts that must hold together are joined side by side, so
// that each alternative stands in at least one list and their number stays that of the alternatives.

import type { Predicate, Test } from '#languages/predicate.ts'

export interface Goal {
  /** Undefined for a keyword, which looks at every value. */
  readonly field: string | undefined
  readonly test: Test
  readonly isWanted: boolean
}

export type Way<Part> = readonly Part[]

const WAYS_MAX = 200

/** Empty when nothing can make it so. */
export function waysTo(predicate: Predicate, isWanted: boolean): readonly Way<Goal>[] {
  switch (predicate.kind) {
    case 'constant':
      return predicate.value === isWanted ? [[]] : []
    case 'not':
      return waysTo(predicate.of, !isWanted)
    case 'test':
      return [[{ field: predicate.field, test: predicate.test, isWanted }]]
    case 'keyword':
      return [[{ field: undefined, test: predicate.test, isWanted }]]
    case 'and':
    case 'or': {
      const isEach = (predicate.kind === 'and') === isWanted
      return combine(
        isEach,
        predicate.of.map((one) => waysTo(one, isWanted)),
      )
    }
  }
}

/** `isEach`: one way of every part together; else the ways of any part. */
export function combine<Part>(
  isEach: boolean,
  parts: readonly (readonly Way<Part>[])[],
): readonly Way<Part>[] {
  if (!isEach) return parts.flat().slice(0, WAYS_MAX)
  if (parts.some((ways) => ways.length === 0)) return []
  const most = parts.reduce((sum, ways) => Math.max(sum, ways.length), 1)
  return Array.from({ length: Math.min(most, WAYS_MAX) }, (_, at) =>
    parts.flatMap((ways) => ways[at % ways.length]!),
  )
}
