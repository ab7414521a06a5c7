// Merges two edits of one rule: per field, list item and detection item, comments kept. What only one
// side changed is taken; what both changed in different ways is a conflict, in which the text keeps
// mine. Order and file times decide nothing. The merged text is read again and must mean what was
// decided; if it cannot be made to, the whole document is one conflict.

import {
  applySplices,
  changeParts,
  replaceValue,
  type Splice,
  styleOf,
  writePart,
  type WrittenParts,
} from '#languages/sigma/written-splice.ts'
import {
  lineBreakOf,
  meaningOf,
  readWritten,
  type Written,
  type WrittenEntry,
  type WrittenPart,
} from '#languages/sigma/written.ts'
import type { WritingStyle } from '#languages/sigma/written-value.ts'
import { rewriteText, type RulePath } from '#domain/rules/edit.ts'
import {
  bodyOf,
  type Hand,
  isInline,
  valueText,
  mergeRemarks,
  replaceBody,
  replaceWhole,
  shiftLines,
  wholeOf,
} from './lines.ts'
import { planList } from './lists.ts'
import { mergeLines } from './three-way.ts'

export interface Conflict {
  /** Items of lists by their name where they have one, else by their number in the base. */
  readonly path: RulePath
  /** Each is undefined where that side has nothing there. */
  readonly base: unknown
  readonly mine: unknown
  readonly theirs: unknown
}

export interface MergedRule {
  readonly text: string
  readonly conflicts: readonly Conflict[]
}

export interface RuleTexts {
  readonly base: string
  readonly mine: string
  readonly theirs: string
}

/** Never throws: texts that are not readable rules conflict as a whole when both sides changed. */
export function mergeRuleTexts({ base, mine, theirs }: RuleTexts): MergedRule {
  if (mine === base || mine === theirs) return { text: theirs, conflicts: [] }
  if (theirs === base) return { text: mine, conflicts: [] }
  const lineBreak = lineBreakOf(mine)
  const sides = [base, mine, theirs].map((text) => handOf(text, lineBreak))
  const [b, m, t] = sides
  const whole: Conflict = { path: [], base, mine, theirs }
  if (b?.root === undefined || m?.root === undefined || t?.root === undefined) {
    return { text: mine, conflicts: [whole] }
  }
  const merger = new Merger(b, m, t)
  const merged = merger.mergeRoot()
  const { conflicts } = merger
  const meaning = meaningOf(merged)
  const text = applySplices(m.text, merger.splices)
  if (readWritten(text)?.meaning === meaning) return { text, conflicts }
  const rewritten = rewriteText(m.text, merged)
  return rewritten === undefined
    ? { text: mine, conflicts: [whole] }
    : { text: rewritten, conflicts }
}

/** With one kind of line break, and one at the end: a last line without it would meet what follows. */
function handOf(written: string, lineBreak: string): Hand | undefined {
  const text = `${written.replace(/\r?\n$/, '')}\n`.replace(/\r?\n/g, lineBreak)
  const root = readWritten(text)
  return root === undefined || root.kind === 'leaf' ? undefined : { text, root }
}

/** A part and the collection that holds it. */
interface Held {
  readonly holder: WrittenParts
  readonly part: WrittenPart
}

/** Long texts that are merged line by line. Everything else is one value. */
const FREE_TEXTS = new Set<unknown>(['description', 'runbook', 'query', 'details'])
/** Two new maps of one name are joined, except where joining them would say something third. */
const JOINED_MEANING = new Set<unknown>(['detection', 'correlation', 'filter'])
/** Items with these are the same item however much else of them changes. */
const NAMES_OF_ITEMS = ['name', 'id', 'title', 'label']
const ABSENT = Symbol('absent')

class Merger {
  splices: Splice[] = []
  readonly conflicts: Conflict[] = []
  readonly #base: Hand
  readonly #mine: Hand
  readonly #theirs: Hand
  readonly #style: WritingStyle

  constructor(base: Hand, mine: Hand, theirs: Hand) {
    this.#base = base
    this.#mine = mine
    this.#theirs = theirs
    this.#style = styleOf(mine.text, mine.root)
  }

  mergeRoot(): unknown {
    const [b, m, t] = [this.#base.root, this.#mine.root, this.#theirs.root]
    this.splices.push(...mergeRemarks.aroundRoot(this.#base, this.#mine, this.#theirs))
    if (m.kind === 'map' && t.kind === 'map' && b.kind === 'map') return this.#maps([], b, m, t)
    if (m.kind === 'list' && t.kind === 'list' && b.kind === 'list') return this.#lists([], b, m, t)
    return this.#conflict([], dataOf(b), dataOf(m), dataOf(t))
  }

  #maps(path: RulePath, b: MapNode | undefined, m: MapNode, t: MapNode): unknown {
    const merged = new Map<string, unknown>()
    const removed = new Set<number>()
    const bases = byName(b)
    const theirs = byName(t)
    for (const [at, part] of m.parts.entries()) {
      const [was, is] = [bases.get(part.name), theirs.get(part.name)]
      const mine = { holder: m, part }
      const value = this.#part(
        [...path, part.name],
        was && { holder: b!, part: was },
        mine,
        is && { holder: t, part: is },
      )
      if (value === ABSENT) removed.add(at)
      else merged.set(part.name, value)
    }
    const inserted = new Map<number, string[]>()
    const places = new Map(m.parts.map(({ name }, at) => [name, at] as const))
    let behind = -1
    for (const part of t.parts) {
      const known = places.get(part.name)
      if (known !== undefined) {
        behind = known
        continue
      }
      const was = bases.get(part.name)
      const value = this.#part([...path, part.name], was && { holder: b!, part: was }, undefined, {
        holder: t,
        part,
      })
      if (value === ABSENT) continue
      merged.set(part.name, value)
      const lines = this.#carry(m, { holder: t, part })
      inserted.set(behind, [...(inserted.get(behind) ?? []), lines])
    }
    this.#change(m, removed, inserted)
    return Object.fromEntries(merged)
  }

  #lists(path: RulePath, b: ListNode | undefined, m: ListNode, t: ListNode): unknown {
    const identity = identityOf([b?.parts ?? [], m.parts, t.parts])
    const namesOf = (list: ListNode | undefined) => (list?.parts ?? []).map(identity.nameOf)
    const names = { base: namesOf(b), mine: namesOf(m), theirs: namesOf(t) }
    const plan = planList({ ...names, isKeyed: identity.isKeyed })
    const values: unknown[] = m.parts.map(({ value }) => dataOf(value))
    const removed = new Set(plan.removed)
    for (const pair of plan.pairs) {
      const held = [heldAt(b, pair.base), heldAt(m, pair.mine), heldAt(t, pair.theirs)] as const
      const step = identity.stepOf((held[0] ?? held[1]!).part, pair.base)
      const value = this.#part([...path, step], ...held)
      if (pair.mine < 0) continue
      if (value === ABSENT) removed.add(pair.mine)
      else values[pair.mine] = value
    }
    const extra = new Map<number, unknown[]>()
    const inserted = new Map<number, string[]>()
    for (const { theirs, behind } of plan.carried) {
      const held = heldAt(t, theirs)!
      inserted.set(behind, [...(inserted.get(behind) ?? []), this.#carry(m, held)])
      extra.set(behind, [...(extra.get(behind) ?? []), dataIn(held)])
    }
    this.#change(m, removed, inserted)
    const merged = values.map((value, at) => [
      ...(removed.has(at) ? [] : [value]),
      ...(extra.get(at) ?? []),
    ])
    return [...(extra.get(-1) ?? []), ...merged.flat()]
  }

  /** What stands there in the end, ABSENT for nothing; splices bring mine to it, except its absence. */
  #part(
    path: RulePath,
    base: Held | undefined,
    mine: Held | undefined,
    theirs: Held | undefined,
  ): unknown {
    const [b, m, t] = [meaningIn(base), meaningIn(mine), meaningIn(theirs)]
    if (mine !== undefined && theirs !== undefined) return this.#held(path, base, mine, theirs)
    if (m === t) return ABSENT
    // One side has nothing here: it was taken out there, or is new on the other side.
    if (base === undefined) return dataIn(mine ?? theirs)
    if (m === b) return ABSENT
    if (t === b) return ABSENT
    return this.#conflict(path, dataIn(base), dataIn(mine), dataIn(theirs))
  }

  #held(path: RulePath, base: Held | undefined, mine: Held, theirs: Held): unknown {
    const isBlock = !mine.holder.isFlow && !theirs.holder.isFlow && base?.holder.isFlow === false
    if (isBlock) {
      const [b, m, t] = [
        wholeOf(this.#base, base),
        wholeOf(this.#mine, mine),
        wholeOf(this.#theirs, theirs),
      ]
      if (m === t || t === b) return dataIn(mine)
      if (m === b) {
        this.splices.push(replaceWhole(this.#mine, mine, t))
        return dataIn(theirs)
      }
    }
    const before = this.splices.length
    const value = this.#value(path, base, mine, theirs)
    const covered = this.splices.slice(before)
    if (!mine.holder.isFlow && !theirs.holder.isFlow) {
      const hands = [this.#base, this.#mine, this.#theirs] as const
      this.splices.push(...mergeRemarks.ofPart(hands, [base, mine, theirs], covered))
    }
    return value
  }

  #value(path: RulePath, base: Held | undefined, mine: Held, theirs: Held): unknown {
    const [b, m, t] = [base?.part.value, mine.part.value, theirs.part.value]
    const isDecided = m.meaning === t.meaning || t.meaning === b?.meaning
    // Only in blocks there are comments to be kept from both.
    const hasRemarks = [b, m, t].every(
      (node) => node?.kind === m.kind && node.kind !== 'leaf' && !node.isFlow,
    )
    if (!hasRemarks || isReordered(b, m, t)) {
      if (isDecided) return dataOf(m)
      if (m.meaning === b?.meaning) {
        this.#take(base, mine, theirs)
        return dataOf(t)
      }
    }
    if (b !== undefined || !JOINED_MEANING.has(path[0])) {
      if (m.kind === 'map' && t.kind === 'map' && b?.kind !== 'list') {
        return this.#maps(path, b?.kind === 'map' ? b : undefined, m, t)
      }
      const isOrdered = path[0] === 'correlation' && !isDecided
      if (m.kind === 'list' && t.kind === 'list' && b?.kind !== 'map' && !isOrdered) {
        return this.#lists(path, b && asList(b), m, t)
      }
      if (isListLike([b, m, t]) && !isOrdered) return this.#mixedLists(path, b!, mine, t)
    }
    const freely = this.#freeText(path, b, mine, t)
    return freely ?? this.#conflict(path, b && dataOf(b), dataOf(m), dataOf(t))
  }

  /** A value and a list of one are the same to a rule, so one may have become the other. */
  #mixedLists(path: RulePath, b: Written, mine: Held, t: Written): unknown {
    const kept = this.splices
    this.splices = []
    const merged = this.#lists(path, asList(b), asList(mine.part.value)!, asList(t)!)
    this.splices = kept
    if (meaningOf(merged) === asList(mine.part.value)!.meaning) return dataOf(mine.part.value)
    this.#replace(mine, merged)
    return merged
  }

  #freeText(path: RulePath, b: Written | undefined, mine: Held, t: Written): string | undefined {
    if (!FREE_TEXTS.has(path.at(-1))) return undefined
    const texts = [b === undefined ? '' : dataOf(b), dataIn(mine), dataOf(t)]
    if (!texts.every((text) => typeof text === 'string')) return undefined
    const merged = mergeLines(...(texts as [string, string, string]))
    if (merged !== undefined) this.#replace(mine, merged)
    return merged
  }

  /** Theirs' value, as they wrote it where the layout allows. */
  #take(base: Held | undefined, mine: Held, theirs: Held): void {
    const isBlock = !mine.holder.isFlow && !theirs.holder.isFlow
    if (!isBlock) this.#replace(mine, dataIn(theirs))
    else if (isInline(this.#mine, mine) && isInline(this.#theirs, theirs)) {
      const { start, end } = mine.part.value
      this.splices.push({ start, end, text: valueText(this.#theirs, theirs) })
    } else {
      const was = base && !base.holder.isFlow ? base : undefined
      this.splices.push(
        replaceBody(this.#mine, mine, bodyOf(this.#theirs, theirs), [this.#base, was]),
      )
    }
  }

  #replace(mine: Held, value: unknown): void {
    const { holder, part } = mine
    this.splices.push(...replaceValue(this.#mine.text, holder, part, value, this.#style))
  }

  /** A part of theirs as a part of `into`. */
  #carry(into: WrittenParts, { holder, part }: Held): string {
    if (!into.isFlow && !holder.isFlow) {
      const whole = wholeOf(this.#theirs, { holder, part })
      return shiftLines(whole, into.indent)
    }
    const name = 'name' in part ? (part as WrittenEntry).name : undefined
    return writePart(into, name, dataOf(part.value), this.#style)
  }

  #change(
    node: WrittenParts,
    removed: ReadonlySet<number>,
    inserted: ReadonlyMap<number, readonly string[]>,
  ): void {
    if (removed.size === 0 && inserted.size === 0) return
    // What was changed inside a part that goes away is gone with it.
    this.splices.push(...changeParts(this.#mine.text, node, { removed, inserted }, this.#style))
  }

  #conflict(path: RulePath, base: unknown, mine: unknown, theirs: unknown): unknown {
    this.conflicts.push({ path, base, mine, theirs })
    return mine === undefined ? ABSENT : mine
  }
}

type MapNode = Extract<Written, { kind: 'map' }>
type ListNode = Extract<Written, { kind: 'list' }>

function byName(node: MapNode | undefined): ReadonlyMap<string, WrittenEntry> {
  return new Map(node?.parts.map((part) => [part.name, part]))
}

function heldAt(holder: WrittenParts | undefined, at: number): Held | undefined {
  return holder === undefined || at < 0 ? undefined : { holder, part: holder.parts[at]! }
}

function meaningIn(held: Held | undefined): string | undefined {
  return held?.part.value.meaning
}

function dataIn(held: Held | undefined): unknown {
  return held && dataOf(held.part.value)
}

function dataOf(node: Written): unknown {
  return JSON.parse(node.meaning)
}

/** A list, or a value as the only item of one. */
function asList(node: Written): ListNode | undefined {
  if (node.kind === 'list') return node
  if (node.kind === 'map') return undefined
  const { start, end, meaning } = node
  const parts = meaning === 'null' ? [] : [{ start, end, value: node }]
  return { kind: 'list', isFlow: true, indent: 0, parts, start, end, meaning: `[${meaning}]` }
}

function isListLike(nodes: readonly (Written | undefined)[]): boolean {
  return (
    nodes.some((node) => node?.kind === 'list') &&
    nodes.every(
      (node) => node !== undefined && asList(node) !== undefined && node.meaning !== 'null',
    )
  )
}

/** Whether only the order of a list changed on a side, where order may mean something. */
function isReordered(...lists: readonly (Written | undefined)[]): boolean {
  const sorted = lists.map((list) => {
    return list?.kind === 'list'
      ? list.parts
          .map(({ value }) => value.meaning)
          .toSorted()
          .join()
      : undefined
  })
  return sorted[0] !== undefined && sorted.every((items) => items === sorted[0])
}

interface Identity {
  readonly isKeyed: boolean
  readonly nameOf: (part: WrittenPart) => string
  /** How a path names the item. */
  readonly stepOf: (part: WrittenPart, at: number) => string | number
}

/** By a name that every item has and none shares, or by all that it says. */
function identityOf(lists: readonly (readonly WrittenPart[])[]): Identity {
  const nameOf = (key: string) => (part: WrittenPart) => {
    const { value } = part
    return (value.kind === 'map' ? byName(value).get(key)?.value.meaning : undefined) ?? ''
  }
  const key = NAMES_OF_ITEMS.find((candidate) =>
    lists.every((parts) => {
      const names = parts.map(nameOf(candidate))
      return names.every((name) => name.startsWith('"')) && new Set(names).size === names.length
    }),
  )
  const hasItems = lists.some((parts) => parts.length > 0)
  if (key === undefined || !hasItems) {
    return { isKeyed: false, nameOf: ({ value }) => value.meaning, stepOf: (_, at) => at }
  }
  const stepOf = (part: WrittenPart) => JSON.parse(nameOf(key)(part)) as string
  return { isKeyed: true, nameOf: nameOf(key), stepOf }
}
