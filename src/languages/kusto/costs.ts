// What makes a Kusto query slow or expensive, each with a reason and a way out.

import type { LineMap, Problem } from '#kernel/problem.ts'
import type { Range, Source, TimeBounds } from '#languages/query.ts'
import { isOperator, type KustoNode } from './walk.ts'
import type { KustoExpression, KustoOperator } from './tree.ts'

interface Cost {
  readonly name: string
  readonly message: string
  readonly hint: string
  /** Where, when the node costs that. */
  at(node: KustoNode): Range | undefined
}

/** Columns with about as many values as rows. */
const MANY_VALUES =
  /(?:CommandLine|ProcessId|_?Id|RequestURI|Url|RemoteUrl|TimeGenerated|Timestamp|Message|SyslogMessage|RawEventData|AdditionalFields)$/

const COSTS: readonly Cost[] = [
  {
    name: 'search-all',
    message: '“search” without a table reads every table of the workspace.',
    hint: 'Name the tables: search in (T1, T2) "…", or T | search "…".',
    at: (node) => opening(node, (first) => first.kind === 'search' && first.tables.length === 0),
  },
  {
    name: 'union-all',
    message: '“union *” reads every table of the workspace.',
    hint: 'Name the tables that can hold what is looked for.',
    at: (node) =>
      isOperator(node) && node.kind === 'union' && node.tables.some(isEverything)
        ? node.nameRange
        : undefined,
  },
  {
    name: 'join',
    message: 'The default join keeps one row for each key of the left side (innerunique).',
    hint: 'Say kind=inner or kind=leftouter, and keep the smaller side left.',
    at: (node) =>
      isOperator(node) &&
      node.name === 'join' &&
      !node.options.some((option) => option.name === 'kind')
        ? node.nameRange
        : undefined,
  },
  {
    name: 'join-unfiltered',
    message: 'The right side of this join is a whole table.',
    hint: 'Filter it in time and project the columns that are needed.',
    at: (node) =>
      isOperator(node) &&
      node.kind === 'join' &&
      node.right.kind === 'name' &&
      node.right.referent === 'table'
        ? node.right
        : undefined,
  },
  {
    name: 'regex',
    message: 'A regular expression is tried on every row and cannot use the term index.',
    hint: 'Put “has” with a fixed word before it.',
    at: (node) => (node.kind === 'binary' && node.operator === 'matches regex' ? node : undefined),
  },
  {
    name: 'substring',
    message: '“contains” looks into every text; the index holds whole words.',
    hint: 'Where the text is a word of its own, “has” uses the index.',
    at: (node) =>
      node.kind === 'binary' &&
      node.operator.startsWith('contains') &&
      node.right.kind === 'literal' &&
      /^\w{4,}$/.test(node.right.text)
        ? node
        : undefined,
  },
  {
    name: 'computed-filter',
    message: 'A column that is changed before it is compared cannot use the index.',
    hint: 'Compare without case by =~ or in~ instead of tolower().',
    at: (node) =>
      node.kind === 'binary' &&
      node.operator === '==' &&
      node.left.kind === 'call' &&
      /^to(?:lower|upper)$/.test(node.left.name)
        ? node
        : undefined,
  },
  {
    name: 'high-cardinality',
    message: 'Groups of a column with about as many values as rows keep nearly every row.',
    hint: 'Group by fewer columns, or bin() the time.',
    at: (node) => (node.kind === 'summarize' ? node.by.find(isManyValued) : undefined),
  },
]

export function costsOf(
  nodes: readonly KustoNode[],
  sources: readonly Source[],
  time: TimeBounds,
  map: LineMap,
): readonly Problem[] {
  const problem = ({ name, message, hint }: Omit<Cost, 'at'>, at: Range): Problem => ({
    code: `cost/${name}`,
    severity: 'warning',
    message,
    hint,
    ...map.span(at.start, at.end),
  })
  const found = nodes.flatMap((node) =>
    COSTS.flatMap((cost) => {
      const at = cost.at(node)
      return at ? [problem(cost, at)] : []
    }),
  )
  const first = sources.find((source) => source.kind === 'table' || source.kind === 'function')
  if (!first || time.earliest !== null) return found
  return [...found, problem(NO_TIME_BOUND, first)]
}

const NO_TIME_BOUND = {
  name: 'no-time-bound',
  message: 'Nothing in the query bounds the time.',
  hint: 'Add where TimeGenerated > ago(1h), or give the search a range.',
}

function opening(node: KustoNode, isIt: (first: KustoOperator) => boolean): Range | undefined {
  if (node.kind !== 'pipe' || node.source !== null) return undefined
  const [first] = node.operators
  return first && isIt(first) ? first.nameRange : undefined
}

function isEverything(node: KustoExpression): boolean {
  return node.kind === 'star' || (node.kind === 'name' && node.name === '*')
}

function isManyValued(node: KustoExpression): boolean {
  if (node.kind === 'named') return isManyValued(node.value)
  return node.kind === 'name' && MANY_VALUES.test(node.name)
}
