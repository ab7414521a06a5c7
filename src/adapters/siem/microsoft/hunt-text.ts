// What may be put into somebody's Kusto query without changing what it says: a bound of time behind its
// one table, and a cap on its rows. Microsoft's parser judges the result; what it does not take is left.

import type { Connection } from '#domain/targets/port.ts'
import type { Instant } from '#kernel/time.ts'
import { hasErrors } from '#kernel/problem.ts'
import type { QueryFacts } from '#languages/query.ts'
import { columnsOfTable } from '#languages/kusto/tables.ts'

export type ReadKusto = Connection['readKusto']

export interface Span {
  readonly from: Instant
  /** Exclusive. */
  readonly to: Instant
}

/**
 * `parts`: every row comes from one event of one table, so the whole is the sum of what any parts of the
 * time give. `whole`: it counts, joins or orders, and can be asked only at once.
 */
export type HuntText =
  | { readonly kind: 'parts'; readonly table: string; of(span: Span, rows: number): string }
  | { readonly kind: 'whole'; of(rows: number): string }

/** `timeField` is the column that says when an event was: `Timestamp`, `TimeGenerated`. */
export async function readHuntText(
  readKusto: ReadKusto,
  text: string,
  timeField: string,
): Promise<HuntText> {
  const { facts, problems } = await readKusto(text)
  if (facts === null || hasErrors(problems)) return { kind: 'whole', of: () => text }
  const rowsOf = uncharted(text, facts)
  const isCapped = await isReadable(readKusto, capped(rowsOf, 1))
  const cap = (query: string, rows: number) => (isCapped ? capped(query, rows) : query)
  const source = sourceIn(facts, rowsOf, timeField)
  const bound = ({ from, to }: Span): string => {
    const [after, before] = [from, to].map((at) => `datetime(${new Date(at).toISOString()})`)
    const guard = ` | where ${timeField} >= ${after} and ${timeField} < ${before}`
    return rowsOf.slice(0, source?.end) + guard + rowsOf.slice(source?.end)
  }
  const probe = { from: 0 as Instant, to: 1 as Instant }
  if (source === undefined || !(await isReadable(readKusto, bound(probe)))) {
    return { kind: 'whole', of: (rows) => cap(rowsOf, rows) }
  }
  return { kind: 'parts', table: source.name, of: (span, rows) => cap(bound(span), rows) }
}

/** Runs the query over nothing: for whoever asks whether it would run. Null: it cannot be said so. */
export async function emptied(readKusto: ReadKusto, text: string): Promise<string | null> {
  const { facts } = await readKusto(text)
  const query = capped(facts === null ? text : uncharted(text, facts), 0)
  return (await isReadable(readKusto, query)) ? query : null
}

function capped(text: string, rows: number): string {
  return `${text.trimEnd().replace(/(?:\s*;)+$/, '')}\n| take ${rows}`
}

async function isReadable(readKusto: ReadKusto, text: string): Promise<boolean> {
  const { facts, problems } = await readKusto(text)
  return facts !== null && !hasErrors(problems)
}

/** A chart at the end says how rows are drawn, and nothing may follow it. */
function uncharted(text: string, { commands }: QueryFacts): string {
  const last = commands.at(-1)
  const pipe = last?.name === 'render' ? text.lastIndexOf('|', last.start) : -1
  return pipe < 0 ? text : text.slice(0, pipe)
}

/** Operators that make one row of one event, or none, or several, and look at no other. */
const ROW_BY_ROW = new Set([
  'as',
  'extend',
  'filter',
  'mv-expand',
  'parse',
  'parse-kv',
  'parse-where',
  'project',
  'project-away',
  'project-keep',
  'project-rename',
  'project-reorder',
  'where',
])

function sourceIn({ sources, commands }: QueryFacts, text: string, timeField: string) {
  const [source, ...others] = sources
  const isOne = source?.kind === 'table' && !source.isPattern && others.length === 0
  const isRowByRow = commands.every(
    ({ name }, at) => ROW_BY_ROW.has(name) || (name === 'render' && at === commands.length - 1),
  )
  const name = source?.name ?? ''
  // Log Analytics gives every table of a workspace's own this ending, and its time.
  const isOwn = timeField === 'TimeGenerated' && name.endsWith('_CL')
  const hasTime = isOwn || columnsOfTable(name)?.has(timeField) === true
  // A name given by `let` may be used twice, and the second use would see other rows.
  return isOne && isRowByRow && hasTime && !/\blet\b/i.test(text) ? source : undefined
}
