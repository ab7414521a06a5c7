// SPL of the simple kind: searches over fields, then at most what shapes the rows that were found.
// Source: Splunk Search Reference, "search", read 2026-11.

import { hasErrors } from '#kernel/problem.ts'
import { parseNetwork } from '#languages/cidr.ts'
import { allOf, anyOf, not, type Predicate } from '#languages/predicate.ts'
import { parseSpl } from '#languages/spl/parse.ts'
import type { SplComparison, SplFilter, SplTerm, SplWord } from '#languages/spl/tree.ts'
import { Declined, fieldTest, textTest, type SimpleQuery } from './read.ts'

/** Commands that change what is shown of an event and never whether it is. */
const SHAPES = new Set([
  'fields',
  'fillnull',
  'rename',
  'reverse',
  'sort',
  'table',
  'eval',
  'convert',
])
const AGGREGATES = new Set(['stats', 'tstats', 'eventstats', 'streamstats', 'timechart', 'chart'])

/** Throws `Declined`. */
export function readSplSimply(text: string): SimpleQuery {
  const { value: search, problems } = parseSpl(text)
  if (search === undefined || hasErrors(problems)) {
    throw new Declined('unreadable', 'The query cannot be read without its errors.')
  }
  const filters: SplFilter[] = []
  let shape: string | undefined
  for (const command of search.commands) {
    const { name, kind } = command
    if (kind === 'macro') throw new Declined('macro', `The macro ${name} hides what it does.`)
    if (AGGREGATES.has(name)) throw new Declined('aggregates', `“${name}” counts or groups events.`)
    if (kind === 'search' && shape === undefined) filters.push(command)
    else if (SHAPES.has(name)) shape = name
    else throw new Declined('computes', `“${name}” is more than a filter of fields.`)
  }
  const conditions = filters.flatMap(({ condition }) => condition ?? [])
  const terms = conditions.flatMap((condition) => conjuncts(condition as SplTerm))
  const scope: string[] = []
  const scopeFields: Record<string, string> = {}
  const tests: Predicate[] = []
  for (const term of terms) {
    const index = indexOf(term)
    if (index === undefined) tests.push(readTerm(term))
    else {
      scope.push(`index=${index}`)
      scopeFields['index'] = index.replaceAll('*', 'x')
    }
  }
  const filterText = text.slice(0, filters.at(-1)?.end ?? 0)
  return { filterText, table: null, filter: allOf(tests), scope, scopeFields }
}

function conjuncts(term: SplTerm): readonly SplTerm[] {
  return term.kind === 'and' ? term.items.flatMap(conjuncts) : [term]
}

function indexOf(term: SplTerm): string | undefined {
  const isIndex =
    term.kind === 'comparison' && term.operator === '=' && term.field.name.toLowerCase() === 'index'
  return isIndex ? wordOf(term.value) : undefined
}

/** Outside quotes a backslash is doubled as well. */
function wordOf({ name, isQuoted }: SplWord): string {
  return isQuoted ? name : name.replaceAll('\\\\', '\\')
}

function readTerm(term: SplTerm): Predicate {
  switch (term.kind) {
    case 'and':
      return allOf(term.items.map(readTerm))
    case 'or':
      return anyOf(term.items.map(readTerm))
    case 'not':
      return not(readTerm(term.item))
    case 'comparison':
      return readComparison(term)
    case 'in':
      return anyOf(term.values.map((value) => equality(nameOf(term.field.name), wordOf(value))))
    case 'free':
      throw new Declined(
        'free_text',
        `“${term.text.slice(0, 100)}” is looked for in the raw event.`,
      )
    case 'macro':
      throw new Declined('macro', `The macro ${term.name} hides what it does.`)
    case 'subsearch':
      throw new Declined('several_sources', 'A subsearch asks for other events.')
  }
}

function nameOf(field: string): string {
  if (/^_?(?:earliest|latest|index)$/i.test(field)) {
    throw new Declined('operator', `“${field}” inside the logic says where or when to look.`)
  }
  return field
}

const ORDERS = { '<': 'lt', '<=': 'lte', '>': 'gt', '>=': 'gte' } as const

function readComparison({ field, operator, value }: SplComparison): Predicate {
  const name = nameOf(field.name)
  const word = wordOf(value)
  if (operator === '=') return equality(name, word)
  if (operator === '!=') {
    return allOf([fieldTest(name, { kind: 'exists' }), not(equality(name, word))])
  }
  const number = Number(word)
  if (word.trim() === '' || Number.isNaN(number)) {
    throw new Declined('operator', `“${operator}” compares ${name} with a text.`)
  }
  return fieldTest(name, { kind: 'compare', op: ORDERS[operator], value: number })
}

function equality(field: string, word: string): Predicate {
  if (word === '*') return fieldTest(field, { kind: 'exists' })
  if (/^(?:0|-?[1-9]\d{0,14})$/.test(word)) {
    return fieldTest(field, { kind: 'number', value: Number(word) })
  }
  if (word.includes('/') && parseNetwork(word)) {
    return fieldTest(field, { kind: 'cidr', network: word })
  }
  return textTest(field, { text: word, isCased: false, any: '*' })
}
