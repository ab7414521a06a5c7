// The modifiers of detection items: one table, applied left to right to every value. A modifier that
// cannot be applied to the kind of value it is given is a problem of the rule, never a silent pass.
// Specification: appendix "Sigma Modifiers" 2.1.0; `ignorecase`, `multiline`, `dotall`, and regular
// expressions and field references under `contains` and its kin are the reference converter's.

import { parseNetwork } from '#languages/cidr.ts'
import type { Comparison, FieldrefHow, RegexFlag, TimePart } from '#languages/predicate.ts'
import { asText, base64Offsets, utf16, utf16be, utf16le, utf8, type Bytes } from './encoding.ts'
import {
  fromPlain,
  plainText,
  withLeadingAny,
  withPlaceholders,
  withTrailingAny,
  type TextValue,
  type Value,
} from './value.ts'
import { windashVariants } from './windash.ts'

/** A value, or the sentence that says why there is none. */
export type Modified = Value | { readonly refusal: string; readonly hint?: string }
type Modifier = (value: Value) => Modified

export const VALUE_MODIFIERS: ReadonlyMap<string, Modifier> = new Map<string, Modifier>([
  ['contains', (value) => around(value, 'contains')],
  ['startswith', (value) => around(value, 'startswith')],
  ['endswith', (value) => around(value, 'endswith')],
  ['cased', text((value) => ({ ...value, isCased: true }))],
  ['windash', text(windash)],
  ['expand', text(withPlaceholders)],
  ['base64', text((value) => encoded(value, (bytes) => [bytes.toString('base64')]))],
  ['base64offset', text((value) => encoded(value, base64Offsets))],
  ['utf16le', text((value) => rewritten(value, utf16le))],
  ['wide', text((value) => rewritten(value, utf16le))],
  ['utf16be', text((value) => rewritten(value, utf16be))],
  ['utf16', text((value) => rewritten(value, utf16))],
  ['re', text((value) => ({ kind: 'regex', pattern: value.raw, flags: [] }))],
  ...(['i', 'ignorecase', 'm', 'multiline', 's', 'dotall'] as const).map(
    (name): [string, Modifier] => [name, (value) => withFlag(value, FLAGS[name])],
  ),
  ['cidr', text(network)],
  ['fieldref', text(fieldref)],
  ['exists', exists],
  ...(['lt', 'lte', 'gt', 'gte'] as const).map((op): [string, Modifier] => [
    op,
    (value) => compare(value, op),
  ]),
  ...(['minute', 'hour', 'day', 'week', 'month', 'year'] as const).map(
    (part): [string, Modifier] => [part, (value) => timePart(value, part)],
  ),
])

/** These change how the values of an item are joined, not the values. */
export const LIST_MODIFIERS: ReadonlySet<string> = new Set(['all', 'neq'])

const FLAGS = {
  i: 'i',
  ignorecase: 'i',
  m: 'm',
  multiline: 'm',
  s: 's',
  dotall: 's',
} as const satisfies Record<string, RegexFlag>

/** Lets a modifier see through an expansion: `windash|contains` is contains of each variant. */
export function applyModifier(modifier: Modifier, value: Value): Modified {
  if (value.kind !== 'expansion') return modifier(value)
  const values: Value[] = []
  for (const inner of value.values) {
    const modified = applyModifier(modifier, inner)
    if ('refusal' in modified) return modified
    values.push(modified)
  }
  return { kind: 'expansion', values }
}

export function describeValue(value: Value): string {
  switch (value.kind) {
    case 'text':
      return `the text "${value.raw.slice(0, 40)}"`
    case 'number':
    case 'boolean':
      return `the ${value.kind} ${value.value}`
    case 'null':
      return 'null'
    case 'regex':
      return 'a regular expression'
    case 'fieldref':
      return 'a field reference'
    default:
      return 'the result of the modifiers before it'
  }
}

function text(apply: (value: TextValue) => Modified): Modifier {
  return (value) => {
    if (value.kind === 'text') return apply(value)
    const refusal = `needs text, not ${describeValue(value)}`
    const isScalar = value.kind === 'number' || value.kind === 'boolean'
    return isScalar ? { refusal, hint: 'Put the value in quotes if text is meant.' } : { refusal }
  }
}

function around(value: Value, how: Exclude<FieldrefHow, 'equals'>): Modified {
  switch (value.kind) {
    case 'text': {
      const led = how === 'startswith' ? value : withLeadingAny(value)
      return how === 'endswith' ? led : withTrailingAny(led)
    }
    case 'fieldref':
      return { ...value, how }
    case 'regex':
      return { ...value, pattern: regexAround(value.pattern, how) }
    default:
      return text((same) => same)(value)
  }
}

// The engines that match whole values need the open ends spelled out; search engines ignore them.
function regexAround(pattern: string, how: Exclude<FieldrefHow, 'equals'>): string {
  const isOpenBefore = how !== 'startswith' && !/^(?:\.\*|\^)/.test(pattern)
  const isOpenAfter = how !== 'endswith' && !/(?:\.\*|\$)$/.test(pattern)
  return `${isOpenBefore ? '.*' : ''}${pattern}${isOpenAfter ? '.*' : ''}`
}

function windash(value: TextValue): Modified {
  const variants = windashVariants(value.parts)
  if (variants === undefined) {
    return { refusal: 'finds too many dashes: the variants would be thousands' }
  }
  return {
    kind: 'expansion',
    values: variants.map((parts) => ({ ...value, parts })),
  }
}

function bytesOf(value: TextValue): Bytes | undefined {
  const plain = plainText(value)
  if (plain === undefined) return undefined
  return value.isBytes ? Buffer.from(plain, 'latin1') : utf8(plain)
}

function rewritten(value: TextValue, encode: (text: string) => Bytes): Modified {
  const plain = plainText(value)
  if (plain === undefined) return { refusal: 'cannot encode text with wildcards or placeholders' }
  return { ...fromPlain(asText(encode(plain)), value), isBytes: true }
}

function encoded(value: TextValue, encode: (bytes: Bytes) => readonly string[]): Modified {
  const bytes = bytesOf(value)
  if (bytes === undefined) return { refusal: 'cannot encode text with wildcards or placeholders' }
  if (bytes.length === 0) return { refusal: 'has nothing to encode' }
  const variants = encode(bytes)
  if (variants.includes('')) {
    return { refusal: 'leaves nothing to look for: one byte is too short for every offset' }
  }
  const values = variants.map((variant) => fromPlain(variant, value))
  return values.length === 1 ? values[0]! : { kind: 'expansion', values }
}

function withFlag(value: Value, flag: RegexFlag): Modified {
  if (value.kind !== 'regex') return { refusal: 'stands only after "re"' }
  if (value.flags.includes(flag)) return value
  return { ...value, flags: [...value.flags, flag] }
}

function network(value: TextValue): Modified {
  const plain = plainText(value)
  if (plain !== undefined && parseNetwork(plain)) return { kind: 'cidr', network: plain }
  // A placeholder may become a network later; the pipeline that fills it checks again.
  if (value.parts.some((part) => typeof part === 'object' && 'placeholder' in part)) return value
  return { refusal: `"${value.raw}" is no network`, hint: 'Write 10.0.0.0/8 or fe80::/10.' }
}

function fieldref(value: TextValue): Modified {
  const other = plainText(value)
  if (!other) return { refusal: 'needs the name of a field, without wildcards' }
  return { kind: 'fieldref', other, how: 'equals' }
}

function exists(value: Value): Modified {
  if (value.kind !== 'boolean') return { refusal: 'needs true or false' }
  return value.value ? { kind: 'exists' } : { kind: 'absent' }
}

function compare(value: Value, op: Comparison): Modified {
  if (value.kind === 'number') return { kind: 'compare', op, value: value.value }
  if (value.kind === 'time') return { ...value, op }
  const refusal = `needs a number, not ${describeValue(value)}`
  return value.kind === 'text' ? { refusal, hint: 'Write the number without quotes.' } : { refusal }
}

function timePart(value: Value, part: TimePart): Modified {
  if (value.kind === 'number') return { kind: 'time', part, op: 'eq', value: value.value }
  if (value.kind === 'compare') return { kind: 'time', part, op: value.op, value: value.value }
  return { refusal: `needs a number, not ${describeValue(value)}` }
}
