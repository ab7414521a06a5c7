// Whether two Lucene query strings mean the same, and the smallest difference in words when not.
// Order, repetition, brackets, boosts and the spelling of AND, OR and NOT make no difference.

import type { LuceneNode, LuceneValue } from './tree.ts'

/** Null when both mean the same. */
export function compareLucene(before: LuceneNode, after: LuceneNode): string | null {
  const [old, now] = [requirements(before), requirements(after)]
  const said = [
    ...[...old].filter((text) => !now.has(text)).map((text) => `no longer requires ${text}`),
    ...[...now].filter((text) => !old.has(text)).map((text) => `now requires ${text}`),
  ]
  return said.length === 0 ? null : said.join('; ')
}

function requirements(root: LuceneNode): ReadonlySet<string> {
  const items = root.kind === 'and' ? flatten(root) : [root]
  return new Set(items.map(canonical))
}

type Chain = Extract<LuceneNode, { readonly items: readonly LuceneNode[] }>

function flatten(node: Chain): readonly LuceneNode[] {
  return node.items.flatMap((item) =>
    'items' in item && item.kind === node.kind && node.kind !== 'clauses' ? flatten(item) : [item],
  )
}

const JOINS = { and: ' AND ', or: ' OR ', clauses: ' ' } as const

function canonical(node: LuceneNode): string {
  switch (node.kind) {
    case 'and':
    case 'or':
    case 'clauses':
      return `(${[...new Set(flatten(node).map(canonical))].toSorted().join(JOINS[node.kind])})`
    case 'not':
      return node.item.kind === 'not' ? canonical(node.item.item) : `NOT ${canonical(node.item)}`
    case 'must':
      return `+${canonical(node.item)}`
    case 'exists':
      return `_exists_:${node.field.name}`
    case 'everything':
      return '*:*'
    case 'test':
      return `${node.field === null ? '' : `${node.field.name}:`}${value(node.value)}`
  }
}

function value(of: LuceneValue): string {
  switch (of.kind) {
    case 'regex':
      return `/${of.pattern}/`
    case 'range': {
      const open = of.includesLow || of.low === null ? '[' : '{'
      const close = of.includesHigh || of.high === null ? ']' : '}'
      return `${open}${of.low ?? '*'} TO ${of.high ?? '*'}${close}`
    }
    case 'text': {
      const text = of.pattern
        .map((part) => (typeof part === 'string' ? literal(part) : part.wildcard))
        .join('')
      const isPhrase = of.isQuoted && /\s|^$/.test(text)
      return `${isPhrase ? `"${text}"` : text}${of.distance === null ? '' : `~${of.distance}`}`
    }
  }
}

function literal(part: string): string {
  return JSON.stringify(part).slice(1, -1).replaceAll(/[*?]/g, '\\$&')
}
