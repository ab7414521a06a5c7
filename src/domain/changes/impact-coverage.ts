// Which techniques a change brings to run and which it takes away, by the tags of the rules: what other
// rules that run name stays. It says nothing of whether a rule would find anything.

import { listPlacements } from '#domain/placements/actions.ts'
import { readRules } from '#domain/rules/read-task.ts'
import { findRules, getVersion, listRules } from '#domain/rules/reading.ts'
import type { RuleId } from '#kernel/id.ts'
import { formatInstant } from '#kernel/time.ts'
import { techniquesIn } from '#languages/attack/technique-ids.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import type { TaskLimits } from '#platform/worker.ts'
import type { ChangeItem } from './change.ts'

export interface CoverageDelta {
  /** `T1059.001`, sorted. */
  readonly gained: readonly string[]
  readonly lost: readonly string[]
}

type Place = Pick<ChangeItem, 'ruleId' | 'targetId'>

const RULES_LOOKED_AT = 500

export async function coverageDelta(
  house: House,
  caller: Caller,
  items: readonly ChangeItem[],
): Promise<CoverageDelta> {
  const stand = items.flatMap((item) => standing(item) ?? [])
  const will = items.flatMap((item) => proposed(item) ?? [])
  const named = await techniquesOf(house, caller, [...stand, ...will])
  const namesOf = (wanted: readonly Wanted[]) =>
    new Set(wanted.flatMap((one) => named.get(keyOf(one)) ?? []))
  const [before, after] = [namesOf(stand), namesOf(will)]
  const others = new Others(house, caller, items)
  const gained: string[] = []
  const lost: string[] = []
  for (const one of new Set([...before, ...after])) {
    if (before.has(one) === after.has(one)) continue
    if (await others.run(one)) continue
    ;(after.has(one) ? gained : lost).push(one)
  }
  return { gained: gained.toSorted(), lost: lost.toSorted() }
}

/** What runs there now. */
function standing({ ruleId, replaces }: ChangeItem): Wanted | null {
  if (replaces === null || replaces.isEnabled === false) return null
  return replaces.version === null ? null : { ruleId, version: replaces.version }
}

function proposed({ ruleId, action, version, replaces }: ChangeItem): Wanted | null {
  const number = version ?? replaces?.version ?? null
  if (action === 'remove' || action === 'pause' || number === null) return null
  return { ruleId, version: number }
}

interface Wanted {
  readonly ruleId: RuleId
  readonly version: number
}

const keyOf = ({ ruleId, version }: Wanted) => `${ruleId} ${version}`

/** Of these versions, by `keyOf`. Only texts that are not the newest are read. */
async function techniquesOf(
  house: House,
  caller: Caller,
  wanted: readonly Wanted[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const rules = await findRules(house, caller, [...new Set(wanted.map(({ ruleId }) => ruleId))])
  const found = new Map<string, readonly string[]>()
  const older = new Map<string, Wanted>()
  for (const one of wanted) {
    const rule = rules.get(one.ruleId)
    if (rule?.version === one.version) found.set(keyOf(one), techniquesIn(rule.tags))
    else older.set(keyOf(one), one)
  }
  const today = formatInstant(caller.now).slice(0, 10)
  for (const [key, { ruleId, version }] of older) {
    const { text } = await getVersion(house, caller, ruleId, version)
    const input = { texts: [text], today, attack: undefined }
    const [read] = await house.workers.run(readRules, input, LIMITS)
    found.set(key, techniquesIn(read?.content?.tags ?? []))
  }
  return found
}

const LIMITS: TaskLimits = { timeoutMs: 20_000 }

/** Rules that run and that the change leaves alone, at least at one place. */
class Others {
  readonly #house: House
  readonly #caller: Caller
  readonly #touched: ReadonlySet<string>

  constructor(house: House, caller: Caller, items: readonly Place[]) {
    this.#house = house
    this.#caller = caller
    this.#touched = new Set(items.map(keyOfPlace))
  }

  async run(technique: string): Promise<boolean> {
    const { items } = await listRules(this.#house, this.#caller, {
      filter: { technique, state: ['active'] },
      sort: 'title',
      limit: RULES_LOOKED_AT,
    })
    const ruleIds = items.map(({ id }) => id)
    if (ruleIds.length === 0) return false
    const states = ['live', 'soaking', 'drifted'] as const
    const placed = await listPlacements(this.#house, this.#caller, { ruleIds, states })
    return placed.some((one) => !this.#touched.has(keyOfPlace(one)))
  }
}

function keyOfPlace({ ruleId, targetId }: Place): string {
  return `${ruleId} ${targetId}`
}
