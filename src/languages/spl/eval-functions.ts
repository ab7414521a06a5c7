// The functions of `eval` as a table. One that says nothing else gets no nulls and no lists: a null
// makes its result null. Source: Splunk Search Reference, "Evaluation functions", read 2026-11.

import { isInNetwork, parseNetwork } from '#languages/cidr.ts'
import { Refusal, unsupported, valuesOf, type Value } from '#languages/evaluation.ts'
import { compileRegex, type CompiledRegex } from '#languages/regex.ts'
import { readWildcards } from '#languages/wildcard.ts'
import { compilePattern } from '#languages/sigma/test.ts'
import { MULTIVALUE_FUNCTIONS } from './multivalue-functions.ts'
import { relativeTime, readTime, writeTime } from './time.ts'
import { compareValues, numberIn, textIn } from './values.ts'

export interface SplEvalFunction {
  readonly takesNull?: true
  readonly takesMany?: true
  apply(given: readonly Value[], scope: { readonly now: number }): Value
}

type Entry = readonly [string, SplEvalFunction]

/** Of numbers; what is no number has no result. */
function math(name: string, compute: (...given: number[]) => number): Entry {
  const apply = (given: readonly Value[]) => {
    const numbers = given.map(numberIn)
    if (numbers.includes(undefined)) return null
    const result = compute(...(numbers as number[]))
    return Number.isFinite(result) ? result : null
  }
  return [name, { apply }]
}

function text(name: string, compute: (text: string, ...more: readonly Value[]) => Value): Entry {
  return [name, { apply: ([value, ...more]) => compute(textIn(value!), ...more) }]
}

function about(name: string, check: (value: Value) => boolean): Entry {
  return [name, { takesNull: true, takesMany: true, apply: ([value = null]) => check(value) }]
}

const MATH: readonly Entry[] = [
  math('abs', Math.abs),
  math('acos', Math.acos),
  math('acosh', Math.acosh),
  math('asin', Math.asin),
  math('asinh', Math.asinh),
  math('atan', Math.atan),
  math('atan2', Math.atan2),
  math('atanh', Math.atanh),
  math('ceil', Math.ceil),
  math('ceiling', Math.ceil),
  math('cos', Math.cos),
  math('cosh', Math.cosh),
  math('exact', (value) => value),
  math('exp', Math.exp),
  math('floor', Math.floor),
  math('hypot', Math.hypot),
  math('ln', Math.log),
  math('log', (value, base = 10) => {
    if (base === 10) return Math.log10(value)
    return base === 2 ? Math.log2(value) : Math.log(value) / Math.log(base)
  }),
  math('pi', () => Math.PI),
  math('pow', (a, b) => a ** b),
  math('round', round),
  math('sin', Math.sin),
  math('sinh', Math.sinh),
  math('sqrt', Math.sqrt),
  math('tan', Math.tan),
  math('tanh', Math.tanh),
  math('bit_and', (...given) => given.reduce((a, b) => a & b)),
  math('bit_or', (...given) => given.reduce((a, b) => a | b)),
  math('bit_xor', (...given) => given.reduce((a, b) => a ^ b)),
  math('bit_shift_left', (a, b) => a << b),
  math('bit_shift_right', (a, b) => a >> b),
]

/** Half away from zero. */
function round(value: number, places = 0): number {
  const scale = 10 ** places
  return (Math.sign(value) * Math.round(Number((Math.abs(value) * scale).toPrecision(15)))) / scale
}

const ABOUT: readonly Entry[] = [
  about('isnull', (value) => value === null),
  about('isnotnull', (value) => value !== null),
  about('isbool', (value) => typeof value === 'boolean'),
  about('isnum', (value) => numberIn(value) !== undefined),
  about('isint', (value) => Number.isInteger(numberIn(value))),
  about('isstr', (value) => typeof value === 'string' && numberIn(value) === undefined),
  about('ismv', (value) => valuesOf(value).length > 1),
  [
    'typeof',
    {
      takesNull: true,
      takesMany: true,
      apply: ([value = null]) => {
        if (value === null) return 'Invalid'
        if (typeof value === 'boolean') return 'Boolean'
        return numberIn(value) === undefined ? 'String' : 'Number'
      },
    },
  ],
  ['null', { apply: () => null }],
  ['true', { apply: () => true }],
  ['false', { apply: () => false }],
  [
    'coalesce',
    {
      takesNull: true,
      takesMany: true,
      apply: (given) => given.find((one) => one !== null) ?? null,
    },
  ],
  [
    'nullif',
    {
      takesNull: true,
      apply: ([a = null, b = null]) =>
        a !== null && b !== null && compareValues(a, b) === 0 ? null : a,
    },
  ],
  [
    'in',
    {
      takesNull: true,
      apply: ([value = null, ...list]) => {
        if (value === null) return null
        return list.some((one) => one !== null && compareValues(value, one) === 0)
      },
    },
  ],
  ['max', { takesNull: true, takesMany: true, apply: (given) => extreme(given, 1) }],
  ['min', { takesNull: true, takesMany: true, apply: (given) => extreme(given, -1) }],
  ['avg', { takesNull: true, takesMany: true, apply: (given) => total(given, true) }],
  ['sum', { takesNull: true, takesMany: true, apply: (given) => total(given, false) }],
]

/** A text is greater than every number. */
function extreme(given: readonly Value[], sign: 1 | -1): Value {
  const values = given.flatMap(valuesOf)
  if (values.length === 0) return null
  const rank = (a: Value, b: Value) => {
    const [x, y] = [numberIn(a) === undefined, numberIn(b) === undefined]
    return x === y ? compareValues(a, b) : x ? 1 : -1
  }
  return values.reduce((best, value) => (rank(value, best) * sign > 0 ? value : best))
}

function total(given: readonly Value[], isMean: boolean): Value {
  const numbers = given.flatMap(valuesOf).flatMap((value) => numberIn(value) ?? [])
  if (numbers.length === 0) return null
  const sum = numbers.reduce((a, b) => a + b, 0)
  return isMean ? sum / numbers.length : sum
}

const TEXT: readonly Entry[] = [
  text('len', (value) => Array.from(value).length),
  text('lower', (value) => value.toLowerCase()),
  text('upper', (value) => value.toUpperCase()),
  text('trim', (value, signs = ' \t') => trim(value, textIn(signs), true, true)),
  text('ltrim', (value, signs = ' \t') => trim(value, textIn(signs), true, false)),
  text('rtrim', (value, signs = ' \t') => trim(value, textIn(signs), false, true)),
  text('substr', substr),
  text('replace', (value, pattern, replacement) => {
    const written = textIn(replacement).replaceAll(/\\(\d)|\$/g, (_, group?: string) =>
      group === undefined ? String.raw`\$` : `$${group}`,
    )
    return regexOf(textIn(pattern)).replace(value, written)
  }),
  text('match', (value, pattern) => regexOf(textIn(pattern)).test(value)),
  text('like', (value, pattern) => likeOf(textIn(pattern))(value)),
  text('urldecode', (value) => {
    try {
      return decodeURIComponent(value)
    } catch (error) {
      if (error instanceof URIError) return value
      throw error
    }
  }),
  [
    'cidrmatch',
    {
      apply: ([network, address]) => {
        const parsed = parseNetwork(textIn(network!))
        if (parsed === undefined)
          throw new Refusal('network', `“${textIn(network!)}” is no network.`)
        return isInNetwork(textIn(address!), parsed)
      },
    },
  ],
  ['tonumber', { apply: toNumber }],
  ['tostring', { apply: toText }],
]

const regexes = new Map<string, CompiledRegex>()
const likes = new Map<string, (text: string) => boolean>()
const REMEMBERED_MAX = 1_000

/** Patterns may be computed row by row; they are mostly the same. */
function remembered<T>(memory: Map<string, T>, key: string, make: () => T): T {
  let value = memory.get(key)
  if (value === undefined) {
    if (memory.size >= REMEMBERED_MAX) memory.clear()
    value = make()
    memory.set(key, value)
  }
  return value
}

/** Throws `Refusal`. */
export function regexOf(pattern: string): CompiledRegex {
  return remembered(regexes, pattern, () => {
    const compiled = compileRegex(pattern, [])
    if (!('refusal' in compiled)) return compiled
    throw new Refusal('regex', `This expression cannot run: ${compiled.refusal}.`)
  })
}

function likeOf(pattern: string): (text: string) => boolean {
  const style = { any: '%', one: '_', escape: '\\', isCaseless: false }
  return remembered(likes, pattern, () => compilePattern(readWildcards(pattern, style)))
}

function trim(value: string, signs: string, isLeft: boolean, isRight: boolean): string {
  let [start, end] = [0, value.length]
  if (isLeft) while (start < end && signs.includes(value[start]!)) start++
  if (isRight) while (end > start && signs.includes(value[end - 1]!)) end--
  return value.slice(start, end)
}

/** From 1; a negative place counts from the end. */
function substr(value: string, start: Value = 1, length?: Value): Value {
  const all = Array.from(value)
  const from = numberIn(start)
  if (from === undefined) return null
  const begin = from > 0 ? from - 1 : from < 0 ? Math.max(0, all.length + from) : 0
  const count = length === undefined ? all.length : numberIn(length)
  if (count === undefined) return null
  return all.slice(begin, begin + Math.max(0, count)).join('')
}

function toNumber([value, base = 10]: readonly Value[]): Value {
  const radix = numberIn(base)
  if (radix === undefined || radix === 10) return numberIn(value) ?? null
  const digits = textIn(value!).replace(radix === 16 ? /^0x/i : /^(?!)/, '')
  const number = Number.parseInt(digits, radix)
  return Number.isNaN(number) ? null : number
}

/** `hex`, `commas`, `duration`; a boolean is written True or False. */
function toText([value = null, format]: readonly Value[]): Value {
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  const number = numberIn(value)
  if (format === undefined || number === undefined) return textIn(value)
  switch (format) {
    case 'hex':
      return `0x${Math.trunc(number).toString(16).toUpperCase()}`
    case 'commas': {
      const [whole = '', part] = String(round(number, 2)).split('.')
      const grouped = whole.replaceAll(/\B(?=(?:\d{3})+$)/g, ',')
      return part === undefined ? grouped : `${grouped}.${part.padEnd(2, '0')}`
    }
    case 'duration':
      return writeDuration(Math.trunc(number))
    default:
      throw unsupported(`The format “${textIn(format)}” of tostring`)
  }
}

function writeDuration(seconds: number): string {
  const two = (value: number) => String(value).padStart(2, '0')
  const [days, rest] = [Math.floor(seconds / 86_400), seconds % 86_400]
  const clock = [Math.floor(rest / 3_600), Math.floor((rest % 3_600) / 60), rest % 60]
    .map(two)
    .join(':')
  return days > 0 ? `${days}+${clock}` : clock
}

const TIME: readonly Entry[] = [
  ['now', { apply: (_given, { now }) => Math.floor(now) }],
  ['time', { apply: (_given, { now }) => now }],
  [
    'relative_time',
    {
      apply: ([at, modifier]) => {
        const seconds = numberIn(at)
        return seconds === undefined ? null : relativeTime(seconds, textIn(modifier!))
      },
    },
  ],
  [
    'strftime',
    {
      apply: ([at, format]) => {
        const seconds = numberIn(at)
        return seconds === undefined ? null : writeTime(seconds, textIn(format!))
      },
    },
  ],
  ['strptime', { apply: ([value, format]) => readTime(textIn(value!), textIn(format!)) ?? null }],
]

export const SPL_FUNCTIONS: ReadonlyMap<string, SplEvalFunction> = new Map([
  ...MATH,
  ...ABOUT,
  ...TEXT,
  ...TIME,
  ...MULTIVALUE_FUNCTIONS,
])
