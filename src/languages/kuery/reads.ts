// What a Kibana query reads. It names fields and nothing else: the data it runs over is the rule's
// index list, kept beside the query, so the query itself is never *scoped* by an index. A test on
// `data_stream.*`, `event.dataset` or `_index` narrows it all the same and is reported as such.

import { LineMap, type Problem } from '#kernel/problem.ts'
import type { Mention, QueryFacts, Source, TimeBounds } from '#languages/query.ts'
import {
  isAny,
  isWildcard,
  plainText,
  type KueryNode,
  type KueryTest,
  type KueryValues,
} from './tree.ts'

const NARROWING = new Set(['_index', 'data_stream.dataset', 'data_stream.type', 'event.dataset'])
const TIME_FIELD = '@timestamp'
const INGEST_FIELD = 'event.ingested'

export function readKuery(root: KueryNode | undefined, text: string): QueryFacts {
  const found: Found = { fields: [], sources: [], costs: [], map: new LineMap(text) }
  if (root) collect(root, '', found)
  const by = root ? requiredSources(root) : []
  return {
    sources: found.sources,
    fields: found.fields,
    commands: [],
    functions: [],
    scope: by.length > 0 ? { state: 'scoped', by } : { state: 'unscoped', by: [] },
    time: root ? timeBounds(root) : NO_TIME,
    effects: [], // the language can only filter
    costs: found.costs,
  }
}

interface Found {
  readonly fields: Mention[]
  readonly sources: Source[]
  readonly costs: Problem[]
  readonly map: LineMap
}

const NO_TIME: TimeBounds = { earliest: null, latest: null, basis: null }

function collect(node: KueryNode, path: string, found: Found): void {
  switch (node.kind) {
    case 'or':
    case 'and':
      for (const item of node.items) collect(item, path, found)
      return
    case 'not':
      return collect(node.item, path, found)
    case 'nested': {
      const name = path + plainText(node.field)
      found.fields.push({ name, start: node.field.start, end: node.field.end })
      return collect(node.item, `${name}.`, found)
    }
    case 'test':
      found.fields.push({ ...rangeOf(node.field), name: path + plainText(node.field) })
      found.sources.push(...sourcesOf(node, path))
      return noteCosts(node.values, found)
    case 'free':
      return noteCosts(node.values, found)
  }
}

function sourcesOf(test: KueryTest, path = ''): Source[] {
  if (test.operator !== ':' || !NARROWING.has(path + plainText(test.field))) return []
  return texts(test.values).map((text) => ({
    ...rangeOf(text),
    kind: 'index',
    name: plainText(text),
    isPattern: isWildcard(text),
  }))
}

// Only what every matching event must satisfy narrows: all parts of an `and`, each part of an `or`.
function requiredSources(node: KueryNode): Source[] {
  switch (node.kind) {
    case 'and':
      return node.items.flatMap(requiredSources)
    case 'or': {
      const parts = node.items.map(requiredSources)
      return parts.every((part) => part.length > 0) ? parts.flat() : []
    }
    case 'test': {
      const isOpen = texts(node.values).some(isAny) || hasNone(node.values)
      return isOpen ? [] : sourcesOf(node)
    }
    default:
      return []
  }
}

function timeBounds(node: KueryNode): TimeBounds {
  if (node.kind === 'and') return node.items.map(timeBounds).reduce(narrower, NO_TIME)
  if (node.kind !== 'test' || node.values.kind !== 'text') return NO_TIME
  const field = plainText(node.field)
  if (field !== TIME_FIELD && field !== INGEST_FIELD) return NO_TIME
  const basis = field === TIME_FIELD ? 'event' : 'ingest'
  const value = plainText(node.values)
  if (node.operator.startsWith('>')) return { earliest: value, latest: null, basis }
  if (node.operator.startsWith('<')) return { earliest: null, latest: value, basis }
  return NO_TIME
}

function narrower(a: TimeBounds, b: TimeBounds): TimeBounds {
  return {
    earliest: a.earliest ?? b.earliest,
    latest: a.latest ?? b.latest,
    basis: a.basis ?? b.basis,
  }
}

function noteCosts(values: KueryValues, found: Found): void {
  for (const text of texts(values)) {
    if (isAny(text) || text.parts.length < 2 || text.parts[0] !== '') continue
    found.costs.push({
      code: 'cost/leading-wildcard',
      severity: 'warning',
      message: 'A value that begins with a wildcard is compared with every term of the field.',
      hint: 'Where the field has a `wildcard` type or a reversed copy, search that one.',
      ...found.map.span(text.start, text.end),
    })
  }
}

function texts(values: KueryValues): Extract<KueryValues, { kind: 'text' }>[] {
  if (values.kind === 'text') return [values]
  if (values.kind === 'none') return texts(values.item)
  return values.items.flatMap(texts)
}

function hasNone(values: KueryValues): boolean {
  if (values.kind === 'none') return true
  return values.kind === 'text' ? false : values.items.some(hasNone)
}

function rangeOf({ start, end }: { readonly start: number; readonly end: number }) {
  return { start, end }
}
