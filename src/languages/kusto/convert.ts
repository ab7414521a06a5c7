// Microsoft's syntax tree into ours: statements and expressions. Long chains (`a or b or …`, pipes)
// lean left as deep as they are long, so they are walked in a loop, never by recursion.

import { convertOperator } from './convert-operator.ts'
import { declared, elements, simpleName, textOf, tokenText, type Reader } from './syntax.ts'
import {
  childrenOf,
  isToken,
  kindOf,
  part,
  rangeOf,
  referentKind,
  tokensOf,
  type Syntax,
} from './microsoft.ts'
import type {
  KustoCall,
  KustoColumn,
  KustoExpression,
  KustoFunction,
  KustoLiteralType,
  KustoName,
  KustoOption,
  KustoParameter,
  KustoPipe,
  KustoQuery,
  KustoStatement,
  Referent,
} from './tree.ts'

export function convertQuery(block: Syntax): KustoQuery {
  return { statements: elements(block, 'Statements').map(convertStatement), ...rangeOf(block) }
}

function convertStatement(node: Syntax): KustoStatement {
  const range = rangeOf(node)
  const kind = kindOf(node)
  if (kind === 'LetStatement') {
    return { kind: 'let', name: declared(node, 'Name'), value: inner(node), ...range }
  }
  if (kind === 'ExpressionStatement') return { kind: 'run', value: inner(node), ...range }
  const text = textOf(node)
  const name = text.split(' ', 1)[0]!.toLowerCase()
  return { kind: 'directive', name, text, parts: within(node), ...range }
}

const READER: Reader = {
  expression: convertExpression,
  all: convertAll,
  inner,
  optional,
  within,
  option,
}

function convertAll(nodes: readonly Syntax[]): readonly KustoExpression[] {
  return nodes.map(convertExpression)
}

function inner(node: Syntax, name = 'Expression'): KustoExpression {
  const found = part(node, name)
  if (found) return convertExpression(found)
  return { kind: 'name', name: '', referent: null, isPattern: false, ...rangeOf(node) }
}

function optional(node: Syntax, ...path: readonly string[]): KustoExpression | null {
  const found = path.reduce<Syntax | undefined>((at, name) => at && part(at, name), node)
  return found ? convertExpression(found) : null
}

function within(node: Syntax): readonly KustoExpression[] {
  return childrenOf(node).flatMap((child) => {
    if (isToken(child)) return []
    return isExpression(child) ? [convertExpression(child)] : within(child)
  })
}

function isExpression(node: Syntax): boolean {
  const kind = kindOf(node)
  return kind in EXPRESSIONS || /(?:Expression|Operator|Reference)$/.test(kind)
}

export function convertExpression(node: Syntax): KustoExpression {
  const kind = kindOf(node)
  const convert = EXPRESSIONS[kind]
  if (convert) return convert(node)
  if (kind.endsWith('LiteralExpression')) return literal(node, kind)
  if (kind.endsWith('Operator') || kind.endsWith('ExternalTableExpression')) return pipe(node)
  if (part(node, 'Left') && part(node, 'Right')) return binary(node)
  if (kind.startsWith('Unary')) {
    return {
      kind: 'unary',
      operator: tokenText(node, 'Operator'),
      item: inner(node),
      ...rangeOf(node),
    }
  }
  return { kind: 'other', name: kind, text: textOf(node), parts: within(node), ...rangeOf(node) }
}

const EXPRESSIONS: Readonly<Record<string, (node: Syntax) => KustoExpression>> = {
  PipeExpression: pipe,
  NameReference: nameOf,
  NameDeclaration: nameOf,
  TokenName: nameOf,
  ParenthesizedExpression: (node) => inner(node),
  MvApplySubqueryExpression: (node) => inner(node),
  BracketedExpression: (node) => inner(node),
  DynamicExpression: (node) => inner(node),
  DataScopeExpression: (node) => inner(node),
  PathExpression: (node) => ({
    kind: 'path',
    left: inner(node),
    right: inner(node, 'Selector'),
    ...rangeOf(node),
  }),
  ElementExpression: (node) => ({
    kind: 'element',
    item: inner(node),
    selector: inner(node, 'Selector'),
    ...rangeOf(node),
  }),
  FunctionCallExpression: call,
  AndExpression: (node) => junction(node, 'and'),
  OrExpression: (node) => junction(node, 'or'),
  BetweenExpression: (node) => between(node, false),
  NotBetweenExpression: (node) => between(node, true),
  StarExpression: (node) => ({ kind: 'star', ...rangeOf(node) }),
  SimpleNamedExpression: named,
  CompoundNamedExpression: named,
  OrderedExpression: ordered,
  NameAndTypeDeclaration: typed,
  TypedColumnReference: typed,
  MvExpandExpression: typed,
  MvApplyExpression: typed,
  FunctionDeclaration: functionOf,
  JsonArrayExpression: (node) => ({
    kind: 'array',
    items: convertAll(elements(node, 'Values')),
    ...rangeOf(node),
  }),
  JsonObjectExpression: (node) => ({
    kind: 'object',
    members: elements(node, 'Pairs').map((pair) => ({
      key: valueOf(pair, 'Name'),
      value: inner(pair, 'Value'),
    })),
    ...rangeOf(node),
  }),
  DataTableExpression: (node) => ({
    kind: 'datatable',
    columns: columnsOf(node),
    values: convertAll(elements(node, 'Values')),
    ...rangeOf(node),
  }),
  ExternalDataExpression: (node) => ({
    kind: 'externaldata',
    columns: columnsOf(node),
    addresses: convertAll(elements(node, 'URIs')),
    properties: elements(node, 'WithClause', 'Properties').map(option),
    ...rangeOf(node),
  }),
  MaterializeExpression: (node) => wrapped(node, 'materialize'),
  ToScalarExpression: (node) => wrapped(node, 'toscalar'),
  ToTableExpression: (node) => wrapped(node, 'totable'),
}

function pipe(node: Syntax): KustoPipe {
  const stages: Syntax[] = []
  let at = node
  while (kindOf(at) === 'PipeExpression') {
    const operator = part(at, 'Operator')
    if (operator) stages.push(operator)
    at = part(at, 'Expression')!
  }
  const makesRows = isOperator(at)
  if (makesRows) stages.push(at)
  const operators = stages.toReversed().map((stage) => convertOperator(stage, READER))
  return {
    kind: 'pipe',
    source: makesRows ? null : convertExpression(at),
    operators,
    ...rangeOf(node),
  }
}

function isOperator(node: Syntax): boolean {
  const kind = kindOf(node)
  return kind.endsWith('Operator') || kind === 'InlineExternalTableExpression'
}

const REFERENTS: Readonly<Record<string, Referent>> = {
  Column: 'column',
  Table: 'table',
  MaterializedView: 'table',
  Variable: 'variable',
  Function: 'function',
  Parameter: 'parameter',
}

function nameOf(node: Syntax): KustoName {
  const text = simpleName(node)
  const isPattern = [...tokensOf(node)].some((token) => token.Text.includes('*'))
  const referent = REFERENTS[referentKind(node) ?? ''] ?? null
  return { kind: 'name', name: text, referent, isPattern, ...rangeOf(node) }
}

function call(node: Syntax): KustoCall {
  const { name: text, start, end } = declared(node, 'Name')
  const given = convertAll(elements(node, 'ArgumentList', 'Expressions'))
  return { kind: 'call', name: text, nameRange: { start, end }, arguments: given, ...rangeOf(node) }
}

function junction(node: Syntax, kind: 'and' | 'or'): KustoExpression {
  const wanted = kindOf(node)
  const items: KustoExpression[] = []
  let at = node
  while (kindOf(at) === wanted) {
    items.push(...flat(inner(at, 'Right'), kind))
    at = part(at, 'Left')!
  }
  const all = [...flat(convertExpression(at), kind), ...items.toReversed()]
  return { kind, items: all, ...rangeOf(node) }
}

// Brackets around the same kind of chain say nothing; items come back last first.
function flat(item: KustoExpression, kind: 'and' | 'or'): readonly KustoExpression[] {
  return item.kind === kind ? item.items.toReversed() : [item]
}

function binary(node: Syntax): KustoExpression {
  const operator = tokenText(node, 'Operator').toLowerCase()
  const left = inner(node, 'Left')
  const right = part(node, 'Right')!
  if (kindOf(right) === 'ExpressionList') {
    const list = convertAll(elements(right, 'Expressions'))
    return { kind: 'membership', operator, left, list, ...rangeOf(node) }
  }
  return { kind: 'binary', operator, left, right: convertExpression(right), ...rangeOf(node) }
}

function between(node: Syntax, isNegated: boolean): KustoExpression {
  const couple = part(node, 'Right')!
  const [low, high] = [inner(couple, 'First'), inner(couple, 'Second')]
  return { kind: 'between', isNegated, item: inner(node, 'Left'), low, high, ...rangeOf(node) }
}

function named(node: Syntax): KustoExpression {
  const many = elements(node, 'Names', 'Names').map((one) => declared(one, 'Name'))
  const names = many.length > 0 ? many : [declared(node, 'Name')]
  return { kind: 'named', names, value: inner(node), ...rangeOf(node) }
}

function ordered(node: Syntax): KustoExpression {
  const clause = part(node, 'Ordering')
  const direction = clause ? tokenText(clause, 'AscOrDescKeyword') : ''
  const nullsClause = clause && part(clause, 'NullsClause')
  const nulls = nullsClause ? tokenText(nullsClause, 'FirstOrLastKeyword') : ''
  return {
    kind: 'ordered',
    item: inner(node),
    direction: direction === 'asc' || direction === 'desc' ? direction : null,
    nulls: nulls === 'first' || nulls === 'last' ? nulls : null,
    ...rangeOf(node),
  }
}

// `name:type` and, of mv-expand, `item to typeof(type)`, where the type is often left out.
function typed(node: Syntax): KustoExpression {
  const type = part(node, 'Type')
  const cast = part(node, 'ToTypeOf')
  if (type) {
    const item = part(node, 'Name') ?? part(node, 'Column')!
    return { kind: 'typed', item: convertExpression(item), type: textOf(type), ...rangeOf(node) }
  }
  if (!cast) return inner(node)
  const [wanted] = elements(cast, 'TypeOf', 'Types')
  return { kind: 'typed', item: inner(node), type: wanted ? textOf(wanted) : '', ...rangeOf(node) }
}

function functionOf(node: Syntax): KustoFunction {
  const body = part(node, 'Body')
  return {
    kind: 'function',
    parameters: elements(node, 'Parameters', 'Parameters').map(parameter),
    statements: body ? elements(body, 'Statements').map(convertStatement) : [],
    result: body ? optional(body, 'Expression') : null,
    ...rangeOf(node),
  }
}

function parameter(node: Syntax): KustoParameter {
  const declaration = part(node, 'NameAndType') ?? node
  const type = part(declaration, 'Type')
  return {
    name: declared(declaration, 'Name'),
    type: type ? textOf(type) : '',
    fallback: optional(node, 'DefaultValue', 'Value'),
  }
}

function columnsOf(node: Syntax): readonly KustoColumn[] {
  return elements(node, 'Schema', 'Columns').map((column) => {
    const type = part(column, 'Type')
    return { name: declared(column, 'Name').name, type: type ? textOf(type) : '' }
  })
}

function option(node: Syntax): KustoOption {
  return { name: declared(node, 'Name').name, value: inner(node), ...rangeOf(node) }
}

function wrapped(node: Syntax, what: 'materialize' | 'toscalar' | 'totable'): KustoExpression {
  return { kind: 'wrapped', name: what, item: inner(node), ...rangeOf(node) }
}

const LITERALS: Readonly<Record<string, KustoLiteralType>> = {
  String: 'string',
  CompoundString: 'string',
  Boolean: 'bool',
  Int: 'int',
  Long: 'long',
  Real: 'real',
  Decimal: 'decimal',
  DateTime: 'datetime',
  Timespan: 'timespan',
  Guid: 'guid',
  TypeOf: 'type',
}

function literal(node: Syntax, kind: string): KustoExpression {
  const type = LITERALS[kind.slice(0, -'LiteralExpression'.length)] ?? 'word'
  const tokens = [...tokensOf(node)]
  const text =
    type === 'string'
      ? tokens.map((token) => token.ValueText).join('')
      : bare(tokens.map((token) => token.Text).join(''))
  return { kind: 'literal', type, text, ...rangeOf(node) }
}

/** `datetime(2026-01-01)` → `2026-01-01` */
function bare(text: string): string {
  return /^\w+\(\s*([\s\S]*?)\s*\)$/.exec(text)?.[1] ?? text
}

function valueOf(node: Syntax, which: string): string {
  const token = part(node, which)
  return token && isToken(token) ? token.ValueText : ''
}
