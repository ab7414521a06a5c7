// What adopting would do with each object: a new rule of ours, or one that is here already and means it:
// by the id both bear, by the mark that we left there, or because the same stands on another target.

import { permit } from '#domain/access/permission.ts'
import type { ObservedId, RuleId } from '#kernel/id.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { findRules, findRulesBySigmaId } from '#domain/rules/reading.ts'
import type { Target } from '#domain/targets/target.ts'
import { selectSameBodies, selectUnbound, type Candidate } from './adoption-store.ts'
import type { Chosen } from './input.ts'

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

export interface Planned {
  readonly candidate: Candidate
  readonly plan: Plan
}

export interface Preview {
  /** Of all that was chosen and nobody bound yet. */
  readonly count: number
  readonly created: number
  readonly linked: number
  /** Among both: a reader sees already that they are only watched. */
  readonly observeOnly: number
  /** The first of them. */
  readonly first: readonly Planned[]
}

const PAGE = 500

/** What adopting would do, as far as is seen without compiling anything. Throws `forbidden`. */
export async function previewAdoption(
  house: House,
  caller: Caller,
  target: Target,
  { chosen, shown }: { readonly chosen: Chosen; readonly shown: number },
): Promise<Preview> {
  permit(caller, 'rule.write')
  const { scope, now } = caller
  let preview: Preview = { count: 0, created: 0, linked: 0, observeOnly: 0, first: [] }
  let after: ObservedId | null = null
  for (;;) {
    const wanted = { chosen, now, limit: PAGE, after }
    const page: readonly Candidate[] = await selectUnbound(
      house.db.read(scope),
      scope,
      target.id,
      wanted,
    )
    if (page.length === 0) return preview
    const plans = await planAdoption(house, caller, target, page)
    const linked = plans.filter(({ link }) => link !== null).length
    const planned = page.map((candidate, index) => ({ candidate, plan: plans[index]! }))
    preview = {
      count: preview.count + page.length,
      created: preview.created + page.length - linked,
      linked: preview.linked + linked,
      observeOnly: preview.observeOnly + page.filter((one) => one.observeOnly !== null).length,
      first: [...preview.first, ...planned].slice(0, shown),
    }
    after = page.at(-1)!.id
  }
}
