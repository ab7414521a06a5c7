// What adopting would do with each object: a new rule of ours, or one that is here already and means it:
// by the id both bear, by the mark that we left there, or because the same stands on another target.

import type { RuleId } from '#kernel/id.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { findRules, findRulesBySigmaId } from '#domain/rules/reading.ts'
import type { Target } from '#domain/targets/target.ts'
import { selectSameBodies, type Candidate } from './adoption-store.ts'

export const LINKS = ['id', 'marker', 'same'] as const
export type LinkedBy = (typeof LINKS)[number]

export interface Plan {
  /** Null: a new rule is made. */
  readonly link: { readonly by: LinkedBy; readonly ruleId: RuleId; readonly title: string } | null
}

/** In the order of the candidates. */
export async function planAdoption(
  house: House,
  caller: Caller,
  target: Target,
  candidates: readonly Candidate[],
): Promise<readonly Plan[]> {
  const { scope } = caller
  const uuids = candidates.flatMap(({ uuid }) => uuid ?? [])
  const byUuid = await findRulesBySigmaId(house, caller, uuids)
  const marked = candidates.flatMap(({ marker }) => (marker as RuleId | null) ?? [])
  const hashes = candidates.map(({ hash }) => hash)
  const same = await selectSameBodies(house.db.read(scope), scope, target, hashes)
  const bySame = new Map(same.map((one) => [`${one.hash} ${one.name}`, one.ruleId]))
  const byId = await findRules(house, caller, [...marked, ...bySame.values()])
  return candidates.map(({ uuid, marker, hash, name }): Plan => {
    const found = [
      ['marker', marker === null ? undefined : byId.get(marker as RuleId)],
      ['id', uuid === null ? undefined : byUuid.get(uuid)],
      ['same', byId.get(bySame.get(`${hash} ${name}`) ?? ('' as RuleId))],
    ] as const
    const [by, rule] = found.find(([, one]) => one !== undefined && one.state !== 'retired') ?? []
    return { link: by && rule ? { by, ruleId: rule.id, title: rule.title } : null }
  })
}
