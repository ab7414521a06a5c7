// What stands on a target beside what is to stand there: what somebody changed over there is found field
// by field, what is as it should be is never cried wolf over, and what is mended ends by itself.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemCaller } from '#domain/access/system.ts'
import { readAudit } from '#domain/audit/actions.ts'
import { listForgotten } from '#domain/adoption/forgotten.ts'
import { deployChange, resolveItem } from '#domain/deployments/actions.ts'
import { asOf } from '#domain/deployments/as-of-actions.ts'
import { beginDeployment } from '#domain/deployments/begin.ts'
import { getChange } from '#domain/changes/actions.ts'
import { getDrift, listDrift, scanDrift, sweepAll } from '#domain/deployments/drift-actions.ts'
import { loseTarget } from '#domain/deployments/drift-losing.ts'
import { resolveDrift } from '#domain/deployments/drift-resolving.ts'
import { openPlaces, placeOf } from '#domain/deployments/places.ts'
import { pruneForgotten } from '#domain/deployments/pruning.ts'
import { getDeployment } from '#domain/deployments/reading.ts'
import { recordUnknown } from '#domain/deployments/record.ts'
import { selectItems, updateDeployment, updateItem } from '#domain/deployments/store.ts'
import { findPlacement } from '#domain/placements/actions.ts'
import { ownRefOf } from '#domain/placements/refs.ts'
import { listSpansAt } from '#domain/placements/history.ts'
import { saveRule } from '#domain/rules/actions.ts'
import { getRule } from '#domain/rules/reading.ts'
import { ID_PREFIXES, makeId, type ChangeId } from '#kernel/id.ts'
import { MINUTE } from '#kernel/time.ts'
import { markerOf } from '#languages/rule-formats/write/marker.ts'
import { checkpointKeys, readCheckpointKeys } from '#platform/audit/public-key.ts'
import { verifyBundle } from '#platform/audit/verify-bundle.ts'
import { nextTurn } from '#platform/turns.ts'
import { deployingIn } from '#test/support/deploying.ts'
import { placedWorld, signal } from '#test/support/placed.ts'
import { ruleText } from '#test/support/rule-text.ts'
import { startApp } from '#test/support/start-app.ts'

test('a rule that somebody changed there is found, and ends when it is as it was', async (t) => {
  const app = await startApp(t)
  const world = await placedWorld(app)
  const { admin, local, rules } = world
  const { house } = app
  const [whoami, quiet] = [await world.put('Whoami'), await world.put('Quiet')]
  const scan = async () => {
    app.clock.advance(MINUTE)
    await scanDrift(house, admin(), {})
    await app.runner.drain()
    await nextTurn()
    const wanted = { filter: { state: 'found' as const }, limit: 10 }
    return (await listDrift(house, admin(), wanted)).items
  }
  const stateOf = async (ruleId: typeof whoami) =>
    (
      await findPlacement(house.db.read(admin().scope), admin().scope, {
        ruleId,
        targetId: local.id,
      })
    )?.state
  const asDeployed = app.clock.now()
  assert.deepEqual(await scan(), [], 'nothing is cried wolf over')
  const product = systemCaller(house, 'test')
  assert.equal(await sweepAll(house, product, signal), 1, 'the timetable reads that target alone')
  await app.runner.drain()

  await world.meddle('whoami', { level: 'low', schedule: { every: '1h' } })
  const [found, ...none] = await scan()
  assert.deepEqual(none, [], 'the other one is as it was')
  assert.deepEqual(
    [found?.kind, found?.ruleTitle, found?.fields],
    [
      'changed',
      'Whoami',
      [
        { name: 'schedule', ours: { every: '5m' }, theirs: { every: '1h' } },
        { name: 'level', ours: null, theirs: 'low' },
      ],
    ],
  )
  assert.deepEqual([await stateOf(whoami), await stateOf(quiet)], ['drifted', 'live'])

  const before = await rules.read('quiet', signal)
  await rules.remove('quiet', before!, signal)
  const [gone] = await scan()
  assert.deepEqual([gone?.kind, gone?.ruleId], ['missing', quiet])
  await rules.put({ ref: 'quiet', body: before!.normalised, replaces: null }, signal)
  await world.meddle('whoami', { level: null, schedule: { every: '5m' } })
  assert.deepEqual(await scan(), [], 'both are as they should be')
  assert.deepEqual([await stateOf(whoami), await stateOf(quiet)], ['live', 'live'])

  const unread = { target: local, readAt: app.clock.now(), signal }
  await loseTarget(house, admin(), unread)
  await nextTurn()
  assert.equal(await stateOf(whoami), 'live', 'a moment ago it was read')
  app.clock.advance(local.checkMinutes * MINUTE)
  await loseTarget(house, admin(), unread)
  await nextTurn()
  assert.deepEqual([await stateOf(whoami), await stateOf(quiet)], ['unknown', 'unknown'])
  assert.deepEqual(await scan(), [], 'it is back')
  assert.deepEqual([await stateOf(whoami), await stateOf(quiet)], ['live', 'live'])
  const ended = await getDrift(house, admin(), found!.id)
  assert.equal(ended.state, 'ended')
  const log = await readAudit(house, admin(), {}, { limit: 50 })
  assert.deepEqual(
    log.items.flatMap(({ action }) => (action.startsWith('drift.') ? [action] : [])).length,
    4,
    'each finding has its two entries',
  )
  const then = await listSpansAt(house, admin(), { at: asDeployed, limit: 10, after: null })
  assert.deepEqual(
    then.map(({ ruleTitle, state }) => [ruleTitle, state]),
    [
      ['Quiet', 'live'],
      ['Whoami', 'live'],
    ],
  )
})

test('what was changed there is taken over into the rule, or put back by a change', async (t) => {
  const app = await startApp(t)
  const { house } = app
  const world = await placedWorld(app)
  const { admin } = world
  const [whoami, other] = [await world.put('Whoami'), await world.put('Other')]
  const scan = async () => {
    app.clock.advance(MINUTE)
    await scanDrift(house, admin(), {})
    await app.runner.drain()
    await nextTurn()
    const wanted = { filter: { state: 'found' as const }, limit: 10 }
    const { items } = await listDrift(house, admin(), wanted)
    const { count } = await listDrift(house, admin(), { ...wanted, text: 'LOCAL whoami' })
    assert.equal(count, items.filter(({ ruleId }) => ruleId === whoami).length, 'by words')
    return new Map(items.map((one) => [one.ruleId, one]))
  }
  const body = (await world.rules.read('whoami', signal))!.normalised
  const rule = String(body['rule']).replace('whoami.exe', 'who.exe')
  await world.meddle('whoami', { rule, schedule: { every: '1h' } })
  await world.meddle('other', { schedule: { every: '1h' } })
  const mine = String(body['rule']).replace('level: high', 'level: low')
  const edit = { text: mine, reason: 'less', expected: 'any' as const }
  await saveRule(house, admin(), whoami, edit)
  const found = await scan()
  const taken = await resolveDrift(house, admin(), {
    id: found.get(whoami)!.id,
    resolution: 'adopt',
    why: '',
  })
  assert.deepEqual([taken.version, taken.drift.state], [3, 'adopted'])
  await nextTurn()
  const { text } = await getRule(house, admin(), whoami)
  assert.match(text, /who\.exe/, 'theirs')
  assert.match(text, /level: low/, 'mine')
  assert.match(text, /schedule/, 'theirs, as well')
  const back = await resolveDrift(house, admin(), {
    id: found.get(other)!.id,
    resolution: 'redeploy',
    why: '',
  })
  await nextTurn()
  const { change, items } = await getChange(house, admin(), back.changeId!)
  assert.deepEqual(
    [change.origin, items.map(({ action, version }) => [action, version])],
    ['drift', [['change', 1]]],
  )
  assert.equal(items[0]!.replaces!.hash, found.get(other)!.observedHash, 'what was found there')
  const again = await scan()
  assert.deepEqual([...again.keys()], [other], 'what was taken over is known')
  const drifted = await asOf(house, admin(), { at: app.clock.now(), limit: 10 })
  assert.deepEqual(
    drifted.items.map(({ ruleTitle, state, body: stood, found: there }) => [
      ruleTitle,
      state,
      stood['schedule'],
      there?.['schedule'],
    ]),
    ['Other', 'Whoami'].map((title) => [title, 'drifted', { every: '5m' }, { every: '1h' }]),
    'what was to stand there, and what did',
  )
  const [entry] = drifted.items
  assert.equal(entry?.lastObservedAt, app.clock.now())
  const { ravi, vera } = app.cast
  const shownThen = await app.fetchAs(vera, '/w/acme/as-of?at=2026-11-21T10:00')
  assert.match(await shownThen.text(), /Whoami[^]*live[^]*without a signature|Whoami[^]*signed/)
  const file = await (await app.fetchAs(vera, '/w/acme/as-of/bundle')).text()
  const keys = readCheckpointKeys(checkpointKeys(house.keys.audit).join('\n'))
  const sound = verifyBundle(file, keys)
  assert.deepEqual([sound.ok, sound.ok && sound.lines], [true, 2])
  assert.equal(verifyBundle(file.replace('Whoami', 'Whoamy'), keys).ok, false, 'one byte')
  assert.equal(verifyBundle(file.replace('"lines\\":2', '"lines\\":3'), keys).ok, false)
  const list = await app.fetchAs(vera, '/w/acme/drift')
  assert.match(await list.text(), /Other[^]*being put back[^]*schedule/)
  const one = await app.fetchAs(vera, `/w/acme/drift/${found.get(whoami)!.id}`)
  assert.match(await one.text(), /taken over[^]*who\.exe/)
  const post = { method: 'POST', headers: { 'Sec-Fetch-Site': 'same-origin' } }
  assert.equal((await app.fetchAs(vera, '/w/acme/drift/scan', post)).status, 403)
  assert.equal((await app.fetchAs(ravi, '/w/acme/drift/scan', post)).status, 303)
  await app.runner.drain()
  assert.equal(again.get(other)!.changeId, back.changeId)
  await assert.rejects(
    resolveDrift(house, admin(), { id: again.get(other)!.id, resolution: 'adopt', why: '' }),
    { code: 'conflict' },
  )
  await nextTurn()
  const run = await deployChange(house, admin(), back.changeId!)
  await app.runner.drain()
  await nextTurn()
  const { deployment } = await getDeployment(house, admin(), run.id)
  assert.equal(deployment.state, 'deployed', deployment.reason ?? '')
  const ended = await getDrift(house, admin(), found.get(other)!.id)
  assert.equal(ended.state, 'redeployed', 'it was read back, and needs no other reading')
})

test('what nobody can tell is unknown, and is not judged until a person has looked', async (t) => {
  const app = await startApp(t)
  const { house } = app
  const world = await placedWorld(app)
  const { admin, local } = world
  const { wish } = deployingIn(app)
  const ruleId = await world.put('Whoami')
  const at = { ruleId, targetId: local.id }
  const stateOf = async () => {
    await nextTurn()
    return (await findPlacement(house.db.read(admin().scope), admin().scope, at))?.state
  }
  const change = { id: 'chg_00000000-0000-7000-8000-000000000001' as ChangeId, title: '', hash: '' }
  const id = makeId(ID_PREFIXES.deployment, app.clock.now(), house.random(10))
  const items = [await wish(local, ruleId, 'change', { ref: 'whoami' })]
  await house.db.write(admin(), async (tx) => {
    await beginDeployment(tx, house, admin(), { id, change, items })
    await updateDeployment(tx, id, { state: 'failed', endedAt: app.clock.now() })
    const [item] = await selectItems(tx, tx.scope, id)
    const { state, ownership, version, origin, deploymentId, isSigned, soakUntil } =
      (await findPlacement(tx, tx.scope, at))!
    const stood = { state, ownership, version, origin, deploymentId, isSigned, soakUntil }
    await updateItem(tx, item!, { stood })
    await recordUnknown(tx, house, admin(), item!, 'No answer came.')
  })
  assert.equal(await stateOf(), 'unknown')
  await world.meddle('whoami', { level: 'low' })
  const scan = async () => {
    app.clock.advance(MINUTE)
    await scanDrift(house, admin(), {})
    await app.runner.drain()
  }
  await scan()
  assert.equal(await stateOf(), 'unknown', 'a person decides')
  await resolveItem(house, admin(), { deploymentId: id, number: 1, verdict: 'not_written' })
  assert.equal(await stateOf(), 'live')
  await scan()
  assert.equal(await stateOf(), 'drifted')
  const back = async () => {
    const wanted = { filter: { state: 'found' as const }, limit: 10 }
    const [found] = (await listDrift(house, admin(), wanted)).items
    const decision = { id: found!.id, resolution: 'redeploy' as const, why: '' }
    const resolved = await resolveDrift(house, admin(), decision)
    await app.runner.drain()
    await nextTurn()
    return resolved
  }
  await app.runner.drain()
  assert.ok((await back()).changeId, 'nobody signed what a deployment wrote there')
})

test('what was signed is put back at once, without a new signature', async (t) => {
  const app = await startApp(t)
  const { house } = app
  const { rule, wish, deploy, caller, ...world } = deployingIn(app)
  const local = await world.local()
  const { rules } = placeOf(await openPlaces(house, caller(), [local.id], 'write'), {
    targetId: local.id,
  })
  const item = await wish(local, await rule(1), 'add')
  assert.equal((await deploy([item])).deployment.state, 'deployed')
  const putBack = async () => {
    app.clock.advance(MINUTE)
    await scanDrift(house, caller(), {})
    await app.runner.drain()
    await nextTurn()
    const wanted = { filter: { state: 'found' as const }, limit: 10 }
    const [found] = (await listDrift(house, caller(), wanted)).items
    const decision = { id: found!.id, resolution: 'redeploy' as const, why: '' }
    const { changeId, deploymentId } = await resolveDrift(house, caller(), decision)
    await app.runner.drain()
    await nextTurn()
    const { deployment } = await getDeployment(house, caller(), deploymentId!)
    const after = await getDrift(house, caller(), found!.id)
    return [found!.kind, changeId, deployment.state, after.state]
  }
  const signed = (await rules.read(item.ref, signal))!
  const theirs = { ...signed.normalised, title: 'Theirs' }
  await rules.put({ ref: item.ref, body: theirs, replaces: signed }, signal)
  assert.deepEqual(await putBack(), ['changed', null, 'deployed', 'redeployed'])
  const again = (await rules.read(item.ref, signal))!
  assert.deepEqual(again.normalised, signed.normalised, 'to the byte')
  await rules.remove(item.ref, again, signal)
  assert.deepEqual(await putBack(), ['missing', null, 'deployed', 'redeployed'])
  assert.deepEqual((await rules.read(item.ref, signal))!.normalised, signed.normalised)
})

test('what is ours and was forgotten is taken away by a change, and nothing else is', async (t) => {
  const app = await startApp(t)
  const { admin, local, rules, put } = await placedWorld(app)
  const { house } = app
  const { installId } = house.keys
  const targetId = local.id
  const standing = await put('Standing')
  const deploying = deployingIn(app)
  const ruleId = await deploying.rule(1)
  const markFor = (install: string) =>
    markerOf({ installId: install, ruleId, version: 1, bodyHash: 'ab'.repeat(32) })
  const write = async (ref: string, marker?: string) => {
    const body = { title: ref, rule: ruleText(''), ...(marker && { marker }) }
    await rules.put({ ref, body, replaces: null }, signal)
  }
  const own = ownRefOf({ installId, ruleId, targetId })
  await write(own, markFor(installId))
  const others = ['neighbour', 'other-install', 'copy']
  await write('neighbour')
  await write('other-install', markFor('00000000-0000-4000-8000-000000000000'))
  await write('copy', markFor(installId))
  const read = async () => {
    app.clock.advance(MINUTE)
    await scanDrift(house, admin(), { targetId })
    await app.runner.drain()
    await nextTurn()
    return listForgotten(house, admin(), {})
  }
  const [found, ...more] = await read()
  assert.deepEqual([found?.ruleId, found?.ref, found?.version, more], [ruleId, own, 1, []])

  const { id, itemCount } = await pruneForgotten(house, admin(), { targetId: null })
  await nextTurn()
  const { items } = await getChange(house, admin(), id)
  assert.deepEqual([itemCount, items[0]?.action, items[0]?.replaces?.ref], [1, 'remove', own])
  assert.deepEqual(items[0]?.problems, [])
  const { id: deploymentId } = await deployChange(house, admin(), id)
  await app.runner.drain()
  await nextTurn()
  const { deployment } = await getDeployment(house, admin(), deploymentId)
  assert.equal(deployment.state, 'deployed', deployment.reason ?? '')
  assert.equal(await rules.read(own, signal), null)
  for (const ref of [...others, 'standing']) assert.ok(await rules.read(ref, signal), ref)
  assert.deepEqual(await listForgotten(house, admin(), {}), [], 'before the next reading, too')
  assert.deepEqual(await read(), [])
  await assert.rejects(pruneForgotten(house, admin(), { targetId }), { code: 'conflict' })
  const { scope } = admin()
  await nextTurn()
  assert.ok(await findPlacement(house.db.read(scope), scope, { ruleId: standing, targetId }))
})
