// The secrets of a running instance, watched. What they are used for reads them through `current` at
// each use, so that a new value is in force at once.

import type { Logger } from 'pino'
import type { Configuration, SecretSource } from './load.ts'
import { Secrets } from './secret.ts'
import { ALL } from './sources.ts'

export const MASTER_SECRET = 'masterSecret'
export const METRICS_TOKEN = 'server.metricsToken'
export const MAIL_PASSWORD = 'mail.password'

/** Every secret that is set, the master secret included. Throws `invalid` for a file that is not. */
export function openSecrets(
  configuration: Configuration,
  masterSecret: SecretSource,
  log: Logger,
): Secrets {
  const sources = new Map<string, SecretSource>()
  for (const { id, setting } of ALL) {
    const source = setting.isSecret ? configuration.secretSource(id) : undefined
    if (source) sources.set(id, source)
  }
  sources.set(MASTER_SECRET, masterSecret)
  const secrets = new Secrets({
    sources,
    reportedOnly: new Set([MASTER_SECRET]),
    report(event, id, cause) {
      const line = {
        event: `secret.${event}`,
        secret: id,
        ...(cause !== undefined && { err: cause }),
      }
      if (event === 'changed') log.info(line, 'a secret file changed; the new value is in force')
      else log.warn(line, WARNINGS[event])
    },
  })
  secrets.watch()
  return secrets
}

const WARNINGS = {
  reported: 'the master secret file changed; nothing uses the new one before: secret rotate',
  kept: 'a secret file changed and cannot be used; the value before stays in force',
  unwatched: 'secret files cannot be watched; send SIGHUP after changing one',
} as const
