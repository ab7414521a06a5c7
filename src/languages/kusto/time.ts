// The bounds a Kusto query sets to time: comparisons of TimeGenerated, Timestamp or ingestion_time()
// that every row must satisfy, before rows are grouped. A source that a `let` names is looked into.

import type { TimeBounds } from '#languages/query.ts'
import type { KustoCall, KustoExpression, KustoPipe, KustoQuery } from './tree.ts'

export const NO_TIME: TimeBounds = { earliest: null, latest: null, basis: null }

export function timeOf(query: KustoQuery, text: string): TimeBounds {
  const lets = new Map(
    query.statements.flatMap((statement) =>
      statement.kind === 'let' ? [[statement.name.name, statement.value] as const] : [],
    ),
  )
  const run = query.statements.findLast((statement) => statement.kind === 'run')
  return run ? timeOfRows(run.value, { lets, text, depth: 0 }) : NO_TIME
}

interface Reader {
  readonly lets: ReadonlyMap<string, KustoExpression>
  readonly text: string
  readonly depth: number
}

/** A `let` that names itself, in a text that does not bind, would be followed for ever. */
const DEPTH_MAX = 20

function timeOfRows(node: KustoExpression, reader: Reader): TimeBounds {
  if (reader.depth > DEPTH_MAX) return NO_TIME
  const inner = { ...reader, depth: reader.depth + 1 }
  switch (node.kind) {
    case 'pipe':
      return timeOfPipe(node, inner)
    case 'wrapped':
      return timeOfRows(node.item, inner)
    case 'name': {
      const value = reader.lets.get(node.name)
      return value ? timeOfRows(value, inner) : NO_TIME
    }
    case 'call':
      return timeOfCall(node, inner)
    case 'function':
      return node.result ? timeOfRows(node.result, inner) : NO_TIME
    default:
      return NO_TIME
  }
}

const REGROUPS = new Set(['summarize', 'series', 'join', 'union', 'apply', 'top', 'limit'])

function timeOfPipe(pipe: KustoPipe, reader: Reader): TimeBounds {
  let found = pipe.source ? timeOfRows(pipe.source, reader) : NO_TIME
  const [first] = pipe.operators
  if (pipe.source === null && first?.kind === 'union') {
    const parts = first.tables.map((table) => timeOfRows(table, reader))
    if (parts.every((part) => part.earliest !== null)) found = parts[0] ?? NO_TIME
  }
  for (const operator of pipe.operators) {
    const isSource = operator === first && pipe.source === null
    if (REGROUPS.has(operator.kind) && !isSource) break
    if (operator.kind !== 'where') continue
    const conditions =
      operator.condition.kind === 'and' ? operator.condition.items : [operator.condition]
    for (const condition of conditions) found = narrower(found, boundOf(condition, reader.text))
  }
  return found
}

function narrower(a: TimeBounds, b: TimeBounds | undefined): TimeBounds {
  if (!b) return a
  return {
    earliest: a.earliest ?? b.earliest,
    latest: a.latest ?? b.latest,
    basis: a.basis ?? b.basis,
  }
}

const TIME_COLUMNS = new Set(['TimeGenerated', 'Timestamp'])

function basisOf(node: KustoExpression): TimeBounds['basis'] {
  if (node.kind === 'name' && TIME_COLUMNS.has(node.name)) return 'event'
  return node.kind === 'call' && node.name === 'ingestion_time' ? 'ingest' : null
}

function boundOf(node: KustoExpression, text: string): TimeBounds | undefined {
  if (node.kind === 'between' && !node.isNegated) {
    const basis = basisOf(node.item)
    return basis
      ? { earliest: spell(node.low, text), latest: spell(node.high, text), basis }
      : undefined
  }
  if (node.kind !== 'binary' || !/^[<>]=?$/.test(node.operator)) return undefined
  const isLeft = basisOf(node.left) !== null
  const basis = isLeft ? basisOf(node.left) : basisOf(node.right)
  if (basis === null) return undefined
  const value = spell(isLeft ? node.right : node.left, text)
  const isLower = node.operator.startsWith('>') === isLeft
  return isLower
    ? { earliest: value, latest: null, basis }
    : { earliest: null, latest: value, basis }
}

// The parsers of ASIM take their bounds as arguments; stored functions of a query are looked into.
function timeOfCall(call: KustoCall, reader: Reader): TimeBounds {
  const argument = (name: string) => {
    const found = call.arguments.find((one) => one.kind === 'named' && one.names[0]?.name === name)
    return found?.kind === 'named' ? spell(found.value, reader.text) : null
  }
  const [earliest, latest] = [argument('starttime'), argument('endtime')]
  if (earliest !== null || latest !== null) return { earliest, latest, basis: 'event' }
  const own = reader.lets.get(call.name)
  return own ? timeOfRows(own, reader) : NO_TIME
}

function spell(node: KustoExpression, text: string): string {
  return text.slice(node.start, node.end)
}
