// Puts the database of a backup in the place of a stopped server's. Everything that can fail is done
// beside the live file first; the exchange is one rename, and what was there is kept. The restored
// instance opens a new epoch of its audit log and comes up held: the world has moved on since.

import { existsSync, linkSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import path from 'node:path'
import { formatInstant, type Clock } from '#kernel/time.ts'
import { readAnchors, writeAnchor, type Anchor } from '#platform/audit/anchors.ts'
import { lastOutside, openEpoch } from '#platform/audit/epoch.ts'
import { appendEntry } from '#platform/audit/log.ts'
import { writeCheckpoint } from '#platform/audit/signing.ts'
import type { Caller } from '#platform/caller.ts'
import type { DataDirectory } from '#platform/data-directory.ts'
import { openDatabase, type Database } from '#platform/db/database.ts'
import { holdInstanceLock } from '#platform/db/engine/sqlite/lock.ts'
import { openWriter } from '#platform/db/engine/sqlite/open.ts'
import { runSteps } from '#platform/db/steps.ts'
import type { Tx } from '#platform/db/tx.ts'
import { assert } from '#kernel/error.ts'
import { deriveKeys, type DerivedKeys } from '#platform/keys/hierarchy.ts'
import { storeHold } from '#platform/keys/hold.ts'
import { openWith, type OpenedKeys } from '#platform/keys/instance.ts'
import { writeMasterSecret } from '#platform/keys/master.ts'
import { rewrapKeys } from '#platform/keys/rotate.ts'
import { findStoredKeys } from '#platform/keys/store.ts'
import type { Random } from '#platform/keys/wraps.ts'
import { settleRestore } from './aftermath.ts'
import { syncFolder, type Watch } from './file.ts'
import { removeLeftovers, RESTORING } from './leftovers.ts'
import { openBackup, restoreCopy, type VerifiedBackup } from './verify.ts'

export interface RestoreOptions extends Watch {
  readonly file: string
  readonly directory: DataDirectory
  /** Absolute. */
  readonly anchorDir: string
  /** Candidates for opening the backup. */
  readonly secrets: readonly Buffer[]
  /** What the directory starts with; when absent the backup's own secret is put there. */
  readonly directorySecret: Buffer | undefined
  readonly caller: Caller
  readonly clock: Clock
  readonly random: Random
}

export interface Restored extends VerifiedBackup {
  /** Entries known from outside that the backup does not hold; 0 when none are known. */
  readonly gap: number
  /** Folder with the database that was there before; undefined for an empty directory. */
  readonly kept: string | undefined
}

/** Throws `busy` while a server runs, and what restoreCopy throws; the live files are then as before. */
export async function restoreBackup(options: RestoreOptions): Promise<Restored> {
  const { directory, file, secrets } = options
  mkdirSync(directory.path, { recursive: true, mode: 0o700 })
  const lock = holdInstanceLock(directory.lock)
  const staging = path.join(directory.path, RESTORING)
  try {
    removeLeftovers(directory.path)
    const derived = await openBackup(file, secrets)
    mkdirSync(staging, { mode: 0o700 })
    const copy = path.join(staging, path.basename(directory.database))
    const verified = await restoreCopy(file, copy, derived, options)
    const last = await readLast(options, verified)
    const anchor = await prepare(staging, derived, last, verified, options)
    if (options.directorySecret === undefined && !existsSync(directory.masterSecret)) {
      writeMasterSecret(directory.masterSecret, secretOf(secrets, derived, verified))
    }
    const kept = await exchange(copy, directory, formatInstant(options.caller.now))
    if (anchor) await writeAnchor(options.anchorDir, anchor, options.clock.now())
    return { ...verified, gap: Math.max(0, (last?.size ?? 0) - verified.auditSize), kept }
  } finally {
    rmSync(staging, { recursive: true, force: true })
    lock.release()
  }
}

async function readLast(
  { anchorDir }: RestoreOptions,
  { header }: VerifiedBackup,
): Promise<Anchor | undefined> {
  const origin = `rulewright/audit/${header.installId}`
  return lastOutside({ origin }, await readAnchors(anchorDir))
}

// Everything the first start must find, in one transaction of the copy.
async function prepare(
  staging: string,
  derived: DerivedKeys,
  last: Anchor | undefined,
  verified: VerifiedBackup,
  options: RestoreOptions,
): Promise<Anchor | undefined> {
  const db: Database = await openDatabase(staging, {
    now: () => options.clock.now(),
    beforeMigrate: () => {}, // the backup itself is the way back
  })
  try {
    return await db.write(options.caller, async (tx) => {
      const opened = await takeOver(tx, derived, options)
      await openRestoredEpoch(tx, opened, last, verified, options)
      await settleAfter(tx, opened, verified, options)
      const reason = `restored from the backup of ${verified.header.createdAt}`
      await storeHold(tx, opened, { at: options.caller.now, reason })
      return writeCheckpoint(tx, opened.audit, options.caller.now)
    })
  } finally {
    await db.close()
    settle(path.join(staging, path.basename(options.directory.database)))
  }
}

// Under the secret the directory starts with, when that is another one than the backup's.
async function takeOver(
  tx: Tx,
  derived: DerivedKeys,
  { directorySecret, random }: RestoreOptions,
): Promise<OpenedKeys> {
  const stored = await findStoredKeys(tx)
  assert(stored, 'the copy was checked')
  const to = directorySecret && deriveKeys(directorySecret, stored.instance.installId)
  if (!to || to.mkId === derived.mkId) return openWith(stored, derived)
  await rewrapKeys(tx, derived, to, random)
  return openWith((await findStoredKeys(tx))!, to)
}

async function openRestoredEpoch(
  tx: Tx,
  { audit }: OpenedKeys,
  last: Anchor | undefined,
  { header, auditSize }: VerifiedBackup,
  { caller, file }: RestoreOptions,
): Promise<void> {
  const by = { at: caller.now, actor: caller.actor, requestId: caller.requestId }
  const data = { createdAt: header.createdAt, version: header.version, auditSize }
  await openEpoch(tx, audit, { ...by, reason: 'restored', last, data })
  await appendEntry(tx, audit, {
    ...by,
    action: 'backup.restore',
    target: 'instance',
    outcome: 'done',
    data: { ...data, file: path.basename(file), gap: Math.max(0, (last?.size ?? 0) - auditSize) },
    personal: null,
  })
}

function settleAfter(
  tx: Tx,
  { audit }: OpenedKeys,
  { header }: VerifiedBackup,
  { caller, random }: RestoreOptions,
): Promise<unknown> {
  const { now: at, actor, requestId } = caller
  const { createdAt } = header
  return runSteps(tx, settleRestore(audit, { at, actor, requestId, createdAt }, random))
}

// One file without a WAL beside it.
function settle(database: string): void {
  const connection = openWriter(database)
  connection.pragma('wal_checkpoint(TRUNCATE)')
  connection.close()
}

async function exchange(
  copy: string,
  { path: folder, database }: DataDirectory,
  at: string,
): Promise<string | undefined> {
  const kept = existsSync(database) ? keepReplaced(folder, database, at) : undefined
  renameSync(copy, database)
  await syncFolder(folder)
  return kept
}

// A WAL left beside the file would be replayed into whatever takes its place. A sound database is
// settled first and leaves none; a damaged one gives its WAL away with it.
function keepReplaced(folder: string, database: string, at: string): string {
  const kept = path.join(folder, `replaced-${at.replaceAll(/[-:]|\.\d+/g, '')}`)
  mkdirSync(kept, { mode: 0o700 })
  try {
    settle(database)
  } catch {
    // Damaged is one of the reasons to restore.
  }
  linkSync(database, path.join(kept, path.basename(database)))
  const wal = `${database}-wal`
  if (existsSync(wal)) renameSync(wal, path.join(kept, path.basename(wal)))
  rmSync(`${database}-shm`, { force: true })
  return kept
}

function secretOf(
  secrets: readonly Buffer[],
  { mkId }: DerivedKeys,
  { header }: VerifiedBackup,
): Buffer {
  const secret = secrets.find((one) => deriveKeys(one, header.installId).mkId === mkId)
  assert(secret, 'one of them opened the backup')
  return Buffer.concat([secret, Buffer.from('\n')])
}
