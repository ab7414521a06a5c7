// Checks of what is stored: schema, damage, the master secret, the audit log's tail, backups. Reads
// only, on a connection of its own: it may run beside a server and never takes its lock.

import { existsSync, statSync } from 'node:fs'
import { DAY, formatDuration, HOUR, type Instant } from '#kernel/time.ts'
import { verifyAuditHere } from '#platform/audit/verify-task.ts'
import { hasInstance, type DataDirectory } from '#platform/data-directory.ts'
import { findDamage } from '#platform/db/engine/sqlite/check.ts'
import { readApplied } from '#platform/db/engine/sqlite/migrate.ts'
import { openReader, type Connection } from '#platform/db/engine/sqlite/open.ts'
import { MIGRATIONS } from '#platform/db/migrations/list.ts'
import { openKeys, type OpenedKeys } from '#platform/keys/instance.ts'
import { findStoredKeysIn } from '#platform/keys/store.ts'
import { bad, check, ok, unknown, warn, type Finding } from './finding.ts'

export interface StoredParts {
  readonly dir: DataDirectory
  readonly now: Instant
  /** Reads the master secret; throws what to tell when it cannot be read. The caller clears it. */
  readonly readSecret: () => Buffer
}

const DAMAGE_CHECK_BYTES_MAX = 1024 * 1024 * 1024

export async function checkStored(parts: StoredParts): Promise<readonly Finding[]> {
  if (!hasInstance(parts.dir)) return []
  const opened: { connection?: Connection; keys?: OpenedKeys } = {}
  const open = await check('database', () => {
    opened.connection = openReader(parts.dir.database)
    return checkDamage(opened.connection, parts.dir)
  })
  const { connection } = opened
  if (!connection) return [open]
  try {
    const secret = await check('master-secret', () => {
      opened.keys = openWith(connection, parts.readSecret)
      return ok('it is the one this data was made with')
    })
    return [
      open,
      await check('schema', () => checkSchema(connection)),
      await check('durability', () => checkDurability(connection)),
      asBad(secret),
      await check('audit-log', () => checkAudit(parts.dir, opened.keys)),
      await check('held', () => checkHeld(connection)),
      await check('backups', () => checkBackups(connection, parts)),
    ]
  } finally {
    connection.close()
  }
}

function checkDamage(connection: Connection, { database }: DataDirectory) {
  const { size } = statSync(database)
  if (size > DAMAGE_CHECK_BYTES_MAX) return unknown('too large to be read through here')
  const [problem] = findDamage(connection, 'quick')
  if (problem === undefined) return ok('no damage that the database itself can see')
  return bad(`damaged: ${problem}`, 'stop the server and restore the newest backup')
}

function checkSchema(connection: Connection) {
  const now = readApplied(connection).at(-1)?.number ?? 0
  const own = MIGRATIONS.at(-1)?.number ?? 0
  if (now === own) return ok(`version ${now}, the one this build works with`)
  if (now > own) {
    return bad(`version ${now} is newer than this build's ${own}`, 'run the newer build')
  }
  return warn(
    `version ${now}; this build brings it to ${own}`,
    'the next start does, after a copy of the database',
  )
}

// synchronous = FULL belongs to a connection, so it is visible only in the server, which reads it
// back after a real statement and refuses to run without it.
function checkDurability(connection: Connection) {
  const mode = connection.pragma('journal_mode', { simple: true })
  if (mode !== 'wal') return bad(`journal mode ${String(mode)}, not WAL`, 'restart the server')
  return ok('write-ahead log; a server runs only with synchronous = FULL in force')
}

function openWith(connection: Connection, readSecret: () => Buffer): OpenedKeys | undefined {
  const stored = findStoredKeysIn(connection)
  if (!stored) return undefined
  const secret = readSecret()
  try {
    return openKeys(stored, [secret])
  } finally {
    secret.fill(0)
  }
}

/** A secret that cannot be used is no matter of not seeing it: the next start fails. */
function asBad(finding: Finding): Finding {
  if (finding.verdict !== 'unknown') return finding
  const { check: name, message } = finding
  const reason = message.replace('could not be checked: ', '')
  return { check: name, ...bad(reason, 'put back the secret this data was made with') }
}

function checkAudit({ database }: DataDirectory, keys: OpenedKeys | undefined) {
  if (!keys) return unknown('it cannot be verified without the master secret')
  const verdict = verifyAuditHere({
    file: database,
    keys: keys.audit,
    options: { from: 'checkpoint' },
  })
  if (verdict.ok) return ok(`intact since the last checkpoint (${verdict.size} entries in all)`)
  return bad(
    `broken at entry ${verdict.seq}: ${verdict.message}`,
    'run rulewright audit verify, and keep this data directory as evidence',
  )
}

function checkHeld(connection: Connection) {
  const row: unknown = connection.prepare('select heldReason from instance where id = 1').get()
  const reason = typeof row === 'object' && row && 'heldReason' in row ? row.heldReason : null
  if (typeof reason !== 'string') return ok('the instance is not held')
  return warn(`the instance is held: ${reason}`, 'reconcile and release it')
}

/** The newest backup of a daily schedule is at most a day and a bit old. */
const BACKUP_AGE_WARN_MS = DAY + 2 * HOUR

// Each backup on this list was restored once when it was made.
function checkBackups(connection: Connection, { now }: StoredParts) {
  const rows = connection
    .prepare('select "file", "createdAt" from "backup" order by "createdAt" desc limit 100')
    .all() as { file: string; createdAt: number }[]
  const newest = rows.find(({ file }) => existsSync(file))
  const advice = 'run rulewright backup create FILE, or look at why the schedule does not'
  if (!newest) {
    const isEmpty = rows.length === 0
    return warn(isEmpty ? 'there was no backup yet' : 'no backup is where it was put', advice)
  }
  const ageMs = Math.max(0, now - newest.createdAt)
  const age = formatDuration(Math.ceil(ageMs / HOUR) * HOUR)
  if (ageMs > BACKUP_AGE_WARN_MS) return warn(`the newest backup is ${age} old`, advice)
  return ok(`the newest backup is at most ${age} old and was proven by restoring it`)
}
