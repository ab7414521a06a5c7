// After a look at a target: what each rule that stands there is worth as cover, and how every technique of
// the workspace stood this day. Loaded by the job that looks.

import type { NamedPlacement } from '#domain/placements/placement.ts'
import { readRuleText } from '#domain/rules/content.ts'
import { listAutomation } from '#domain/adoption/dependencies.ts'
import { listExclusions } from '#domain/rules/exclusions/actions.ts'
import { getVersion } from '#domain/rules/reading.ts'
import type { RuleSummary } from '#domain/rules/rule.ts'
import type { RuleId } from '#kernel/id.ts'
import { PAGE_LIMIT_MAX } from '#kernel/page.ts'
import { addMs, DAY, type Instant } from '#kernel/time.ts'
import { techniquesIn } from '#languages/attack/technique-ids.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { nextTurn } from '#platform/turns.ts'
import { cellsOf, judgeWorth, type Proof, type Tests } from './coverage.ts'
import * as store from './coverage-store.ts'
import { selectKnown, type Known } from './rule-store.ts'
import { dayOf, KEPT_DAYS } from './sample.ts'
import { closingOf, wordsOfClosing } from './closers.ts'
import { silencedByPlacement } from './silencers.ts'
import type { Watch } from './watch.ts'

interface Looked {
  readonly placements: readonly NamedPlacement[]
  readonly watch: Watch
  readonly rules: ReadonlyMap<RuleId, RuleSummary>
}

/** Rules of one write. */
const BATCH = 40

/** Safe to be given up between any two writes: the next look judges again. */
export async function keepCoverage(
  house: House,
  caller: Caller,
  { placements, watch, rules }: Looked,
  signal: AbortSignal,
): Promise<void> {
  const { scope } = caller
  const reader = house.db.read(scope)
  await nextTurn()
  const known = new Map(
    (await selectKnown(reader, scope, watch.targetId)).map((one) => [one.ruleId, one]),
  )
  const before = new Map(
    (await store.selectProofs(reader, scope, watch.targetId)).map((one) => [one.series, one]),
  )
  const excluded = await exclusionsByRule(house, caller)
  const closedAway = await closersOf(house, caller, watch)
  const proofs: Proof[] = []
  for (const placement of placements) {
    const health = known.get(placement.ruleId)
    if (health === undefined) continue
    const rule = rules.get(placement.ruleId)
    const old = before.get(health.series)
    const written = await writtenOf(house, caller, placement, rule, old)
    const [silenced] = silencedByPlacement(placement, rule?.level ?? null, watch.triedAt)
    const silencedBy =
      excluded.get(placement.ruleId) ??
      silenced?.what ??
      listedAway(placement) ??
      closedAway(placement.ref)
    proofs.push(proofOf({ placement, health, watch, silencedBy, written, old }))
  }
  for (let at = 0; at < proofs.length; at += BATCH) {
    signal.throwIfAborted()
    await house.db.write(caller, async (tx) => {
      for (const one of proofs.slice(at, at + BATCH)) await store.saveProof(tx, one)
    })
    await nextTurn()
  }
  await keepDay(house, caller, watch.triedAt)
}

type Written = Pick<Proof, 'techniques' | 'tests'>

/** Of the version that stands there, which is not always the newest. */
async function writtenOf(
  house: House,
  caller: Caller,
  { ruleId, version }: NamedPlacement,
  rule: RuleSummary | undefined,
  old: Proof | undefined,
): Promise<Written> {
  if (rule?.version === version) {
    return { techniques: techniquesIn(rule.tags), tests: testsOf(rule) }
  }
  if (old?.version === version) return old
  const { text } = await getVersion(house, caller, ruleId, version)
  await nextTurn()
  // What tests said of an older text is not kept.
  return { techniques: techniquesIn(readRuleText(text).value?.tags ?? []), tests: 'missing' }
}

function testsOf({ positiveTests, testVerdict }: RuleSummary): Tests {
  if (testVerdict === 'failed') return 'failed'
  return positiveTests > 0 && testVerdict === 'passed' ? 'passed' : 'missing'
}

interface ToProve {
  readonly placement: NamedPlacement
  readonly health: Known
  readonly watch: Watch
  readonly silencedBy: string | null
  readonly written: Written
  readonly old: Proof | undefined
}

function proofOf({ placement, health, watch, silencedBy, written, old }: ToProve): Proof {
  const { techniques, tests } = written
  const worth = judgeWorth({
    placement: placement.state,
    isAway: watch.state === 'away',
    health: health.state,
    healthReason: health.reason,
    flow: health.figures.flow,
    tests,
    silencedBy,
  })
  const isSame = old?.verdict === worth.verdict && old.why === worth.why
  const once = techniques.filter((one) => old?.proved.includes(one))
  return {
    ...worth,
    series: health.series,
    version: placement.version,
    techniques,
    proved: worth.verdict === 'proves' ? techniques : once,
    tests,
    since: isSame ? old.since : watch.triedAt,
    judgedAt: watch.triedAt,
  }
}

/** A list of exceptions that the body itself names. */
function listedAway({ kind, body }: NamedPlacement): string | null {
  const lists = kind === 'elastic' ? body['exceptions_list'] : undefined
  const isBound = Array.isArray(lists) && lists.length > 0
  return isBound ? 'A list of exceptions takes events away from it there.' : null
}

/** By the ref of a rule: the automation there that closes what it finds. */
async function closersOf(
  house: House,
  caller: Caller,
  { targetId, triedAt: now }: Watch,
): Promise<(ref: string) => string | null> {
  const told = (await listAutomation(house, caller, targetId)).flatMap((one) => {
    const closing = closingOf(one.definition, now)
    return closing === undefined ? [] : [{ ...one, closing }]
  })
  return (ref) => {
    const found = told.find(({ refs, closing: { namesRules, conditions } }) =>
      // What closes some of whatever comes takes no rule away.
      namesRules ? refs.includes(ref) : conditions === 0,
    )
    return found === undefined ? null : wordsOfClosing(found.title ?? found.name, found.closing)
  }
}

async function exclusionsByRule(
  house: House,
  caller: Caller,
): Promise<ReadonlyMap<RuleId, string>> {
  const found = new Map<RuleId, string>()
  for (let cursor: string | undefined; ;) {
    const page = await listExclusions(house, caller, { cursor, limit: PAGE_LIMIT_MAX })
    for (const { title, rules, state } of page.items) {
      // Overdue ones still hold.
      if (state === 'ended') continue
      for (const { id } of rules) found.set(id, `The exclusion "${title}" takes from it.`)
    }
    if (page.next === null) return found
    cursor = page.next
    await nextTurn()
  }
}

async function keepDay(house: House, caller: Caller, now: Instant): Promise<void> {
  const { scope } = caller
  const cells = cellsOf(await store.selectCovering(house.db.read(scope), scope, {}))
  const rows = [...cells.values()].flatMap(({ technique, state }) =>
    state === 'none' ? [] : [{ technique, state }],
  )
  await house.db.write(caller, async (tx) => {
    await store.saveDay(tx, dayOf(now), rows)
    await store.deleteDaysBefore(tx, addMs(dayOf(now), -KEPT_DAYS * DAY))
  })
  await nextTurn()
}
