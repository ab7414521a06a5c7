// Searches by advanced hunting. A call answers at once or after up to ten minutes, knows no pages, and
// cannot be ended from outside; nothing can be found again after a restart. What is too large for one
// call is asked in parts of its time, one after the other, so that one answer at most is held.

import { z } from 'zod'
import { readHuntText, type HuntText, type Span } from '#adapters/siem/microsoft/hunt-text.ts'
import type {
  Completeness,
  Connection,
  RowsPage,
  SearchRequest,
  SearchState,
  SiemSearch,
} from '#domain/targets/port.ts'
import { AppError } from '#kernel/error.ts'
import type { Json } from '#kernel/json.ts'
import { addMs, DAY, instant, SECOND, type Instant } from '#kernel/time.ts'
import type { GraphClient } from './client.ts'
import { CALL_ROWS_MAX, hunt, type HuntingTable } from './hunting.ts'

const TIME_FIELD = 'Timestamp'
const KEPT_DAYS = 30
/** Larger answers would keep everybody else waiting while they are read. */
const PART_ROWS_MAX = 25_000
/** Parts are not made shorter. */
const PART_MS_MIN = SECOND

const remoteSearch = z.object({ hunt: z.string() })
const cursor = z.object({ part: z.number(), at: z.number() })
type Cursor = z.infer<typeof cursor>

export function openSearch(client: GraphClient, { readKusto, now }: Connection): SiemSearch {
  const hunts = new Map<string, Hunt>()
  const huntOf = (remote: Json) => hunts.get(remoteSearch.parse(remote).hunt)
  return {
    languages: ['kusto'],
    isResumable: false,
    async start(request, signal) {
      const text = await readHuntText(readKusto, request.query.text, TIME_FIELD)
      hunts.set(request.segmentId, new Hunt(client, { request, text, now }, signal))
      return { remote: { hunt: request.segmentId }, first: null }
    },
    async poll(remote) {
      return huntOf(remote)?.state() ?? { kind: 'gone', reason: GONE }
    },
    async rows(remote, { after, limit }, signal) {
      const found = huntOf(remote)
      if (found === undefined) throw new AppError('not_found', GONE)
      return found.rows(after === null ? { part: 0, at: 0 } : cursor.parse(after), limit, signal)
    },
    async cancel(remote) {
      const { hunt: id } = remoteSearch.parse(remote)
      const isAtWork = hunts.get(id)?.end() ?? true
      hunts.delete(id)
      return isAtWork
        ? {
            isConfirmed: false,
            reason: 'Defender has no way to end a query: it may go on there for up to ten minutes.',
          }
        : { isConfirmed: true, reason: 'Defender had answered already.' }
    },
  }
}

const GONE = 'Defender keeps no search that could be found again.'

interface Part {
  readonly index: number
  readonly table: HuntingTable
  /** Rows of the parts before it. */
  readonly before: number
}

class Hunt {
  readonly #client: GraphClient
  readonly #request: SearchRequest
  readonly #text: HuntText
  readonly #now: () => Instant
  readonly #startedAt: Instant
  readonly #ending = new AbortController()
  #pending: Span[]
  #part: Part | undefined
  #failure: { readonly error: unknown } | undefined
  #isAtWork = false
  #polls = 0
  /** What could not be given, whatever else was. */
  #missing: Completeness | undefined

  constructor(
    client: GraphClient,
    asked: {
      readonly request: SearchRequest
      readonly text: HuntText
      readonly now: () => Instant
    },
    signal: AbortSignal,
  ) {
    this.#client = client
    this.#request = asked.request
    this.#text = asked.text
    this.#now = asked.now
    this.#startedAt = asked.now()
    this.#pending = [{ from: asked.request.from, to: asked.request.to }]
    // Not waited for: `state` tells how it ended.
    this.#advance('write', signal).catch((error: unknown) => {
      this.#failure = { error }
    })
  }

  /** Throws what the call threw. */
  state(): SearchState {
    if (this.#failure) throw this.#failure.error
    if (this.#part === undefined) {
      const pollAfterMs = Math.min(100 * 2 ** this.#polls++, 5 * SECOND)
      return { kind: 'running', progress: null, scanned: null, found: null, pollAfterMs }
    }
    const isAll = this.#pending.length === 0
    const found = this.#part.table.rows.length
    return {
      kind: 'done',
      found: isAll && found <= this.#request.rowsMax ? found : null,
      scanned: null,
      completeness: this.#missing ?? this.#kept(),
      notices: this.#notices(),
    }
  }

  async rows({ part, at }: Cursor, limit: number, signal: AbortSignal): Promise<RowsPage> {
    if (this.#part !== undefined && part === this.#part.index + 1) {
      await this.#advance('read', signal)
    }
    const { table, before, index } = this.#partAt(part)
    const { rowsMax } = this.#request
    const rows = table.rows.slice(at, at + Math.min(limit, rowsMax - before - at))
    const end = at + rows.length
    const isOver = before + end >= rowsMax
    const hasMore = end < table.rows.length || this.#pending.length > 0
    const next = end < table.rows.length ? { part: index, at: end } : { part: index + 1, at: 0 }
    const truncated: Completeness = {
      kind: 'truncated',
      limit: `${rowsMax.toLocaleString('en')} rows`,
    }
    return {
      columns: table.columns,
      rows,
      next: hasMore && !isOver ? next : null,
      completeness: this.#missing ?? (isOver && hasMore ? truncated : COMPLETE),
    }
  }

  /** Whether Defender may still be at work. */
  end(): boolean {
    const was = this.#isAtWork
    this.#ending.abort()
    return was
  }

  #partAt(index: number): Part {
    if (this.#part?.index === index) return this.#part
    throw new AppError('not_found', 'These rows were given already, and are not held any more.')
  }

  /** Asks for the next part that fits into an answer; at the end of all, for an empty one. */
  async #advance(effect: 'read' | 'write', signal: AbortSignal): Promise<void> {
    const { index = -1, before = 0, table } = this.#part ?? {}
    const given = before + (table?.rows.length ?? 0)
    this.#isAtWork = true
    try {
      const found = await this.#ask(given, effect, AbortSignal.any([signal, this.#ending.signal]))
      const empty = { columns: table?.columns ?? [], rows: [] }
      this.#part = { index: index + 1, before: given, table: found ?? empty }
    } finally {
      this.#isAtWork = false
    }
  }

  async #ask(
    given: number,
    effect: 'read' | 'write',
    signal: AbortSignal,
  ): Promise<HuntingTable | undefined> {
    // One more than wanted tells whether there are more.
    const wanted = this.#request.rowsMax + 1 - given
    for (let asked = 0; ; asked++) {
      const span = this.#pending.shift()
      if (span === undefined) return undefined
      if ((asked > 0 || given > 0) && this.#isLate()) return this.#giveUp()
      const halves = this.#text.kind === 'parts' ? halvesOf(span) : []
      const most = Math.min(wanted, halves.length > 0 ? PART_ROWS_MAX : CALL_ROWS_MAX)
      const table = await this.#call(span, most, asked === 0 ? effect : 'read', signal)
      if (table !== 'too-large' && (table.rows.length < most || most === wanted)) return table
      this.#pending.unshift(...halves)
      if (halves.length > 0) continue
      this.#missing = {
        kind: 'truncated',
        limit: 'what Defender gives at once: 100,000 rows or 50 MB',
      }
      if (table !== 'too-large') return table
    }
  }

  async #call(
    span: Span,
    rows: number,
    effect: 'read' | 'write',
    signal: AbortSignal,
  ): Promise<HuntingTable | 'too-large'> {
    const text = this.#text.kind === 'parts' ? this.#text.of(span, rows) : this.#text.of(rows)
    const call = {
      text: signedText(text, this.#request),
      ...span,
      seconds: this.#request.secondsMax,
      effect,
      what: 'the search',
    }
    try {
      return await hunt(this.#client, call, signal)
    } catch (error) {
      const isTooLarge = error instanceof AppError && error.code === 'too_large'
      if (!isTooLarge || this.#text.kind === 'whole') throw error
      return 'too-large'
    }
  }

  #isLate(): boolean {
    return this.#now() - this.#startedAt > this.#request.secondsMax * SECOND
  }

  #giveUp(): undefined {
    this.#pending = []
    const reason = `The search took longer than ${this.#request.secondsMax} seconds; later events were not asked for.`
    this.#missing = { kind: 'partial', reason }
  }

  #kept(): Completeness {
    const oldest = addMs(this.#startedAt, -KEPT_DAYS * DAY)
    if (this.#request.from >= oldest) return COMPLETE
    const reason = `Defender keeps events for ${KEPT_DAYS} days: what is older than that cannot be found.`
    return { kind: 'partial', reason }
  }

  #notices(): readonly string[] {
    const time =
      this.#text.kind === 'parts'
        ? `The range of time was written into the query, behind ${this.#text.table}.`
        : 'The range of time was sent beside the query; Defender lays it over every table in it.'
    const parts =
      this.#pending.length > 0
        ? ['It was too much for one answer, and is asked in parts of the time.']
        : []
    return [time, ...parts]
  }
}

const COMPLETE: Completeness = { kind: 'complete' }

/** A comment at the end, which Microsoft's audit log keeps with the query. */
function signedText(text: string, { person, purpose }: SearchRequest): string {
  const plain = `${person}: ${purpose}`.replaceAll(/[^\p{L}\p{N}.,:@_/-]+/gu, ' ').slice(0, 200)
  return `${text}\n// Rulewright, ${plain.trim()}`
}

function halvesOf({ from, to }: Span): readonly Span[] {
  if (to - from <= PART_MS_MIN) return []
  const middle = instant(Math.floor((from + to) / 2))
  return [
    { from, to: middle },
    { from: middle, to },
  ]
}
