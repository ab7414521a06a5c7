// A query over events that the workspace never keeps: a table of them, made by `let` under the name that
// the query reads, stands before the real one. What reads from somewhere else as well is refused.
// Source: learn.microsoft.com, Kusto "datatable operator", "let statement", read 2026-11.

import type { TargetQuery, TestAnswer } from '#domain/targets/port.ts'
import { AppError } from '#kernel/error.ts'
import type { Json } from '#kernel/json.ts'
import { formatInstant, type Instant } from '#kernel/time.ts'
import type { SentinelAccess } from './access.ts'
import { codeOf, readQuery } from './query-text.ts'
import { readSchema } from './schema.ts'

const EVENTS_MAX = 200
const BYTES_MAX = 512 * 1024
/** Follows an event through a query that keeps events. */
const MARK = 'rulewright_event'
/** Bring rows of other tables, which a test does not have. */
const OTHER_SOURCES =
  /\b(?:join|lookup|union|externaldata|external_table|toscalar|materialize|_GetWatchlist|_Im_\w+|_ASim_\w+)\b|[|(]\s*(?:find|search)\b|\b(?:workspace|app|resource|adx|arg|cluster|database)\s*\(/

export interface DryRun {
  readonly query: TargetQuery
  readonly events: readonly Json[]
  readonly now: Instant
}

type Members = { readonly [key: string]: Json }

export async function runDry(
  access: SentinelAccess,
  { query, events, now }: DryRun,
  signal: AbortSignal,
): Promise<TestAnswer> {
  if (events.length > EVENTS_MAX) {
    throw new AppError('too_large', `Sentinel tests a query with at most ${EVENTS_MAX} events.`)
  }
  const table = sourceOf(query.text)
  const { tables } = await readSchema(access, signal)
  const known = tables.find(({ name }) => name === table)
  if (known === undefined) {
    throw new AppError(
      'unsupported',
      `The workspace has no table ${table}, so nothing stands for it.`,
    )
  }
  const members = events.map(membersOf)
  // Columns that neither the query nor an event names are nobody's.
  const words = new Set(query.text.match(/\w+/g))
  const columns = known.columns.filter(
    ({ name }) => words.has(name) || members.some((event) => name in event),
  )
  const names = new Set(columns.map(({ name }) => name))
  const made = members.flatMap((event) => Object.keys(event)).filter((name) => !names.has(name))
  const all: Column[] = [
    ...columns.map(({ name, type }) => ({
      name,
      type: Object.hasOwn(LITERALS, type) ? type : 'string',
    })),
    ...[...new Set(made)].map((name) => ({ name, type: inferred(members, name) })),
  ]
  const shadow = `let ${table} = ${datatable(all, members, now)};\n`
  if (shadow.length > BYTES_MAX) {
    throw new AppError('too_large', 'These events are too large for a test on Sentinel.')
  }
  const {
    columns: shown,
    rows,
    completeness,
  } = await access.logs.ask({
    text: shadow + query.text,
    secondsMax: 60,
    what: 'the test',
    signal,
  })
  const mark = shown.findIndex(({ name }) => name === MARK)
  const marks = rows.map((row) => row[mark])
  const isTraced = marks.every((one) => typeof one === 'number')
  return {
    matched: isTraced ? [...new Set(marks.map(Number))].toSorted((a, b) => a - b) : null,
    rows: rows.length,
    completeness,
  }
}

/** The one table that the query reads. Throws `unsupported`. */
function sourceOf(text: string): string {
  const parts = readQuery(text)
  const source = parts?.source.text ?? ''
  const isTable = /^[A-Za-z_]\w*$/.test(source) && parts?.lets.includes(source) === false
  const isAlone = parts?.hasInnerSteps === false && !OTHER_SOURCES.test(codeOf(text))
  if (isTable && isAlone) return source
  const message = 'A query that reads more than one table reads what a test cannot bring.'
  throw new AppError('unsupported', message)
}

function membersOf(event: Json): Members {
  const isPlain = typeof event === 'object' && event !== null && !Array.isArray(event)
  if (isPlain) return event as Members
  throw new AppError('invalid', 'An event of a test is an object with a field for each column.')
}

function inferred(events: readonly Members[], name: string): string {
  const value = events.find((event) => (event[name] ?? null) !== null)?.[name]
  if (typeof value === 'boolean') return 'bool'
  if (typeof value === 'number') return Number.isInteger(value) ? 'long' : 'real'
  return typeof value === 'object' ? 'dynamic' : 'string'
}

interface Column {
  readonly name: string
  readonly type: string
}

function datatable(columns: readonly Column[], events: readonly Members[], now: Instant): string {
  const heads = columns.map(({ name, type }) => `[${quoted(name)}]:${type}`)
  const rows = events.map((event, at) => {
    const cells = columns.map(({ name, type }) => {
      const isNow = name === 'TimeGenerated' && (event[name] ?? null) === null
      return literal(isNow ? formatInstant(now) : (event[name] ?? null), type)
    })
    return [...cells, String(at)].join(', ')
  })
  return `datatable(${[...heads, `${MARK}:long`].join(', ')}) [\n${rows.join(',\n')}\n]`
}

/** Throws `invalid` for a value that the column cannot hold. */
function literal(value: Json, type: string): string {
  if (type === 'string') return quoted(value === null ? '' : textOf(value))
  if (value === null) return `${type}(null)`
  if (type === 'dynamic') return `dynamic(${JSON.stringify(value)})`
  const text = textOf(value)
  const fits = LITERALS[type]
  if (fits?.test(text)) return `${type}(${text})`
  throw new AppError(
    'invalid',
    `“${text.slice(0, 100)}” is no value of a column of the type ${type}.`,
  )
}

const LITERALS: Readonly<Record<string, RegExp>> = {
  dynamic: /^/,
  bool: /^(?:true|false|0|1)$/i,
  int: /^-?\d{1,10}$/,
  long: /^-?\d{1,19}$/,
  real: /^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/i,
  decimal: /^-?\d+(?:\.\d+)?$/,
  datetime: /^[\d:TZ.+-]{4,40}$/,
  timespan: /^[\d.:]{1,30}$/,
  guid: /^[0-9a-f-]{36}$/i,
}

function textOf(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
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
