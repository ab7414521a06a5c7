// Exchanges the file of the master secret around the transaction that puts the new secret in force:
// the new one waits beside the old, and whichever the database names is found at the next start,
// wherever a crash came. The old file is kept, because older backups need it.

import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { nextSecretFile } from './master.ts'

/** Writes the new secret beside the one in force and waits for the disk. */
export function stageSecret(secretFile: string, secret: Buffer): void {
  const next = nextSecretFile(secretFile)
  rmSync(next, { force: true })
  const descriptor = openSync(next, 'wx', 0o600)
  try {
    writeFileSync(descriptor, Buffer.concat([secret, Buffer.from('\n')]))
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
  syncFolder(path.dirname(secretFile))
}

/** Puts the staged secret in place. Returns where the old one is kept. Safe to repeat. */
export function finishExchange(secretFile: string, oldMkId: string): string {
  const kept = `${secretFile}.old-${oldMkId}`
  if (existsSync(secretFile) && !existsSync(kept)) linkSync(secretFile, kept)
  renameSync(nextSecretFile(secretFile), secretFile)
  syncFolder(path.dirname(secretFile))
  return kept
}

function syncFolder(folder: string): void {
  const descriptor = openSync(folder, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
