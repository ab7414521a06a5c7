// The master secrets a command beside the server can see.

import path from 'node:path'
import type { Configuration } from '#platform/config/load.ts'
import { MASTER_SECRET } from '#platform/config/open-secrets.ts'
import { describeDataDirectory } from '#platform/data-directory.ts'
import { existsSync } from 'node:fs'
import { readMasterSecret } from '#platform/keys/master.ts'
import { readSecret } from '#platform/keys/open.ts'
import { textFlag, type Arguments, type Flag } from './command.ts'
import type { Shell } from './shell.ts'

export const SECRET_FILE_FLAG = {
  'secret-file': {
    value: 'FILE',
    about: 'the master secret it was made under, if not the present',
  },
} as const satisfies Record<string, Flag>

export interface VisibleSecrets {
  /** The one the instance starts with; undefined where none is set up yet. */
  readonly own: Buffer | undefined
  /** That and the one of `--secret-file`. */
  readonly all: readonly Buffer[]
}

/** Throws `invalid` for a secret that is named and cannot be used. */
export function visibleSecrets(
  shell: Pick<Shell, 'cwd'>,
  configuration: Configuration,
  args: Arguments,
): VisibleSecrets {
  const own = ownSecret(configuration)
  const named = textFlag(args, 'secret-file')
  const given = named === undefined ? [] : [readMasterSecret(path.resolve(shell.cwd, named))]
  return { own, all: own ? [...given, own] : given }
}

function ownSecret({ dataDir, secretSource }: Configuration): Buffer | undefined {
  const source = secretSource(MASTER_SECRET)
  if (source) return readSecret(source)
  const { masterSecret } = describeDataDirectory(dataDir)
  return existsSync(masterSecret) ? readMasterSecret(masterSecret) : undefined
}
