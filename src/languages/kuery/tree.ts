// The tree of a Kibana query (its makers call the language KQL; we say kuery, because Kusto has the
// same three letters). Frozen plain nodes with a `kind` and a range.
// Source: elastic.co/docs/explore-analyze/query-filter/languages/kql, read 2026-11.

import type { Range } from '#languages/query.ts'

export type KueryNode = KueryOr | KueryAnd | KueryNot | KueryTest | KueryNested | KueryFree

export interface KueryOr extends Range {
  readonly kind: 'or'
  readonly items: readonly KueryNode[]
}

export interface KueryAnd extends Range {
  readonly kind: 'and'
  readonly items: readonly KueryNode[]
}

export interface KueryNot extends Range {
  readonly kind: 'not'
  readonly item: KueryNode
}

export type KueryOperator = ':' | '<' | '<=' | '>' | '>='

/** `field: values`; a field may hold wildcards (`user.*: root`). */
export interface KueryTest extends Range {
  readonly kind: 'test'
  readonly field: KueryText
  readonly operator: KueryOperator
  readonly values: KueryValues
}

/** `field: { … }`: all parts hold in one object of a nested field. */
export interface KueryNested extends Range {
  readonly kind: 'nested'
  readonly field: KueryText
  readonly item: KueryNode
}

/** A value with no field: looked for in the index's default fields. */
export interface KueryFree extends Range {
  readonly kind: 'free'
  readonly values: KueryValues
}

export type KueryValues = KueryText | KueryValueGroup | KueryValueNot

export interface KueryValueGroup extends Range {
  readonly kind: 'all' | 'any'
  readonly items: readonly KueryValues[]
}

export interface KueryValueNot extends Range {
  readonly kind: 'none'
  readonly item: KueryValues
}

/** One literal. `parts` are unescaped; a wildcard stands between each two of them. */
export interface KueryText extends Range {
  readonly kind: 'text'
  readonly isQuoted: boolean
  readonly parts: readonly string[]
}

export function isWildcard(text: KueryText): boolean {
  return text.parts.length > 1
}

/** `*` alone: the field exists. */
export function isAny(text: KueryText): boolean {
  return text.parts.length > 1 && text.parts.every((part) => part === '')
}

export function plainText(text: KueryText): string {
  return text.parts.join('*')
}
