// The fields that rows may have at one place of a pipeline, and the check that goes with it: a name
// that nothing before can have given is a warning. Where more may be there than is listed, nothing is.

import { nearest, type LineMap, type Problem } from '#kernel/problem.ts'
import type { Mention, QuerySchema, Range } from './query.ts'
import { compileWildcards } from './wildcard.ts'

export class Columns {
  readonly names: ReadonlySet<string>
  /** A name that is not listed may be there all the same. */
  readonly isOpen: boolean

  constructor(names: Iterable<string>, isOpen = false) {
    this.names = new Set(names)
    this.isOpen = isOpen
  }

  with(names: Iterable<string>): Columns {
    return new Columns([...this.names, ...names], this.isOpen)
  }

  without(names: Iterable<string>): Columns {
    return new Columns(this.names.difference(new Set(names)), this.isOpen)
  }

  /** Those of both. */
  union(other: Columns): Columns {
    return new Columns(this.names.union(other.names), this.isOpen || other.isOpen)
  }

  opened(): Columns {
    return this.isOpen ? this : new Columns(this.names, true)
  }

  /** Only what these names and patterns (`user.*`) keep. */
  only(patterns: readonly string[]): Columns {
    const plain = patterns.filter((name) => !name.includes('*'))
    const isOpen = this.isOpen && plain.length < patterns.length
    return new Columns([...plain, ...patterns.flatMap((one) => this.matching(one))], isOpen)
  }

  matching(pattern: string): readonly string[] {
    if (!pattern.includes('*')) return this.names.has(pattern) ? [pattern] : []
    const fits = compileWildcards(pattern, { any: '*', isCaseless: false })
    return [...this.names].filter(fits)
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
      if (columns.names.has(name) || this.#said.has(name)) continue
      this.#said.add(name)
      const meant = nearest(name, columns.names)
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
