// The fields that rows may have at one place of a pipeline, and the check that goes with it: a name
// that nothing before can have given is a warning. Where more may be there than is listed, nothing is.

import { nearest, type LineMap, type Problem } from '#kernel/problem.ts'
import type { Mention, QuerySchema, Range } from './query.ts'
import { compileWildcards } from './wildcard.ts'

/** A pipeline that changes more names than this is not followed: nobody writes one, but a text may be. */
const CHANGES_MAX = 300
const NONE: ReadonlySet<string> = new Set()

export class Columns {
  /** A name that is not there may be there all the same. */
  readonly isOpen: boolean
  // Thousands of fields may stand at the beginning: each step keeps only how it differs from there.
  #base: ReadonlySet<string>
  #made: ReadonlySet<string> = NONE
  #gone: ReadonlySet<string> = NONE

  constructor(names: Iterable<string>, isOpen = false) {
    this.#base = new Set(names)
    this.isOpen = isOpen
  }

  has(name: string): boolean {
    return this.#made.has(name) || (this.#base.has(name) && !this.#gone.has(name))
  }

  *names(): Generator<string> {
    for (const name of this.#base) if (!this.#gone.has(name)) yield name
    yield* this.#made
  }

  with(names: Iterable<string>): Columns {
    return this.#changed(this.#made.union(new Set(names)), this.#gone, this.isOpen)
  }

  without(names: Iterable<string>): Columns {
    const gone = new Set(names)
    return this.#changed(this.#made.difference(gone), this.#gone.union(gone), this.isOpen)
  }

  /** Those of both. */
  union(other: Columns): Columns {
    const isOpen = this.isOpen || other.isOpen
    if (other.#base === this.#base) {
      const gone = this.#gone.intersection(other.#gone)
      return this.#changed(this.#made.union(other.#made), gone, isOpen)
    }
    const [large, small] = this.#base.size < other.#base.size ? [other, this] : [this, other]
    return large.#changed(large.#made.union(new Set(small.names())), large.#gone, isOpen)
  }

  opened(): Columns {
    return this.isOpen ? this : this.#changed(this.#made, this.#gone, true)
  }

  /** Only what these names and patterns (`user.*`) keep. */
  only(patterns: readonly string[]): Columns {
    const plain = patterns.filter((name) => !name.includes('*'))
    const isOpen = this.isOpen && plain.length < patterns.length
    return new Columns([...plain, ...patterns.flatMap((one) => this.matching(one))], isOpen)
  }

  matching(pattern: string): readonly string[] {
    if (!pattern.includes('*')) return this.has(pattern) ? [pattern] : []
    const start = pattern.slice(0, -1)
    const isStart = pattern.endsWith('*') && !start.includes('*')
    const fits = isStart
      ? (name: string) => name.startsWith(start)
      : compileWildcards(pattern, { any: '*', isCaseless: false })
    const found: string[] = []
    for (const name of this.names()) if (fits(name)) found.push(name)
    return found
  }

  #changed(made: ReadonlySet<string>, gone: ReadonlySet<string>, isOpen: boolean): Columns {
    if (made.size + gone.size > CHANGES_MAX) return new Columns([], true)
    const next = new Columns([], isOpen)
    next.#base = this.#base
    next.#made = made
    next.#gone = gone
    return next
  }
}

/** The columns of the tables that the names or patterns name; of all tables when they name none. */
export function columnsOfTables(
  tables: NonNullable<QuerySchema['tables']>,
  patterns: readonly string[],
): readonly string[] {
  const fits = patterns.map((text) => compileWildcards(text, { any: '*', isCaseless: false }))
  const named = Object.keys(tables).filter((name) => fits.some((test) => test(name)))
  const read = named.length > 0 ? named.map((name) => tables[name]!) : Object.values(tables)
  return read.flatMap((columns) => Object.keys(columns))
}

/** Looking for what was meant goes through all names. */
export const HINTS_MAX = 20

type Place = <T extends Range>(found: T) => T

/** Collects what is said about unknown names, each once. */
export class NameCheck {
  readonly problems: Problem[] = []
  readonly #area: string
  readonly #map: LineMap
  readonly #place: Place
  readonly #said = new Set<string>()

  /** `place` says where a name stands for whoever reads it, when the text was rewritten. */
  constructor(area: string, map: LineMap, place: Place = (found) => found) {
    this.#area = area
    this.#map = map
    this.#place = place
  }

  expect(columns: Columns, mentions: readonly Mention[]): void {
    if (columns.isOpen) return
    for (const mention of mentions) {
      const { name, start, end } = this.#place(mention)
      if (columns.has(name) || this.#said.has(name)) continue
      this.#said.add(name)
      const meant = this.#said.size > HINTS_MAX ? undefined : nearest(name, columns.names())
      this.problems.push({
        code: `${this.#area}/unknown-field`,
        severity: 'warning',
        message: `Nothing before this gives a field “${name}”.`,
        ...(meant !== undefined && { hint: `Did you mean ${meant}?` }),
        ...this.#map.span(start, end),
      })
    }
  }
}
