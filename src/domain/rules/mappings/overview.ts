// How far the targets of a workspace are mapped, and which log sources of the rules one has lack a place
// at any of them.

import { seeMapping, type SeenMapping } from '#domain/mappings/actions.ts'
import type { LogSourceKeys } from '#domain/mappings/input.ts'
import { FITTING } from '#domain/mappings/mapping.ts'
import { listTargets } from '#domain/targets/actions.ts'
import type { Target } from '#domain/targets/target.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { findSurvey, type MappingSurvey } from './survey-store.ts'

export interface MappingState extends SeenMapping {
  /** The newest look; undefined before the first. */
  readonly survey: MappingSurvey | undefined
}

export interface UnmappedSource {
  readonly logsource: LogSourceKeys
  readonly rules: number
  /** Where it has no place, by name. */
  readonly targets: readonly Pick<Target, 'id' | 'name'>[]
}

export interface MappingStates {
  /** A page of the targets by name; those that lack most come first on it. */
  readonly items: readonly MappingState[]
  readonly next: string | null
  /** Of the targets on the page, the ones that most rules name first. */
  readonly unmapped: readonly UnmappedSource[]
}

/** Targets where rules run as they are written have nothing to map, and are left out. */
export async function listMappingStates(
  house: House,
  caller: Caller,
  page: { readonly limit: number; readonly cursor?: string | undefined },
): Promise<MappingStates> {
  const { scope } = caller
  const { items: listed, next } = await listTargets(house, caller, page)
  const mapped = listed.filter(({ target }) => FITTING[target.kind].length > 0)
  const states: MappingState[] = []
  for (const { target } of mapped) {
    const seen = await seeMapping(house, caller, target.id)
    states.push({ ...seen, survey: await findSurvey(house.db.read(scope), scope, target.id) })
  }
  const items = states.toSorted((a, b) => lackingOf(b) - lackingOf(a))
  return { items, next, unmapped: unmappedOf(states) }
}

function lackingOf({ survey }: MappingState): number {
  return survey?.found.sources.length ?? 0
}

function unmappedOf(states: readonly MappingState[]): readonly UnmappedSource[] {
  const found = new Map<string, UnmappedSource>()
  for (const { target, survey } of states) {
    for (const { logsource, rules } of survey?.found.sources ?? []) {
      const { product = '', category = '', service = '' } = logsource
      const key = JSON.stringify([product, category, service])
      const known = found.get(key) ?? { logsource, rules, targets: [] }
      const { id, name } = target
      const targets = [...known.targets, { id, name }]
      // Looks of different days counted different rules.
      found.set(key, { logsource, rules: Math.max(known.rules, rules), targets })
    }
  }
  return [...found.values()].toSorted(
    (a, b) => b.rules - a.rules || b.targets.length - a.targets.length,
  )
}
