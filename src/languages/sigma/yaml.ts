// YAML as detection rules mean it: a tree of maps, lists and scalars with places, for every document
// of a text. Scalars follow YAML 1.1 as the community's reference reader has it (`yes` is true, `010`
// is 8, `1e3` is text); dates stay text. The parser underneath sees only bounded text and bounds its
// own recursion, and aliases are followed at most YAML_ALIASES_MAX times: a bomb ends as a problem.
// Plain documents, which are nearly all, are read by the faster yaml-events.ts to the same tree.

import { isAlias, isMap, isScalar, isSeq, parseAllDocuments } from 'yaml'
import type { Document, Node as Parsed, Scalar } from 'yaml'
import { RULE_BYTES_MAX, YAML_ALIASES_MAX, YAML_DEPTH_MAX, YAML_KEYS_MAX } from '#kernel/limits.ts'
import { resolvePlain, type ScalarValue } from './scalar.ts'
import type { Range, Source } from './source.ts'
import { readEvents } from './yaml-events.ts'

export type YamlNode = YamlMap | YamlList | YamlScalar

export interface YamlMap extends Range {
  readonly kind: 'map'
  readonly entries: readonly YamlEntry[]
}

export interface YamlEntry {
  readonly key: YamlScalar
  readonly value: YamlNode
}

export interface YamlList extends Range {
  readonly kind: 'list'
  readonly items: readonly YamlNode[]
}

export interface YamlScalar extends Range {
  readonly kind: 'scalar'
  readonly value: ScalarValue
  /** As written, without quotes: `010` for the number 8. */
  readonly text: string
  readonly isPlain: boolean
}

export interface YamlDocument extends Range {
  /** Undefined for an empty document. */
  readonly root: YamlNode | undefined
}

const ERRORS_PER_DOCUMENT_MAX = 10
const DOCUMENTS_MAX = 1_000
/** Some 10 µs each; the longest published rule has 4,000. */
const NODES_MAX = 16_000

/** Never throws; what cannot be read is reported to `source` and left out. */
export function readYaml(source: Source): readonly YamlDocument[] {
  const { text } = source
  if (text.length > RULE_BYTES_MAX) {
    const limit = `${RULE_BYTES_MAX / 1024} KiB`
    source.error('yaml/too-large', { start: 0, end: 0 }, `A rule file may hold at most ${limit}.`)
    return []
  }
  if (hasControlCharacter(source) || hasTooManyNodes(source)) return []
  const documents = readEvents(text)
  if (documents !== undefined && documents.length <= DOCUMENTS_MAX) return documents
  return readThoroughly(source)
}

/** Of any text within the bounds: recovers from mistakes and tells them all. */
export function readThoroughly(source: Source): readonly YamlDocument[] {
  const { text } = source
  const parsed = parseAllDocuments(text, {
    schema: 'failsafe', // every scalar stays text: what it means is decided in scalar.ts
    uniqueKeys: false, // the parser's own check is quadratic; ours is below
    prettyErrors: false,
    logLevel: 'silent',
  })
  if (!Array.isArray(parsed)) return [] // nothing but comments and white space
  if (parsed.length > DOCUMENTS_MAX) {
    const message = `A file may hold at most ${DOCUMENTS_MAX} documents.`
    source.error('yaml/too-many-documents', { start: 0, end: 0 }, message)
    return []
  }
  return parsed.map((document, at) => ({
    ...readDocument(source, document),
    end: parsed[at + 1]?.range[0] ?? text.length,
  }))
}

/** The first value under `key`, undefined when the key is absent. */
export function valueOf(map: YamlMap, key: string): YamlNode | undefined {
  return map.entries.find((entry) => entry.key.text === key)?.value
}

/** Plain data, for parts that hold foreign content. `__proto__` is a key like any other. */
export function toData(node: YamlNode): unknown {
  if (node.kind === 'scalar') return node.value
  if (node.kind === 'list') return node.items.map(toData)
  const entries = node.entries.map((entry) => [entry.key.text, toData(entry.value)] as const)
  return Object.fromEntries(entries)
}

function readDocument(source: Source, document: Document.Parsed): Omit<YamlDocument, 'end'> {
  const [start] = document.range
  // One broken bracket makes hundreds of follow-up errors; nobody reads past the first few.
  for (const error of document.errors.slice(0, ERRORS_PER_DOCUMENT_MAX)) {
    const [from, to] = error.pos
    source.error(`yaml/${kebab(error.code)}`, { start: from, end: to }, sentence(error.message))
  }
  const reader = new TreeReader(source, document)
  const root = document.contents === null ? undefined : reader.read(document.contents, 0)
  return { root: isNothing(root) ? undefined : root, start }
}

function isNothing(node: YamlNode | undefined): boolean {
  return node?.kind === 'scalar' && node.isPlain && node.text === ''
}

/** Turns the parser's nodes into ours, following aliases and merge keys, counting everything. */
class TreeReader {
  readonly #source: Source
  readonly #document: Document.Parsed
  #keys = 0
  #aliases = 0
  #isStopped = false

  constructor(source: Source, document: Document.Parsed) {
    this.#source = source
    this.#document = document
  }

  read(node: Parsed | null, depth: number, at: Range = { start: 0, end: 0 }): YamlNode {
    const range = node?.range ? { start: node.range[0], end: node.range[1] } : at
    if (node === null) return { kind: 'scalar', value: null, text: '', isPlain: true, ...range }
    if (depth > YAML_DEPTH_MAX) {
      return this.#stop('yaml/too-deep', range, `Nested deeper than ${YAML_DEPTH_MAX} levels.`)
    }
    if (this.#isStopped) return nothing(range)
    if (isAlias(node)) return this.#readAlias(node, depth, range)
    if (isMap(node)) {
      const map = this.#readMap(node.items as readonly ParsedPair[], depth, range)
      return node.flow ? map : endedBy(map, map.entries.at(-1)?.value)
    }
    if (isSeq(node)) {
      const items = node.items.map((item) => this.read(item as Parsed, depth + 1, range))
      const list: YamlList = { kind: 'list', items, ...range }
      return node.flow ? list : endedBy(list, items.at(-1))
    }
    if (isScalar(node)) return this.#readScalar(node, range)
    return nothing(range)
  }

  #readAlias(node: Parsed & { source: string }, depth: number, range: Range): YamlNode {
    if (++this.#aliases > YAML_ALIASES_MAX) {
      return this.#stop('yaml/too-many-aliases', range, 'Too many aliases: this looks like a bomb.')
    }
    const target = (node as unknown as { resolve(d: Document): Parsed | undefined }).resolve(
      this.#document,
    )
    if (target === undefined) {
      this.#source.error('yaml/unknown-alias', range, `Nothing is anchored as "${node.source}".`)
      return nothing(range)
    }
    return this.read(target, depth + 1, range)
  }

  #readMap(pairs: readonly ParsedPair[], depth: number, range: Range): YamlMap {
    const entries: YamlEntry[] = []
    const merged: YamlEntry[] = []
    const seen = new Set<string>()
    for (const pair of pairs) {
      if (++this.#keys > YAML_KEYS_MAX) {
        this.#stop('yaml/too-many-keys', range, `More than ${YAML_KEYS_MAX} keys in one document.`)
        break
      }
      const key = this.read(pair.key, depth + 1, range)
      if (key.kind !== 'scalar') {
        this.#source.error('yaml/key-not-scalar', key, 'A key must be a plain word or text.')
        continue
      }
      const value = this.read(pair.value, depth + 1, { start: key.end, end: key.end })
      if (key.isPlain && key.text === '<<') {
        merged.push(...this.#merged(value))
        continue
      }
      if (seen.has(key.text)) {
        const message = `The key "${key.text}" appears twice; only one of them can count.`
        this.#source.error('yaml/duplicate-key', key, message, 'Remove or rename one of them.')
        continue
      }
      seen.add(key.text)
      entries.push({ key, value })
    }
    const inherited = merged.filter(({ key }) => !seen.has(key.text) && seen.add(key.text))
    return { kind: 'map', entries: [...entries, ...inherited], ...range }
  }

  #merged(value: YamlNode): readonly YamlEntry[] {
    if (value.kind === 'map') return value.entries
    if (value.kind === 'list' && value.items.every((item) => item.kind === 'map')) {
      return value.items.flatMap((item) => item.entries)
    }
    this.#source.error('yaml/merge-not-map', value, 'Only maps can be merged with "<<".')
    return []
  }

  #readScalar(node: Scalar, range: Range): YamlScalar {
    const text = typeof node.value === 'string' ? node.value : ''
    const isPlain = node.type === 'PLAIN' || node.type === undefined
    const tag = node.tag
    if (tag === undefined || tag === '!' || tag === `${CORE_TAG}str`) {
      const value = isPlain && tag === undefined ? resolvePlain(text) : text
      return { kind: 'scalar', value, text, isPlain, ...range }
    }
    if (!PLAIN_TAGS.has(tag)) {
      const hint = 'Rules are plain data: remove the tag.'
      this.#source.error('yaml/unknown-tag', range, `The tag ${tag} has no meaning here.`, hint)
    }
    return { kind: 'scalar', value: resolvePlain(text), text, isPlain, ...range }
  }

  #stop(code: string, range: Range, message: string): YamlNode {
    if (!this.#isStopped) this.#source.error(code, range, message)
    this.#isStopped = true
    return nothing(range)
  }
}

/** Comments behind the last node are not part of a collection. (An alias ends where it points to.) */
function endedBy<T extends Range>(collection: T, last: Range | undefined): T {
  if (last === undefined || last.end <= collection.start) return collection
  return { ...collection, end: Math.min(collection.end, last.end) }
}

interface ParsedPair {
  readonly key: Parsed
  readonly value: Parsed | null
}

const CORE_TAG = 'tag:yaml.org,2002:'
const PLAIN_TAGS = new Set(
  ['int', 'float', 'bool', 'null', 'timestamp'].map((name) => CORE_TAG + name),
)

function nothing(range: Range): YamlScalar {
  return {
    kind: 'scalar',
    value: null,
    text: '',
    isPlain: true,
    start: range.start,
    end: range.end,
  }
}

/** A lone NUL or escape byte is never meant, and tools further on stumble over it. */
function hasControlCharacter(source: Source): boolean {
  // eslint-disable-next-line no-control-regex -- looking for them is the point
  const found = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/.exec(source.text)
  if (!found) return false
  const range = { start: found.index, end: found.index + 1 }
  const code = found[0].charCodeAt(0).toString(16).padStart(4, '0')
  const hint = 'Is the file saved as UTF-8 text?'
  source.error('yaml/control-character', range, `Control character U+${code} in the text.`, hint)
  return true
}

/** A guess from the punctuation: parsing costs by nodes, and must not begin what it cannot end. */
function hasTooManyNodes(source: Source): boolean {
  const { text } = source
  let count = 0
  for (let at = 0; at < text.length && count <= NODES_MAX; at++) {
    const code = text.charCodeAt(at)
    if (code !== 0x3a && code !== 0x2c && code !== 0x2d) continue // : , -
    const next = text.charCodeAt(at + 1)
    if (next === 0x20 || next === 0x0a) count++
  }
  if (count <= NODES_MAX) return false
  const message = `More than ${NODES_MAX} keys and list items in one file.`
  source.error('yaml/too-many-nodes', { start: 0, end: 0 }, message, 'Split the file.')
  return true
}

function kebab(code: string): string {
  return code.toLowerCase().replaceAll('_', '-')
}

function sentence(message: string): string {
  const line = message.split('\n')[0]!
  return /[.!?]$/.test(line) ? line : `${line}.`
}
