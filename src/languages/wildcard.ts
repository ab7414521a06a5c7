// Texts with `*` and `?` as query languages write them, matched without backtracking.

import { ANY, ONE, type TextPattern } from './predicate.ts'
import { compilePattern, foldPattern } from './sigma/test.ts'

export interface WildcardStyle {
  /** Any run of characters; also one character where `one` is given. */
  readonly any: string
  readonly one?: string
  /** The character that makes the next one literal, where there is one. */
  readonly escape?: string
  readonly isCaseless: boolean
}

export function compileWildcards(text: string, style: WildcardStyle): (value: string) => boolean {
  const pattern = readWildcards(text, style)
  if (!style.isCaseless) return compilePattern(pattern)
  const check = compilePattern(foldPattern(pattern))
  return (value) => check(value.toLowerCase())
}

export function readWildcards(text: string, { any, one, escape }: WildcardStyle): TextPattern {
  const parts: TextPattern[number][] = []
  let plain = ''
  const finish = () => {
    if (plain !== '') parts.push(plain)
    plain = ''
  }
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!
    if (character === escape && at + 1 < text.length) plain += text[++at]!
    else if (character === any || character === one) {
      finish()
      const isRepeated = character === any && parts.at(-1) === ANY
      if (!isRepeated) parts.push(character === any ? ANY : ONE)
    } else plain += character
  }
  finish()
  return parts
}
