// `rulewright audit verify | export`: verifying reads only, beside the server or without one.

import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { exportAudit } from '#domain/audit/actions.ts'
import { getWorkspace } from '#domain/workspaces/actions.ts'
import { AppError } from '#kernel/error.ts'
import { readAnchors } from '#platform/audit/anchors.ts'
import type { AuditPublicKeys } from '#platform/audit/keys.ts'
import { verifyOffline } from '#platform/audit/offline.ts'
import type { OpenAttack } from '#platform/audit/open-attacks.ts'
import { readCheckpointKeys } from '#platform/audit/public-key.ts'
import { verifyBundle } from '#platform/audit/verify-bundle.ts'
import { verifyExport } from '#platform/audit/verify-export.ts'
import type { Verdict } from '#platform/audit/verify.ts'
import { describeDataDirectory } from '#platform/data-directory.ts'
import { makeScope } from '#platform/db/scope.ts'
import { errnoOf } from '#platform/errno.ts'
import {
  DATA_FLAGS,
  textFlag,
  type Arguments,
  type HouseCommand,
  type ProcessCommand,
} from './command.ts'
import { configure } from './configure.ts'
import { SECRET_FILE_FLAG, visibleSecrets } from './master-secret.ts'
import { EXIT, type ExitCode, type Shell } from './shell.ts'

export const auditVerify: ProcessCommand = {
  name: 'audit verify',
  about: 'prove that no audit entry was changed; exit 1 and the first bad entry when one was',
  runsIn: 'process',
  flags: {
    checkpoints: {
      value: 'DIR',
      about: 'signed checkpoints kept outside (default: the anchor folder)',
    },
    'public-key': { value: 'FILE', about: 'trust these keys and need no master secret' },
    export: { value: 'FILE', about: 'verify an export instead of the database' },
    bundle: { value: 'FILE', about: 'verify a signed file of what stood where' },
    ...SECRET_FILE_FLAG,
    ...DATA_FLAGS,
  },
  async run({ shell }, args) {
    const keys = await publicKeys(shell, args)
    const file = textFlag(args, 'export')
    if (file !== undefined) return verifyFile(shell, args, keys)
    const bundle = textFlag(args, 'bundle')
    if (bundle !== undefined) return verifyBundleFile(shell, bundle, keys)
    const configuration = configure(shell, args)
    const { dataDir, settings } = configuration
    const given = textFlag(args, 'checkpoints')
    const folder =
      given === undefined
        ? path.resolve(dataDir, settings.audit.anchorDir)
        : path.resolve(shell.cwd, given)
    const notes = await readAnchors(folder)
    const by = keys ? { keys } : { secrets: visibleSecrets(shell, configuration, args).all }
    const { database } = describeDataDirectory(dataDir)
    return tell(shell, verifyOffline({ database, notes, by }))
  },
}

export const auditExport: HouseCommand = {
  name: 'audit export',
  about: 'print the audit log of a workspace so that anyone can verify it',
  runsIn: 'house',
  flags: {
    workspace: { value: 'SLUG', about: 'whose log', isRequired: true },
    format: { value: 'FORMAT', about: 'ndjson (can be verified) or csv (default ndjson)' },
  },
  async run({ shell, house, caller }, args) {
    const format = textFlag(args, 'format') ?? 'ndjson'
    if (format !== 'ndjson' && format !== 'csv') {
      throw new AppError('invalid', `--format is ndjson or csv, not ${format}`)
    }
    const { id } = await getWorkspace(house, caller, textFlag(args, 'workspace') ?? '')
    const member = { ...caller, scope: makeScope(id) }
    for await (const line of exportAudit(house, member, format)) {
      shell.signal.throwIfAborted()
      shell.out(line)
      await shell.drained?.()
    }
    return EXIT.fine
  },
}

function tell(shell: Shell, verdict: Verdict): ExitCode {
  if (!verdict.ok) {
    shell.err(`the audit log is broken at entry ${verdict.seq}: ${verdict.message}`)
    return EXIT.problems
  }
  const { size, rows, checkpointed, anchored, anchors, accepted } = verdict
  shell.out(`every entry up to ${size} is as it was written (${rows} walked)`)
  shell.out(`signed up to entry ${checkpointed}`)
  shell.out(
    anchors === 0
      ? 'no checkpoint from outside the file was compared'
      : `${anchors} checkpoints from outside agree, the last over ${anchored} entries`,
  )
  for (const { seq, message } of accepted) {
    shell.out(`accepted by a person: entry ${seq}: ${message}`)
  }
  tellOpen(shell, verdict.open)
  return EXIT.fine
}

function tellOpen(shell: Shell, open: readonly OpenAttack[]): void {
  for (const { attack, message } of open) shell.out(`cannot be excluded: ${attack}: ${message}`)
}

async function verifyFile(
  shell: Shell,
  args: Arguments,
  keys: AuditPublicKeys | undefined,
): Promise<ExitCode> {
  const file = path.resolve(shell.cwd, textFlag(args, 'export') ?? '')
  const folder = textFlag(args, 'checkpoints')
  const notes = folder === undefined ? [] : await readAnchors(path.resolve(shell.cwd, folder))
  const lines = createInterface({ input: createReadStream(file), crlfDelay: Infinity })
  const verdict = await verifyExport(lines, { keys, notes }).catch((error: unknown) => {
    throw unreadable(file, error)
  })
  if (!verdict.ok) {
    shell.err(`${file} line ${verdict.line}: ${verdict.message}`)
    return EXIT.problems
  }
  const { first, last, workspaceId, size, exportedAt } = verdict
  shell.out(
    `entries ${first} to ${last} of ${workspaceId} are as they were written, in a log of ${size}`,
  )
  shell.out(`exported ${exportedAt}`)
  tellOpen(shell, verdict.open)
  return EXIT.fine
}

async function verifyBundleFile(
  shell: Shell,
  name: string,
  keys: AuditPublicKeys | undefined,
): Promise<ExitCode> {
  const file = path.resolve(shell.cwd, name)
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw unreadable(file, error)
  })
  const verdict = verifyBundle(text, keys)
  if (!verdict.ok) {
    shell.err(`${file}: ${verdict.message}`)
    return EXIT.problems
  }
  const { lines, workspace, at, madeAt, isTrusted } = verdict
  shell.out(`${lines} lines of ${workspace} as of ${at} are as they were signed at ${madeAt}`)
  if (!isTrusted) shell.out('by the keys in the file itself: give yours with --public-key')
  return EXIT.fine
}

async function publicKeys(shell: Shell, args: Arguments): Promise<AuditPublicKeys | undefined> {
  const file = textFlag(args, 'public-key')
  if (file === undefined) return undefined
  const text = await readFile(path.resolve(shell.cwd, file), 'utf8').catch((error: unknown) => {
    throw unreadable(file, error)
  })
  return readCheckpointKeys(text)
}

function unreadable(file: string, error: unknown): unknown {
  const code = errnoOf(error)
  return code === undefined ? error : new AppError('invalid', `${file} cannot be read (${code})`)
}
