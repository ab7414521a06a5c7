// What a breached budget that pauses does. It pauses nothing that nobody signed: it opens a change that
// pauses the loudest rules and hands it in. Where the policy of the workspace allows hotfixes and one rule
// is enough, that rule is paused for a day at most, by the machinery of hotfixes.

import { permit } from '#domain/access/permission.ts'
import { listHolders } from '#domain/access/signers.ts'
import { getChange, openChange, submitChange } from '#domain/changes/actions.ts'
import { isOpen } from '#domain/changes/moves.ts'
import { HOTFIX_HOURS_MAX } from '#domain/deployments/hotfix.ts'
import { startHotfix } from '#domain/deployments/hotfix-making.ts'
import { tellPerson } from '#domain/messages/request.ts'
import { readPolicy } from '#domain/workspaces/policy-actions.ts'
import { AppError } from '#kernel/error.ts'
import type { ChangeId } from '#kernel/id.ts'
import { DAY } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import type { Tx } from '#platform/db/tx.ts'
import type { House } from '#platform/house.ts'
import { nextTurn } from '#platform/turns.ts'
import type { Budget } from './budget.ts'
import { saveProposal, selectBudgets } from './budget-store.ts'
import { breachOf, type Breach, type Loud } from './pausing.ts'
import { selectLoud } from './rule-store.ts'

/** After a proposal that somebody turned down. */
const REST_DAYS = 7

export interface Proposed {
  readonly budget: string
  readonly change: ChangeId
  readonly isHotfix: boolean
}

/** One proposal a budget at a time. Audited, as the changes and hotfixes are. */
export async function proposePauses(
  house: House,
  caller: Caller,
  signal: AbortSignal,
): Promise<readonly Proposed[]> {
  permit(caller, 'health.tend')
  const { scope } = caller
  const budgets = await selectBudgets(house.db.read(scope), scope)
  const proposed: Proposed[] = []
  for (const budget of budgets) {
    signal.throwIfAborted()
    if (budget.onBreach !== 'pause' || (await isWaiting(house, caller, budget))) continue
    // Anew for each: what one budget paused is not paused for the next again.
    const breach = breachOf(budget, await selectLoud(house.db.read(scope), scope))
    if (breach === undefined || breach.pause.length === 0) continue
    const change = await pauseOrPropose(house, caller, budget, breach)
    await nextTurn()
    if (change !== undefined) proposed.push({ budget: nameOf(budget), ...change })
  }
  return proposed
}

/** The last proposal is open, or was turned down lately. */
async function isWaiting(
  house: House,
  caller: Caller,
  { proposedId, proposedAt }: Budget,
): Promise<boolean> {
  if (proposedId === null) return false
  const { state } = (await getChange(house, caller, proposedId)).change
  if (isOpen(state) || state === 'deploying') return true
  return state !== 'deployed' && caller.now - (proposedAt ?? 0) < REST_DAYS * DAY
}

type Made = Omit<Proposed, 'budget'>

async function pauseOrPropose(
  house: House,
  caller: Caller,
  budget: Budget,
  breach: Breach,
): Promise<Made | undefined> {
  const hotfix = await pauseNow(house, caller, budget, breach)
  if (hotfix !== undefined) return { change: hotfix, isHotfix: true }
  const { pause } = breach
  const title = `Pause what is over budget: ${nameOf(budget)}`.slice(0, 200)
  const items = pause.map(
    ({ ruleId, targetId }) => ({ ruleId, targetId, action: 'pause' }) as const,
  )
  const wish = { title, why: whyOf(budget, breach), origin: 'budget', items } as const
  const opened = await openChange(house, caller, wish, (tx, { id }) =>
    keepProposal(tx, house, caller, budget, { change: id, isHotfix: false }, breach),
  )
  await nextTurn()
  await handIn(house, caller, opened)
  return { change: opened.id, isHotfix: false }
}

/** Undefined where hotfixes are off, one rule is not enough, or it had one lately. */
async function pauseNow(
  house: House,
  caller: Caller,
  budget: Budget,
  breach: Breach,
): Promise<ChangeId | undefined> {
  const { policy } = await readPolicy(house, caller)
  const [ruleId, ...others] = new Set(breach.pause.map((one) => one.ruleId))
  if (!policy.hotfix || ruleId === undefined || others.length > 0) return undefined
  const reason = whyOf(budget, breach)
  const wish = { ruleId, kind: 'pause', values: [], hours: HOTFIX_HOURS_MAX, reason } as const
  try {
    const { changeId } = await startHotfix(house, caller, { ...wish, values: [] })
    const made = { change: changeId, isHotfix: true }
    await house.db.write(caller, (tx) => keepProposal(tx, house, caller, budget, made, breach))
    return changeId
  } catch (error) {
    // It rests for a day after its last one: what shall last longer is a change.
    if (error instanceof AppError && error.code === 'conflict') return undefined
    throw error
  }
}

async function keepProposal(
  tx: Tx,
  house: House,
  caller: Caller,
  budget: Budget,
  { change, isHotfix }: Made,
  { used, pause }: Breach,
): Promise<void> {
  await saveProposal(tx, budget, { proposedId: change, proposedAt: caller.now })
  const rules = [...new Set(pause.map(({ ruleId }) => ruleId))]
  const data = { change, rules, used: Math.round(used), perDay: budget.perDay, isHotfix }
  const target = budget.name || tx.scope.workspaceId
  await house.audit.record(tx, caller, { action: 'budget.breach', target, data })
  const notice = { budget: nameOf(budget), rules: rules.length, isHotfix }
  for (const { userId } of await listHolders(tx, house, tx.scope, 'budget.write')) {
    await tellPerson(tx, house, caller, { userId, kind: 'budget.breached', data: notice })
  }
}

/** What cannot be handed in as it is stays a draft for a person. */
async function handIn(
  house: House,
  caller: Caller,
  { id, version }: { readonly id: ChangeId; readonly version: number },
): Promise<void> {
  try {
    await submitChange(house, caller, id, { expected: new Set([String(version)]) })
  } catch (error) {
    if (!(error instanceof AppError)) throw error
  }
}

function nameOf({ scope, name }: Budget): string {
  if (scope === 'workspace') return 'the workspace'
  return scope === 'group' ? `group ${name}` : `rule ${name}`
}

function whyOf(budget: Budget, { used, pause, leftOver, spared }: Breach): string {
  const lines = [
    `Rules of ${nameOf(budget)} make ${Math.round(used)} alerts a day; ${budget.perDay} are allowed.`,
    ...loudest(pause),
  ]
  if (leftOver > 0) lines.push(`It stays over budget by ${Math.ceil(leftOver)} a day.`)
  if (spared !== null) lines.push(`Not paused: ${spared.title}, because ${spared.why}.`)
  return lines.join('\n').slice(0, 2_000).toWellFormed()
}

function loudest(pause: readonly Loud[]): readonly string[] {
  const byRule = Map.groupBy(pause, ({ ruleId }) => ruleId)
  return [...byRule.values()].map((places) => {
    const perDay = places.reduce((total, one) => total + (one.perDay ?? 0), 0)
    return `- ${places[0]!.title}: ${Math.round(perDay)} a day`
  })
}
