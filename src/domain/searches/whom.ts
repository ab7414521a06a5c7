// Whom a search asks: targets by name, or all there are that can be asked it.

import { getTarget, listTargets } from '#domain/targets/actions.ts'
import type { Target } from '#domain/targets/target.ts'
import { AppError } from '#kernel/error.ts'
import type { TargetId } from '#kernel/id.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import type { SearchInput, SearchQuestion } from './input.ts'
import { KIND_LANGUAGES } from './phrasing.ts'
import { TARGETS_MAX } from './search.ts'

/**
 * Each once. `all` leaves out those that do not speak the language of a typed query, unless none does:
 * then they say so. Throws `forbidden` for a target that is not here, `invalid` when all are none, or
 * more than a search may ask.
 */
export async function targetsOf(
  house: House,
  caller: Caller,
  { targetIds, question }: Pick<SearchInput, 'targetIds' | 'question'>,
): Promise<readonly Target[]> {
  if (targetIds !== 'all') {
    const named: Target[] = []
    for (const id of new Set(targetIds)) named.push(await getTarget(house, caller, id))
    return named
  }
  const { items } = await listTargets(house, caller, { limit: LISTED_MAX })
  const all = items.map(({ target }) => target).filter(({ id }) => isWithin(caller, id))
  const able = all.filter((target) => isSpoken(question, target))
  const asked = able.length > 0 ? able : all
  if (asked.length === 0) throw new AppError('invalid', 'There is no target to ask.')
  if (asked.length <= TARGETS_MAX) return asked
  throw new AppError('invalid', `There are more than ${TARGETS_MAX} targets. Name those to ask.`)
}

/** So many that those which cannot be asked leave enough to refuse. */
const LISTED_MAX = 500

const isWithin = ({ within }: Caller, id: TargetId): boolean =>
  within === undefined || within.targets === null || within.targets.includes(id)

function isSpoken(question: SearchQuestion, { kind }: Target): boolean {
  if ('ruleId' in question || question.language === 'sigma') return true
  return KIND_LANGUAGES[kind].includes(question.language)
}
