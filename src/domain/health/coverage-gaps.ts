// Techniques that no rule which stands anywhere names, and for which there is one: written in the workspace
// and not deployed, or brought by the product.

import { permit } from '#domain/access/permission.ts'
import { countWritten } from '#domain/rules/coverage.ts'
import { ruleTemplates, type Template } from '#domain/rules/starter.ts'
import { currentOf, fullName } from '#languages/attack/tags.ts'
import { techniquesIn } from '#languages/attack/technique-ids.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import type { Coverage } from './covering.ts'

export interface CoverageGap {
  readonly technique: string
  readonly name: string
  /** Rules of the workspace that name it. */
  readonly written: number
  /** Rules of the product to begin with. */
  readonly starters: readonly Pick<Template, 'path' | 'title'>[]
}

/** Those for which a rule is written first, then by id. */
export async function listGaps(
  house: House,
  caller: Caller,
  { attack, cells }: Pick<Coverage, 'attack' | 'cells'>,
): Promise<readonly CoverageGap[]> {
  permit(caller, 'rule.read')
  const current = (id: string) => {
    const technique = attack.techniques.get(id.toLowerCase())
    return technique && currentOf(technique, attack)
  }
  const gaps = new Map<string, CoverageGap>()
  const add = (id: string, change: (gap: CoverageGap) => CoverageGap) => {
    const technique = current(id)
    if (technique === undefined || cells.has(technique.id)) return
    const name = fullName(technique, attack)
    const known = gaps.get(technique.id) ?? {
      technique: technique.id,
      name,
      written: 0,
      starters: [],
    }
    gaps.set(technique.id, change(known))
  }
  for (const { technique, count } of await countWritten(house, caller, {})) {
    add(technique, (gap) => ({ ...gap, written: gap.written + count }))
  }
  for (const { path, title, text } of ruleTemplates()) {
    const tags = text.match(/\battack\.t\d{4}(?:\.\d{3})?\b/gi) ?? []
    for (const id of techniquesIn(tags)) {
      add(id, (gap) => ({ ...gap, starters: [...gap.starters, { path, title }] }))
    }
  }
  return [...gaps.values()].toSorted(
    (a, b) => Number(b.written > 0) - Number(a.written > 0) || (a.technique < b.technique ? -1 : 1),
  )
}
