// What comes after a deployment: somebody changes a rule behind our back, and a new version turns out to
// be a mistake. Both end where the last signature left them.

import { openChange } from '#domain/changes/actions.ts'
import { asOf } from '#domain/deployments/as-of-actions.ts'
import { makeBundle } from '#domain/deployments/as-of-bundle.ts'
import { listDrift, scanDrift } from '#domain/deployments/drift-actions.ts'
import { resolveDrift } from '#domain/deployments/drift-resolving.ts'
import { getDeployment } from '#domain/deployments/reading.ts'
import { rollBack } from '#domain/deployments/rollback.ts'
import { listPlacements } from '#domain/placements/actions.ts'
import type { NamedPlacement } from '#domain/placements/placement.ts'
import { saveRule } from '#domain/rules/actions.ts'
import { getRule, listRules } from '#domain/rules/reading.ts'
import { runTests } from '#domain/rules/testing/actions.ts'
import { connectTarget } from '#domain/targets/connect.ts'
import type { RuleId } from '#kernel/id.ts'
import { formatInstant, type Instant } from '#kernel/time.ts'
import { verifyBundle } from '#platform/audit/verify-bundle.ts'
import { as, deploy, localTarget, signByTwo, type Team } from './changes.ts'
import { followJob } from './follow-job.ts'
import { expect } from './story.ts'

async function placed(team: Team, ruleId: RuleId): Promise<NamedPlacement> {
  const { id: targetId } = await localTarget(team)
  const [found] = await listPlacements(team.house, as(team, 'ravi'), {
    ruleIds: [ruleId],
    targetId,
  })
  expect(found, 'the rule stands on the local target')
  return found
}

async function findRule(team: Team, q: string): Promise<RuleId> {
  const wanted = { filter: { q }, sort: 'title', limit: 1 } as const
  const [found] = (await listRules(team.house, as(team, 'ravi'), wanted)).items
  expect(found, `there is a rule “${q}”`)
  return found.id
}

/** The rule runs every day instead of every five minutes, by nobody who said so here. */
export async function findDrift(team: Team): Promise<string> {
  const { house } = team
  const ruleId = await findRule(team, 'whoami as system')
  const { ref } = await placed(team, ruleId)
  await tamper(team, ref)
  await lookForDrift(team)
  const filter = { state: 'found' } as const
  const { items, count } = await listDrift(house, as(team, 'ravi'), { filter, limit: 10 })
  const [drift] = items
  expect(drift && count === 1 && drift.ruleId === ruleId, 'exactly this rule is found')
  expect((await placed(team, ruleId)).state === 'drifted', 'and does not pass for live')
  const fields = drift.fields.map(({ name }) => name).join(', ')
  const wish = { id: drift.id, resolution: 'redeploy', why: 'nobody asked us' } as const
  const { deploymentId } = await resolveDrift(house, as(team, 'ravi'), wish)
  expect(deploymentId, 'it is put back at once, as it was signed')
  const { deployment } = await getDeployment(house, as(team, 'ravi'), deploymentId)
  expect(deployment.jobId, 'a job puts it back')
  await followJob(house, as(team, 'ravi'), deployment.jobId)
  expect((await placed(team, ruleId)).state === 'live', 'it stands as it was signed')
  await lookForDrift(team)
  const { count: left } = await listDrift(house, as(team, 'ravi'), { filter, limit: 10 })
  expect(left === 0, 'a second look finds nothing')
  return `“${drift.name}” was another one (${fields}); put back at once, as two had signed it`
}

async function lookForDrift(team: Team): Promise<void> {
  const { id: targetId } = await localTarget(team)
  const [scan] = await scanDrift(team.house, as(team, 'ravi'), { targetId })
  expect(scan, 'the target is read')
  await followJob(team.house, as(team, 'ravi'), scan.jobId)
}

async function tamper(team: Team, ref: string): Promise<void> {
  const target = await localTarget(team)
  const write = { purpose: 'write' } as const
  const { rules } = await connectTarget(team.house, as(team, 'ada'), target, write)
  const { signal } = new AbortController()
  const replaces = await rules!.read(ref, signal)
  expect(replaces, 'it can be read where it runs')
  await rules!.put(
    { ref, replaces, body: { ...replaces.normalised, schedule: { every: '1d' } } },
    signal,
  )
}

/** A worse version is signed and deployed, too; back to the one before goes in one step. */
export async function goBack(team: Team): Promise<string> {
  const { house } = team
  const ruleId = await findRule(team, 'security log cleared')
  const before = await placed(team, ruleId)
  const rule = await getRule(house, as(team, 'ravi'), ruleId)
  const text = rule.text.replace(/^level: .*$/m, 'level: low')
  expect(text !== rule.text, 'the new version is another one')
  const edit = { text, reason: 'less urgent', expected: new Set([String(rule.version)]) }
  await saveRule(house, as(team, 'ravi'), ruleId, edit)
  await runTests(house, as(team, 'ravi'), ruleId)
  const { id: targetId } = await localTarget(team)
  const change = await openChange(house, as(team, 'ravi'), {
    title: `${rule.title}: less urgent`,
    why: 'It is one of many.',
    origin: 'rules',
    items: [{ ruleId, targetId }],
  })
  await signByTwo(team, change)
  await deploy(team, change)
  expect((await placed(team, ruleId)).version === rule.version + 1, 'the new version runs')
  const back = { ruleId, targetId, version: before.version }
  const done = await rollBack(house, as(team, 'ravi'), back)
  expect(done.kind === 'deployment' && done.deployment.jobId, 'nobody has to sign what was signed')
  await followJob(house, as(team, 'ravi'), done.deployment.jobId)
  const { deployment } = await getDeployment(house, as(team, 'ravi'), done.deployment.id)
  expect(deployment.state === 'deployed', `it ends well (${deployment.reason ?? deployment.state})`)
  const after = await placed(team, ruleId)
  expect(after.version === before.version && after.hash === before.hash, 'byte for byte as it was')
  return `“${rule.title}”: version ${rule.version + 1} out, version ${before.version} back in one step, the same bytes`
}

/** What stood there right after the first deployment, proved without this instance. */
export async function lookBack(team: Team, noisy: RuleId, at: Instant): Promise<string> {
  const { house } = team
  const { id: targetId } = await localTarget(team)
  const then = await asOf(house, as(team, 'vera'), { at, targetId, limit: 100 })
  const before = then.items.find(({ ruleId }) => ruleId === noisy)
  expect(before?.change && before.exclusions.length === 0, 'the noisy rule stood without exclusion')
  const signers = before.change.signatures.map(({ name, role }) => `${name} (${role})`)
  expect(signers.length === 2, 'two people signed these bytes')
  const now = await placed(team, noisy)
  expect(now.hash !== before.hash, 'today it stands there otherwise')
  const lines = await makeBundle(house, as(team, 'vera'), { at, targetId })
  const bundle = lines.join('')
  const verdict = verifyBundle(bundle, undefined)
  expect(verdict.ok, 'one signed file of it verifies by itself')
  const changed = verifyBundle(bundle.replace(before.hash, now.hash), undefined)
  expect(!changed.ok, 'and not with a byte changed')
  return `${then.items.length} rules as they stood at ${formatInstant(at)}, “${before.ruleTitle}” signed by ${signers.join(' and ')}; in a file that verifies by itself`
}
