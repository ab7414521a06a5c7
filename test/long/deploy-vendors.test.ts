// A rule of the starter set on its way through each vendor's target: added, changed, paused, resumed,
// removed and rolled back, each time by a change. What stands there is read back, the rule's place says
// how it stands, and a scan right afterwards finds nothing.

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { getChange, openChange } from '#domain/changes/actions.ts'
import { deployChange } from '#domain/deployments/actions.ts'
import { goLive } from '#domain/deployments/soak.ts'
import { rollBack } from '#domain/deployments/rollback.ts'
import { putMapping } from '#domain/mappings/actions.ts'
import { listPlacements } from '#domain/placements/actions.ts'
import type { DeploymentWhole } from '#domain/deployments/reading.ts'
import { changePolicy, readPolicy } from '#domain/workspaces/policy-actions.ts'
import { connectTarget } from '#domain/targets/connect.ts'
import { nextTurn } from '#platform/turns.ts'
import { ruleText } from '#test/support/rule-text.ts'
import { starterFor, VENDORS, vendorWorld, type Vendor } from '#test/support/vendors.ts'

const signal = new AbortController().signal

const world = await vendorWorld({ after })

for (const vendor of VENDORS) {
  test(`a rule goes to ${vendor}, through every action and back, and nothing seems to drift`, async () => {
    const { house } = world.app
    const { admin, targets, deploy, scan } = world
    const text = starterFor(vendor)
    const ruleId = await world.keep(text)
    const target = targets[vendor]
    const { rules } = await connectTarget(house, admin(), target, { purpose: 'read' })
    const placement = async () =>
      (await listPlacements(house, admin(), { ruleIds: [ruleId] })).find(
        ({ targetId }) => targetId === target.id,
      )
    const expectStanding = async (whole: DeploymentWhole, wanted: readonly unknown[] | null) => {
      const { deployment, items } = whole
      assert.equal(deployment.state, 'deployed', deployment.reason ?? '')
      const place = await placement()
      assert.deepEqual(place ? [place.state, place.version, place.ownership] : null, wanted)
      const { ref } = place ?? items[0]!
      const now = await rules!.read(ref, signal)
      assert.equal(now?.isEnabled ?? null, place ? place.state === 'live' : null)
      if (place) assert.deepEqual(now?.normalised, place.body)
      const found = await scan(vendor)
      assert.deepEqual([...found], [], 'nothing is cried wolf over')
    }
    const only: readonly Vendor[] = [vendor]
    await expectStanding(await deploy(ruleId, only), ['live', 1, 'managed'])
    await world.keep(text.replace(/^level: .*$/m, 'level: low'), ruleId)
    await expectStanding(await deploy(ruleId, only), ['live', 2, 'managed'])
    await expectStanding(await deploy(ruleId, only, 'pause'), ['paused', 2, 'managed'])
    await expectStanding(await deploy(ruleId, only, 'resume'), ['live', 2, 'managed'])
    const back = await rollBack(house, admin(), { ruleId, targetId: target.id, version: 1 })
    assert.equal(back.kind, 'deployment')
    await expectStanding(await world.ended(back.deployment.id), ['live', 1, 'managed'])
    const paused = await deploy(ruleId, only, 'pause')
    await expectStanding(paused, ['paused', 1, 'managed'])
    const resumed = await rollBack(house, admin(), { deploymentId: paused.deployment.id })
    assert.equal(resumed.kind, 'deployment')
    await expectStanding(await world.ended(resumed.deployment.id), ['live', 1, 'managed'])
    const removed = await deploy(ruleId, only, 'remove')
    await expectStanding(removed, null)
    const again = await rollBack(house, admin(), { deploymentId: removed.deployment.id })
    assert.equal(again.kind, 'deployment')
    await expectStanding(await world.ended(again.deployment.id), ['live', 1, 'managed'])
    await deploy(ruleId, only, 'remove')
  })
}

test('what a mapping makes of a rule meanwhile is not written without another look', async () => {
  const { app, admin, targets, keep } = world
  const { house } = app
  const ruleId = await keep(ruleText('id: 80167ada-7a12-41ed-b8e9-aa47195c66ff'))
  const items = [{ ruleId, targetId: targets.elastic.id }]
  const wish = { title: 'Whoami', why: 'A test', origin: 'rules', items } as const
  const { id, hash } = await openChange(house, admin(), wish)
  await nextTurn()
  const mapping = { Image: 'process.their_name' }
  await putMapping(house, admin(), targets.elastic.id, {
    pipelines: [],
    document: { transformations: [{ type: 'field_name_mapping', mapping }] },
    reason: 'Events look otherwise',
    expected: 'any',
  })
  await nextTurn()
  await assert.rejects(deployChange(house, admin(), id), { code: 'stale' })
  await nextTurn()
  const { change, items: again } = await getChange(house, admin(), id)
  assert.deepEqual([change.state, change.hash === hash], ['draft', false])
  assert.match(String(again[0]?.body?.['query']), /process\.their_name/)
  assert.equal(world.held.elastic.rules.length, 0, 'nothing of it was written')
})

test('a rule that ran silently alerts once it goes live, in the bytes that were signed', async () => {
  const { app, admin, targets, keep, deploy, ended, scan } = world
  const { house } = app
  const { policy, version } = await readPolicy(house, admin())
  await changePolicy(house, admin(), { policy: { ...policy, soakDays: 3 }, version })
  for (const vendor of VENDORS.filter((one) => one !== 'defender')) {
    await nextTurn()
    const text = starterFor(vendor).replace(/^(title: .*)$/m, '$1 silently')
    const ruleId = await keep(text.replace(/^id: .*$/m, ''))
    const { deployment } = await deploy(ruleId, [vendor])
    assert.equal(deployment.state, 'deployed', `${vendor}: ${deployment.reason}`)
    const stateOf = async () =>
      (await listPlacements(house, admin(), { ruleIds: [ruleId] })).map(({ state }) => state)
    assert.deepEqual(await stateOf(), ['soaking'])
    await nextTurn()
    const live = await goLive(house, admin(), { ruleId, targetId: targets[vendor].id })
    const after = await ended(live.id)
    assert.equal(after.deployment.state, 'deployed', `${vendor}: ${after.deployment.reason}`)
    assert.deepEqual(await stateOf(), ['live'])
    assert.equal((await scan(vendor)).size, 0)
  }
})
