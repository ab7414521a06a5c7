// Advanced hunting of a Graph stand-in: Kusto over its events, with the limits of a tenant. Source:
// learn.microsoft.com, security: runHuntingQuery and advanced hunting quotas, read 2026-11.

import type { Json } from '#kernel/json.ts'
import { hasErrors, type Problem } from '#kernel/problem.ts'
import { addMs, DAY, MINUTE, SECOND } from '#kernel/time.ts'
import type { EventRecord } from '#languages/evaluation.ts'
import { evaluateKusto, type KustoAnswer } from '#languages/kusto/evaluate.ts'
import { columnsOfTable } from '#languages/kusto/tables.ts'
import { isoDurationMs } from '#languages/rule-formats/iso-duration.ts'
import { withIngestionTime } from './ingestion-time.ts'
import { GraphError } from './graph-error.ts'
import type { GraphTenant } from './graph-tenant.ts'

const KEPT_MS = 30 * DAY

export function runHuntingQuery(
  tenant: GraphTenant,
  { query, timespan }: { readonly query: string; readonly timespan: string | null },
): Json {
  refuseTooMany(tenant)
  if (query.trim() === '') throw new GraphError(400, 'BadRequest', 'The query is empty.')
  const now = tenant.clock.now()
  const [from, to] = timespan === null ? [now - KEPT_MS, Infinity] : spanOf(timespan, now)
  const tables = new Map(
    [...tenant.events].map(([name, events]) => [
      name,
      events.filter((event) => isWithin(event, Math.max(from, now - KEPT_MS), to)),
    ]),
  )
  const text = withIngestionTime(query, tables, 'Timestamp')
  const { value, problems } = evaluateKusto(text, withEmpty(tables, query), { now })
  if (value === undefined || hasErrors(problems)) throw badQuery(query, problems)
  const answer = answerOf(value, tenant.limits.rows)
  if (JSON.stringify(answer).length <= tenant.limits.bytes) return answer
  throw new GraphError(
    400,
    'BadRequest',
    'Query execution has exceeded the allowed result size. Optimize your query by limiting the number of results and try again.',
  )
}

function refuseTooMany(tenant: GraphTenant): void {
  const now = tenant.clock.now()
  if (tenant.blockedUntil !== null && tenant.blockedUntil > now) {
    const seconds = Math.ceil((tenant.blockedUntil - now) / SECOND)
    const text =
      'You have exceeded processing resources allocated to this tenant. Try again later or optimize your queries.'
    throw new GraphError(429, 'TooManyRequests', text, seconds)
  }
  tenant.calls = tenant.calls.filter((at) => at > addMs(now, -MINUTE))
  const [oldest] = tenant.calls
  if (oldest !== undefined && tenant.calls.length >= tenant.limits.callsPerMinute) {
    const seconds = Math.max(1, Math.ceil((oldest + MINUTE - now) / SECOND))
    const text = 'You have exceeded the number of calls allowed in a minute.'
    throw new GraphError(429, 'TooManyRequests', text, seconds)
  }
  tenant.calls.push(now)
}

/** Every table of the product is there, whether events came or not. */
function withEmpty(
  tables: Map<string, readonly EventRecord[]>,
  query: string,
): ReadonlyMap<string, readonly EventRecord[]> {
  for (const word of new Set(query.match(/\w+/g))) {
    const isKnown = columnsOfTable(word)?.has('Timestamp') === true
    if (isKnown && !tables.has(word)) tables.set(word, [])
  }
  return tables
}

function isWithin(event: EventRecord, from: number, to: number): boolean {
  const at = Date.parse(String(event['Timestamp'] ?? event['TimeGenerated']))
  return Number.isNaN(at) || (at >= from && at <= to)
}

/** `P7D`, `start/end`, `start/duration` or `duration/end`. */
function spanOf(text: string, now: number): readonly [from: number, to: number] {
  const [first = '', second] = text.split('/')
  const refused = new GraphError(400, 'BadRequest', `The timespan '${text}' is not valid.`)
  const [at, length] = [Date.parse(first), isoDurationMs(first)]
  if (second === undefined) {
    if (length === undefined) throw refused
    return [now - length, Infinity]
  }
  const [end, after] = [Date.parse(second), isoDurationMs(second)]
  if (!Number.isNaN(at) && !Number.isNaN(end)) return [at, end]
  if (!Number.isNaN(at) && after !== undefined) return [at, at + after]
  if (length !== undefined && !Number.isNaN(end)) return [end - length, end]
  throw refused
}

function badQuery(query: string, problems: readonly Problem[]): GraphError {
  const worst = problems.find(({ severity }) => severity === 'error')
  const { line = 1, column = 1, message = 'The query cannot be run.' } = worst ?? {}
  const token = /\S*/.exec(query.split('\n')[line - 1]?.slice(column - 1) ?? '')?.[0] ?? ''
  const text = `Query could not be parsed at '${token.slice(0, 40)}' on line [${line},${column}]: ${message} Fix the errors in your query.`
  return new GraphError(400, 'BadRequest', text)
}

/** .NET's names; a boolean is a signed byte. */
const TYPES: Readonly<Record<string, string>> = {
  bool: 'SByte',
  datetime: 'DateTime',
  dynamic: 'Object',
  long: 'Int64',
  real: 'Double',
  string: 'String',
  timespan: 'TimeSpan',
}

/** What the same tables have besides in a Log Analytics workspace, and hunting does not show. */
const NOT_HERE = new Set(['TenantId', 'TimeGenerated', 'SourceSystem', 'Type'])

function answerOf({ columns: all, rows }: KustoAnswer, rowsMax: number): Json {
  const columns = all.some(({ name }) => name === 'Timestamp')
    ? all.filter(({ name }) => !NOT_HERE.has(name))
    : all
  return {
    '@odata.context':
      'https://graph.microsoft.com/v1.0/$metadata#microsoft.graph.security.huntingQueryResults',
    schema: columns.map(({ name, type }) => ({ name, type: TYPES[type] ?? 'String' })),
    results: rows.slice(0, rowsMax).map((row) =>
      Object.fromEntries(
        columns.flatMap(({ name, type }): [string, Json][] => {
          const value = row[name] ?? null
          if (type === 'bool') return [[name, value === null ? null : value === true ? 1 : 0]]
          if (type === 'dynamic') return [[name, value === null ? null : JSON.stringify(value)]]
          // Open types say what a number is beside it.
          return type === 'long'
            ? [
                [`${name}@odata.type`, '#Int64'],
                [name, value],
              ]
            : [[name, value]]
        }),
      ),
    ),
  }
}
