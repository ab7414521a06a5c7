// A rule of the starter set on its way through each vendor's target: added, changed, paused, resumed,
// removed and rolled back, each time by a change. What stands there is read back, the rule's place says
// how it stands, and a scan right afterwards finds nothing.

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { rollBack } from '#domain/deployments/rollback.ts'
import { listPlacements } from '#domain/placements/actions.ts'
import type { DeploymentWhole } from '#domain/deployments/reading.ts'
import { connectTarget } from '#domain/targets/connect.ts'
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
