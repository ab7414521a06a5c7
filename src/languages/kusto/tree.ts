// The tree of a Kusto query, our own: statements, pipelines of operators, expressions. Plain nodes
// with a `kind` and a range, made from Microsoft's (convert.ts), so that nothing above knows whose
// parser it was. An operator or expression that has no node of its own is `other`, with its parts.

import type { Mention, Range } from '#languages/query.ts'

export interface KustoQuery extends Range {
  readonly statements: readonly KustoStatement[]
}

export type KustoStatement = KustoLet | KustoRun | KustoDirective

export interface KustoLet extends Range {
  readonly kind: 'let'
  readonly name: Mention
  readonly value: KustoExpression
}

/** A statement that answers rows. */
export interface KustoRun extends Range {
  readonly kind: 'run'
  readonly value: KustoExpression
}

/** `set`, `declare …`, `alias`, `restrict`; its words as they stand. */
export interface KustoDirective extends Range {
  readonly kind: 'directive'
  readonly name: string
  readonly text: string
  readonly parts: readonly KustoExpression[]
}

export type KustoExpression =
  | KustoPipe
  | KustoName
  | KustoPath
  | KustoElement
  | KustoCall
  | KustoJunction
  | KustoBinary
  | KustoUnary
  | KustoMembership
  | KustoBetween
  | KustoLiteral
  | KustoArray
  | KustoObject
  | KustoStar
  | KustoNamed
  | KustoOrdered
  | KustoTyped
  | KustoFunction
  | KustoDatatable
  | KustoExternalData
  | KustoWrapped
  | KustoOther

/** `source | operator | …`; no source where the first operator makes the rows (`union`, `print`). */
export interface KustoPipe extends Range {
  readonly kind: 'pipe'
  readonly source: KustoExpression | null
  readonly operators: readonly KustoOperator[]
}

/** What the binder knows a name to be; null when nothing does. */
export type Referent = 'column' | 'table' | 'variable' | 'function' | 'parameter' | null

export interface KustoName extends Mention {
  readonly kind: 'name'
  readonly referent: Referent
  /** Holds `*`: stands for several columns or tables. */
  readonly isPattern: boolean
}

/** `left.right`; the right side is a name or a call. */
export interface KustoPath extends Range {
  readonly kind: 'path'
  readonly left: KustoExpression
  readonly right: KustoExpression
}

/** `item[selector]` */
export interface KustoElement extends Range {
  readonly kind: 'element'
  readonly item: KustoExpression
  readonly selector: KustoExpression
}

export interface KustoCall extends Mention {
  readonly kind: 'call'
  readonly nameRange: Range
  readonly arguments: readonly KustoExpression[]
}

/** All of them, or any of them; never one, never one of the same kind inside. */
export interface KustoJunction extends Range {
  readonly kind: 'and' | 'or'
  readonly items: readonly KustoExpression[]
}

/** Comparisons, text operators (`has`, `!contains_cs`, …) and arithmetic. */
export interface KustoBinary extends Range {
  readonly kind: 'binary'
  readonly operator: string
  readonly left: KustoExpression
  readonly right: KustoExpression
}

export interface KustoUnary extends Range {
  readonly kind: 'unary'
  readonly operator: string
  readonly item: KustoExpression
}

export interface KustoMembership extends Range {
  readonly kind: 'membership'
  /** `in`, `!in`, `in~`, `!in~`, `has_any`, `has_all` */
  readonly operator: string
  readonly left: KustoExpression
  readonly list: readonly KustoExpression[]
}

export interface KustoBetween extends Range {
  readonly kind: 'between'
  readonly isNegated: boolean
  readonly item: KustoExpression
  readonly low: KustoExpression
  readonly high: KustoExpression
}

export type KustoLiteralType =
  | 'string'
  | 'bool'
  | 'int'
  | 'long'
  | 'real'
  | 'decimal'
  | 'datetime'
  | 'timespan'
  | 'guid'
  | 'type'
  | 'word'

export interface KustoLiteral extends Range {
  readonly kind: 'literal'
  readonly type: KustoLiteralType
  /** A string's value, unescaped; otherwise what stands there, without `datetime( … )`. */
  readonly text: string
}

/** Inside `dynamic( … )`. */
export interface KustoArray extends Range {
  readonly kind: 'array'
  readonly items: readonly KustoExpression[]
}

export interface KustoObject extends Range {
  readonly kind: 'object'
  readonly members: readonly { readonly key: string; readonly value: KustoExpression }[]
}

export interface KustoStar extends Range {
  readonly kind: 'star'
}

/** `name = value`, or `(a, b) = value`. */
export interface KustoNamed extends Range {
  readonly kind: 'named'
  readonly names: readonly Mention[]
  readonly value: KustoExpression
}

export interface KustoOrdered extends Range {
  readonly kind: 'ordered'
  readonly item: KustoExpression
  /** Null when left out: `sort` and `top` then sort descending. */
  readonly direction: 'asc' | 'desc' | null
  readonly nulls: 'first' | 'last' | null
}

/** `name: type`, and `item to typeof(type)` of `mv-expand`. */
export interface KustoTyped extends Range {
  readonly kind: 'typed'
  readonly item: KustoExpression
  readonly type: string
}

export interface KustoParameter {
  readonly name: Mention
  readonly type: string
  readonly fallback: KustoExpression | null
}

/** `(a: string, T: (x: int)) { … }` */
export interface KustoFunction extends Range {
  readonly kind: 'function'
  readonly parameters: readonly KustoParameter[]
  readonly statements: readonly KustoStatement[]
  readonly result: KustoExpression | null
}

export interface KustoColumn {
  readonly name: string
  readonly type: string
}

export interface KustoDatatable extends Range {
  readonly kind: 'datatable'
  readonly columns: readonly KustoColumn[]
  /** Row by row. */
  readonly values: readonly KustoExpression[]
}

export interface KustoExternalData extends Range {
  readonly kind: 'externaldata'
  readonly columns: readonly KustoColumn[]
  readonly addresses: readonly KustoExpression[]
  readonly properties: readonly KustoOption[]
}

/** `materialize( … )`, `toscalar( … )`, `totable( … )`. */
export interface KustoWrapped extends Range {
  readonly kind: 'wrapped'
  readonly name: 'materialize' | 'toscalar' | 'totable'
  readonly item: KustoExpression
}

export interface KustoOther extends Range {
  readonly kind: 'other'
  /** What Microsoft calls it. */
  readonly name: string
  /** As it stands, white space and comments apart. */
  readonly text: string
  readonly parts: readonly KustoExpression[]
}

/** `kind=inner`, `hint.strategy=shuffle` */
export interface KustoOption extends Range {
  readonly name: string
  readonly value: KustoExpression
}

interface Operator extends Range {
  /** Lower case, as written: `where`, `project-away`. */
  readonly name: string
  readonly nameRange: Range
  readonly options: readonly KustoOption[]
}

export type KustoOperator =
  | KustoWhere
  | KustoColumns
  | KustoSummarize
  | KustoLimit
  | KustoSort
  | KustoTop
  | KustoCount
  | KustoJoin
  | KustoUnion
  | KustoSearch
  | KustoExpand
  | KustoApply
  | KustoParse
  | KustoSeries
  | KustoEvaluate
  | KustoRange
  | KustoRender
  | KustoOtherOperator

export interface KustoWhere extends Operator {
  readonly kind: 'where'
  readonly condition: KustoExpression
}

/** `extend`, `project` and its kin, `distinct`, `print`, `serialize`. */
export interface KustoColumns extends Operator {
  readonly kind: 'columns'
  readonly columns: readonly KustoExpression[]
}

export interface KustoSummarize extends Operator {
  readonly kind: 'summarize'
  readonly aggregates: readonly KustoExpression[]
  readonly by: readonly KustoExpression[]
}

/** `take`, `limit`, `sample` */
export interface KustoLimit extends Operator {
  readonly kind: 'limit'
  readonly count: KustoExpression
}

export interface KustoSort extends Operator {
  readonly kind: 'sort'
  readonly by: readonly KustoExpression[]
}

export interface KustoTop extends Operator {
  readonly kind: 'top'
  readonly count: KustoExpression
  readonly by: KustoExpression
}

export interface KustoCount extends Operator {
  readonly kind: 'count'
  readonly as: string | null
}

/** `join` and `lookup`; the kind of join is among the options. */
export interface KustoJoin extends Operator {
  readonly kind: 'join'
  readonly right: KustoExpression
  readonly on: readonly KustoExpression[]
}

export interface KustoUnion extends Operator {
  readonly kind: 'union'
  readonly tables: readonly KustoExpression[]
}

/** `search` and `find`; no tables means every table. */
export interface KustoSearch extends Operator {
  readonly kind: 'search'
  readonly tables: readonly KustoExpression[]
  readonly condition: KustoExpression | null
  readonly columns: readonly KustoExpression[]
}

/** `mv-expand` */
export interface KustoExpand extends Operator {
  readonly kind: 'expand'
  readonly items: readonly KustoExpression[]
  readonly limit: KustoExpression | null
}

/** `mv-apply` */
export interface KustoApply extends Operator {
  readonly kind: 'apply'
  readonly items: readonly KustoExpression[]
  readonly limit: KustoExpression | null
  readonly subquery: KustoExpression
}

/** `parse`, `parse-where`: texts, `*` and the columns between them. */
export interface KustoParse extends Operator {
  readonly kind: 'parse'
  readonly item: KustoExpression
  readonly patterns: readonly KustoExpression[]
}

/** `make-series` */
export interface KustoSeries extends Operator {
  readonly kind: 'series'
  readonly aggregates: readonly {
    readonly value: KustoExpression
    readonly fallback: KustoExpression | null
  }[]
  readonly on: KustoExpression
  readonly from: KustoExpression | null
  readonly to: KustoExpression | null
  readonly step: KustoExpression | null
  /** The older `in range(a, b, c)`: its end belongs to it. */
  readonly isInclusive: boolean
  readonly by: readonly KustoExpression[]
}

/** `evaluate plugin( … )`, `invoke function( … )` */
export interface KustoEvaluate extends Operator {
  readonly kind: 'evaluate'
  readonly call: KustoExpression
}

/** `range x from 1 to 10 step 1` */
export interface KustoRange extends Operator {
  readonly kind: 'range'
  readonly column: Mention
  readonly from: KustoExpression
  readonly to: KustoExpression
  readonly step: KustoExpression
}

export interface KustoRender extends Operator {
  readonly kind: 'render'
  readonly chart: string
}

export interface KustoOtherOperator extends Operator {
  readonly kind: 'other'
  /** As it stands, white space and comments apart. */
  readonly text: string
  readonly parts: readonly KustoExpression[]
}
