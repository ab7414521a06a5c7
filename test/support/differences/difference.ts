// A difference between our queries and those of the community's converter: what it is, how to undo it,
// and an event that proves it. Undoing it is what makes an explanation exact: the texts must be the
// same, letter by letter, once it is undone.

import type { Leaf, Predicate } from '#languages/predicate.ts'
import { printPredicate } from '#languages/sigma/convert.ts'
import type { Backend } from '#languages/sigma/names.ts'
import type { DetectionGroup, DetectionItem, SigmaRule } from '#languages/sigma/rule.ts'
import { readText, type TextPart, type Value } from '#languages/sigma/value.ts'

export interface Difference {
  readonly says: string
  /** The rule as the other converter reads it. */
  readonly rule?: (rule: SigmaRule) => SigmaRule
  /** What is asked, as the other converter understands it; behind the pipelines. */
  readonly meaning?: (predicate: Predicate) => Predicate
  /** The writing of both, white space folded. */
  readonly writing?: (texts: Texts, subject: Subject) => Texts
  readonly proof: Proof
}

export interface Texts {
  readonly ours: string
  readonly theirs: string
}

export interface Subject {
  /** Behind the pipelines. */
  readonly predicates: readonly Predicate[]
  readonly leaves: readonly Leaf[]
}

/** `theirs` is what the other converter prints for a rule of this detection; empty: it refuses. */
export interface Proof {
  readonly detection: string
  readonly event: Readonly<Record<string, unknown>>
  readonly isMatch: boolean
  readonly theirs: string
  /** Only the writing differs: the other text gives the same answer. */
  readonly isSame?: true
}

export function fold(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim()
}

export function both(change: (text: string) => string): (texts: Texts) => Texts {
  return ({ ours, theirs }) => ({ ours: change(ours), theirs: change(theirs) })
}

export function inOurs(change: (text: string) => string): (texts: Texts) => Texts {
  return ({ ours, theirs }) => ({ ours: change(ours), theirs })
}

export function inTheirs(change: (text: string) => string): (texts: Texts) => Texts {
  return ({ ours, theirs }) => ({ ours, theirs: change(theirs) })
}

/** Every test of ours that `change` knows another text for, in that text. */
export function eachLeaf(
  backend: Backend,
  change: (leaf: Leaf, printed: string) => string | undefined,
): NonNullable<Difference['writing']> {
  return ({ ours, theirs }, { leaves }) => {
    let text = ours
    for (const leaf of leaves) {
      const printed = conditionOf(leaf, backend)
      const other = printed === undefined ? undefined : change(leaf, printed)
      if (other !== undefined) text = text.replaceAll(printed!, () => fold(other))
    }
    return { ours: text, theirs }
  }
}

/** A part of a rule as our backend writes it, without what stands before every condition. */
export function conditionOf(part: Predicate, backend: Backend): string | undefined {
  const { query } = printPredicate(part, backend)
  return query === undefined ? undefined : fold(query).replace(/^(?:any|from .*? \|) where /, '')
}

export function mapLeaves(change: (leaf: Leaf) => Predicate): (predicate: Predicate) => Predicate {
  const walk = (node: Predicate): Predicate => {
    switch (node.kind) {
      case 'and':
      case 'or':
        return { ...node, of: node.of.map(walk) }
      case 'not':
        return { kind: 'not', of: walk(node.of) }
      case 'constant':
        return node
      default:
        return change(node)
    }
  }
  return walk
}

/** `windash` as the other converter expands it: only a dash or a slash that begins an option. */
export function withOptionDashes(rule: SigmaRule): SigmaRule {
  const { searches } = rule.detections
  if (!JSON.stringify(rule.root).includes('|windash')) return rule
  const changed = new Map([...searches].map(([name, group]) => [name, ofGroup(group)]))
  return { ...rule, detections: { ...rule.detections, searches: changed } }
}

function ofGroup(group: DetectionGroup): DetectionGroup {
  const items = group.items.map((one) => (one.kind === 'group' ? ofGroup(one) : ofItem(one)))
  return { ...group, items }
}

function ofItem(item: DetectionItem): DetectionItem {
  if (!item.modifiers.includes('windash')) return item
  const values = item.values.map((value, at) => fewer(value, String(item.written[at]?.value)))
  return { ...item, values }
}

function fewer(value: Value, written: string): Value {
  if (value.kind !== 'expansion') return value
  const plain = (parts: readonly TextPart[]) =>
    parts.map((part) => (typeof part === 'string' ? part : '\0')).join('')
  const bare = (parts: readonly TextPart[]) => plain(parts).replaceAll('\0', '')
  const textOf = (one: Value) => (one.kind === 'text' ? plain(one.parts) : '')
  const wanted = bare(readText(written).parts)
  const original = value.values.find((one) => one.kind === 'text' && bare(one.parts) === wanted)
  if (original === undefined) return value
  const from = textOf(original)
  const options = new Set([...from.matchAll(/\B[-/]\b/g)].map(({ index }) => index))
  const values = value.values.filter((one) =>
    textOf(one)
      .split('')
      .every((character, at) => options.has(at) || character === from[at]),
  )
  // A variant alone stays a list of its own, which a marked double keeps apart until it is printed.
  const [only, ...more] = values
  return { kind: 'expansion', values: more.length === 0 ? [only!, doubleOf(only!)] : values }
}

function doubleOf(value: Value): Value {
  if (value.kind !== 'text') return value
  const last = value.parts.findLastIndex((part) => typeof part === 'string')
  const parts = value.parts.map((part, at) => (at === last ? `${String(part)}${DOUBLE}` : part))
  return { ...value, parts }
}

const DOUBLE = '\uE002'

/** Takes out the doubles of `withOptionDashes`: a text in quotes, or bare, and what leads to it. */
export function withoutDoubles(
  before: string,
  text: 'quoted' | 'bare' = 'quoted',
  after = '',
): NonNullable<Difference['writing']> {
  const inner = text === 'quoted' ? String.raw`(?:[^"\\]|\\.)*` : String.raw`(?:[^()\s\\]|\\.)*?`
  const mark = text === 'quoted' ? '"' : ''
  const double = new RegExp(`${before}${mark}${inner}${DOUBLE}${inner}${mark}${after}`, 'g')
  return inOurs((whole) => whole.replaceAll(double, ''))
}

const STAR = '\uE000'
const QUESTION = '\uE001'

/** Literal characters that are wildcards elsewhere, as the other converter writes them: escaped. */
export function escaped(wildcards: '*' | '*?'): Pick<Difference, 'meaning' | 'writing'> {
  const marks = wildcards === '*' ? { '*': STAR } : { '*': STAR, '?': QUESTION }
  const marked = (text: string) =>
    Object.entries(marks).reduce((one, [from, to]) => one.replaceAll(from, to), text)
  return {
    meaning: mapLeaves((leaf) => {
      if (leaf.test.kind !== 'text') return leaf
      const pattern = leaf.test.pattern.map((one) => (typeof one === 'string' ? marked(one) : one))
      return { ...leaf, test: { ...leaf.test, pattern } }
    }),
    writing: inOurs((text) => text.replaceAll(STAR, '\\*').replaceAll(QUESTION, '\\?')),
  }
}

/** The expression of a leaf as it is in the rule, its flags in front. */
export function expressionOf({ test }: Leaf): string | undefined {
  if (test.kind !== 'regex') return undefined
  return test.flags.length > 0 ? `(?${test.flags.join('')})${test.pattern}` : test.pattern
}

/** Calls of one function replaced by their first argument; `rest` is what follows it. */
export function without(text: string, name: string, rest: string): string {
  const start = text.indexOf(`${name}(`)
  if (start < 0) return text
  const from = start + name.length + 1
  let depth = 1
  let at = from
  for (let isQuoted = false; at < text.length; at++) {
    const character = text[at]
    if (character === '\\') at++
    else if (character === '"') isQuoted = !isQuoted
    else if (!isQuoted && character === '(') depth++
    else if (!isQuoted && character === ')' && --depth === 0) break
  }
  const inside = text.slice(from, at)
  const first = rest !== '' && inside.endsWith(rest) ? inside.slice(0, -rest.length) : inside
  return text.slice(0, start) + without(first + text.slice(at + 1), name, rest)
}
