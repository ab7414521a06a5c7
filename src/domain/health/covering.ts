// Looking at coverage: what was judged when targets were looked at last, as a matrix, by the day, and as a
// layer for MITRE's Navigator.

import { permit } from '#domain/access/permission.ts'
import { readAttack } from '#domain/instance/attack-in-force.ts'
import type { Attack } from '#languages/attack/attack.ts'
import { navigatorLayer, type Layer } from '#languages/attack/navigator.ts'
import { addMs, DAY, instant, type Instant } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import {
  COVERAGE_STATES,
  countCells,
  type Cell,
  type CoverageState,
  type CoveringRule,
} from './coverage.ts'
import { currentCells, currentTechniques } from './coverage-matrix.ts'
import * as store from './coverage-store.ts'
import type { CoverageFilter } from './input.ts'
import { dayOf } from './sample.ts'

export interface Coverage {
  readonly attack: Attack
  /** Techniques that a rule which stands somewhere names, by id. */
  readonly cells: ReadonlyMap<string, Cell<CoveringRule>>
  /** Of all that ATT&CK has. */
  readonly counts: Readonly<Record<CoverageState, number>>
  /** The oldest look that it rests on; null: nothing was looked at. */
  readonly judgedAt: Instant | null
}

export async function readCoverage(
  house: House,
  caller: Caller,
  filter: CoverageFilter,
): Promise<Coverage> {
  permit(caller, 'health.read')
  const { scope } = caller
  const attack = await readAttack(house, caller)
  const places = await store.selectCovering(house.db.read(scope), scope, filter)
  const cells = currentCells(attack, places)
  const judged = places.map(({ judgedAt }) => judgedAt)
  return {
    attack,
    cells,
    counts: countCells(cells.values(), currentTechniques(attack).length),
    judgedAt: judged.length === 0 ? null : instant(Math.min(...judged)),
  }
}

/** Products of log sources that the matrix may be narrowed by. */
export function listCoverageProducts(house: House, caller: Caller): Promise<readonly string[]> {
  permit(caller, 'health.read')
  return store.selectProducts(house.db.read(caller.scope), caller.scope)
}

export interface CoverageDay {
  readonly day: Instant
  /** Null: nothing was looked at that day. */
  readonly counts: Readonly<Record<Exclude<CoverageState, 'none'>, number>> | null
}

export const TREND_DAYS = 90

/** One a day, the last one today. Of the whole workspace. */
export async function readTrend(
  house: House,
  caller: Caller,
  days = TREND_DAYS,
): Promise<readonly CoverageDay[]> {
  permit(caller, 'health.read')
  const { scope, now } = caller
  const from = instant(Math.max(0, dayOf(now) - (days - 1) * DAY))
  const rows = await store.countDays(house.db.read(scope), scope, from)
  const byDay = Map.groupBy(rows, ({ day }) => day as number)
  return Array.from({ length: days }, (_, at) => {
    const day = addMs(dayOf(now), (at - days + 1) * DAY)
    const own = byDay.get(day)
    const countOf = (state: CoverageState) => own?.find((row) => row.state === state)?.count ?? 0
    const counts = {
      lost: countOf('lost'),
      unproven: countOf('unproven'),
      unknown: countOf('unknown'),
      covered: countOf('covered'),
    }
    return { day, counts: own === undefined ? null : counts }
  })
}

const SCORES = { covered: 100, unproven: 40, unknown: 20, lost: 0, none: 0 } as const

/** Score 100: covered, 40: unproven, 20: unknown, 0: lost; what no deployed rule names is left out. */
export async function coverageLayer(
  house: House,
  caller: Caller,
  filter: CoverageFilter,
): Promise<Layer> {
  const { attack, cells } = await readCoverage(house, caller, filter)
  const scores = new Map(
    [...cells.values()].map(({ technique, state, places: [first] }) => {
      const reason = state === 'covered' ? '' : ` ${first!.reason}`
      return [technique, { score: SCORES[state], comment: `${state}: ${first!.title}.${reason}` }]
    }),
  )
  return navigatorLayer(attack, scores, {
    name: 'Coverage',
    description:
      'What rules that stand on targets cover, as far as it is proved: 100 covered, 40 unproven, 20 unknown, 0 lost.',
    scoreMax: SCORES.covered,
  })
}

/** What needs somebody first; then by id. */
export function inOrder<Place extends CoveringRule>(
  cells: Iterable<Cell<Place>>,
): readonly Cell<Place>[] {
  const rank = ({ state }: Cell) => COVERAGE_STATES.indexOf(state)
  return [...cells].toSorted((a, b) => rank(a) - rank(b) || (a.technique < b.technique ? -1 : 1))
}
