// `rulewright backup create | verify | restore`: the first inside the server, the others beside it.

import { randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createBackup } from '#domain/backups/actions.ts'
import { systemCaller } from '#domain/access/system.ts'
import type { Watch } from '#platform/backup/file.ts'
import { restoreBackup } from '#platform/backup/restore.ts'
import { openBackup, verifyBackup, type VerifiedBackup } from '#platform/backup/verify.ts'
import { systemClock } from '#platform/clock.ts'
import { describeDataDirectory } from '#platform/data-directory.ts'
import { DATA_FLAGS, type HouseCommand, type ProcessCommand } from './command.ts'
import { configure } from './configure.ts'
import { SECRET_FILE_FLAG, visibleSecrets } from './master-secret.ts'
import { EXIT, type Shell } from './shell.ts'

export const backupCreate: HouseCommand = {
  name: 'backup create',
  about: 'write an encrypted backup of the instance and prove it',
  runsIn: 'house',
  operands: ['FILE'],
  async run({ shell, house, caller }, args) {
    const file = path.resolve(shell.cwd, args.operands[0] ?? '')
    const progress = teller(shell)
    const backup = await createBackup(house, caller, file, {
      signal: shell.signal,
      progress: ({ done, total, note }) => progress(done, total, note),
    })
    shell.out(`wrote ${file}: ${megabytes(backup.sizeBytes)}, ${backup.auditSize} audit entries`)
    shell.out(`it opens only with the master secret with key id ${backup.mkId}`)
    return EXIT.fine
  },
}

export const backupVerify: ProcessCommand = {
  name: 'backup verify',
  about: 'prove that a backup can be restored; exit 1 when it cannot',
  runsIn: 'process',
  operands: ['FILE'],
  flags: { ...SECRET_FILE_FLAG, ...DATA_FLAGS },
  async run({ shell }, args) {
    const configuration = configure(shell, args)
    const file = path.resolve(shell.cwd, args.operands[0] ?? '')
    const derived = await openBackup(file, visibleSecrets(shell, configuration, args).all)
    const base = existsSync(configuration.dataDir) ? configuration.dataDir : tmpdir()
    const folder = mkdtempSync(path.join(base, 'verify-'))
    try {
      const copy = path.join(folder, 'copy.db')
      const verified = await verifyBackup(file, copy, derived, watchOf(shell))
      for (const line of describe(verified)) shell.out(line)
      return EXIT.fine
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  },
}

export const backupRestore: ProcessCommand = {
  name: 'backup restore',
  about: 'put a backup in the place of a stopped server’s data; it comes up held',
  runsIn: 'process',
  operands: ['FILE'],
  flags: { ...SECRET_FILE_FLAG, ...DATA_FLAGS },
  async run({ shell }, args) {
    const configuration = configure(shell, args)
    const { dataDir, settings } = configuration
    const secrets = visibleSecrets(shell, configuration, args)
    const parts = { clock: systemClock, random: randomBytes }
    const restored = await restoreBackup({
      ...parts,
      ...watchOf(shell),
      file: path.resolve(shell.cwd, args.operands[0] ?? ''),
      directory: describeDataDirectory(dataDir),
      anchorDir: path.resolve(dataDir, settings.audit.anchorDir),
      secrets: secrets.all,
      directorySecret: secrets.own,
      caller: systemCaller(parts, 'cli', shell.user),
    })
    for (const line of describe(restored)) shell.out(line)
    if (restored.gap > 0) {
      shell.out(`${restored.gap} audit entries known outside are newer than this backup`)
    }
    if (restored.kept !== undefined) shell.out(`what was there is kept in ${restored.kept}`)
    shell.out('the instance is held: start it, look around, then run rulewright instance release')
    return EXIT.fine
  },
}

function describe({ header, manifest, auditSize }: VerifiedBackup): string[] {
  const { createdAt, version, installId, databaseBytes } = header
  return [
    `backup of ${createdAt} by version ${version}, install ${installId}`,
    `database of ${megabytes(databaseBytes)}, schema ${manifest.schema}: sound`,
    `audit log of ${auditSize} entries: verified`,
  ]
}

function watchOf(shell: Shell): Watch {
  return { signal: shell.signal, progress: teller(shell) }
}

// One line a step and one for each tenth of it: readable in a log as well as at a terminal.
function teller(shell: Pick<Shell, 'err'>): (done: number, total: number, note: string) => void {
  let told = ''
  return (done, total, note) => {
    if (note === '' || total === 0) return
    const line = `${note}: ${Math.floor((10 * done) / total) * 10} % of ${megabytes(total)}`
    if (line !== told) shell.err(line)
    told = line
  }
}

function megabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toFixed(1)} MB`
}
