// The targets of a deployment, opened once each, and what is read there.

import { picksId } from '#domain/placements/refs.ts'
import { getTarget } from '#domain/targets/actions.ts'
import { connectTarget } from '#domain/targets/connect.ts'
import type { ObservedRule, SiemPort, SiemRules } from '#domain/targets/port.ts'
import type { Purpose, Target } from '#domain/targets/target.ts'
import { AppError, assert } from '#kernel/error.ts'
import type { RuleId, TargetId } from '#kernel/id.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { isMarkedFor, type Item } from './item.ts'

export interface Place {
  readonly target: Target
  readonly port: SiemPort
  readonly rules: SiemRules
}

export type Places = ReadonlyMap<TargetId, Place>

/** Throws `unsupported` for a target that takes no rules, and as connectTarget does. */
export async function openPlaces(
  house: House,
  caller: Caller,
  ids: Iterable<TargetId>,
  purpose: Purpose,
): Promise<Places> {
  const places = new Map<TargetId, Place>()
  for (const id of new Set(ids)) {
    const target = await getTarget(house, caller, id)
    const port = await connectTarget(house, caller, target, { purpose })
    if (port.rules === undefined) {
      throw new AppError('unsupported', `${target.name} takes no rules from here.`)
    }
    places.set(id, { target, port, rules: port.rules })
  }
  return places
}

export function placeOf(places: Places, { targetId }: Pick<Item, 'targetId'>): Place {
  const place = places.get(targetId)
  assert(place, 'every target of an item is open')
  return place
}

/**
 * What stands where an item is to be written; null for nothing. A new rule whose id its vendor picks is
 * looked for by its mark.
 */
export async function readStanding(
  { rules }: Pick<Place, 'rules'>,
  item: Pick<Item, 'ref' | 'ruleId' | 'kind'>,
  installId: string,
  signal: AbortSignal,
): Promise<ObservedRule | null> {
  if (item.ref !== '') return rules.read(item.ref, signal)
  if (!picksId(item.kind)) return null
  return findMarked(await rules.list(signal), item.ruleId, installId)
}

type Listed = Awaited<ReturnType<SiemRules['list']>>

function findMarked(
  { rules, completeness }: Listed,
  ruleId: RuleId,
  installId: string,
): ObservedRule | null {
  const found = rules.filter((one) => isMarkedFor(one, installId, ruleId))
  if (found.length === 1) return found[0]!
  if (found.length > 1) {
    throw new AppError('conflict', `It stands there ${found.length} times: a person has to look.`)
  }
  if (completeness.kind === 'complete') return null
  throw new AppError('upstream', 'Not all rules of the target could be read.')
}

/** From so many on a target's rules are listed at once instead of read one by one. */
const LISTED_FROM = 10

/** The same for many, by the numbers of their items; targets side by side. */
export async function readAll(
  places: Places,
  items: readonly Item[],
  installId: string,
  signal: AbortSignal,
): Promise<ReadonlyMap<number, ObservedRule | null>> {
  const found = new Map<number, ObservedRule | null>()
  const perTarget = [...Map.groupBy(items, ({ targetId }) => targetId).values()]
  await Promise.all(
    perTarget.map(async (own) => {
      const place = placeOf(places, own[0]!)
      const listed = own.length < LISTED_FROM ? undefined : await place.rules.list(signal)
      const byRef = new Map(listed?.rules.map((rule) => [rule.ref, rule]))
      // Splunk lists the rules of some applications alone.
      const isWhole = listed?.completeness.kind === 'complete' && place.target.kind !== 'splunk'
      const next = own.values()
      const readNext = async () => {
        for (const item of next) {
          const known = byRef.get(item.ref)
          if (known) found.set(item.number, known)
          else if (listed && item.ref === '') {
            found.set(item.number, findMarked(listed, item.ruleId, installId))
          } else if (isWhole) found.set(item.number, null)
          else found.set(item.number, await readStanding(place, item, installId, signal))
        }
      }
      await Promise.all(Array.from({ length: place.target.concurrency }, readNext))
    }),
  )
  return found
}
