// Which log source a query is about, and what its fields are called in rules: the rows of our pipelines
// read backwards. What no row says is declined by name.

import type { Predicate } from '#languages/predicate.ts'
import { elasticRows } from '#languages/sigma/pipelines/rw-elastic.ts'
import { defenderRows, sentinelRows } from '#languages/sigma/pipelines/rw-kusto.ts'
import { splunkRows } from '#languages/sigma/pipelines/rw-splunk.ts'
import type { SourceRow } from '#languages/sigma/pipelines/sources.ts'
import { conjunctsOf, Declined, type SimpleQuery } from './read.ts'

export const OFFER_PIPELINES = [
  'rw_splunk',
  'rw_sentinel',
  'rw_defender',
  'rw_elastic',
  'rw_opensearch',
] as const
export type OfferPipeline = (typeof OFFER_PIPELINES)[number]

const ROWS: Readonly<Record<OfferPipeline, () => readonly SourceRow[]>> = {
  rw_splunk: splunkRows,
  rw_sentinel: sentinelRows,
  rw_defender: defenderRows,
  rw_elastic: () => elasticRows('stream'),
  rw_opensearch: () => elasticRows('beat'),
}

export type LogSourceKeys = Readonly<Partial<Record<'product' | 'category' | 'service', string>>>

export interface Place {
  readonly logsource: LogSourceKeys
  /** What the log source says already, as an event of it holds it. */
  readonly marks: Readonly<Record<string, string | number>>
  /** The tests that are left, in the names of the place. */
  readonly rest: readonly Predicate[]
  /** What a rule calls a field of the place. Throws `Declined`. */
  readonly fieldOf: (name: string) => string
}

/** Throws `Declined` when no row fits. Of several the one that is marked most closely is taken. */
export function placeOf(query: SimpleQuery, pipeline: OfferPipeline): Place {
  const parts = conjunctsOf(query.filter)
  const fitting = ROWS[pipeline]().flatMap((row) => fit(row, query, parts) ?? [])
  const [best] = fitting.toSorted((a, b) => b.markCount - a.markCount)
  if (!best) {
    const where = query.table === null ? '' : ` for ${query.table}`
    throw new Declined('log_source', `No log source of rules is known${where} by these marks.`)
  }
  const { row, marks, rest } = best
  const when = row.when.find(({ product }) => product === 'windows') ?? row.when[0]!
  return { logsource: when, marks, rest, fieldOf: (name) => fieldOf(row, name) }
}

interface Fitting {
  readonly row: SourceRow
  readonly markCount: number
  readonly marks: Readonly<Record<string, string | number>>
  readonly rest: readonly Predicate[]
}

function fit(
  row: SourceRow,
  { table }: SimpleQuery,
  parts: readonly Predicate[],
): Fitting | undefined {
  const where = Object.entries(row.where ?? {})
  if (table !== (row.state?.['query_table'] ?? null)) return undefined
  if (table === null && where.length === 0) return undefined
  const marks: Record<string, string | number> = {}
  const consumed = new Set<Predicate>()
  for (const [field, wanted] of where) {
    const allowed = new Set([wanted].flat().map(fold))
    const part = parts.find((one) => {
      const said = valuesIn(one)
      return said?.field === field && said.values.every((value) => allowed.has(fold(value)))
    })
    if (part === undefined) return undefined
    const { values } = valuesIn(part)!
    marks[field] = values[0]!
    // A test for fewer of them than the log source means says something of its own.
    if (new Set(values.map(fold)).size === allowed.size) consumed.add(part)
  }
  const rest = parts.filter((part) => !consumed.has(part))
  return { row, markCount: where.length, marks, rest }
}

function fold(value: unknown): string {
  return String(value).toLowerCase()
}

/** The field and the values of a test for one of them. */
function valuesIn(
  part: Predicate,
): { field: string; values: readonly (string | number)[] } | undefined {
  if (part.kind === 'or') {
    const all = part.of.map(valuesIn)
    const [first] = all
    const isOne = all.every((one) => one?.field === first?.field)
    return first && isOne
      ? { field: first.field, values: all.flatMap((one) => one!.values) }
      : undefined
  }
  if (part.kind !== 'test') return undefined
  const { field, test } = part
  if (test.kind === 'number') return { field, values: [test.value] }
  const [only, ...others] = test.kind === 'text' ? test.pattern : []
  return typeof only === 'string' && others.length === 0 ? { field, values: [only] } : undefined
}

function fieldOf(
  { fields = {}, prefixes = {}, same, restPrefix }: SourceRow,
  name: string,
): string {
  const named = Object.entries(fields).find(([, there]) => there === name)
  if (named) return named[0]
  const longer = Object.entries(prefixes).find(
    ([, there]) => typeof there === 'string' && name.startsWith(there),
  )
  if (longer) return longer[0] + name.slice((longer[1] as string).length)
  const isFree = !Object.hasOwn(fields, name)
  if (isFree && restPrefix !== undefined && name.startsWith(restPrefix)) {
    return name.slice(restPrefix.length)
  }
  const isSame = same === undefined ? restPrefix === undefined : same.includes(name)
  if (isFree && isSame) return name
  throw new Declined('field', `No rule has a name for the field ${name.slice(0, 100)}.`)
}
