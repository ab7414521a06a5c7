// The common boolean tree of field tests: rules are lowered to it, matchers evaluate it, backends
// print it. Truth has two values here: a test on a missing field is false and its negation true.
// Languages with three values must be printed so that they agree. Nodes are plain and never changed.

/** Text with wildcards; never two texts in a row, no empty texts: [] is the empty string. */
export type TextPattern = readonly (string | Wildcard)[]
export type Wildcard = typeof ANY | typeof ONE
/** Any run of characters, also none. */
export const ANY = Object.freeze({ wildcard: '*' } as const)
/** Exactly one character. */
export const ONE = Object.freeze({ wildcard: '?' } as const)

export type Comparison = 'lt' | 'lte' | 'gt' | 'gte'
export type TimePart = 'minute' | 'hour' | 'day' | 'week' | 'month' | 'year'
export type RegexFlag = 'i' | 'm' | 's'

export type Test =
  /** Compared without regard to case unless `isCased`. */
  | { readonly kind: 'text'; readonly pattern: TextPattern; readonly isCased: boolean }
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'boolean'; readonly value: boolean }
  /** The field is missing or holds null. */
  | { readonly kind: 'null' }
  /** The field is there, whatever it holds. */
  | { readonly kind: 'exists' }
  /** A search (not anchored), case-sensitive without the flag `i`. */
  | { readonly kind: 'regex'; readonly pattern: string; readonly flags: readonly RegexFlag[] }
  | { readonly kind: 'cidr'; readonly network: string }
  | { readonly kind: 'compare'; readonly op: Comparison; readonly value: number }
  /** One part of a date, read as it stands: no conversion between time zones. */
  | TimeTest
  /** Equal to, or beginning with, ending with, containing, the value of another field. */
  | { readonly kind: 'fieldref'; readonly other: string; readonly how: FieldrefHow }
  /** Text in the target's own language, from a pipeline; only printers of that language may see it. */
  | { readonly kind: 'verbatim'; readonly template: string; readonly id: string }

export interface TimeTest {
  readonly kind: 'time'
  readonly part: TimePart
  readonly op: Comparison | 'eq'
  readonly value: number
}

export type FieldrefHow = 'equals' | 'startswith' | 'endswith' | 'contains'

export interface FieldTest {
  readonly kind: 'test'
  readonly field: string
  readonly test: Test
}

/** Looks at every value of the event. */
export interface KeywordTest {
  readonly kind: 'keyword'
  readonly test: Test
}

export type Leaf = FieldTest | KeywordTest

export type Predicate =
  | { readonly kind: 'and'; readonly of: readonly Predicate[] }
  | Disjunction
  | { readonly kind: 'not'; readonly of: Predicate }
  | { readonly kind: 'constant'; readonly value: boolean }
  | Leaf

export interface Disjunction {
  readonly kind: 'or'
  readonly of: readonly Predicate[]
  /** The variants of one value as written: printers may write them as one test. */
  readonly isExpansion?: true
}

export const ALWAYS: Predicate = Object.freeze({ kind: 'constant', value: true })
export const NEVER: Predicate = Object.freeze({ kind: 'constant', value: false })

/** One operand stays itself; none is what the operator leaves unchanged. */
export function allOf(of: readonly Predicate[]): Predicate {
  return of.length === 1 ? of[0]! : of.length === 0 ? ALWAYS : { kind: 'and', of }
}

export function anyOf(of: readonly Predicate[]): Predicate {
  return of.length === 1 ? of[0]! : of.length === 0 ? NEVER : { kind: 'or', of }
}

export function not(of: Predicate): Predicate {
  return { kind: 'not', of }
}

/** Every leaf in reading order, negated ones too. */
export function* leaves(predicate: Predicate): Generator<Leaf> {
  switch (predicate.kind) {
    case 'and':
    case 'or':
      for (const operand of predicate.of) yield* leaves(operand)
      break
    case 'not':
      yield* leaves(predicate.of)
      break
    case 'test':
    case 'keyword':
      yield predicate
      break
    case 'constant':
      break
  }
}
