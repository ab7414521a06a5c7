// Runs a Kusto query over tables in memory. It parses with Microsoft's parser, so only a worker may call
// it. A column's type is its table's in Sentinel and Defender where that is known; else it is what its
// values look like. User functions, plugins and functions over series are refused by name.
// Source: learn.microsoft.com, Kusto Query Language reference, read 2026-11.

import { hasErrors, type Checked } from '#kernel/problem.ts'
import {
  Budget,
  refusable,
  Refusal,
  unsupported,
  type EvaluateOptions,
  type EventRecord,
} from '#languages/evaluation.ts'
import type { QuerySchema } from '#languages/query.ts'
import { compute } from './compute.ts'
import type { ComputeScope } from './computed.ts'
import { parseKusto } from './parse.ts'
import { columnsOfTable } from './tables.ts'
import type { StepScope } from './step.ts'
import { applyOperator } from './steps.ts'
import type { KustoDatatable, KustoExpression, KustoPipe, KustoQuery } from './tree.ts'
import {
  missing,
  readInstant,
  readSpan,
  textOf,
  typeNamed,
  writeDate,
  writeSpan,
  type KustoRow,
  type KustoTable,
  type KustoType,
  type KustoValue,
} from './values.ts'

export interface KustoEvaluateOptions extends EvaluateOptions {
  /** Types of columns, by table; where a table has none they are inferred from its events. */
  readonly types?: ReadonlyMap<string, ReadonlyMap<string, KustoType>>
}

export interface KustoAnswer {
  readonly columns: readonly { readonly name: string; readonly type: KustoType }[]
  /** Dates and spans are written as Kusto writes them. */
  readonly rows: readonly Readonly<Record<string, KustoValue>>[]
}

/** `tables` hold the events by the names the query uses. */
export function evaluateKusto(
  text: string,
  tables: ReadonlyMap<string, Iterable<EventRecord>>,
  options: KustoEvaluateOptions,
): Checked<KustoAnswer> {
  return refusable('kusto', text, () => {
    const budget = new Budget(options)
    const words = new Set(text.match(/\w+/g))
    const named = [...tables].filter(([name]) => words.has(name))
    const known = new Map(
      named.map(([name, events]) => {
        const types = options.types?.get(name) ?? typesOf(columnsOfTable(name))
        return [name, readTable(events, types, budget)]
      }),
    )
    const columns = [...known].map(([name, table]) => [name, Object.fromEntries(table.columns)])
    const schema = known.size === 0 ? undefined : { tables: Object.fromEntries(columns) as Tables }
    const { value: query, problems } = parseKusto(text, schema)
    if (query === undefined || hasErrors(problems)) return { problems }
    return { value: answerOf(new Evaluation(known, options.now, budget).run(query)), problems }
  })
}

type Tables = NonNullable<QuerySchema['tables']>

function typesOf(columns: ReadonlyMap<string, string> | undefined) {
  return columns && new Map([...columns].map(([name, type]) => [name, typeNamed(type)]))
}

class Evaluation {
  readonly #tables: ReadonlyMap<string, KustoTable>
  readonly #now: number
  readonly #steps: StepScope
  readonly #lets = new Map<string, KustoExpression>()
  readonly #known = new Map<string, KustoTable>()

  constructor(tables: ReadonlyMap<string, KustoTable>, now: number, budget: Budget) {
    this.#tables = tables
    this.#now = now
    this.#steps = {
      budget,
      computeScope: (columns) => this.#scope(columns),
      tableOf: (node) => this.#table(node),
    }
  }

  run({ statements }: KustoQuery): KustoTable {
    let answer: KustoTable | undefined
    for (const statement of statements) {
      if (statement.kind === 'directive') throw unsupported(`“${statement.name}”`, statement)
      if (statement.kind === 'let') this.#lets.set(statement.name.name, statement.value)
      else answer = this.#table(statement.value)
    }
    if (answer === undefined) throw new Refusal('no-rows', 'The query answers no rows.')
    return answer
  }

  #scope(columns: ReadonlyMap<string, KustoType>): ComputeScope {
    return {
      now: this.#now,
      columns,
      tableOf: (node) => this.#table(node),
      scalarNamed: (name) => {
        const value = this.#lets.get(name)
        if (value === undefined || isTabular(value, this.#lets)) return undefined
        const { type, of } = compute(value, this.#scope(new Map()))
        return { type, value: of(new Map()) }
      },
    }
  }

  #table(node: KustoExpression): KustoTable {
    switch (node.kind) {
      case 'pipe':
        return this.#pipe(node)
      case 'name':
        return this.#named(node.name, node)
      case 'datatable':
        return this.#datatable(node)
      case 'wrapped':
        return this.#table(node.item)
      default:
        throw unsupported('This source of rows', node)
    }
  }

  #pipe({ source, operators }: KustoPipe): KustoTable {
    let table: KustoTable = source === null ? { columns: new Map(), rows: [] } : this.#table(source)
    let isOrdered = false
    for (const operator of operators) {
      isOrdered ||=
        operator.kind === 'sort' || operator.kind === 'top' || operator.name === 'serialize'
      table = applyOperator(table, operator, this.#steps, isOrdered)
      if (/^(?:summarize|make-series|join|union|distinct)$/.test(operator.name)) isOrdered = false
    }
    return table
  }

  #named(name: string, node: KustoExpression): KustoTable {
    const known = this.#known.get(name)
    if (known !== undefined) return known
    const value = this.#lets.get(name)
    const table = value === undefined ? this.#tables.get(name) : this.#table(value)
    if (table === undefined)
      throw new Refusal('unknown-table', `There is no table “${name}” here.`, node)
    this.#known.set(name, table)
    return table
  }

  #datatable({ columns, values }: KustoDatatable): KustoTable {
    const types = new Map(columns.map(({ name, type }) => [name, typeNamed(type)]))
    const names = [...types.keys()]
    const scope = this.#scope(new Map())
    const rows: KustoRow[] = []
    for (let at = 0; at + names.length <= values.length; at += names.length) {
      const row: KustoRow = new Map()
      for (const [place, name] of names.entries()) {
        const { of } = compute(values[at + place]!, scope)
        row.set(name, of(new Map()) ?? missing(types.get(name)!))
      }
      rows.push(row)
    }
    return { columns: types, rows }
  }
}

function isTabular(node: KustoExpression, lets: ReadonlyMap<string, KustoExpression>): boolean {
  if (node.kind === 'pipe' || node.kind === 'datatable') return true
  if (node.kind === 'wrapped') return node.name !== 'toscalar'
  if (node.kind !== 'name') return false
  const value = lets.get(node.name)
  return value === undefined ? node.referent === 'table' : isTabular(value, lets)
}

/**
 * Nested objects and lists are dynamic columns. A table has some hundred columns and an event a dozen:
 * a row holds what its event has, and what it does not hold is missing.
 */
function readTable(
  events: Iterable<EventRecord>,
  given: ReadonlyMap<string, KustoType> | undefined,
  budget: Budget,
): KustoTable {
  const held = budget.collect(events)
  const columns = new Map(given)
  for (const event of held) {
    for (const [name, value] of Object.entries(event)) {
      if (!given?.has(name)) columns.set(name, widened(columns.get(name), value, name))
    }
  }
  const rows = held.map((event): KustoRow => {
    const row: KustoRow = new Map()
    for (const name of Object.keys(event)) {
      const value = event[name] as KustoValue
      if (value !== null && value !== undefined) row.set(name, readAs(value, columns.get(name)!))
    }
    return row
  })
  return { columns, rows }
}

const TIMES = new Set(['TimeGenerated', 'Timestamp'])

function widened(known: KustoType | undefined, value: unknown, name: string): KustoType {
  const own = typeOf(value, name)
  if (known === undefined || own === undefined || known === own) return own ?? known ?? 'string'
  return (known === 'long' && own === 'real') || (known === 'real' && own === 'long')
    ? 'real'
    : 'dynamic'
}

function typeOf(value: unknown, name: string): KustoType | undefined {
  if (value === null || value === undefined) return undefined
  if (TIMES.has(name)) return 'datetime'
  if (typeof value === 'string') return 'string'
  if (typeof value === 'boolean') return 'bool'
  if (typeof value === 'number') return Number.isInteger(value) ? 'long' : 'real'
  return 'dynamic'
}

/** What a column of the type cannot hold is missing. */
function readAs(value: KustoValue, type: KustoType): KustoValue {
  if (value === null) return missing(type)
  switch (type) {
    case 'string':
      return textOf(value, 'dynamic')
    case 'long':
    case 'real': {
      const isNumber = typeof value === 'string' && /^-?\d+(?:\.\d+)?$/.test(value)
      return typeof value === 'number' ? value : isNumber ? Number(value) : null
    }
    case 'bool':
      return typeof value === 'boolean' ? value : null
    case 'datetime':
      return typeof value === 'string' ? readInstant(value) : null
    case 'timespan':
      return typeof value === 'string' ? readSpan(value) : null
    case 'dynamic':
      return value
  }
}

function answerOf({ columns, rows }: KustoTable): KustoAnswer {
  const shown = [...columns].map(([name, type]) => ({ name, type }))
  const plain = rows.map((row) => {
    const out = Object.create(null) as Record<string, KustoValue>
    for (const { name, type } of shown) out[name] = written(row.get(name) ?? missing(type), type)
    return out
  })
  return { columns: shown, rows: plain }
}

function written(value: KustoValue, type: KustoType): KustoValue {
  if (typeof value !== 'number') return value
  if (type === 'datetime') return writeDate(value)
  return type === 'timespan' ? writeSpan(value) : value
}
