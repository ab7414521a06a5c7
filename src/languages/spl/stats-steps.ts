// `stats`, `eventstats`, `streamstats`, `timechart`, `top` and `rare` over rows. A row without one of
// the BY fields is in no group; one with several values is in the group of each.
// Source: Splunk Search Reference, the commands of those names, read 2026-11.

import {
  compareText,
  Refusal,
  unsupported,
  valuesOf,
  type Fields,
  type Value,
} from '#languages/evaluation.ts'
import { compileAggregate, type Accumulator, type Aggregate } from './aggregates.ts'
import {
  cut,
  countIn,
  isOn,
  knowOptions,
  namesOf,
  option,
  type Step,
  type StepScope,
} from './step.ts'
import { addTo, floorTo, readSpan } from './time.ts'
import type { SplPlain, SplStats } from './tree.ts'
import { compareValues, numberIn, textIn } from './values.ts'

interface Group {
  readonly keys: readonly Value[]
  readonly accumulators: readonly Accumulator[]
}

/** Throws `Refusal`. */
export function compileStats(command: SplStats, scope: StepScope): Step {
  switch (command.name) {
    case 'stats':
      return stats(command, scope)
    case 'eventstats':
      return eventstats(command, scope)
    case 'streamstats':
      return streamstats(command, scope)
    case 'timechart':
      return timechart(command, scope)
    default:
      throw unsupported(`The command ${command.name}`, command.nameRange)
  }
}

function aggregatesOf(command: SplStats, scope: StepScope): readonly Aggregate[] {
  const { aggregates } = command
  if (aggregates.length === 0)
    throw new Refusal('wrong-arguments', 'An aggregate is missing.', command)
  return aggregates.map((node) => compileAggregate(node, scope, scope.budget))
}

function stats(command: SplStats, scope: StepScope): Step {
  knowOptions(command)
  return compileGroups(command, scope)
}

/** A row for each group of the BY fields; one row for all when there are none. */
export function compileGroups(command: SplStats, scope: StepScope): Step {
  const aggregates = aggregatesOf(command, scope)
  const by = command.by.map(({ name }) => name)
  return function* (rows) {
    const groups = new Groups(aggregates, scope)
    if (by.length === 0) groups.of([])
    for (const row of rows) {
      scope.budget.step()
      for (const keys of keysOf(row, by)) groups.add(keys, row)
    }
    // Splunk gives the groups in the order of their keys.
    for (const { keys, accumulators } of groups.all().toSorted(byKeys)) {
      const out: Fields = new Map(by.map((name, at) => [name, keys[at]!]))
      yield withResults(out, aggregates, accumulators)
    }
  }
}

class Groups {
  readonly #aggregates: readonly Aggregate[]
  readonly #scope: StepScope
  readonly #groups = new Map<string, Group>()

  constructor(aggregates: readonly Aggregate[], scope: StepScope) {
    this.#aggregates = aggregates
    this.#scope = scope
  }

  of(keys: readonly Value[]): Group {
    const text = keyText(keys)
    let group = this.#groups.get(text)
    if (group === undefined) {
      group = { keys, accumulators: this.#aggregates.map((one) => one.start()) }
      this.#groups.set(text, group)
      this.#scope.budget.holdGroups(this.#groups.size)
    }
    return group
  }

  add(keys: readonly Value[], row: Fields): Group {
    const group = this.of(keys)
    for (const accumulator of group.accumulators) accumulator.add(row)
    return group
  }

  all(): readonly Group[] {
    return [...this.#groups.values()]
  }
}

/** The same text is the same value, whether it came as a number or not. */
function keyText(keys: readonly Value[]): string {
  return JSON.stringify(keys.map(textIn))
}

function keysOf(row: Fields, by: readonly string[]): readonly (readonly Value[])[] {
  let all: readonly (readonly Value[])[] = [[]]
  for (const name of by) {
    const values = [...new Set(valuesOf(row.get(name)))]
    all = all.flatMap((keys) => values.map((value) => [...keys, value]))
  }
  return all
}

function byKeys(a: Group, b: Group): number {
  for (const [at, key] of a.keys.entries()) {
    const order = compareValues(key, b.keys[at]!)
    if (order !== 0) return order
  }
  return 0
}

function withResults(
  row: Fields,
  aggregates: readonly Aggregate[],
  accumulators: readonly Accumulator[],
): Fields {
  for (const [at, { name }] of aggregates.entries()) {
    const value = accumulators[at]!.result()
    if (value === null) row.delete(name)
    else row.set(name, value)
  }
  return row
}

function eventstats(command: SplStats, scope: StepScope): Step {
  knowOptions(command, 'allnum')
  if (isOn(command, 'allnum', false)) throw unsupported('“allnum” of eventstats', command)
  const aggregates = aggregatesOf(command, scope)
  const by = command.by.map(({ name }) => name)
  return (rows) => {
    const groups = new Groups(aggregates, scope)
    const seen = scope.budget.collect(rows).map((row) => {
      const [keys, another] = keysOf(row, by)
      if (another) throw unsupported('eventstats by several values', command)
      return { row, group: keys && groups.add(keys, row) }
    })
    return seen.map(({ row, group }) =>
      group === undefined ? row : withResults(row, aggregates, group.accumulators),
    )
  }
}

interface Held {
  readonly row: Fields
  readonly at: number | undefined
}

/** Over the rows so far of the same group, or the last of them. */
function streamstats(command: SplStats, scope: StepScope): Step {
  knowOptions(command, 'current', 'window', 'time_window', 'global')
  const aggregates = aggregatesOf(command, scope)
  const by = command.by.map(({ name }) => name)
  const isCurrent = isOn(command, 'current', true)
  const window = countIn(option(command, 'window'), 0)
  const span = option(command, 'time_window')
  const seconds = span === undefined ? undefined : readSpan(span)
  if (window > 0 && by.length > 0 && isOn(command, 'global', true)) {
    throw unsupported('streamstats with one window over all groups', command)
  }
  return function* (rows) {
    const groups = new Map<string, Held[]>()
    const running = new Groups(aggregates, scope)
    for (const row of rows) {
      scope.budget.step()
      const [keys, another] = keysOf(row, by)
      if (another) throw unsupported('streamstats by several values', command)
      if (keys === undefined) {
        yield row
        continue
      }
      if (window === 0 && seconds === undefined && isCurrent) {
        const { accumulators } = running.add(keys, row)
        yield withResults(row, aggregates, accumulators)
        continue
      }
      const text = keyText(keys)
      const held = groups.get(text) ?? []
      groups.set(text, held)
      scope.budget.holdGroups(groups.size)
      const own = { row: new Map(row), at: numberIn(row.get('_time')) }
      const near = recent(isCurrent ? [...held, own] : held, own, window, seconds)
      const accumulators = aggregates.map((one) => one.start())
      for (const { row: one } of near) for (const accumulator of accumulators) accumulator.add(one)
      held.length = 0
      held.push(...(isCurrent ? near : recent([...held, ...near, own], own, window, seconds)))
      yield withResults(row, aggregates, accumulators)
    }
  }
}

/** Rows of one window lie less than its span apart. */
function recent(
  held: readonly Held[],
  own: Held,
  window: number,
  span: ReturnType<typeof readSpan> | undefined,
) {
  const last = window > 0 ? held.slice(-window) : held
  if (span === undefined) return last
  if (span.unit !== 's') throw unsupported('A window of months')
  return last.filter(
    ({ at }) => at !== undefined && own.at !== undefined && Math.abs(own.at - at) < span.count,
  )
}

const SERIES_MAX = 10

/** A row for every span from the first event to the last, also for those without events. */
function timechart(command: SplStats, scope: StepScope): Step {
  knowOptions(command, 'span', 'limit', 'useother', 'usenull')
  const aggregates = aggregatesOf(command, scope)
  const written = option(command, 'span')
  if (written === undefined) throw unsupported('timechart without a span', command)
  const span = readSpan(written)
  if (/^\d*w/i.test(written)) throw unsupported('A span of weeks', command)
  const [split] = command.by
  if (split && aggregates.length > 1)
    throw unsupported('timechart of several aggregates by a field', command)
  const limit = countIn(option(command, 'limit'), SERIES_MAX)
  return (rows) => {
    const timed = scope.budget.collect(rows).flatMap((row) => {
      const at = numberIn(row.get('_time'))
      return at === undefined ? [] : [{ row, at: floorTo(at, span) }]
    })
    const groups = new Groups(aggregates, scope)
    const series = new Map<string, number>()
    for (const { row, at } of timed) {
      const names = split ? seriesOf(row, split.name, command) : ['']
      for (const name of names) {
        groups.add([at, name], row)
        series.set(name, (series.get(name) ?? 0) + 1)
      }
    }
    if (series.size > limit && limit > 0)
      throw unsupported(`More than ${limit} series in timechart`, command)
    const times = timed.map(({ at }) => at).toSorted((a, b) => a - b)
    const out: Fields[] = []
    const [first] = times
    for (let at = first; at !== undefined && at <= times.at(-1)!; at = addTo(at, span, 1)) {
      const row: Fields = new Map([['_time', at]])
      for (const name of [...series.keys()].toSorted(compareText)) {
        const results = withResults(new Map(), aggregates, groups.of([at, name]).accumulators)
        for (const [column, value] of results) row.set(split ? name : column, value)
      }
      out.push(row)
      scope.budget.holdRows(out.length)
    }
    return out
  }
}

function seriesOf(row: Fields, name: string, command: SplStats): readonly string[] {
  const values = valuesOf(row.get(name)).map(textIn)
  if (values.length > 0) return values
  return isOn(command, 'usenull', true) ? ['NULL'] : []
}

/** `top` and `rare`: the combinations of values by how often they occur, with their share. */
export function common(command: SplPlain, scope: StepScope): Step {
  knowOptions(command, 'limit', 'showperc', 'showcount', 'countfield', 'percentfield')
  const { before, after } = cut(command.words, 'by')
  const [first, ...rest] = before
  const hasCount = first !== undefined && /^\d+$/.test(first.name)
  const names = namesOf(hasCount ? rest : before)
  const limit = countIn(option(command, 'limit') ?? (hasCount ? first.name : undefined), 10)
  const by = namesOf(after)
  const sign = command.name === 'top' ? -1 : 1
  return function* (rows) {
    const counts = new Map<
      string,
      { readonly own: readonly Value[]; readonly of: readonly Value[]; count: number }
    >()
    const totals = new Map<string, number>()
    for (const row of rows) {
      scope.budget.step()
      for (const keys of keysOf(row, [...by, ...names])) {
        const [of, text] = [keys.slice(0, by.length), keyText(keys)]
        const known = counts.get(text) ?? { own: keys.slice(by.length), of, count: 0 }
        known.count++
        counts.set(text, known)
        totals.set(keyText(of), (totals.get(keyText(of)) ?? 0) + 1)
        scope.budget.holdGroups(counts.size)
      }
    }
    const taken = new Map<string, number>()
    const ranked = [...counts.values()].toSorted((a, b) => (a.count - b.count) * sign)
    for (const { own, of, count } of ranked.toSorted((a, b) => byKeyLists(a.of, b.of))) {
      const group = keyText(of)
      const rank = taken.get(group) ?? 0
      if (limit > 0 && rank >= limit) continue
      taken.set(group, rank + 1)
      const row: Fields = new Map(by.map((name, at) => [name, of[at]!]))
      for (const [at, name] of names.entries()) row.set(name, own[at]!)
      if (isOn(command, 'showcount', true)) row.set(option(command, 'countfield') ?? 'count', count)
      if (isOn(command, 'showperc', true)) {
        const share = Number(((100 * count) / totals.get(group)!).toFixed(6))
        row.set(option(command, 'percentfield') ?? 'percent', share)
      }
      yield row
    }
  }
}

function byKeyLists(a: readonly Value[], b: readonly Value[]): number {
  for (const [at, key] of a.entries()) {
    const order = compareValues(key, b[at]!)
    if (order !== 0) return order
  }
  return 0
}
