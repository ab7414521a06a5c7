// The tactics and techniques of a rule's tags, by name, as vendors' formats list them.

import { embeddedAttack, type Tactic, type Technique } from '#languages/attack/attack.ts'

export interface Threat {
  readonly tactic: Tactic & { readonly id: string }
  readonly techniques: readonly Technique[]
}

/**
 * Each tactic that the tags name, or that a technique of theirs belongs to, with those techniques;
 * withdrawn techniques by what replaced them, unknown tags not at all.
 */
export function threatsOf(tags: readonly string[]): readonly Threat[] {
  const attack = embeddedAttack()
  const names = tags.flatMap((tag) =>
    tag.startsWith('attack.') ? [tag.slice(7).toLowerCase()] : [],
  )
  const found = names.flatMap((name) => {
    const own = attack.techniques.get(name)
    const current = own?.revokedBy ? attack.techniques.get(own.revokedBy.toLowerCase()) : own
    return current === undefined ? [] : [current]
  })
  const techniques = [...new Set(found)]
  const tactics = new Set([...names, ...techniques.flatMap((one) => one.tactics)])
  return [...attack.tactics.values()].flatMap((tactic) => {
    const { id, shortName } = tactic
    const own = techniques.filter((one) => one.tactics.includes(shortName))
    const isNamed = names.includes(shortName)
    if (id === undefined || !tactics.has(shortName) || (!isNamed && names.some(isTactic))) return []
    return [{ tactic: { ...tactic, id }, techniques: own }]
  })
}

function isTactic(name: string): boolean {
  return embeddedAttack().tactics.get(name)?.id !== undefined
}
