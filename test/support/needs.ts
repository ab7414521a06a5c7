// Something of all that needs a person: rules that stand on the sandbox, broken and drifted, an item of
// which nobody knows how it ended, a change to sign and one to deploy, what is noisy and what ends soon.

import { openChange, submitChange } from '#domain/changes/actions.ts'
import { insertDrift } from '#domain/deployments/drift-store.ts'
import { insertHotfix } from '#domain/deployments/hotfix-store.ts'
import { insertDeployment, updateDeployment, updateItem } from '#domain/deployments/store.ts'
import { setBudget } from '#domain/health/budgets.ts'
import type { HealthState } from '#domain/health/health.ts'
import { saveKnown, type Known } from '#domain/health/rule-store.ts'
import { NOTHING_TOLD } from '#domain/health/sample.ts'
import { place } from '#domain/placements/actions.ts'
import { createRule } from '#domain/rules/actions.ts'
import { addExclusion } from '#domain/rules/exclusions/actions.ts'
import { listTargets } from '#domain/targets/actions.ts'
import { changePolicy, readPolicy } from '#domain/workspaces/policy-actions.ts'
import {
  ID_PREFIXES,
  makeId,
  type ChangeId,
  type DeploymentId,
  type RuleId,
  type TargetId,
} from '#kernel/id.ts'
import { addMs, DAY, formatInstant, HOUR } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import type { Tx } from '#platform/db/tx.ts'
import type { House } from '#platform/house.ts'
import { nextTurn } from '#platform/turns.ts'
import { ruleText } from './rule-text.ts'

/** Of one list more than the page shows. */
export const DRIFTED = 7

export async function plantNeeds(house: House, caller: Caller): Promise<void> {
  const { items } = await listTargets(house, caller, { limit: 50 })
  const { id: targetId } = items.find(({ target }) => target.kind === 'local')!.target
  const rules: RuleId[] = []
  for (const [index, title] of TITLES.entries()) {
    const id = `80167ada-7a12-41ed-b8e9-${String(index + 1).padStart(12, '0')}`
    const text = ruleText(`title: ${title}\nid: ${id}`)
    const made = await createRule(house, caller, { text, reason: '', origin: 'written' })
    rules.push(made.rule.id)
    await nextTurn()
  }
  const approved = await change(house, caller, 'Widen what whoami finds', rules[4]!, targetId)
  const { policy, version } = await readPolicy(house, caller)
  const strict = { ...policy, review: true, testGate: false } as const
  await changePolicy(house, caller, { policy: strict, version })
  await nextTurn()
  await change(house, caller, 'Deploy what was written last week', rules[5]!, targetId)
  const ends = formatInstant(addMs(caller.now, 3 * DAY))
  await addExclusion(house, caller, { ...EXCLUSION, text: exclusionOf(rules[0]!), ends })
  await nextTurn()
  await setBudget(house, caller, { scope: 'workspace', name: '', perDay: 20, onBreach: 'flag' })
  await nextTurn()
  await house.db.write(caller, async (tx) => {
    for (const [index, [state, reason]] of JUDGED.entries()) {
      const ruleId = rules[index]!
      await stand(tx, house, caller, { ruleId, targetId })
      await saveKnown(tx, { ...known(caller, index + 1), ruleId, targetId, state, reason })
    }
    for (let number = 1; number <= DRIFTED; number += 1) {
      await drift(tx, house, caller, { targetId, number })
    }
    await unsettled(tx, house, caller, { changeId: approved, ruleId: rules[0]!, targetId })
  })
  await nextTurn()
}

const TITLES = [
  'Whoami as system',
  'A rule whose title is much too long for any place where it is to be shown '.repeat(2).trim(),
  'Shadow copies deleted',
  'Service stopped from afar',
  'Not deployed yet',
  'Not deployed either',
]

const JUDGED: readonly (readonly [HealthState, string])[] = [
  ['silently_broken', 'Its log source windows/process_creation stopped: no event for 3 days.'],
  ['failing', '12 of 12 runs of the last day failed: Unknown column name “process.nam”.'],
  ['dead', 'It has not fired in 30 days, and no test shows that it can.'],
  ['healthy', ''],
]

const EXCLUSION = { owner: 'ravi@acme.example', reason: 'Known' }
const exclusionOf = (rule: RuleId) => `title: Backups by the agent
logsource: {category: process_creation, product: windows}
filter: {rules: [${rule}], selection: {User: svc-backup}, condition: not selection}
`

async function change(
  house: House,
  caller: Caller,
  title: string,
  ruleId: RuleId,
  targetId: TargetId,
): Promise<ChangeId> {
  const wanted = { title, why: '', origin: 'rules', items: [{ ruleId, targetId }] } as const
  const { id } = await openChange(house, caller, wanted)
  await nextTurn()
  await submitChange(house, caller, id, { expected: 'any' })
  await nextTurn()
  return id
}

interface At {
  readonly ruleId: RuleId
  readonly targetId: TargetId
}

function stand(tx: Tx, house: House, caller: Caller, at: At): Promise<void> {
  const { now } = caller
  const body = { title: at.ruleId }
  return place(tx, house, caller, {
    ...at,
    ref: at.ruleId,
    ownership: 'managed',
    state: 'live',
    version: 1,
    hash: 'h',
    body,
    raw: body,
    etag: null,
    origin: 'deployment',
    deploymentId: null,
    isSigned: true,
    soakUntil: null,
    since: now,
    checkedAt: now,
  })
}

const known = ({ now }: Caller, series: number) => ({
  series,
  since: addMs(now, -series * DAY),
  judgedAt: now,
  watchedFrom: addMs(now, -30 * DAY),
  figures: {
    day: NOTHING_TOLD,
    month: NOTHING_TOLD,
    perDay: 12 * series,
    lastRunAt: null,
    lastError: null,
    budgetPerDay: null,
    missedHours: 0,
    delay: null,
    sources: [],
    flow: 'unknown' as const,
    fields: [],
    own: null,
  },
  outline: {} as Known['outline'],
})

interface Drifted {
  readonly targetId: TargetId
  readonly number: number
}

function drift(tx: Tx, house: House, { now }: Caller, { targetId, number }: Drifted) {
  return insertDrift(tx, {
    id: makeId(ID_PREFIXES.drift, now, house.random(10)),
    targetId,
    kind: 'dependency',
    ruleId: null,
    dependencyId: makeId(ID_PREFIXES.dependency, now, house.random(10)),
    name: `macro sysmon ${number}`,
    state: 'found',
    fields: JSON.stringify([{ name: 'definition', ours: 'index=a', theirs: 'index=b' }]),
    observedHash: 'h',
    observed: '"index=b"',
    before: 'live',
    notices: '[]',
    remoteChangedAt: null,
    remoteChangedBy: null,
    foundAt: addMs(now, -HOUR),
    seenAt: now,
    wanted: null,
    changeId: null,
    endedAt: null,
    endedBy: null,
  })
}

/** With a hotfix that put it there. */
async function unsettled(
  tx: Tx,
  house: House,
  { now, actor }: Caller,
  { changeId, ruleId, targetId }: At & { readonly changeId: ChangeId },
): Promise<void> {
  const id: DeploymentId = makeId(ID_PREFIXES.deployment, now, house.random(10))
  const deployment = {
    id,
    changeId,
    changeTitle: 'Pause it',
    changeHash: 'x',
    kind: 'change',
  } as const
  const begun = { rollsBack: null, isDryRun: false, startedAt: now, startedBy: actor }
  const item = {
    ruleId,
    ruleTitle: TITLES[0]!,
    targetId,
    targetName: 'local',
    kind: 'local',
    action: 'pause',
    version: 1,
    body: null,
    marker: null,
    ref: ruleId,
    replaces: null,
    isSigned: false,
    soakDays: 0,
  } as const
  await insertDeployment(tx, { ...deployment, ...begun }, [item])
  await updateDeployment(tx, id, { state: 'failed', endedAt: now })
  const reason = 'The connection was lost after the body had been sent.'
  await updateItem(tx, { deploymentId: id, number: 1 }, { state: 'unknown', reason })
  await insertHotfix(tx, {
    id: makeId(ID_PREFIXES.hotfix, now, house.random(10)),
    kind: 'breakglass',
    state: 'running',
    ruleId: null,
    title: 'Stop the pages of tonight',
    reason: 'It fires for every host.',
    changeId,
    deploymentId: id,
    undoId: null,
    exclusionId: null,
    endsAt: addMs(now, 2 * HOUR),
    review: 'open',
    reviewedBy: null,
    reviewedAt: null,
    comment: null,
    jobId: null,
    createdAt: now,
    createdBy: actor,
  })
}
