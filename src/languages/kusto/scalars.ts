// Kusto's scalar functions as a table. Source: learn.microsoft.com, Kusto "Scalar functions", read
// 2026-11.

import { isInNetwork, parseAddress, parseNetwork } from '#languages/cidr.ts'
import { Refusal } from '#languages/evaluation.ts'
import { DATE_FUNCTIONS } from './scalars-dates.ts'
import { TEXT_FUNCTIONS } from './scalars-text.ts'
import {
  binStart,
  isNumeric,
  orderOf,
  readInstant,
  readSpan,
  textOf,
  type KustoType,
  type KustoValue,
} from './values.ts'

export interface KustoScalar {
  readonly type: KustoType | ((given: readonly KustoType[]) => KustoType)
  apply(given: readonly KustoValue[], types: readonly KustoType[]): KustoValue
}

type Entry = readonly [string, KustoScalar]
const first = (types: readonly KustoType[]): KustoType => types[0] ?? 'dynamic'
const firstKnown = (types: readonly KustoType[]): KustoType =>
  types.find((type) => type !== 'dynamic') ?? 'dynamic'

function math(
  name: string,
  apply: (...given: number[]) => number,
  type: KustoScalar['type'] = 'real',
): Entry {
  const whole = (given: readonly KustoValue[]) => {
    if (given.some((value) => typeof value !== 'number')) return null
    const result = apply(...(given as number[]))
    return Number.isFinite(result) ? result : null
  }
  return [name, { type, apply: whole }]
}

function test(name: string, apply: (value: KustoValue, type: KustoType) => boolean): Entry {
  return [name, { type: 'bool', apply: ([value = null], [type = 'dynamic']) => apply(value, type) }]
}

const MATH: readonly Entry[] = [
  math('abs', Math.abs, first),
  math('ceiling', Math.ceil, first),
  math('exp', Math.exp),
  math('log', Math.log),
  math('log10', Math.log10),
  math('log2', Math.log2),
  math('pow', (a, b) => a ** b),
  math('sqrt', Math.sqrt),
  math('sign', Math.sign, 'long'),
  math('round', (value, places = 0) =>
    Number(`${Math.round(Number(`${value}e${places}`))}e${-places}`),
  ),
  math('pi', () => Math.PI),
  ['bin', { type: first, apply: bin }],
  ['floor', { type: first, apply: bin }],
  ['max_of', { type: firstKnown, apply: (given) => extreme(given, 1) }],
  ['min_of', { type: firstKnown, apply: (given) => extreme(given, -1) }],
]

function bin([value, size]: readonly KustoValue[], [type]: readonly KustoType[]): KustoValue {
  if (typeof value !== 'number' || typeof size !== 'number' || size <= 0) return null
  return binStart(value, size, type!)
}

function extreme(given: readonly KustoValue[], sign: 1 | -1): KustoValue {
  const values = given.filter((value) => value !== null)
  return values.reduce<KustoValue>((best, value) => {
    return best === null || (orderOf(value, best) ?? 0) * sign > 0 ? value : best
  }, null)
}

const TESTS: readonly Entry[] = [
  test('isempty', (value) => value === null || value === ''),
  test('isnotempty', (value) => value !== null && value !== ''),
  test('notempty', (value) => value !== null && value !== ''),
  // Of a string it is never true.
  test('isnull', (value, type) => value === null && type !== 'string'),
  test('isnotnull', (value, type) => value !== null || type === 'string'),
  test('notnull', (value, type) => value !== null || type === 'string'),
  test('isnan', (value) => typeof value === 'number' && Number.isNaN(value)),
  ['not', { type: 'bool', apply: ([value]) => (typeof value === 'boolean' ? !value : null) }],
  [
    'coalesce',
    {
      type: firstKnown,
      apply: (given) =>
        given.find((value) => value !== null && value !== '') ?? given.at(-1) ?? null,
    },
  ],
]

const CONVERSIONS: readonly Entry[] = [
  [
    'tostring',
    { type: 'string', apply: ([value = null], [type = 'dynamic']) => textOf(value, type) },
  ],
  ...['toint', 'tolong'].map((name): Entry => [
    name,
    { type: 'long', apply: ([value]) => toWhole(value) },
  ]),
  ...['todouble', 'toreal', 'todecimal'].map((name): Entry => [
    name,
    { type: 'real', apply: ([value]) => toReal(value) },
  ]),
  ['tobool', { type: 'bool', apply: ([value]) => toBool(value) }],
  ['toboolean', { type: 'bool', apply: ([value]) => toBool(value) }],
  [
    'todatetime',
    {
      type: 'datetime',
      apply: ([value = null], [type]) =>
        type === 'datetime' ? value : typeof value === 'string' ? readInstant(value) : null,
    },
  ],
  [
    'totimespan',
    {
      type: 'timespan',
      apply: ([value = null], [type]) =>
        type === 'timespan' ? value : typeof value === 'string' ? readSpan(value) : null,
    },
  ],
  ...['parse_json', 'todynamic', 'dynamic'].map((name): Entry => [
    name,
    { type: 'dynamic', apply: ([value = null]) => parseJson(value) },
  ]),
]

const NUMBER = /^\s*[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?\s*$/i

function toReal(value: KustoValue | undefined): number | null {
  if (typeof value === 'number') return value
  if (typeof value === 'boolean') return value ? 1 : 0
  return typeof value === 'string' && NUMBER.test(value) ? Number(value) : null
}

/** A text must be a whole number; hexadecimal is one. */
function toWhole(value: KustoValue | undefined): number | null {
  if (typeof value === 'string')
    return /^\s*[-+]?(?:\d+|0x[\da-f]+)\s*$/i.test(value) ? Number(value) : null
  const number = toReal(value)
  return number === null ? null : Math.trunc(number)
}

function toBool(value: KustoValue | undefined): boolean | null {
  if (typeof value === 'boolean') return value
  if (typeof value === 'number') return value !== 0
  if (typeof value !== 'string') return null
  return /^(?:true|1)$/i.test(value) ? true : /^(?:false|0)$/i.test(value) ? false : null
}

/** What is no JSON is the text itself. */
function parseJson(value: KustoValue): KustoValue {
  if (typeof value !== 'string') return value
  try {
    return JSON.parse(value) as KustoValue
  } catch (error) {
    if (error instanceof SyntaxError) return value
    throw error
  }
}

const listIn = (value: KustoValue | undefined): readonly KustoValue[] | null =>
  Array.isArray(value) ? (value as readonly KustoValue[]) : null

const DYNAMIC: readonly Entry[] = [
  ['array_length', { type: 'long', apply: ([value]) => listIn(value)?.length ?? null }],
  [
    'array_index_of',
    { type: 'long', apply: ([value, wanted = null]) => listIn(value)?.indexOf(wanted) ?? null },
  ],
  [
    'array_concat',
    { type: 'dynamic', apply: (given) => given.flatMap((value) => listIn(value) ?? []) },
  ],
  ['pack_array', { type: 'dynamic', apply: (given) => given }],
  [
    'set_has_element',
    { type: 'bool', apply: ([value, wanted = null]) => listIn(value)?.includes(wanted) ?? null },
  ],
  [
    'bag_keys',
    { type: 'dynamic', apply: ([value = null]) => (isBag(value) ? Object.keys(value) : null) },
  ],
  ...['pack', 'bag_pack', 'pack_dictionary'].map((name): Entry => [
    name,
    { type: 'dynamic', apply: pack },
  ]),
  [
    'strcat_array',
    {
      type: 'string',
      apply: ([value, by = '']) =>
        (listIn(value) ?? []).map((one) => textOf(one, 'dynamic')).join(textOf(by, 'string')),
    },
  ],
]

function isBag(value: KustoValue): value is { readonly [key: string]: KustoValue } {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
}

function pack(given: readonly KustoValue[]): KustoValue {
  const bag = Object.create(null) as Record<string, KustoValue>
  for (let at = 0; at + 1 < given.length; at += 2)
    bag[textOf(given[at]!, 'string')] = given[at + 1]!
  return bag
}

/** No address has no answer. */
function inRange(family: 4 | 6): KustoScalar['apply'] {
  return ([address = null, ...networks]) => {
    const text = textOf(address, 'string')
    if (parseAddress(text)?.family !== family && (family === 4 || parseAddress(text) === undefined))
      return null
    return networks.some((one) => {
      const parsed = parseNetwork(textOf(one, 'string'))
      if (parsed === undefined)
        throw new Refusal('network', `“${textOf(one, 'string')}” is no network.`)
      return isInNetwork(text, parsed)
    })
  }
}

const PRIVATE = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'].map((one) => parseNetwork(one)!)

const NETWORK: readonly Entry[] = [
  ['ipv4_is_in_range', { type: 'bool', apply: inRange(4) }],
  [
    'ipv4_is_in_any_range',
    {
      type: 'bool',
      apply: ([address = null, ...rest]) =>
        inRange(4)([address, ...rest.flatMap((one) => listIn(one) ?? [one])], []),
    },
  ],
  ['ipv6_is_in_range', { type: 'bool', apply: inRange(6) }],
  [
    'ipv4_is_private',
    {
      type: 'bool',
      apply: ([address = null]) => {
        const text = textOf(address, 'string')
        if (parseAddress(text)?.family !== 4) return null
        return PRIVATE.some((network) => isInNetwork(text, network))
      },
    },
  ],
]

export const KUSTO_SCALARS: ReadonlyMap<string, KustoScalar> = new Map([
  ...MATH,
  ...TESTS,
  ...CONVERSIONS,
  ...DYNAMIC,
  ...NETWORK,
  ...TEXT_FUNCTIONS,
  ...DATE_FUNCTIONS,
])

/** Sums of whole numbers stay whole. */
export function sumType(type: KustoType): KustoType {
  return isNumeric(type) || type === 'timespan' ? type : 'real'
}
