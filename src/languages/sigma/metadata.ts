// The parts all documents share: title, id, lists of texts, and the log source. Only what would make a
// document unusable is a problem here; style and schema are for the linter.

import type { LogSource, Metadata } from './rule.ts'
import type { Range, Source } from './source.ts'
import { valueOf, type YamlMap, type YamlNode } from './yaml.ts'

const TEXTS = [
  'id',
  'name',
  'status',
  'level',
  'description',
  'author',
  'date',
  'modified',
  'taxonomy',
  'license',
] as const
const LISTS = ['references', 'tags', 'fields', 'falsepositives'] as const

/** Undefined when the title is missing; everything else may be absent or odd. */
export function readMetadata(source: Source, root: YamlMap): Metadata | undefined {
  const title = textOf(valueOf(root, 'title'))
  if (!title) {
    const at: Range = root.entries[0]?.key ?? root
    source.error('sigma/missing-title', at, 'The document has no title.')
    return undefined
  }
  const texts = TEXTS.flatMap((key) => {
    const text = textOf(valueOf(root, key))
    return text === undefined ? [] : [[key, text] as const]
  })
  const lists = LISTS.map((key) => [key, listOf(valueOf(root, key))] as const)
  return { title, ...Object.fromEntries(texts), ...Object.fromEntries(lists) } as Metadata
}

/** What a document says about itself, without the document: plain data. */
export function metadataOf(document: Metadata): Metadata {
  const keys = ['title', ...TEXTS, ...LISTS] as const
  const said = keys.filter((key) => document[key] !== undefined)
  return Object.fromEntries(said.map((key) => [key, document[key]])) as unknown as Metadata
}

export function readLogSource(source: Source, root: YamlMap): LogSource | undefined {
  const node = valueOf(root, 'logsource')
  if (node?.kind !== 'map') {
    const message = node ? 'The log source must be a map.' : 'The document has no log source.'
    const hint = 'Name at least one of product, category and service.'
    const at: Range = node ?? root.entries[0]?.key ?? root
    source.error('sigma/missing-logsource', at, message, hint)
    return undefined
  }
  const known: Record<string, string> = {}
  const custom: Record<string, string> = {}
  for (const { key, value } of node.entries) {
    const text = textOf(value)
    if (text === undefined) continue
    const isKnown = ['product', 'category', 'service', 'definition'].includes(key.text)
    ;(isKnown ? known : custom)[key.text] = text
  }
  if (['product', 'category', 'service'].every((key) => !known[key]) && !hasOwn(custom)) {
    const message = 'The log source names neither product nor category nor service.'
    source.error('sigma/empty-logsource', node, message)
    return undefined
  }
  return { ...known, custom }
}

function hasOwn(record: Readonly<Record<string, string>>): boolean {
  return Object.keys(record).length > 0
}

function textOf(node: YamlNode | undefined): string | undefined {
  return node?.kind === 'scalar' && node.value !== null ? node.text : undefined
}

function listOf(node: YamlNode | undefined): readonly string[] {
  const items = node?.kind === 'list' ? node.items : node ? [node] : []
  return items.flatMap((item) => textOf(item) ?? [])
}
