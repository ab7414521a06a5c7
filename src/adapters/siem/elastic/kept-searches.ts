// ES|QL and EQL, which Elasticsearch keeps under an id until an hour after they began: found again after
// a restart, and given whole, so a page is a piece of what was read once.

import { z } from 'zod'
import type { RowsPage, SearchRequest, SearchState } from '#domain/targets/port.ts'
import { AppError } from '#kernel/error.ts'
import type { Json } from '#kernel/json.ts'
import { problemsOf, readAs, type ElasticClient, type ElasticReply } from './client.ts'
import { parseEsql } from '#languages/esql/parse.ts'
import { defaultLimitIn, eqlResult, esqlResult, ROWS_MAX, type KeptResult } from './kept-results.ts'
import { eqlAnswer, eqlStatus, esqlAnswer, tasks } from './replies.ts'
import type { ElasticSettings } from './settings.ts'
import { timeFilter } from './table.ts'

const KEPT = '1h'

export const keptSearch = z.object({
  via: z.enum(['esql', 'eql']),
  id: z.string(),
  opaqueId: z.string(),
  rowsMax: z.number(),
})
export type KeptSearch = z.infer<typeof keptSearch>

const cursor = z.object({ given: z.number() })

export interface KeptSearches {
  start(request: SearchRequest, opaqueId: string, signal: AbortSignal): Promise<KeptSearch>
  poll(search: KeptSearch, signal: AbortSignal): Promise<SearchState>
  rows(
    search: KeptSearch,
    page: { readonly after: Json | null; readonly limit: number },
    signal: AbortSignal,
  ): Promise<RowsPage>
  cancel(
    search: KeptSearch,
    signal: AbortSignal,
  ): Promise<{ readonly isConfirmed: boolean; readonly reason: string }>
}

export function openKeptSearches(client: ElasticClient, settings: ElasticSettings): KeptSearches {
  // What was read for the state is not asked for again for the rows.
  let last: { readonly id: string; readonly result: KeptResult } | null = null
  const remember = (id: string, result: KeptResult) => {
    last = { id, result }
    return result
  }
  return {
    start: (request, opaqueId, signal) =>
      request.query.language === 'eql'
        ? startEql(client, settings, { request, opaqueId }, signal)
        : startEsql(client, { request, opaqueId }, signal),
    async poll(search, signal) {
      try {
        if (search.via === 'eql' && (await isEqlRunning(client, search, signal))) return RUNNING
        const result = await readResult(client, search, signal)
        if (result === 'running') return RUNNING
        const { found, scanned, completeness, notices } = remember(search.id, result)
        return { kind: 'done', found, scanned, completeness, notices }
      } catch (error) {
        return stateOf(error)
      }
    },
    async rows(search, page, signal) {
      const given = page.after === null ? 0 : cursor.parse(page.after).given
      const known = last !== null && last.id === search.id ? last.result : undefined
      const result = known ?? (await readResult(client, search, signal))
      if (result === 'running') {
        const reason = 'The search still runs.'
        return { columns: [], rows: [], next: null, completeness: { kind: 'partial', reason } }
      }
      remember(search.id, result)
      const rows = result.rows.slice(given, given + page.limit)
      const end = given + rows.length
      const isEnd = end >= result.rows.length || rows.length === 0
      if (isEnd) last = null
      const { columns, completeness } = result
      return { columns, rows, next: isEnd ? null : { given: end }, completeness }
    },
    cancel: (search, signal) => cancel(client, search, signal),
  }
}

const RUNNING: SearchState = {
  kind: 'running',
  progress: null,
  scanned: null,
  found: null,
  pollAfterMs: 1_000,
}

// ── Beginning ────────────────────────────────────────────────────────────────────────────────────

interface Beginning {
  readonly request: SearchRequest
  readonly opaqueId: string
}

/** One more than wanted tells whether there are more. */
function sizeOf({ rowsMax }: SearchRequest): number {
  return Math.min(rowsMax + 1, ROWS_MAX)
}

async function startEsql(
  client: ElasticClient,
  { request, opaqueId }: Beginning,
  signal: AbortSignal,
): Promise<KeptSearch> {
  const what = 'the search'
  const { query, rowsMax } = request
  const reply = await client.send({
    method: 'POST',
    path: '/_query/async',
    body: {
      // Without a limit of ours, one of the server's would cut the rows. The last line may be a comment.
      query: `${query.text}\n| LIMIT ${sizeOf(request)}`,
      filter: timeFilter(request),
      ...(asksOtherClusters(query.text) && { include_ccs_metadata: true }),
      wait_for_completion_timeout: '100ms',
      keep_on_completion: true,
      keep_alive: KEPT,
    },
    effect: 'write',
    opaqueId,
    what,
    signal,
  })
  const { id } = readAs(esqlAnswer, reply.body, what)
  return { via: 'esql', id: idOf(id ?? headerId(reply)), opaqueId, rowsMax }
}

function headerId({ headers }: ElasticReply): string | undefined {
  const id = headers['x-elasticsearch-async-id']
  return typeof id === 'string' ? id : undefined
}

function idOf(id: string | undefined): string {
  if (id !== undefined) return id
  throw new AppError('upstream', 'Elasticsearch began the search and gave no id for it.', {
    details: { ambiguous: true },
  })
}

function asksOtherClusters(text: string): boolean {
  return (parseEsql(text).value?.commands ?? []).some(
    (command) =>
      command.kind === 'from' && command.patterns.some(({ cluster }) => cluster !== null),
  )
}

async function startEql(
  client: ElasticClient,
  { indices }: ElasticSettings,
  { request, opaqueId }: Beginning,
  signal: AbortSignal,
): Promise<KeptSearch> {
  const what = 'the search'
  const reply = await client.send({
    method: 'POST',
    path: `/${encodeURIComponent(indices)}/_eql/search`,
    body: {
      query: request.query.text,
      filter: timeFilter(request),
      size: sizeOf(request),
      wait_for_completion_timeout: '100ms',
      keep_on_completion: true,
      keep_alive: KEPT,
    },
    effect: 'write',
    opaqueId,
    what,
    signal,
  })
  const { id } = readAs(eqlAnswer, reply.body, what)
  return { via: 'eql', id: idOf(id), opaqueId, rowsMax: request.rowsMax }
}

// ── Asking for it ────────────────────────────────────────────────────────────────────────────────

function pathOf({ via, id }: KeptSearch): string {
  return via === 'esql'
    ? `/_query/async/${encodeURIComponent(id)}`
    : `/_eql/search/${encodeURIComponent(id)}`
}

const GONE = 'Elasticsearch does not know this search: it has expired or was deleted.'

async function isEqlRunning(
  client: ElasticClient,
  { id }: KeptSearch,
  signal: AbortSignal,
): Promise<boolean> {
  const what = 'how far the search is'
  const path = `/_eql/search/status/${encodeURIComponent(id)}`
  const reply = await client.send({ path, what, signal })
  return readAs(eqlStatus, reply.body, what).is_running
}

/** Throws what the search ended with. */
async function readResult(
  client: ElasticClient,
  search: KeptSearch,
  signal: AbortSignal,
): Promise<KeptResult | 'running'> {
  const what = 'the search'
  const reply = await client.send({
    path: pathOf(search),
    query: { wait_for_completion_timeout: '100ms', keep_alive: KEPT },
    what,
    signal,
  })
  if (search.via === 'eql') {
    const answer = readAs(eqlAnswer, reply.body, what)
    return answer.is_running ? 'running' : eqlResult(answer, search.rowsMax)
  }
  const answer = readAs(esqlAnswer, reply.body, what)
  return answer.is_running ? 'running' : esqlResult(answer, search.rowsMax, defaultLimitIn(reply))
}

/** A search that failed answers with its error, as a refusal of whoever asks for it. */
function stateOf(error: unknown): SearchState {
  if (!(error instanceof AppError)) throw error
  if (error.code === 'not_found') return { kind: 'gone', reason: GONE }
  if (error.code !== 'invalid') throw error
  const reasons = messagesOf(error)
  const isTooLarge = reasons.some((text) => /async search response larger than/i.test(text))
  const reason = isTooLarge
    ? 'The result is larger than Elasticsearch keeps for one search. Name fewer columns with KEEP, or ask for less.'
    : `Elasticsearch refuses the search. ${reasons.join(' ')}`.trim()
  return { kind: 'failed', reason, problems: problemsOf(reasons) }
}

function messagesOf({ details }: AppError): readonly string[] {
  const problems = (details['problems'] ?? []) as ReturnType<typeof problemsOf>
  return problems.map(({ message }) => message)
}

// ── Ending ───────────────────────────────────────────────────────────────────────────────────────

/** A search that was dropped may finish the page it is at; the list of tasks tells. */
async function cancel(client: ElasticClient, search: KeptSearch, signal: AbortSignal) {
  const what = 'the end of the search'
  await client.send({
    method: 'DELETE',
    path: pathOf(search),
    // Sent twice it does nothing more: the second finds no such search.
    effect: 'read',
    what,
    accepts: [404],
    signal,
  })
  const reply = await client.send({
    path: '/_tasks',
    query: { detailed: 'true', actions: '*esql*,*eql*' },
    what,
    // A service without a list of tasks, or one that is closed to us.
    accepts: [400, 403, 404, 410],
    signal,
  })
  if (reply.status >= 400) {
    return { isConfirmed: true, reason: 'Elasticsearch does not know this search any more.' }
  }
  const { nodes } = readAs(tasks, reply.body, what)
  const running = Object.values(nodes).flatMap((node) => Object.values(node.tasks))
  const isOver = running.every(({ headers }) => headers['X-Opaque-Id'] !== search.opaqueId)
  return isOver
    ? { isConfirmed: true, reason: 'Elasticsearch has ended the search.' }
    : {
        isConfirmed: false,
        reason: 'Elasticsearch accepted the cancellation, and the search still runs.',
      }
}
