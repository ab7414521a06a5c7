// Values as Splunk computes with them: a field holds text, and text that looks like a number is one.
// Source: Splunk Search Reference, "eval command usage", "sort", "Comparison and conditional functions",
// 9.x and 10.x, read 2026-11.

import { compareText, valuesOf, type Value } from '#languages/evaluation.ts'

const NUMBER = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/i

/** Undefined for what is no number. */
export function numberIn(value: Value | undefined): number | undefined {
  if (typeof value === 'number') return value
  return typeof value === 'string' && NUMBER.test(value) ? Number(value) : undefined
}

/** Fifteen digits, as many as Splunk shows. */
export function textIn(value: Value): string {
  if (typeof value === 'number') return String(Number(value.toPrecision(15)))
  if (typeof value === 'object') return valuesOf(value).map(textIn).join('\n')
  return String(value)
}

/** Numbers by size, anything else as text, with regard to case. */
export function compareValues(a: Value, b: Value): number {
  const [x, y] = [numberIn(a), numberIn(b)]
  if (x !== undefined && y !== undefined) return x - y
  return compareText(textIn(a), textIn(b))
}
