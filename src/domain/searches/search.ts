// What a search is: one question over one time range, a segment for each target it goes to. Each segment
// ends for itself, and says how complete its rows are; the search says the worst of them.

import type { Completeness, SiemKind, TargetLanguage } from '#domain/targets/port.ts'
import type { Actor } from '#kernel/actor.ts'
import type { JobId, RuleId, SavedSearchId, SearchId, TargetId } from '#kernel/id.ts'
import type { Instant } from '#kernel/time.ts'
import { MINUTE } from '#kernel/time.ts'

export const SEGMENT_STATES = [
  'queued',
  'running',
  'succeeded',
  'failed',
  'cancelled',
  'unknown',
] as const
export type SegmentState = (typeof SEGMENT_STATES)[number]

export interface Search {
  readonly id: SearchId
  readonly title: string
  readonly language: TargetLanguage
  readonly text: string
  readonly ruleId: RuleId | null
  readonly purpose: string
  readonly from: Instant
  /** Exclusive. */
  readonly to: Instant
  readonly caps: SearchCaps
  readonly evidenceDays: number
  /** Which saved search it is a run of. */
  readonly savedId: SavedSearchId | null
  readonly createdAt: Instant
  readonly createdBy: Actor
  /** In the order the targets were named. */
  readonly segments: readonly Segment[]
}

/** Each of them is of one segment. */
export interface SearchCaps {
  readonly rows: number
  /** Of rows that are kept, unpacked. */
  readonly bytes: number
  readonly seconds: number
  /** Events that the target may read for it, as far as it tells while it runs; null: no limit. */
  readonly scanned: number | null
}

/** Sealed and streamed piece by piece, so the number is about the targets' load and our disk. */
export const ROWS_MAX = 500_000
export const SECONDS_MAX = 3_600
export const TARGETS_MAX = 50
/** All that is kept of one segment: rows beyond are not asked for, and the segment says so. */
export const SEGMENT_BYTES_MAX = 512 * 1024 * 1024
export const SCANNED_MAX = 1e12
/** Enough for a look; an export of more says so beforehand. */
export const CAPS_USUAL: SearchCaps = {
  rows: 1_000,
  bytes: SEGMENT_BYTES_MAX,
  seconds: 300,
  scanned: null,
}

export interface Segment {
  readonly position: number
  readonly targetId: TargetId
  readonly targetName: string
  readonly kind: SiemKind
  readonly language: TargetLanguage
  /** What the target is sent. */
  readonly text: string
  readonly state: SegmentState
  readonly attempt: number
  readonly jobId: JobId | null
  /** 0..1; null where the target does not tell. */
  readonly progress: number | null
  /** What it cost: events and bytes that the target read, where it tells. */
  readonly scanned: number | null
  readonly scannedBytes: number | null
  readonly found: number | null
  readonly rowCount: number
  readonly byteCount: number
  readonly columns: readonly Column[]
  /** Whose values are the times of the rows; null where none is. */
  readonly timeColumn: string | null
  readonly histogram: Histogram
  readonly completeness: Completeness | null
  readonly notices: readonly string[]
  /** Why it is where it is, for a person. */
  readonly reason: string | null
  readonly startedAt: Instant | null
  readonly endedAt: Instant | null
}

export interface Column {
  readonly name: string
  readonly type: string | null
}

/** Rows per slice of the range; those without a time are counted apart. */
export interface Histogram {
  readonly counts: readonly number[]
  readonly untimed: number
}

export const HISTOGRAM_SLICES = 60
export const EMPTY_HISTOGRAM: Histogram = {
  counts: Array.from({ length: HISTOGRAM_SLICES }, () => 0),
  untimed: 0,
}

export function isOver(state: SegmentState): boolean {
  return state !== 'queued' && state !== 'running'
}

/** What may be asked again. A segment that succeeded is asked by a new search. */
export function mayRetry(state: SegmentState): boolean {
  return state === 'failed' || state === 'cancelled' || state === 'unknown'
}

/** What the search as a whole can say; undefined while something still runs. */
export function outcomeOf(segments: readonly Segment[]): SearchOutcome | undefined {
  if (segments.some(({ state }) => !isOver(state))) return undefined
  const missing = segments.filter(({ state }) => state !== 'succeeded')
  if (missing.length === segments.length) return { kind: 'nothing', missing }
  const limited = segments.filter(
    ({ state, completeness }) => state === 'succeeded' && completeness?.kind !== 'complete',
  )
  if (missing.length === 0 && limited.length === 0) return { kind: 'complete' }
  return { kind: 'some', missing, limited }
}

export type SearchOutcome =
  | { readonly kind: 'complete' }
  /** `missing` did not answer; `limited` answered in part. */
  | {
      readonly kind: 'some'
      readonly missing: readonly Segment[]
      readonly limited: readonly Segment[]
    }
  | { readonly kind: 'nothing'; readonly missing: readonly Segment[] }

/** The worse of the two; reasons of two partial answers are joined. */
export function worseOf(a: Completeness, b: Completeness): Completeness {
  if (a.kind === 'complete') return b
  if (b.kind === 'complete') return a
  if (a.kind === 'truncated') return b.kind === 'truncated' ? a : b
  if (b.kind === 'truncated') return a
  return a.reason === b.reason ? a : { kind: 'partial', reason: `${a.reason}; ${b.reason}` }
}

const TIME_COLUMNS = ['@timestamp', '_time', 'TimeGenerated', 'Timestamp', 'UtcTime', 'timestamp']

/** The column whose values are the events' times; -1 for an answer that has none (a count, say). */
export function timeColumnOf(columns: readonly Column[]): number {
  for (const name of TIME_COLUMNS) {
    const at = columns.findIndex((column) => column.name === name)
    if (at >= 0) return at
  }
  return columns.findIndex(({ type }) => type === 'datetime' || type === 'date')
}

/** Adds rows to the counts of their slices. */
export function countTimes(
  { from, to }: { readonly from: Instant; readonly to: Instant },
  before: Histogram,
  times: readonly unknown[],
): Histogram {
  const counts = [...before.counts]
  let { untimed } = before
  const slice = Math.max(1, (to - from) / HISTOGRAM_SLICES)
  for (const time of times) {
    const at = typeof time === 'number' ? time : typeof time === 'string' ? Date.parse(time) : NaN
    const index = Math.floor((at - from) / slice)
    if (index >= 0 && index < HISTOGRAM_SLICES) counts[index]! += 1
    else untimed += 1
  }
  return { counts, untimed }
}

/** How long the product itself waits for a segment: the target's own limit and time to read rows. */
export function patienceMs(seconds: number): number {
  return seconds * 1_000 + 30 * MINUTE
}

/** A value as a cell shows it, and as a pivot compares it. */
export function textOf(value: unknown): string {
  if (value === null || value === undefined) return ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}
