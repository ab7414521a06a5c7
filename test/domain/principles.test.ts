// There is no way round the signature: each way that leads past it is tried here, and leads to a draft, to
// a refusal, or to what somebody signed.

import assert from 'node:assert/strict'
import { before, test, type TestContext } from 'node:test'
import { verbsOf, type Role } from '#domain/access/permission.ts'
import { systemCaller } from '#domain/access/system.ts'
import { getChange, openChange, submitChange } from '#domain/changes/actions.ts'
import { signChange } from '#domain/changes/sign.ts'
import type { Change, ChangeAction } from '#domain/changes/change.ts'
import { deployChange } from '#domain/deployments/actions.ts'
import { endHotfix, reviewHotfix } from '#domain/deployments/hotfix-actions.ts'
import { breakGlass, startHotfix } from '#domain/deployments/hotfix-making.ts'
import { NewHotfix } from '#domain/deployments/hotfix-input.ts'
import { scanDrift } from '#domain/deployments/drift-actions.ts'
import { getDeployment } from '#domain/deployments/reading.ts'
import { rollBack } from '#domain/deployments/rollback.ts'
import { changePlacement, listPlacements } from '#domain/placements/actions.ts'
import { connectTarget } from '#domain/targets/connect.ts'
import { changePolicy, enforceProposal, readPolicy } from '#domain/workspaces/policy-actions.ts'
import type { Policy } from '#domain/workspaces/policy.ts'
import { ID_PREFIXES, makeId, type DeploymentId, type RuleId } from '#kernel/id.ts'
import { HOUR } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import { nextTurn } from '#platform/turns.ts'
import { deployingIn, type Deploying } from '#test/support/deploying.ts'
import { startApp, type TestApp } from '#test/support/start-app.ts'

const ROLES: Readonly<Record<string, Role>> = { ada: 'admin', ravi: 'engineer' }

let app: TestApp
let world: Deploying
let count = 0

before(async (t) => {
  app = await startApp(t as TestContext)
  world = deployingIn(app)
  await setPolicy({ review: true, hotfix: true })
})

/** As they would call it in a browser. */
function as(name: 'ada' | 'ravi'): Caller {
  const caller = systemCaller(app.house, 'test', undefined, app.acme.id)
  const verbs = verbsOf(ROLES[name]!)
  return { ...caller, actor: app.cast[name].userId, verbs, personal: { name } }
}

async function setPolicy(change: Partial<Policy>): Promise<void> {
  const { policy, version } = await readPolicy(app.house, as('ada'))
  const wanted = { policy: { ...policy, ...change }, version }
  const { isPending } = await changePolicy(app.house, as('ada'), wanted)
  await nextTurn()
  if (isPending) {
    await app.house.db.write(as('ada'), (tx) =>
      enforceProposal(tx, app.house, as('ada'), async () => {}),
    )
  }
  await nextTurn()
}

async function quiet(): Promise<void> {
  await app.runner.drain()
  await nextTurn()
}

/** A rule that runs; by somebody's signature unless said otherwise. */
async function running({ isSigned = true } = {}): Promise<RuleId> {
  count += 1
  const ruleId = await world.rule(count)
  const wish = await world.wish(await world.local(), ruleId, 'add', { isSigned })
  const { deployment } = await world.deploy([wish])
  assert.equal(deployment.state, 'deployed', 'the premise')
  return ruleId
}

async function opened(ruleId: RuleId, action?: ChangeAction): Promise<Change> {
  const { id: targetId } = await world.local()
  const items = [{ ruleId, targetId, action }]
  const given = { title: 'A change', why: '', origin: 'rules', items } as const
  const change = await openChange(app.house, as('ravi'), given)
  await nextTurn()
  return change
}

async function signed(change: Change): Promise<void> {
  const { id, hash } = await submitChange(app.house, as('ravi'), change.id, { expected: 'any' })
  await nextTurn()
  const given = { id, hash, decision: 'approve', comment: '' } as const
  await signChange(app.house, as('ada'), given)
  await nextTurn()
}

async function deployed({ id }: Change): Promise<DeploymentId> {
  const begun = await deployChange(app.house, as('ravi'), id)
  await quiet()
  const { deployment } = await getDeployment(app.house, as('ravi'), begun.id)
  assert.equal(deployment.state, 'deployed', deployment.reason ?? '')
  return begun.id
}

const pausing = (ruleId: RuleId) =>
  NewHotfix.parse({ ruleId, kind: 'pause', hours: 24, reason: 'It floods' })

async function standing(ruleId: RuleId) {
  const [placed] = await listPlacements(app.house, as('ravi'), { ruleIds: [ruleId] })
  return placed
}

test('going back to a body that nobody signed makes a draft', async () => {
  const ruleId = await running({ isSigned: false })
  const target = await world.local()
  await world.rule(count, 'level: high', ruleId)
  const { deployment } = await world.deploy([await world.wish(target, ruleId, 'change')])
  for (const wish of [
    { deploymentId: deployment.id },
    { ruleId, targetId: target.id, version: 1 },
  ]) {
    const back = await rollBack(app.house, as('ravi'), wish)
    assert.equal(back.kind, 'change')
    assert.deepEqual([back.change?.state, back.change?.origin], ['draft', 'rollback'])
    await nextTurn()
  }
  assert.equal((await standing(ruleId))?.version, 2)
})

test('what somebody changed on the target does not come back for being undone', async () => {
  const ruleId = await running()
  const target = await world.local()
  const { rules } = await connectTarget(app.house, as('ada'), target, { purpose: 'write' })
  const { signal } = new AbortController()
  const { ref } = (await standing(ruleId))!
  const replaces = (await rules!.read(ref, signal))!
  const body = { ...replaces.normalised, schedule: { every: '1d' } }
  await rules!.put({ ref, body, replaces }, signal)
  await scanDrift(app.house, as('ravi'), { targetId: target.id })
  await quiet()
  assert.equal((await standing(ruleId))?.state, 'drifted', 'the premise')
  await world.rule(count, 'level: low', ruleId)
  const change = await opened(ruleId)
  await signed(change)
  const deploymentId = await deployed(change)
  const back = await rollBack(app.house, as('ravi'), { deploymentId })
  assert.equal(back.kind, 'change', 'nobody signed what stood there')
  await nextTurn()
})

for (const action of ['pause', 'remove', 'unmanage', 'change'] as const) {
  test(`to ${action} a rule needs the signature of somebody else`, async () => {
    const ruleId = await running()
    if (action === 'change') await world.rule(count, 'level: low', ruleId)
    const change = await opened(ruleId, action)
    const { policy } = (await getChange(app.house, as('ravi'), change.id)).change
    assert.deepEqual([policy.review, change.signaturesNeeded], [true, 1])
    await assert.rejects(deployChange(app.house, as('ravi'), change.id), { code: 'conflict' })
    await nextTurn()
    const { hash } = await submitChange(app.house, as('ravi'), change.id, { expected: 'any' })
    await nextTurn()
    const own = { id: change.id, hash, decision: 'approve', comment: '' } as const
    await assert.rejects(signChange(app.house, as('ravi'), own), { code: 'forbidden' })
    await assert.rejects(deployChange(app.house, as('ravi'), change.id), { code: 'conflict' })
    const { state, ownership, version } = (await standing(ruleId))!
    assert.deepEqual([state, ownership, version], ['live', 'managed', 1])
  })
}

test('a pause without a signature ends within a day, and comes back by no door', async () => {
  const ruleId = await running()
  const wish = pausing(ruleId)
  assert.equal(NewHotfix.safeParse({ ...wish, hours: 25 }).success, false)
  const paused = await startHotfix(app.house, as('ravi'), wish)
  await quiet()
  assert.equal((await standing(ruleId))?.state, 'paused')
  app.clock.advance(HOUR)
  const { undoId } = await endHotfix(app.house, as('ravi'), paused.id)
  await quiet()
  assert.equal((await standing(ruleId))?.state, 'live')

  // What was taken back is taken back again.
  const again = await rollBack(app.house, as('ravi'), { deploymentId: undoId! })
  assert.equal(again.kind, 'change')
  await quiet()
  assert.equal((await standing(ruleId))?.state, 'live')
  await assert.rejects(startHotfix(app.house, as('ada'), wish), /What shall last longer/)
  app.clock.advance(24 * HOUR)
  await quiet()
  await assert.rejects(startHotfix(app.house, as('ada'), wish), /What shall last longer/)
})

test('of two hotfixes at once for one rule there is one', async () => {
  const ruleId = await running()
  const wish = pausing(ruleId)
  const both = [wish, { ...wish, hours: 1 }].map((one) => startHotfix(app.house, as('ravi'), one))
  const outcomes = await Promise.allSettled(both)
  await quiet()
  assert.deepEqual(outcomes.map(({ status }) => status).toSorted(), ['fulfilled', 'rejected'])
})

test('a token breaks no glass, and who made a hotfix by one does not review it', async () => {
  const ruleId = await running()
  const ada = as('ada')
  const actor = makeId(ID_PREFIXES.token, ada.now, app.house.random(10))
  const byToken: Caller = { ...ada, actor, onBehalfOf: app.cast.ada.userId }
  const change = await opened(ruleId, 'pause')
  const glass = breakGlass(app.house, byToken, change.id, { hours: 1, reason: 'They are in' })
  await assert.rejects(glass, /by a person, in a browser/)
  await nextTurn()
  const { id } = await startHotfix(app.house, byToken, pausing(ruleId))
  await quiet()
  const review = { verdict: 'justified', comment: '' } as const
  await assert.rejects(reviewHotfix(app.house, as('ada'), id, review), /Somebody else/)
  await assert.rejects(reviewHotfix(app.house, byToken, id, review), /by a person, in a browser/)
  const reviewed = await reviewHotfix(app.house, as('ravi'), id, review)
  assert.equal(reviewed.review, 'justified')
})

test('a removal that was signed is not signed for the next time', async () => {
  const ruleId = await running()
  const change = await opened(ruleId, 'remove')
  await signed(change)
  const removal = await deployed(change)
  const back = await rollBack(app.house, as('ravi'), { deploymentId: removal })
  assert.equal(back.kind, 'deployment', 'what was signed before stands again')
  await quiet()
  assert.equal((await standing(ruleId))?.state, 'live')
  const again = await rollBack(app.house, as('ravi'), { deploymentId: back.deployment.id })
  assert.equal(again.kind, 'change')
})

test('review that goes off and on frees no change that is open', async () => {
  const ruleId = await running()
  const change = await opened(ruleId, 'pause')
  await setPolicy({ review: false })
  assert.equal((await readPolicy(app.house, as('ada'))).policy.review, false, 'the premise')
  await assert.rejects(deployChange(app.house, as('ravi'), change.id), { code: 'conflict' })
  await nextTurn()
  const sent = await submitChange(app.house, as('ravi'), change.id, { expected: 'any' })
  assert.deepEqual([sent.state, sent.signaturesNeeded], ['in_review', 1])
  await nextTurn()

  // And one that was opened meanwhile is signed when review is on again.
  const other = await running()
  const meanwhile = await opened(other, 'pause')
  await setPolicy({ review: true })
  await assert.rejects(deployChange(app.house, as('ravi'), meanwhile.id), { code: 'conflict' })
  assert.equal((await standing(ruleId))?.state, 'live')
  assert.equal((await standing(other))?.state, 'live')
})

test('a rule that was only watched is ours by a signed change, and nothing is written', async () => {
  const ruleId = await running()
  const { targetId } = (await standing(ruleId))!
  await app.house.db.write(as('ada'), (tx) =>
    changePlacement(tx, app.house, as('ada'), { ruleId, targetId }, { ownership: 'observe' }),
  )
  await nextTurn()
  const before = await standing(ruleId)
  const change = await opened(ruleId, 'adopt')
  await signed(change)
  await deployed(change)
  const after = await standing(ruleId)
  assert.deepEqual([after?.ownership, after?.state, after?.hash], ['managed', 'live', before?.hash])
})

test('a rule that leaves a group which asks for more takes nothing from what its change needs', async () => {
  await setPolicy({ groups: { crown: { signatures: 2 } } })
  count += 1
  const ruleId = await world.rule(count, 'rulewright: {group: crown}')
  const wish = await world.wish(await world.local(), ruleId, 'add', { isSigned: true })
  await world.deploy([wish])
  await world.rule(count, 'level: high', ruleId)
  const change = await opened(ruleId)
  assert.deepEqual([change.policy.strictGroups, change.policy.signatures], [['crown'], 2])
  const plain = await opened(await running(), 'pause')
  assert.equal(plain.policy.signatures, 1, 'other rules need what the workspace asks')
  // What asks less waits for another admin, and then does not reach what is open.
  const { policy, version } = await readPolicy(app.house, as('ada'))
  const less = { policy: { ...policy, groups: {} }, version }
  assert.equal((await changePolicy(app.house, as('ada'), less)).isPending, true)
  await nextTurn()
  await setPolicy({ groups: {} })
  const sent = await submitChange(app.house, as('ravi'), change.id, { expected: 'any' })
  await nextTurn()
  assert.equal(sent.signaturesNeeded, 2)
  const given = { id: sent.id, hash: sent.hash, decision: 'approve', comment: '' } as const
  assert.equal((await signChange(app.house, as('ada'), given)).state, 'in_review')
  await nextTurn()
})
