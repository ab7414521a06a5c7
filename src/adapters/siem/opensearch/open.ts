// OpenSearch with Security Analytics as the product's port. It has no run of a query over given events,
// so there is no `test`.

import type {
  CheckAnswer,
  Connection,
  SchemaAnswer,
  SiemPort,
  TargetQuery,
} from '#domain/targets/port.ts'
import { AppError } from '#kernel/error.ts'
import type { Problem } from '#kernel/problem.ts'
import { SECOND } from '#kernel/time.ts'
import { openClient, readAs, tidy, type OpensearchClient } from './client.ts'
import { openHealth } from './health.ts'
import { readPrivileges } from './privileges.ts'
import { authinfo, mapping, root, validation, type Property } from './replies.ts'
import { openRules } from './rules.ts'
import { openSearch } from './search.ts'
import { opensearchSettings, type OpensearchSettings } from './settings.ts'

/** Throws `invalid` for settings that are none of OpenSearch's. */
export function openOpensearch(connection: Connection): SiemPort {
  const read = opensearchSettings.safeParse(connection.settings)
  if (!read.success) {
    throw new AppError('invalid', 'The settings of this target do not fit OpenSearch.', {
      cause: read.error,
    })
  }
  const settings = read.data
  const client = openClient(connection)
  return {
    kind: 'opensearch',
    check: (signal) => check(client, connection, signal),
    privileges: (need, signal) => readPrivileges(client, settings, need, signal),
    schema: (signal) => readSchema(client, settings, signal),
    validate: (query, signal) => validate(client, settings, query, signal),
    search: openSearch(client, settings),
    rules: openRules(client, settings),
    health: openHealth(client),
  }
}

async function check(
  client: OpensearchClient,
  { now }: Connection,
  signal: AbortSignal,
): Promise<CheckAnswer> {
  const asked = now()
  const what = 'who it is'
  const reply = await client.send({ path: '/', what, signal })
  const { version } = readAs(root, reply.body, what)
  if (version.distribution !== 'opensearch') {
    throw new AppError('unsupported', 'What answers there is no OpenSearch.')
  }
  const mine = 'who this credential is'
  const me = await client.send({ path: '/_plugins/_security/authinfo', what: mine, signal })
  const date = reply.headers['date']
  const theirs = typeof date === 'string' ? Date.parse(date) : Number.NaN
  const skew = theirs - Math.floor(asked / SECOND) * SECOND
  return {
    product: 'OpenSearch',
    version: version.number,
    identity: readAs(authinfo, me.body, mine).user_name,
    clockSkewMs: Number.isNaN(skew) ? null : Math.abs(skew) <= SECOND ? 0 : skew,
    expiresAt: null,
  }
}

/** The cluster reads the query and runs nothing. */
async function validate(
  client: OpensearchClient,
  { indices }: OpensearchSettings,
  { text }: TargetQuery,
  signal: AbortSignal,
): Promise<readonly Problem[]> {
  const what = 'the query'
  const reply = await client.send({
    method: 'POST',
    path: `/${encodeURIComponent(indices)}/_validate/query`,
    query: { explain: 'true' },
    body: { query: { query_string: { query: text, analyze_wildcard: true } } },
    what,
    signal,
  })
  const { valid, explanations } = readAs(validation, reply.body, what)
  if (valid) return []
  const said = explanations.flatMap(({ error }) => (error === undefined ? [] : [tidy(error)]))
  const messages = said.length > 0 ? [...new Set(said)] : ['OpenSearch cannot read this query.']
  return messages.map((message) => ({ code: 'opensearch/refused', severity: 'error', message }))
}

const TABLES_MAX = 500
const COLUMNS_MAX = 2_000

async function readSchema(
  client: OpensearchClient,
  { indices }: OpensearchSettings,
  signal: AbortSignal,
): Promise<SchemaAnswer> {
  const what = 'the fields of the indices'
  const reply = await client.send({
    path: `/${encodeURIComponent(indices)}/_mapping`,
    what,
    signal,
  })
  const entries = Object.entries(readAs(mapping, reply.body, what))
  const tables = entries.slice(0, TABLES_MAX).map(([name, { mappings }]) => ({
    name,
    columns: columnsOf(mappings.properties, '', 0).slice(0, COLUMNS_MAX),
    lastSeenAt: null,
  }))
  const isCut =
    entries.length > TABLES_MAX || tables.some(({ columns }) => columns.length >= COLUMNS_MAX)
  if (!isCut) return { tables, completeness: { kind: 'complete' } }
  const limit = `${TABLES_MAX} indices of ${COLUMNS_MAX.toLocaleString('en')} fields`
  return { tables, completeness: { kind: 'truncated', limit } }
}

const DEPTH_MAX = 32

function columnsOf(
  properties: Readonly<Record<string, Property>>,
  prefix: string,
  depth: number,
): SchemaAnswer['tables'][number]['columns'] {
  if (depth > DEPTH_MAX) return []
  return Object.entries(properties).flatMap(([name, { type, properties: inner }]) => {
    const own = type === undefined || type === 'object' ? [] : [{ name: prefix + name, type }]
    return inner === undefined ? own : [...own, ...columnsOf(inner, `${prefix}${name}.`, depth + 1)]
  })
}
