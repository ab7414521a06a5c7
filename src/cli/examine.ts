// Everything the doctor looks at, in the order of its report. Loaded when it is asked for: it brings
// the database library along.

import { AppError } from '#kernel/error.ts'
import { endingsIn } from '#domain/health/endings.ts'
import { ENDING_WORDS } from '#domain/workspaces/endings.ts'
import { systemClock } from '#platform/clock.ts'
import { MASTER_SECRET } from '#platform/config/open-secrets.ts'
import type { Configuration } from '#platform/config/load.ts'
import { describeDataDirectory } from '#platform/data-directory.ts'
import { checkData } from '#platform/doctor/data.ts'
import { checkStored } from '#platform/doctor/database.ts'
import { checkDoor } from '#platform/doctor/door.ts'
import { checkEndings } from '#platform/doctor/endings.ts'
import { bad, ok, type Finding } from '#platform/doctor/finding.ts'
import { checkMachine } from '#platform/doctor/machine.ts'
import { checkMasterSecret, readMasterSecret } from '#platform/keys/master.ts'
import type { Arguments } from './command.ts'
import { configure } from './configure.ts'
import type { Shell } from './shell.ts'

export async function examine(shell: Shell, args: Arguments): Promise<readonly Finding[]> {
  const settled = settle(shell, args)
  if ('problems' in settled) return settled.problems
  const { configuration } = settled
  const { settings } = configuration
  const dir = describeDataDirectory(configuration.dataDir)
  const now = systemClock.now()
  const from = configuration.file ?? 'no file: flags, environment and defaults'
  return [
    { check: 'settings', ...ok(from) },
    ...(await checkMachine(dir, now)),
    ...(await checkData(dir)),
    ...(await checkDoor(dir, settings)),
    ...(await checkStored({
      dir,
      now,
      readSecret: () => readSecret(configuration, dir.masterSecret),
    })),
    ...(await checkEndings({
      dir,
      now,
      list: async (db, scope) => {
        const found = await endingsIn(db, scope, now)
        return found.map(({ kind, name, endsAt }) => ({
          what: `${ENDING_WORDS[kind]} of ${name}`,
          endsAt,
        }))
      },
    })),
  ]
}

function settle(
  shell: Shell,
  args: Arguments,
): { configuration: Configuration } | { problems: readonly Finding[] } {
  try {
    return { configuration: configure(shell, args) }
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    const problems = error.message.split('\n')
    return {
      problems: problems.map((message) => ({
        check: 'settings',
        ...bad(message, 'correct it; nothing else was checked'),
      })),
    }
  }
}

function readSecret(configuration: Configuration, usual: string): Buffer {
  const source = configuration.secretSource(MASTER_SECRET)
  if (source?.kind === 'value') return checkMasterSecret(Buffer.from(source.text), source.name)
  return source ? readMasterSecret(source.path, source) : readMasterSecret(usual)
}
