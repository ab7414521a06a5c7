// How late events come into what rules read, measured where a target keeps both times of an event: over the
// events of one hour, some hours after it, so that those that came late are among them. One small search a
// table, a few tables a look, each some times a day. What cannot be measured is unknown.

import type {
  SchemaAnswer,
  SchemaTable,
  SiemKind,
  SiemPort,
  TargetQuery,
} from '#domain/targets/port.ts'
import type { Json } from '#kernel/json.ts'
import { addMs, HOUR, type Instant } from '#kernel/time.ts'
import type { House } from '#platform/house.ts'
import { askOnce } from './ask.ts'
import type { Outline } from './outline.ts'
import { sourcesOf } from './sources.ts'
import type { Delay, Source } from './watch.ts'

const TABLES_AT_ONCE = 5
/** What is later than that is not seen to be: the measured hour ended so long ago. */
export const DELAY_SEEN_MS = 6 * HOUR
const MEASURED_EVERY_MS = 6 * HOUR
/** Of fewer events the latest in a hundred, or in twenty, say nothing. */
const EVENTS_LEAST = { p95: 20, p99: 100 }
/** As many are looked at. */
const EVENTS_MAX = 100_000

interface Measured {
  readonly schema: SchemaAnswer
  readonly outlines: readonly Outline[]
  readonly sources: readonly Source[]
  readonly now: Instant
}

/** By name of what the target holds; only what was measured now. */
export async function measureDelays(
  house: House,
  port: SiemPort,
  { schema, outlines, sources, now }: Measured,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Delay>> {
  const to = addMs(now, -DELAY_SEEN_MS)
  const from = addMs(to, -HOUR)
  const found = new Map<string, Delay>()
  for (const table of tablesDue(port.kind, schema, outlines, sources, now)) {
    const query = questionFor(port.kind, table)!
    const purpose = 'How late events come in'
    const answer = await askOnce(house, port, { query, from, to, purpose }, signal)
    if (answer === undefined) continue
    const { columns, rows } = answer.page
    const at = (name: string) =>
      numberIn(rows[0]?.[columns.findIndex((one) => one.name === name)] ?? null)
    found.set(table.name, delayOf({ events: at('events'), p95: at('p95'), p99: at('p99') }, now))
  }
  return found
}

/** What was never measured, or the longest ago, first. */
function tablesDue(
  kind: SiemKind,
  { tables }: SchemaAnswer,
  outlines: readonly Outline[],
  sources: readonly Source[],
  now: Instant,
): readonly SchemaTable[] {
  const before = new Map(sources.map(({ name, delay }) => [name, delay?.at ?? 0]))
  const read = new Set(
    outlines
      .filter(({ windowMs }) => windowMs !== null)
      .flatMap(({ reads }) => sourcesOf(kind, reads, tables) ?? []),
  )
  const atOf = ({ name }: SchemaTable) => before.get(name) ?? 0
  return [...read]
    .filter((table) => now - atOf(table) >= MEASURED_EVERY_MS)
    .filter((table) => questionFor(kind, table) !== undefined)
    .toSorted((a, b) => atOf(a) - atOf(b))
    .slice(0, TABLES_AT_ONCE)
}

interface Answered {
  readonly events: number | null
  readonly p95: number | null
  readonly p99: number | null
}

function delayOf({ events: counted, p95, p99 }: Answered, at: Instant): Delay {
  const events = counted ?? 0
  const enough = (least: number, ms: number | null) =>
    ms === null || events < least ? null : Math.max(0, Math.round(ms))
  return {
    events,
    p95Ms: enough(EVENTS_LEAST.p95, p95),
    p99Ms: enough(EVENTS_LEAST.p99, p99),
    at,
  }
}

const TABLE = /^[A-Za-z_]\w{0,200}$/
const INDEX = /^[\w.-]{1,250}$/
const SPLUNK = /^index="?[\w.-]{1,250}"? sourcetype="?[\w.:-]{1,250}"?$/

/** Undefined where both times are not kept, or the name would need quoting. */
function questionFor(kind: SiemKind, { name, columns }: SchemaTable): TargetQuery | undefined {
  if (kind === 'sentinel' && TABLE.test(name)) return kusto(name, 'TimeGenerated')
  if (kind === 'defender' && TABLE.test(name)) return kusto(name, 'Timestamp')
  if (kind === 'elastic' && INDEX.test(name)) {
    // Written by an ingest pipeline; a query that names a field that is not there is refused.
    if (!columns.some((column) => column.name === 'event.ingested')) return undefined
    const text = `FROM ${name} | WHERE event.ingested IS NOT NULL | LIMIT ${EVENTS_MAX} | EVAL late = DATE_DIFF("millisecond", @timestamp, event.ingested) | STATS events = COUNT(*), p95 = PERCENTILE(late, 95), p99 = PERCENTILE(late, 99)`
    return { language: 'esql', text }
  }
  if (kind === 'splunk' && SPLUNK.test(name)) {
    const text = `search ${name} | head ${EVENTS_MAX} | eval late=(_indextime-_time)*1000 | stats count(late) as events perc95(late) as p95 perc99(late) as p99`
    return { language: 'spl', text }
  }
  return undefined
}

function kusto(table: string, time: string): TargetQuery {
  const text = `${table} | take ${EVENTS_MAX} | extend Late = (ingestion_time() - ${time}) / 1ms | where isnotnull(Late) | summarize events = count(), p95 = percentile(Late, 95), p99 = percentile(Late, 99)`
  return { language: 'kusto', text }
}

function numberIn(value: Json): number | null {
  const number = value === null || value === '' ? Number.NaN : Number(value)
  return Number.isFinite(number) ? number : null
}
