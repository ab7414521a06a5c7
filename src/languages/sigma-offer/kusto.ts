// Kusto of the simple kind: one table, filters over its columns, then at most what shapes the rows.
// Microsoft's parser reads it, so only a worker may call this.
// Source: learn.microsoft.com, Kusto "where operator", "String operators", read 2026-11.

import { hasErrors } from '#kernel/problem.ts'
import { parseKusto } from '#languages/kusto/parse.ts'
import type {
  KustoBinary,
  KustoExpression,
  KustoLiteral,
  KustoOperator,
  KustoPipe,
} from '#languages/kusto/tree.ts'
import { allOf, anyOf, not, type Predicate } from '#languages/predicate.ts'
import { Declined, fieldTest, textTest, type SimpleQuery } from './read.ts'

const SHAPES = new Set([
  'extend',
  'project',
  'project-away',
  'project-keep',
  'project-rename',
  'project-reorder',
  'sort',
  'order',
  'serialize',
])

/** Throws `Declined`. */
export function readKustoSimply(text: string): SimpleQuery {
  const { value: query, problems } = parseKusto(text)
  if (query === undefined || hasErrors(problems)) {
    throw new Declined('unreadable', 'The query cannot be read without its errors.')
  }
  const statement = query.statements.at(-1)
  const before = query.statements.slice(0, -1)
  if (statement?.kind !== 'run' || before.some(({ kind }) => kind !== 'let')) {
    throw new Declined('computes', 'The query has several statements.')
  }
  const lets = new Map(
    before.flatMap((one) => (one.kind === 'let' ? [[one.name.name, one.value]] : [])),
  )
  const pipe = pipeOf(statement.value)
  const { source } = pipe
  if (source?.kind !== 'name' || source.isPattern || lets.has(source.name)) {
    throw new Declined('several_sources', 'The query does not begin with one table.')
  }
  const wheres = filtersOf(pipe.operators)
  const scope: string[] = []
  const scopeFields: Record<string, string> = {}
  const tests: Predicate[] = []
  for (const one of wheres.flatMap(({ condition }) => conjuncts(condition))) {
    const time = timeOf(one)
    if (time === undefined) tests.push(readCondition(one, lets))
    else {
      scope.push(text.slice(one.start, one.end).replaceAll(/\s+/g, ' '))
      scopeFields[time] = NOW
    }
  }
  const filterText = text.slice(0, wheres.at(-1)?.end ?? source.end)
  return { filterText, table: source.name, filter: allOf(tests), scope, scopeFields }
}

/** Stands for the time at which the query runs. */
export const NOW = 'now'

function pipeOf(value: KustoExpression): KustoPipe {
  if (value.kind === 'pipe') return value
  const { start, end } = value
  return { kind: 'pipe', source: value, operators: [], start, end }
}

function filtersOf(operators: readonly KustoOperator[]) {
  const filters = []
  let isShaped = false
  for (const operator of operators) {
    const { kind, name } = operator
    if (kind === 'where' && !isShaped) filters.push(operator)
    else if (SHAPES.has(name)) isShaped = true
    else if (kind === 'summarize' || kind === 'count' || kind === 'series') {
      throw new Declined('aggregates', `“${name}” counts or groups events.`)
    } else if (kind === 'join' || kind === 'union' || kind === 'search') {
      throw new Declined('several_sources', `“${name}” asks for other events.`)
    } else throw new Declined('computes', `“${name}” is more than a filter of columns.`)
  }
  return filters
}

function conjuncts(node: KustoExpression): readonly KustoExpression[] {
  return node.kind === 'and' ? node.items.flatMap(conjuncts) : [node]
}

/** `TimeGenerated > ago(1d)`: when to look, which a rule says in its schedule. */
function timeOf(node: KustoExpression): string | undefined {
  if (node.kind !== 'binary' || !/^>=?$/.test(node.operator)) return undefined
  const { left, right } = node
  const isTime = left.kind === 'name' && /^(?:TimeGenerated|Timestamp)$/.test(left.name)
  return isTime && right.kind === 'call' && right.name === 'ago' ? left.name : undefined
}

/** Values that the query has given a name. */
type Lets = ReadonlyMap<string, KustoExpression>

function readCondition(node: KustoExpression, lets: Lets): Predicate {
  switch (node.kind) {
    case 'and':
      return allOf(node.items.map((one) => readCondition(one, lets)))
    case 'or':
      return anyOf(node.items.map((one) => readCondition(one, lets)))
    case 'call':
      if (node.name === 'not' && node.arguments.length === 1) {
        return not(readCondition(node.arguments[0]!, lets))
      }
      throw new Declined('computes', `“${node.name}()” computes.`)
    case 'binary':
      return readBinary(node, lets)
    case 'membership': {
      const { operator, left, list } = node
      const values = valuesOf(list, lets)
      const terms = /^has_(any|all)$/.exec(operator)
      if (terms) {
        const tests = values.map((one) => termTest(columnOf(left), 'has', one))
        return terms[1] === 'any' ? anyOf(tests) : allOf(tests)
      }
      const known = /^(!?)in(~?)$/.exec(operator)
      if (!known) throw new Declined('operator', `“${operator}” is no test that Sigma has.`)
      const isCased = known[2] === ''
      const tests = values.map((one) => equality(columnOf(left), one, isCased))
      return known[1] === '!' ? not(anyOf(tests)) : anyOf(tests)
    }
    default:
      throw new Declined('computes', 'A condition computes more than a test of a column.')
  }
}

const TEXT_TESTS = /^(!?)(contains|startswith|endswith)(_cs)?$/
const ORDERS: Readonly<Record<string, 'lt' | 'lte' | 'gt' | 'gte'>> = {
  '<': 'lt',
  '<=': 'lte',
  '>': 'gt',
  '>=': 'gte',
}

function readBinary({ operator, left, right }: KustoBinary, lets: Lets): Predicate {
  const field = columnOf(left)
  const literal = literalOf(right, lets)
  const negate = (test: Predicate, isNegated: boolean) => (isNegated ? not(test) : test)
  if (operator === '==' || operator === '!=') {
    return negate(equality(field, literal, true), operator === '!=')
  }
  if (operator === '=~' || operator === '!~') {
    return negate(equality(field, literal, false), operator === '!~')
  }
  const text = TEXT_TESTS.exec(operator)
  if (text && literal.type === 'string') {
    const how = text[2] as 'contains' | 'startswith' | 'endswith'
    const isCased = text[3] !== undefined
    return negate(textTest(field, { text: literal.text, isCased, how }), text[1] === '!')
  }
  const term = /^(!?)(has|hasprefix|hassuffix)(_cs)?$/.exec(operator)
  if (term) {
    const test = termTest(field, term[2] as TermHow, literal, term[3] !== undefined)
    return negate(test, term[1] === '!')
  }
  if (operator === 'matches regex' && literal.type === 'string') {
    return fieldTest(field, { kind: 'regex', pattern: literal.text, flags: [] })
  }
  const op = ORDERS[operator]
  const number = numberOf(literal)
  if (op !== undefined && number !== undefined) {
    return fieldTest(field, { kind: 'compare', op, value: number })
  }
  throw new Declined('operator', `“${operator}” is no test that Sigma has.`)
}

type TermHow = 'has' | 'hasprefix' | 'hassuffix'

const EDGE = String.raw`[^\p{L}\p{N}]`

/** A whole term: where the text begins or ends with a letter or digit, its neighbour is neither. */
function termTest(
  field: string,
  how: TermHow,
  { type, text }: KustoLiteral,
  isCased = false,
): Predicate {
  if (type !== 'string' || text === '') {
    throw new Declined('operator', `“${how}” looks for something that is no text.`)
  }
  const isWord = (char: string) => /[\p{L}\p{N}]/u.test(char)
  const head = how !== 'hassuffix' && isWord(text[0]!) ? `(?:^|${EDGE})` : ''
  const tail = how !== 'hasprefix' && isWord(text.at(-1)!) ? `(?:${EDGE}|$)` : ''
  const body = text.replaceAll(/[\\^$.|?*+()[\]{}]/g, String.raw`\$&`)
  const pattern = `${head}${body}${tail}`
  return fieldTest(field, { kind: 'regex', pattern, flags: isCased ? [] : ['i'] })
}

function equality(field: string, literal: KustoLiteral, isCased: boolean): Predicate {
  if (literal.type === 'string') return textTest(field, { text: literal.text, isCased })
  const number = numberOf(literal)
  if (number !== undefined) return fieldTest(field, { kind: 'number', value: number })
  if (literal.type === 'bool') {
    return fieldTest(field, { kind: 'boolean', value: /^(?:true|1)$/i.test(literal.text) })
  }
  throw new Declined('operator', `A value of type ${literal.type} is compared.`)
}

function numberOf({ type, text }: KustoLiteral): number | undefined {
  const isNumber = ['int', 'long', 'real', 'decimal'].includes(type)
  const number = Number(text)
  return isNumber && Number.isFinite(number) ? number : undefined
}

function columnOf(node: KustoExpression): string {
  if (node.kind === 'name' && !node.isPattern) return node.name
  throw new Declined('computes', 'A condition compares what it computes.')
}

function literalOf(node: KustoExpression, lets: Lets): KustoLiteral {
  const value = node.kind === 'name' ? lets.get(node.name) : node
  if (value?.kind === 'literal') return value
  throw new Declined('computes', 'A condition compares with what it computes.')
}

/** A list as it stands, or one that has a name. */
function valuesOf(list: readonly KustoExpression[], lets: Lets): readonly KustoLiteral[] {
  const [only, ...others] = list
  const named = only?.kind === 'name' && others.length === 0 ? lets.get(only.name) : undefined
  const inside = named?.kind === 'call' && named.name === 'dynamic' ? named.arguments[0] : named
  const values = inside?.kind === 'array' ? inside.items : list
  return values.map((one) => literalOf(one, lets))
}
