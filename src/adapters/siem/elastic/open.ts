// Elasticsearch and Kibana's detection engine as the product's port.

import type { Connection, SiemPort } from '#domain/targets/port.ts'
import { AppError } from '#kernel/error.ts'
import { openAlerts } from './alerts.ts'
import { checkElastic } from './check.ts'
import { openElasticsearch, openKibana } from './client.ts'
import { readDependants } from './dependants.ts'
import { readDependencies } from './dependencies.ts'
import { openHealth } from './health.ts'
import { runAsPreview } from './dry-run-preview.ts'
import { readPrivileges } from './privileges.ts'
import { runOverRows } from './dry-run-rows.ts'
import { openRules } from './rules.ts'
import { readSchema, validate } from './schema.ts'
import { openSearch } from './search.ts'
import { elasticSettings } from './settings.ts'

/** Throws `invalid` for settings that are none of Elastic's. */
export function openElastic(connection: Connection): SiemPort {
  const read = elasticSettings.safeParse(connection.settings)
  if (!read.success) {
    throw new AppError('invalid', 'The settings of this target do not fit Elastic.', {
      cause: read.error,
    })
  }
  const settings = read.data
  const elasticsearch = openElasticsearch(connection)
  const kibana = openKibana(connection, settings)
  const ends = { elasticsearch, kibana }
  const rules = openRules(kibana, connection)
  const search = openSearch(elasticsearch, settings)
  return {
    kind: 'elastic',
    check: (signal) => checkElastic(ends, settings, connection, signal),
    privileges: (need, signal) => readPrivileges(ends, settings, need, signal),
    schema: (signal) => readSchema(elasticsearch, settings, signal),
    validate: (query, signal) => validate(elasticsearch, settings, query, signal),
    search,
    rules,
    dependencies: (signal) => readDependencies(kibana, signal),
    dependants: (next, signal) => readDependants(ends, rules, next, signal),
    health: openHealth(kibana),
    alerts: openAlerts(kibana),
    async test(query, events, signal) {
      if (!search.languages.includes(query.language)) {
        throw new AppError('unsupported', `Elastic does not run ${query.language}.`)
      }
      return query.language === 'esql'
        ? runOverRows(elasticsearch, { query, events }, signal)
        : runAsPreview(
            { ...ends, settings, now: connection.now, random: connection.random },
            { query, events },
            signal,
          )
    },
  }
}
