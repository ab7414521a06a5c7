// What `search` keeps: field comparisons without case and with wildcards, networks, free text in the
// raw event. A missing field matches nothing, so that NOT of it does; `!=` needs the field.
// Source: Splunk Search Reference, "search"; Search Manual, "Use the search command", "Wildcards",
// "Event segmentation and searching", read 2026-11.

import { isInNetwork, parseNetwork } from '#languages/cidr.ts'
import { unsupported, valuesOf, type Fields, type Value } from '#languages/evaluation.ts'
import { compileWildcards } from '#languages/wildcard.ts'
import { relativeTime } from './time.ts'
import type { SplComparison, SplFree, SplSubsearch, SplTerm, SplWord } from './tree.ts'
import { compareValues, numberIn, textIn } from './values.ts'

export type RowFilter = (row: Fields) => boolean

export interface FilterScope {
  /** Unix seconds. */
  readonly now: number
  /** The rows a subsearch gives. */
  runSubsearch(subsearch: SplSubsearch): readonly Fields[]
}

/** Throws `Refusal`. */
export function compileTerm(term: SplTerm, scope: FilterScope): RowFilter {
  switch (term.kind) {
    case 'and': {
      const items = term.items.map((item) => compileTerm(item, scope))
      return (row) => items.every((item) => item(row))
    }
    case 'or': {
      const items = term.items.map((item) => compileTerm(item, scope))
      return (row) => items.some((item) => item(row))
    }
    case 'not': {
      const item = compileTerm(term.item, scope)
      return (row) => !item(row)
    }
    case 'comparison':
      return compileComparison(term, scope)
    case 'in': {
      const checks = term.values.map((value) => equality(wordOf(value)))
      return overValues(term.field.name, (value) => checks.some((check) => check(value)))
    }
    case 'free':
      return compileFree(term)
    case 'subsearch':
      return fromRows(scope.runSubsearch(term), term)
    case 'macro':
      throw unsupported(`The macro ${term.name}`, term)
  }
}

function overValues(name: string, check: (value: Value) => boolean): RowFilter {
  return (row) => valuesOf(row.get(name)).some(check)
}

/** Outside quotes a backslash is doubled as well. */
function wordOf({ name, isQuoted }: SplWord): string {
  return isQuoted ? name : name.replaceAll('\\\\', '\\')
}

function compileComparison(
  { field, operator, value }: SplComparison,
  scope: FilterScope,
): RowFilter {
  const word = wordOf(value)
  const time = /^_?(earliest|latest)$/.exec(field.name.toLowerCase())
  if (time && operator === '=') {
    const limit = relativeTime(scope.now, word)
    const isEarliest = time[1] === 'earliest'
    return overValues('_time', (at) => {
      const seconds = numberIn(at)
      return seconds !== undefined && (isEarliest ? seconds >= limit : seconds < limit)
    })
  }
  const equals = equality(word)
  if (operator === '=') return overValues(field.name, equals)
  if (operator === '!=') return overValues(field.name, (one) => !equals(one))
  const holds = ORDERS[operator]
  return overValues(field.name, (one) => holds(compareValues(one, word)))
}

const ORDERS = {
  '<': (sign: number) => sign < 0,
  '<=': (sign: number) => sign <= 0,
  '>': (sign: number) => sign > 0,
  '>=': (sign: number) => sign >= 0,
} as const

/** A star is a wildcard, in quotes too, and nothing escapes it. */
function equality(word: string): (value: Value) => boolean {
  const matches = compileWildcards(word, { any: '*', isCaseless: true })
  const number = numberIn(word)
  const network = word.includes('/') ? parseNetwork(word) : undefined
  return (value) => {
    const text = textIn(value)
    if (matches(text)) return true
    if (number !== undefined && numberIn(value) === number) return true
    return network !== undefined && isInNetwork(text, network)
  }
}

function compileFree({ text, isQuoted, start, end }: SplFree): RowFilter {
  const isDirective = /^(?:term|case)$/i.test(text) && isQuoted && end - start > text.length + 2
  if (isDirective) throw unsupported(`${text.toUpperCase()}(…)`, { start, end })
  const word = isQuoted ? text : text.replaceAll('\\\\', '\\')
  if (/^\*+$/.test(word)) return () => true
  const matches = containsTerm(word)
  return (row) => matches(rawOf(row))
}

/** An event without its raw text is searched in the values of its fields. */
function rawOf(row: Fields): string {
  const raw = row.get('_raw')
  if (typeof raw === 'string') return raw
  const texts: string[] = []
  for (const value of row.values()) for (const one of valuesOf(value)) texts.push(textIn(one))
  return texts.join('\n')
}

const BREAKER = String.raw`[^\p{L}\p{N}]`

/** Whole terms only: where the text begins or ends with a letter or digit, its neighbour is neither. */
function containsTerm(word: string): (text: string) => boolean {
  const folded = word.toLowerCase()
  const head = /^[\p{L}\p{N}]/u.test(folded) ? `(?<=^|${BREAKER})` : ''
  const tail = /[\p{L}\p{N}]$/u.test(folded) ? `(?=$|${BREAKER})` : ''
  const body = folded
    .replaceAll(/^\*+|\*+$/g, '')
    .replaceAll(/[\\^$.|?*+()[\]{}]/g, (sign) => (sign === '*' ? '[^\\s]*?' : `\\${sign}`))
  const pattern = new RegExp(`${head}${body}${tail}`, 'u')
  return (text) => pattern.test(text.toLowerCase())
}

/** `format`: a row is its fields joined by AND, the rows are joined by OR. */
function fromRows(rows: readonly Fields[], { start, end }: SplSubsearch): RowFilter {
  const filters = rows.map((row) => {
    const shown = [...row].filter(([name]) => !name.startsWith('_'))
    if (shown.some(([name]) => name === 'search' || name === 'query')) {
      throw unsupported('A subsearch that returns a search', { start, end })
    }
    const checks = shown.map(([name, value]) => {
      const alternatives = valuesOf(value).map((one) => equality(textIn(one)))
      return overValues(name, (own) => alternatives.some((check) => check(own)))
    })
    return (own: Fields) => checks.every((check) => check(own))
  })
  return (row) => filters.some((filter) => filter(row))
}
