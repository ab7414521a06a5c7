// Values of detection items: text with wildcards and placeholders, numbers, and what modifiers make
// of them. Escaping by the specification: a backslash is itself unless it stands before `*`, `?` or
// another backslash; `\*` is a star, `\\*` is a backslash and a wildcard.

import { ANY, ONE, type Test, type TextPattern, type Wildcard } from '#languages/predicate.ts'

/** `%name%` under the `expand` modifier, until a pipeline says what it stands for. */
export interface Placeholder {
  readonly placeholder: string
}

export type TextPart = string | Wildcard | Placeholder

export interface TextValue {
  readonly kind: 'text'
  readonly parts: readonly TextPart[]
  readonly isCased: boolean
  /** One character a byte, after an encoding modifier: encoding again must not make UTF-8 of it. */
  readonly isBytes?: true
  /** As written in the rule: regular expressions and networks are read from this. */
  readonly raw: string
}

/** Several values that stand for one as written: matching any of them is matching it. */
export interface Expansion {
  readonly kind: 'expansion'
  readonly values: readonly Value[]
}

/** What the item asks of the field; text may still hold placeholders. */
export type Value = TextValue | Expansion | Exclude<Test, { kind: 'text' }> | Absence

/** `field|exists: false` */
export interface Absence {
  readonly kind: 'absent'
}

export function readText(raw: string): TextValue {
  const parts: TextPart[] = []
  let plain = ''
  for (let at = 0; at < raw.length; at++) {
    const character = raw[at]!
    if (character === '\\') {
      const next = raw[at + 1]
      if (next === '*' || next === '?' || next === '\\') at++
      plain += next === '*' || next === '?' ? next : '\\'
    } else if (character === '*' || character === '?') {
      if (plain) parts.push(plain)
      parts.push(character === '*' ? ANY : ONE)
      plain = ''
    } else {
      plain += character
    }
  }
  if (plain) parts.push(plain)
  return { kind: 'text', parts, isCased: false, raw }
}

/** No wildcards, no placeholders: the text itself. */
export function plainText(value: TextValue): string | undefined {
  if (value.parts.length === 0) return ''
  const [only] = value.parts
  return value.parts.length === 1 && typeof only === 'string' ? only : undefined
}

export function fromPlain(text: string, like?: TextValue): TextValue {
  const parts = text === '' ? [] : [text]
  return { kind: 'text', parts, isCased: like?.isCased ?? false, raw: writeText(parts) }
}

/** The inverse of `readText`: reading what this writes gives the same parts. */
export function writeText(parts: readonly TextPart[]): string {
  return parts.map(writePart).join('')
}

function writePart(part: TextPart, index: number, parts: readonly TextPart[]): string {
  if (typeof part !== 'string') return 'wildcard' in part ? part.wildcard : `%${part.placeholder}%`
  const escaped = part.replaceAll(/\\(?=[\\*?])|[*?]/g, '\\$&')
  const isBeforeSpecial = index + 1 < parts.length && part.endsWith('\\')
  return isBeforeSpecial ? `${escaped}\\` : escaped
}

export function isWildcard(part: TextPart | undefined): part is Wildcard {
  return typeof part === 'object' && 'wildcard' in part
}

export function isPlaceholder(part: TextPart): part is Placeholder {
  return typeof part === 'object' && 'placeholder' in part
}

/** Undefined while a placeholder is unresolved. */
export function patternOf(value: TextValue): TextPattern | undefined {
  return value.parts.some(isPlaceholder) ? undefined : (value.parts as TextPattern)
}

/** Joins neighbouring texts and drops empty ones, after parts were replaced. */
export function joinParts(parts: readonly TextPart[]): readonly TextPart[] {
  const joined: TextPart[] = []
  for (const part of parts) {
    const last = joined.at(-1)
    if (part === '') continue
    if (typeof part === 'string' && typeof last === 'string')
      joined[joined.length - 1] = last + part
    else joined.push(part)
  }
  return joined
}

/** Puts a wildcard in front unless one is there: `contains` on `*a` must not become `**a`. */
export function withLeadingAny(value: TextValue): TextValue {
  if (value.parts[0] === ANY) return value
  return { ...value, parts: [ANY, ...value.parts] }
}

export function withTrailingAny(value: TextValue): TextValue {
  if (value.parts.at(-1) === ANY) return value
  return { ...value, parts: [...value.parts, ANY] }
}

/** The text with `names` found by `%name%` as placeholders; `\%` is a percent sign. */
export function withPlaceholders(value: TextValue): TextValue {
  const parts = value.parts.flatMap((part): readonly TextPart[] => {
    if (typeof part !== 'string') return [part]
    const found: TextPart[] = []
    let from = 0
    for (const match of part.matchAll(/(?<!\\)%(\w+)%/g)) {
      found.push(part.slice(from, match.index), { placeholder: match[1]! })
      from = match.index + match[0].length
    }
    return [...found, part.slice(from)].map((piece) =>
      typeof piece === 'string' ? piece.replaceAll('\\%', '%') : piece,
    )
  })
  return { ...value, parts: joinParts(parts) }
}
