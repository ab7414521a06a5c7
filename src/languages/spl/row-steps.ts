// Commands of SPL that look at one row at a time, or at their order: fields, names, texts, gaps.
// Source: Splunk Search Reference, the commands of the functions' names, read 2026-11.

import {
  listOf,
  Refusal,
  unsupported,
  valuesOf,
  type Fields,
  type Value,
} from '#languages/evaluation.ts'
import { compileRegex } from '#languages/regex.ts'
import { readWildcards } from '#languages/wildcard.ts'
import { compilePattern } from '#languages/sigma/test.ts'
import { regexOf } from './eval-functions.ts'
import {
  countIn,
  cut,
  isOn,
  knowOptions,
  namesOf,
  option,
  spelled,
  type Step,
  type StepScope,
} from './step.ts'
import { floorTo, readSpan } from './time.ts'
import type { SplPlain, SplRename, SplWord } from './tree.ts'
import { compareValues, numberIn, textIn } from './values.ts'

function eachRow(scope: StepScope, change: (row: Fields) => Fields | undefined): Step {
  return function* (rows) {
    for (const row of rows) {
      scope.budget.step()
      const changed = change(row)
      if (changed !== undefined) yield changed
    }
  }
}

function matcherOf(pattern: string): (name: string) => boolean {
  return compilePattern(readWildcards(pattern, { any: '*', isCaseless: false }))
}

/** The columns named, in that order; a pattern stands for all that fit. */
export function table(command: SplPlain, scope: StepScope): Step {
  const patterns = namesOf(command.words).map((name) => ({ name, matches: matcherOf(name) }))
  return eachRow(scope, (row) => {
    const kept: Fields = new Map()
    for (const { name, matches } of patterns) {
      for (const own of name.includes('*') ? [...row.keys()].filter(matches) : [name]) {
        const value = row.get(own)
        if (value !== undefined && value !== null) kept.set(own, value)
      }
    }
    return kept
  })
}

/** Internal fields (`_time`, `_raw`) stay unless they are taken out by name. */
export function fields(command: SplPlain, scope: StepScope): Step {
  const words = namesOf(command.words)
  const sign = /^[-+]/.exec(words[0] ?? '')?.[0]
  const names =
    sign === undefined
      ? words
      : [words[0]!.slice(1), ...words.slice(1)].filter((name) => name !== '')
  const checks = names.map(matcherOf)
  const isRemoval = sign === '-'
  return eachRow(scope, (row) => {
    const isKept = (name: string) =>
      checks.some((check) => check(name)) !== isRemoval || (!isRemoval && name.startsWith('_'))
    return new Map([...row].filter(([name]) => isKept(name)))
  })
}

/** With a star in both names every field that fits is renamed. */
export function rename({ pairs }: SplRename, scope: StepScope): Step {
  const renames = pairs.map(({ from, to }) => ({ from: from.name, to: to.name }))
  return eachRow(scope, (row) => {
    const out: Fields = new Map(row)
    for (const { from, to } of renames) {
      for (const [old, own] of namesFor(out, from, to)) {
        const value = out.get(old)
        out.delete(old)
        if (value === undefined) out.delete(own)
        else out.set(own, value)
      }
    }
    return out
  })
}

function namesFor(row: Fields, from: string, to: string): readonly (readonly [string, string])[] {
  const star = from.indexOf('*')
  if (star < 0) return [[from, to]]
  const [head, tail] = [from.slice(0, star), from.slice(star + 1)]
  if (tail.includes('*') || to.split('*').length !== 2)
    throw unsupported(`Renaming “${from}” to “${to}”`)
  const fits = (name: string) =>
    name.length >= head.length + tail.length && name.startsWith(head) && name.endsWith(tail)
  return [...row.keys()].filter(fits).map((name) => {
    const middle = name.slice(head.length, name.length - tail.length)
    return [name, to.replace('*', () => middle)] as const
  })
}

/** Named groups become fields; without a match they stay as they were. */
export function rex(command: SplPlain, scope: StepScope): Step {
  knowOptions(command, 'field', 'max_match', 'mode')
  const field = option(command, 'field') ?? '_raw'
  const pattern = command.words.at(-1)
  if (pattern === undefined)
    throw new Refusal('wrong-arguments', 'rex needs an expression.', command)
  if (option(command, 'mode') === 'sed') return sed(field, pattern, scope)
  const regex = regexOf(pattern.name)
  const most = countIn(option(command, 'max_match'), 1) || Number.POSITIVE_INFINITY
  return eachRow(scope, (row) => {
    const found = new Map<string, Value[]>()
    for (const value of valuesOf(row.get(field))) {
      for (const { named } of regex.find(textIn(value), most)) {
        for (const [name, text] of named) {
          if (text !== null) found.set(name, [...(found.get(name) ?? []), text])
        }
      }
    }
    for (const [name, values] of found) row.set(name, listOf(values))
    return row
  })
}

/** `s/expression/replacement/g`, or with a number the place to replace; `y` exchanges characters. */
function sed(field: string, { name: written, start, end }: SplWord, scope: StepScope): Step {
  const match = /^s(.)((?:\\.|(?!\1).)*)\1((?:\\.|(?!\1).)*)\1(g|i|gi|ig)?$/s.exec(written)
  if (match === null) throw unsupported(`The sed expression “${written}”`, { start, end })
  const [, , pattern = '', replacement = '', flags = ''] = match
  const compiled = compileRegex(pattern, flags.includes('i') ? ['i'] : [])
  if ('refusal' in compiled)
    throw new Refusal('regex', `This expression cannot run: ${compiled.refusal}.`)
  const most = flags.includes('g') ? Number.POSITIVE_INFINITY : 1
  const change = (text: string) => {
    let [out, from] = ['', 0]
    for (const { start: at, end: until, groups } of compiled.find(text, most)) {
      const filled = replacement.replaceAll(
        /\\(\d)/g,
        (_, group: string) => groups[Number(group) - 1] ?? '',
      )
      out += text.slice(from, at) + filled
      from = until
    }
    return out + text.slice(from)
  }
  return eachRow(scope, (row) => {
    const values = valuesOf(row.get(field))
    if (values.length > 0) row.set(field, listOf(values.map((value) => change(textIn(value)))))
    return row
  })
}

/** Keeps rows where the field, or the raw text, has the expression; `!=` keeps those that have not. */
export function regex(command: SplPlain, scope: StepScope): Step {
  const [given] = command.options
  const word = command.words[0]
  const { field, isNot, value } =
    given === undefined
      ? { field: '_raw', isNot: false, value: word?.name ?? '' }
      : spelled(given, scope.text)
  const compiled = regexOf(value)
  return eachRow(scope, (row) => {
    const values = valuesOf(row.get(field))
    if (values.length === 0) return isNot ? row : undefined
    return values.some((one) => compiled.test(textIn(one))) === isNot ? undefined : row
  })
}

interface SortKey {
  readonly name: string
  readonly isDown: boolean
  readonly as: 'auto' | 'num' | 'str'
}

const SORTED_ROWS = 10_000

/** Rows without the field come last. The count is 10,000 unless given, and 0 is all. */
export function sort(command: SplPlain, scope: StepScope): Step {
  const words = [...command.words]
  const hasCount = words[0] !== undefined && /^\d+$/.test(words[0].name)
  const limit = option(command, 'limit') ?? (hasCount ? words.shift()!.name : undefined)
  const last = words.at(-1)?.name.toLowerCase()
  const isReversed = words.length > 1 && (last === 'd' || last === 'desc')
  if (isReversed) words.pop()
  const keys = readSortKeys(words)
  const most = countIn(limit, SORTED_ROWS) || Number.POSITIVE_INFINITY
  return (rows) => {
    const sorted = scope.budget.collect(rows).toSorted((a, b) => compareRows(a, b, keys))
    return (isReversed ? sorted.toReversed() : sorted).slice(0, most)
  }
}

/** `-a`, `- a`, `+b`, `num(c)`. Throws `Refusal`. */
function readSortKeys(words: readonly SplWord[]): readonly SortKey[] {
  const keys: SortKey[] = []
  let isDown = false
  let as: SortKey['as'] = 'auto'
  for (const { name: written, isQuoted } of words) {
    const sign = isQuoted ? undefined : /^[-+]/.exec(written)?.[0]
    if (sign !== undefined) isDown = sign === '-'
    const name = sign === undefined ? written : written.slice(1)
    if (name === '') continue
    if (!isQuoted && /^(?:auto|num|str)$/.test(name)) as = name as SortKey['as']
    else if (!isQuoted && name === 'ip') throw unsupported('Sorting by address')
    else {
      keys.push({ name, isDown, as })
      isDown = false
      as = 'auto'
    }
  }
  return keys
}

function compareRows(a: Fields, b: Fields, keys: readonly SortKey[]): number {
  for (const { name, isDown, as } of keys) {
    const [x, y] = [a.get(name) ?? null, b.get(name) ?? null]
    if (x === null && y === null) continue
    if (x === null || y === null) return x === null ? 1 : -1
    const order = compareAs(x, y, as)
    if (order !== 0) return isDown ? -order : order
  }
  return 0
}

function compareAs(a: Value, b: Value, as: SortKey['as']): number {
  if (as === 'num') return (numberIn(a) ?? 0) - (numberIn(b) ?? 0)
  if (as === 'str') return textIn(a) < textIn(b) ? -1 : textIn(a) > textIn(b) ? 1 : 0
  return compareValues(a, b)
}

/** The first rows of each combination of values; rows without one of the fields go. */
export function dedup(command: SplPlain, scope: StepScope): Step {
  knowOptions(command, 'keepempty', 'consecutive', 'keepevents')
  const { before, after } = cut(command.words, 'sortby')
  const [first, ...rest] = before
  const hasCount = first !== undefined && /^\d+$/.test(first.name)
  const names = namesOf(hasCount ? rest : before)
  const most = hasCount ? Number(first.name) : 1
  const keys = readSortKeys(after)
  const keepsEmpty = isOn(command, 'keepempty', false)
  const isConsecutive = isOn(command, 'consecutive', false)
  const keepsEvents = isOn(command, 'keepevents', false)
  return function* (rows) {
    const seen = new Map<string, number>()
    const ordered =
      keys.length > 0
        ? scope.budget.collect(rows).toSorted((a, b) => compareRows(a, b, keys))
        : rows
    for (const row of ordered) {
      scope.budget.step()
      const values = names.map((name) => row.get(name) ?? null)
      if (values.includes(null)) {
        if (keepsEmpty) yield row
        continue
      }
      const key = JSON.stringify(values.map(textIn))
      const count = seen.get(key) ?? 0
      if (isConsecutive && count === 0) seen.clear()
      seen.set(key, count + 1)
      scope.budget.holdGroups(seen.size)
      if (count < most) yield row
      else if (keepsEvents) {
        for (const name of names) row.delete(name)
        yield row
      }
    }
  }
}

export function head(command: SplPlain): Step {
  knowOptions(command, 'limit')
  const [word] = command.words
  if (word !== undefined && !/^\d+$/.test(word.name))
    throw unsupported('head with a condition', word)
  const most = countIn(option(command, 'limit') ?? word?.name, 10)
  return function* (rows) {
    let count = 0
    if (most === 0) return
    for (const row of rows) {
      yield row
      if (++count >= most) return
    }
  }
}

/** The last rows, the last of all first. */
export function tail(command: SplPlain, scope: StepScope): Step {
  const most = countIn(command.words[0]?.name, 10)
  return (rows) => {
    const all = scope.budget.collect(rows)
    return all.slice(Math.max(0, all.length - most)).toReversed()
  }
}

export function reverse(_command: SplPlain, scope: StepScope): Step {
  return (rows) => scope.budget.collect(rows).toReversed()
}

/** Times become the beginning of their span; numbers become the text of their range. */
export function bin(command: SplPlain, scope: StepScope): Step {
  knowOptions(command, 'span')
  const [name = '', to = name] = namesOf(command.words).filter(
    (word) => word.toLowerCase() !== 'as',
  )
  const written = option(command, 'span')
  if (written === undefined) throw unsupported('bin without a span', command)
  if (name === '_time') {
    const span = readSpan(written)
    if (/^\d*w/i.test(written)) throw unsupported('A span of weeks', command)
    return eachRow(scope, (row) => {
      const at = numberIn(row.get(name))
      return at === undefined ? row : row.set(to, floorTo(at, span))
    })
  }
  const size = numberIn(written)
  if (size === undefined || size <= 0) throw unsupported(`A span of “${written}”`, command)
  return eachRow(scope, (row) => {
    const value = numberIn(row.get(name))
    if (value === undefined) return row
    const start = Math.floor(value / size) * size
    return row.set(to, `${textIn(start)}-${textIn(start + size)}`)
  })
}

/** Without names every field that any row has is filled in all of them. */
export function fillnull(command: SplPlain, scope: StepScope): Step {
  knowOptions(command, 'value')
  const value = option(command, 'value') ?? '0'
  const names = namesOf(command.words)
  const fill = (row: Fields, all: Iterable<string>) => {
    for (const name of all) if ((row.get(name) ?? null) === null) row.set(name, value)
    return row
  }
  if (names.length > 0) return eachRow(scope, (row) => fill(row, names))
  return (rows) => {
    const held = scope.budget.collect(rows)
    const all = new Set(held.flatMap((row) => [...row.keys()]))
    return held.map((row) => fill(row, all))
  }
}

export function mvexpand(command: SplPlain, scope: StepScope): Step {
  knowOptions(command, 'limit')
  const [name = ''] = namesOf(command.words)
  const most = countIn(option(command, 'limit'), 0) || Number.POSITIVE_INFINITY
  return function* (rows) {
    for (const row of rows) {
      const values = valuesOf(row.get(name))
      if (values.length < 2) yield row
      for (const value of values.length < 2 ? [] : values.slice(0, most)) {
        scope.budget.step()
        yield new Map(row).set(name, value)
      }
    }
  }
}

export function makemv(command: SplPlain, scope: StepScope): Step {
  knowOptions(command, 'delim', 'allowempty')
  const [name = ''] = namesOf(command.words)
  const delimiter = option(command, 'delim') ?? ' '
  const keepsEmpty = isOn(command, 'allowempty', false)
  return eachRow(scope, (row) => {
    const value = row.get(name)
    if (value === undefined || value === null || typeof value === 'object') return row
    const parts = textIn(value).split(delimiter)
    return row.set(name, listOf(keepsEmpty ? parts : parts.filter((part) => part !== '')))
  })
}
