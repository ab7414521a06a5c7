// Edits of a rule's text that leave every byte alone which they do not name: comments, order, quotes and
// line ends stay. The result is read again and must mean what the edit says; where an anchor or an odd
// layout makes that impossible the edit is refused by name, and nothing is changed.

import { AppError } from '#kernel/error.ts'
import { meaningOf, readWritten, type Written, type WrittenPart } from '#languages/sigma/written.ts'
import {
  applySplices,
  changeParts,
  replaceValue,
  type Splice,
  styleOf,
  writePart,
  type WrittenParts,
} from '#languages/sigma/written-splice.ts'
import type { WritingStyle } from '#languages/sigma/written-value.ts'

export type RulePath = readonly (string | number)[]

export type RuleEdit =
  /** Makes the maps on the way that are not there. */
  | { readonly kind: 'set'; readonly path: RulePath; readonly value: unknown }
  /** Takes the maps with it that would be empty. */
  | { readonly kind: 'remove'; readonly path: RulePath }
  /** Makes the list, or makes a list of a single value. What is in it already is not added again. */
  | { readonly kind: 'addToList'; readonly path: RulePath; readonly value: unknown }
  | { readonly kind: 'removeFromList'; readonly path: RulePath; readonly value: unknown }

/** Throws `invalid` for a text that is not one readable document, `unsupported` for an unsafe edit. */
export function editRuleText(text: string, edits: readonly RuleEdit[]): string {
  return edits.reduce(editOnce, text)
}

/** What an edit makes of the data; the text must follow it. Shares what it does not change. */
export function editData(data: unknown, edit: RuleEdit): unknown {
  return changeAt(data, edit.path, (old) => {
    if (edit.kind === 'set') return edit.value
    if (edit.kind === 'remove') return undefined
    const items = Array.isArray(old)
      ? (old as unknown[])
      : (old ?? undefined) === undefined
        ? []
        : [old]
    const wanted = meaningOf(edit.value)
    const without = items.filter((item) => meaningOf(item) !== wanted)
    if (edit.kind === 'addToList')
      return without.length < items.length ? old : [...items, edit.value]
    if (without.length === items.length) return old
    return without.length === 0 ? undefined : without
  })
}

function editOnce(text: string, edit: RuleEdit): string {
  const root = readWritten(text)
  if (root === undefined || root.kind === 'leaf') {
    throw new AppError(
      'invalid',
      'The text is not one readable YAML document: correct it by hand first.',
    )
  }
  const wanted = editData(JSON.parse(root.meaning), edit) ?? {}
  if (meaningOf(wanted) === root.meaning) return text
  const edited = rewriteText(text, wanted)
  if (edited === undefined) throw refusal(text, edit)
  return edited
}

/** The text that means `wanted`, with as few bytes changed as can be; undefined when it is unsafe. */
export function rewriteText(text: string, wanted: unknown): string | undefined {
  const root = readWritten(text)
  if (root === undefined || root.kind === 'leaf') return undefined
  if ((root.kind === 'list') !== Array.isArray(wanted)) return undefined
  const rewriter = new Rewriter(text, styleOf(text, root))
  rewriter.rewriteParts(root, wanted)
  const rewritten = applySplices(text, rewriter.splices)
  return readWritten(rewritten)?.meaning === meaningOf(wanted) ? rewritten : undefined
}

/** Finds where written parts and wanted data differ, and writes only there. */
class Rewriter {
  readonly splices: Splice[] = []
  readonly #text: string
  readonly #style: WritingStyle

  constructor(text: string, style: WritingStyle) {
    this.#text = text
    this.#style = style
  }

  rewriteParts(node: WrittenParts, wanted: unknown): void {
    if (node.kind === 'list') this.#rewriteList(node, wanted as readonly unknown[])
    else this.#rewriteMap(node, wanted as Readonly<Record<string, unknown>>)
  }

  #rewriteMap(
    node: Extract<Written, { kind: 'map' }>,
    wanted: Readonly<Record<string, unknown>>,
  ): void {
    const removed = new Set<number>()
    for (const [at, part] of node.parts.entries()) {
      if (Object.hasOwn(wanted, part.name)) this.#rewriteValue(node, part, wanted[part.name])
      else removed.add(at)
    }
    const names = new Map(node.parts.map(({ name }, at) => [name, at] as const))
    const inserted = new Map<number, string[]>()
    for (const name of Object.keys(wanted)) {
      if (names.has(name)) continue
      const behind = placeFor(name, [...names.keys()])
      const written = writePart(node, name, wanted[name], this.#style)
      inserted.set(behind, [...(inserted.get(behind) ?? []), written])
    }
    this.#change(node, removed, inserted)
  }

  #rewriteList(node: Extract<Written, { kind: 'list' }>, wanted: readonly unknown[]): void {
    const { parts } = node
    // Items that are at their place from either end stay; a middle of one length is edited in place.
    const meanings = wanted.map(meaningOf)
    let head = 0
    while (head < Math.min(parts.length, wanted.length)) {
      if (parts[head]!.value.meaning !== meanings[head]) break
      head++
    }
    let tail = 0
    while (tail < Math.min(parts.length, wanted.length) - head) {
      if (parts.at(-1 - tail)!.value.meaning !== meanings.at(-1 - tail)) break
      tail++
    }
    const [olds, news] = [
      parts.slice(head, parts.length - tail),
      wanted.slice(head, wanted.length - tail),
    ]
    if (olds.length === news.length) {
      for (const [at, part] of olds.entries()) this.#rewriteValue(node, part, news[at])
      return
    }
    const removed = new Set<number>()
    const inserted = new Map<number, string[]>()
    let next = 0
    for (const [at, part] of olds.entries()) {
      const found = meanings.indexOf(part.value.meaning, head + next) - head
      if (found < 0 || found >= news.length) {
        removed.add(head + at)
        continue
      }
      inserted.set(head + at - 1, this.#items(node, news.slice(next, found)))
      next = found + 1
    }
    const last = parts.length - tail - 1
    inserted.set(last, [...(inserted.get(last) ?? []), ...this.#items(node, news.slice(next))])
    this.#change(node, removed, inserted)
  }

  #items(node: WrittenParts, values: readonly unknown[]): string[] {
    return values.map((value) => writePart(node, undefined, value, this.#style))
  }

  #rewriteValue(holder: WrittenParts, part: WrittenPart, wanted: unknown): void {
    const old = part.value
    if (old.meaning === meaningOf(wanted)) return
    const isSameKind =
      old.kind === 'list' ? Array.isArray(wanted) : old.kind === 'map' && isMap(wanted)
    if (old.kind !== 'leaf' && isSameKind) this.rewriteParts(old, wanted)
    else this.splices.push(...replaceValue(this.#text, holder, part, wanted, this.#style))
  }

  #change(
    node: WrittenParts,
    removed: ReadonlySet<number>,
    inserted: ReadonlyMap<number, readonly string[]>,
  ): void {
    if (removed.size === 0 && inserted.size === 0) return
    this.splices.push(...changeParts(this.#text, node, { removed, inserted }, this.#style))
  }
}

/** As published rules have them. What is not here goes to the end. */
const KEYS_IN_ORDER = [
  'title',
  'name',
  'id',
  'related',
  'status',
  'description',
  'references',
  'author',
  'date',
  'modified',
  'tags',
  'logsource',
  'detection',
  'correlation',
  'filter',
  'fields',
  'falsepositives',
  'level',
  'rulewright',
]

function placeFor(name: string, present: readonly string[]): number {
  const rank = KEYS_IN_ORDER.indexOf(name)
  if (rank < 0) return present.length - 1
  return present.findLastIndex((other) => {
    const otherRank = KEYS_IN_ORDER.indexOf(other)
    return otherRank >= 0 && otherRank < rank
  })
}

function changeAt(data: unknown, path: RulePath, change: (old: unknown) => unknown): unknown {
  const [step, ...rest] = path
  if (step === undefined) return change(data)
  if (Array.isArray(data) && typeof step === 'number') {
    if (step < 0 || step > data.length) throw noSuchPlace(path)
    const value = changeAt(data[step], rest, change)
    if (step === data.length && value === undefined) return data
    return value === undefined ? data.toSpliced(step, 1) : data.toSpliced(step, 1, value)
  }
  if (!isMap(data ?? {}) || typeof step === 'number') throw noSuchPlace(path)
  const map = (data ?? {}) as Readonly<Record<string, unknown>>
  const old = Object.hasOwn(map, step) ? map[step] : undefined
  const value = changeAt(old, rest, change)
  if (value !== undefined) return withEntry(map, step, value)
  if (!Object.hasOwn(map, step)) return data
  const entries = Object.entries(map).filter(([name]) => name !== step)
  return entries.length === 0 ? undefined : Object.fromEntries(entries)
}

/** `fromEntries` makes `__proto__` a key like any other. */
function withEntry(map: Readonly<Record<string, unknown>>, name: string, value: unknown): unknown {
  const entries = Object.entries(map)
  const at = entries.findIndex(([other]) => other === name)
  return Object.fromEntries(
    entries.toSpliced(at < 0 ? entries.length : at, at < 0 ? 0 : 1, [name, value]),
  )
}

function isMap(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function noSuchPlace(path: RulePath): AppError {
  return new AppError('invalid', `There is nothing at "${path.join('.')}" that could be edited.`)
}

function refusal(text: string, { path }: RuleEdit): AppError {
  const anchor = /(?:^|[\s[{,])([&*][^\s,\]}]+)/m.exec(text)?.[1]
  const cause = anchor === undefined ? 'its layout is unusual' : `the text uses "${anchor}"`
  const message = `"${path.join('.')}" cannot be edited safely because ${cause}: edit the text by hand.`
  return new AppError('unsupported', message)
}
