// Verifies a backup by restoring it into a temporary file and looking at that as a start would.

import { rmSync } from 'node:fs'
import { AppError } from '#kernel/error.ts'
import { deriveKeys, type DerivedKeys } from '#platform/keys/hierarchy.ts'
import { checkCopy, parseManifest, type CheckedCopy, type Manifest } from './check.ts'
import type { BackupHeader } from './envelope.ts'
import { extractBackup, readBackupHeader, type Watch } from './file.ts'
import { removeCopy } from './snapshot.ts'

export interface VerifiedBackup extends CheckedCopy {
  readonly header: BackupHeader
  readonly manifest: Manifest
}

/** The keys of the secret that this backup needs, or `invalid` naming its key id. */
export async function openBackup(file: string, secrets: readonly Buffer[]): Promise<DerivedKeys> {
  const { header } = await readBackupHeader(file)
  const found = secrets
    .map((secret) => deriveKeys(secret, header.installId))
    .find(({ mkId }) => mkId === header.mkId)
  if (found) return found
  throw new AppError(
    'invalid',
    `This backup of ${header.createdAt} needs the master secret with key id ${header.mkId}. Name it with --secret-file.`,
  )
}

/** Leaves the checked database at `copy`; on any error nothing is left there. Errors as checkCopy's. */
export async function restoreCopy(
  file: string,
  copy: string,
  derived: DerivedKeys,
  watch: Watch = {},
): Promise<VerifiedBackup> {
  try {
    const {
      header,
      sha256,
      manifest: value,
    } = await extractBackup(file, copy, derived.keys.backup, watch)
    const manifest = parseManifest(value)
    if (manifest.sha256 !== sha256) {
      throw new AppError('conflict', 'The backup is damaged. Use another backup.')
    }
    watch.progress?.(header.databaseBytes, header.databaseBytes, 'Checking the database')
    return { header, manifest, ...checkCopy(copy, derived, manifest) }
  } catch (error) {
    removeCopy(copy)
    throw error
  } finally {
    for (const suffix of ['-wal', '-shm']) rmSync(`${copy}${suffix}`, { force: true })
  }
}

/** Restores into `copy`, which is removed again whatever the outcome. */
export async function verifyBackup(
  file: string,
  copy: string,
  derived: DerivedKeys,
  watch: Watch = {},
): Promise<VerifiedBackup> {
  try {
    return await restoreCopy(file, copy, derived, watch)
  } finally {
    removeCopy(copy)
  }
}
