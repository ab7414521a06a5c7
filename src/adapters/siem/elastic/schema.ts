// What there is to search: data streams and indices with the fields that events have, and the question to
// Elasticsearch whether it would run a query.

import type { SchemaAnswer, SchemaTable, TargetQuery } from '#domain/targets/port.ts'
import { AppError } from '#kernel/error.ts'
import type { Problem } from '#kernel/problem.ts'
import { problemsOf, readAs, tidy, type ElasticClient } from './client.ts'
import { queryDsl } from './query-dsl.ts'
import { fieldCaps, resolved, validation } from './replies.ts'
import type { ElasticSettings } from './settings.ts'

const TABLES_MAX = 100
const COLUMNS_MAX = 2_000

export async function readSchema(
  client: ElasticClient,
  { indices }: ElasticSettings,
  signal: AbortSignal,
): Promise<SchemaAnswer> {
  const what = 'the indices'
  const path = `/_resolve/index/${encodeURIComponent(indices)}`
  const reply = await client.send({ path, what, signal })
  const { indices: own, data_streams: streams } = readAs(resolved, reply.body, what)
  const names = [
    ...streams.map(({ name }) => name),
    // What stands behind a data stream is asked for under its name.
    ...own.filter((index) => index.data_stream === undefined).map(({ name }) => name),
  ]
  const tables: SchemaTable[] = []
  for (const name of names.slice(0, TABLES_MAX)) {
    tables.push(await readTable(client, name, signal))
  }
  const isCut =
    names.length > TABLES_MAX || tables.some(({ columns }) => columns.length >= COLUMNS_MAX)
  if (!isCut) return { tables, completeness: { kind: 'complete' } }
  const limit = `${TABLES_MAX} indices of ${COLUMNS_MAX.toLocaleString('en')} fields`
  return { tables, completeness: { kind: 'truncated', limit } }
}

async function readTable(
  client: ElasticClient,
  name: string,
  signal: AbortSignal,
): Promise<SchemaTable> {
  const what = `the fields of ${name}`
  const reply = await client.send({
    path: `/${encodeURIComponent(name)}/_field_caps`,
    query: { fields: '*', filters: '-metadata,-parent' },
    what,
    signal,
  })
  const columns = Object.entries(readAs(fieldCaps, reply.body, what).fields)
    // Two types mean that indices disagree; both are told.
    .map(([field, types]) => ({ name: field, type: Object.keys(types).toSorted().join(', ') }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
  return { name, columns: columns.slice(0, COLUMNS_MAX), lastSeenAt: null }
}

/** ES|QL with no row to find, EQL with none to give, the others by the door that runs nothing. */
export async function validate(
  client: ElasticClient,
  { indices }: ElasticSettings,
  query: TargetQuery,
  signal: AbortSignal,
): Promise<readonly Problem[]> {
  const what = 'the query'
  const index = encodeURIComponent(indices)
  const ask = (path: string, body: Readonly<Record<string, string | number>>) =>
    client.send({ method: 'POST', path, body, what, signal })
  try {
    if (query.language === 'esql') {
      await ask('/_query', { query: `${query.text}\n| LIMIT 0` })
      return []
    }
    if (query.language === 'eql') {
      await ask(`/${index}/_eql/search`, { query: query.text, size: 0 })
      return []
    }
    const reply = await client.send({
      method: 'POST',
      path: `/${index}/_validate/query`,
      query: { explain: 'true' },
      body: { query: queryDsl(query) },
      what,
      signal,
    })
    const { valid, explanations } = readAs(validation, reply.body, what)
    if (valid) return []
    const said = explanations.flatMap(({ error }) => (error === undefined ? [] : [tidy(error)]))
    return problemsOf(
      said.length > 0 ? [...new Set(said)] : ['Elasticsearch cannot read this query.'],
    )
  } catch (error) {
    const isAnswer = error instanceof AppError && /^(?:invalid|not_found)$/.test(error.code)
    if (!isAnswer) throw error
    return (error.details['problems'] ?? []) as readonly Problem[]
  }
}
