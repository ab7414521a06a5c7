// Searches as Splunk jobs. The id is ours, so a job is found again whatever happened to the answer; a job
// that nobody asks for ends by itself. Done is not complete: what Splunk says beside is looked through.

import { z } from 'zod'
import { AppError } from '#kernel/error.ts'
import type { Json } from '#kernel/json.ts'
import type {
  Completeness,
  RowsPage,
  SearchRequest,
  SearchState,
  SiemSearch,
} from '#domain/targets/port.ts'
import type { SplunkClient } from './client.ts'
import { problemsOf, tidy } from './failures.ts'
import { searchText, signedText } from './query-text.ts'
import {
  feed,
  jobContent,
  readAs,
  rows,
  started,
  type JobContent,
  type SplunkMessage,
} from './replies.ts'
import type { SplunkSettings } from './settings.ts'

/** What one request gives at most, whatever it asks for (limits.conf, maxresultrows). */
const ROWS_PER_REQUEST_MAX = 50_000
/** Nobody asked for so long: the job ends. Polling counts as asking. */
const FORGOTTEN_SECONDS = 600
/** How long rows stay after the end. */
const KEPT_SECONDS = 3_600
/** Splunk's own fields of an event, which say nothing to a person. */
const INNER = new Set([
  '_bkt',
  '_cd',
  '_eventtype_color',
  '_kv',
  '_serial',
  '_si',
  '_sourcetype',
  '_subsecond',
])

const remoteSearch = z.object({
  sid: z.string(),
  api: z.enum(['v1', 'v2']),
  rowsMax: z.number(),
})
type Remote = z.infer<typeof remoteSearch>

const cursor = z.object({ offset: z.number(), total: z.number(), partial: z.string().nullable() })

export function openSearch(client: SplunkClient, settings: SplunkSettings): SiemSearch {
  return {
    languages: ['spl'],
    isResumable: true,
    async start(request, signal) {
      const version = await client.version(signal)
      const remote = remoteOf(request, version.hasV2)
      // A start that was given up half-way left its job behind: it is this one.
      if ((await readJob(client, remote, signal)) === 'unknown') {
        await submit(client, settings, remote, request, version.text, signal)
      }
      return { remote, first: null }
    },
    async find(request, signal) {
      const remote = remoteOf(request, (await client.version(signal)).hasV2)
      return (await readJob(client, remote, signal)) === 'unknown' ? null : remote
    },
    poll: async (given, signal) => {
      const remote = remoteSearch.parse(given)
      return stateOf(await readJob(client, remote, signal), remote)
    },
    rows: (given, page, signal) => readRows(client, remoteSearch.parse(given), page, signal),
    cancel: (given, signal) => cancel(client, remoteSearch.parse(given), signal),
  }
}

function remoteOf({ segmentId, rowsMax }: SearchRequest, hasV2: boolean): Remote {
  return { sid: `rulewright_${segmentId}`, api: hasV2 ? 'v2' : 'v1', rowsMax }
}

async function submit(
  client: SplunkClient,
  { app }: SplunkSettings,
  remote: Remote,
  request: SearchRequest,
  version: string,
  signal: AbortSignal,
): Promise<void> {
  try {
    const reply = await client.send({
      method: 'POST',
      path: `/servicesNS/nobody/${encodeURIComponent(app)}${jobsPath(remote)}`,
      form: {
        search: signedText(searchText(request.query.text), request, version),
        id: remote.sid,
        exec_mode: 'normal',
        earliest_time: (request.from / 1_000).toFixed(3),
        latest_time: (request.to / 1_000).toFixed(3),
        // One more than wanted tells whether there are more.
        max_count: String(remote.rowsMax + 1),
        max_time: String(request.secondsMax),
        auto_cancel: String(FORGOTTEN_SECONDS),
        timeout: String(KEPT_SECONDS),
        status_buckets: '0',
        adhoc_search_level: 'smart',
      },
      effect: 'write',
      what: 'the search',
      signal,
    })
    readAs(started, reply.body, 'the search')
  } catch (error) {
    if (!(error instanceof AppError) || error.details['ambiguous'] !== true) throw error
    // The answer was lost; the job says whether the request was.
    if ((await readJob(client, remote, signal)) === 'unknown') throw error
  }
}

function jobsPath({ api }: Remote): string {
  return api === 'v2' ? '/search/v2/jobs' : '/search/jobs'
}

function jobPath(remote: Remote): string {
  return `/services${jobsPath(remote)}/${encodeURIComponent(remote.sid)}`
}

/** `early` is a job that is known and has no properties yet. */
async function readJob(
  client: SplunkClient,
  remote: Remote,
  signal: AbortSignal,
): Promise<JobContent | 'early' | 'unknown'> {
  const what = 'how far the search is'
  const reply = await client.send({ path: jobPath(remote), what, accepts: [404], signal })
  if (reply.status === 404) return 'unknown'
  if (reply.status === 204 || reply.body === null) return 'early'
  const [entry] = readAs(feed, reply.body, what).entry
  return entry === undefined ? 'early' : readAs(jobContent, entry.content, what)
}

function stateOf(job: JobContent | 'early' | 'unknown', remote: Remote): SearchState {
  if (job === 'unknown') {
    return {
      kind: 'gone',
      reason: 'Splunk does not know this search: it has expired or was deleted.',
    }
  }
  if (job === 'early') {
    return { kind: 'running', progress: null, scanned: null, found: null, pollAfterMs: 500 }
  }
  const { dispatchState, messages, isDone, isFailed, isZombie } = job
  const said = messages.map((message) => ({ ...message, text: tidy(message.text) }))
  if (isFailed || dispatchState === 'FAILED') {
    const wrong = said.filter(({ type }) => type === 'FATAL' || type === 'ERROR')
    const reason = wrong.map(({ text }) => text).join(' ')
    return {
      kind: 'failed',
      reason: reason || 'Splunk ended the search without a reason.',
      problems: problemsOf(wrong),
    }
  }
  if (isZombie) {
    const reason = 'The process that ran the search on Splunk has died.'
    return { kind: 'failed', reason, problems: [] }
  }
  if (isDone && dispatchState === 'DONE') {
    return {
      kind: 'done',
      found: job.resultCount ?? null,
      scanned: job.scanCount ?? null,
      completeness: completenessOf(job, remote),
      notices: said.filter(({ type }) => type !== 'DEBUG').map(({ text }) => text),
    }
  }
  return {
    kind: 'running',
    progress: job.doneProgress ?? null,
    scanned: job.scanCount ?? null,
    found: job.resultCount ?? null,
    pollAfterMs: pollAfter(job),
  }
}

function pollAfter({ dispatchState, runDuration }: JobContent): number {
  if (dispatchState === 'QUEUED') return 2_000
  const seconds = runDuration ?? 0
  return seconds < 2 ? 500 : seconds < 30 ? 1_000 : 3_000
}

/** Warnings that take nothing away from the rows. */
const HARMLESS = /^(?:your timerange was substituted|the specified span would)/i

function completenessOf(
  { messages, isFinalized, resultCount }: JobContent,
  { rowsMax }: Remote,
): Completeness {
  const reason = whatIsMissing(messages)
  if (reason !== undefined) return { kind: 'partial', reason }
  if (isFinalized)
    return { kind: 'partial', reason: 'Splunk ended the search before it was through.' }
  if ((resultCount ?? 0) > rowsMax) return truncatedAt(rowsMax)
  return { kind: 'complete' }
}

function whatIsMissing(messages: readonly SplunkMessage[]): string | undefined {
  const bad = messages.filter(
    ({ type, text }) => /^(?:WARN|ERROR|FATAL)$/.test(type) && !HARMLESS.test(text),
  )
  return bad.length === 0 ? undefined : bad.map(({ text }) => tidy(text)).join(' ')
}

function truncatedAt(rowsMax: number): Completeness {
  return { kind: 'truncated', limit: `${rowsMax.toLocaleString('en')} rows` }
}

async function readRows(
  client: SplunkClient,
  remote: Remote,
  page: { readonly after: Json | null; readonly limit: number },
  signal: AbortSignal,
): Promise<RowsPage> {
  const from =
    page.after === null ? await firstCursor(client, remote, signal) : cursor.parse(page.after)
  if (from === undefined) {
    const reason = 'The search still runs.'
    return { columns: [], rows: [], next: null, completeness: { kind: 'partial', reason } }
  }
  const end = Math.min(from.total, remote.rowsMax)
  const count = Math.min(page.limit, ROWS_PER_REQUEST_MAX, end - from.offset)
  const read = count <= 0 ? undefined : await askRows(client, remote, from.offset, count, signal)
  const names = (read?.fields ?? []).map((field) =>
    typeof field === 'string' ? field : field.name,
  )
  const shown = names.flatMap((name, at) => (INNER.has(name) ? [] : [at]))
  const found = (read?.rows ?? []).slice(0, Math.max(0, count))
  const offset = from.offset + found.length
  const hasMore = found.length > 0 && offset < end
  const missing = found.length === 0 && from.offset < end ? lost(from.offset, end) : from.partial
  const completeness: Completeness =
    missing !== null
      ? { kind: 'partial', reason: missing }
      : from.total > remote.rowsMax
        ? truncatedAt(remote.rowsMax)
        : { kind: 'complete' }
  return {
    columns: shown.map((at) => ({ name: names[at]!, type: null })),
    rows: found.map((row) => shown.map((at) => row[at] ?? null)),
    next: hasMore ? { offset, total: from.total, partial: from.partial } : null,
    completeness,
  }
}

function lost(given: number, promised: number): string {
  return `Splunk found ${promised} rows and gave ${given}.`
}

/** How many rows there are stands with the job; undefined while it runs. Throws `not_found`. */
async function firstCursor(client: SplunkClient, remote: Remote, signal: AbortSignal) {
  const job = await readJob(client, remote, signal)
  if (job === 'unknown')
    throw new AppError('not_found', 'Splunk does not know this search any more.')
  if (job === 'early' || job.dispatchState !== 'DONE') return undefined
  const completeness = completenessOf(job, remote)
  const partial = completeness.kind === 'partial' ? completeness.reason : null
  return { offset: 0, total: job.resultCount ?? 0, partial }
}

/** Fewer than asked for where events are so large that an answer would be, too. */
async function askRows(
  client: SplunkClient,
  remote: Remote,
  offset: number,
  count: number,
  signal: AbortSignal,
): Promise<z.output<typeof rows> | undefined> {
  const asked = { offset: String(offset), count: String(count), output_mode: 'json_rows' }
  const what = 'rows of the search'
  const isV2 = remote.api === 'v2'
  try {
    const reply = await client.send({
      method: isV2 ? 'POST' : 'GET',
      path: `${jobPath(remote)}/results`,
      ...(isV2 ? { form: asked } : { query: asked }),
      what,
      signal,
    })
    if (reply.status === 204 || reply.body === null) return undefined
    const read = readAs(rows, reply.body, what)
    if (read.init_offset === undefined || read.init_offset === offset) return read
  } catch (error) {
    const isTooMuch = error instanceof AppError && error.code === 'too_large'
    if (!isTooMuch || count === 1) throw error
    return askRows(client, remote, offset, Math.ceil(count / 4), signal)
  }
  throw new AppError('upstream', 'Splunk gave other rows of the search than were asked for.')
}

async function cancel(client: SplunkClient, remote: Remote, signal: AbortSignal) {
  const reply = await client.send({
    method: 'POST',
    path: `${jobPath(remote)}/control`,
    form: { action: 'cancel' },
    // Sent twice it does nothing more: the second finds no such search.
    effect: 'read',
    what: 'the end of the search',
    accepts: [404],
    signal,
  })
  if (reply.status === 404)
    return { isConfirmed: true, reason: 'Splunk does not know this search any more.' }
  const job = await readJob(client, remote, signal)
  const isOver = job === 'unknown' || (job !== 'early' && (job.isDone || job.isFailed))
  return isOver
    ? { isConfirmed: true, reason: 'Splunk has ended the search.' }
    : { isConfirmed: false, reason: 'Splunk accepted the cancellation, and the search still runs.' }
}
