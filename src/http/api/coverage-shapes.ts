// What the API tells of coverage: techniques of ATT&CK and the rules that decide their state.

import { z } from 'zod'
import { COVERAGE_STATES, WHYS, type Cell, type CoveringRule } from '#domain/health/coverage.ts'
import type { Coverage, CoverageDay } from '#domain/health/covering.ts'
import { ID_PREFIXES } from '#kernel/id.ts'
import { formatInstant } from '#kernel/time.ts'
import { idOf, instantOrNull, InstantText, named, RuleIdText } from './shapes.ts'

const PlaceShape = z.strictObject({
  rule: RuleIdText,
  title: z.string(),
  version: z.int(),
  target: idOf(ID_PREFIXES.target),
  targetName: z.string(),
  verdict: z.enum(['proves', 'fails', 'doubtful', 'untold']),
  why: z.enum(WHYS).nullable(),
  reason: z.string(),
  since: InstantText,
})
const CellShape = z
  .strictObject({
    technique: z.string(),
    name: z.string(),
    state: z.enum(COVERAGE_STATES),
    rules: z.array(PlaceShape),
  })
  .register(named, { id: 'CoveredTechnique' })
const Count = z.int()
const DayShape = z.strictObject({
  day: InstantText,
  covered: Count.nullable(),
  lost: Count.nullable(),
  unproven: Count.nullable(),
  unknown: Count.nullable(),
})
export const CoverageShape = z
  .strictObject({
    attack: z.string(),
    judgedAt: InstantText.nullable(),
    counts: z.strictObject({
      covered: Count,
      lost: Count,
      unproven: Count,
      unknown: Count,
      none: Count,
    }),
    items: z.array(CellShape),
    days: z.array(DayShape),
  })
  .register(named, { id: 'Coverage' })

/** `cells` in the order in which they are told. */
export function coverageOf(
  { attack, judgedAt, counts }: Coverage,
  cells: readonly Cell<CoveringRule>[],
  days: readonly CoverageDay[],
): z.input<typeof CoverageShape> {
  return {
    attack: attack.version,
    judgedAt: instantOrNull(judgedAt),
    counts,
    items: cells.map(({ technique, state, places }) => ({
      technique,
      name: attack.techniques.get(technique.toLowerCase())?.name ?? '',
      state,
      rules: places.map(placeOf),
    })),
    days: days.map(({ day, counts: own }) => ({
      day: formatInstant(day),
      covered: own?.covered ?? null,
      lost: own?.lost ?? null,
      unproven: own?.unproven ?? null,
      unknown: own?.unknown ?? null,
    })),
  }
}

function placeOf(place: CoveringRule) {
  const { ruleId, title, version, targetId, targetName, verdict, why, reason, since } = place
  const names = { rule: ruleId, title, version, target: targetId, targetName }
  return { ...names, verdict, why, reason, since: formatInstant(since) }
}
