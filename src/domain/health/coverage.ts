// What covers a technique of ATT&CK: a rule that names it, stands live somewhere, fares well there, is
// tested, is not silenced, and whose data comes in. Anything less is said with its reason and never counts.
// Pure.

import type { PlacementState } from '#domain/placements/placement.ts'
import type { RuleId, TargetId } from '#kernel/id.ts'
import type { Instant } from '#kernel/time.ts'
import type { HealthState } from './health.ts'

/** Those that need somebody first; `none`: no rule that stands anywhere names it. */
export const COVERAGE_STATES = ['lost', 'unproven', 'unknown', 'covered', 'none'] as const
export type CoverageState = (typeof COVERAGE_STATES)[number]

/**
 * Of one rule at one target. `fails`: it is known not to find what it names; `doubtful`: nothing shows that
 * it does; `untold`: its target does not answer.
 */
export type Verdict = 'proves' | 'fails' | 'doubtful' | 'untold'

export const WHYS = [
  'source',
  'broken',
  'silenced',
  'drifted',
  'tests',
  'soaking',
  'doubtful',
  'untold',
] as const
export type Why = (typeof WHYS)[number]

export interface Worth {
  readonly verdict: Verdict
  /** Null: it proves. */
  readonly why: Why | null
  readonly reason: string
}

export type Tests = 'passed' | 'failed' | 'missing'

export interface PlaceFacts {
  readonly placement: PlacementState
  /** Its target does not answer. */
  readonly isAway: boolean
  readonly health: HealthState
  readonly healthReason: string
  readonly flow: 'flowing' | 'stopped' | 'unknown'
  readonly tests: Tests
  /** What takes from it, in a sentence. */
  readonly silencedBy: string | null
}

/** Its state says that it is broken; of the others nothing shows that they work, nor that they do not. */
const BROKEN: ReadonlySet<HealthState> = new Set([
  'silently_broken',
  'failing',
  'gaps',
  'late',
  'lagging',
])

type Check = (facts: PlaceFacts) => Worth | undefined

// What explains the others stands before them.
const CHECKS: readonly Check[] = [standing, told, asDeployed, silenced, faring, flowing, tested]

/** The worth of a rule where it stands. */
export function judgeWorth(facts: PlaceFacts): Worth {
  for (const check of CHECKS) {
    const found = check(facts)
    if (found !== undefined) return found
  }
  return { verdict: 'proves', why: null, reason: '' }
}

const fails = (why: Why, reason: string): Worth => ({ verdict: 'fails', why, reason })
const doubtful = (why: Why, reason: string): Worth => ({ verdict: 'doubtful', why, reason })

function standing({ placement }: PlaceFacts): Worth | undefined {
  if (placement === 'paused') return fails('silenced', 'It is paused there.')
  if (placement === 'missing') return fails('drifted', 'It no longer stands on the target.')
  if (placement !== 'soaking') return undefined
  return doubtful('soaking', 'It soaks: it runs and raises no alert.')
}

function told({ placement, isAway }: PlaceFacts): Worth | undefined {
  const untold = (reason: string): Worth => ({ verdict: 'untold', why: 'untold', reason })
  if (isAway) return untold('The target does not answer.')
  return placement === 'unknown' ? untold('Whether it stands there is not known.') : undefined
}

function asDeployed({ placement }: PlaceFacts): Worth | undefined {
  if (placement !== 'drifted') return undefined
  return fails('drifted', 'What stands there is not what was deployed.')
}

function silenced({ silencedBy }: PlaceFacts): Worth | undefined {
  return silencedBy === null ? undefined : fails('silenced', silencedBy)
}

function faring({ health, healthReason, flow }: PlaceFacts): Worth | undefined {
  if (health === 'healthy') return undefined
  if (BROKEN.has(health)) return fails(flow === 'stopped' ? 'source' : 'broken', healthReason)
  return doubtful('doubtful', healthReason)
}

function flowing({ flow }: PlaceFacts): Worth | undefined {
  if (flow === 'stopped') return fails('source', 'Its log source stopped.')
  if (flow === 'flowing') return undefined
  return doubtful('doubtful', 'Whether its log source delivers is not known.')
}

function tested({ tests }: PlaceFacts): Worth | undefined {
  if (tests === 'failed') return fails('tests', 'Its tests fail.')
  return tests === 'missing' ? doubtful('tests', 'No test shows that it fires.') : undefined
}

/** A rule at a target, as it was judged at the last look. */
export interface Proof extends Worth {
  readonly series: number
  readonly version: number
  /** Of the version that stands there: `T1059.001`. */
  readonly techniques: readonly string[]
  /** Those of them that it once proved. */
  readonly proved: readonly string[]
  readonly tests: Tests
  readonly since: Instant
  readonly judgedAt: Instant
}

/** With the names that a page shows. */
export interface CoveringRule extends Proof {
  readonly ruleId: RuleId
  readonly title: string
  readonly targetId: TargetId
  readonly targetName: string
}

export interface Cell<Place extends Proof = Proof> {
  readonly technique: string
  readonly state: CoverageState
  /** Rules that name it, those that decided the state first. */
  readonly places: readonly Place[]
}

/** Of each technique that any of them names. */
export function cellsOf<Place extends Proof>(
  places: readonly Place[],
): ReadonlyMap<string, Cell<Place>> {
  const named = new Map<string, Place[]>()
  for (const place of places) {
    for (const technique of place.techniques) {
      named.set(technique, [...(named.get(technique) ?? []), place])
    }
  }
  return new Map([...named].map(([id, own]) => [id, cellOf(id, own)]))
}

/**
 * Lost is what was covered and no longer is for a known reason. What merely is not known any more makes
 * nothing lost, and a rule that never proved anything cannot lose it.
 */
function cellOf<Place extends Proof>(technique: string, places: readonly Place[]): Cell<Place> {
  const wasProof = (place: Place) => place.proved.includes(technique)
  const rules: readonly (readonly [CoverageState, (place: Place) => boolean])[] = [
    ['covered', ({ verdict }) => verdict === 'proves'],
    ['unknown', (place) => place.verdict === 'untold' && wasProof(place)],
    ['lost', (place) => place.verdict === 'fails' && wasProof(place)],
    ['unknown', ({ verdict }) => verdict === 'untold'],
  ]
  for (const [state, decides] of rules) {
    const deciding = places.filter(decides)
    if (deciding.length === 0) continue
    return { technique, state, places: [...new Set([...deciding, ...places])] }
  }
  return { technique, state: 'unproven', places }
}

/** How many techniques are in each state; of `total` that ATT&CK knows, the rest are `none`. */
export function countCells(
  cells: Iterable<Pick<Cell, 'state'>>,
  total: number,
): Readonly<Record<CoverageState, number>> {
  const counts = { lost: 0, unproven: 0, unknown: 0, covered: 0, none: total }
  for (const { state } of cells) {
    counts[state]++
    counts.none--
  }
  return counts
}
