// One question to Log Analytics and its answer: rows by column, and what is missing of them. A 200 may
// hold an error beside rows. Queries are sent once: one that ran out of time would only do so again.

import { z } from 'zod'
import { causeOf, errorsIn, type VendorError } from '#adapters/siem/microsoft/failures.ts'
import { readAs, type MicrosoftClient } from '#adapters/siem/microsoft/client.ts'
import type { Completeness } from '#domain/targets/port.ts'
import { AppError } from '#kernel/error.ts'
import type { Json } from '#kernel/json.ts'
import { SECOND } from '#kernel/time.ts'
import type { SentinelSettings } from './settings.ts'
import { readCell } from './cell.ts'

export interface Question {
  readonly text: string
  /** From up to before to. Nothing limits the time when absent: a query that names none of a workspace. */
  readonly range?: { readonly from: number; readonly to: number }
  readonly secondsMax: number
  readonly bytesMax?: number
  /** Is logged there beside the query. */
  readonly requestId?: string
  readonly what: string
  readonly signal: AbortSignal
}

export interface LogsAnswer {
  readonly columns: readonly { readonly name: string; readonly type: string | null }[]
  readonly rows: readonly (readonly Json[])[]
  readonly completeness: Completeness
  /** Events read for it; null where the service does not tell. */
  readonly scanned: number | null
  /** Rows are missing because there are too many: fewer at a time would all come. */
  readonly isTooLarge: boolean
}

export interface Logs {
  ask(question: Question): Promise<LogsAnswer>
}

/** The service's own. */
const WAIT_SECONDS_MAX = 600

const json = z.custom<Json>((value) => value !== undefined)
const statistics = z.object({
  query: z.object({
    inputDatasetStatistics: z.object({
      rows: z.object({ scanned: z.number() }),
      rowstores: z.object({ scannedRows: z.number() }).nullish(),
    }),
  }),
})
const answer = z.object({
  tables: z.array(
    z.object({
      name: z.string().default(''),
      columns: z.array(z.object({ name: z.string(), type: z.string().nullish() })),
      rows: z.array(z.array(json)),
    }),
  ),
  error: json.nullish(),
  statistics: statistics.nullish().catch(null),
})

export function openLogs(client: MicrosoftClient, { workspaceId }: SentinelSettings): Logs {
  return {
    async ask({ text, range, secondsMax, bytesMax, requestId, what, signal }) {
      const seconds = Math.min(Math.max(1, Math.ceil(secondsMax)), WAIT_SECONDS_MAX)
      const reply = await client.send({
        method: 'POST',
        path: `/v1/workspaces/${workspaceId}/query`,
        headers: {
          Prefer: `wait=${seconds}, include-statistics=true`,
          'x-ms-app': 'Rulewright',
          ...(requestId !== undefined && { 'x-ms-client-request-id': requestId }),
        },
        body: { query: text, ...(range && { timespan: timespanOf(range) }) },
        effect: 'write',
        what,
        firstByteMs: (seconds + 30) * SECOND,
        ...(bytesMax !== undefined && { bytesMax }),
        explain,
        signal,
      })
      const { service } = client
      const { tables, error, statistics: said } = readAs(answer, reply.body, { service, what })
      const [table = { columns: [], rows: [] }] = tables
      const columns = table.columns.map(({ name, type }) => ({ name, type: type ?? null }))
      return {
        columns,
        rows: table.rows.map((row) =>
          columns.map(({ type }, at) => readCell(row[at] ?? null, type)),
        ),
        scanned: said ? scannedIn(said) : null,
        ...missingOf(errorsIn({ error: error ?? null })),
      }
    },
  }
}

/** What came in lately lies in row stores, and is counted apart from what lies in columns. */
function scannedIn({ query }: z.infer<typeof statistics>): number {
  const { rows, rowstores } = query.inputDatasetStatistics
  return rows.scanned + (rowstores?.scannedRows ?? 0)
}

/** The end belongs to what follows: a tick before it is the last, whether the service counts it or not. */
function timespanOf({ from, to }: { readonly from: number; readonly to: number }): string {
  const last = new Date(to - 1).toISOString().replace('Z', '9999Z')
  return `${new Date(from).toISOString()}/${last}`
}

export function explain(status: number, errors: readonly VendorError[]): AppError | undefined {
  const names = errors.map(({ code }) => code)
  const isUnknown = names.some((name) => /^(?:Workspace|Path)NotFound/.test(name))
  if (status !== 404 || !isUnknown) return undefined
  const message =
    'Log Analytics has no workspace with this ID. It is the Workspace ID on the overview of the workspace, not its name, and of the same cloud.'
  return new AppError('not_found', message, { cause: new Error(`404: ${names.join(' ')}`) })
}

const TOO_LARGE = /E_QUERY_RESULT_SET_TOO_LARGE|exceed(?:s|ed)? the set limit/i

function missingOf(
  errors: readonly VendorError[],
): Pick<LogsAnswer, 'completeness' | 'isTooLarge'> {
  if (errors.length === 0) return { completeness: { kind: 'complete' }, isTooLarge: false }
  const message = causeOf(errors)?.message ?? 'Log Analytics names no reason.'
  if (!errors.some((one) => TOO_LARGE.test(one.message))) {
    return { completeness: { kind: 'partial', reason: message }, isTooLarge: false }
  }
  const [, limit = 'one answer'] = /limit of ([\d,]+ \w+)/.exec(message) ?? []
  return {
    completeness: { kind: 'truncated', limit: `${limit} of Log Analytics` },
    isTooLarge: true,
  }
}
