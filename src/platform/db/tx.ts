// The two handles of a store. A `Tx` writes and lives as long as one write body; a `Reader` selects.
// They do not fit each other, so a store that writes cannot be called outside a transaction.

import type { Kysely } from 'kysely'
import type { WorkspaceScope } from './scope.ts'
import type { Tables } from './tables.ts'

type Queries =
  | 'selectFrom'
  | 'insertInto'
  | 'updateTable'
  | 'deleteFrom'
  | 'with'
  | 'withRecursive'
  | 'fn'
  | 'getExecutor'

declare const inBody: unique symbol

/** What a write body may use. After its body a Tx throws on every use. */
export type Tx = Pick<Kysely<Tables>, Queries> & {
  readonly [inBody]: true
  readonly scope: WorkspaceScope
  /** Runs after COMMIT, in order, before callers are answered. Must not throw. */
  afterCommit(hook: () => void): void
}

/** Selects only. Not assignable to Tx, nor Tx's extra powers reachable from it. */
export type Reader = Pick<Kysely<Tables>, 'selectFrom' | 'with' | 'withRecursive' | 'fn'>
