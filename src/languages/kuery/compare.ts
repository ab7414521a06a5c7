// Whether two Kibana queries mean the same, and the smallest difference in words when not. Order,
// repetition, brackets and `field: (a or b)` against `field: a or field: b` make no difference; the
// case of a value does, since keyword fields tell cases apart.

import type { KueryNode, KueryTest, KueryValues } from './tree.ts'
import { formatKuery } from './format.ts'

/** Null when both mean the same. Either may be undefined: the empty query matches everything. */
export function compareKuery(
  before: KueryNode | undefined,
  after: KueryNode | undefined,
): string | null {
  const [old, now] = [requirements(before), requirements(after)]
  const lost = [...old.keys()].filter((text) => !now.has(text))
  const gained = [...now.keys()].filter((text) => !old.has(text))
  const said = [
    ...lost.map((text) => `no longer requires ${text}`),
    ...gained.map((text) => `now requires ${text}`),
  ]
  return said.length === 0 ? null : said.join('; ')
}

function requirements(root: KueryNode | undefined): ReadonlyMap<string, KueryNode> {
  if (root === undefined) return new Map()
  const normal = normalise(root)
  const items = normal.kind === 'and' ? normal.items : [normal]
  return new Map(items.map((item) => [oneLine(item), item]))
}

function normalise(node: KueryNode): KueryNode {
  switch (node.kind) {
    case 'or':
    case 'and':
      return combine(node.kind, node.items.map(normalise), node)
    case 'not': {
      const item = normalise(node.item)
      return item.kind === 'not' ? item.item : { ...node, item }
    }
    case 'nested':
      return { ...node, item: normalise(node.item) }
    case 'test':
      return spread(node, node.values)
    case 'free':
      return spread(node, node.values)
  }
}

// `field: (a and not b)` becomes tests of one value each, joined as the group was.
function spread(
  node: KueryTest | Extract<KueryNode, { kind: 'free' }>,
  values: KueryValues,
): KueryNode {
  switch (values.kind) {
    case 'text':
      return { ...node, values }
    case 'none': {
      const item = spread(node, values.item)
      return item.kind === 'not'
        ? item.item
        : { kind: 'not', item, start: node.start, end: node.end }
    }
    default: {
      const items = values.items.map((item) => spread(node, item))
      return combine(values.kind === 'any' ? 'or' : 'and', items, node)
    }
  }
}

function combine(
  kind: 'or' | 'and',
  parts: readonly KueryNode[],
  range: { readonly start: number; readonly end: number },
): KueryNode {
  const flat = parts.flatMap((part) => (part.kind === kind ? part.items : [part]))
  const unique = new Map(flat.map((part) => [oneLine(part), part]))
  const items = [...unique.keys()].toSorted().map((text) => unique.get(text)!)
  const [only] = items
  return items.length === 1 ? only! : { kind, items, start: range.start, end: range.end }
}

function oneLine(node: KueryNode): string {
  return formatKuery(node).replaceAll(/\n\s*/g, ' ')
}
