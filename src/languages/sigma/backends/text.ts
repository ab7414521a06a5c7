// Text patterns as backends meet them: which of the common shapes one has, and how to write its parts.

import { ANY, type TextPattern, type Wildcard } from '#languages/predicate.ts'

export type Shape = 'plain' | 'prefix' | 'suffix' | 'infix' | 'any' | 'other'

/** `prefix` is `text*`, `suffix` is `*text`, `infix` is `*text*`, with no other wildcard. */
export function shapeOf(pattern: TextPattern): Shape {
  const texts = pattern.filter((part) => typeof part === 'string')
  if (pattern.every((part) => typeof part === 'string')) return 'plain'
  if (pattern.length === 1) return pattern[0] === ANY ? 'any' : 'other'
  if (texts.length !== 1) return 'other'
  if (pattern.length === 2) {
    if (pattern[1] === ANY) return 'prefix'
    return pattern[0] === ANY ? 'suffix' : 'other'
  }
  return pattern.length === 3 && pattern[0] === ANY && pattern[2] === ANY ? 'infix' : 'other'
}

/** The one text of any shape but `other`. */
export function textIn(pattern: TextPattern): string {
  return pattern.filter((part) => typeof part === 'string').join('')
}

export function write(
  pattern: TextPattern,
  text: (plain: string) => string,
  wildcard: (wildcard: Wildcard) => string = (one) => one.wildcard,
): string {
  return pattern.map((part) => (typeof part === 'string' ? text(part) : wildcard(part))).join('')
}

export function hasWildcard(pattern: TextPattern): boolean {
  return pattern.some((part) => typeof part !== 'string')
}

/** What a search for the pattern anywhere in a text has to find. */
export function withoutOuterStars(pattern: TextPattern): TextPattern {
  const from = pattern[0] === ANY ? 1 : 0
  const to = pattern.length > from && pattern.at(-1) === ANY ? -1 : undefined
  return pattern.slice(from, to)
}

/** The pattern as a regular expression over the whole value, in RE2's and PCRE's common syntax. */
export function toRegex(pattern: TextPattern): string {
  const body = write(
    pattern,
    (text) => text.replaceAll(/[\\^$.|?*+()[\]{}]/g, '\\$&'),
    (one) => (one === ANY ? '.*' : '.'),
  )
  return `^${body}$`
}

/** A double-quoted string in the languages that escape with a backslash. */
export function quote(text: string): string {
  const escaped = text
    .replaceAll(/[\\"]/g, '\\$&')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replaceAll('\t', '\\t')
  return `"${escaped}"`
}
