// The operators of a pipeline, from Microsoft's nodes into ours. One that has no entry keeps its
// text and the expressions inside, so that nothing it reads is lost.

import { declared, elements, textOf, tokenText, type Reader } from './syntax.ts'
import { kindOf, part, rangeOf, tokensOf, type Syntax } from './microsoft.ts'
import type { Range } from '#languages/query.ts'
import type { KustoColumns, KustoOperator, KustoOption } from './tree.ts'

interface Common extends Range {
  readonly name: string
  readonly nameRange: Range
  readonly options: readonly KustoOption[]
}

export function convertOperator(node: Syntax, reader: Reader): KustoOperator {
  const [keyword] = tokensOf(node)
  const common: Common = {
    name: keyword ? keyword.Text.toLowerCase() : '',
    nameRange: keyword ? rangeOf(keyword) : rangeOf(node),
    options: elements(node, 'Parameters').map((item) => reader.option(item)),
    ...rangeOf(node),
  }
  const convert = OPERATORS[kindOf(node)]
  if (convert) return convert(node, common, reader)
  return { kind: 'other', text: textOf(node), parts: reader.within(node), ...common }
}

type Convert = (node: Syntax, common: Common, reader: Reader) => KustoOperator

function columns(node: Syntax, common: Common, reader: Reader): KustoColumns {
  return { kind: 'columns', columns: reader.all(elements(node, 'Expressions')), ...common }
}

const limit: Convert = (node, common, reader) => ({
  kind: 'limit',
  count: reader.inner(node),
  ...common,
})

const join =
  (clause: string): Convert =>
  (node, common, reader) => ({
    kind: 'join',
    right: reader.inner(node),
    on: [
      ...reader.all(elements(node, clause, 'Expressions')),
      ...reader.all([part(node, clause)].flatMap((at) => (at && part(at, 'Expression')) ?? [])),
    ],
    ...common,
  })

const parse: Convert = (node, common, reader) => ({
  kind: 'parse',
  item: reader.inner(node),
  patterns: reader.all(elements(node, 'Patterns')),
  ...common,
})

const OPERATORS: Readonly<Record<string, Convert>> = {
  FilterOperator: (node, common, reader) => ({
    kind: 'where',
    condition: reader.inner(node, 'Condition'),
    ...common,
  }),
  ExtendOperator: columns,
  ProjectOperator: columns,
  ProjectAwayOperator: columns,
  ProjectKeepOperator: columns,
  ProjectRenameOperator: columns,
  ProjectReorderOperator: columns,
  DistinctOperator: columns,
  PrintOperator: columns,
  SerializeOperator: columns,
  SummarizeOperator: (node, common, reader) => ({
    kind: 'summarize',
    aggregates: reader.all(elements(node, 'Aggregates')),
    by: reader.all(elements(node, 'ByClause', 'Expressions')),
    ...common,
  }),
  TakeOperator: limit,
  SampleOperator: limit,
  SortOperator: (node, common, reader) => ({
    kind: 'sort',
    by: reader.all(elements(node, 'Expressions')),
    ...common,
  }),
  TopOperator: (node, common, reader) => ({
    kind: 'top',
    count: reader.inner(node),
    by: reader.inner(node, 'ByExpression'),
    ...common,
  }),
  CountOperator: (node, common) => {
    const clause = part(node, 'AsIdentifier')
    return { kind: 'count', as: clause ? tokenText(clause, 'Identifier') : null, ...common }
  },
  JoinOperator: join('ConditionClause'),
  LookupOperator: join('LookupClause'),
  UnionOperator: (node, common, reader) => ({
    kind: 'union',
    tables: reader.all(elements(node, 'Expressions')),
    ...common,
  }),
  SearchOperator: (node, common, reader) => ({
    kind: 'search',
    tables: reader.all(elements(node, 'InClause', 'Expressions')),
    condition: reader.optional(node, 'Condition'),
    columns: [],
    ...common,
  }),
  FindOperator: (node, common, reader) => ({
    kind: 'search',
    tables: reader.all(elements(node, 'InClause', 'Expressions')),
    condition: reader.optional(node, 'Condition'),
    columns: [
      ...reader.all(elements(node, 'Project', 'Columns')),
      ...reader.all(elements(node, 'ProjectAway', 'Columns')),
    ],
    ...common,
  }),
  MvExpandOperator: (node, common, reader) => ({
    kind: 'expand',
    items: reader.all(elements(node, 'Expressions')),
    limit: reader.optional(node, 'RowLimitClause', 'RowLimit'),
    ...common,
  }),
  MvApplyOperator: (node, common, reader) => ({
    kind: 'apply',
    items: reader.all(elements(node, 'Expressions')),
    limit: reader.optional(node, 'RowLimitClause', 'RowLimit'),
    subquery: reader.inner(node, 'Subquery'),
    ...common,
  }),
  ParseOperator: parse,
  ParseWhereOperator: parse,
  MakeSeriesOperator: (node, common, reader) => ({
    kind: 'series',
    aggregates: elements(node, 'Aggregates').map((item) => ({
      value: reader.inner(item),
      fallback: reader.optional(item, 'DefaultExpression', 'Expression'),
    })),
    on: reader.inner(part(node, 'OnClause') ?? node),
    ...seriesRange(node, reader),
    by: reader.all(elements(node, 'ByClause', 'Expressions')),
    ...common,
  }),
  EvaluateOperator: (node, common, reader) => ({
    kind: 'evaluate',
    call: reader.inner(node, 'FunctionCall'),
    ...common,
  }),
  InvokeOperator: (node, common, reader) => ({
    kind: 'evaluate',
    call: reader.inner(node, 'Function'),
    ...common,
  }),
  RangeOperator: (node, common, reader) => ({
    kind: 'range',
    column: declared(node, 'Name'),
    from: reader.inner(node, 'From'),
    to: reader.inner(node, 'To'),
    step: reader.inner(node, 'Step'),
    ...common,
  }),
  RenderOperator: (node, common) => ({
    kind: 'render',
    chart: tokenText(node, 'ChartType'),
    ...common,
  }),
}

// `from a to b step c`, or the older `in range(a, b, c)`.
function seriesRange(node: Syntax, reader: Reader) {
  const [from, to, step] = elements(node, 'RangeClause', 'Arguments', 'Expressions')
  if (from && to && step) {
    return {
      from: reader.expression(from),
      to: reader.expression(to),
      step: reader.expression(step),
      isInclusive: true,
    }
  }
  return {
    from: reader.optional(node, 'RangeClause', 'MakeSeriesFromClause', 'Expression'),
    to: reader.optional(node, 'RangeClause', 'MakeSeriesToClause', 'Expression'),
    step: reader.optional(node, 'RangeClause', 'MakeSeriesStepClause', 'Expression'),
    isInclusive: false,
  }
}
