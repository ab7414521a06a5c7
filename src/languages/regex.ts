// Patterns written by users, on one engine that is linear in the text whatever the pattern. What the
// engine cannot run (look-around, back references, atomic groups, repeats beyond 1,000) is refused
// when the pattern is compiled, with a reason a person can act on, never when it meets data.

import { RE2JS } from 're2js'
import type { RegexFlag } from './predicate.ts'

export interface CompiledRegex {
  /** True when the pattern is found anywhere in the text. */
  test(text: string): boolean
  /** Every place replaced; `$1` stands for a group. */
  replace(text: string, replacement: string): string
  /** The first places it is found, from the left, at most `most` of them. */
  find(text: string, most: number): readonly RegexMatch[]
}

export interface RegexMatch {
  readonly start: number
  readonly end: number
  /** The groups in order, null where one took no part. */
  readonly groups: readonly (string | null)[]
  readonly named: ReadonlyMap<string, string | null>
}

export type RegexOutcome = CompiledRegex | { readonly refusal: string; readonly isInvalid: boolean }

/** Longer patterns are generated or hostile; the longest published one has some hundred characters. */
export const REGEX_CHARS_MAX = 8_192

const FLAG_BITS = { i: RE2JS.CASE_INSENSITIVE, m: RE2JS.MULTILINE, s: RE2JS.DOTALL } as const

/** `isInvalid` tells a pattern no engine reads from one that merely needs a backtracking engine. */
export function compileRegex(pattern: string, flags: readonly RegexFlag[]): RegexOutcome {
  if (pattern.length > REGEX_CHARS_MAX) {
    return { refusal: `it is longer than ${REGEX_CHARS_MAX} characters`, isInvalid: true }
  }
  const bits = flags.reduce((sum, flag) => sum | FLAG_BITS[flag], 0)
  try {
    const compiled = RE2JS.compile(pattern, bits)
    return {
      test: (text) => compiled.test(text),
      replace: (text, replacement) => compiled.matcher(text).replaceAll(replacement),
      find: (text, most) => findAll(compiled, text, most),
    }
  } catch (error) {
    return refusalOf(pattern, error)
  }
}

function findAll(compiled: RE2JS, text: string, most: number): readonly RegexMatch[] {
  const matcher = compiled.matcher(text)
  const names = Object.entries(compiled.namedGroups())
  const found: RegexMatch[] = []
  while (found.length < most && matcher.find()) {
    const groups = Array.from({ length: matcher.groupCount() }, (_, at) => matcher.group(at + 1))
    const named = new Map(names.map(([name, at]) => [name, groups[at - 1] ?? null]))
    found.push({ start: matcher.start(), end: matcher.end(), groups, named })
  }
  return found
}

const LOOKAROUND = /\(\?<?[=!]/
const BACK_REFERENCE = /\\[1-9]|\\k</

function refusalOf(pattern: string, error: unknown): RegexOutcome {
  const told = error instanceof Error ? error.message.split('\n')[0]! : 'it cannot be read'
  if (LOOKAROUND.test(pattern)) return { refusal: 'it uses look-around', isInvalid: false }
  if (BACK_REFERENCE.test(pattern)) return { refusal: 'it uses a back reference', isInvalid: false }
  if (/\(\?>|[*+?}]\+/.test(pattern)) {
    return { refusal: 'it uses an atomic group or a possessive quantifier', isInvalid: false }
  }
  if (/repetition size|repeat/i.test(told)) {
    return { refusal: 'it repeats a part more than 1,000 times', isInvalid: false }
  }
  return { refusal: told.replace(/^error parsing regexp: /, ''), isInvalid: true }
}

/**
 * A text without which the pattern cannot match, compared without case; undefined when none is plain
 * to see. Used to skip the engine, so it errs towards undefined.
 */
export function requiredText(pattern: string): string | undefined {
  let best = ''
  let run = ''
  let depth = 0
  const finish = () => {
    if (run.length > best.length) best = run
    run = ''
  }
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern[at]!
    const literal = depth === 0 ? literalAt(pattern, at) : undefined
    if (literal !== undefined) {
      if (character === '\\') at++
      const isOptional = /[*?{]/.test(pattern[at + 1] ?? '')
      if (isOptional) finish()
      else run += literal
      continue
    }
    finish()
    if (character === '\\') {
      at++
      // Codes and quotations go on behind the letter (`\x41`, `\pL`, `\Q`): what follows is no text.
      if (!/[dDsSwWbBAztnrfv]|[^\w]/.test(pattern[at] ?? '')) return undefined
    } else if (character === '[') at = endOfClass(pattern, at)
    else if (character === '{') at += (/^\{\d*,?\d*\}/.exec(pattern.slice(at))?.[0].length ?? 1) - 1
    else if (character === '(') depth++
    else if (character === ')') depth--
    else if (character === '|' && depth === 0) return undefined
  }
  finish()
  return best.length >= 3 ? best.toLowerCase() : undefined
}

function literalAt(pattern: string, at: number): string | undefined {
  const character = pattern[at]!
  if (character !== '\\') return /[\\^$.|?*+()[\]{}]/.test(character) ? undefined : character
  const next = pattern[at + 1]
  return next !== undefined && /[^\w\s]/.test(next) ? next : undefined
}

function endOfClass(pattern: string, start: number): number {
  let at = start + 1
  if (pattern[at] === '^') at++
  if (pattern[at] === ']') at++
  for (; at < pattern.length && pattern[at] !== ']'; at++) if (pattern[at] === '\\') at++
  return at
}
