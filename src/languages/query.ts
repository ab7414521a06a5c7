// What every query language of the house answers, in one shape, so that guards, drift, editors and
// doors need to know none of them. Offsets are UTF-16 code units from 0; problems carry lines.

import type { Checked, Problem } from '#kernel/problem.ts'

export const QUERY_LANGUAGES = ['spl', 'kusto', 'esql', 'eql', 'lucene', 'kuery'] as const
export type QueryLanguage = (typeof QUERY_LANGUAGES)[number]

/** Half open: `text.slice(start, end)` is the thing. */
export interface Range {
  readonly start: number
  readonly end: number
}

export interface Mention extends Range {
  readonly name: string
}

export type SourceKind =
  | 'index'
  | 'sourcetype'
  | 'source'
  | 'datamodel'
  | 'table'
  | 'macro'
  | 'lookup'
  | 'watchlist'
  | 'saved_search'
  | 'function'
  | 'event_category'

/** Data a query names. A pattern (`logs-*`) may be more than one. */
export interface Source extends Mention {
  readonly kind: SourceKind
  readonly isPattern: boolean
}

/** What a read-only query may not do, or what the guard does not know. */
export interface Effect extends Mention {
  readonly kind: 'writes' | 'sends' | 'executes' | 'fetches' | 'crosses' | 'unknown'
  readonly why: string
}

/** Null means the query says nothing; the texts are in the language's own spelling. */
export interface TimeBounds {
  readonly earliest: string | null
  readonly latest: string | null
  readonly basis: 'event' | 'ingest' | null
}

/** `unscoped` needs a named waiver before it is deployed (DOMAIN principle 6). */
export interface Scope {
  readonly state: 'scoped' | 'unscoped'
  readonly by: readonly Source[]
  readonly note?: string
}

export interface QueryFacts {
  readonly sources: readonly Source[]
  readonly fields: readonly Mention[]
  readonly commands: readonly Mention[]
  readonly functions: readonly Mention[]
  readonly scope: Scope
  readonly time: TimeBounds
  readonly effects: readonly Effect[]
  /** Severity `info` or `warning`, codes `cost/…`. */
  readonly costs: readonly Problem[]
}

/** What is known of the data that queries run over; everything may be left out. Plain JSON. */
export interface QuerySchema {
  /**
   * Type by column by table (index, source type). With it an unknown name is an error in Kusto, and an
   * unknown field a warning in the other languages.
   */
  readonly tables?: Readonly<Record<string, Readonly<Record<string, string>>>>
  /** Functions that a Kusto workspace has of its own. */
  readonly functions?: readonly string[]
  /** SPL macros: `name`, or `name(2)` for one with two arguments. */
  readonly macros?: Readonly<
    Record<string, { readonly definition: string; readonly arguments?: readonly string[] }>
  >
  /** The search an SPL data model is made of, by `Model` or `Model.Dataset`. */
  readonly datamodels?: Readonly<Record<string, string>>
  /** SPL lookups by name, with their fields. */
  readonly lookups?: Readonly<Record<string, readonly string[]>>
}

/** One language. Everything is pure; Kusto alone runs in a worker. */
export interface Language<Tree> {
  /** All problems at once; a tree whenever anything could be read. Never throws, always ends. */
  parse(text: string, schema?: QuerySchema): Checked<Tree>
  reads(tree: Tree, text: string, schema?: QuerySchema): QueryFacts
  /** Idempotent, keeps comments and meaning; for what parses without an error. */
  format(text: string, tree: Tree): string
  /** Null when both mean the same; else the smallest difference, in words. */
  compare(before: Tree, after: Tree): string | null
}
