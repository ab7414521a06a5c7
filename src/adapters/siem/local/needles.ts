// What the events of a rule must hold: clauses of texts, of each of which one must stand somewhere in
// the event. They rule out whole blocks by their index, and lines of the blocks that are left, so that
// only few events are parsed and matched. Whoever passes need not match; whoever matches passes.

import { lower } from '#languages/sigma/lower.ts'
import { necessaryFor } from '#languages/sigma/prefilter.ts'
import type { SigmaRule } from '#languages/sigma/rule.ts'
import type { Predicate } from '#languages/predicate.ts'
import { hasPlaces, placesOf } from './grams.ts'

interface Needle {
  /** As it stands in a plain line: folded and escaped. */
  readonly written: string
  readonly places: readonly number[]
}

/** One of them is needed. */
type Clause = readonly Needle[]

const CLAUSES_MAX = 8
const NEEDLES_MAX = 500

export class Needles {
  readonly #clauses: readonly Clause[]

  private constructor(clauses: readonly Clause[]) {
    this.#clauses = clauses
  }

  /** For events that one of these rules may match. */
  static ofRules(rules: readonly SigmaRule[]): Needles {
    const [only] = rules
    return new Needles(rules.length === 1 && only ? clausesOf(only) : jointClause(rules))
  }

  /** For events that hold a text in one value. `text` is folded. */
  static ofText(text: string): Needles {
    const needle = needleOf(text)
    return new Needles(needle.places.length === 0 ? [] : [[needle]])
  }

  /** Nothing to go by: every event has to be looked at. */
  get isEmpty(): boolean {
    return this.#clauses.length === 0
  }

  /** False: no event of the block can match. */
  mayHold(bits: Uint8Array): boolean {
    return this.#clauses.every((clause) => clause.some(({ places }) => hasPlaces(bits, places)))
  }

  /**
   * Which lines to look at: one byte each, 1 for yes. `starts` are the offsets of the lines of `text`,
   * which is a plain block in lower case.
   */
  linesOf(text: string, starts: readonly number[]): Uint8Array {
    let wanted = new Uint8Array(starts.length).fill(1)
    for (const clause of this.#clauses) {
      const found = new Uint8Array(starts.length)
      for (const { written } of clause) mark(text, starts, written, found)
      wanted = wanted.map((one, line) => one & found[line]!)
    }
    return wanted
  }
}

function mark(text: string, starts: readonly number[], needle: string, found: Uint8Array): void {
  let line = 0
  for (let at = text.indexOf(needle); at >= 0;) {
    while (line + 1 < starts.length && starts[line + 1]! <= at) line++
    found[line] = 1
    const next = starts[line + 1]
    if (next === undefined) break
    at = text.indexOf(needle, next)
  }
}

function clausesOf(rule: SigmaRule): readonly Clause[] {
  const { predicates, problems } = lower(rule.detections)
  if (problems.length > 0) return []
  const [only] = predicates
  const parts =
    predicates.length === 1 ? conjuncts(only!) : [{ kind: 'or', of: predicates } as const]
  const clauses = parts.map(clauseOf).filter((clause) => clause !== undefined)
  // The rarest first: a clause of few long texts.
  return clauses.toSorted((a, b) => weightOf(a) - weightOf(b)).slice(0, CLAUSES_MAX)
}

function jointClause(rules: readonly SigmaRule[]): readonly Clause[] {
  const each = rules.map((rule) => clausesOf(rule)[0])
  if (each.some((clause) => clause === undefined)) return []
  const joint = each.flatMap((clause) => clause!)
  return joint.length === 0 || joint.length > NEEDLES_MAX ? [] : [joint]
}

function conjuncts(predicate: Predicate): readonly Predicate[] {
  return predicate.kind === 'and' ? predicate.of.flatMap(conjuncts) : [predicate]
}

function clauseOf(predicate: Predicate): Clause | undefined {
  const needs = necessaryFor(predicate)
  if (needs === undefined || needs.length > NEEDLES_MAX) return undefined
  const clause = needs.map(({ text }) => needleOf(text))
  return clause.every(({ places }) => places.length > 0) ? clause : undefined
}

function needleOf(text: string): Needle {
  return { written: JSON.stringify(text).slice(1, -1), places: placesOf(text) }
}

function weightOf(clause: Clause): number {
  return clause.reduce((sum, { places }) => sum + 0.7 ** places.length, 0)
}
