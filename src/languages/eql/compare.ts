// Whether two EQL queries mean the same, and the smallest difference in words when not. Order and
// repetition inside `and` and `or`, brackets, white space, comments and the order of a value list
// make no difference; the order of a sequence does.

import { findEqlFunction } from './functions.ts'
import type { EqlEventFilter, EqlExpression, EqlQuery, EqlTerm } from './tree.ts'

/** Null when both mean the same. */
export function compareEql(before: EqlQuery, after: EqlQuery): string | null {
  const [old, now] = [facets(before), facets(after)]
  const said: string[] = []
  for (const name of new Set([...old.keys(), ...now.keys()])) {
    const [was, is] = [old.get(name) ?? [], now.get(name) ?? []]
    const lost = was.filter((text) => !is.includes(text))
    const gained = is.filter((text) => !was.includes(text))
    said.push(...lost.map((text) => `${name} no longer has ${text}`))
    said.push(...gained.map((text) => `${name} now has ${text}`))
  }
  return said.length === 0 ? null : said.join('; ')
}

// What a person would name when asked what changed: each part with the things it requires.
function facets(query: EqlQuery): ReadonlyMap<string, readonly string[]> {
  const parts = new Map<string, readonly string[]>()
  const note = (name: string, texts: readonly string[]) => {
    if (texts.length > 0) parts.set(name, texts)
  }
  note('the query', [query.kind])
  if (query.kind === 'event') noteFilter(note, 'the event', query.filter)
  else {
    note('“by”', query.by.length > 0 ? [query.by.map(canonical).join(', ')] : [])
    query.terms.forEach((term, index) => noteTerm(note, `event ${index + 1}`, term))
  }
  if (query.kind === 'sequence' || query.kind === 'join') {
    note('“maxspan”', query.maxspan ? [`${query.maxspan.milliseconds} ms`] : [])
    if (query.until) noteTerm(note, '“until”', query.until)
  }
  const pipes = query.pipes.map((pipe) => [pipe.name, ...pipe.arguments.map(canonical)].join(' '))
  note('the pipes', pipes.length > 0 ? [pipes.join(' | ')] : [])
  return parts
}

type Note = (name: string, texts: readonly string[]) => void

function noteTerm(note: Note, name: string, term: EqlTerm): void {
  noteFilter(note, name, term.filter)
  note(`${name} “by”`, term.by.length > 0 ? [term.by.map(canonical).join(', ')] : [])
  note(`${name} in number`, term.isMissing ? ['none'] : [String(term.runs)])
}

function noteFilter(note: Note, name: string, filter: EqlEventFilter): void {
  const { condition } = filter
  const required = condition.kind === 'and' ? flatten(condition) : [condition]
  note(`${name}’s category`, [filter.category.name])
  note(name, [...new Set(required.map(canonical))])
}

function flatten(node: Extract<EqlExpression, { kind: 'and' | 'or' }>): EqlExpression[] {
  return node.items.flatMap((item) => (item.kind === node.kind ? flatten(item) : [item]))
}

function canonical(node: EqlExpression): string {
  switch (node.kind) {
    case 'and':
    case 'or':
      return `(${[...new Set(flatten(node).map(canonical))].toSorted().join(` ${node.kind} `)})`
    case 'not':
      return node.item.kind === 'not' ? canonical(node.item.item) : `not ${canonical(node.item)}`
    case 'comparison':
      return `${canonical(node.left)} ${node.operator} ${canonical(node.right)}`
    case 'membership': {
      const list = [...new Set(node.list.map(canonical))].toSorted().join(', ')
      return `${node.isNegated ? 'not ' : ''}${canonical(node.left)} ${node.operator} (${list})`
    }
    case 'arithmetic':
      return `(${canonical(node.left)} ${node.operator} ${canonical(node.right)})`
    case 'negation':
      return `-${canonical(node.item)}`
    case 'call': {
      const name = findEqlFunction(node.name)?.name ?? node.name
      return `${name}${node.isCaseless ? '~' : ''}(${node.arguments.map(canonical).join(', ')})`
    }
    case 'field':
      return `${node.isOptional ? '?' : ''}${node.name}`
    case 'literal':
      return JSON.stringify(node.value)
  }
}
