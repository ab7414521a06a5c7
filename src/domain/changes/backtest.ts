// What a query would have found: the one that stands and the one that is proposed, asked over the same
// window, their rows told apart by which event they are. A number that the answers do not carry is
// unknown and says why; it is never 0. Pure.

import type { Actor } from '#kernel/actor.ts'
import type { BacktestId, ChangeId, JobId, RuleId, SearchId, TargetId } from '#kernel/id.ts'
import type { Json } from '#kernel/json.ts'
import { canonicalJson } from '#kernel/json.ts'
import type { SiemKind } from '#kernel/siem.ts'
import { DAY, type Instant } from '#kernel/time.ts'
import type { Segment } from '#domain/searches/search.ts'
import type { Question } from './backtest-query.ts'

export const WINDOW_DAYS = 7
export const WINDOW_DAYS_MAX = 90
/** More is no batch that somebody looks through; their searches would fill days. */
export const FORECAST_RULES_MAX = 500
/** Rows that one query may bring; beyond them the answer is truncated and the item unknown. */
export const BACKTEST_ROWS_MAX = 50_000
/** Fewer events say nothing of a rate. */
export const EVENTS_MIN = 30
/** Of each kind, pinned as excerpts. */
export const SAMPLES = 3

export const BACKTEST_ITEM_STATES = [
  'waiting',
  'asking',
  'measured',
  'unknown',
  'unchanged',
] as const
/** `unchanged`: nothing that runs becomes another, so that there was nothing to ask. */
export type BacktestItemState = (typeof BACKTEST_ITEM_STATES)[number]

export const BACKTEST_STATES = ['running', 'done', 'cancelled', 'failed'] as const
export type BacktestState = (typeof BACKTEST_STATES)[number]

export interface Backtest {
  readonly id: BacktestId
  /** Null for a forecast. */
  readonly changeId: ChangeId | null
  readonly changeHash: string | null
  readonly title: string
  readonly from: Instant
  /** Exclusive. */
  readonly to: Instant
  readonly rowsMax: number
  readonly atOnce: number
  readonly perHour: number | null
  readonly jobId: JobId | null
  readonly createdAt: Instant
  readonly createdBy: Actor
  readonly endedAt: Instant | null
}

export interface BacktestItem {
  readonly number: number
  readonly ruleId: RuleId
  readonly ruleTitle: string
  readonly version: number | null
  readonly targetId: TargetId
  readonly targetName: string
  readonly kind: SiemKind
  /** What runs there now; null for nothing. */
  readonly before: Question | null
  readonly after: Question | null
  /** The same one where both questions are the same. */
  readonly beforeSearchId: SearchId | null
  readonly afterSearchId: SearchId | null
  readonly askedAt: Instant | null
  readonly state: BacktestItemState
  /** Why it is unknown or was not asked. */
  readonly reason: string | null
  /** Null until it is measured. */
  readonly result: Measured | null
  readonly endedAt: Instant | null
}

/** Counts of rows over the window. */
export interface Measured {
  readonly before: number
  readonly after: number
  readonly added: number
  readonly removed: number
  readonly kept: number
  /** Events read by the proposed query, or by the one that goes; null where the target does not tell. */
  readonly scanned: number | null
  /** What asking cost, both queries together; null where the target does not tell. */
  readonly cost: Cost
  /** What the target would have made of these rows; null where rows and their times alone do not decide it. */
  readonly alerts: { readonly before: number | null; readonly after: number | null }
  /** By the day of the window; null where that is not known. */
  readonly days: { readonly matches: Days | null; readonly alerts: Days | null }
  /** Of each query; null for one that was not asked. One that both sides share is told twice. */
  readonly costs: { readonly before: Cost | null; readonly after: Cost | null }
  /** Columns whose values told the rows apart. */
  readonly identity: readonly string[]
  readonly notes: readonly string[]
}

/** One number for each 24 hours from the beginning of the window on; the last may be shorter. */
export interface Days {
  readonly before: readonly number[]
  readonly after: readonly number[]
}

export interface Cost {
  readonly scanned: number | null
  readonly bytes: number | null
  readonly seconds: number
}

/** What is looked at where a number has to stand: alerts where they are counted, else matches. */
export function weightOf(
  { alerts, ...rows }: Pick<Measured, 'alerts' | 'before' | 'after'>,
  side: 'before' | 'after',
): number {
  return alerts[side] ?? rows[side]
}

/** How many fell into each day of the window. */
export function byDay(
  times: readonly Instant[],
  { from, to }: { readonly from: Instant; readonly to: Instant },
): readonly number[] {
  const counts = Array.from({ length: Math.max(1, Math.ceil((to - from) / DAY)) }, () => 0)
  for (const at of times) {
    const day = Math.min(counts.length - 1, Math.max(0, Math.floor((at - from) / DAY)))
    counts[day]! += 1
  }
  return counts
}

/** How many a day the proposed query brings. */
export function perDayOf(count: number, { from, to }: { from: Instant; to: Instant }): number {
  return (count * DAY) / Math.max(1, to - from)
}

/**
 * Names under which a kind of target tells which event a row is: the first set that both answers have
 * counts. A row of none of them is told apart by all columns that both have.
 */
const IDENTITIES: Readonly<Record<SiemKind, readonly (readonly string[])[]>> = {
  local: [['@timestamp', 'event']],
  splunk: [
    ['_bkt', '_cd'],
    ['_time', '_raw'],
  ],
  sentinel: [['_ItemId']],
  defender: [
    ['ReportId', 'DeviceId', 'Timestamp'],
    ['ReportId', 'Timestamp'],
  ],
  elastic: [['_index', '_id'], ['_id']],
  opensearch: [['_index', '_id'], ['_id']],
}

type Named = Pick<Segment, 'columns'>

/** `sides` are the answers there are: one of them, or both. */
export function identityOf(kind: SiemKind, sides: readonly Named[]): readonly string[] {
  const [first, ...others] = sides.map(({ columns }) => columns.map(({ name }) => name))
  const shared = [...new Set(first)].filter((name) => others.every((names) => names.includes(name)))
  return IDENTITIES[kind].find((set) => set.every((name) => shared.includes(name))) ?? shared
}

/** Which of a kind's own names tell events apart, or all columns. */
export function isOwnIdentity(kind: SiemKind, identity: readonly string[]): boolean {
  return IDENTITIES[kind].some((set) => set.join() === identity.join())
}

/** Equal for two rows of one event. A name that stands there twice counts where it stands last. */
export function keyOf(
  identity: readonly string[],
  columns: readonly { readonly name: string }[],
  values: readonly Json[],
): string {
  return canonicalJson(
    identity.map((name) => values[columns.findLastIndex((one) => one.name === name)] ?? null),
  )
}

/** Rows of two answers, matched one to one: the same event twice on one side is two rows. */
export class RowsCompared {
  /** How many rows of each key the standing query found that the proposed one did not yet, and one of them. */
  readonly #open = new Map<string, { count: number; readonly index: number }>()
  readonly #kept: number[] = []
  readonly #added: number[] = []
  #counts = { before: 0, after: 0, added: 0, removed: 0, kept: 0 }

  /** All of these first. */
  addBefore(key: string, index: number): void {
    const open = this.#open.get(key)
    if (open) open.count += 1
    else this.#open.set(key, { count: 1, index })
    this.#counts.before += 1
    this.#counts.removed += 1
  }

  addAfter(key: string, index: number): void {
    const open = this.#open.get(key)
    const isKept = open !== undefined && open.count > 0
    this.#counts.after += 1
    this.#counts[isKept ? 'kept' : 'added'] += 1
    if (isKept) {
      open.count -= 1
      this.#counts.removed -= 1
    }
    const samples = isKept ? this.#kept : this.#added
    if (samples.length < SAMPLES) samples.push(index)
  }

  get counts(): Pick<Measured, 'before' | 'after' | 'added' | 'removed' | 'kept'> {
    return this.#counts
  }

  /** Indexes of rows: `removed` in the answer of the standing query, the others in that of the proposed one. */
  get samples(): Readonly<Record<'added' | 'removed' | 'kept', readonly number[]>> {
    const removed: number[] = []
    for (const { count, index } of this.#open.values()) {
      if (removed.length === SAMPLES) break
      if (count > 0) removed.push(index)
    }
    return { added: this.#added, removed, kept: this.#kept }
  }
}

type Answer = Pick<
  Segment,
  'state' | 'completeness' | 'reason' | 'scanned' | 'rowCount' | 'timeColumn' | 'columns'
>

/** Why an answer carries no number; undefined where it does. */
export function whyUnknown(which: 'standing' | 'proposed', answer: Answer): string | undefined {
  const { state, completeness, reason, rowCount, timeColumn } = answer
  const query = `The ${which} query`
  if (state !== 'succeeded') return `${query} was not answered. ${reason ?? ''}`.trim()
  if (completeness?.kind === 'partial')
    return `${query} was answered in part: ${completeness.reason.replace(/\.$/, '')}.`
  if (completeness?.kind === 'truncated') {
    return `${query} found more than it could give: ${completeness.limit}.`
  }
  if (rowCount > 0 && timeColumn === null) {
    return `${query} counts over its whole window: its rows are not the alerts that its schedule would bring.`
  }
  return undefined
}

/** Why the data of the window say nothing of what a rule will do. `answer` is of the query that counts. */
export function whyThin({ scanned, rowCount }: Answer): string | undefined {
  if (scanned === null) {
    return rowCount > 0
      ? undefined
      : 'It found nothing, and the target does not tell whether there was anything to find.'
  }
  if (scanned >= EVENTS_MIN) return undefined
  return scanned === 0
    ? 'There was no event of its log source in the window.'
    : `There were only ${scanned} events of its log source in the window.`
}

/** Null where one of them is not told. */
export function costOf(
  answers: readonly Pick<Segment, 'scanned' | 'scannedBytes' | 'startedAt' | 'endedAt'>[],
): Cost {
  const sum = (values: readonly (number | null)[]) =>
    values.reduce((total, value) => (total === null || value === null ? null : total + value), 0)
  const tookMs = answers.map(
    ({ startedAt, endedAt }) => (endedAt ?? 0) - (startedAt ?? endedAt ?? 0),
  )
  return {
    scanned: sum(answers.map(({ scanned }) => scanned)),
    bytes: sum(answers.map(({ scannedBytes }) => scannedBytes)),
    seconds: Math.round(tookMs.reduce((total, ms) => total + ms, 0) / 1_000),
  }
}
