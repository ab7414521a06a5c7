// A Kusto query over events that nobody keeps: a `let` of the name of each table it reads stands before
// it, with the events as its rows, so that the real engine runs the real query. What reads from somewhere
// else (a watchlist, a function of the workspace, another cluster) cannot be run this way and is refused.

import type { Connection, TestAnswer } from '#domain/targets/port.ts'
import { AppError } from '#kernel/error.ts'
import type { Json } from '#kernel/json.ts'
import { hasErrors } from '#kernel/problem.ts'
import { MINUTE, type Instant } from '#kernel/time.ts'
import { columnsOfTable } from '#languages/kusto/tables.ts'
import type { QueryFacts } from '#languages/query.ts'

const EVENTS_MAX = 200
const CHARS_MAX = 60_000
/** Follows an event through a query that keeps events. */
const MARK = 'rulewright_event'

type Event = { readonly [key: string]: Json }

export interface DryRun {
  readonly text: string
  readonly events: readonly Json[]
  readonly now: Instant
  /** Type by column of each table, where the target tells; else as they are published. */
  readonly columns?: ReadonlyMap<string, Columns>
}

type Columns = ReadonlyMap<string, string>

/** The text to send. Throws `unsupported` for what a test cannot bring, `too_large`, `invalid`. */
export async function withEvents(
  readKusto: Connection['readKusto'],
  { text, events, now, columns }: DryRun,
): Promise<string> {
  if (events.length > EVENTS_MAX) {
    throw new AppError('too_large', `A query is tested with at most ${EVENTS_MAX} events.`)
  }
  const { facts, problems } = await readKusto(text)
  if (facts === null || hasErrors(problems)) {
    throw new AppError('invalid', 'This query cannot be read.', { details: { problems } })
  }
  const tables = tablesOf(facts)
  const isRelative = facts.functions.some(({ name }) => /^(?:ago|now)$/i.test(name))
  const marked = events.map((event, at) => ({ ...membersOf(event), [MARK]: at }))
  const moved = isRelative ? movedTo(marked, now - MINUTE) : marked
  const lets = tables.map((table) => {
    const known = columns?.get(table) ?? columnsOfTable(table) ?? new Map<string, string>()
    return shadowOf(table, eventsOf(moved, table, tables), known)
  })
  const whole = `${lets.join('\n')}\n${text}`
  if (whole.length <= CHARS_MAX) return whole
  throw new AppError('too_large', 'These events are too large for a test.')
}

/** Which events are among the rows; null where the query made other rows of them. */
export function dryAnswer({
  columns,
  rows,
}: {
  readonly columns: readonly { readonly name: string }[]
  readonly rows: readonly (readonly Json[])[]
}): TestAnswer {
  const place = columns.findIndex(({ name }) => name === MARK)
  const marks = rows.map((row) => row[place])
  const isTraced = rows.length === 0 || marks.every((mark) => typeof mark === 'number')
  return {
    matched: isTraced ? [...new Set(marks.map(Number))].toSorted((a, b) => a - b) : null,
    rows: rows.length,
    completeness: { kind: 'complete' },
  }
}

function tablesOf({ sources, effects }: QueryFacts): readonly string[] {
  const [reaching] = effects
  if (reaching !== undefined) {
    throw new AppError(
      'unsupported',
      `A query with ${reaching.name} reads what a test cannot bring.`,
    )
  }
  for (const { kind, name, isPattern } of sources) {
    if (kind === 'table' && !isPattern) continue
    const what = isPattern ? `every table (${name})` : `the ${kind} ${name}`
    throw new AppError('unsupported', `A query over ${what} reads what a test cannot bring.`)
  }
  const tables = [...new Set(sources.map(({ name }) => name))]
  if (tables.length > 0) return tables
  throw new AppError('unsupported', 'A query without a table has nothing that a test could bring.')
}

function membersOf(event: Json): Event {
  const isPlain = typeof event === 'object' && event !== null && !Array.isArray(event)
  if (isPlain) return event as Event
  throw new AppError('invalid', 'An event of a test is an object of columns.')
}

/** Whose events are whose is said by `Type`, as in the rows of Log Analytics, or there is one table. */
function eventsOf(
  events: readonly Event[],
  table: string,
  tables: readonly string[],
): readonly Event[] {
  if (tables.length === 1) return events
  const stray = events.findIndex(({ Type: type }) => !tables.some((one) => one === type))
  if (stray < 0) return events.filter(({ Type: type }) => type === table)
  const message = `The query reads ${tables.join(', ')}. Event ${stray + 1} must say in “Type” which of them it is in.`
  throw new AppError('invalid', message)
}

// ── Times ────────────────────────────────────────────────────────────────────────────────────────

const TIME = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d/

/** A query that looks back from now sees them as though the latest had just come; distances stay. */
function movedTo(events: readonly Event[], latest: number): readonly Event[] {
  const times = events.flatMap((event) =>
    ['Timestamp', 'TimeGenerated'].flatMap((name) => timeIn(event[name]) ?? []),
  )
  if (times.length === 0) return events
  const by = latest - Math.max(...times)
  return events.map((event) =>
    Object.fromEntries(
      Object.entries(event).map(([name, value]) => {
        const at = timeIn(value)
        return [name, at === undefined ? value : new Date(at + by).toISOString()]
      }),
    ),
  )
}

function timeIn(value: Json | undefined): number | undefined {
  if (typeof value !== 'string' || !TIME.test(value)) return undefined
  const at = Date.parse(value)
  return Number.isNaN(at) ? undefined : at
}

// ── Tables as text ───────────────────────────────────────────────────────────────────────────────

/** Columns that events have are in its rows; those that only the table has are added empty. */
function shadowOf(table: string, events: readonly Event[], known: Columns): string {
  const used = new Map<string, string>()
  for (const event of events) {
    for (const [name, value] of Object.entries(event)) {
      if (!used.has(name) && value !== null) used.set(name, known.get(name) ?? typeOf(value))
    }
  }
  if (used.size === 0) used.set(MARK, 'long')
  const declared = [...used].map(([name, type]) => `${identifier(name)}:${type}`)
  const rows = events.map((event) =>
    [...used].map(([name, type]) => literal(event[name] ?? null, type)).join(','),
  )
  const missing = [...known].filter(([name]) => !used.has(name))
  const empty = missing.map(([name, type]) => `${identifier(name)}=${literal(null, type)}`)
  const padding = empty.length === 0 ? '' : ` | extend ${empty.join(',')}`
  return `let ${identifier(table)} = datatable(${declared.join(',')})[${rows.join(',\n')}]${padding};`
}

function identifier(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? name : `['${name.replaceAll(/[\\']/g, String.raw`\$&`)}']`
}

function typeOf(value: Json): string {
  if (typeof value === 'boolean') return 'bool'
  if (typeof value === 'number') return Number.isInteger(value) ? 'long' : 'real'
  if (typeof value !== 'string') return 'dynamic'
  return TIME.test(value) ? 'datetime' : 'string'
}

/** What a column of the type cannot hold is missing. */
function literal(value: Json, type: string): string {
  const none = type === 'string' ? '""' : `${type}(null)`
  if (value === null) return none
  switch (type) {
    case 'string':
      return quoted(typeof value === 'string' ? value : JSON.stringify(value))
    case 'dynamic':
      return `dynamic(${JSON.stringify(value)})`
    case 'bool':
      return typeof value === 'boolean' ? String(value) : none
    case 'datetime': {
      const at = typeof value === 'string' ? Date.parse(value) : Number.NaN
      return Number.isNaN(at) ? none : `datetime(${new Date(at).toISOString()})`
    }
    case 'guid':
      return typeof value === 'string' && /^[\da-f-]{36}$/i.test(value) ? `guid(${value})` : none
    case 'int':
    case 'long':
    case 'real':
    case 'decimal': {
      const text = typeof value === 'number' || typeof value === 'string' ? String(value) : ''
      return /^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/i.test(text) ? `${type}(${text})` : none
    }
    default:
      return none
  }
}

/** Whatever could end the text or its line is an escape. */
function quoted(text: string): string {
  const escaped = text.replaceAll(/["\\]|[\p{Cc}\u2028\u2029]/gu, (one) =>
    one === '"' || one === '\\'
      ? `\\${one}`
      : `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
  return `"${escaped}"`
}
