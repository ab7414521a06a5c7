// What needs a person in a workspace, asked of every domain that knows something of it. Each is asked for
// its first lines and a count, so that a large workspace answers as a small one does; and only by who may
// read there.

import { can, permit, type Verb } from '#domain/access/permission.ts'
import { listApproved, listUnsigned } from '#domain/changes/waiting-list.ts'
import type { Change } from '#domain/changes/change.ts'
import { listDrift } from '#domain/deployments/drift-actions.ts'
import type { Drift } from '#domain/deployments/drift.ts'
import { listOpenHotfixes } from '#domain/deployments/hotfix-open.ts'
import type { Hotfix } from '#domain/deployments/hotfix.ts'
import { listOverdueSwitches } from '#domain/deployments/overdue.ts'
import { listUnsettled } from '#domain/deployments/unsettled.ts'
import { listEnding } from '#domain/rules/exclusions/ending.ts'
import { listUndecided } from '#domain/rules/upstreams/undecided.ts'
import { listTargets } from '#domain/targets/actions.ts'
import { ENDING_WORDS } from '#domain/workspaces/endings.ts'
import { addMs, DAY } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { countStates } from './actions.ts'
import type { BurntBudget } from './budget.ts'
import { listBudgets } from './budgets.ts'
import type { HealthState } from './health.ts'
import { listEndings } from './endings.ts'
import { inOrder, NEEDS_SHOWN, wholeGroup, type Need, type NeedGroup } from './needs.ts'
import { selectRuleHealth } from './rule-store.ts'

type Ask = (house: House, caller: Caller) => Promise<readonly NeedGroup[]>

/** Whoever holds the verb is told. */
const QUESTIONS: readonly (readonly [Verb, Ask])[] = [
  ['change.sign', unsigned],
  ['deployment.run', approved],
  ['deployment.read', unsettled],
  ['drift.read', drifted],
  ['health.read', unwell],
  ['health.read', overBudget],
  ['target.read', away],
  // Each kind is told to whoever can renew it.
  ['workspace.read', endingByItself],
  ['deployment.read', overdue],
  ['exclusion.read', ending],
  ['change.read', unreviewed],
  ['rule.write', undecided],
]

/** In the order of what they are worth; nothing where nothing waits. */
export async function listNeeds(house: House, caller: Caller): Promise<readonly NeedGroup[]> {
  permit(caller, 'workspace.read')
  const found: NeedGroup[] = []
  for (const [verb, ask] of QUESTIONS) {
    if (can(caller, verb)) found.push(...(await ask(house, caller)))
  }
  return inOrder(found)
}

const NOTHING = { number: null, note: '', since: null, endsAt: null } as const

async function unsigned(house: House, caller: Caller): Promise<readonly NeedGroup[]> {
  if (!can(caller, 'change.read')) return []
  const { items, count } = await listUnsigned(house, caller, NEEDS_SHOWN)
  const needs = items.map((change) => ({ ...changeNeed(change), since: change.submittedAt }))
  return [{ kind: 'sign', items: needs, count }]
}

async function approved(house: House, caller: Caller): Promise<readonly NeedGroup[]> {
  if (!can(caller, 'change.read')) return []
  const { items, count } = await listApproved(house, caller, NEEDS_SHOWN)
  const needs = items.map((change) => ({
    ...changeNeed(change),
    // It was approved by the last thing that happened to it.
    since: change.updatedAt,
    endsAt: change.expiresAt,
  }))
  return [{ kind: 'deploy', items: needs, count }]
}

function changeNeed({ id, title, itemCount, signatureCount, signaturesNeeded }: Change): Need {
  const signed = signaturesNeeded === 0 ? '' : `, ${signatureCount} of ${signaturesNeeded} signed`
  return { ...NOTHING, id, title, note: `${counted(itemCount, 'item')}${signed}` }
}

async function unsettled(house: House, caller: Caller): Promise<readonly NeedGroup[]> {
  const { items, count } = await listUnsettled(house, caller, NEEDS_SHOWN)
  const needs = items.map(({ deploymentId, number, ruleTitle, targetName, reason, startedAt }) => ({
    ...NOTHING,
    id: deploymentId,
    number,
    title: ruleTitle,
    note: joined(targetName, reason ?? 'Nobody knows whether it was written.'),
    since: startedAt,
  }))
  return [{ kind: 'settle', items: needs, count }]
}

async function drifted(house: House, caller: Caller): Promise<readonly NeedGroup[]> {
  const wanted = { filter: { state: 'found' }, limit: NEEDS_SHOWN } as const
  const { items, count } = await listDrift(house, caller, wanted)
  return [{ kind: 'drift', items: items.map(driftNeed), count }]
}

function driftNeed({
  id,
  kind,
  targetName,
  name,
  ruleTitle,
  fields,
  foundAt,
  wanted,
}: Drift): Need {
  const what = {
    changed: `${counted(fields.length, 'field')} changed there`,
    missing: 'gone from there',
    dependency: 'rules build on it, and it is another one now',
  }[kind]
  const under = wanted === null ? '' : '; a change is under way'
  const note = joined(targetName, `${what}${under}`)
  return { ...NOTHING, id, title: ruleTitle ?? name, note, since: foundAt }
}

const ILL = ['silently_broken', 'failing', 'dead'] as const satisfies readonly HealthState[]

async function unwell(house: House, caller: Caller): Promise<readonly NeedGroup[]> {
  const { scope } = caller
  const reader = house.db.read(scope)
  const counts = await countStates(house, caller, {})
  const groups: NeedGroup[] = []
  for (const state of ILL) {
    const count = counts.get(state) ?? 0
    if (count === 0) continue
    const page = { limit: NEEDS_SHOWN, after: null }
    const found = await selectRuleHealth(reader, scope, { state }, page)
    const items = found.map(({ ruleId: id, title, targetName, reason, since }) => ({
      ...NOTHING,
      id,
      title,
      note: joined(targetName, reason),
      since,
    }))
    groups.push({ kind: state, items, count })
  }
  return groups
}

async function overBudget(house: House, caller: Caller): Promise<readonly NeedGroup[]> {
  const budgets = await listBudgets(house, caller)
  const over = budgets.filter(({ used, perDay }) => used !== null && used > perDay)
  return [wholeGroup('budget', over.map(budgetNeed))]
}

function budgetNeed({ scope, name, used, perDay, rules, proposedId }: BurntBudget): Need {
  const title = { workspace: 'The whole workspace', group: `Group ${name}`, rule: `Rule ${name}` }
  const perDayUsed = Math.round(used! * 10) / 10
  const note = `${perDayUsed} alerts a day over 30 days, ${perDay} allowed, ${counted(rules, 'rule')}`
  const proposed = proposedId === null ? '' : '; pause proposed'
  return { ...NOTHING, id: proposedId ?? name, title: title[scope], note: `${note}${proposed}` }
}

/** More than anybody has seen in one workspace; those beyond are not asked for. */
const TARGETS_MAX = 500

async function away(house: House, caller: Caller): Promise<readonly NeedGroup[]> {
  const { items } = await listTargets(house, caller, { limit: TARGETS_MAX })
  const needs = items
    .filter(({ health }) => health.checkedAt !== null && health.state !== 'healthy')
    .map(({ target: { id, name }, health: { state, reason, since } }) => {
      const note = reason === '' ? state : joined(state, reason)
      return { ...NOTHING, id, title: name, note, since }
    })
  return [wholeGroup('target', needs)]
}

async function endingByItself(house: House, caller: Caller): Promise<readonly NeedGroup[]> {
  const found = await listEndings(house, caller)
  // A target says so of its own credentials, one group above.
  const others = found.filter(({ kind }) => kind !== 'credential')
  const needs = others.map(({ kind, id, name, endsAt }) => ({
    ...NOTHING,
    id,
    title: name,
    note: endsAt > caller.now ? ENDING_WORDS[kind] : `${ENDING_WORDS[kind]}: it is over`,
    endsAt,
  }))
  return [wholeGroup('ending', needs)]
}

const EXCLUSION_DAYS = 7

async function ending(house: House, caller: Caller): Promise<readonly NeedGroup[]> {
  const endsBefore = addMs(caller.now, EXCLUSION_DAYS * DAY)
  const { items, count } = await listEnding(house, caller, { endsBefore, limit: NEEDS_SHOWN })
  const needs = items.map(({ id, title, owner, rules, endsAt, createdAt }) => ({
    ...NOTHING,
    id,
    title,
    note: `${counted(rules.length, 'rule')}, owned by ${owner}`,
    since: createdAt,
    endsAt,
  }))
  return [{ kind: 'exclusion', items: needs, count }]
}

async function overdue(house: House, caller: Caller): Promise<readonly NeedGroup[]> {
  const needs = (await listOverdueSwitches(house, caller)).map(
    ({ ruleId, ruleTitle, targetName, at }) => ({
      ...NOTHING,
      id: ruleId,
      title: ruleTitle,
      note: `runs on ${targetName} with exclusions that are over`,
      since: at,
    }),
  )
  return [wholeGroup('overdue', needs)]
}

async function unreviewed(house: House, caller: Caller): Promise<readonly NeedGroup[]> {
  const { items, count } = await listOpenHotfixes(house, caller, NEEDS_SHOWN)
  return [{ kind: 'hotfix', items: items.map(hotfixNeed), count }]
}

function hotfixNeed({ id, kind, state, reviewedAt, title, createdAt, endsAt }: Hotfix): Need {
  const glass = kind === 'breakglass' ? 'The glass was broken' : 'Not signed'
  const now = {
    running: 'it runs',
    overdue: 'its end has passed',
    reverting: 'it is going back',
    reverted: 'it is over',
    kept: 'it was kept',
    stuck: 'it could not be taken back',
  }[state]
  const looked = reviewedAt === null ? ', and nobody has looked at it' : ''
  const isRunning = state === 'running' || state === 'overdue'
  return {
    ...NOTHING,
    id,
    title,
    note: `${glass}; ${now}${looked}`,
    since: createdAt,
    endsAt: isRunning ? endsAt : null,
  }
}

async function undecided(house: House, caller: Caller): Promise<readonly NeedGroup[]> {
  const found = await listUndecided(house, caller)
  const needs = found.map(({ id, name, label, count, since }) => ({
    ...NOTHING,
    id,
    title: name,
    note: joined(label, `${counted(count, 'decision')} to make`),
    since,
  }))
  return [wholeGroup('upstream', needs)]
}

function counted(value: number, one: string): string {
  return `${value} ${one}${value === 1 ? '' : 's'}`
}

const joined = (place: string, what: string) => `${place}: ${what}`
