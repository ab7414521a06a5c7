// ATT&CK as vendors write it: names of tactics in one word, ids of techniques.

import { threatsOf } from '#languages/sigma/outputs/threats.ts'

export interface AttackNames {
  /** `InitialAccess` */
  readonly tactics: readonly string[]
  /** Techniques without their sub-techniques, each once. */
  readonly techniques: readonly string[]
  /** As the tags name them, sub-techniques too. */
  readonly exact: readonly string[]
}

export function attackOf(tags: readonly string[]): AttackNames {
  const threats = threatsOf(tags)
  const exact = [...new Set(threats.flatMap((one) => one.techniques.map(({ id }) => id)))]
  return {
    tactics: [...new Set(threats.map(({ tactic }) => tacticOf(tactic.shortName)))],
    techniques: [...new Set(exact.map((id) => id.split('.')[0]!))],
    exact,
  }
}

/** Vendors know the tactics of before version 19. */
function tacticOf(shortName: string): string {
  if (shortName === 'stealth' || shortName === 'defense-impairment') return 'DefenseEvasion'
  const words = shortName.split('-')
  return words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('')
}

/** In any order. */
export function sameList(theirs: unknown, ours: unknown): boolean {
  if (!Array.isArray(theirs) || !Array.isArray(ours)) return false
  const [a, b] = [theirs, ours].map((list) => list.map(String).toSorted().join('\n'))
  return a === b
}
