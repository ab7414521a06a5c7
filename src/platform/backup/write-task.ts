// Makes a backup in a thread of its own: copy, encrypt, and prove by a trial restore. Minutes of work
// on a large database, and the event loop does not notice.

import { rm } from 'node:fs/promises'
import type { DerivedKeys } from '#platform/keys/hierarchy.ts'
import type { WorkerTask } from '#platform/worker.ts'
import { manifestOf, type Manifest } from './check.ts'
import type { BackupHeader } from './envelope.ts'
import { writeBackupFile, type WriteOptions } from './file.ts'
import { counterOf, type ProgressBuffer } from './progress.ts'
import { removeCopy, snapshotDatabase } from './snapshot.ts'
import { verifyBackup } from './verify.ts'

export interface WriteBackupInput {
  /** The live database. */
  readonly database: string
  /** Must not exist yet. */
  readonly file: string
  /** Where plain copies may stand meanwhile. */
  readonly scratch: string
  readonly derived: DerivedKeys
  readonly header: WriteOptions['header']
  readonly progress: ProgressBuffer
}

export interface WrittenBackup {
  readonly header: BackupHeader
  readonly manifest: Manifest
}

export const writeBackup: WorkerTask<WriteBackupInput, WrittenBackup> = {
  worker: 'backup',
  name: 'backup.write',
}

export async function writeBackupHere(input: WriteBackupInput): Promise<WrittenBackup> {
  const { database, file, scratch, derived, header } = input
  const progress = counterOf(input.progress)
  try {
    await snapshotDatabase(database, scratch, { progress })
    const manifest = manifestOf(scratch)
    const backupKey = derived.keys.backup
    await writeBackupFile({ database: scratch, file, backupKey, header, manifest, progress })
  } finally {
    removeCopy(scratch)
  }
  try {
    const verified = await verifyBackup(file, scratch, derived, { progress })
    return { header: verified.header, manifest: verified.manifest }
  } catch (error) {
    await rm(file, { force: true }) // what cannot be restored is no backup
    throw error
  }
}
