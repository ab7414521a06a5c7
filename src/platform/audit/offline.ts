// Verifies the log in a database file from outside the server: beside a running one, on a copy, with
// the master secret or with nothing but the public keys.

import { existsSync } from 'node:fs'
import { AppError } from '#kernel/error.ts'
import { inspectNow } from '#platform/db/engine/sqlite/inspect.ts'
import { openReader, sqliteCode, type Connection } from '#platform/db/engine/sqlite/open.ts'
import { openKeys } from '#platform/keys/instance.ts'
import { findStoredKeysIn } from '#platform/keys/store.ts'
import type { AuditPublicKeys } from './keys.ts'
import type { VerifyKeys } from './trust.ts'
import { walkLog, type Verdict } from './verify.ts'

export interface OfflineOptions {
  readonly database: string
  /** Notes from anchors. */
  readonly notes: readonly string[]
  /** Candidates for the master secret, or the public keys alone. */
  readonly by: { readonly secrets: readonly Buffer[] } | { readonly keys: AuditPublicKeys }
}

/** Throws `invalid` for a file that is no database of ours, and for another secret. */
export function verifyOffline({ database, notes, by }: OfflineOptions): Verdict {
  if (!existsSync(database)) throw new AppError('invalid', `There is no database ${database}.`)
  const connection = openReader(database)
  try {
    return inspectNow(connection, walkLog(keysFor(connection, by), { notes }))
  } catch (cause) {
    if (sqliteCode(cause) === undefined) throw cause
    throw new AppError('invalid', `${database} cannot be read as a database of this product.`, {
      cause,
    })
  } finally {
    connection.close()
  }
}

function keysFor(connection: Connection, by: OfflineOptions['by']): VerifyKeys {
  if ('keys' in by) return by.keys
  const stored = findStoredKeysIn(connection)
  if (!stored) throw new AppError('invalid', 'This database holds no instance.')
  return openKeys(stored, by.secrets).audit
}
