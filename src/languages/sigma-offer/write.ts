// Writes a tree of field tests as the detection of a rule: tests that must hold together stand in one
// search, alternatives of one field in a list, and the condition joins the searches.

import type { Predicate, RegexFlag, Test, TextPattern } from '#languages/predicate.ts'
import { Declined } from './read.ts'

/** Plain data, to be written as YAML. */
export type DetectionData = Readonly<Record<string, unknown>>

export function writeDetection(predicate: Predicate): DetectionData {
  const writer = new Writer()
  const condition = writer.expression(predicate, false)
  return { ...Object.fromEntries(writer.searches), condition }
}

/** `Image|endswith` and its values. */
interface Item {
  readonly key: string
  readonly values: readonly unknown[]
}

class Writer {
  readonly searches = new Map<string, Readonly<Record<string, unknown>>>()

  expression(predicate: Predicate, isInside: boolean): string {
    const item = itemOf(predicate)
    if (item) return this.#search([item])
    switch (predicate.kind) {
      case 'not':
        return `not ${this.expression(predicate.of, true)}`
      case 'and':
        return wrap(this.#conjunction(predicate.of), ' and ', isInside)
      case 'or':
        return wrap(
          predicate.of.map((one) => this.expression(one, true)),
          ' or ',
          isInside,
        )
      default:
        throw new Declined('computes', 'A part of the condition is always or never true.')
    }
  }

  /** Tests side by side are one search, as long as none has the key of another. */
  #conjunction(of: readonly Predicate[]): readonly string[] {
    const parts: string[] = []
    let items: Item[] = []
    const flush = () => {
      if (items.length > 0) parts.push(this.#search(items))
      items = []
    }
    const [tests, others] = [of.filter((one) => itemOf(one)), of.filter((one) => !itemOf(one))]
    for (const test of tests) {
      const item = itemOf(test)!
      if (items.some(({ key }) => key === item.key)) flush()
      items.push(item)
    }
    flush()
    for (const one of others) parts.push(this.expression(one, true))
    return parts
  }

  #search(items: readonly Item[]): string {
    const count = this.searches.size + 1
    const name = count === 1 ? 'selection' : `selection_${count}`
    const search = items.map(({ key, values }) => [key, values.length === 1 ? values[0] : values])
    this.searches.set(name, Object.fromEntries(search) as Record<string, unknown>)
    return name
  }
}

function wrap(parts: readonly string[], joint: string, isInside: boolean): string {
  const text = parts.join(joint)
  return isInside && parts.length > 1 ? `(${text})` : text
}

/** One test, or alternatives of one field that are written alike. */
function itemOf(predicate: Predicate): Item | undefined {
  if (predicate.kind === 'test') return writeTest(predicate.field, predicate.test)
  if (predicate.kind !== 'or') return undefined
  const items = predicate.of.map((one) => (one.kind === 'test' ? itemOf(one) : undefined))
  const [first] = items
  const isAlike = items.every((one) => one?.key === first?.key)
  // Tests for presence take one value.
  if (!first || !isAlike || first.key.endsWith('|exists')) return undefined
  return { key: first.key, values: items.flatMap((one) => one!.values) }
}

function writeTest(field: string, test: Test): Item {
  const item = (modifiers: readonly string[], value: unknown): Item => ({
    key: [field, ...modifiers].join('|'),
    values: [value],
  })
  switch (test.kind) {
    case 'text': {
      const { how, text } = writePattern(test.pattern)
      return item([...(how === undefined ? [] : [how]), ...(test.isCased ? ['cased'] : [])], text)
    }
    case 'number':
    case 'boolean':
      return item([], test.value)
    case 'exists':
      return item(['exists'], true)
    case 'null':
      return item([], null)
    case 'cidr':
      return item(['cidr'], test.network)
    case 'compare':
      return item([test.op], test.value)
    case 'regex':
      return item(['re', ...test.flags.map((flag: RegexFlag) => flag)], test.pattern)
    default:
      throw new Declined('operator', `A test of ${field} has no words in a rule.`)
  }
}

/** A star at an end becomes a modifier, as people write it. */
function writePattern(pattern: TextPattern): {
  readonly how?: 'contains' | 'startswith' | 'endswith'
  readonly text: string
} {
  const [first, middle, last] = pattern
  const isAny = (part: unknown) =>
    typeof part === 'object' && (part as { wildcard: string }).wildcard === '*'
  if (pattern.length === 3 && isAny(first) && typeof middle === 'string' && isAny(last)) {
    return { how: 'contains', text: escape(middle) }
  }
  if (pattern.length === 2 && typeof first === 'string' && isAny(middle)) {
    return { how: 'startswith', text: escape(first) }
  }
  if (pattern.length === 2 && isAny(first) && typeof middle === 'string') {
    return { how: 'endswith', text: escape(middle) }
  }
  const parts = pattern.map((part) =>
    typeof part === 'string' ? escape(part, true) : part.wildcard,
  )
  return { text: parts.join('') }
}

/** A backslash alone before a plain character stays; before a wildcard or another it is doubled. */
function escape(text: string, meetsWildcard = false): string {
  return text.replaceAll(
    /\\+(?=([*?]|$)?)|[*?]/g,
    (found, next: string | undefined, at: number) => {
      if (found === '*' || found === '?') return `\\${found}`
      const isLast = at + found.length === text.length
      const isPlain = found.length === 1 && next === undefined && !(isLast && meetsWildcard)
      return isPlain || (isLast && found.length === 1 && !meetsWildcard) ? found : found.repeat(2)
    },
  )
}
