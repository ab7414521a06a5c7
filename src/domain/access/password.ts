// What a password may be. Length is what counts (NIST SP 800-63B-4, 3.1.1.2): no composition rules, but
// nothing that is among the first guesses: common words, rows of the keyboard, repeats, years, and the
// words of this very account. Pure.

import type { Problem } from '#kernel/problem.ts'
import { COMMON_WORDS } from './common-words.ts'

export const PASSWORD_MIN = 15
/** Where a second factor stands behind it. */
export const PASSWORD_MIN_WITH_FACTOR = 8
export const PASSWORD_MAX = 1_024

/** What somebody who guesses knows about the account. */
export interface PasswordContext {
  readonly email: string | null
  readonly name: string
  /** Names of workspaces, of the host. */
  readonly words?: readonly string[]
}

/** One spelling of what can be typed in several ways; every hash is made of this. */
export function normalisePassword(text: string): string {
  return text.normalize('NFKC')
}

/** Too short to stand without a second factor. */
export function isShort(password: string): boolean {
  return lengthOf(password) < PASSWORD_MIN
}

const lengthOf = (password: string) => Array.from(normalisePassword(password)).length

/** What is wrong with a new password; empty when nothing is. */
export function passwordProblems(
  password: string,
  context: PasswordContext,
  { hasSecondFactor }: { readonly hasSecondFactor: boolean },
): readonly Problem[] {
  if (password.length > PASSWORD_MAX) {
    return [refuse('too-long', `Use at most ${PASSWORD_MAX} characters.`)]
  }
  const length = lengthOf(password)
  const least = hasSecondFactor ? PASSWORD_MIN_WITH_FACTOR : PASSWORD_MIN
  if (length < least) {
    return [tooShort(least)]
  }
  if (countGuesses(password, contextWords(context)) >= PARTS_MIN) return []
  return [
    refuse(
      'easy-to-guess',
      'This is among the first guesses: common words, your own names, rows of keys or repeats.',
    ),
  ]
}

/** Of one that would have to stand alone by now. */
export function tooShort(least = PASSWORD_MIN): Problem {
  const hint = least < PASSWORD_MIN ? '' : ' A few words in a row do well.'
  return refuse('too-short', `Use at least ${least} characters.${hint}`)
}

/** A word, a run or a repeat counts once, and so does each letter that is none of these. */
const PARTS_MIN = 6

const PRODUCT_WORDS = ['rulewright', 'detection', 'sigma', 'splunk', 'sentinel', 'elastic', 'siem']

function contextWords({ email, name, words = [] }: PasswordContext): readonly string[] {
  return [email ?? '', name, ...words, ...PRODUCT_WORDS]
    .flatMap((text) => plain(text).split(/[^\p{L}\p{N}]+/u))
    .filter((word) => word.length >= 3)
}

// `p4ssw0rd` is `password` to whoever guesses.
const LEET: Readonly<Record<string, string>> = {
  '0': 'o',
  '1': 'l',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '@': 'a',
  $: 's',
  '!': 'i', // prettier-ignore
}

function plain(text: string): string {
  return normalisePassword(text).toLowerCase()
}

function withoutLeet(text: string): string {
  return text.replaceAll(/./g, (letter) => LEET[letter] ?? letter)
}

/**
 * In how many parts somebody who guesses well has to think: the longest known word at each place, or a
 * run (`2026`, `abcd`, `qwer`), or a repeat of what stood before, or else one letter.
 */
function countGuesses(password: string, words: readonly string[]): number {
  const text = plain(password)
  const likely = new Set([...COMMON_WORDS, ...words])
  const longest = Math.max(...[...likely].map((word) => word.length))
  const parts = new Set<string>()
  let at = 0
  while (at < text.length) {
    const length = Math.max(
      wordAt(text, at, likely, longest),
      runAt(text, at),
      repeatAt(text, at),
      1,
    )
    const part = text.slice(at, at + length)
    // What comes a second time is no second guess, and what separates words is none at all.
    if (length > 1 || /[\p{L}\p{N}]/u.test(part)) parts.add(length > 1 ? part : `${at} ${part}`)
    at += length
  }
  return parts.size
}

function wordAt(text: string, at: number, likely: ReadonlySet<string>, longest: number): number {
  for (let length = Math.min(longest, text.length - at); length >= 3; length--) {
    const part = text.slice(at, at + length)
    if (likely.has(part) || likely.has(withoutLeet(part))) return length
  }
  return 0
}

const ROWS = ['abcdefghijklmnopqrstuvwxyz', '01234567890', 'qwertyuiop', 'asdfghjkl', 'zxcvbnm', 'qwertzuiop', 'azertyuiop', '1qaz2wsx3edc4rfv5tgb', '1q2w3e4r5t6y7u8i9o0p', 'q1w2e3r4t5y6u7i8o9p0', 'a1s2d3f4g5h6j7k8l9', 'a1b2c3d4e5f6g7h8i9j0'].flatMap((row) => [row, row.split('').toReversed().join('')]) // prettier-ignore

/** Neighbours of a row, or digits whatever they are: dates and counters. */
function runAt(text: string, at: number): number {
  const digits = /^\d{2,}/.exec(text.slice(at, at + 16))?.[0].length ?? 0
  let length = 2
  while (at + length < text.length && isInRow(text.slice(at, at + length + 1))) length += 1
  return Math.max(digits, length >= 3 ? length : 0)
}

function isInRow(part: string): boolean {
  return ROWS.some((row) => row.includes(part))
}

/** How much from here on repeats what stands right before it. */
function repeatAt(text: string, at: number): number {
  let best = 0
  for (let back = 1; back <= Math.min(at, 32); back++) {
    let length = 0
    while (at + length < text.length && text[at + length] === text[at + length - back]) length += 1
    if (length >= back && length > best) best = length
  }
  return best
}

function refuse(code: string, message: string): Problem {
  return { code: `password/${code}`, severity: 'error', message }
}
