// Correlations over matched events, by event time. Windows slide: no bucket boundary can hide events
// that belong together. Bounds that only rise (at least so many) are told at the event that completes
// them, and told again only after they have ceased to hold. Bounds that more events can break (fewer
// than, exactly, an average, `a and not b`) are judged when their window, which begins with the
// group's first event, has passed. Late events are sorted in while their window is kept.

import { unreachable } from '#kernel/error.ts'
import { selectNames, type Condition } from './condition.ts'
import type { CountBound, SigmaCorrelation } from './rule.ts'

/** A matched event, or a correlation that fired, as a source of another. */
export interface Occurrence {
  /** The reference under which the correlation knows the rule. */
  readonly reference: string
  readonly atMs: number
  /** Zero-based lines of the events behind it. */
  readonly events: readonly number[]
  /** Values of a field, alias resolved; undefined when the event has none. */
  field(name: string): readonly string[] | undefined
}

export interface Fired {
  readonly correlation: SigmaCorrelation
  readonly group: Readonly<Record<string, string>>
  readonly events: readonly number[]
  readonly atMs: number
}

/** Beyond these the oldest is dropped and `droppedCount` grows: memory stays bounded. */
export const GROUPS_MAX = 100_000
export const GROUP_OCCURRENCES_MAX = 10_000

interface Group {
  readonly key: string
  readonly fields: Readonly<Record<string, string>>
  /** By time, then by arrival. */
  occurrences: Occurrence[]
  isHolding: boolean
}

export class Correlator {
  droppedCount = 0
  readonly #correlation: SigmaCorrelation
  readonly #spanMs: number
  readonly #isRising: boolean
  readonly #groups = new Map<string, Group>()
  #latestMs = Number.NEGATIVE_INFINITY
  #nextCloseMs = Number.POSITIVE_INFINITY

  constructor(correlation: SigmaCorrelation) {
    this.#correlation = correlation
    this.#spanMs = correlation.timespanSeconds * 1000
    this.#isRising = isRising(correlation)
  }

  /** What fires because of this occurrence, windows that have passed included. */
  add(occurrence: Occurrence): readonly Fired[] {
    this.#latestMs = Math.max(this.#latestMs, occurrence.atMs)
    const fired = this.#isRising ? [] : this.#close(this.#latestMs)
    for (const fields of this.#groupsOf(occurrence)) {
      const group = this.#group(fields)
      insert(group.occurrences, occurrence)
      if (group.occurrences.length > GROUP_OCCURRENCES_MAX) {
        group.occurrences.shift()
        this.droppedCount++
      }
      if (this.#isRising) fired.push(...this.#judgeRising(group, occurrence))
      else this.#nextCloseMs = Math.min(this.#nextCloseMs, this.#endOf(group))
    }
    return fired
  }

  /** What the windows still open at the end of all events amount to. */
  finish(): readonly Fired[] {
    return this.#isRising ? [] : this.#close(Number.POSITIVE_INFINITY)
  }

  #groupsOf(occurrence: Occurrence): readonly Readonly<Record<string, string>>[] {
    let groups: Record<string, string>[] = [{}]
    for (const field of this.#correlation.groupBy) {
      const values = [...new Set(occurrence.field(field) ?? [])]
      groups = groups.flatMap((group) => values.map((value) => ({ ...group, [field]: value })))
    }
    return groups
  }

  #group(fields: Readonly<Record<string, string>>): Group {
    const key = JSON.stringify(
      this.#correlation.groupBy.map((field) => fields[field]!.toLowerCase()),
    )
    const known = this.#groups.get(key)
    if (known !== undefined) return known
    if (this.#groups.size >= GROUPS_MAX) {
      const oldest = this.#groups.keys().next().value!
      this.droppedCount += this.#groups.get(oldest)!.occurrences.length
      this.#groups.delete(oldest)
    }
    const group: Group = { key, fields, occurrences: [], isHolding: false }
    this.#groups.set(key, group)
    return group
  }

  /** A late event can complete a window that ends after it, so every window it is in is judged. */
  #judgeRising(group: Group, occurrence: Occurrence): readonly Fired[] {
    const keepFromMs = this.#latestMs - 2 * this.#spanMs
    const stale = group.occurrences.findIndex((one) => one.atMs >= keepFromMs)
    if (stale > 0) group.occurrences.splice(0, stale)
    const ends = group.occurrences.filter(
      (one) => one.atMs >= occurrence.atMs && one.atMs <= occurrence.atMs + this.#spanMs,
    )
    const last = group.occurrences.at(-1)
    for (const end of ends) {
      const window = windowBefore(group.occurrences, end, this.#spanMs)
      if (!holds(this.#correlation, window)) continue
      const wasHolding = group.isHolding
      group.isHolding = true
      return wasHolding ? [] : [this.#fire(group, window)]
    }
    if (ends.includes(last!)) group.isHolding = false
    return []
  }

  #endOf(group: Group): number {
    return group.occurrences[0]!.atMs + this.#spanMs
  }

  #close(nowMs: number): Fired[] {
    const fired: Fired[] = []
    if (nowMs <= this.#nextCloseMs) return fired
    this.#nextCloseMs = Number.POSITIVE_INFINITY
    for (const group of this.#groups.values()) {
      while (group.occurrences.length > 0 && this.#endOf(group) < nowMs) {
        const endMs = this.#endOf(group)
        const inside = group.occurrences.filter((one) => one.atMs <= endMs)
        if (holds(this.#correlation, inside)) fired.push(this.#fire(group, inside))
        group.occurrences.splice(0, inside.length)
      }
      if (group.occurrences.length === 0) this.#groups.delete(group.key)
      else this.#nextCloseMs = Math.min(this.#nextCloseMs, this.#endOf(group))
    }
    return fired
  }

  #fire(group: Group, window: readonly Occurrence[]): Fired {
    const events = [...new Set(window.flatMap((one) => one.events))].toSorted((a, b) => a - b)
    const atMs = window.at(-1)!.atMs
    return { correlation: this.#correlation, group: group.fields, events, atMs }
  }
}

/** True when more events can only make the condition truer. */
export function isRising(correlation: SigmaCorrelation): boolean {
  const { type, bounds, expression } = correlation
  if (expression !== undefined) return !hasNegation(expression.tree)
  if (type === 'value_avg' || type === 'value_percentile' || type === 'value_median') return false
  return bounds.every(({ op }) => op === 'gt' || op === 'gte')
}

function hasNegation(tree: Condition): boolean {
  if (tree.kind === 'not') return true
  return 'of' in tree && tree.of.some(hasNegation)
}

function insert(occurrences: Occurrence[], occurrence: Occurrence): void {
  let at = occurrences.length
  while (at > 0 && occurrences[at - 1]!.atMs > occurrence.atMs) at--
  occurrences.splice(at, 0, occurrence)
}

function windowBefore(
  occurrences: readonly Occurrence[],
  end: Occurrence,
  spanMs: number,
): readonly Occurrence[] {
  const until = occurrences.indexOf(end)
  return occurrences.slice(0, until + 1).filter((one) => one.atMs >= end.atMs - spanMs)
}

/** Whether the condition is true of the events of one window of one group. */
export function holds(correlation: SigmaCorrelation, window: readonly Occurrence[]): boolean {
  const { type, bounds, expression } = correlation
  const references = new Set(window.map((one) => one.reference))
  if (expression !== undefined) {
    const isTrue = isTrueOf(expression.tree, references, correlation)
    return isTrue && (type !== 'temporal_ordered' || isOrdered(correlation, window))
  }
  const wanted = correlation.rules.length
  switch (type) {
    case 'event_count':
      return isWithin(window.length, bounds)
    case 'temporal':
      return bounds.length > 0 ? isWithin(references.size, bounds) : references.size >= wanted
    case 'temporal_ordered':
      return bounds.length > 0
        ? isWithin(references.size, bounds)
        : references.size >= wanted && isOrdered(correlation, window)
    case 'value_count': {
      const { valueFields } = correlation
      const values = window.flatMap((one) => combinations(one, valueFields))
      return isWithin(new Set(values).size, bounds)
    }
    case 'value_sum':
    case 'value_avg':
    case 'value_percentile':
    case 'value_median': {
      const numbers = window.flatMap((one) => numbersOf(one, correlation.valueFields))
      return numbers.length > 0 && isWithin(aggregate(correlation, numbers), bounds)
    }
    default:
      return unreachable(type)
  }
}

export function isWithin(value: number, bounds: readonly CountBound[]): boolean {
  return bounds.every((bound) => {
    switch (bound.op) {
      case 'gt':
        return value > bound.value
      case 'gte':
        return value >= bound.value
      case 'lt':
        return value < bound.value
      case 'lte':
        return value <= bound.value
      case 'eq':
        return value === bound.value
      case 'neq':
        return value !== bound.value
    }
  })
}

function isTrueOf(
  tree: Condition,
  seen: ReadonlySet<string>,
  correlation: SigmaCorrelation,
): boolean {
  switch (tree.kind) {
    case 'identifier':
      return seen.has(tree.name)
    case 'selector': {
      const names = selectNames(
        tree.pattern,
        correlation.rules.map((rule) => rule.text),
      )
      return tree.quantity === 'all'
        ? names.every((name) => seen.has(name))
        : names.some((name) => seen.has(name))
    }
    case 'not':
      return !isTrueOf(tree.of, seen, correlation)
    case 'and':
      return tree.of.every((operand) => isTrueOf(operand, seen, correlation))
    case 'or':
      return tree.of.some((operand) => isTrueOf(operand, seen, correlation))
  }
}

/** The rules occur in the order they are listed; others may stand between. */
function isOrdered(correlation: SigmaCorrelation, window: readonly Occurrence[]): boolean {
  const present = new Set(window.map((one) => one.reference))
  const order = correlation.rules.map((rule) => rule.text).filter((name) => present.has(name))
  let next = 0
  for (const one of window) if (one.reference === order[next]) next++
  return next === order.length
}

function combinations(one: Occurrence, fields: readonly string[]): readonly string[] {
  let rows: string[][] = [[]]
  for (const field of fields) {
    const values = one.field(field) ?? []
    rows = rows.flatMap((row) => values.map((value) => [...row, value.toLowerCase()]))
  }
  return rows.map((row) => JSON.stringify(row))
}

function numbersOf(one: Occurrence, fields: readonly string[]): readonly number[] {
  const texts = fields.flatMap((field) => one.field(field) ?? [])
  return texts.map((text) => Number(text.trim() || Number.NaN)).filter(Number.isFinite)
}

function aggregate(correlation: SigmaCorrelation, numbers: readonly number[]): number {
  const sum = numbers.reduce((total, number) => total + number, 0)
  if (correlation.type === 'value_sum') return sum
  if (correlation.type === 'value_avg') return sum / numbers.length
  const sorted = numbers.toSorted((a, b) => a - b)
  return percentile(sorted, correlation.type === 'value_median' ? 50 : correlation.percentile!)
}

/** With linear interpolation between the two nearest ranks. */
function percentile(sorted: readonly number[], percent: number): number {
  const rank = ((sorted.length - 1) * percent) / 100
  const low = Math.floor(rank)
  const share = rank - low
  return sorted[low]! * (1 - share) + sorted[Math.min(low + 1, sorted.length - 1)]! * share
}
