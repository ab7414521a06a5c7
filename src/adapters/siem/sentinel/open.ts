// Microsoft Sentinel as the product's port: Log Analytics for queries, Azure for rules, one app for both.

import { dryAnswer, withEvents } from '#adapters/siem/microsoft/dry-run.ts'
import { validateKusto } from '#adapters/siem/microsoft/validate.ts'
import type { Connection, SiemPort, TargetQuery, TestAnswer } from '#domain/targets/port.ts'
import { AppError } from '#kernel/error.ts'
import type { Json } from '#kernel/json.ts'
import type { Problem } from '#kernel/problem.ts'
import { addMs } from '#kernel/time.ts'
import { openAccess, type SentinelAccess } from './access.ts'
import { openAlerts } from './alerts.ts'
import { checkSentinel } from './check.ts'
import { readDependencies } from './dependencies.ts'
import { openHealth } from './health.ts'
import { readPrivileges } from './privileges.ts'
import { openRules } from './rules.ts'
import { readSchema } from './schema.ts'
import { openSearch } from './search.ts'
import { sentinelSettings } from './settings.ts'

/** Throws `invalid` for settings that are none of Sentinel's, `unsupported` for a credential of no app. */
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
    validate: (query, signal) => validate(access, connection, query, signal),
    search: openSearch(access.logs, connection),
    rules: openRules(access),
    dependencies: (signal) => readDependencies(access, signal),
    health: openHealth(access.logs),
    alerts: openAlerts(access.logs),
    test: (query, events, signal) => test(access, connection, { query, events }, signal),
  }
}

function validate(
  { logs }: SentinelAccess,
  { readKusto, now }: Connection,
  { text }: TargetQuery,
  signal: AbortSignal,
): Promise<readonly Problem[]> {
  const run = (query: string) => {
    const range = { from: addMs(now(), -1), to: now() }
    return logs.ask({ text: query, range, secondsMax: 60, what: 'the query', signal })
  }
  return validateKusto({ text, readKusto, area: 'sentinel', service: 'Log Analytics', run })
}

/** On the service's own engine, which keeps none of the events. */
async function test(
  access: SentinelAccess,
  { readKusto, now }: Connection,
  { query, events }: { readonly query: TargetQuery; readonly events: readonly Json[] },
  signal: AbortSignal,
): Promise<TestAnswer> {
  const { tables } = await readSchema(access, signal)
  const columns = new Map(
    tables.map((table) => [
      table.name,
      new Map(table.columns.map(({ name, type }) => [name, type])),
    ]),
  )
  const text = await withEvents(readKusto, { text: query.text, events, now: now(), columns })
  const answer = await access.logs.ask({ text, secondsMax: 60, what: 'the test', signal })
  return { ...dryAnswer(answer), completeness: answer.completeness }
}
