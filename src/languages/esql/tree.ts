// The tree of an ES|QL query: a source command and the commands its rows pass through. Plain nodes
// with a `kind` and a range. Source: elastic.co/docs, ES|QL reference for 9.x, read 2026-11.

import type { Mention, Range } from '#languages/query.ts'

export interface EsqlQuery extends Range {
  readonly commands: readonly EsqlCommand[]
}

export type EsqlCommand =
  EsqlFrom | EsqlLookupJoin | EsqlStats | EsqlFork | EsqlEnrich | EsqlColumns | EsqlPlain

interface Command extends Range {
  /** Lower case, one space between two words: `lookup join`. */
  readonly name: string
}

export interface EsqlFrom extends Command {
  readonly kind: 'from'
  readonly name: 'from' | 'ts'
  readonly patterns: readonly EsqlPattern[]
  /** `FROM (FROM a | …), b` */
  readonly subqueries: readonly EsqlQuery[]
  readonly metadata: readonly Mention[]
}

/** `cluster` is set for a remote index (`europe:logs-*`). */
export interface EsqlPattern extends Mention {
  readonly cluster: string | null
}

export interface EsqlLookupJoin extends Command {
  readonly kind: 'lookup_join'
  readonly index: EsqlPattern
  readonly on: readonly EsqlExpression[]
}

/** `STATS`, `INLINE STATS` */
export interface EsqlStats extends Command {
  readonly kind: 'stats'
  readonly aggregates: readonly EsqlAggregate[]
  readonly by: readonly EsqlAssignment[]
}

export interface EsqlAssignment extends Range {
  /** Null where the column takes the text of its expression as its name. */
  readonly target: Mention | null
  readonly value: EsqlExpression
}

export interface EsqlAggregate extends EsqlAssignment {
  readonly where: EsqlExpression | null
}

export interface EsqlFork extends Command {
  readonly kind: 'fork'
  readonly branches: readonly (readonly EsqlCommand[])[]
}

export interface EsqlEnrich extends Command {
  readonly kind: 'enrich'
  readonly policy: Mention
  readonly on: Mention | null
  readonly added: readonly EsqlAssignment[]
}

/** `KEEP`, `DROP`: names in which `*` stands for any characters. */
export interface EsqlColumns extends Command {
  readonly kind: 'columns'
  readonly columns: readonly Mention[]
}

/** Every other command: the expressions it takes and the words between them. */
export interface EsqlPlain extends Command {
  readonly kind: 'plain'
  readonly arguments: readonly EsqlArgument[]
}

export interface EsqlArgument extends EsqlAssignment {
  /** The words before it, in lower case: `on`, `as`. */
  readonly words: string
  /** The words after it, up to a comma or the end: `desc nulls last`. */
  readonly wordsAfter: string
}

export type EsqlExpression =
  | EsqlJunction
  | EsqlUnary
  | EsqlBinary
  | EsqlMembership
  | EsqlNullTest
  | EsqlCast
  | EsqlCall
  | EsqlField
  | EsqlLiteral
  | EsqlInterval
  | EsqlList
  | EsqlMap
  | EsqlParameter

export interface EsqlJunction extends Range {
  readonly kind: 'and' | 'or'
  readonly items: readonly EsqlExpression[]
}

export interface EsqlUnary extends Range {
  readonly kind: 'not' | 'negation'
  readonly item: EsqlExpression
}

/** Comparison, match (`:`), pattern (`like`, `rlike`) or arithmetic. */
export interface EsqlBinary extends Range {
  readonly kind: 'binary'
  readonly operator: string
  readonly isNegated: boolean
  readonly left: EsqlExpression
  readonly right: EsqlExpression
}

/** `in`, `like` and `rlike` over a list. */
export interface EsqlMembership extends Range {
  readonly kind: 'membership'
  readonly operator: 'in' | 'like' | 'rlike'
  readonly isNegated: boolean
  readonly left: EsqlExpression
  readonly list: readonly EsqlExpression[]
}

export interface EsqlNullTest extends Range {
  readonly kind: 'null_test'
  readonly isNegated: boolean
  readonly item: EsqlExpression
}

export interface EsqlCast extends Range {
  readonly kind: 'cast'
  readonly item: EsqlExpression
  readonly type: string
}

export interface EsqlCall extends Mention {
  readonly kind: 'call'
  readonly arguments: readonly EsqlExpression[]
}

export interface EsqlField extends Mention {
  readonly kind: 'field'
}

export interface EsqlLiteral extends Range {
  readonly kind: 'literal'
  readonly value: string | number | boolean | null
}

/** `30 days`, `1min` */
export interface EsqlInterval extends Range {
  readonly kind: 'interval'
  readonly amount: number
  /** Singular: `day`. */
  readonly unit: string
}

export interface EsqlList extends Range {
  readonly kind: 'list'
  readonly items: readonly EsqlExpression[]
}

export interface EsqlMap extends Range {
  readonly kind: 'map'
  readonly members: readonly { readonly key: string; readonly value: EsqlExpression }[]
}

/** `?`, `?1`, `?name`, `??name` */
export interface EsqlParameter extends Mention {
  readonly kind: 'parameter'
}
