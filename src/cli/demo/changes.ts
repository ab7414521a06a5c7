// The main job on the local target: a change is opened, its effect is looked at, two people sign, it is
// written and read back. Each act is somebody's: ravi makes, ada and vera sign.

import { getChange, openChange, submitChange } from '#domain/changes/actions.ts'
import { signChange } from '#domain/changes/sign.ts'
import type { Change } from '#domain/changes/change.ts'
import { readImpact, startImpact } from '#domain/changes/impact.ts'
import { deployChange } from '#domain/deployments/actions.ts'
import { getDeployment } from '#domain/deployments/reading.ts'
import { receiveSamples, showSandbox } from '#domain/events/actions.ts'
import { addExclusion } from '#domain/rules/exclusions/actions.ts'
import { createRule } from '#domain/rules/actions.ts'
import { listRules } from '#domain/rules/reading.ts'
import { runTests } from '#domain/rules/testing/actions.ts'
import { listPlacements } from '#domain/placements/actions.ts'
import { listTargets } from '#domain/targets/actions.ts'
import type { Target } from '#domain/targets/target.ts'
import type { Workspace } from '#domain/workspaces/workspace.ts'
import type { DeploymentId, RuleId } from '#kernel/id.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import type { CastName } from './cast.ts'
import { followJob } from './follow-job.ts'
import { callerOf, type People } from './people.ts'
import { expect, refusal } from './story.ts'

export interface Team {
  readonly house: House
  readonly acme: Workspace
  readonly people: People
}

export const as = ({ house, acme, people }: Team, name: CastName): Caller =>
  callerOf(house, acme, people, name)

export async function localTarget(team: Team): Promise<Target> {
  const { items } = await listTargets(team.house, as(team, 'ravi'), { limit: 10 })
  const local = items.find(({ target }) => target.kind === 'local')
  expect(local, 'a workspace has a local target from the start')
  return local.target
}

/** Broad on purpose: the inventory that runs all day is a script, too. */
const NOISY_ID = '0e6fa7a4-2f0b-4a5e-9c5e-7f0a3c1d9b52'
const NOISY = `title: PowerShell runs a script file
id: ${NOISY_ID}
status: experimental
level: medium
tags: [attack.execution, attack.t1059.001]
logsource: {category: process_creation, product: windows}
detection:
  selection: {Image|endswith: '\\powershell.exe', CommandLine|contains: '-File'}
  condition: selection
rulewright:
  schedule: {every: 5m, window: 7m}
  tests:
    - name: fires on a script from a download
      expect: match
      events: [{Image: 'C:\\Windows\\powershell.exe', CommandLine: 'powershell -File C:\\Users\\lena\\Downloads\\a.ps1'}]
    - name: silent without a script
      expect: no_match
      events: [{Image: 'C:\\Windows\\powershell.exe', CommandLine: 'powershell'}]
`

export interface Opened {
  readonly change: Change
  readonly noisy: RuleId
  readonly seen: string
}

/** All that compiles for the local target and has passed its tests, a rule of ravi's own among it. */
export async function openFirstChange(team: Team): Promise<Opened> {
  const { house } = team
  const ravi = as(team, 'ravi')
  const quiet = await followJob(house, ravi, await receiveSamples(house, ravi, 'quiet'))
  expect(quiet.job.state === 'succeeded', 'a quiet day of events comes in')
  const made = await createRule(house, ravi, {
    text: NOISY,
    reason: 'scripts are worth a look',
    origin: 'written',
  })
  const { verdict } = await runTests(house, ravi, made.rule.id)
  expect(verdict === 'passed', 'what is deployed here has passed its tests')
  const target = await localTarget(team)
  const wanted = { filter: { compiles: ['local'] }, sort: 'title', limit: 100 } as const
  const { items: all } = await listRules(house, ravi, wanted)
  const rules = all.filter(({ testVerdict }) => testVerdict === 'passed')
  const change = await openChange(house, ravi, {
    title: 'The starter rules, on the local target',
    why: 'So that we see the attacks that they know.',
    origin: 'rules',
    items: rules.map(({ id }) => ({ ruleId: id, targetId: target.id })),
  })
  const { items } = await getChange(house, ravi, change.id)
  expect(items.length > 40 && items.every(({ action }) => action === 'add'), 'each rule is added')
  expect(
    items.every(({ bodyHash }) => bodyHash !== null),
    'each item holds the complete body that would be written',
  )
  const seen = `${items.length} rules to ${target.name}; what is signed is ${change.hash.slice(0, 12)}…`
  return { change, noisy: made.rule.id, seen }
}

export async function seeImpact(team: Team, { change, noisy }: Opened): Promise<string> {
  const { house } = team
  const { backtest } = await startImpact(house, as(team, 'ravi'), change.id, { days: 1 })
  expect(backtest?.jobId, 'what it would find is asked in a job')
  const { job } = await followJob(house, as(team, 'ravi'), backtest.jobId)
  expect(job.state === 'succeeded', `the job succeeds (${job.reason ?? job.state})`)
  const { total, items } = await readImpact(house, as(team, 'ada'), change.id)
  expect(total.unknown < items.length, 'something was measured')
  const worst = items.find(({ ruleId }) => ruleId === noisy)
  expect(worst?.result && worst.result.added > 0, 'the broad rule is seen to be broad')
  const quiet = total.added - worst.result.added
  return (
    `over the last day, ${total.measured} measured: ${worst.result.added} alerts of ` +
    `“${worst.ruleTitle}”, ${quiet} of all others; ${total.unknown} unknown, with the reason`
  )
}

/** Hands in, lets the author try, and signs with the two others. */
export async function signByTwo(team: Team, { id }: Pick<Change, 'id'>): Promise<string> {
  const { house } = team
  const { change } = await getChange(house, as(team, 'ravi'), id)
  const expected = new Set([String(change.version)])
  const { hash } = await submitChange(house, as(team, 'ravi'), id, { expected })
  const yes = { id, decision: 'approve', hash, comment: '' } as const
  const words = await refusal(() => signChange(house, as(team, 'ravi'), yes))
  const first = await signChange(house, as(team, 'ada'), yes)
  expect(first.state === 'in_review', 'one signature is not enough')
  const second = await signChange(house, as(team, 'vera'), yes)
  expect(second.state === 'approved', 'two are')
  return `ravi, who made it: “${words}”; ada signed, vera signed, approved`
}

export interface Deployed {
  readonly id: DeploymentId
  readonly seen: string
}

export async function deploy(team: Team, { id }: Pick<Change, 'id'>): Promise<Deployed> {
  const { house } = team
  const begun = await deployChange(house, as(team, 'ravi'), id)
  expect(begun.jobId, 'it is written in a job')
  await followJob(house, as(team, 'ravi'), begun.jobId)
  const { deployment, items } = await getDeployment(house, as(team, 'ada'), begun.id)
  expect(deployment.state === 'deployed', `it ends well (${deployment.reason ?? deployment.state})`)
  expect(
    items.every(({ state, verifiedAt }) => state === 'same' || verifiedAt !== null),
    'each item was read back and compared',
  )
  const { change } = await getChange(house, as(team, 'ada'), id)
  expect(change.state === 'deployed', 'the change says so')
  return {
    id: begun.id,
    seen: `${items.length} ${items.length === 1 ? 'rule' : 'rules'} written, read back, the same`,
  }
}

/** What the noisy rule and all others alerted by now. */
async function countAlerts(team: Team, noisy: RuleId) {
  const ravi = as(team, 'ravi')
  const target = await localTarget(team)
  const [placed] = await listPlacements(team.house, ravi, {
    ruleIds: [noisy],
    targetId: target.id,
  })
  expect(placed?.state === 'live', 'the rule is live')
  const { alerts } = await showSandbox(team.house, ravi, 2_000)
  const ofNoisy = alerts.filter(({ ref }) => ref === placed.ref)
  return { ofNoisy: ofNoisy.length, others: alerts.filter((one) => !ofNoisy.includes(one)) }
}

export async function letTheAttackCome(team: Team, noisy: RuleId): Promise<string> {
  const { house } = team
  const ravi = as(team, 'ravi')
  const { job } = await followJob(house, ravi, await receiveSamples(house, ravi, 'attack'))
  expect(job.state === 'succeeded', 'the events of the attack come in')
  const { ofNoisy, others } = await countAlerts(team, noisy)
  const titles = new Set(others.map(({ title }) => title))
  expect(titles.size >= 10, 'the rules tell the attack, scene by scene')
  expect(ofNoisy > others.length, 'one rule is noisier than all the others together')
  const told = [...titles].slice(0, 3).map((title) => `“${title}”`)
  return (
    `${others.length} alerts by ${titles.size} rules, among them ${told.join(', ')}; ` +
    `and ${ofNoisy} of one rule alone`
  )
}

const EXCLUSION = `title: The inventory of the IT department
logsource: {category: process_creation, product: windows}
filter:
  rules: [${NOISY_ID}]
  selection: {CommandLine|endswith: '\\inventory.ps1'}
  condition: not selection
`

/** The exclusion alone changes nothing that runs; the change that brings it is signed like any other. */
export async function excludeTheNoise(team: Team, noisy: RuleId): Promise<string> {
  const { house } = team
  const ravi = as(team, 'ravi')
  const reason = 'the inventory runs on every machine, all day'
  await addExclusion(house, ravi, { text: EXCLUSION, reason })
  await runTests(house, ravi, noisy)
  const before = await countAlerts(team, noisy)
  const target = await localTarget(team)
  const change = await openChange(house, as(team, 'ravi'), {
    title: 'Leave out the inventory',
    why: reason,
    origin: 'exclusion',
    items: [{ ruleId: noisy, targetId: target.id }],
  })
  await signByTwo(team, change)
  await deploy(team, change)
  const { job } = await followJob(
    house,
    ravi,
    await receiveSamples(house, as(team, 'ravi'), 'quiet'),
  )
  expect(job.state === 'succeeded', 'another quiet day comes in')
  const after = await countAlerts(team, noisy)
  expect(after.ofNoisy === before.ofNoisy, 'the rule is silent about the inventory now')
  return `signed, deployed; the next quiet day made ${after.ofNoisy - before.ofNoisy} alerts where the last one made ${before.ofNoisy}`
}
