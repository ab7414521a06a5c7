// Searches of the sandbox as a SIEM has them: begun, asked after, paged, cancelled. What one found is
// held in memory for a while; after a restart it is gone and can be asked again, at no cost.

import type {
  Completeness,
  RemoteSearch,
  RowsPage,
  SearchRequest,
  SearchState,
  SiemSearch,
} from '#domain/targets/port.ts'
import { AppError } from '#kernel/error.ts'
import type { Json } from '#kernel/json.ts'
import type { Problem } from '#kernel/problem.ts'
import { formatInstant, instant, SECOND } from '#kernel/time.ts'
import type { Workers } from '#platform/worker.ts'
import { z } from 'zod'
import type { QueriedEvents } from './query-events.ts'
import type { SigmaFound } from './sigma-search.ts'
import { queryKustoTask, queryTask, searchSigmaTask } from './tasks.ts'

interface Found {
  readonly columns: RowsPage['columns']
  readonly rows: RowsPage['rows']
  readonly found: number
  readonly scanned: number
  readonly completeness: Completeness
  readonly notices: readonly string[]
  readonly problems: readonly Problem[]
}

interface Running {
  readonly abort: AbortController
  state: 'running' | 'done' | 'failed' | 'cancelled'
  found?: Found
  reason: string
}

/** Beyond these the oldest is forgotten. */
const HELD_MAX = 64
const HELD_ROWS_MAX = 200_000
const POLL_MS = 100
/** A thread that does not end in time is ended; before that the search ends itself. */
const GRACE_MS = 5 * SECOND

const Remote = z.strictObject({ search: z.string() })

/** Of all workspaces; a search is known by its workspace and segment. */
export class LocalSearches {
  readonly #workers: Workers
  readonly #held = new Map<string, Running>()

  constructor(workers: Workers) {
    this.#workers = workers
  }

  open(file: string, now: () => number): SiemSearch {
    const keyOf = (remote: RemoteSearch) => `${file} ${Remote.parse(remote).search}`
    return {
      languages: ['sigma', 'spl', 'kusto', 'esql', 'eql'],
      isResumable: false,
      start: async (request) => {
        this.#start(`${file} ${request.segmentId}`, file, request, now())
        return { remote: { search: request.segmentId }, first: null }
      },
      poll: async (remote) => this.#poll(keyOf(remote)),
      rows: async (remote, page) => this.#rows(keyOf(remote), page),
      cancel: async (remote) => this.#cancel(keyOf(remote)),
    }
  }

  #start(key: string, file: string, request: SearchRequest, now: number): void {
    this.#held.get(key)?.abort.abort(stopped())
    this.#held.delete(key)
    const running: Running = { abort: new AbortController(), state: 'running', reason: '' }
    this.#held.set(key, running)
    this.#forgetOldest()
    void this.#finish(running, ask(this.#workers, file, request, now, running.abort.signal))
  }

  async #finish(running: Running, answer: Promise<Found>): Promise<void> {
    try {
      const found = await answer
      const isWrong = found.problems.some(({ severity }) => severity === 'error')
      running.found = found
      running.reason = isWrong ? 'The query cannot run here.' : ''
      running.state = isWrong ? 'failed' : 'done'
    } catch (error) {
      const isKnown = error instanceof AppError
      running.reason = isKnown ? error.message : 'The search stopped unexpectedly.'
      running.state = running.abort.signal.aborted ? 'cancelled' : 'failed'
    }
  }

  #forgetOldest(): void {
    const rows = () =>
      [...this.#held.values()].reduce((sum, { found }) => sum + (found?.rows.length ?? 0), 0)
    for (const [key, { state }] of this.#held) {
      if (this.#held.size <= HELD_MAX && rows() <= HELD_ROWS_MAX) return
      if (state !== 'running') this.#held.delete(key)
    }
  }

  #poll(key: string): SearchState {
    const running = this.#held.get(key)
    if (running === undefined) return { kind: 'gone', reason: GONE }
    const { state, found, reason } = running
    if (state === 'running') {
      return { kind: 'running', progress: null, scanned: null, found: null, pollAfterMs: POLL_MS }
    }
    if (state === 'done' && found) {
      const { scanned, completeness, notices } = found
      return { kind: 'done', found: found.found, scanned, completeness, notices }
    }
    const why = state === 'cancelled' ? 'It was cancelled.' : reason
    return { kind: 'failed', reason: why, problems: found?.problems ?? [] }
  }

  #rows(key: string, { after, limit }: { after: Json | null; limit: number }): RowsPage {
    const found = this.#held.get(key)?.found
    if (found === undefined) throw new AppError('not_found', GONE)
    const start = after === null ? 0 : z.int().min(0).parse(after)
    const end = start + limit
    const { columns, rows, completeness } = found
    const next = end < rows.length ? end : null
    return { columns, rows: rows.slice(start, end), next, completeness }
  }

  #cancel(key: string) {
    const running = this.#held.get(key)
    if (running?.state === 'running') running.abort.abort(stopped())
    const reason = running === undefined ? GONE : 'Its thread was stopped.'
    return { isConfirmed: true, reason }
  }
}

const GONE = 'The sandbox keeps what a search found until the server stops, and not for ever.'

function stopped(): AppError {
  return new AppError('cancelled', 'The search was cancelled.')
}

async function ask(
  workers: Workers,
  file: string,
  request: SearchRequest,
  now: number,
  signal: AbortSignal,
): Promise<Found> {
  const { query, from, to, rowsMax, secondsMax } = request
  const timeoutMs = secondsMax * SECOND
  const limits = { timeoutMs: timeoutMs + GRACE_MS, signal }
  const { language, text } = query
  if (language === 'sigma') {
    const asked = { file, text, from, to, matchesMax: rowsMax, timeoutMs }
    return foundBySigma(await workers.run(searchSigmaTask, asked, limits), request)
  }
  if (language === 'lucene' || language === 'kuery') {
    throw new AppError('unsupported', `The sandbox does not run ${language}.`)
  }
  const task = language === 'kusto' ? queryKustoTask : queryTask
  const asked = { file, language, text, from, to, now, rowsMax, timeoutMs }
  return foundByQuery(await workers.run(task, asked, limits), request)
}

const columnsOf = (names: readonly string[]) => names.map((name) => ({ name, type: null }))

function foundBySigma(answer: SigmaFound, { rowsMax, secondsMax }: SearchRequest): Found {
  const { matches, scanned, isCut, isExpired, problems } = answer
  const fields = [...new Set(matches.flatMap((match) => Object.keys(match.fields)))]
  const rows = matches.map((match): Json[] => [
    formatInstant(instant(match.at)),
    match.title,
    ...fields.map((name) => match.fields[name] ?? null),
    match.event,
  ])
  return {
    columns: columnsOf(['@timestamp', 'rule', ...fields, 'event']),
    rows,
    found: matches.length,
    scanned,
    completeness: isExpired
      ? { kind: 'partial', reason: `it did not end within ${secondsMax} s` }
      : isCut
        ? { kind: 'truncated', limit: `${rowsMax} matches` }
        : { kind: 'complete' },
    notices: [],
    problems,
  }
}

function foundByQuery(answer: QueriedEvents, { query, rowsMax }: SearchRequest): Found {
  const { columns, rows, count, problems, seen, inRange } = answer
  return {
    columns: columnsOf(columns),
    rows: rows.map((row) => columns.map((name) => row[name] ?? null)),
    found: count,
    scanned: seen,
    completeness:
      seen < inRange
        ? { kind: 'partial', reason: `the query saw the newest ${seen} of ${inRange} events` }
        : count > rows.length
          ? { kind: 'truncated', limit: `${rowsMax} rows` }
          : { kind: 'complete' },
    notices: NOTICES[query.language] ?? [],
    problems,
  }
}

const NOTICES: Readonly<Record<string, readonly string[]>> = {
  spl: ['Indexes and source types count where an event says its own.'],
  kusto: ['Every table that the query names holds all events, but those that say their own Type.'],
  esql: ['Every index that the query names holds all events.'],
}
