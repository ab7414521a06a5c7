// Rules are written to a target, read back and taken back: all of a batch or nothing of it, and never over
// what somebody else put there.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { getChange, openChange } from '#domain/changes/actions.ts'
import type { Change } from '#domain/changes/change.ts'
import { deployChange } from '#domain/deployments/actions.ts'
import { planChange } from '#domain/deployments/plan.ts'
import { getDeployment, listVersionsThere } from '#domain/deployments/reading.ts'
import { rollBack } from '#domain/deployments/rollback.ts'
import { updateItem } from '#domain/deployments/store.ts'
import { openPlaces, placeOf } from '#domain/deployments/places.ts'
import { listPlacements } from '#domain/placements/actions.ts'
import { changePolicy, readPolicy } from '#domain/workspaces/policy-actions.ts'
import { DAY, HOUR } from '#kernel/time.ts'
import { findMarker } from '#languages/rule-formats/write/marker.ts'
import type { DeploymentId } from '#kernel/id.ts'
import { nextTurn } from '#platform/turns.ts'
import { deployingIn } from '#test/support/deploying.ts'
import { startApp } from '#test/support/start-app.ts'

const signal = new AbortController().signal

test('a batch reaches its target whole or not at all, and a change goes there and back', async (t) => {
  const app = await startApp(t)
  const { house } = app
  const world = deployingIn(app)
  const { wish, rule, deploy, caller } = world
  const local = await world.local()
  const { rules } = placeOf(await openPlaces(house, caller(), [local.id], 'write'), {
    targetId: local.id,
  })
  const placed = async () => listPlacements(house, caller(), { targetId: local.id })
  const [one, two] = [await rule(1), await rule(2)]

  const first = await deploy([await wish(local, one, 'add'), await wish(local, two, 'add')])
  assert.equal(first.deployment.state, 'deployed', first.deployment.reason ?? '')
  assert.deepEqual(
    first.items.map(({ state }) => state),
    ['done', 'done'],
  )
  assert.deepEqual(
    (await placed()).map(({ state, version, isSigned }) => [state, version, isSigned]),
    [
      ['live', 1, true],
      ['live', 1, true],
    ],
  )
  const [{ ref }] = first.items as [(typeof first.items)[number]]
  const standing = (await rules.read(ref, signal))!
  assert.deepEqual(findMarker(standing.raw)?.ruleId, one)

  await rule(1, 'level: high', one)
  const second = await deploy([await wish(local, one, 'change')])
  assert.equal(second.deployment.state, 'deployed', second.deployment.reason ?? '')
  assert.equal((await placed()).find(({ ruleId }) => ruleId === one)?.version, 2)

  // The second item cannot run there, so that the first is taken back.
  const three = await rule(3)
  const bad = await wish(local, three, 'add')
  const broken = await deploy([
    await wish(local, two, 'pause'),
    { ...bad, body: { title: 'broken', rule: 'title: [' } },
  ])
  assert.equal(broken.deployment.state, 'rolled_back')
  assert.match(broken.deployment.reason ?? '', /cannot run here/)
  assert.deepEqual(
    broken.items.map(({ state }) => state),
    ['rolled_back', 'failed'],
  )
  assert.deepEqual(
    (await placed()).map(({ state }) => state),
    ['live', 'live'],
  )
  assert.equal((await rules.read(bad.ref, signal)) ?? null, null)

  // Somebody changed it on the target: what was signed for is not what stands there.
  const remove = await wish(local, two, 'remove')
  const now = (await rules.read(remove.ref, signal))!
  await rules.put(
    { ref: now.ref, body: { ...now.normalised, title: 'Theirs' }, replaces: now },
    signal,
  )
  const refused = await deploy([remove])
  assert.equal(refused.deployment.state, 'failed')
  assert.match(refused.deployment.reason ?? '', /was changed on the target/)
  assert.equal((await rules.read(remove.ref, signal))?.name, 'Theirs')
  await nextTurn()

  // ── A change, from its first draft to what it was before ──────────────────────────────────────
  const four = await rule(4)
  const change = await openChange(house, caller(), {
    title: 'Find whoami',
    why: 'Nobody else does',
    origin: 'rules',
    items: [{ ruleId: four, targetId: local.id }],
  })
  const plan = await planChange(house, caller(), change.id)
  assert.deepEqual(
    plan.items.map(({ verdict, fields }) => [verdict, fields.length > 3]),
    [['add', true]],
  )
  const ended = async (id: DeploymentId) => {
    await app.runner.drain()
    await nextTurn()
    return getDeployment(house, caller(), id)
  }
  const stateOf = async () => (await getChange(house, caller(), change.id)).change.state
  const dry = await deployChange(house, caller(), change.id, { dryRun: true })
  assert.equal((await ended(dry.id)).deployment.state, 'deployed')
  assert.deepEqual([await stateOf(), (await placed()).length], ['draft', 2])

  const live = await ended((await deployChange(house, caller(), change.id)).id)
  assert.equal(live.deployment.state, 'deployed', live.deployment.reason ?? '')
  assert.deepEqual([await stateOf(), (await placed()).length], ['deployed', 3])
  assert.deepEqual(
    (await planChange(house, caller(), change.id)).items.map(({ verdict }) => verdict),
    ['same'],
  )

  const same = { title: 'Again', why: '', origin: 'rules' } as const
  const items = [{ ruleId: four, targetId: local.id }]
  await assert.rejects(openChange(house, caller(), { ...same, items }), /Nothing would change/)

  const back = await rollBack(house, caller(), { deploymentId: live.deployment.id })
  assert.equal(back.kind, 'deployment')
  assert.equal((await ended(back.deployment.id)).deployment.state, 'deployed')
  assert.deepEqual([await stateOf(), (await placed()).length], ['rolled_back', 2])

  // What is written is what was looked at: in its rule, and in what is kept of the change.
  const six = await rule(6)
  const wanted = { ...same, items: [{ ruleId: six, targetId: local.id }] }
  const draft = await openChange(house, caller(), wanted)
  await rule(6, 'level: critical', six)
  await assert.rejects(deployChange(house, caller(), draft.id), { code: 'stale' })
  await nextTurn()
  const rendered = (await getChange(house, caller(), draft.id)).change
  assert.deepEqual([rendered.state, rendered.hash === draft.hash], ['draft', false])
  await house.db.write(caller(), async (tx) => {
    const kept = { body: JSON.stringify({ title: 'Rule 6', rule: 'title: another' }) }
    await tx
      .updateTable('changeItem')
      .set(kept)
      .where('workspaceId', '=', app.acme.id)
      .where('changeId', '=', draft.id)
      .execute()
  })
  await nextTurn()
  await assert.rejects(deployChange(house, caller(), draft.id), {
    code: 'stale',
    message: /not what was signed/,
  })
  await nextTurn()
  assert.equal((await placed()).length, 2, 'nothing of it was written')

  // To a version that was there before, by one act.
  const at = { ruleId: one, targetId: local.id }
  assert.deepEqual(await listVersionsThere(house, caller(), at), [2, 1])
  const again = await rollBack(house, caller(), { ruleId: one, targetId: local.id, version: 1 })
  assert.equal(again.kind, 'deployment')
  const { deployment } = await ended(again.deployment.id)
  assert.equal(deployment.state, 'deployed', deployment.reason ?? '')
  assert.equal((await placed()).find(({ ruleId }) => ruleId === one)?.version, 1)

  // A new rule runs silently for its days, and alerts after them.
  const quiet = await wish(local, await rule(5), 'add', { soakDays: 7 })
  assert.equal((await deploy([quiet])).deployment.state, 'deployed')
  const soaking = async () => (await placed()).find(({ ruleId }) => ruleId === quiet.ruleId)
  const isSilent = async () => {
    const { raw } = (await rules.read(quiet.ref, signal))!
    return (raw as { readonly silent?: boolean }).silent === true
  }
  assert.deepEqual([(await soaking())?.state, await isSilent()], ['soaking', true])
  app.clock.advance(8 * DAY)
  await app.runner.drain()
  await nextTurn()
  assert.deepEqual([(await soaking())?.state, await isSilent()], ['live', false])
})

test('outside of a window it waits, goes on by itself, and only with the bytes that were approved', async (t) => {
  const app = await startApp(t)
  const { house } = app
  const { rule, caller, ...world } = deployingIn(app)
  const local = await world.local()
  const { policy, version } = await readPolicy(house, caller())
  const windows = 'open mon 09:00-17:00 UTC'
  await changePolicy(house, caller(), { policy: { ...policy, windows }, version })
  const [kept, edited, forged] = [await rule(1), await rule(2), await rule(3)]
  const begun: { readonly change: Change; readonly id: DeploymentId }[] = []
  for (const ruleId of [kept, edited, forged]) {
    const change = await openChange(house, caller(), {
      title: 'On a Saturday',
      why: '',
      origin: 'rules',
      items: [{ ruleId, targetId: local.id }],
    })
    await nextTurn()
    begun.push({ change, id: (await deployChange(house, caller(), change.id)).id })
    await nextTurn()
  }
  const states = async () => {
    await app.runner.drain()
    await nextTurn()
    const all = begun.map(async ({ id }) => (await getDeployment(house, caller(), id)).deployment)
    return (await Promise.all(all)).map(({ state, reason }) => `${state}: ${reason ?? ''}`)
  }
  const waits = 'waiting_window: local takes changes from 2026-11-23T09:00:00.000Z.'
  assert.deepEqual(await states(), [waits, waits, waits])
  await rule(2, 'level: high', edited)
  await house.db.write(caller(), (tx) =>
    updateItem(tx, { deploymentId: begun[2]!.id, number: 1 }, { body: { title: 'Theirs' } }),
  )
  app.clock.advance(46 * HOUR)
  assert.deepEqual(await states(), [waits, waits, waits], 'an hour before')
  app.clock.advance(HOUR)
  const [done, refused, tampered] = await states()
  assert.equal(tampered, 'failed: What is kept of this deployment is not what was signed.')
  assert.equal(done, 'deployed: ')
  assert.match(refused ?? '', /^failed: While it waited.*Nothing was written/)
  const placed = await listPlacements(house, caller(), { targetId: local.id })
  assert.deepEqual(
    placed.map(({ ruleId }) => ruleId),
    [kept],
  )
  const changes = begun.map(({ change }) => getChange(house, caller(), change.id))
  assert.deepEqual(
    (await Promise.all(changes)).map(({ change }) => change.state),
    ['deployed', 'draft', 'failed'],
  )
  app.clock.advance(12 * HOUR)
  await nextTurn()
  const back = await rollBack(house, caller(), { deploymentId: begun[0]!.id })
  assert.ok(back.kind === 'deployment')
  await app.runner.drain()
  await nextTurn()
  const { deployment } = await getDeployment(house, caller(), back.deployment.id)
  assert.equal(deployment.state, 'deployed', 'going back waits for no window')
})
