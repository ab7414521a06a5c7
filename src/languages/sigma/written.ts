// One YAML document as it is written: every map, list and leaf with its place, cut so that an entry
// owns the comments before it, its trailing comment and its line end. The parts of a block collection
// follow each other without a gap: taking one out or putting one in leaves every other byte alone.
// What cannot be cut safely (an alias, a merged map, a map without braces inside a list) is a leaf.

import { hasErrors } from '#kernel/problem.ts'
import { type Range, Source } from './source.ts'
import { readYaml, toData, type YamlEntry, type YamlNode } from './yaml.ts'

export type Written = WrittenMap | WrittenList | WrittenLeaf

interface WrittenValue extends Range {
  /** JSON with sorted keys: equal exactly when two values mean the same. */
  readonly meaning: string
}

interface WrittenCollection extends WrittenValue {
  readonly isFlow: boolean
  /** The column of the first key or dash, from 0; counts only for block collections. */
  readonly indent: number
}

export interface WrittenMap extends WrittenCollection {
  readonly kind: 'map'
  readonly parts: readonly WrittenEntry[]
}

export interface WrittenList extends WrittenCollection {
  readonly kind: 'list'
  readonly parts: readonly WrittenPart[]
}

export interface WrittenLeaf extends WrittenValue {
  readonly kind: 'leaf'
  /** Stands for something written elsewhere: it can be replaced, but nothing in it edited. */
  readonly isAlias: boolean
}

/** `start` to `end` is all that belongs to it: lead comments, key, value, trailing comment, line end. */
export interface WrittenPart extends Range {
  readonly value: Written
}

export interface WrittenEntry extends WrittenPart {
  readonly name: string
  readonly key: Range
}

/** Undefined when the text is not exactly one document without mistakes. */
export function readWritten(text: string): Written | undefined {
  const source = new Source(text)
  const documents = readYaml(source)
  const root = documents[0]?.root
  if (root === undefined || documents.length > 1 || hasErrors(source.problems)) return undefined
  const reader = new WrittenReader(text)
  return reader.read(root, { from: lineStart(text, root.start), to: text.length, inFlow: false })
}

/** The canonical text of plain data, as `meaning` has it. */
export function meaningOf(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(meaningOf).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null)
  return joined(Object.entries(value).map(([name, item]) => [name, meaningOf(item)]))
}

/** The line break that the text uses. */
export function lineBreakOf(text: string): string {
  return text[text.indexOf('\n') - 1] === '\r' ? '\r\n' : '\n'
}

interface Room {
  /** Where the parts of a block collection begin. */
  readonly from: number
  /** Where whatever holds the node ends. */
  readonly to: number
  readonly inFlow: boolean
}

class WrittenReader {
  readonly #text: string

  constructor(text: string) {
    this.#text = text
  }

  read(node: YamlNode, room: Room): Written {
    if (node.kind === 'scalar') return leaf(node, JSON.stringify(node.value))
    const opener = node.kind === 'map' ? '{' : '['
    const isFlow = this.#text[node.start] === opener
    const isLoose = (room.inFlow && !isFlow) || (node.kind === 'map' && isMerged(node.entries))
    if (isLoose) return leaf(node, meaningOf(toData(node)))
    return isFlow ? this.#flow(node) : this.#block(node, room)
  }

  #block(node: Exclude<YamlNode, { kind: 'scalar' }>, room: Room): Written {
    const indent = node.start - lineStart(this.#text, node.start)
    const children = childrenOf(node)
    const parts: WrittenPart[] = []
    let start = room.from
    for (const [at, child] of children.entries()) {
      const behind = child.key?.end ?? this.#behindDash(start)
      const to = this.#startOf(children[at + 1]) ?? room.to
      const value = this.#value(child.value, behind, to, false)
      const isBlock = value.kind !== 'leaf' && !value.isFlow
      const end = Math.min(this.#endOfLines(contentEnd(value), isBlock ? indent : Infinity), to)
      parts.push(part(child, { start, end, value }))
      start = end
    }
    return collection(node, { parts, indent, isFlow: false })
  }

  #flow(node: Exclude<YamlNode, { kind: 'scalar' }>): Written {
    const parts: WrittenPart[] = []
    let start = node.start + 1
    for (const child of childrenOf(node)) {
      const value = this.#value(child.value, child.key?.end ?? start, node.end, true)
      const end = this.#behindBlanks(value.end)
      parts.push(part(child, { start, end, value }))
      start = this.#text[end] === ',' ? end + 1 : end
    }
    return collection(node, { parts, indent: 0, isFlow: true })
  }

  /** `behind` is the end of the key, or of the dash. */
  #value(node: YamlNode, behind: number, to: number, inFlow: boolean): Written {
    if (node.start < behind) {
      // Only an alias stands for something further up. Its own place is found by its star.
      const start = this.#text.indexOf('*', behind)
      const length = /^\*[^\s,\]}]*/.exec(this.#text.slice(start, start + 500))?.[0].length ?? 0
      const range = { start, end: start + length }
      return { kind: 'leaf', isAlias: true, meaning: meaningOf(toData(node)), ...range }
    }
    const lineEnd = this.#text.indexOf('\n', behind)
    const from = lineEnd >= 0 && lineEnd < node.start ? lineEnd + 1 : node.start
    return this.read(node, { from, to, inFlow })
  }

  #startOf(child: Child | undefined): number | undefined {
    // An alias in a list has no place of its own here: the next part is then bounded by line ends.
    return child?.key === undefined ? undefined : lineStart(this.#text, child.key.start)
  }

  #behindDash(from: number): number {
    const found = /^(?:[ \t]*(?:#.*)?\r?\n)*[ \t]*-/.exec(this.#text.slice(from))
    return from + (found?.[0].length ?? 0)
  }

  /** Behind the line of `end`, and behind comments further in than `indent` that follow it. */
  #endOfLines(end: number, indent: number): number {
    let settled = this.#text[end - 1] === '\n' ? end : behindLine(this.#text, end)
    for (let at = settled; at < this.#text.length; at = behindLine(this.#text, at)) {
      const line = this.#text.slice(at, behindLine(this.#text, at))
      const column = line.search(/[^ \t\r\n]/)
      if (column < 0) continue
      if (line[column] !== '#' || column <= indent) break
      settled = at + line.length
    }
    return settled
  }

  /** Behind white space and comments inside a flow collection. */
  #behindBlanks(from: number): number {
    const found = /^(?:\s+(?:#.*)?)*/.exec(this.#text.slice(from))
    return from + (found?.[0].length ?? 0)
  }
}

interface Child {
  readonly key?: YamlEntry['key']
  readonly value: YamlNode
}

function childrenOf(node: Exclude<YamlNode, { kind: 'scalar' }>): readonly Child[] {
  return node.kind === 'map' ? node.entries : node.items.map((value) => ({ value }))
}

function part(child: Child, rest: WrittenPart): WrittenPart | WrittenEntry {
  if (child.key === undefined) return rest
  return { ...rest, name: child.key.text, key: { start: child.key.start, end: child.key.end } }
}

function collection(
  node: YamlNode,
  rest: { parts: readonly WrittenPart[]; indent: number; isFlow: boolean },
): Written {
  const range = { start: node.start, end: node.end }
  if (node.kind === 'list') {
    const meaning = `[${rest.parts.map(({ value }) => value.meaning).join(',')}]`
    return { kind: 'list', meaning, ...range, ...rest }
  }
  const parts = rest.parts as readonly WrittenEntry[]
  const meaning = joined(parts.map(({ name, value }) => [name, value.meaning]))
  return { kind: 'map', meaning, ...range, ...rest, parts }
}

function leaf(node: Range, meaning: string): WrittenLeaf {
  return { kind: 'leaf', isAlias: false, meaning, start: node.start, end: node.end }
}

/** Entries that came in through "<<" stand somewhere else in the text. */
function isMerged(entries: readonly YamlEntry[]): boolean {
  return entries.some(({ key }, at) => at > 0 && key.start < entries[at - 1]!.key.end)
}

function contentEnd(node: Written): number {
  const last = node.kind === 'leaf' || node.isFlow ? undefined : node.parts.at(-1)
  return last === undefined ? node.end : contentEnd(last.value)
}

function joined(entries: readonly (readonly [string, string])[]): string {
  const sorted = entries.toSorted(([a], [b]) => (a < b ? -1 : 1))
  return `{${sorted.map(([name, meaning]) => `${JSON.stringify(name)}:${meaning}`).join(',')}}`
}

function lineStart(text: string, at: number): number {
  return text.lastIndexOf('\n', at - 1) + 1
}

function behindLine(text: string, at: number): number {
  const found = text.indexOf('\n', at)
  return found < 0 ? text.length : found + 1
}
