// Microsoft Sentinel as the product's port: Log Analytics for queries, Azure for rules, one app for both.

import type { Connection, SiemPort, TargetQuery } from '#domain/targets/port.ts'
import { AppError } from '#kernel/error.ts'
import type { Problem } from '#kernel/problem.ts'
import { openAccess } from './access.ts'
import { checkSentinel } from './check.ts'
import { runDry } from './dry-run.ts'
import { openHealth } from './health.ts'
import type { Logs } from './logs.ts'
import { readPrivileges } from './privileges.ts'
import { withRowsMax } from './query-text.ts'
import { openRules } from './rules.ts'
import { readSchema } from './schema.ts'
import { openSearch } from './search.ts'
import { sentinelSettings } from './settings.ts'

/** Throws `invalid` for settings that are none of Sentinel's. */
export function openSentinel(connection: Connection): SiemPort {
  const read = sentinelSettings.safeParse(connection.settings)
  if (!read.success) {
    throw new AppError('invalid', 'The settings of this target do not fit Microsoft Sentinel.', {
      cause: read.error,
    })
  }
  const access = openAccess(connection, read.data)
  return {
    kind: 'sentinel',
    check: (signal) => checkSentinel(access, connection, signal),
    privileges: (need, signal) => readPrivileges(access, need, signal),
    schema: (signal) => readSchema(access, signal),
    validate: (query, signal) => validate(access.logs, query, connection.now(), signal),
    search: openSearch(access.logs),
    rules: openRules(access),
    health: openHealth(access.logs),
    test: (query, events, signal) =>
      runDry(access, { query, events, now: connection.now() }, signal),
  }
}

/** The service reads the query and takes no row of what it would answer. */
async function validate(
  logs: Logs,
  { text }: TargetQuery,
  now: number,
  signal: AbortSignal,
): Promise<readonly Problem[]> {
  const range = { from: now - 1, to: now }
  try {
    const sent = withRowsMax(text, 0)
    await logs.ask({ text: sent, range, secondsMax: 60, what: 'the query', signal })
    return []
  } catch (error) {
    const problems = error instanceof AppError ? error.details['problems'] : undefined
    if (error instanceof AppError && error.code === 'invalid' && Array.isArray(problems)) {
      return problems as readonly Problem[]
    }
    throw error
  }
}
