// The newest event of what rules read, asked where the target does not tell it with its schema: one small
// search a table, over the last day.

import type { SchemaAnswer, SiemKind, SiemPort, TargetQuery } from '#domain/targets/port.ts'
import { addMs, DAY, instant, MINUTE, parseInstant, type Instant } from '#kernel/time.ts'
import type { House } from '#platform/house.ts'
import { askOnce } from './ask.ts'
import type { Outline } from './outline.ts'
import { sourcesOf } from './sources.ts'

/** More are asked with the next look. */
const TABLES_AT_ONCE = 20

/** The same answer, with the newest event of those tables that the outlines read. */
export async function withFreshness(
  house: House,
  port: SiemPort,
  schema: SchemaAnswer,
  { outlines, now }: { readonly outlines: readonly Outline[]; readonly now: Instant },
  signal: AbortSignal,
): Promise<SchemaAnswer> {
  const from = addMs(now, -DAY)
  const newest = new Map<string, Instant>()
  for (const name of tablesRead(port.kind, schema, outlines, now)) {
    const query = questionFor(port.kind, name)
    if (query === undefined) continue
    const purpose = 'Whether a log source still delivers'
    const answer = await askOnce(house, port, { query, from, to: now, purpose }, signal)
    const [row] = answer?.page.rows ?? []
    if (row === undefined) continue
    // Without an event of the last day it is older than that.
    newest.set(name, instantIn(row[0]) ?? addMs(from, -1))
  }
  const tables = schema.tables.map((table) => ({
    ...table,
    lastSeenAt: table.lastSeenAt ?? newest.get(table.name) ?? null,
  }))
  return { ...schema, tables }
}

function tablesRead(
  kind: SiemKind,
  { tables }: SchemaAnswer,
  outlines: readonly Outline[],
  now: Instant,
): readonly string[] {
  const untold = tables.filter(({ lastSeenAt }) => lastSeenAt === null)
  const read = outlines.flatMap(({ reads }) => sourcesOf(kind, reads, untold) ?? [])
  const names = [...new Set(read.map(({ name }) => name))]
  // Where they are many, another share of them with each look.
  const shares = Math.ceil(names.length / TABLES_AT_ONCE)
  const share = shares < 2 ? 0 : Math.floor(now / (15 * MINUTE)) % shares
  return names.slice(share * TABLES_AT_ONCE, (share + 1) * TABLES_AT_ONCE)
}

const TABLE = /^[A-Za-z_]\w{0,200}$/
const INDEX = /^[\w.-]{1,250}$/

/** Undefined for a kind that no cheap question is known for, and for a name that would need quoting. */
function questionFor(kind: SiemKind, name: string): TargetQuery | undefined {
  if (kind === 'sentinel' && TABLE.test(name)) {
    return { language: 'kusto', text: `${name} | summarize Newest = max(TimeGenerated)` }
  }
  if (kind === 'defender' && TABLE.test(name)) {
    return { language: 'kusto', text: `${name} | summarize Newest = max(Timestamp)` }
  }
  if (kind === 'elastic' && INDEX.test(name)) {
    return { language: 'esql', text: `FROM ${name} | STATS newest = MAX(@timestamp)` }
  }
  return undefined
}

function instantIn(value: unknown): Instant | undefined {
  if (typeof value === 'number' && value > 0) return instant(value)
  return typeof value === 'string' ? parseInstant(value) : undefined
}
