// The query API of Log Analytics: queries over a workspace's events through our own evaluator, alone and
// in batches, and what tables there are. No pages, no ids of searches, no cancel, as in the real one.
// Source: Azure Monitor Log Analytics API v1; @azure/monitor-query-logs 1.0.0 judges it.

import type { Context, Hono } from 'hono'
import type { Json } from '#kernel/json.ts'
import type { Problem } from '#kernel/problem.ts'
import type { EventRecord } from '#languages/evaluation.ts'
import type { KustoAnswer } from '#languages/kusto/evaluate.ts'
import { isoDurationMs } from '#languages/rule-formats/iso-duration.ts'
import { columnsOfTable } from '#languages/kusto/tables.ts'
import { bearerOf, type Directory } from './directory.ts'
import { AzureError, azureReply } from './errors.ts'
import { withIngestionTime } from './ingestion-time.ts'
import { isAllowed, type Workspace } from './workspace.ts'

const AUDIENCES = ['https://api.loganalytics.io', 'https://api.loganalytics.azure.com']

export interface LogAnalyticsParts {
  readonly directory: Directory
  readonly workspaces: readonly Workspace[]
}

export function serveLogAnalytics(app: Hono, parts: LogAnalyticsParts): void {
  app.post('/v1/workspaces/:id/query', (context) =>
    answering(async () => {
      const workspace = await admitted(parts, context)
      const asked = (await context.req.json()) as Asked
      return runQuery(workspace, asked, context.req.header('prefer') ?? '')
    }),
  )
  app.get('/v1/workspaces/:id/metadata', (context) =>
    answering(async () => metadataOf(await admitted(parts, context))),
  )
  app.post('/v1/$batch', async (context) => {
    const { requests } = (await context.req.json()) as { requests: readonly BatchedRequest[] }
    const responses = await Promise.all(
      requests.map(async ({ id, workspace: name, body, headers = {} }) => {
        const reply = await answering(async () => {
          const workspace = await admitted(parts, context, name)
          return runQuery(workspace, body, headers['prefer'] ?? headers['Prefer'] ?? '')
        })
        return { id, status: reply.status, headers: {}, body: (await reply.json()) as Json }
      }),
    )
    return Response.json({ responses })
  })
}

interface Asked {
  readonly query?: string
  readonly timespan?: string
}

interface BatchedRequest {
  readonly id: string
  readonly workspace: string
  readonly body: Asked
  readonly headers?: Readonly<Record<string, string>>
}

async function answering(work: () => Promise<Json>): Promise<Response> {
  try {
    return Response.json(await work())
  } catch (error) {
    if (error instanceof AzureError) return azureReply(error)
    throw error
  }
}

async function admitted(
  { directory, workspaces }: LogAnalyticsParts,
  { req }: Context,
  id = req.param('id') ?? '',
): Promise<Workspace> {
  const { origin } = new URL(req.url)
  const bearer = await bearerOf(directory, req.header('authorization'), [...AUDIENCES, origin])
  if (bearer.kind === 'missing') {
    const text = 'Valid authentication was not provided'
    throw new AzureError(401, 'AuthorizationRequiredError', text)
  }
  if (bearer.kind !== 'known') {
    const text = 'The provided authentication is not valid for this resource'
    throw new AzureError(401, 'InvalidTokenError', text, {
      innererror: {
        code: 'SignatureVerificationFailed',
        message: 'Could not validate the request',
      },
    })
  }
  const workspace = workspaces.find((one) => one.id === id)
  if (workspace === undefined) {
    const text = `The workspace could not be found`
    throw new AzureError(404, 'WorkspaceNotFoundError', text)
  }
  const actions = [
    'Microsoft.OperationalInsights/workspaces/query/read',
    'Microsoft.OperationalInsights/workspaces/analytics/query/action',
  ]
  if (actions.some((action) => isAllowed(workspace, bearer.registration.clientId, action))) {
    return workspace
  }
  const text =
    'The provided credentials have insufficient access to perform the requested operation'
  throw new AzureError(403, 'InsufficientAccessError', text)
}

// ── Queries ──────────────────────────────────────────────────────────────────────────────────────

/** The parser comes with the first query. */
async function runQuery(
  workspace: Workspace,
  { query = '', timespan }: Asked,
  prefer: string,
): Promise<Json> {
  if (query.trim() === '') {
    throw new AzureError(400, 'BadArgumentError', 'The query is empty.')
  }
  const { evaluateKusto } = await import('#languages/kusto/evaluate.ts')
  const now = workspace.clock.now()
  const range = timespan === undefined ? null : rangeOf(timespan, now)
  const tables = new Map(
    [...workspace.tables].map(([name, events]) => [
      name,
      range === null ? events : events.filter((event) => isWithin(event, range)),
    ]),
  )
  const text = withIngestionTime(query, tables, 'TimeGenerated')
  const { value, problems } = evaluateKusto(text, tables, { now })
  if (value === undefined) throw refusalOf(query, problems)
  const { rows, error } = cut(workspace, rowsOf(value))
  return {
    tables: [{ name: 'PrimaryResult', columns: value.columns, rows }],
    ...(/include-statistics=true/.test(prefer) && { statistics: statisticsOf(query, tables) }),
    ...(error && { error }),
  }
}

/** As though every event of a table that the text names had been read. */
function statisticsOf(query: string, tables: ReadonlyMap<string, readonly EventRecord[]>): Json {
  const named = [...tables].filter(([name]) => query.includes(name))
  const total = named.reduce((sum, [, events]) => sum + events.length, 0)
  // The newest quarter has not left the row stores yet.
  const scannedRows = Math.floor(total / 4)
  const rows = { total: total - scannedRows, scanned: total - scannedRows }
  const inputDatasetStatistics = { rows, rowstores: { scannedRows } }
  return { query: { executionTime: 0.0156, resourceUsage: {}, inputDatasetStatistics } }
}

interface TimeRange {
  readonly from: number
  readonly to: number
}

/** `PT24H`, `start/end`, `start/duration` or `duration/end`. */
function rangeOf(timespan: string, now: number): TimeRange {
  const [first = '', second] = timespan.split('/')
  const [firstMs, secondMs] = [isoDurationMs(first), isoDurationMs(second)]
  const [from, to] = [Date.parse(first), Date.parse(second ?? '')]
  const range =
    second === undefined
      ? { from: now - (firstMs ?? Number.NaN), to: now }
      : firstMs !== undefined
        ? { from: to - firstMs, to }
        : { from, to: secondMs === undefined ? to : from + secondMs }
  if (Number.isFinite(range.from) && Number.isFinite(range.to)) return range
  throw new AzureError(400, 'BadArgumentError', `Invalid timespan ${timespan}`)
}

function isWithin({ TimeGenerated: at }: EventRecord, { from, to }: TimeRange): boolean {
  const ms = typeof at === 'string' ? Date.parse(at) : Number.NaN
  return ms >= from && ms <= to
}

function rowsOf({ columns, rows }: KustoAnswer): Json[][] {
  return rows.map((row) =>
    columns.map(({ name, type }) => {
      const value = row[name] as Json
      return type === 'dynamic' && value !== null ? JSON.stringify(value) : value
    }),
  )
}

function cut(
  { limits }: Workspace,
  rows: readonly (readonly Json[])[],
): { readonly rows: Json; readonly error?: Json } {
  let bytes = 0
  const fitting = rows.findIndex((row, at) => {
    bytes += JSON.stringify(row).length
    return at >= limits.rows || bytes > limits.bytes
  })
  if (fitting < 0) return { rows }
  const limit = fitting >= limits.rows ? `${limits.rows} records` : `${String(limits.bytes)} bytes`
  const message = `The results of this query exceed the set limit of ${limit}, so not all records were returned (E_QUERY_RESULT_SET_TOO_LARGE, 0x80DA0003). See https://aka.ms/kustoquerylimits.`
  return { rows: rows.slice(0, fitting), error: partialError('-2133196797', message) }
}

/** What stands beside rows when not all is there: the cause is inside. */
export function partialError(code: string, message: string): Json {
  const innererror = { code, message, severity: 2, severityName: 'Error' }
  return {
    code: 'PartialError',
    message: 'There were some errors when processing your query.',
    details: [
      {
        code: 'EngineError',
        message: 'Something went wrong processing your query on the server.',
        innererror,
      },
    ],
  }
}

const SYNTAX = /^kusto\/(?:missing|unexpected|malformed|expected|incomplete|unknown-operator)$/

function refusalOf(query: string, problems: readonly Problem[]): AzureError {
  const problem = problems.find(({ severity }) => severity === 'error')
  const { code = '', message = '', line = 1, column = 1 } = problem ?? {}
  const isSyntax = SYNTAX.test(code)
  const token = /^\S*/.exec(query.split('\n')[line - 1]?.slice(column - 1) ?? '')?.[0] ?? ''
  const inner = isSyntax
    ? {
        code: 'SYN0002',
        message: `Query could not be parsed at '${token}' on line [${line},${column}]`,
        line,
        pos: column,
        token,
      }
    : { code: 'SEM0100', message, line, pos: column }
  return new AzureError(400, 'BadArgumentError', 'The request had some invalid properties', {
    innererror: {
      code: isSyntax ? 'SyntaxError' : 'SemanticError',
      message: isSyntax
        ? 'A recognition error occurred in the query.'
        : 'A semantic error occurred.',
      innererror: inner,
    },
  })
}

// ── Metadata ─────────────────────────────────────────────────────────────────────────────────────

function metadataOf({ id, name, tables }: Workspace): Json {
  return {
    tables: [...tables].map(([table, events]) => ({
      id: `t/${table}`,
      name: table,
      timespanColumn: 'TimeGenerated',
      hasData: events.length > 0,
      columns: columnsOf(table, events).map(([column, type]) => ({ name: column, type })),
    })),
    workspaces: [{ id, resourceId: id, name }],
  }
}

function columnsOf(
  table: string,
  events: readonly EventRecord[],
): readonly (readonly [string, string])[] {
  const known = columnsOfTable(table)
  if (known !== undefined) return [...known]
  const names = new Set(['TimeGenerated', ...events.flatMap((event) => Object.keys(event))])
  return [...names].map((name) => {
    const value = events.find((event) => name in event)?.[name]
    const type = { number: 'long', boolean: 'bool', object: 'dynamic' }[typeof value as string]
    return [name, name === 'TimeGenerated' ? 'datetime' : (type ?? 'string')]
  })
}
