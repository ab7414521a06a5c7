// The tree of an EQL query: an event query, a sequence, a sample or a join, with pipes. Plain nodes
// with a `kind` and a range. Source: elastic.co/docs, EQL syntax reference, read 2026-11.

import type { Mention, Range } from '#languages/query.ts'

export type EqlQuery = (EqlEventQuery | EqlSequence | EqlSample) & {
  readonly pipes: readonly EqlPipe[]
}

export interface EqlEventQuery extends Range {
  readonly kind: 'event'
  readonly filter: EqlEventFilter
}

/** `join` is a sequence whose order does not matter; Elasticsearch parses but does not run it. */
export interface EqlSequence extends Range {
  readonly kind: 'sequence' | 'join'
  readonly by: readonly EqlExpression[]
  readonly maxspan: EqlDuration | null
  readonly terms: readonly EqlTerm[]
  readonly until: EqlTerm | null
}

export interface EqlSample extends Range {
  readonly kind: 'sample'
  readonly by: readonly EqlExpression[]
  readonly terms: readonly EqlTerm[]
}

/** One `[ … ]` of a sequence: `![ … ]` must not happen, `with runs=3` three times in a row. */
export interface EqlTerm extends Range {
  readonly filter: EqlEventFilter
  readonly by: readonly EqlExpression[]
  readonly isMissing: boolean
  readonly runs: number
}

export interface EqlEventFilter extends Range {
  /** `any`, or the value of the event category field. */
  readonly category: Mention
  readonly condition: EqlExpression
}

export interface EqlDuration extends Range {
  readonly milliseconds: number
}

export interface EqlPipe extends Mention {
  readonly arguments: readonly EqlExpression[]
}

export type EqlExpression =
  | EqlJunction
  | EqlNot
  | EqlComparison
  | EqlMembership
  | EqlArithmetic
  | EqlNegation
  | EqlCall
  | EqlField
  | EqlLiteral

export interface EqlJunction extends Range {
  readonly kind: 'and' | 'or'
  readonly items: readonly EqlExpression[]
}

export interface EqlNot extends Range {
  readonly kind: 'not'
  readonly item: EqlExpression
}

export type EqlComparator = '==' | '!=' | '<' | '<=' | '>' | '>='

export interface EqlComparison extends Range {
  readonly kind: 'comparison'
  readonly operator: EqlComparator
  readonly left: EqlExpression
  readonly right: EqlExpression
}

export type EqlMatcher = 'in' | 'in~' | ':' | 'like' | 'like~' | 'regex' | 'regex~'

/** The value is one of the list, or matches one of its patterns. `~` and `:` ignore case. */
export interface EqlMembership extends Range {
  readonly kind: 'membership'
  readonly operator: EqlMatcher
  readonly isNegated: boolean
  readonly left: EqlExpression
  readonly list: readonly EqlExpression[]
}

export interface EqlArithmetic extends Range {
  readonly kind: 'arithmetic'
  readonly operator: '+' | '-' | '*' | '/' | '%'
  readonly left: EqlExpression
  readonly right: EqlExpression
}

export interface EqlNegation extends Range {
  readonly kind: 'negation'
  readonly item: EqlExpression
}

export interface EqlCall extends Mention {
  readonly kind: 'call'
  readonly isCaseless: boolean
  readonly arguments: readonly EqlExpression[]
}

/** `?field` may be missing from the mapping. */
export interface EqlField extends Mention {
  readonly kind: 'field'
  readonly isOptional: boolean
}

export interface EqlLiteral extends Range {
  readonly kind: 'literal'
  readonly value: string | number | boolean | null
}
