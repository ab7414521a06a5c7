// `windash`: Windows programs take `-`, `/` and three typographic dashes as the mark of an option,
// and attackers choose among them. The specification exchanges all five in every permutation; with n
// dashes that is 5 to the power n, so beyond three only those that can start an option are exchanged.

import type { TextPart } from './value.ts'

/** In the order variants are made: the usual spelling first. */
export const DASHES = ['-', '/', '\u2013', '\u2014', '\u2015'] as const

const ANY_DASH = /[-/\u2013\u2014\u2015]/g
/** Not inside a word, and before a word: `-f`, `/f`, but not `up-to-date`. */
const OPTION_DASH = /\B[-/\u2013\u2014\u2015]\b/g

const DASHES_MAX = 3

/** Undefined when even the options alone would make more than 5^3 variants. */
export function windashVariants(
  parts: readonly TextPart[],
): readonly (readonly TextPart[])[] | undefined {
  const pattern = [ANY_DASH, OPTION_DASH].find((dashes) => count(parts, dashes) <= DASHES_MAX)
  if (pattern === undefined) return undefined
  let variants: TextPart[][] = [[]]
  for (const part of parts) {
    const options = typeof part === 'string' ? exchange(part, pattern) : [part]
    variants = variants.flatMap((variant) => options.map((option) => [...variant, option]))
  }
  return variants
}

function count(parts: readonly TextPart[], pattern: RegExp): number {
  const texts = parts.filter((part) => typeof part === 'string')
  return texts.reduce((total, text) => total + (text.match(pattern)?.length ?? 0), 0)
}

function exchange(text: string, pattern: RegExp): readonly string[] {
  let variants = ['']
  let from = 0
  for (const match of text.matchAll(pattern)) {
    const before = text.slice(from, match.index)
    variants = variants.flatMap((variant) => DASHES.map((dash) => variant + before + dash))
    from = match.index + 1
  }
  return variants.map((variant) => variant + text.slice(from))
}
