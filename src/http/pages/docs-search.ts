// Finding words in the documentation. Every word must stand in a part: in the title before the heading
// before the text, as a whole word before its beginning before its middle. A word that stands nowhere is
// taken for the nearest one that does, and the answer says so; what still finds nothing gets other
// questions that find something.

import type { DocPart } from './docs-library.ts'

export interface DocHit {
  readonly href: string
  readonly title: string
  readonly heading: string
  /** Around the first word found. */
  readonly excerpt: string
}

export interface DocsFound {
  readonly hits: readonly DocHit[]
  /** What was looked for instead, when the question as it was typed finds nothing. */
  readonly insteadOf: string | null
  /** Questions that find something, when this one does not. */
  readonly others: readonly string[]
}

export interface DocsSearch {
  find(question: string): DocsFound
}

/** Of one question; more says that the words are too common. */
export const HITS_MAX = 30

const WORDS_MAX = 8
const OTHERS_MAX = 4
const EXCERPT_BEFORE = 60
const EXCERPT_CHARACTERS = 220

/** A part as it is looked through: in small letters. */
interface Folded {
  readonly part: DocPart
  readonly title: string
  readonly heading: string
  readonly text: string
}

/** The parts are read with the first question. */
export function openDocsSearch(read: () => readonly DocPart[]): DocsSearch {
  let opened: readonly Folded[] | undefined
  let known: ReadonlySet<string> | undefined

  return {
    find(question) {
      const words = wordsIn(question)
      const folded = (opened ??= read().map(fold))
      const nearest = (word: string) => nearestOf(word, (known ??= wordsOf(folded)))
      const hits = search(folded, words)
      if (hits.length > 0 || words.length === 0) return { hits, insteadOf: null, others: [] }
      const mended = words.map((word) => (isAnywhere(folded, word) ? word : nearest(word)))
      if (mended.every((word) => word !== undefined)) {
        const found = search(folded, mended)
        if (found.length > 0) return { hits: found, insteadOf: mended.join(' '), others: [] }
      }
      const rest = mended.filter((word) => word !== undefined)
      return { hits, insteadOf: null, others: othersOf(folded, rest) }
    },
  }
}

const fold = (part: DocPart): Folded => ({
  part,
  title: part.title.toLowerCase(),
  heading: part.heading.toLowerCase(),
  text: part.words.toLowerCase(),
})

const wordsIn = (question: string): readonly string[] =>
  [...new Set(question.toLowerCase().split(/\s+/).map(trimmed).filter(Boolean))].slice(0, WORDS_MAX)

/** Marks around a word are of the sentence; within it (`--data`, `change/tests`, `/readyz`) its own. */
const trimmed = (word: string): string => word.replaceAll(/^["'“‘(]+|["'”’).,;:!?]+$/g, '')

function search(folded: readonly Folded[], words: readonly string[]): readonly DocHit[] {
  if (words.length === 0) return []
  return folded
    .map((one) => ({ one, score: scoreOf(one, words) }))
    .filter(({ score }) => score > 0)
    .toSorted((a, b) => b.score - a.score)
    .slice(0, HITS_MAX)
    .map(({ one: { part } }) => ({
      href: part.href,
      title: part.title,
      heading: part.heading,
      excerpt: excerptOf(part.words, words),
    }))
}

function scoreOf({ title, heading, text }: Folded, words: readonly string[]): number {
  // The title counts for the part that opens the text, not for each of its parts.
  const opens = heading === ''
  let score = 0
  for (const word of words) {
    const found =
      fitOf(heading, word) * 10 +
      fitOf(title, word) * (opens ? 15 : 1) +
      fitOf(text, word) +
      Math.min(5, text.split(word).length - 1)
    if (found === 0) return 0
    score += found
  }
  const asked = words.join(' ')
  const named = opens ? title : heading
  return score + (named === asked ? 60 : named.includes(asked) ? 10 : 0)
}

/** 3 where it stands as a word, 2 where a word begins with it, 1 within one, 0 for nowhere. */
function fitOf(text: string, word: string): number {
  let best = 0
  for (let at = text.indexOf(word); at >= 0 && best < 3; at = text.indexOf(word, at + 1)) {
    const begins = at === 0 || !isLetter(text[at - 1]!)
    const ends = !isLetter(text[at + word.length] ?? ' ')
    best = Math.max(best, begins ? (ends ? 3 : 2) : 1)
  }
  return best
}

const isLetter = (character: string): boolean => /[\p{L}\p{N}]/u.test(character)

const isAnywhere = (folded: readonly Folded[], word: string): boolean =>
  folded.some(({ title, heading, text }) =>
    [title, heading, text].some((where) => where.includes(word)),
  )

/** The question with a word less, then its words one by one: each that finds something. */
function othersOf(folded: readonly Folded[], words: readonly string[]): readonly string[] {
  const shorter = words.map((_, at) => words.toSpliced(at, 1))
  return [...new Set([...shorter, ...words.map((word) => [word])].map((some) => some.join(' ')))]
    .filter((some) => some !== '' && search(folded, some.split(' ')).length > 0)
    .slice(0, OTHERS_MAX)
}

const LETTERS_MIN = 4

function wordsOf(folded: readonly Folded[]): ReadonlySet<string> {
  const all = folded.flatMap(({ title, heading, text }) => [title, heading, text])
  return new Set(all.flatMap((text) => text.match(/\p{L}{4,}/gu) ?? []))
}

/** The closest word of the documentation, of about the same length: one slip, or two in a long word. */
function nearestOf(word: string, known: ReadonlySet<string>): string | undefined {
  if (word.length < LETTERS_MIN) return undefined
  let slips = word.length < 8 ? 2 : 3
  let best: string | undefined
  for (const one of known) {
    // Nobody mistypes the first letter, and other words do begin otherwise.
    if (one[0] !== word[0] || Math.abs(one.length - word.length) >= slips) continue
    const count = slipsBetween(word, one, slips)
    if (count < slips) [best, slips] = [one, count]
  }
  return best
}

/** How many letters were left out, put in, mistaken or exchanged; `most` for that many and more. */
function slipsBetween(a: string, b: string, most: number): number {
  let before: readonly number[] = []
  let row: readonly number[] = Array.from({ length: b.length + 1 }, (_, at) => at)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1]
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      next[j] = Math.min(
        row[j]! + 1,
        next[j - 1]! + 1,
        row[j - 1]! + (same ? 0 : 1),
        isSwap ? before[j - 2]! + 1 : most,
      )
    }
    if (Math.min(...next) >= most) return most
    ;[before, row] = [row, next]
  }
  return row[b.length]!
}

function excerptOf(text: string, words: readonly string[]): string {
  const lower = text.toLowerCase()
  const found = words.map((word) => lower.indexOf(word)).filter((index) => index >= 0)
  const first = found.length === 0 ? 0 : Math.min(...found)
  const from = first <= EXCERPT_BEFORE ? 0 : text.indexOf(' ', first - EXCERPT_BEFORE) + 1
  const isWhole = from + EXCERPT_CHARACTERS >= text.length
  const end = isWhole ? text.length : text.lastIndexOf(' ', from + EXCERPT_CHARACTERS)
  const cut = text.slice(from, end > from ? end : from + EXCERPT_CHARACTERS).toWellFormed()
  return `${from > 0 ? '… ' : ''}${cut}${isWhole ? '' : ' …'}`
}
