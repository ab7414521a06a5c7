// `/health/rules`: how deployed rules fare, as it was judged when their targets were looked at last.

import { z } from 'zod'
import type { ListedHealth } from '#domain/health/figures.ts'
import { HEALTH_STATES } from '#domain/health/health.ts'
import { BackfillInput, HealthListQuery } from '#domain/health/input.ts'
import type { RuleHealthAt } from '#domain/health/figures.ts'
import type { Outage } from '#domain/health/watch.ts'
import type { DayCount, Counts } from '#domain/health/sample.ts'
import { LEVELS } from '#domain/rules/product-key.ts'
import { PLACEMENT_STATES } from '#domain/placements/placement.ts'
import { ID_PREFIXES } from '#kernel/id.ts'
import { formatInstant } from '#kernel/time.ts'
import { operation } from './operation.ts'
import { startedJob, StartedJobShape } from './started-job.ts'
import {
  accepted,
  idOf,
  instantOrNull,
  InstantText,
  named,
  PAGE_QUERY,
  pageShape,
  RuleIdText,
} from './shapes.ts'

/** Loaded by the first request and not by the start. */
const actions = () => import('#domain/health/actions.ts')

const CountOrNull = z.int().nullable()
const CountsShape = z
  .strictObject({
    ran: CountOrNull,
    failed: CountOrNull,
    skipped: CountOrNull,
    alerts: CountOrNull,
    latencyMs: CountOrNull,
    lagMs: CountOrNull,
  })
  .register(named, { id: 'HealthCounts' })
const DayShape = z.strictObject({
  day: InstantText,
  alerts: CountOrNull,
  ran: CountOrNull,
  failed: CountOrNull,
})
const health = {
  rule: RuleIdText,
  title: z.string(),
  level: z.enum(LEVELS).nullable(),
  target: idOf(ID_PREFIXES.target),
  targetName: z.string(),
  kind: z.string(),
  version: z.int(),
  placement: z.enum(PLACEMENT_STATES),
  state: z.enum(HEALTH_STATES),
  reason: z.string(),
  since: InstantText,
  judgedAt: InstantText,
  watchedFrom: InstantText,
  dataFlow: z.enum(['flowing', 'stopped', 'unknown']),
  lastRunAt: InstantText.nullable(),
  lastError: z.string().nullable(),
  alertsPerDay: z.number().nullable(),
  lastDay: CountsShape,
  last30Days: CountsShape,
  days: z.array(DayShape),
}
const HealthShape = z.strictObject(health).register(named, { id: 'RuleHealth' })

const OutageShape = z.strictObject({
  target: idOf(ID_PREFIXES.target),
  targetName: z.string(),
  from: InstantText,
  to: InstantText.nullable(),
  reason: z.string(),
})
const HealthPageShape = pageShape(HealthShape)
  .extend({
    states: z.array(z.strictObject({ state: z.enum(HEALTH_STATES), count: z.int() })),
    outages: z.array(OutageShape),
  })
  .register(named, { id: 'RuleHealthPage' })
const GapShape = z.strictObject({
  from: InstantText,
  to: InstantText,
  state: z.enum(['planned', 'asked']),
  search: idOf(ID_PREFIXES.search).nullable(),
})
const OneShape = z
  .strictObject({
    places: z.array(z.strictObject({ ...health, gaps: z.array(GapShape) })),
    precision: z.number().nullable(),
    decided: z.int(),
    soleCoverOf: z.array(z.string()),
    advice: z
      .strictObject({ kind: z.enum(['keep', 'tune', 'retire']), reason: z.string() })
      .nullable(),
  })
  .register(named, { id: 'HealthOfRule' })

const list = operation({
  method: 'GET',
  path: '/health/rules',
  name: 'listRuleHealth',
  summary: 'How deployed rules fare, the worst first',
  about:
    'One item for each rule at each target where it stands. Null is what a target does not tell; it is never 0. `states` counts the whole list by state, whatever `state` narrows it to. `outages` are targets that do not answer, and those that came back within a week: their rules are unknown meanwhile.',
  permission: 'health.read',
  query: z.strictObject({ ...HealthListQuery.shape, ...PAGE_QUERY }),
  answer: HealthPageShape,
  async run({ house, caller, query: { limit, cursor, ...filter } }) {
    const { listHealth, listOutages } = await actions()
    const page = await listHealth(house, caller, { filter, limit, cursor })
    const outages = await listOutages(house, caller)
    return {
      items: page.items.map(shapeOf),
      next: page.next,
      states: HEALTH_STATES.map((state) => ({ state, count: page.states[state] })),
      outages: outages.map(outageShape),
    }
  },
})

const get = operation({
  method: 'GET',
  path: '/health/rules/{id}',
  name: 'getRuleHealth',
  summary: 'How one rule fares at each target where it stands',
  about:
    '`days` are 90. `gaps` are times in which it did not run though it should have: `planned` ones nobody has asked for yet. `precision` is the share of true positives among the `decided` alerts, null while fewer than five were. `soleCoverOf` are techniques that no other deployed rule names: a rule that has any is never advised to be retired.',
  permission: 'health.read',
  params: z.strictObject({ id: RuleIdText }),
  answer: OneShape,
  async run({ house, caller, params }) {
    const places = await (await actions()).getRuleHealth(house, caller, params.id)
    const { readAdvice } = await import('#domain/health/advising.ts')
    const { precision, soleCoverOf, advice } = await readAdvice(house, caller, params.id)
    return {
      places: places.map((one) => ({ ...shapeOf(one), gaps: gapsOf(one) })),
      precision: precision.share,
      decided: precision.decided,
      soleCoverOf: [...soleCoverOf],
      advice: advice && { ...advice },
    }
  },
})

function shapeOf(one: ListedHealth): z.input<typeof HealthShape> {
  const { figures } = one
  return {
    rule: one.ruleId,
    title: one.title,
    level: one.level,
    target: one.targetId,
    targetName: one.targetName,
    kind: one.kind,
    version: one.version,
    placement: one.placement,
    state: one.state,
    reason: one.reason,
    since: formatInstant(one.since),
    judgedAt: formatInstant(one.judgedAt),
    watchedFrom: formatInstant(one.watchedFrom),
    dataFlow: figures.flow,
    lastRunAt: instantOrNull(figures.lastRunAt),
    lastError: figures.lastError,
    alertsPerDay: figures.perDay,
    lastDay: countsShape(figures.day),
    last30Days: countsShape(figures.month),
    days: one.days.map(dayShape),
  }
}

const countsShape = (counts: Counts) => ({ ...counts })

const dayShape = ({ day, ...counts }: DayCount) => ({ day: formatInstant(day), ...counts })

function outageShape({ targetId, targetName, from, to, reason }: Outage) {
  return {
    target: targetId,
    targetName,
    from: formatInstant(from),
    to: instantOrNull(to),
    reason,
  }
}

function gapsOf({ gaps }: RuleHealthAt) {
  return gaps.map(({ from, to, state, searchId }) => ({
    from: formatInstant(from),
    to: formatInstant(to),
    state,
    search: searchId,
  }))
}

const { ruleId, targetId } = BackfillInput.shape
/** Null: of all. */
const BackfillWish = z.strictObject({
  ruleId: ruleId.unwrap().nullable(),
  targetId: targetId.unwrap().nullable(),
})

const makeUp = operation({
  method: 'POST',
  path: '/health/backfill',
  name: 'backfillHealth',
  summary: 'Search what rules missed',
  about:
    'Times in which a rule did not run though it should have, of a rule, of a target or, with null, of all, are searched with the rule: each once, whoever asks and however often, 200 in one go. Cancelling the job leaves the others planned.',
  permission: 'search.run',
  body: BackfillWish.register(accepted, { id: 'BackfillWanted' }),
  status: 202,
  answer: StartedJobShape,
  async run({ house, caller, body }) {
    const { requestBackfill } = await import('#domain/health/backfill.ts')
    const wanted = { ruleId: body.ruleId ?? undefined, targetId: body.targetId ?? undefined }
    return startedJob(await requestBackfill(house, caller, wanted))
  },
})

export const HEALTH_OPERATIONS = [list, get, makeUp]
