// Makes a backup file of the running instance: signs the end of the audit log, lets a thread do the
// work, and tidies up behind a thread that was stopped.

import { mkdir, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { formatInstant, HOUR, type Instant } from '#kernel/time.ts'
import type { House } from '#platform/house.ts'
import { VERSION } from '#platform/version.ts'
import { copyName } from './leftovers.ts'
import { makeProgress, readProgress, type BackupProgress } from './progress.ts'
import { removeCopy } from './snapshot.ts'
import { writeBackup, type WrittenBackup } from './write-task.ts'

/** An absolute file that must not exist, or a folder in which the file gets a name of its own. */
export type BackupPlace = { readonly file: string } | { readonly folder: string }

/** Where scheduled backups go: absolute. */
export function backupFolder({ directory, settings }: House): string {
  return path.resolve(directory.path, settings.backup.dir)
}

export interface MakeOptions {
  readonly signal?: AbortSignal
  /** Called about four times a second. */
  readonly progress?: (progress: BackupProgress) => void
}

export interface BackupFile {
  /** Absolute. */
  readonly file: string
  readonly sizeBytes: number
  readonly mkId: string
  readonly auditSize: number
  /** Hex over the database in it. */
  readonly sha256: string
}

const LOOK_EVERY_MS = 250
/** A terabyte on a slow disk; beyond it something hangs. */
const TIMEOUT_MS = 12 * HOUR

/** Throws `conflict` when the file exists, `storage_full` when it does not fit. */
export async function makeBackupFile(
  house: House,
  place: BackupPlace,
  { signal, progress }: MakeOptions = {},
): Promise<BackupFile> {
  await house.audit.checkpoint()
  const file = await nameFile(house, place)
  const scratch = path.join(house.directory.path, copyName(house.random(8)))
  const counter = makeProgress()
  const look = setInterval(() => progress?.(readProgress(counter)), LOOK_EVERY_MS)
  try {
    const { header, manifest } = await write(house, { file, scratch, progress: counter }, signal)
    progress?.(readProgress(counter)) // a small database is done before the first look
    const { size } = await stat(file)
    const { auditSize, sha256 } = manifest
    return { file, sizeBytes: size, mkId: header.mkId, auditSize, sha256 }
  } finally {
    clearInterval(look)
    removeCopy(scratch)
    if (signal?.aborted) await rm(`${file}.partial`, { force: true })
  }
}

/** Nothing happens when it is gone already. */
export async function removeBackupFile(file: string): Promise<void> {
  await rm(file, { force: true })
}

function write(
  house: House,
  rest: { file: string; scratch: string; progress: SharedArrayBuffer },
  signal: AbortSignal | undefined,
): Promise<WrittenBackup> {
  const { derived, installId } = house.keys.opened
  const { mkId } = derived
  const salt = house.random(32).toString('hex')
  const createdAt = formatInstant(house.clock.now())
  const header = { installId, mkId, salt, version: VERSION, createdAt }
  const input = { ...rest, database: house.directory.database, derived, header }
  return house.workers.run(writeBackup, input, { timeoutMs: TIMEOUT_MS, ...(signal && { signal }) })
}

async function nameFile(house: House, place: BackupPlace): Promise<string> {
  if ('file' in place) return place.file
  await mkdir(place.folder, { recursive: true, mode: 0o700 })
  return path.join(place.folder, backupName(house.clock.now(), house.random(4)))
}

// Names sort by time and two of one millisecond do not meet.
function backupName(at: Instant, random: Buffer): string {
  const stamp = formatInstant(at).replaceAll(/[-:]|\.\d+/g, '')
  return `rulewright-${stamp}-${random.toString('hex')}.backup`
}
