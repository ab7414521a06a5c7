// Looks at a copy of a database the way a start does, and harder: a copy passes when everything in it
// is as the product wrote it. Runs where it may take minutes: in a worker, or on the command line.

import { z } from 'zod'
import { AppError } from '#kernel/error.ts'
import type { Json } from '#kernel/json.ts'
import { decodeFrontier, frontierRoot } from '#platform/audit/merkle.ts'
import { walkLog } from '#platform/audit/verify.ts'
import { inspectNow } from '#platform/db/engine/sqlite/inspect.ts'
import { openReader, type Connection } from '#platform/db/engine/sqlite/open.ts'
import { MIGRATIONS } from '#platform/db/migrations/list.ts'
import type { DerivedKeys } from '#platform/keys/hierarchy.ts'
import { openWith } from '#platform/keys/instance.ts'
import { findStoredKeysIn } from '#platform/keys/store.ts'

/** What stands behind the database in a backup file. */
const manifestSchema = z.strictObject({
  /** Number of the newest migration. */
  schema: z.int().min(1),
  /** Hex over the bytes of the database. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  auditSize: z.int().min(0),
  /** Hex. */
  auditRoot: z.string().regex(/^[0-9a-f]{64}$/),
})
export type Manifest = z.infer<typeof manifestSchema>

/** Throws `conflict` for what no version of the product wrote. */
export function parseManifest(value: unknown): Manifest {
  const parsed = manifestSchema.safeParse(value)
  if (parsed.success) return parsed.data
  throw new AppError('conflict', 'The backup has no readable manifest. Use another backup.')
}

/** The facts of a copy that its bytes do not tell from outside. */
export function manifestOf(copy: string): (sha256: string) => Manifest & Json {
  const connection = openReader(copy)
  try {
    const { seq, frontier } = connection
      .prepare('select "seq", "frontier" from "auditHead" where "id" = 1')
      .get() as { seq: number; frontier: Buffer }
    const auditRoot = frontierRoot(decodeFrontier(seq, frontier)).toString('hex')
    const schema = schemaOf(connection)
    return (sha256) => ({ schema, sha256, auditSize: seq, auditRoot })
  } finally {
    connection.close()
  }
}

export interface CheckedCopy {
  /** Entries of the audit log that were walked. */
  readonly auditRows: number
  readonly auditSize: number
}

/**
 * Opens the copy as a start would and walks its whole audit log. Throws `conflict` for a copy that is
 * not as it was written, `unsupported` for one of a newer version, `invalid` for another secret.
 */
export function checkCopy(copy: string, derived: DerivedKeys, manifest: Manifest): CheckedCopy {
  const connection = openReader(copy)
  try {
    const schema = schemaOf(connection)
    const newest = MIGRATIONS.at(-1)?.number ?? 0
    if (schema > newest) {
      throw new AppError('unsupported', 'This backup is of a newer version. Use that one.')
    }
    if (connection.pragma('quick_check(1)', { simple: true }) !== 'ok') throw unsound('its pages')
    const stored = findStoredKeysIn(connection)
    if (!stored) throw unsound('the row of the instance')
    const { audit } = openWith(stored, derived)
    const verdict = inspectNow(connection, walkLog(audit))
    if (!verdict.ok) throw unsound(`audit entry ${verdict.seq} (${verdict.message})`)
    const isSame =
      schema === manifest.schema &&
      verdict.size === manifest.auditSize &&
      verdict.root.toString('hex') === manifest.auditRoot
    if (!isSame) throw unsound('its manifest')
    return { auditRows: verdict.rows, auditSize: verdict.size }
  } finally {
    connection.close()
  }
}

function schemaOf(connection: Connection): number {
  const text = 'select max("number") from "schemaMigration"'
  return connection.prepare(text).pluck().get() as number
}

function unsound(what: string): AppError {
  return new AppError(
    'conflict',
    `The backup does not pass its check: ${what}. Use another backup.`,
  )
}
