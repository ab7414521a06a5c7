// Values a field may hold so that a test is true of it, and values that just miss one. They are
// candidates: whoever uses one has looked at it with the test itself.

import { bitsOf, formatAddress, parseNetwork } from '#languages/cidr.ts'
import type { Test, TextPattern, TimePart } from '#languages/predicate.ts'
import { textsOfRegex } from './regex-text.ts'

export type Value = string | number | boolean

/** Undefined among them: the field is not there at all. */
export function valuesFor(test: Test): readonly (Value | undefined)[] {
  switch (test.kind) {
    case 'text':
      return textsOf(test.pattern)
    case 'number':
    case 'boolean':
      return [test.value]
    case 'null':
      return [undefined]
    case 'exists':
      return ['example']
    case 'regex':
      return textsOfRegex(test.pattern)
    case 'cidr':
      return addressesIn(test.network)
    case 'compare':
      return { lt: [-1, 0], lte: [0, -1], gt: [1], gte: [0, 1] }[test.op].map(
        (step) => test.value + step,
      )
    case 'time':
      return timesFor(test.part)
    case 'fieldref':
    case 'verbatim':
      return []
  }
}

/** Near the value that fits: changed by a character, a step, an address. */
export function missesNear(value: Value, tests: readonly Test[]): readonly Value[] {
  if (typeof value === 'boolean') return [!value]
  const outside = tests.flatMap((test) =>
    test.kind === 'cidr' ? addressesBeside(test.network) : [],
  )
  const bounds = tests.flatMap((test) =>
    test.kind === 'compare' ? [test.value, test.value - 1, test.value + 1] : [],
  )
  const times = tests.flatMap((test) => (test.kind === 'time' ? timesFor(test.part) : []))
  if (typeof value === 'number') return [...bounds, value + 1, value - 1, 0]
  const middle = Math.floor(value.length / 2)
  return [
    ...outside,
    ...bounds,
    ...times,
    `${value}-other`,
    `other-${value}`,
    value.slice(0, -1),
    value.slice(1),
    value.slice(0, middle) + value.slice(middle + 1),
    'something else',
    'other',
    '0',
  ].filter((one) => one !== '')
}

/** Negative for what a text must begin with, positive for what it must end with. */
export function placeInText(test: Test): number {
  if (test.kind === 'regex') {
    return Number(test.pattern.endsWith('$')) - Number(test.pattern.startsWith('^'))
  }
  if (test.kind !== 'text') return 0
  const [first] = test.pattern
  return Number(typeof test.pattern.at(-1) === 'string') - Number(typeof first === 'string')
}

/** What stands before a text that may begin anywhere, by how the text begins. */
const LEADS: readonly (readonly [beginning: RegExp, leads: readonly string[]])[] = [
  [/^\\/, ['C:\\Tools', 'D:\\example', '']],
  [/^\//, ['/opt', '/srv/example', '']],
  [/^\s/, ['example', 'x', '']],
  [/^/, ['', 'example ', 'x']],
]

function textsOf(pattern: TextPattern): readonly string[] {
  const [first, second] = pattern
  const isOpen = typeof first === 'object' && first.wildcard === '*'
  const start = isOpen && typeof second === 'string' ? second : ''
  const [, leads] = LEADS.find(([beginning]) => beginning.test(start))!
  const isAny = pattern.length === 1 && isOpen
  return (isOpen ? leads : ['']).map((lead) => {
    const rest = pattern.map((part, at) => {
      if (typeof part === 'string') return part
      if (part.wildcard === '?') return 'x'
      if (at === 0) return isAny ? 'example' : lead
      const before = pattern[at - 1]
      return typeof before === 'string' && /[\s=:]$/.test(before) ? 'example' : ''
    })
    return rest.join('')
  })
}

function addressesIn(text: string): readonly string[] {
  const network = parseNetwork(text)
  if (!network) return []
  const { family } = network
  const { first, last } = endsOf(text)!
  const spread = [first + 1n, first, last, (first + last) / 2n]
  return spread
    .filter((one) => one >= first && one <= last)
    .map((one) => formatAddress(family, one))
}

function addressesBeside(text: string): readonly string[] {
  const network = parseNetwork(text)
  if (!network) return []
  const { first, last } = endsOf(text)!
  const top = (1n << BigInt(bitsOf(network.family))) - 1n
  const beside = [last + 1n, first - 1n].filter((one) => one >= 0n && one <= top)
  return beside.map((one) => formatAddress(network.family, one))
}

function endsOf(text: string): { readonly first: bigint; readonly last: bigint } | undefined {
  const network = parseNetwork(text)
  if (!network) return undefined
  const shift = BigInt(bitsOf(network.family) - network.prefixLength)
  const first = (network.address >> shift) << shift
  return { first, last: first + (1n << shift) - 1n }
}

const RANGES: Readonly<Record<TimePart, readonly [from: number, to: number]>> = {
  minute: [0, 59],
  hour: [0, 23],
  day: [1, 28],
  week: [1, 52],
  month: [1, 12],
  year: [1970, 2100],
}

/** A date for each value the part can have. */
function timesFor(part: TimePart): readonly string[] {
  const [from, to] = RANGES[part]
  return Array.from({ length: to - from + 1 }, (_, at) => {
    const value = from + at
    const at2 = (wanted: TimePart, usual: number) =>
      String(wanted === part ? value : usual).padStart(wanted === 'year' ? 4 : 2, '0')
    if (part === 'week') {
      return new Date(Date.UTC(2026, 0, 1 + 7 * (value - 1))).toISOString()
    }
    const day = `${at2('year', 2026)}-${at2('month', 1)}-${at2('day', 5)}`
    return `${day}T${at2('hour', 9)}:${at2('minute', 30)}:00.000Z`
  })
}
