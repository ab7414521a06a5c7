// A rule as it stands at a vendor's, and what its fields tell beside the logic. Each vendor has a file
// beside this one; what it reads was not written by us and is never believed to be well formed.

import type { QueryLanguage } from '#languages/query.ts'

export interface ObservedObject {
  /** The vendor's own id or name. */
  readonly ref: string
  readonly name: string
  /** As the target gave it. */
  readonly raw: unknown
  /** What a write of it names, in the one spelling of the adapter. */
  readonly body: Readonly<Record<string, unknown>>
}

/** Somebody besides us who writes it: an application it came with, a template, a repository. */
export interface Manager {
  readonly kind: 'app' | 'template' | 'prebuilt' | 'repository' | 'tool'
  readonly name: string
}

/** What it builds on and says in a setting; what its query names is read by the language. */
export interface NamedThing {
  readonly kind:
    'exception_list' | 'data_view' | 'saved_search' | 'watchlist' | 'ml_job' | 'connector'
  readonly name: string
}

export interface ObservedFacts {
  /** As a rule file calls it: `query`, `correlation`, `threshold` … or `vendor`. */
  readonly type: string
  readonly level: string | null
  /** The UUID that it bears, which may be the id of a rule of ours. */
  readonly uuid: string | null
  readonly managers: readonly Manager[]
  /** What it sets off: mails, playbooks, connectors, by their names there. */
  readonly actions: readonly string[]
  readonly query: { readonly language: QueryLanguage; readonly text: string } | null
  readonly names: readonly NamedThing[]
  /** Why nothing is ever written over it; null where it can be edited faithfully as far as is seen here. */
  readonly observeOnly: string | null
}

/**
 * How much of the object a rule file says in words of its own, beside settings that keep everything
 * verbatim: less of it where the words and the settings would write something else.
 */
export const DETAILS = ['all', 'without_level', 'without_schedule', 'least'] as const
export type Detail = (typeof DETAILS)[number]
