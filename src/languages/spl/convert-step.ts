// `convert`: texts of times and numbers into each other. Source: Splunk Search Reference, "convert",
// read 2026-11. Wildcards in names, and the functions that guess or that read memory and durations,
// are refused.

import { Refusal, unsupported, type Fields, type Value } from '#languages/evaluation.ts'
import { knowOptions, option, type Step, type StepScope } from './step.ts'
import { readTime, writeTime } from './time.ts'
import type { SplPlain } from './tree.ts'
import { numberIn, textIn } from './values.ts'

const TIME_FORMAT = '%m/%d/%Y %H:%M:%S'

interface Conversion {
  readonly from: string
  readonly to: string
  /** Null takes the field away. */
  readonly of: (value: Value) => Value
}

/** Throws `Refusal`. */
export function convert(command: SplPlain, scope: StepScope): Step {
  knowOptions(command, 'timeformat')
  const format = option(command, 'timeformat') ?? TIME_FORMAT
  const conversions = conversionsOf(command, format)
  return function* (rows) {
    for (const row of rows) {
      scope.budget.step()
      for (const one of conversions) apply(one, row, command)
      yield row
    }
  }
}

function apply({ from, to, of }: Conversion, row: Fields, command: SplPlain): void {
  const value = row.get(from) ?? null
  if (value === null) return
  if (typeof value === 'object') throw unsupported('convert of several values', command)
  const result = of(value)
  if (result === null) row.delete(to)
  else row.set(to, result)
}

/** `function(field)`, with `AS name` or in place. */
function conversionsOf(command: SplPlain, format: string): readonly Conversion[] {
  const { words } = command
  const found: Conversion[] = []
  for (let at = 0; at < words.length;) {
    const [name, field, as, to] = words.slice(at, at + 4)
    if (!name || !field)
      throw new Refusal('wrong-arguments', 'convert needs function(field).', command)
    if (/\*/.test(field.name)) throw unsupported('convert of a pattern of fields', field)
    const of = conversion(name.name.toLowerCase(), format)
    if (of === undefined) throw unsupported(`${name.name} of convert`, name)
    const isNamed = as?.name.toLowerCase() === 'as' && to !== undefined
    found.push({ from: field.name, to: isNamed ? to.name : field.name, of })
    at += isNamed ? 4 : 2
  }
  return found
}

function conversion(name: string, format: string): Conversion['of'] | undefined {
  switch (name) {
    case 'ctime':
      return (value) => {
        const seconds = numberIn(value)
        if (seconds === undefined) throw unsupported('ctime of what is no number')
        return writeTime(seconds, format)
      }
    case 'mktime':
      return (value) => readTime(textIn(value), format) ?? null
    case 'num':
      return (value) => numberIn(value) ?? null
    case 'rmcomma':
      return (value) => textIn(value).replaceAll(',', '')
    case 'none':
      return (value) => value
    default:
      return undefined
  }
}
