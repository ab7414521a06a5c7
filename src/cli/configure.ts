// The settings a command runs with, from its flags, the environment and the settings file.

import { loadConfiguration, type Configuration } from '#platform/config/load.ts'
import { textFlag, type Arguments } from './command.ts'
import type { Shell } from './shell.ts'

/** Throws `invalid` with one line for each problem. */
export function configure(shell: Pick<Shell, 'cwd' | 'env'>, args: Arguments): Configuration {
  return loadConfiguration({
    cwd: shell.cwd,
    env: shell.env,
    file: textFlag(args, 'config'),
    flags: { data: textFlag(args, 'data'), 'server.listen': textFlag(args, 'listen') },
  })
}
