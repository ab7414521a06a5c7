// The functions of `eval` over fields with several values. Source: Splunk Search Reference, "Multivalue
// eval functions", read 2026-11.

import { compareText, listOf, Refusal, valuesOf, type Value } from '#languages/evaluation.ts'
import { compileRegex } from '#languages/regex.ts'
import type { SplEvalFunction } from './eval-functions.ts'
import { readSpan, addTo } from './time.ts'
import { numberIn, textIn } from './values.ts'

type Entry = readonly [string, SplEvalFunction]

function many(
  name: string,
  compute: (values: readonly Value[], ...more: readonly Value[]) => Value,
): Entry {
  const apply = ([value, ...more]: readonly Value[]) => compute(valuesOf(value), ...more)
  return [name, { takesMany: true, apply }]
}

const VALUES_MAX = 100_000

export const MULTIVALUE_FUNCTIONS: readonly Entry[] = [
  [
    'mvappend',
    { takesNull: true, takesMany: true, apply: (given) => listOf(given.flatMap(valuesOf)) },
  ],
  many('mvcount', (values) => values.length),
  many('mvdedup', (values) =>
    listOf([...new Map(values.map((one) => [textIn(one), one])).values()]),
  ),
  many('mvfind', (values, pattern) => {
    const compiled = compileRegex(textIn(pattern), [])
    if ('refusal' in compiled) {
      throw new Refusal('regex', `This expression cannot run: ${compiled.refusal}.`)
    }
    const at = values.findIndex((value) => compiled.test(textIn(value)))
    return at < 0 ? null : at
  }),
  many('mvindex', (values, start, end = start) => {
    const [from, to] = [numberIn(start), numberIn(end)]
    if (from === undefined || to === undefined) return null
    const [first, last] = [from < 0 ? values.length + from : from, to < 0 ? values.length + to : to]
    return first < 0 || first > last ? null : listOf(values.slice(first, last + 1))
  }),
  many('mvjoin', (values, delimiter) => values.map(textIn).join(textIn(delimiter))),
  ['mvrange', { apply: range }],
  many('mvsort', (values) => listOf(values.toSorted((a, b) => compareText(textIn(a), textIn(b))))),
  many('mvzip', (values, other = null, delimiter = ',') => {
    const others = valuesOf(other)
    const length = Math.min(values.length, others.length)
    const pairs = values
      .slice(0, length)
      .map((one, at) => `${textIn(one)}${textIn(delimiter)}${textIn(others[at]!)}`)
    return listOf(pairs)
  }),
  ['split', { apply: ([value, delimiter]) => split(textIn(value!), textIn(delimiter!)) }],
]

function split(value: string, delimiter: string): Value {
  return listOf(delimiter === '' ? Array.from(value) : value.split(delimiter))
}

/** The end is not included; a step may be a span of time. */
function range([start, end, step = 1]: readonly Value[]): Value {
  const [from, to] = [numberIn(start), numberIn(end)]
  if (from === undefined || to === undefined) return null
  const size = numberIn(step)
  const span = size === undefined ? readSpan(textIn(step)) : undefined
  const values: number[] = []
  for (let at = from; at < to; at = span ? addTo(at, span, 1) : at + size!) {
    values.push(at)
    const isEndless = span === undefined && size! <= 0
    if (isEndless || values.length > VALUES_MAX) {
      throw new Refusal('too-large', 'mvrange makes too many values.')
    }
  }
  return listOf(values)
}
