// ES|QL's scalar functions as a table. A function that names neither gets no nulls and no multivalues:
// either makes its result null. Source: elastic.co/docs, ES|QL "Functions and operators" 9.x, read
// 2026-11.

import { isInNetwork, parseAddress, parseNetwork } from '#languages/cidr.ts'
import { Refusal, type Value } from '#languages/evaluation.ts'
import { DATE_SCALARS } from './scalars-dates.ts'
import { MULTIVALUE_SCALARS } from './scalars-multivalue.ts'
import { TEXT_SCALARS } from './scalars-text.ts'
import { TYPE_SCALARS } from './scalars-types.ts'
import type { Span } from './dates.ts'
import { commonType, numberFrom, orderOf, textFrom, type EsqlType, type Scalar } from './values.ts'

export interface EsqlScalar {
  readonly type: EsqlType | ((given: readonly EsqlType[]) => EsqlType)
  readonly takesMany?: true
  readonly takesNull?: true
  /** Throws `Refusal` where the engine would refuse the types. */
  apply(given: readonly Value[], about: GivenTypes): Value
}

export interface GivenTypes {
  readonly types: readonly EsqlType[]
  readonly spans: readonly (Span | undefined)[]
}

const first = (types: readonly EsqlType[]): EsqlType => types[0] ?? 'null'

function math(
  name: string,
  compute: (value: number) => number,
  type: EsqlScalar['type'] = 'double',
) {
  const apply = ([value]: readonly Value[]) =>
    finite(compute(numberFrom(value, name.toUpperCase())))
  return [name, { type, apply }] as const
}

/** Outside a function's domain there is no result. */
function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null
}

const MATH: readonly (readonly [string, EsqlScalar])[] = [
  math('abs', Math.abs, first),
  math('acos', Math.acos),
  math('asin', Math.asin),
  math('atan', Math.atan),
  math('cbrt', Math.cbrt),
  math('ceil', Math.ceil, first),
  math('cos', Math.cos),
  math('cosh', Math.cosh),
  math('exp', Math.exp),
  math('floor', Math.floor, first),
  math('log10', Math.log10),
  math('signum', Math.sign),
  math('sin', Math.sin),
  math('sinh', Math.sinh),
  math('sqrt', Math.sqrt),
  math('tan', Math.tan),
  math('tanh', Math.tanh),
  math('to_degrees', (value) => (value * 180) / Math.PI),
  math('to_radians', (value) => (value * Math.PI) / 180),
]

function pair(
  name: string,
  compute: (a: number, b: number) => number,
): readonly [string, EsqlScalar] {
  const apply = ([a, b]: readonly Value[]) =>
    finite(compute(numberFrom(a, name), numberFrom(b, name)))
  return [name, { type: 'double', apply }]
}

const MORE_MATH: readonly (readonly [string, EsqlScalar])[] = [
  pair('atan2', Math.atan2),
  pair('hypot', Math.hypot),
  pair('pow', (a, b) => a ** b),
  pair('copy_sign', (a, b) => (b < 0 || Object.is(b, -0) ? -Math.abs(a) : Math.abs(a))),
  ['e', { type: 'double', apply: () => Math.E }],
  ['pi', { type: 'double', apply: () => Math.PI }],
  ['tau', { type: 'double', apply: () => 2 * Math.PI }],
  ['log', { type: 'double', apply: logarithm }],
  ['round', { type: first, apply: round }],
  ['greatest', { type: commonType, apply: (given) => edge(given, 1) }],
  ['least', { type: commonType, apply: (given) => edge(given, -1) }],
  ['cidr_match', { type: 'boolean', apply: cidrMatch }],
]

/** `log(value)` is the natural one, `log(base, value)` of that base. */
function logarithm([a, b]: readonly Value[]): Value {
  const value = numberFrom(b ?? a, 'LOG')
  const base = b === undefined ? Math.E : numberFrom(a, 'LOG')
  if (value <= 0 || base <= 0 || base === 1) return null
  return base === Math.E ? Math.log(value) : Math.log(value) / Math.log(base)
}

/** Half away from zero; negative places round to tens, hundreds and so on. */
function round([value, places = 0]: readonly Value[]): Value {
  const number = numberFrom(value, 'ROUND')
  const scale = 10 ** numberFrom(places, 'ROUND')
  const scaled = Number((Math.abs(number) * scale).toPrecision(15))
  return (Math.sign(number) * Math.round(scaled)) / scale
}

function edge(given: readonly Value[], sign: 1 | -1): Value {
  return (given as readonly Scalar[]).reduce((best, value) => {
    const order = orderOf(value, best)
    return order !== null && order * sign > 0 ? value : best
  })
}

/** A text that is no address would not have been indexed as one: there is no answer. */
function cidrMatch([address, ...networks]: readonly Value[]): Value {
  const text = textFrom(address, 'CIDR_MATCH')
  if (parseAddress(text) === undefined) return null
  return networks.some((network) => {
    const parsed = parseNetwork(textFrom(network, 'CIDR_MATCH'))
    if (parsed === undefined) throw new Refusal('network', `“${String(network)}” is no network.`)
    return isInNetwork(text, parsed)
  })
}

export const ESQL_SCALARS: ReadonlyMap<string, EsqlScalar> = new Map([
  ...MATH,
  ...MORE_MATH,
  ...TEXT_SCALARS,
  ...MULTIVALUE_SCALARS,
  ...TYPE_SCALARS,
  ...DATE_SCALARS,
])
