// Searches over Log Analytics, which answers at once and whole: there is no id to ask for later, no page
// and no cancel. A poll asks; an answer that is too large is asked for again in halves of its time, where
// the query gives each row for one event. One answer is held at a time, and pages are cut from it.

import { z } from 'zod'
import { readHuntText, type HuntText } from '#adapters/siem/microsoft/hunt-text.ts'
import type {
  Completeness,
  Connection,
  RowsPage,
  SearchRequest,
  SiemSearch,
} from '#domain/targets/port.ts'
import { AppError } from '#kernel/error.ts'
import type { Json } from '#kernel/json.ts'
import { instant, SECOND } from '#kernel/time.ts'
import type { Logs, LogsAnswer } from './logs.ts'

/** What the service gives at most. */
const ROWS_MAX = 500_000
/** Of one answer where it can be had in parts: what is held in memory. */
const SLICE_BYTES_MAX = 16 * 1024 * 1024
const SLICE_MS_MIN = SECOND
/** More would be a search that asks for days. */
const SLICES_MAX = 1_000

const remoteSearch = z.object({
  id: z.string(),
  text: z.string(),
  from: z.number(),
  to: z.number(),
  rowsMax: z.number(),
  seconds: z.number(),
  tag: z.string(),
})
type Remote = z.infer<typeof remoteSearch>

const place = z.object({
  /** Still to be given, the current one first. */
  slices: z.array(z.tuple([z.number(), z.number()])),
  /** Rows given of the current one, and of all. */
  at: z.number(),
  given: z.number(),
})
type Place = z.infer<typeof place>

const COMPLETE: Completeness = { kind: 'complete' }

export function openSearch(logs: Logs, { readKusto }: Connection): SiemSearch {
  const asked = new Asked(logs, (text) => readHuntText(readKusto, text, 'TimeGenerated'))
  return {
    languages: ['kusto'],
    isResumable: false,
    // Nothing is sent yet: so there is something to cancel while the service is at work.
    start: (request) => Promise.resolve({ remote: remoteOf(request), first: null }),
    async poll(given, signal) {
      const remote = remoteSearch.parse(given)
      const { slices, answer } = await asked.get(remote, beginning(remote), signal)
      const isWhole = slices.length === 1
      const found = Math.min(answer.rows.length, remote.rowsMax)
      const isCapped = answer.rows.length > remote.rowsMax
      return {
        kind: 'done',
        found: isWhole && !isCapped ? found : null,
        scanned: isWhole ? answer.scanned : null,
        completeness: isCapped ? truncatedAt(remote) : isWhole ? answer.completeness : COMPLETE,
        notices: noticesOf(remote, isWhole, found),
      }
    },
    rows: (given, page, signal) => readRows(asked, remoteSearch.parse(given), page, signal),
    cancel: (given) => Promise.resolve(asked.cancel(remoteSearch.parse(given))),
  }
}

function remoteOf(request: SearchRequest): Remote {
  const { query, from, to, rowsMax, secondsMax, segmentId, person, purpose } = request
  const said = `${segmentId} for ${person}: ${purpose}`.replaceAll(/[\p{C}\p{Z}]+/gu, ' ')
  return {
    id: segmentId,
    text: query.text,
    from,
    to,
    rowsMax: Math.min(rowsMax, ROWS_MAX - 1),
    seconds: secondsMax,
    tag: `// Rulewright ${said}`,
  }
}

function noticesOf({ text }: Remote, isWhole: boolean, found: number): readonly string[] {
  if (!isWhole) return ['Asked for in parts of its time: whole, it was too large.']
  const hasOwnTime = /\bago\s*\(|\bTimeGenerated\s*(?:[<>=!]|between)/i.test(text)
  if (found > 0 || !hasOwnTime) return []
  return [
    'The query narrows its time itself: only what lies in its time and in the search’s is found.',
  ]
}

function beginning({ from, to }: Remote): Place {
  return { slices: [[from, to]], at: 0, given: 0 }
}

function truncatedAt({ rowsMax }: Remote): Completeness {
  return { kind: 'truncated', limit: `${rowsMax.toLocaleString('en')} rows` }
}

interface Held {
  readonly remoteId: string
  readonly slices: Place['slices']
  readonly answer: LogsAnswer
}

/** The latest answer, and whether one is still owed. */
class Asked {
  readonly #logs: Logs
  readonly #read: (text: string) => Promise<HuntText>
  #held: Held | undefined
  #open: string | undefined

  constructor(logs: Logs, read: (text: string) => Promise<HuntText>) {
    this.#logs = logs
    this.#read = read
  }

  /** The answer for the first slice of a place, or of its first part that is small enough. */
  async get(remote: Remote, { slices, given }: Place, signal: AbortSignal): Promise<Held> {
    const known = this.#known(remote, slices)
    if (known !== undefined) return known
    this.#held = undefined
    const text = await this.#read(remote.text)
    let [head, ...rest] = slices
    for (;;) {
      const [from, to] = head!
      const part = { text, from, to, room: remote.rowsMax - given }
      const answer = await this.#ask(remote, part, signal)
      if (answer !== null) {
        this.#held = { remoteId: remote.id, slices: [head!, ...rest], answer }
        return this.#held
      }
      const middle = Math.floor((from + to) / 2)
      rest = [[middle, to], ...rest]
      head = [from, middle]
    }
  }

  cancel({ id, seconds }: Remote): { readonly isConfirmed: boolean; readonly reason: string } {
    if (this.#open !== id) return { isConfirmed: true, reason: 'Nothing of it is running.' }
    const reason = `Log Analytics has no cancel: the connection is closed, and the query may run on there for up to ${seconds} seconds.`
    return { isConfirmed: false, reason }
  }

  /** Held for this place, or for the beginning of what a poll had to divide. */
  #known({ id }: Remote, [head]: Place['slices']): Held | undefined {
    const held = this.#held
    if (held === undefined || held.remoteId !== id || head === undefined) return undefined
    return held.slices[0]![0] === head[0] ? held : undefined
  }

  /** null: too large, and its halves may not be. */
  async #ask(remote: Remote, { text, from, to, room }: Part, signal: AbortSignal) {
    const { id, seconds, tag } = remote
    const canDivide = text.kind === 'parts' && to - from >= 2 * SLICE_MS_MIN
    const span = { from: instant(from), to: instant(to) }
    const sent = text.kind === 'parts' ? text.of(span, room + 1) : text.of(room + 1)
    this.#open = id
    try {
      const answer = await this.#logs.ask({
        text: `${sent}\n${tag}`,
        range: { from: remote.from, to: remote.to },
        secondsMax: seconds,
        ...(canDivide && { bytesMax: SLICE_BYTES_MAX }),
        requestId: id,
        what: 'the search',
        signal,
      })
      this.#open = undefined
      return answer.isTooLarge && canDivide ? null : answer
    } catch (error) {
      if (signal.aborted) throw error
      this.#open = undefined
      const isTooMuch = error instanceof AppError && /^(?:too_large|timeout)$/.test(error.code)
      if (isTooMuch && canDivide) return null
      throw error
    }
  }
}

interface Part {
  readonly text: HuntText
  readonly from: number
  readonly to: number
  /** Rows that the search may still find. */
  readonly room: number
}

async function readRows(
  asked: Asked,
  remote: Remote,
  page: { readonly after: Json | null; readonly limit: number },
  signal: AbortSignal,
): Promise<RowsPage> {
  let here = page.after === null ? beginning(remote) : place.parse(page.after)
  for (;;) {
    const { slices, answer } = await asked.get(remote, here, signal)
    if (slices.length > SLICES_MAX) {
      const message = 'This search finds more than can be asked for in parts. Narrow its time.'
      throw new AppError('too_large', message)
    }
    const wanted = Math.min(page.limit, remote.rowsMax - here.given)
    const rows = answer.rows.slice(here.at, here.at + wanted)
    const given = here.given + rows.length
    const isThrough = here.at + rows.length >= answer.rows.length
    const next = isThrough
      ? { slices: slices.slice(1), at: 0, given }
      : { slices, at: here.at + rows.length, given }
    const hasMore = next.slices.length > 0
    const isCapped = hasMore && given >= remote.rowsMax
    if (rows.length === 0 && hasMore && !isCapped && answer.completeness.kind === 'complete') {
      here = next
      continue
    }
    return {
      columns: answer.columns,
      rows,
      next: hasMore && !isCapped ? next : null,
      completeness: isCapped ? truncatedAt(remote) : answer.completeness,
    }
  }
}
