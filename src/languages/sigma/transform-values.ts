// What a step of a pipeline does to one value. Text is changed in its written form, with wildcards as
// `*` and `?`, so that a pipeline may speak of them; a backslash before a wildcard stays a backslash.

import { ANY } from '#languages/predicate.ts'
import { expressionOf, plainOf, type RuleState } from './pipeline-state.ts'
import type { StepData } from './pipeline.ts'
import {
  fromPlain,
  isPlaceholder,
  isWildcard,
  joinParts,
  plainText,
  readText,
  withPlaceholders,
  writeText,
  type TextPart,
  type TextValue,
  type Value,
} from './value.ts'

export function replaceString(data: StepData): (value: Value) => readonly Value[] {
  const expression = expressionOf(data, plainOf(data['regex']))
  const replacement = replacementOf(plainOf(data['replacement']))
  const isTextOnly = data['skip_special'] === true
  const isInterpreted = data['interpret_special'] === true
  const inText = (part: TextPart): readonly TextPart[] => {
    if (typeof part !== 'string') return [part]
    const replaced = expression.replace(part, replacement)
    return isInterpreted ? readText(replaced).parts : [replaced]
  }
  return (value) => {
    if (value.kind !== 'text') return [value]
    if (isTextOnly) return [withParts(value, joinParts(value.parts.flatMap(inText)))]
    const written = writeText(value.parts)
    const replaced = expression.replace(written, replacement)
    if (replaced === written) return [value]
    const read = readText(replaced)
    const { parts } = value.parts.some(isPlaceholder) ? withPlaceholders(read) : read
    return [withParts(value, parts)]
  }
}

/** Python's `\1`, `\g<name>` and `\\` as the engine here writes them. */
function replacementOf(written: string): string {
  return written
    .replaceAll('$', '\\$')
    .replaceAll(/\\g<(\w+)>|\\(\d+)|\\\\/g, (all, name?: string, number?: string) => {
      if (all === '\\\\') return '\\\\'
      return name === undefined ? `$${number}` : `\${${name}}`
    })
}

function withParts(value: TextValue, parts: readonly TextPart[]): TextValue {
  return { ...value, parts, raw: writeText(parts) }
}

export function mapString(data: StepData, value: Value): readonly Value[] {
  const written = value.kind === 'text' ? writeText(value.parts) : undefined
  const mapping = data['mapping'] as Readonly<Record<string, unknown>>
  if (written === undefined || !Object.hasOwn(mapping, written)) return [value]
  return [mapping[written]].flat().map(valueOf)
}

export function convertType(data: StepData, value: Value): Value {
  if (data['target_type'] === 'num') {
    const plain = value.kind === 'text' ? plainText(value) : undefined
    const number = Number(plain)
    if (plain === undefined || plain === '' || Number.isNaN(number)) return value
    return { kind: 'number', value: number }
  }
  return value.kind === 'number' ? fromPlain(String(value.value)) : value
}

const CASES: Readonly<Record<string, (text: string) => string>> = {
  lower: (text) => text.toLowerCase(),
  upper: (text) => text.toUpperCase(),
  snake_case: (text) =>
    text
      .replaceAll(/([a-z\d])([A-Z])/g, '$1_$2')
      .replaceAll(/([A-Z]+)([A-Z][a-z])/g, '$1_$2')
      .toLowerCase(),
}

export function withCase(data: StepData, value: Value): Value {
  if (value.kind !== 'text') return value
  const change = CASES[plainOf(data['method'] ?? 'lower')] ?? CASES['lower']!
  const parts = value.parts.map((part) => (typeof part === 'string' ? change(part) : part))
  return withParts(value, parts)
}

export function setValue(data: StepData): Value {
  const given = data['value']
  if (data['force_type'] === 'str') return readText(plainOf(given))
  if (data['force_type'] === 'num') return { kind: 'number', value: Number(given) }
  return valueOf(given)
}

/** Text as a regular expression, for languages that regard case; empty text stays as it is. */
export function toExpression(data: StepData, value: Value): Value {
  if (value.kind !== 'text' || value.parts.length === 0 || value.parts.some(isPlaceholder)) {
    return value
  }
  const method = plainOf(data['method'] ?? 'ignore_case_brackets')
  const isBracketed = method === 'ignore_case_brackets'
  const pattern = value.parts.map((part) => {
    if (isWildcard(part)) return part === ANY ? '.*' : '.'
    return typeof part === 'string' ? bracketed(part, isBracketed) : ''
  })
  const flags = method === 'ignore_case_flag' ? (['i'] as const) : []
  return { kind: 'regex', pattern: `^${pattern.join('')}$`, flags }
}

function bracketed(text: string, isBracketed: boolean): string {
  return Array.from(text)
    .map((character) => {
      const [lower, upper] = [character.toLowerCase(), character.toUpperCase()]
      if (isBracketed && lower !== upper) return `[${lower}${upper}]`
      return character.replace(/[\\^$.|?*+()[\]{}/-]/, '\\$&')
    })
    .join('')
}

export type Parts = readonly TextPart[]

/** Every placeholder that is meant by what `fill` gives; undefined leaves it for another step. */
export function fillPlaceholders(
  data: StepData,
  fill: (name: string) => readonly Parts[] | undefined,
): (value: Value) => readonly Value[] {
  return (value) => {
    if (value.kind !== 'text') return [value]
    let variants: Parts[] = [[]]
    for (const part of value.parts) {
      const options =
        isPlaceholder(part) && isMeant(data, part.placeholder) ? fill(part.placeholder) : undefined
      variants = variants.flatMap((variant) =>
        (options ?? [[part]]).map((option) => [...variant, ...option]),
      )
    }
    return variants.map((parts) => ({ ...value, parts: joinParts(parts) }))
  }
}

function isMeant(data: StepData, name: string): boolean {
  const included = data['include'] as readonly string[] | undefined
  const excluded = data['exclude'] as readonly string[] | undefined
  return (included === undefined || included.includes(name)) && !excluded?.includes(name)
}

/** A value that is one placeholder, as text in the target's own language. */
export function toQueryExpression(data: StepData, value: Value): Value {
  const [only, ...more] = value.kind === 'text' ? value.parts : []
  if (only === undefined || more.length > 0 || !isPlaceholder(only)) return value
  if (!isMeant(data, only.placeholder)) return value
  const mapping = (data['mapping'] ?? {}) as Readonly<Record<string, unknown>>
  const id = plainOf(mapping[only.placeholder] ?? only.placeholder)
  return { kind: 'verbatim', template: plainOf(data['expression']), id }
}

/** The values a pipeline's `vars` give a placeholder. */
export function variable(state: RuleState, name: string): readonly Parts[] | undefined {
  if (!Object.hasOwn(state.vars, name)) return undefined
  return [state.vars[name]].flat().map((value) => readText(plainOf(value)).parts)
}

export function valueOf(data: unknown): Value {
  if (data === null || data === undefined) return { kind: 'null' }
  if (typeof data === 'number') return { kind: 'number', value: data }
  if (typeof data === 'boolean') return { kind: 'boolean', value: data }
  return readText(plainOf(data))
}
