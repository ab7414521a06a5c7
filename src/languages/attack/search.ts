// Finds tactics and techniques for somebody who types an id, a name or a part of one.

import type { Attack, Technique } from './attack.ts'
import { currentOf, fullName, tacticUrl, tagOf, techniqueUrl } from './tags.ts'

export interface Found {
  readonly kind: 'tactic' | 'technique'
  /** As a rule writes it. */
  readonly tag: string
  readonly id: string
  readonly name: string
  readonly url: string
  /** Names of the tactics a technique serves. */
  readonly tactics: readonly string[]
  /** The id it was found by, which this one took the place of. */
  readonly formerly?: string
}

interface Entry {
  readonly found: Found
  /** What words are looked for in, in lower case. */
  readonly text: string
  readonly words: readonly string[]
}

/** The best first; nothing for an empty question. */
export function searchAttack(attack: Attack, question: string, limit: number): readonly Found[] {
  const asked = question
    .trim()
    .toLowerCase()
    .replace(/^attack\./, '')
  const words = asked.split(/[\s:]+/).filter((word) => word !== '')
  if (words.length === 0) return []
  const ranked = entriesOf(attack).flatMap((entry, at) => {
    const rank = rankOf(entry, asked, words)
    return rank === undefined ? [] : [{ entry, rank, at }]
  })
  const seen = new Set<string>()
  return ranked
    .toSorted((a, b) => a.rank - b.rank || a.at - b.at)
    .map(({ entry }) => entry.found)
    .filter(({ id }) => !seen.has(id) && seen.add(id))
    .slice(0, limit)
}

/** Smaller is better; undefined when the entry is not meant. */
function rankOf(entry: Entry, asked: string, words: readonly string[]): number | undefined {
  const { id: currentId, formerly, name: given, tag } = entry.found
  const id = (formerly ?? currentId).toLowerCase()
  if (id === asked) return 0
  if (formerly !== undefined) return undefined
  const name = given.toLowerCase()
  const own = name.slice(name.indexOf(': ') + 1).trim()
  if (name === asked || own === asked || tag === `attack.${asked}`) return 1
  if (id.startsWith(asked)) return 2
  if (own.startsWith(asked)) return 3
  if (name.startsWith(asked)) return 4
  if (!words.every((word) => entry.text.includes(word))) return undefined
  if (words.every((word) => entry.words.some((one) => one.startsWith(word)))) return 5
  return name.includes(asked) ? 6 : 7
}

const known = new WeakMap<Attack, readonly Entry[]>()

function entriesOf(attack: Attack): readonly Entry[] {
  const entries = known.get(attack) ?? buildEntries(attack)
  known.set(attack, entries)
  return entries
}

/** Tactics in the order of the matrix, then techniques by id, then ids of former ones. */
function buildEntries(attack: Attack): readonly Entry[] {
  const tactics = [...attack.tactics.values()].flatMap((tactic): readonly Found[] => {
    const { id, name, shortName } = tactic
    if (id === undefined) return []
    const url = tacticUrl(tactic)!
    return [{ kind: 'tactic', tag: tagOf(shortName), id, name, url, tactics: [] }]
  })
  const all = [...attack.techniques.values()]
  const techniques = all
    .filter((one) => one.revokedBy === undefined && !one.isDeprecated)
    .map((one) => describe(one, attack))
  const former = all.flatMap((one): readonly Found[] => {
    const current = one.revokedBy === undefined ? undefined : currentOf(one, attack)
    return current === undefined ? [] : [{ ...describe(current, attack), formerly: one.id }]
  })
  return [...tactics, ...techniques, ...former].map((found) => {
    const text = [found.id, found.name, ...found.tactics].join(' ').toLowerCase()
    return { found, text, words: text.split(/[^\p{L}\p{N}.]+/u) }
  })
}

function describe(technique: Technique, attack: Attack): Found {
  const { id, tactics } = technique
  return {
    kind: 'technique',
    tag: tagOf(id),
    id,
    name: fullName(technique, attack),
    url: techniqueUrl(technique),
    tactics: tactics.map((one) => attack.tactics.get(one)?.name ?? one),
  }
}
