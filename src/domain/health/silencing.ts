// The one list of what is silenced in a workspace, read anew whenever somebody asks.

import { permit } from '#domain/access/permission.ts'
import { listAutomation, listDependencies } from '#domain/adoption/dependencies.ts'
import { listOverdueSwitches } from '#domain/deployments/overdue.ts'
import { listPlacements } from '#domain/placements/actions.ts'
import { listExclusions } from '#domain/rules/exclusions/actions.ts'
import type { Exclusion } from '#domain/rules/exclusions/exclusion.ts'
import { listLevels } from '#domain/rules/reading.ts'
import { listTargets } from '#domain/targets/actions.ts'
import type { RuleId } from '#kernel/id.ts'
import { PAGE_LIMIT_MAX } from '#kernel/page.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { inTurns } from '#platform/turns.ts'
import { closingOf, wordsOfClosing } from './closers.ts'
import { inOrder, type Silenced, type SilencedKind } from './silenced.ts'
import { silencedByExclusion, silencedByPlacement } from './silencers.ts'

export interface SilencedList {
  readonly items: readonly Silenced[]
  /** Of the whole list, whatever kind is asked for. */
  readonly counts: ReadonlyMap<SilencedKind, number>
  readonly count: number
  /** Of what was asked for, however many of it are listed. */
  readonly fitting: number
}

export interface SilencedWanted {
  readonly kind?: SilencedKind | undefined
  readonly rule?: RuleId | undefined
  /** Each word stands in what it is, why, by whom, where, or in the title of a rule. */
  readonly text?: string | undefined
}

/** More are counted and not listed. */
const LISTED_MAX = 500

export async function listSilenced(
  house: House,
  caller: Caller,
  { kind, rule, text = '' }: SilencedWanted = {},
): Promise<SilencedList> {
  permit(caller, 'health.read')
  const all: Silenced[] = [
    ...(await exclusionsOf(house, caller, rule)).map(silencedByExclusion),
    ...(await overdue(house, caller, rule)),
    ...(await placed(house, caller, rule)),
    ...(await automation(house, caller, rule)),
    ...(rule === undefined ? await allowLists(house, caller) : []),
  ]
  const counts = new Map<SilencedKind, number>()
  for (const one of all) counts.set(one.kind, (counts.get(one.kind) ?? 0) + 1)
  const words = text.toLowerCase().split(/\s+/)
  const wanted = all.filter(
    (one) => (kind === undefined || one.kind === kind) && hasWords(one, words),
  )
  return {
    items: inOrder(wanted).slice(0, LISTED_MAX),
    counts,
    count: all.length,
    fitting: wanted.length,
  }
}

function hasWords(one: Silenced, words: readonly string[]): boolean {
  const titles = one.rules.map(({ title }) => title)
  const all = [one.what, one.why, one.by, one.targetName, ...titles].join('\n').toLowerCase()
  return words.every((word) => all.includes(word))
}

async function exclusionsOf(
  house: House,
  caller: Caller,
  rule: RuleId | undefined,
): Promise<readonly Exclusion[]> {
  const found: Exclusion[] = []
  for (let cursor: string | undefined; ;) {
    const wanted = { rule, cursor, limit: PAGE_LIMIT_MAX }
    const page = await listExclusions(house, caller, wanted)
    found.push(...page.items)
    if (page.next === null) return found
    cursor = page.next
  }
}

/** What is over, and runs until what was signed for its end is deployed. */
async function overdue(
  house: House,
  caller: Caller,
  rule: RuleId | undefined,
): Promise<readonly Silenced[]> {
  const found = await listOverdueSwitches(house, caller)
  return found
    .filter(({ ruleId }) => rule === undefined || ruleId === rule)
    .map(({ ruleId, ruleTitle, targetName, at }) => ({
      ...NOBODY_KNOWS,
      kind: 'exclusion',
      what: 'Exclusions are over, and what runs there still has them. A change waits.',
      rules: [{ id: ruleId, title: ruleTitle }],
      targetName,
      endsAt: at,
      isOverdue: true,
    }))
}

async function placed(
  house: House,
  caller: Caller,
  rule: RuleId | undefined,
): Promise<readonly Silenced[]> {
  const which = rule === undefined ? {} : { ruleIds: [rule] }
  const placements = await listPlacements(house, caller, which)
  const levels = await listLevels(house, caller)
  const silenced: Silenced[] = []
  for await (const one of inTurns(placements)) {
    silenced.push(...silencedByPlacement(one, levels.get(one.ruleId) ?? null, caller.now))
  }
  return silenced
}

/** Automation that closes what rules find: those that it names, or whatever a target's rules find. */
async function automation(
  house: House,
  caller: Caller,
  rule: RuleId | undefined,
): Promise<readonly Silenced[]> {
  const told = (await listAutomation(house, caller)).flatMap((one) => {
    const closing = closingOf(one.definition, caller.now)
    return closing === undefined ? [] : [{ ...one, closing }]
  })
  if (told.length === 0) return []
  const { items: targets } = await listTargets(house, caller, { limit: PAGE_LIMIT_MAX })
  const names = new Map(targets.map(({ target }) => [target.id, target.name]))
  const which = rule === undefined ? {} : { ruleIds: [rule] }
  const placements = await listPlacements(house, caller, which)
  return told.flatMap(({ targetId, name, title, refs, closing }): Silenced[] => {
    const there = placements.filter((one) => one.targetId === targetId)
    const named = there.filter(({ ref }) => !closing.namesRules || refs.includes(ref))
    if (named.length === 0) return []
    const rules = named.map(({ ruleId: id, ruleTitle }) => ({ id, title: ruleTitle }))
    return [
      {
        ...NOBODY_KNOWS,
        kind: 'automation',
        what: wordsOfClosing(title ?? name, closing),
        rules: closing.namesRules ? rules.slice(0, RULES_NAMED_MAX) : [],
        targetName: names.get(targetId) ?? null,
        why: closing.why,
        endsAt: closing.endsAt,
      },
    ]
  })
}

const RULES_NAMED_MAX = 50
const NOBODY_KNOWS = {
  by: null,
  why: null,
  since: null,
  endsAt: null,
  isOverdue: false,
  hidden: null,
  exclusionId: null,
} as const

/** Lists of exceptions that rules of a target are bound to there. */
async function allowLists(house: House, caller: Caller): Promise<readonly Silenced[]> {
  const { items: targets } = await listTargets(house, caller, { limit: PAGE_LIMIT_MAX })
  const names = new Map(targets.map(({ target }) => [target.id, target.name]))
  const found: Silenced[] = []
  for (let cursor: string | undefined; ;) {
    const page = await listDependencies(house, caller, { cursor, limit: PAGE_LIMIT_MAX })
    for (const { kind, title, name, rules, targetId } of page.items) {
      if (kind !== 'exception_list' || rules === 0) continue
      const over = rules === 1 ? 'one rule' : `${rules} rules`
      found.push({
        ...NOBODY_KNOWS,
        kind: 'allow_list',
        what: `The list ${title ?? name} takes events away from ${over} there.`,
        rules: [],
        targetName: names.get(targetId) ?? null,
      })
    }
    if (page.next === null) return found
    cursor = page.next
  }
}
