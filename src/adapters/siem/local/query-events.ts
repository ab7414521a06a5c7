// SPL, Kusto, ES|QL and EQL over the sandbox: the events of the range are handed to the evaluator of the
// language, as many as fit. An answer that did not see all of them says so, because a sum over a part
// is not the sum.

import type { Json } from '#kernel/json.ts'
import type { Problem } from '#kernel/problem.ts'
import type { EventRecord } from '#languages/evaluation.ts'
import type { Connection } from '#platform/db/engine/sqlite/open.ts'
import { countInRange, parseEvent, scan, type ScannedEvent } from './scan.ts'
import { withReader } from './file.ts'

export type QueriedLanguage = 'spl' | 'kusto' | 'esql' | 'eql'

export interface EventsToQuery {
  /** The sandbox's file. */
  readonly file: string
  readonly language: QueriedLanguage
  readonly text: string
  readonly from: number
  readonly to: number
  /** What the query calls now. */
  readonly now: number
  readonly rowsMax: number
  readonly timeoutMs: number
}

export interface QueriedEvents {
  readonly columns: readonly string[]
  readonly rows: readonly Readonly<Record<string, Json>>[]
  /** In all; `rows` may hold fewer. */
  readonly count: number
  readonly problems: readonly Problem[]
  /** Events the query saw, of those in the range. */
  readonly seen: number
  readonly inRange: number
}

export interface EvaluatedQuery {
  readonly columns: readonly string[]
  readonly rows: readonly Readonly<Record<string, unknown>>[]
  readonly count: number
  readonly problems: readonly Problem[]
}

/** Whatever evaluates: the threads have it, adapters do not. */
export type Evaluate = (
  asked: Pick<EventsToQuery, 'language' | 'text' | 'now' | 'rowsMax' | 'timeoutMs'> & {
    readonly events: readonly EventRecord[]
    readonly lookups: Readonly<Record<string, readonly EventRecord[]>>
  },
) => EvaluatedQuery

/** What a thread holds at once: events as objects take some four times their text. */
const EVENTS_MAX = 200_000
const CHARS_MAX = 64 * 1024 * 1024

export function queryEvents(
  { file, from, to, ...asked }: EventsToQuery,
  evaluate: Evaluate,
): QueriedEvents {
  const read = withReader(file, (db) => readNewest(db, from, to))
  const events = read?.events ?? []
  const { columns, rows, count, problems } = evaluate({ ...asked, events, lookups: {} })
  const plain = rows as QueriedEvents['rows']
  return { columns, rows: plain, count, problems, seen: events.length, inRange: read?.inRange ?? 0 }
}

function readNewest(db: Connection, from: number, to: number) {
  const kept: ScannedEvent[] = []
  let chars = 0
  for (const one of scan(db, { from, to })) {
    chars += one.text.length
    if (kept.length >= EVENTS_MAX || chars > CHARS_MAX) break
    kept.push(one)
  }
  const events = kept.toSorted((a, b) => a.at - b.at).map(withTime)
  return { events, inRange: countInRange(db, { from, to }) }
}

/** Languages have their own names for the time; where an event has none of them it is given one. */
function withTime(one: ScannedEvent): EventRecord {
  const event = parseEvent(one)
  const time = new Date(one.at).toISOString()
  event['@timestamp'] ??= time
  event['TimeGenerated'] ??= time
  event['Timestamp'] ??= time
  return event
}
