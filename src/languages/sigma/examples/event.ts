// An event that reaches goals: for each field a value is looked for of which every test about the field
// says what it shall say. Plain values come first, a list of values last; what is found was looked at by
// the matcher's own tests.

import type { Goal } from './goals.ts'
import { missesNear, placeInText, valuesFor, type Value } from './values.ts'
import { EventView, FieldTable } from '#languages/sigma/event.ts'
import { compileTest, type Check } from '#languages/sigma/test.ts'

export type Example = Readonly<Record<string, Value | readonly Value[]>>

/** Where a text goes that a rule looks for in any field. */
const ANY_FIELD = 'message'
const CANDIDATES_MAX = 400

/**
 * Undefined when no candidate reaches them all. `near` is an event that differs: fields whose goals it
 * misses get values near its own.
 */
export function eventFor(goals: readonly Goal[], near: Example = {}): Example | undefined {
  const groups = Map.groupBy(goals, (goal) => fold(goal.field ?? ANY_FIELD))
  const solver = new Solver(near)
  const isLast = (group: readonly Goal[]) => group.some(({ test }) => test.kind === 'fieldref')
  const ordered = [...groups.values()].toSorted((a, b) => Number(isLast(a)) - Number(isLast(b)))
  return ordered.every((group) => solver.place(group)) ? solver.event : undefined
}

function fold(name: string): string {
  return name.toLowerCase().replaceAll(' ', '')
}

class Solver {
  event: Record<string, Value | readonly Value[]> = {}
  readonly #near: Example
  readonly #table = new FieldTable()

  constructor(near: Example) {
    this.#near = near
  }

  /** Goals about one field. */
  place(goals: readonly Goal[]): boolean {
    const field = goals[0]!.field ?? ANY_FIELD
    const checks = goals.map(({ field: own, test }) => compileTest(test, own, this.#table))
    if (!checks.every((check) => typeof check === 'function')) return false
    this.#provideOthers(goals)
    let tried = 0
    for (const candidate of this.#candidates(field, goals)) {
      if (tried++ > CANDIDATES_MAX) return false
      const { [field]: _old, ...rest } = this.event
      const event = candidate === undefined ? rest : { ...rest, [field]: candidate }
      if (!this.#isReached(event, goals, checks)) continue
      this.event = event
      return true
    }
    return false
  }

  #isReached(event: Example, goals: readonly Goal[], checks: readonly Check[]): boolean {
    const view = new EventView(this.#table)
    view.load(event)
    return checks.every((check, at) => check(view) === goals[at]!.isWanted)
  }

  /** A field that is compared with another needs the other to hold something. */
  #provideOthers(goals: readonly Goal[]): void {
    for (const { test } of goals) {
      if (test.kind === 'fieldref') this.event[test.other] ??= this.#near[test.other] ?? 'example'
    }
  }

  *#candidates(
    field: string,
    goals: readonly Goal[],
  ): Generator<Value | readonly Value[] | undefined> {
    const wanted = goals
      .flatMap(({ isWanted, test }) => (isWanted ? [test] : []))
      .toSorted((a, b) => placeInText(a) - placeInText(b))
    const unwanted = goals.filter(({ isWanted }) => !isWanted).map(({ test }) => test)
    const known = this.#near[field]
    if (known !== undefined) {
      yield known
      if (typeof known !== 'object') yield* missesNear(known, unwanted)
    }
    const lists = wanted.map((test) => [...valuesFor(test), ...this.#referred(test)])
    if (wanted.length === 0) yield undefined
    for (const values of lists) yield* values
    yield* joined(lists)
    const listed = lists.flatMap(([first]) => (first === undefined ? [] : [first]))
    if (listed.length > 1) yield listed
    for (const values of lists) {
      for (const value of values) if (value !== undefined) yield* missesNear(value, unwanted)
    }
    for (const test of unwanted) {
      for (const value of valuesFor(test)) if (value !== undefined) yield* missesNear(value, [test])
    }
    yield 'example'
  }

  #referred(test: Goal['test']): readonly Value[] {
    if (test.kind !== 'fieldref') return []
    const other = this.event[test.other]
    const value = typeof other === 'object' ? other[0] : other
    return value === undefined ? [] : [value, `${value} example`, `example ${value}`]
  }
}

/** One text of several: what must stand in front first, what must stand last at the end. */
function* joined(lists: readonly (readonly (Value | undefined)[])[]): Generator<string> {
  const texts = lists.flatMap((values) => values.find((one) => typeof one === 'string') ?? [])
  if (texts.length < 2) return
  const tails = lists.flatMap((values) => values.findLast((one) => typeof one === 'string') ?? [])
  for (const parts of [texts, tails]) {
    yield parts.join(' ')
    yield parts.join('')
    yield parts.toReversed().join(' ')
    yield parts.toReversed().join('')
  }
}
