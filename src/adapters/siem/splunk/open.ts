// A Splunk search head as the product's port, over its management port.

import type { Connection, SiemPort, TargetQuery } from '#domain/targets/port.ts'
import { AppError } from '#kernel/error.ts'
import type { Problem } from '#kernel/problem.ts'
import { checkSplunk } from './check.ts'
import { openClient, type SplunkClient } from './client.ts'
import { readDependencies } from './dependencies.ts'
import { runDry } from './dry-run.ts'
import { openHealth } from './health.ts'
import { readDependants } from './dependants.ts'
import { readPrivileges } from './privileges.ts'
import { searchText } from './query-text.ts'
import { openRules } from './rules.ts'
import { readSchema } from './schema.ts'
import { openSearch } from './search.ts'
import { splunkSettings } from './settings.ts'

/** Throws `invalid` for settings that are none of Splunk's. */
export function openSplunk(connection: Connection): SiemPort {
  const read = splunkSettings.safeParse(connection.settings)
  if (!read.success) {
    throw new AppError('invalid', 'The settings of this target do not fit Splunk.', {
      cause: read.error,
    })
  }
  const settings = read.data
  const client = openClient(connection)
  return {
    kind: 'splunk',
    check: (signal) => checkSplunk(client, connection, signal),
    privileges: (need, signal) => readPrivileges(client, settings, need, signal),
    schema: (signal) => readSchema(client, settings, signal),
    validate: (query, signal) => validate(client, query, signal),
    search: openSearch(client, settings),
    rules: openRules(client, settings),
    health: openHealth(client, settings),
    dependencies: (signal) => readDependencies(client, signal),
    dependants: (next, signal) => readDependants(client, next, signal),
    test: (query, events, signal) => runDry(client, settings, { query, events }, signal),
  }
}

/** Asks the parser alone: no data is read. */
async function validate(
  client: SplunkClient,
  { text }: TargetQuery,
  signal: AbortSignal,
): Promise<readonly Problem[]> {
  const { hasV2 } = await client.version(signal)
  const asked = { q: searchText(text), parse_only: 'true', output_mode: 'json' }
  try {
    await client.send({
      ...(hasV2
        ? { method: 'POST', path: '/services/search/v2/parser', form: asked }
        : { path: '/services/search/parser', query: asked }),
      what: 'the query',
      signal,
    })
    return []
  } catch (error) {
    const problems =
      error instanceof AppError && error.code === 'invalid' ? error.details['problems'] : undefined
    if (!Array.isArray(problems) || problems.length === 0) throw error
    return problems as readonly Problem[]
  }
}
