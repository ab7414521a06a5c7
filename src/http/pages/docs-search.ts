// Finding words in the documentation: every word must stand in a part; words of its heading count most.

import type { DocPart } from './docs-library.ts'

export interface DocHit {
  readonly href: string
  readonly title: string
  readonly heading: string
  /** Around the first word found. */
  readonly excerpt: string
}

/** Of one question; more says that the words are too common. */
export const HITS_MAX = 30

const WORDS_MAX = 8
const EXCERPT_BEFORE = 60
const EXCERPT_CHARACTERS = 220

export function searchDocs(parts: readonly DocPart[], question: string): readonly DocHit[] {
  const words = [...new Set(question.toLowerCase().split(/\s+/).filter(Boolean))].slice(
    0,
    WORDS_MAX,
  )
  if (words.length === 0) return []
  return parts
    .map((part) => ({ part, score: scoreOf(part, words) }))
    .filter(({ score }) => score > 0)
    .toSorted((a, b) => b.score - a.score)
    .slice(0, HITS_MAX)
    .map(({ part: { href, title, heading, words: text } }) => ({
      href,
      title,
      heading,
      excerpt: excerptOf(text, words),
    }))
}

function scoreOf({ title, heading, words: text }: DocPart, words: readonly string[]): number {
  const [above, below, within] = [title, heading, text].map((one) => one.toLowerCase())
  let score = 0
  for (const word of words) {
    const found =
      (below!.includes(word) ? 20 : 0) +
      // The title counts for the part that opens the text, not for each of its parts.
      (above!.includes(word) ? (heading === '' ? 30 : 2) : 0) +
      Math.min(5, within!.split(word).length - 1)
    if (found === 0) return 0
    score += found
  }
  return score
}

function excerptOf(text: string, words: readonly string[]): string {
  const lower = text.toLowerCase()
  const found = words.map((word) => lower.indexOf(word)).filter((index) => index >= 0)
  const first = found.length === 0 ? 0 : Math.min(...found)
  const from = first <= EXCERPT_BEFORE ? 0 : text.indexOf(' ', first - EXCERPT_BEFORE) + 1
  const cut = text.slice(from, from + EXCERPT_CHARACTERS).toWellFormed()
  return `${from > 0 ? '… ' : ''}${cut}${from + EXCERPT_CHARACTERS < text.length ? ' …' : ''}`
}
