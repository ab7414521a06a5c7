// Settings for a product started inside a test: its own directory, any free port of loopback, and
// nothing of the machine's environment.

import { loadConfiguration, type Configuration } from '#platform/config/load.ts'

// What is logged below an error would drown the runner's own lines.
const QUIET = { RULEWRIGHT_LOG_LEVEL: 'error' }

/** `env` holds settings as the environment spells them: `{ RULEWRIGHT_SERVER_METRICS: 'true' }`. */
export function testConfiguration(
  data: string,
  env: Readonly<Record<string, string>> = {},
): Configuration {
  return loadConfiguration({
    cwd: data,
    env: { ...QUIET, ...env },
    flags: { data, 'server.listen': '127.0.0.1:0' },
  })
}
