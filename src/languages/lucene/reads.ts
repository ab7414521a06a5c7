// What a Lucene query string reads. It names fields and nothing else: the data it runs over is chosen
// beside it. A test on `data_stream.*`, `event.dataset` or `_index` narrows it and is reported.

import { LineMap, type Problem } from '#kernel/problem.ts'
import type { Mention, QueryFacts, Range, Source, TimeBounds } from '#languages/query.ts'
import { ANY } from '#languages/predicate.ts'
import type { LuceneNode, LuceneTest } from './tree.ts'

const NARROWING = new Set(['_index', 'data_stream.dataset', 'data_stream.type', 'event.dataset'])
const TIMES: Readonly<Record<string, TimeBounds['basis']>> = {
  '@timestamp': 'event',
  'event.ingested': 'ingest',
}

export function readLucene(root: LuceneNode, text: string): QueryFacts {
  const nodes = [...walk(root)]
  const map = new LineMap(text)
  const by = requiredSources(root)
  return {
    sources: nodes.flatMap(sourcesOf),
    fields: nodes.flatMap(fieldOf),
    commands: [],
    functions: [],
    scope: by.length > 0 ? { state: 'scoped', by } : { state: 'unscoped', by: [] },
    time: timeOf(root),
    effects: [], // the language can only filter
    costs: nodes.flatMap((node) => costsOf(node, map)),
  }
}

/** The node and everything below it, outermost first. */
function* walk(node: LuceneNode): Generator<LuceneNode> {
  yield node
  if ('items' in node) for (const item of node.items) yield* walk(item)
  else if ('item' in node) yield* walk(node.item)
}

function fieldOf(node: LuceneNode): readonly Mention[] {
  const field = node.kind === 'test' || node.kind === 'exists' ? node.field : null
  return field === null ? [] : [field]
}

function sourcesOf(node: LuceneNode): readonly Source[] {
  if (node.kind !== 'test' || node.field === null || !NARROWING.has(node.field.name)) return []
  if (node.value.kind !== 'text') return []
  const { pattern } = node.value
  const name = pattern.map((part) => (typeof part === 'string' ? part : part.wildcard)).join('')
  const isPattern = pattern.some((part) => typeof part !== 'string')
  return [{ kind: 'index', name, isPattern, start: node.start, end: node.end }]
}

// Only what every match must satisfy narrows: each part of an AND, all parts of an OR.
function requiredSources(node: LuceneNode): readonly Source[] {
  switch (node.kind) {
    case 'and':
      return node.items.flatMap(requiredSources)
    case 'or':
      return ofEach(node.items)
    case 'must':
      return requiredSources(node.item)
    case 'clauses': {
      const musts = node.items.filter((item) => item.kind === 'must')
      if (musts.length > 0) return musts.flatMap(requiredSources)
      return ofEach(node.items.filter((item) => item.kind !== 'not'))
    }
    case 'test':
      return sourcesOf(node).filter((source) => source.name !== '*')
    default:
      return []
  }
}

function ofEach(items: readonly LuceneNode[]): readonly Source[] {
  const parts = items.map(requiredSources)
  return parts.every((part) => part.length > 0) ? parts.flat() : []
}

const NO_TIME: TimeBounds = { earliest: null, latest: null, basis: null }

function timeOf(node: LuceneNode): TimeBounds {
  if (node.kind === 'and') return node.items.map(timeOf).reduce(narrower, NO_TIME)
  if (node.kind === 'must') return timeOf(node.item)
  if (node.kind !== 'test' || node.value.kind !== 'range') return NO_TIME
  const basis = TIMES[node.field?.name ?? ''] ?? null
  return basis ? { earliest: node.value.low, latest: node.value.high, basis } : NO_TIME
}

function narrower(a: TimeBounds, b: TimeBounds): TimeBounds {
  return {
    earliest: a.earliest ?? b.earliest,
    latest: a.latest ?? b.latest,
    basis: a.basis ?? b.basis,
  }
}

function costsOf(node: LuceneNode, map: LineMap): readonly Problem[] {
  const cost = (name: string, at: Range, message: string, hint: string): Problem => ({
    code: `cost/${name}`,
    severity: 'warning',
    message,
    hint,
    ...map.span(at.start, at.end),
  })
  if (node.kind === 'test' && startsOpen(node)) {
    const message = 'A value that begins with a wildcard is compared with every term of the field.'
    const hint = 'Where the field has a `wildcard` type or a reversed copy, search that one.'
    return [cost('leading-wildcard', node, message, hint)]
  }
  if (node.kind === 'test' && node.field === null) {
    const message = 'A value without a field is looked for in every default field.'
    return [cost('no-field', node, message, 'Name the field that holds it.')]
  }
  return []
}

function startsOpen({ value }: LuceneTest): boolean {
  if (value.kind === 'regex') return /^\.[*+]/.test(value.pattern)
  return (
    value.kind === 'text' && !value.isQuoted && value.pattern.length > 1 && value.pattern[0] === ANY
  )
}
