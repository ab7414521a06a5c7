// Which techniques of ATT&CK rules name, as a layer for MITRE's Navigator. It tells what is written: a rule
// counts whether or not it runs anywhere, and nothing here says that it would find anything.

import { permit } from '#domain/access/permission.ts'
import { readAttack } from '#domain/instance/attack-in-force.ts'
import { navigatorLayer, type Layer } from '#languages/attack/navigator.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import type { RuleFilter } from './list.ts'
import { countTechniques, type TechniqueCount } from './list-store.ts'

/** How many of the rules that the filter leaves name each technique, known to ATT&CK or not. */
export function countWritten(
  house: House,
  caller: Caller,
  filter: RuleFilter,
): Promise<readonly TechniqueCount[]> {
  permit(caller, 'rule.read')
  const { scope } = caller
  return countTechniques(house.db.read(scope), scope, filter)
}

/** Of the rules that the filter leaves; each technique's score is how many of them name it. */
export async function writtenLayer(
  house: House,
  caller: Caller,
  filter: RuleFilter,
): Promise<Layer> {
  const attack = await readAttack(house, caller)
  const counts = await countWritten(house, caller, filter)
  const scores = new Map(
    counts.map(({ technique, count }) => {
      const comment = `${count} ${count === 1 ? 'rule' : 'rules'} written`
      return [technique, { score: count, comment }] as const
    }),
  )
  return navigatorLayer(attack, scores, {
    name: 'Rules written',
    description:
      'How many rules name each technique in their tags. This is what is written, not what is deployed or proved to fire.',
    scoreMax: Math.max(1, ...counts.map(({ count }) => count)),
  })
}
