// Commands of SPL that bring rows together: subsearches and lookup tables.
// Source: Splunk Search Reference, the commands of the functions' names, read 2026-11.

import {
  flatten,
  listOf,
  Refusal,
  unsupported,
  valuesOf,
  type Fields,
  type Value,
} from '#languages/evaluation.ts'
import {
  countIn,
  cut,
  isOn,
  knowOptions,
  namesOf,
  option,
  pairsOf,
  type Step,
  type StepScope,
} from './step.ts'
import type { SplPlain, SplSubsearch } from './tree.ts'
import { numberIn, textIn } from './values.ts'

/** Subsearches of `join` give at most so many rows, those of `append` and others fewer. */
const JOINED_ROWS_MAX = 50_000

function subsearchOf(command: SplPlain): SplSubsearch {
  const [first, another] = command.subsearches
  if (first === undefined || another) {
    throw new Refusal('wrong-arguments', `${command.name} needs one subsearch.`, command)
  }
  return first
}

export function append(command: SplPlain, scope: StepScope): Step {
  knowOptions(command)
  const subsearch = subsearchOf(command)
  return function* (rows) {
    yield* rows
    yield* scope.runSubsearch(subsearch)
  }
}

/** All subsearches as one stream, in the order of time. */
export function multisearch(command: SplPlain, scope: StepScope): Step {
  return () => {
    const all = command.subsearches.flatMap((subsearch) => scope.runSubsearch(subsearch))
    // Events come newest first, as from a search.
    const timeOf = (row: Fields) => numberIn(row.get('_time')) ?? Number.NEGATIVE_INFINITY
    return all.toSorted((a, b) => {
      const [x, y] = [timeOf(a), timeOf(b)]
      return x === y ? 0 : y > x ? 1 : -1
    })
  }
}

/** Fields of the subsearch win where both have one, unless `overwrite=false`. */
export function join(command: SplPlain, scope: StepScope): Step {
  knowOptions(command, 'type', 'max', 'overwrite', 'usetime')
  if (isOn(command, 'usetime', false)) throw unsupported('join with usetime', command)
  const type = option(command, 'type')?.toLowerCase() ?? 'inner'
  const isInner = type === 'inner'
  if (!isInner && type !== 'left' && type !== 'outer')
    throw unsupported(`A join of type ${type}`, command)
  const names = namesOf(command.words)
  if (names.length === 0) throw unsupported('join without a field', command)
  const most = countIn(option(command, 'max'), 1) || Number.POSITIVE_INFINITY
  const overwrites = isOn(command, 'overwrite', true)
  const subsearch = subsearchOf(command)
  return function* (rows) {
    const found = scope.runSubsearch(subsearch)
    if (found.length > JOINED_ROWS_MAX)
      throw unsupported('A join of more than 50,000 rows', command)
    const index = new Map<string, Fields[]>()
    for (const row of found) {
      const key = keyOf(row, names)
      if (key !== undefined) index.set(key, [...(index.get(key) ?? []), row])
    }
    for (const row of rows) {
      scope.budget.step()
      const key = keyOf(row, names)
      const matches = (key === undefined ? undefined : index.get(key)) ?? []
      if (matches.length === 0 && !isInner) yield row
      for (const match of matches.slice(0, most)) {
        yield overwrites ? new Map([...row, ...match]) : new Map([...match, ...row])
      }
    }
  }
}

function keyOf(row: Fields, names: readonly string[]): string | undefined {
  const values = names.map((name) => row.get(name) ?? null)
  return values.includes(null) ? undefined : JSON.stringify(values.map(textIn))
}

const LOOKUP_MATCHES_MAX = 1_000

/** Every row of the table that fits; with regard to case, as a lookup is unless it is set otherwise. */
export function lookup(command: SplPlain, scope: StepScope): Step {
  knowOptions(command, 'local', 'update')
  const [name, ...rest] = command.words
  const table = tableOf(name?.name, command, scope)
  const { before, keyword, after } = cut(rest, 'output', 'outputnew')
  const inputs = pairsOf(before, command)
  const given = pairsOf(after, command)
  const own = new Set(inputs.map(([column]) => column))
  const all = [...new Set(table.flatMap((row) => [...row.keys()]))]
  const outputs =
    given.length > 0
      ? given
      : all.filter((column) => !own.has(column)).map((one) => [one, one] as const)
  const index = new Map<string, Fields[]>()
  for (const row of table) {
    const key = keyOf(
      row,
      inputs.map(([column]) => column),
    )
    if (key !== undefined) index.set(key, [...(index.get(key) ?? []), row])
  }
  return function* (rows) {
    for (const row of rows) {
      scope.budget.step()
      const key = keyOf(
        row,
        inputs.map(([, field]) => field),
      )
      const matches = (key === undefined ? undefined : index.get(key)) ?? []
      for (const [column, field] of outputs) {
        if (keyword === 'outputnew' && (row.get(field) ?? null) !== null) continue
        const values: Value[] = matches
          .slice(0, LOOKUP_MATCHES_MAX)
          .flatMap((match) => valuesOf(match.get(column)))
        if (values.length > 0) row.set(field, listOf(values))
      }
      yield row
    }
  }
}

export function inputlookup(command: SplPlain, scope: StepScope): Step {
  knowOptions(command, 'append', 'start', 'max')
  const [name, more] = command.words
  if (more) throw unsupported('inputlookup with a condition', more)
  const table = tableOf(name?.name, command, scope)
  const start = countIn(option(command, 'start'), 0)
  const most = countIn(option(command, 'max'), Number.MAX_SAFE_INTEGER)
  const isAppended = isOn(command, 'append', false)
  return function* (rows) {
    if (isAppended) yield* rows
    for (const row of table.slice(start, start + most)) yield new Map(row)
  }
}

function tableOf(name: string | undefined, command: SplPlain, scope: StepScope): readonly Fields[] {
  const table = name === undefined ? undefined : scope.lookups.get(name)
  if (table === undefined) {
    throw new Refusal('unknown-lookup', `There is no lookup table “${name ?? ''}” here.`, command)
  }
  return table.map(flatten)
}

/** Rows that hold nothing but the time. */
export function makeresults(command: SplPlain, scope: StepScope): Step {
  knowOptions(command, 'count', 'annotate')
  if (isOn(command, 'annotate', false)) throw unsupported('makeresults with annotations', command)
  const count = countIn(option(command, 'count'), 1)
  scope.budget.holdRows(count)
  return () =>
    Array.from({ length: count }, (): Fields => new Map([['_time', Math.floor(scope.now)]]))
}
