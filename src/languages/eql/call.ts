// EQL's functions over values. A missing argument makes the result null; a function that answers true
// or false holds when it holds for one of several values. `~` ignores case.
// Source: elastic.co/docs, EQL function reference, read 2026-11.

import { isInNetwork, parseNetwork } from '#languages/cidr.ts'
import { listOf, Refusal, unsupported, valuesOf, type Value } from '#languages/evaluation.ts'
import { compileWildcards } from '#languages/wildcard.ts'
import type { EqlCompute } from './condition.ts'
import { findEqlFunction } from './functions.ts'
import type { EqlCall } from './tree.ts'

type Apply = (given: readonly Value[], call: EqlCall) => Value

/** Throws `Refusal`. */
export function compileEqlCall(call: EqlCall, given: readonly EqlCompute[]): EqlCompute {
  const name = findEqlFunction(call.name)?.name ?? call.name
  const apply = FUNCTIONS[name]
  if (apply === undefined) throw unsupported(`The function ${call.name}`, call)
  const missing = isQuery(name, call) ? false : null
  return (document) => {
    const values = given.map((compute) => compute(document))
    if (missing === false && values[0] === null) return missing
    if (name !== 'string' && values.some((value) => value === null)) return null
    return overValues(apply, values, call)
  }
}

/** A field against values is answered by the index, where a missing field does not match. */
function isQuery(name: string, { arguments: [first, ...rest] }: EqlCall): boolean {
  const isIndexed = /^(?:cidrMatch|startsWith|endsWith|stringContains|wildcard)$/.test(name)
  return isIndexed && first?.kind === 'field' && rest.every(({ kind }) => kind === 'literal')
}

/** The first argument may have several values: the function is applied to each. */
function overValues(apply: Apply, [first = null, ...rest]: readonly Value[], call: EqlCall): Value {
  if (!Array.isArray(first)) return apply([first, ...rest], call)
  const results = valuesOf(first).map((one) => apply([one, ...rest], call))
  if (results.every((one) => typeof one === 'boolean')) return results.includes(true)
  return listOf(results.filter((one) => one !== null))
}

const FUNCTIONS: Readonly<Record<string, Apply>> = {
  add: arithmetic((a, b) => a + b),
  subtract: arithmetic((a, b) => a - b),
  multiply: arithmetic((a, b) => a * b),
  divide: arithmetic((a, b) => {
    if (b === 0) return null
    return Number.isInteger(a) && Number.isInteger(b) ? Math.floor(a / b) : a / b
  }),
  modulo: arithmetic((a, b) => (b === 0 ? null : a % b)),
  between,
  cidrMatch: ([address, ...networks], call) =>
    networks.some((network) => {
      const parsed = parseNetwork(text(network, call))
      if (parsed === undefined)
        throw new Refusal('network', `“${String(network)}” is no network.`, call)
      return isInNetwork(text(address, call), parsed)
    }),
  concat: (given) => given.map(String).join(''),
  endsWith: ([source, ...ends], call) =>
    some(ends, call, (end) => fold(source, call).endsWith(end)),
  startsWith: ([source, ...starts], call) =>
    some(starts, call, (start) => fold(source, call).startsWith(start)),
  stringContains: ([source, part], call) => fold(source, call).includes(fold(part, call)),
  indexOf: ([source, part, from = 0], call) => {
    const at = fold(source, call).indexOf(fold(part, call), number(from, call))
    return at < 0 ? null : at
  },
  length: ([source], call) => text(source, call).length,
  number: ([source, base = 10], call) => readNumber(text(source, call), number(base, call)),
  string: ([value]) => (value === null || value === undefined ? null : String(value)),
  substring: ([source, start, end], call) => {
    const whole = text(source, call)
    return whole.slice(number(start, call), end === undefined ? undefined : number(end, call))
  },
  wildcard: ([source, ...patterns], call) =>
    patterns.some((pattern) => {
      const style = { any: '*', one: '?', isCaseless: call.isCaseless }
      return compileWildcards(text(pattern, call), style)(text(source, call))
    }),
}

function arithmetic(compute: (a: number, b: number) => Value): Apply {
  return ([a, b], call) => compute(number(a, call), number(b, call))
}

/** What stands between two texts; nothing between them is the empty text. */
function between([source, left, right, isGreedy = false]: readonly Value[], call: EqlCall): Value {
  const [whole, folded] = [text(source, call), fold(source, call)]
  const [head, tail] = [fold(left, call), fold(right, call)]
  const start = folded.indexOf(head)
  if (start < 0) return ''
  const from = start + head.length
  const end = isGreedy === true ? folded.lastIndexOf(tail) : folded.indexOf(tail, from)
  return end < from ? '' : whole.slice(from, end)
}

/** Hexadecimal with base 16, with or without `0x`; no number is null. */
function readNumber(written: string, base: number): Value {
  if (base === 10) {
    const isNumber = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/i.test(written)
    return isNumber ? Number(written) : /^0x[\da-f]+$/i.test(written) ? Number(written) : null
  }
  const digits = base === 16 ? written.replace(/^0x/i, '') : written
  const value = Number.parseInt(digits, base)
  return Number.isNaN(value) ? null : value
}

function some(parts: readonly Value[], call: EqlCall, check: (part: string) => boolean): boolean {
  return parts.some((part) => valuesOf(part).some((one) => check(fold(one, call))))
}

function fold(value: Value | undefined, call: EqlCall): string {
  const plain = text(value, call)
  return call.isCaseless ? plain.toLowerCase() : plain
}

function text(value: Value | undefined, call: EqlCall): string {
  if (typeof value === 'string') return value
  throw new Refusal('type-mismatch', `“${call.name}” needs a text here.`, call)
}

function number(value: Value | undefined, call: EqlCall): number {
  if (typeof value === 'number') return value
  throw new Refusal('type-mismatch', `“${call.name}” needs a number here.`, call)
}
