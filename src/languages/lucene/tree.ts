// The tree of a Lucene query string, as Elasticsearch, Kibana and OpenSearch read it. Plain nodes
// with a `kind` and a range. `field: (a OR b)` is two tests of the field.
// Source: elastic.co/docs, Query string query, "Query string syntax", read 2026-11.

import type { TextPattern } from '#languages/predicate.ts'
import type { Mention, Range } from '#languages/query.ts'

export type LuceneNode =
  | LuceneJunction
  | LuceneClauses
  | LuceneNot
  | LuceneMust
  | LuceneTest
  | LuceneExists
  | LuceneEverything

export interface LuceneJunction extends Range {
  readonly kind: 'and' | 'or'
  readonly items: readonly LuceneNode[]
}

/**
 * Side by side with nothing between. Every `must` is required and every `not` excluded; of the others
 * one is enough, or none where a `must` stands beside them (the default operator is OR).
 */
export interface LuceneClauses extends Range {
  readonly kind: 'clauses'
  readonly items: readonly LuceneNode[]
}

/** `NOT x`, `!x`, `-x` */
export interface LuceneNot extends Range {
  readonly kind: 'not'
  readonly item: LuceneNode
}

/** `+x` */
export interface LuceneMust extends Range {
  readonly kind: 'must'
  readonly item: LuceneNode
}

export interface LuceneTest extends Range {
  readonly kind: 'test'
  /** Null: looked for in the default fields. May hold wildcards. */
  readonly field: Mention | null
  readonly value: LuceneValue
}

export type LuceneValue =
  /** Without quotes it may hold wildcards, and `~2` makes it fuzzy. */
  | {
      readonly kind: 'text'
      readonly pattern: TextPattern
      readonly isQuoted: boolean
      /** Distance after `~`: letters of a word, words of a phrase. */
      readonly distance: number | null
    }
  /** Anchored at both ends. */
  | { readonly kind: 'regex'; readonly pattern: string }
  | {
      readonly kind: 'range'
      /** Null is open. */
      readonly low: string | null
      readonly high: string | null
      readonly includesLow: boolean
      readonly includesHigh: boolean
    }

/** `_exists_:field` */
export interface LuceneExists extends Range {
  readonly kind: 'exists'
  readonly field: Mention
}

/** `*:*`, `*` and the empty query. */
export interface LuceneEverything extends Range {
  readonly kind: 'everything'
}
