// Which rules can match at all: of every rule one clause is known, a set of texts of which at least
// one must stand in a certain field. The texts of all rules are searched together, once per field, so
// the cost of an event does not grow with the rules that cannot match it.

import { ANY, type Predicate, type Test } from '#languages/predicate.ts'
import { requiredText } from '#languages/regex.ts'
import { foldPattern } from './test.ts'
import { BREAK, type EventView, type FieldTable } from './event.ts'

export interface Need {
  /** Undefined for a keyword, which may stand in any. */
  readonly field: string | undefined
  /** Lower case. */
  readonly text: string
  readonly how: 'equals' | 'contains'
}

interface Clause {
  readonly needs: readonly Need[]
  /** A guess at the share of events that pass, in no unit: smaller is better. */
  readonly weight: number
}

/** Any of these is necessary for the predicate; undefined when nothing is. */
export function necessaryFor(predicate: Predicate): readonly Need[] | undefined {
  return clauseOf(predicate)?.needs
}

/** As many as two of the longest lists: more would fill the table they are found by. */
const CLAUSE_NEEDS_MAX = 20_000

function clauseOf(predicate: Predicate): Clause | undefined {
  switch (predicate.kind) {
    case 'and': {
      const clauses = predicate.of.map(clauseOf).filter((clause) => clause !== undefined)
      return clauses.reduce<Clause | undefined>(
        (best, clause) => (best && best.weight <= clause.weight ? best : clause),
        undefined,
      )
    }
    case 'or': {
      const needs: Need[] = []
      let weight = 0
      for (const operand of predicate.of) {
        const clause = clauseOf(operand)
        if (clause === undefined) return undefined
        needs.push(...clause.needs)
        weight += clause.weight
      }
      return needs.length > CLAUSE_NEEDS_MAX ? undefined : { needs, weight }
    }
    case 'test':
      return clauseOfTest(predicate.field, predicate.test)
    case 'keyword':
      return clauseOfKeyword(predicate.test)
    default:
      return undefined
  }
}

function clauseOfTest(field: string, test: Test): Clause | undefined {
  if (test.kind === 'number' || test.kind === 'boolean') {
    return { needs: [{ field, text: String(test.value), how: 'equals' }], weight: 0.05 }
  }
  if (test.kind === 'regex') {
    const text = requiredText(test.pattern)
    return text === undefined ? undefined : containing(field, text)
  }
  if (test.kind !== 'text') return undefined
  const pattern = foldPattern(test.pattern)
  const [only] = pattern
  if (pattern.length === 1 && typeof only === 'string') {
    const weight = Math.max(0.6 ** only.length, 0.002)
    return { needs: [{ field, text: only, how: 'equals' }], weight }
  }
  const texts = pattern.filter((part) => typeof part === 'string')
  const longest = texts.reduce((best, text) => (text.length > best.length ? text : best), '')
  const isAnything = longest === '' && pattern.includes(ANY)
  return isAnything || longest === '' ? undefined : containing(field, longest)
}

/** Keywords stand inside values, whatever their wildcards. */
function clauseOfKeyword(test: Test): Clause | undefined {
  if (test.kind === 'number' || test.kind === 'boolean') {
    return containing(undefined, String(test.value))
  }
  if (test.kind !== 'text' && test.kind !== 'regex') return undefined
  const parts = test.kind === 'text' ? foldPattern(test.pattern) : [requiredText(test.pattern)]
  const texts = parts.filter((part) => typeof part === 'string')
  const longest = texts.reduce((best, text) => (text.length > best.length ? text : best), '')
  return longest === '' || longest.includes(BREAK) ? undefined : containing(undefined, longest)
}

function containing(field: string | undefined, text: string): Clause {
  const weight = Math.max(0.75 ** text.length, 0.001)
  return { needs: [{ field, text, how: 'contains' }], weight }
}

/** Collects the rules whose clause holds; a rule may be told more than once. */
export class Prefilter {
  readonly #equal = new Map<number, Map<string, number[]>>()
  readonly #contained = new Map<number, TextSearch>()
  readonly #anywhere = new TextSearch()
  readonly #table: FieldTable

  constructor(table: FieldTable) {
    this.#table = table
  }

  add(rule: number, needs: readonly Need[]): void {
    for (const { field, text, how } of needs) {
      if (field === undefined) {
        this.#anywhere.add(text, rule)
        continue
      }
      const slot = this.#table.slotOf(field)
      if (how === 'contains') {
        const search = this.#contained.get(slot) ?? new TextSearch()
        this.#contained.set(slot, search)
        search.add(text, rule)
        continue
      }
      const texts = this.#equal.get(slot) ?? new Map<string, number[]>()
      this.#equal.set(slot, texts)
      const rules = texts.get(text)
      if (rules === undefined) texts.set(text, [rule])
      else if (rules.at(-1) !== rule) rules.push(rule)
    }
  }

  seal(): void {
    for (const search of this.#contained.values()) search.seal()
    this.#anywhere.seal()
  }

  /** `isWhole`: also look for keywords, which costs a walk over all of the event. */
  candidates(event: EventView, isWhole: boolean, found: (rule: number) => void): void {
    if (isWhole) this.#anywhere.find(event.whole, found)
    for (const slot of event.used) {
      const equal = this.#equal.get(slot)
      const contained = this.#contained.get(slot)
      if (equal === undefined && contained === undefined) continue
      for (const text of event.foldedAt(slot)) {
        for (const rule of equal?.get(text) ?? NONE) found(rule)
        contained?.find(text, found)
      }
    }
  }
}

const NONE: readonly number[] = []

const TABLE_BITS = 14
const TABLE_MASK = (1 << TABLE_BITS) - 1
const GRAM = 3

interface SearchedText {
  readonly text: string
  readonly rules: readonly number[]
  /** Where in the text its rarest three characters stand. */
  anchor: number
}

/**
 * Finds which of many texts stand in a longer one. Each text hangs in a table under three of its
 * characters, those that are rarest among all texts; walking the longer text visits one table cell a
 * character, and few cells hold anything.
 */
class TextSearch {
  readonly #texts = new Map<string, number[]>()
  readonly #cells: (SearchedText[] | undefined)[] = Array.from({ length: TABLE_MASK + 1 })
  #short: readonly SearchedText[] = []

  add(text: string, rule: number): void {
    const rules = this.#texts.get(text)
    if (rules === undefined) this.#texts.set(text, [rule])
    else if (rules.at(-1) !== rule) rules.push(rule)
  }

  seal(): void {
    const texts = [...this.#texts].map(([text, rules]) => ({ text, rules, anchor: 0 }))
    this.#short = texts.filter(({ text }) => text.length < GRAM)
    const long = texts.filter(({ text }) => text.length >= GRAM)
    const uses = new Int32Array(TABLE_MASK + 1)
    for (const { text } of long) for (const cell of cellsOf(text)) uses[cell]!++
    for (const entry of long) {
      const cells = cellsOf(entry.text)
      entry.anchor = cells.reduce(
        (best, cell, at) => (uses[cell]! < uses[cells[best]!]! ? at : best),
        0,
      )
      const cell = cells[entry.anchor]!
      const held = this.#cells[cell]
      if (held === undefined) this.#cells[cell] = [entry]
      else held.push(entry)
    }
  }

  find(text: string, found: (rule: number) => void): void {
    for (const entry of this.#short) {
      if (text.includes(entry.text)) for (const rule of entry.rules) found(rule)
    }
    if (text.length < GRAM) return
    let window = (text.charCodeAt(0) << 5) ^ text.charCodeAt(1)
    for (let at = 2; at < text.length; at++) {
      window = ((window << 5) ^ text.charCodeAt(at)) & TABLE_MASK
      const held = this.#cells[window]
      if (held === undefined) continue
      for (const entry of held) {
        if (!text.startsWith(entry.text, at - 2 - entry.anchor)) continue
        for (const rule of entry.rules) found(rule)
      }
    }
  }
}

// The window keeps TABLE_BITS bits; a character shifted by more than that is forgotten, so the cell
// of a place depends on the three characters there alone.
function cellsOf(text: string): readonly number[] {
  const cells: number[] = []
  for (let at = 0; at + 2 < text.length; at++) {
    let window = (text.charCodeAt(at) << 5) ^ text.charCodeAt(at + 1)
    window = ((window << 5) ^ text.charCodeAt(at + 2)) & TABLE_MASK
    cells.push(window)
  }
  return cells
}
