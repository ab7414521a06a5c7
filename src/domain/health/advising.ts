// What the numbers of one rule speak for. What it alone covers is looked up each time, so that a rule which
// has become the last of its technique is never advised away.

import { permit } from '#domain/access/permission.ts'
import { DAY } from '#kernel/time.ts'
import type { RuleId } from '#kernel/id.ts'
import { techniquesIn } from '#languages/attack/technique-ids.ts'
import type { Caller } from '#platform/caller.ts'
import type { WorkspaceScope } from '#platform/db/scope.ts'
import type { House } from '#platform/house.ts'
import { advise, type Advice } from './advice.ts'
import { precisionOf, type Precision } from './alert.ts'
import { countDispositions } from './alert-store.ts'
import type { RuleHealth } from './figures.ts'
import { selectRuleHealth, selectRunningTags, selectSharedTags, type Handle } from './rule-store.ts'

export interface RuleAdvice {
  readonly advice: Advice | null
  readonly precision: Precision
  /** Techniques that no other deployed rule names. */
  readonly soleCoverOf: readonly string[]
}

const PLACES_MAX = 100

/** Over all targets where it stands. Nothing is advised for a rule that stands nowhere. */
export async function readAdvice(
  house: House,
  caller: Caller,
  ruleId: RuleId,
): Promise<RuleAdvice> {
  permit(caller, 'health.read')
  const { scope, now } = caller
  const reader = house.db.read(scope)
  const places = await selectRuleHealth(
    reader,
    scope,
    { rule: ruleId },
    { limit: PLACES_MAX, after: null },
  )
  const precision = precisionOf(await countDispositions(reader, scope, ruleId))
  const soleCoverOf = await soleCover(reader, scope, ruleId)
  const [worst] = places
  if (worst === undefined) return { advice: null, precision, soleCoverOf }
  const watchedFrom = Math.max(...places.map((one) => one.watchedFrom))
  const advice = advise({
    state: worst.state,
    precision,
    perDay: worst.figures.perDay,
    watchedDays: Math.floor((now - watchedFrom) / DAY),
    alerts: alertsOf(places),
    soleCoverOf,
  })
  return { advice, precision, soleCoverOf }
}

/** Null where a target does not tell: there it may have fired. */
function alertsOf(places: readonly RuleHealth[]): number | null {
  const told = places.flatMap(({ figures }) => figures.month.alerts ?? [])
  return told.length < places.length ? null : told.reduce((sum, value) => sum + value, 0)
}

/** In the order of the rule's own tags. */
async function soleCover(
  reader: Handle,
  scope: WorkspaceScope,
  ruleId: RuleId,
): Promise<readonly string[]> {
  const own = techniquesIn(await selectRunningTags(reader, scope, ruleId))
  const shared = await selectSharedTags(reader, scope, ruleId, own.map(tagOf))
  return own.filter((technique) => !shared.has(tagOf(technique)))
}

const tagOf = (technique: string) => `attack.${technique.toLowerCase()}`
