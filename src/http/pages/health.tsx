// `/w/{slug}/health`: how deployed rules fare; and the same as a face of each rule.

import { z } from 'zod'
import { can } from '#domain/access/permission.ts'
import { readAdvice } from '#domain/health/advising.ts'
import { getRuleHealth, listHealth, listOutages } from '#domain/health/actions.ts'
import { countPlanned, requestBackfill } from '#domain/health/backfill.ts'
import { HealthListQuery } from '#domain/health/input.ts'
import { listGroups } from '#domain/rules/groups/actions.ts'
import { getRule } from '#domain/rules/reading.ts'
import { listTargets } from '#domain/targets/actions.ts'
import { PAGE_LIMIT_MAX } from '#kernel/page.ts'
import { MINUTE, type Instant } from '#kernel/time.ts'
import { HealthPage } from '#views/health/health-page.tsx'
import { RuleHealthPage } from '#views/health/rule-health-page.tsx'
import { callerOf } from '#http/caller.ts'
import type { HttpContext } from '#http/env.ts'
import { placeOf } from '#http/frame.ts'
import { readId, readQuery } from '#http/input.ts'
import { changed, page } from '#http/respond.tsx'
import { headOf, pathOf, trailOf } from './rule-frame.ts'

const LISTED = 50
const { q, state, target, group } = HealthListQuery.shape
// What a form leaves empty narrows nothing.
const ListQuery = z.object({
  q: q.catch(undefined),
  state: state.catch(undefined),
  on: target.catch(undefined),
  group: group.catch(undefined),
  cursor: z.string().max(2_000).optional().catch(undefined),
})

export async function showHealth(c: HttpContext): Promise<Response> {
  const { house } = c.var
  const caller = callerOf(c)
  const { cursor, on, ...others } = readQuery(c, ListQuery)
  const filter = { ...others, target: on }
  const found = await listHealth(house, caller, { filter, cursor, limit: LISTED })
  const targets = await listTargets(house, caller, { limit: PAGE_LIMIT_MAX })
  const groups = await listGroups(house, caller, { limit: PAGE_LIMIT_MAX })
  const props = {
    ...found,
    path: `${placeOf(c)}/health`,
    rules: `${placeOf(c)}/rules`,
    filter: {
      q: filter.q ?? '',
      state: filter.state ?? '',
      target: filter.target ?? '',
      group: filter.group ?? '',
    },
    targets: targets.items.map((one) => ({ id: one.target.id, name: one.target.name })),
    groups: groups.items,
    outages: await listOutages(house, caller),
    planned: await countPlanned(house, caller),
    maySearch: can(caller, 'search.run'),
    notLookedSince: longAgo(found.items, caller.now, house.settings.health.sampleMinutes),
    cursor: cursor ?? null,
  }
  return page(c, { title: 'Health' }, <HealthPage {...props} />)
}

/** Three looks that did not come are no chance. */
const LOOKS_MISSED = 3

function longAgo(
  items: readonly { readonly judgedAt: Instant }[],
  now: Instant,
  minutes: number,
): Instant | null {
  const newest = items.reduce((last, { judgedAt }) => Math.max(last, judgedAt), 0)
  return newest > 0 && now - newest > LOOKS_MISSED * minutes * MINUTE ? (newest as Instant) : null
}

export async function showRuleHealth(c: HttpContext): Promise<Response> {
  const { house } = c.var
  const caller = callerOf(c)
  const rule = await getRule(house, caller, readId(c, 'rul'))
  const props = {
    ...headOf(c, rule, '/health'),
    places: await getRuleHealth(house, caller, rule.id),
    advised: await readAdvice(house, caller, rule.id),
    triage: `${pathOf(c, rule.id)}/triage`,
    searches: can(caller, 'search.run') ? `${placeOf(c)}/searches` : null,
  }
  return page(c, { title: 'Health', trail: trailOf(c, rule) }, <RuleHealthPage {...props} />)
}

export async function makeUp(c: HttpContext): Promise<Response> {
  const { house } = c.var
  const { id } = await getRule(house, callerOf(c), readId(c, 'rul'))
  const jobId = await requestBackfill(house, callerOf(c), { ruleId: id })
  return changed(c, {
    redirect: `${placeOf(c)}/jobs/${jobId}`,
    notice: 'What was missed is being searched.',
  })
}

/** All that is planned in the workspace; its progress is that of its job. */
export async function makeUpAll(c: HttpContext): Promise<Response> {
  const jobId = await requestBackfill(c.var.house, callerOf(c), {})
  return changed(c, {
    redirect: `${placeOf(c)}/jobs/${jobId}`,
    notice: 'What was missed is being searched.',
  })
}
