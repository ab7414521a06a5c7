// What a Kusto query reads: tables, watchlists and functions, the columns it did not make itself,
// what limits it in time. A query is *scoped* by the tables it names; `search` without tables and
// `union *` are not.

import { LineMap } from '#kernel/problem.ts'
import type { Mention, QueryFacts, QuerySchema, Range, Scope, Source } from '#languages/query.ts'
import { costsOf } from './costs.ts'
import { effectsOf } from './effects.ts'
import { knownFunctions } from './functions.ts'
import { timeOf } from './time.ts'
import type {
  KustoCall,
  KustoExpression,
  KustoOperator,
  KustoQuery,
  KustoStatement,
} from './tree.ts'
import { childrenOf, isOperator, walkQuery, type KustoNode } from './walk.ts'

export function readKusto(query: KustoQuery, text: string, schema?: QuerySchema): QueryFacts {
  const nodes = [...walkQuery(query)]
  const sources = unique([...tablesOf(query), ...nodes.flatMap(sourceOfCall)])
  const time = timeOf(query, text)
  return {
    sources,
    fields: fieldsOf(nodes),
    commands: nodes.filter(isOperator).map(({ name, nameRange }) => ({ name, ...nameRange })),
    functions: nodes.filter((node) => node.kind === 'call').map(nameOfCall),
    scope: scopeOf(nodes, sources),
    time,
    effects: effectsOf(query, schema?.functions ?? []),
    costs: costsOf(nodes, sources, time, new LineMap(text)),
  }
}

function nameOfCall({ name, nameRange }: KustoCall): Mention {
  return { name, ...nameRange }
}

// Tables stand where rows come from: before a pipe, in union, join, search, `in (T)`. A name that a
// `let` gave is no table; what it stands for was read where it was given.
function tablesOf(query: KustoQuery): readonly Source[] {
  const reader: TableReader = { bound: new Set(), found: [] }
  readStatements(query.statements, reader)
  return reader.found
}

interface TableReader {
  readonly bound: Set<string>
  readonly found: Source[]
}

function readStatements(statements: readonly KustoStatement[], reader: TableReader): void {
  for (const statement of statements) {
    if (statement.kind === 'directive') {
      for (const part of statement.parts) readRows(part, reader)
      continue
    }
    readRows(statement.value, reader, statement.kind === 'run')
    if (statement.kind === 'let') reader.bound.add(statement.name.name)
  }
}

/** `isRows`: an unknown name here can only be a table. */
function readRows(node: KustoExpression, reader: TableReader, isRows = false): void {
  switch (node.kind) {
    case 'name': {
      const isTable = node.referent === 'table' || (isRows && node.referent === null)
      if (!isTable || reader.bound.has(node.name) || node.name === '') return
      reader.found.push(tableSource(node.name, node, node.isPattern))
      return
    }
    case 'star':
      if (isRows) reader.found.push(tableSource('*', node, true))
      return
    case 'path':
      return readPath(node, reader, isRows)
    case 'pipe':
      if (node.source !== null) readRows(node.source, reader, true)
      for (const operator of node.operators) readOperator(operator, reader)
      return
    case 'wrapped':
      return readRows(node.item, reader, true)
    case 'call':
      if (node.name.toLowerCase() === 'table' || node.name.toLowerCase() === 'materialized_view') {
        const [named] = node.arguments
        if (named?.kind === 'literal') reader.found.push(tableSource(named.text, named, false))
        return
      }
      for (const argument of node.arguments) readRows(argument, reader)
      return
    case 'function': {
      const inner = { ...reader, bound: new Set(reader.bound) }
      for (const parameter of node.parameters) inner.bound.add(parameter.name.name)
      readStatements(node.statements, inner)
      if (node.result) readRows(node.result, inner, node.result.kind === 'pipe')
      return
    }
    default:
      for (const child of expressionsOf(node)) readRows(child, reader)
  }
}

// `cluster("c").database("d").T`: the table is the last name, the way there is an effect.
function readPath(
  node: Extract<KustoExpression, { kind: 'path' }>,
  reader: TableReader,
  isRows: boolean,
): void {
  const isReaching = node.left.kind === 'call' || node.left.kind === 'path'
  if (isRows && isReaching && node.right.kind === 'name') {
    reader.found.push(tableSource(node.right.name, node.right, node.right.isPattern))
  } else readRows(node.left, reader)
}

function readOperator(operator: KustoOperator, reader: TableReader): void {
  const rows: readonly KustoExpression[] =
    operator.kind === 'join'
      ? [operator.right]
      : operator.kind === 'union' || operator.kind === 'search'
        ? operator.tables
        : []
  for (const row of rows) readRows(row, reader, true)
  for (const child of expressionsOf(operator)) if (!rows.includes(child)) readRows(child, reader)
}

function expressionsOf(node: KustoExpression | KustoOperator): readonly KustoExpression[] {
  return childrenOf(node).filter(
    (child): child is KustoExpression => !isOperator(child) && !isStatement(child),
  )
}

function tableSource(name: string, { start, end }: Range, isPattern: boolean): Source {
  return { kind: 'table', name, isPattern, start, end }
}

function isStatement(node: KustoNode): node is KustoStatement {
  return node.kind === 'let' || node.kind === 'run' || node.kind === 'directive'
}

function sourceOfCall(node: KustoNode): readonly Source[] {
  const isNamed = node.kind === 'call' || (node.kind === 'name' && node.referent === 'function')
  if (!isNamed || !knownFunctions().has(node.name.toLowerCase())) return []
  const range = node.kind === 'call' ? node.nameRange : { start: node.start, end: node.end }
  if (node.kind === 'call' && node.name.toLowerCase() === '_getwatchlist') {
    const [alias] = node.arguments
    const name = alias?.kind === 'literal' ? alias.text : '*'
    return [{ kind: 'watchlist', name, isPattern: name === '*', ...range }]
  }
  return [{ kind: 'function', name: node.name, isPattern: false, ...range }]
}

function unique(sources: readonly Source[]): readonly Source[] {
  const byPlace = new Map(sources.map((source) => [`${source.kind} ${source.start}`, source]))
  return [...byPlace.values()].toSorted((a, b) => a.start - b.start)
}

// A column that the query itself made before is not read; the first mention of a name that is also
// made (`extend a = tolower(a)`) is.
function fieldsOf(nodes: readonly KustoNode[]): readonly Mention[] {
  const made = new Map<string, number>()
  const note = (name: string, end: number) => {
    if (!made.has(name)) made.set(name, end)
  }
  for (const node of nodes) {
    if (node.kind === 'let') note(node.name.name, node.start)
    if (node.kind === 'named') for (const { name } of node.names) note(name, node.end)
    if (node.kind === 'typed' && node.item.kind === 'name') note(node.item.name, node.end)
    if (node.kind === 'range') note(node.column.name, node.end)
    if (node.kind === 'function') {
      for (const { name } of node.parameters) note(name.name, node.start)
    }
  }
  const tables = new Set(
    nodes.flatMap((node) => (node.kind === 'pipe' && node.source ? [node.source] : [])),
  )
  return nodes.flatMap((node) => {
    if (node.kind !== 'name' || node.name === '' || node.isPattern || tables.has(node)) return []
    if (node.referent !== 'column' && node.referent !== null) return []
    const madeAt = made.get(node.name)
    if (madeAt !== undefined && madeAt <= node.start) return []
    return [{ name: node.name, start: node.start, end: node.end }]
  })
}

const MAKES_ROWS = new Set(['print', 'range'])

function scopeOf(nodes: readonly KustoNode[], sources: readonly Source[]): Scope {
  const everything = nodes.find(
    (node) => node.kind === 'search' && node.tables.length === 0 && !isPiped(node, nodes),
  )
  if (everything) return { state: 'unscoped', by: [], note: 'searches every table' }
  if (sources.some((source) => source.name === '*')) {
    return { state: 'unscoped', by: [], note: 'unites every table' }
  }
  const isMade = nodes.some(
    (node) =>
      node.kind === 'datatable' ||
      node.kind === 'externaldata' ||
      (isOperator(node) && MAKES_ROWS.has(node.name)),
  )
  return sources.length > 0 || isMade
    ? { state: 'scoped', by: sources }
    : { state: 'unscoped', by: [] }
}

// `T | search "x"` looks into T alone.
function isPiped(operator: KustoNode, nodes: readonly KustoNode[]): boolean {
  return nodes.some(
    (node) =>
      node.kind === 'pipe' &&
      node.operators.some((one) => one === operator) &&
      (node.source !== null || node.operators[0] !== operator),
  )
}
