// What the owner can do with backups: make one, list them. Restoring is done on the command line,
// beside a stopped server.

import { permit } from '#domain/access/permission.ts'
import { ID_PREFIXES, makeId, type JobId } from '#kernel/id.ts'
import { formatInstant } from '#kernel/time.ts'
import {
  backupFolder,
  makeBackupFile,
  removeBackupFile,
  type BackupPlace,
  type MakeOptions,
} from '#platform/backup/make.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { BACKUP_JOB, BACKUP_TITLE, surplus, type Backup } from './backup.ts'
import { deleteBackup, insertBackup, listBackups } from './store.ts'

/** `file` is absolute and must not exist. Audited. Throws `conflict`, `storage_full`. */
export async function createBackup(
  house: House,
  caller: Caller,
  file: string,
  options: MakeOptions = {},
): Promise<Backup> {
  permit(caller, 'backup.create')
  return make(house, caller, { file, isScheduled: false }, options)
}

/**
 * Makes the next backup of the schedule in `folder` and removes scheduled ones beyond the newest
 * `keep`. Safe to repeat: a repetition makes one more.
 */
export async function createScheduledBackup(
  house: House,
  caller: Caller,
  { folder, keep }: { readonly folder: string; readonly keep: number },
  options: MakeOptions = {},
): Promise<Backup> {
  permit(caller, 'backup.create')
  const backup = await make(house, caller, { folder, isScheduled: true }, options)
  for (const old of surplus(await listBackups(house.db.read(caller.scope)), keep)) {
    await removeBackupFile(old.file)
    await house.db.write(caller, async (tx) => {
      await deleteBackup(tx, old.id)
      const data = { createdAt: formatInstant(old.createdAt), mkId: old.mkId }
      await house.audit.record(tx, caller, { action: 'backup.remove', target: old.id, data })
    })
  }
  return backup
}

/** Where scheduled backups go, and how many stay. `folder` is absolute. */
export function scheduledPlace(house: House): { readonly folder: string; readonly keep: number } {
  return { folder: backupFolder(house), keep: house.settings.backup.keep }
}

/** Queues a backup beside the scheduled ones, now. Returns its job, which audits it. */
export async function requestBackup(house: House, caller: Caller): Promise<JobId> {
  permit(caller, 'backup.create')
  return house.db.write(caller, (tx) =>
    house.jobs.enqueueKind(tx, caller, BACKUP_JOB, scheduledPlace(house), { title: BACKUP_TITLE }),
  )
}

/** Newest first. */
export async function readBackups(house: House, caller: Caller): Promise<readonly Backup[]> {
  permit(caller, 'backup.read')
  return listBackups(house.db.read(caller.scope))
}

async function make(
  house: House,
  caller: Caller,
  { isScheduled, ...place }: BackupPlace & Pick<Backup, 'isScheduled'>,
  options: MakeOptions,
): Promise<Backup> {
  const createdAt = house.clock.now()
  const id = makeId(ID_PREFIXES.backup, createdAt, house.random(10))
  const made = await makeBackupFile(house, place, options)
  const { file, sizeBytes, mkId, auditSize, sha256 } = made
  const backup: Backup = { id, file, createdAt, sizeBytes, mkId, auditSize, isScheduled }
  await house.db.write(caller, async (tx) => {
    await insertBackup(tx, backup)
    const data = { file, sizeBytes, mkId, auditSize, sha256 }
    await house.audit.record(tx, caller, { action: 'backup.create', target: id, data })
  })
  return backup
}
