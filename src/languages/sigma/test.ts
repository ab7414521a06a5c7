// One test of a predicate, compiled to a function over a field's values. Meaning by the specification:
// text without case unless `cased`, numbers equal their text, a missing field fails every test but
// `null`, and of several values one is enough.

import { isInNetwork, parseNetwork } from '#languages/cidr.ts'
import {
  ANY,
  type ONE,
  type FieldrefHow,
  type Test,
  type TextPattern,
  type TimePart,
  type TimeTest,
} from '#languages/predicate.ts'
import { compileRegex } from '#languages/regex.ts'
import { unreachable } from '#kernel/error.ts'
import { BREAK, textOf, type EventView, type FieldTable, type Scalar } from './event.ts'

export type Check = (event: EventView) => boolean
type TextCheck = (text: string) => boolean

/** `field` undefined looks at the whole event. A refusal says what the matcher cannot do. */
export function compileTest(
  test: Test,
  field: string | undefined,
  table: FieldTable,
): Check | { readonly refusal: string } {
  if (field === undefined) return compileKeyword(test)
  const slot = table.slotOf(field)
  switch (test.kind) {
    case 'text': {
      if (test.isCased) return onTexts(slot, compilePattern(test.pattern))
      const check = compilePattern(foldPattern(test.pattern))
      return (event) => someText(event.foldedAt(slot), check)
    }
    case 'number': {
      const text = String(test.value)
      return (event) => event.foldedAt(slot).includes(text)
    }
    case 'boolean': {
      const text = String(test.value)
      return (event) => event.foldedAt(slot).includes(text)
    }
    case 'null':
      return (event) => event.valuesAt(slot)?.every((value) => value === null) ?? true
    case 'exists':
      return (event) => event.valuesAt(slot) !== undefined
    case 'regex': {
      const compiled = compileRegex(test.pattern, test.flags)
      if ('refusal' in compiled)
        return { refusal: `the expression cannot run: ${compiled.refusal}` }
      return onTexts(slot, (text) => compiled.test(text))
    }
    case 'cidr': {
      const network = parseNetwork(test.network)
      if (network === undefined) return { refusal: `"${test.network}" is no network` }
      return onTexts(slot, (text) => isInNetwork(text, network))
    }
    case 'compare': {
      const compare = COMPARE[test.op]
      return (event) =>
        event.valuesAt(slot)?.some((value) => {
          const number = numberOf(value)
          return number !== undefined && compare(number, test.value)
        }) ?? false
    }
    case 'time':
      return compileTime(test, slot)
    case 'fieldref':
      return compileFieldref(test.how, slot, table.slotOf(test.other))
    case 'verbatim':
      return { refusal: 'a pipeline put text of a query language into it' }
    default:
      return unreachable(test)
  }
}

function onTexts(slot: number, check: TextCheck): Check {
  return (event) => {
    const values = event.valuesAt(slot)
    if (values === undefined) return false
    for (const value of values) {
      const text = textOf(value)
      if (text !== undefined && check(text)) return true
    }
    return false
  }
}

function someText(texts: readonly string[], check: TextCheck): boolean {
  for (const text of texts) if (check(text)) return true
  return false
}

/** A keyword is looked for inside values: written without wildcards it may stand anywhere. */
function compileKeyword(test: Test): Check | { readonly refusal: string } {
  switch (test.kind) {
    case 'text': {
      const open = [ANY, ...test.pattern, ANY].filter(
        (part, index, parts) => part !== ANY || parts[index - 1] !== ANY,
      )
      if (test.isCased) {
        const check = compilePattern(open)
        return (event) => someText(event.everything, check)
      }
      const folded = foldPattern(open)
      const plain = open.length === 3 ? folded[1] : undefined
      if (typeof plain === 'string' && !plain.includes(BREAK)) {
        return (event) => event.whole.includes(plain)
      }
      const check = compilePattern(folded)
      return (event) => event.whole.split(BREAK).some(check)
    }
    case 'number':
    case 'boolean': {
      const text = String(test.value)
      return (event) => event.whole.includes(text)
    }
    case 'regex': {
      const compiled = compileRegex(test.pattern, test.flags)
      if ('refusal' in compiled)
        return { refusal: `the expression cannot run: ${compiled.refusal}` }
      return (event) => event.everything.some((text) => compiled.test(text))
    }
    default:
      return { refusal: 'a keyword cannot be tested this way' }
  }
}

export function foldPattern(pattern: TextPattern): TextPattern {
  return pattern.map((part) => (typeof part === 'string' ? part.toLowerCase() : part))
}

/** The common shapes get the runtime's own search; everything else goes segment by segment. */
export function compilePattern(pattern: TextPattern): TextCheck {
  const [first, second, third] = pattern
  if (pattern.length === 0) return (text) => text === ''
  if (pattern.length === 1) {
    if (typeof first === 'string') return (text) => text === first
    if (first === ANY) return () => true
  }
  if (pattern.length === 2) {
    if (first === ANY && typeof second === 'string') return (text) => text.endsWith(second)
    if (typeof first === 'string' && second === ANY) return (text) => text.startsWith(first)
  }
  if (pattern.length === 3 && first === ANY && third === ANY && typeof second === 'string') {
    return (text) => text.includes(second)
  }
  return compileSegments(pattern)
}

type Segment = readonly (string | typeof ONE)[]

// Between two stars the leftmost place of a segment is as good as any other, so no backtracking.
function compileSegments(pattern: TextPattern): TextCheck {
  const segments: (string | typeof ONE)[][] = [[]]
  for (const part of pattern) {
    if (typeof part === 'string' || part.wildcard === '?') segments.at(-1)!.push(part)
    else segments.push([])
  }
  const [head, ...rest] = segments as readonly Segment[]
  const tail = rest.pop()
  return (text) => {
    let at = matchAt(head!, text, 0)
    if (tail === undefined || at < 0) return at === text.length
    for (const segment of rest) {
      at = findFrom(segment, text, at)
      if (at < 0) return false
    }
    return endsWithSegment(tail, text, at)
  }
}

/** The offset behind the segment, or -1. `?` is one character, also outside the basic plane. */
function matchAt(segment: Segment, text: string, start: number): number {
  let at = start
  for (const part of segment) {
    if (typeof part === 'string') {
      if (!text.startsWith(part, at)) return -1
      at += part.length
    } else {
      if (at >= text.length) return -1
      at += text.codePointAt(at)! > 0xffff ? 2 : 1
    }
  }
  return at
}

function findFrom(segment: Segment, text: string, from: number): number {
  const [first] = segment
  if (segment.length === 0) return from
  for (let at = from; at <= text.length; at++) {
    if (typeof first === 'string') {
      at = text.indexOf(first, at)
      if (at < 0) return -1
    }
    const end = matchAt(segment, text, at)
    if (end >= 0) return end
  }
  return -1
}

function endsWithSegment(segment: Segment, text: string, from: number): boolean {
  let longest = 0
  let shortest = 0
  for (const part of segment) {
    longest += typeof part === 'string' ? part.length : 2
    shortest += typeof part === 'string' ? part.length : 1
  }
  for (let at = Math.max(from, text.length - longest); at <= text.length - shortest; at++) {
    if (matchAt(segment, text, at) === text.length) return true
  }
  return false
}

const COMPARE = {
  eq: (a: number, b: number) => a === b,
  lt: (a: number, b: number) => a < b,
  lte: (a: number, b: number) => a <= b,
  gt: (a: number, b: number) => a > b,
  gte: (a: number, b: number) => a >= b,
} as const

/** Numbers, and texts that are decimal or hexadecimal numbers: `0x1f` is how Windows logs masks. */
export function numberOf(value: Scalar): number | undefined {
  if (typeof value === 'number') return value
  if (typeof value !== 'string') return undefined
  const isNumeric = /^\s*[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?\s*$|^\s*0x[\da-f]+\s*$/i.test(value)
  return isNumeric ? Number(value) : undefined
}

function compileTime(test: TimeTest, slot: number): Check {
  const compare = COMPARE[test.op]
  return onTexts(slot, (text) => {
    const part = readTimePart(text, test.part)
    return part !== undefined && compare(part, test.value)
  })
}

const DATE = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d))?/

/** A number is unix time, in seconds or milliseconds; its parts are those of UTC. */
export function readTimePart(text: string, part: TimePart): number | undefined {
  const written = /^\d{10}(?:\.\d+)?$|^\d{13}$/.test(text) ? isoOf(Number(text)) : text
  const match = DATE.exec(written)
  if (!match) return undefined
  const [year, month, day, hour, minute] = match.slice(1).map(Number)
  switch (part) {
    case 'year':
      return year
    case 'month':
      return month
    case 'day':
      return day
    case 'week':
      return weekOf(year!, month!, day!)
    case 'hour':
      return match[4] === undefined ? undefined : hour
    case 'minute':
      return match[5] === undefined ? undefined : minute
  }
}

function isoOf(unix: number): string {
  return new Date(unix < 1e11 ? unix * 1000 : unix).toISOString()
}

/** ISO 8601: weeks begin on Monday, and the first holds the year's first Thursday. */
function weekOf(year: number, month: number, day: number): number {
  const date = new Date(Date.UTC(year, month - 1, day))
  const thursday = date.getTime() + (4 - (date.getUTCDay() || 7)) * 86_400_000
  const start = Date.UTC(new Date(thursday).getUTCFullYear(), 0, 1)
  return Math.floor((thursday - start) / (7 * 86_400_000)) + 1
}

const REFERENCE = {
  equals: (a: string, b: string) => a === b,
  startswith: (a: string, b: string) => a.startsWith(b),
  endswith: (a: string, b: string) => a.endsWith(b),
  contains: (a: string, b: string) => a.includes(b),
} as const

/** Without case, like all text; two missing fields are not equal. */
function compileFieldref(how: FieldrefHow, slot: number, other: number): Check {
  const relates = REFERENCE[how]
  return (event) => {
    const others = event.foldedAt(other)
    return event.foldedAt(slot).some((text) => others.some((value) => relates(text, value)))
  }
}
