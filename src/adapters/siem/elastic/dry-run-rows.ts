// An ES|QL query over events that Elasticsearch never keeps: `ROW` makes rows of them, and what follows the
// query's FROM runs on those.

import type { TargetQuery, TestAnswer } from '#domain/targets/port.ts'
import { AppError } from '#kernel/error.ts'
import type { Json } from '#kernel/json.ts'
import { hasErrors } from '#kernel/problem.ts'
import { parseEsql } from '#languages/esql/parse.ts'
import { readEsql } from '#languages/esql/reads.ts'
import type { EsqlFrom } from '#languages/esql/tree.ts'
import { flatten, valuesOf, type Fields, type Value } from '#languages/evaluation.ts'
import { readAs, type ElasticClient } from './client.ts'
import { eventsOf, readFieldTypes } from './field-types.ts'
import { esqlAnswer } from './replies.ts'

/** Follows an event through a query that keeps events. */
const MARK = 'rulewright_event'
const ROWS_MAX = 10_000
const CHARS_MAX = 500_000

export async function runOverRows(
  client: ElasticClient,
  { query, events }: { readonly query: TargetQuery; readonly events: readonly Json[] },
  signal: AbortSignal,
): Promise<TestAnswer> {
  const { from, rest, names } = readQuery(query.text)
  const rows = eventsOf(events).map(flatten)
  if (rows.length === 0) return { matched: [], rows: 0, completeness: { kind: 'complete' } }
  for (const name of rows.flatMap((row) => [...row.keys()])) names.add(name)
  const indices = from.patterns.map((pattern) => fullName(pattern)).join(',')
  const types = await readFieldTypes(client, indices, [...names], signal)
  const text = `${sourceOf(rows, from, { names, types })}${rest}\n| LIMIT ${ROWS_MAX}`
  if (text.length > CHARS_MAX)
    throw new AppError('too_large', 'These events are too large for a test on Elastic.')
  const what = 'the test'
  const reply = await client.send({
    method: 'POST',
    path: '/_query',
    body: { query: text },
    what,
    signal,
  })
  const { columns, values, is_partial: isPartial } = readAs(esqlAnswer, reply.body, what)
  const mark = columns.findIndex(({ name }) => name === MARK)
  const marks = values.map((row) => Number(row[mark]))
  return {
    matched: mark < 0 ? null : [...new Set(marks)].toSorted((a, b) => a - b),
    rows: values.length,
    completeness: isPartial
      ? { kind: 'partial', reason: 'Elasticsearch says that something is missing.' }
      : { kind: 'complete' },
  }
}

/** Throws `invalid` for what cannot be read, `unsupported` for what reads elsewhere. */
function readQuery(text: string) {
  const { value, problems } = parseEsql(text)
  if (value === undefined || hasErrors(problems)) {
    throw new AppError('invalid', 'This query cannot be read.', { details: { problems } })
  }
  const [from] = value.commands
  if (from?.kind !== 'from' || from.name !== 'from' || from.subqueries.length > 0) {
    const message =
      'A query that does not begin with FROM and an index reads what a test cannot bring.'
    throw new AppError('unsupported', message)
  }
  const named = readEsql(value, text).fields.map(({ name }) => name)
  const names = new Set(named.filter((name) => !/[*?]/.test(name)))
  return { from, rest: text.slice(from.end), names }
}

function fullName({ name, cluster }: EsqlFrom['patterns'][number]): string {
  return cluster === null ? name : `${cluster}:${name}`
}

interface Named {
  readonly names: ReadonlySet<string>
  readonly types: ReadonlyMap<string, string>
}

/** One row for each event, with every field that an event has or the query names. */
function sourceOf(
  rows: readonly Fields[],
  { metadata }: EsqlFrom,
  { names, types }: Named,
): string {
  const places = rows.map((_, at) => at)
  const own = metadata.map(({ name }) => {
    const values = places.map((at) => (name === '_id' ? `event-${at}` : null))
    return column(name, values, undefined)
  })
  const hidden = new Set(metadata.map(({ name }) => name))
  const fields = [...names]
    .filter((name) => !hidden.has(name) && name !== MARK)
    .map((name) =>
      column(
        name,
        rows.map((row) => row.get(name) ?? null),
        typeOf(name, types),
      ),
    )
  const expanded = places.length === 1 ? '' : `\n| MV_EXPAND ${MARK}`
  const list = places.length === 1 ? '0' : `[${places.join(', ')}]`
  const columns = [...own, ...fields]
  const evaluated = columns.length === 0 ? '' : `\n| EVAL ${columns.join(', ')}`
  return `ROW ${MARK} = ${list}${expanded}${evaluated}\n`
}

function typeOf(name: string, types: ReadonlyMap<string, string>): string | undefined {
  return types.get(name) ?? (name === '@timestamp' ? 'date' : undefined)
}

const CASTS: Readonly<Record<string, string>> = {
  byte: 'TO_LONG',
  date: 'TO_DATETIME',
  date_nanos: 'TO_DATETIME',
  double: 'TO_DOUBLE',
  float: 'TO_DOUBLE',
  half_float: 'TO_DOUBLE',
  integer: 'TO_LONG',
  ip: 'TO_IP',
  long: 'TO_LONG',
  scaled_float: 'TO_DOUBLE',
  short: 'TO_LONG',
  unsigned_long: 'TO_DOUBLE',
  version: 'TO_VERSION',
}

function column(name: string, values: readonly Value[], type: string | undefined): string {
  const known = values.filter((value) => value !== null)
  const target = `\`${name.replaceAll('`', '``')}\``
  // A null without a type fits wherever a column stands.
  if (known.length === 0) return `${target} = null`
  const { cast, literal } = writerOf(known.flatMap(valuesOf), type)
  const written = values.map((value) => literalOf(value, literal))
  const [first, ...others] = written
  const isAlone = others.length === 0
  const cases = written.flatMap((text, at) => (text === 'null' ? [] : [`${MARK} == ${at}`, text]))
  const chosen = isAlone ? first! : `CASE(${cases.join(', ')})`
  return `${target} = ${cast === null ? chosen : `${cast}(${chosen})`}`
}

interface Writer {
  readonly cast: string | null
  readonly literal: (value: Value) => string
}

/** As the mapping says; without one as the values are, and as text where they differ. */
function writerOf(values: readonly Value[], type: string | undefined): Writer {
  const isFlags = values.every((value) => typeof value === 'boolean')
  if (isFlags && (type === undefined || type === 'boolean')) return { cast: null, literal: String }
  // Numbers go as text, too: branches of one CASE must agree, and 1 and 3000000000 do not.
  const cast = CASTS[type ?? guessed(values)] ?? null
  return { cast, literal: cast === 'TO_DATETIME' ? quotedDate : quoted }
}

/** A number is milliseconds, which the cast reads of a number and not of its text. */
function quotedDate(value: Value): string {
  const isTime = typeof value === 'number' && Math.abs(value) <= TIME_MAX
  return quoted(isTime ? new Date(value).toISOString() : value)
}

/** What a date can hold (ECMA-262, time values). */
const TIME_MAX = 8.64e15

function guessed(values: readonly Value[]): string {
  if (values.some((value) => typeof value !== 'number')) return 'keyword'
  return values.every(Number.isSafeInteger) ? 'long' : 'double'
}

function literalOf(value: Value, literal: (value: Value) => string): string {
  const values = valuesOf(value)
  if (values.length === 0) return 'null'
  return values.length === 1 ? literal(values[0]!) : `[${values.map(literal).join(', ')}]`
}

const ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

function quoted(value: Value): string {
  const escaped = String(value).replaceAll(/["\\\n\r\t]/g, (char) => ESCAPES[char] ?? `\\${char}`)
  return `"${escaped}"`
}
