// A database that is older than a deployment knows nothing of what that put on a target: each vendor's rule
// is found by its mark and id, offered, and taken away by a change, beside one that somebody else made.

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { systemCaller } from '#domain/access/system.ts'
import { listForgotten } from '#domain/adoption/forgotten.ts'
import { deployChange } from '#domain/deployments/actions.ts'
import { pruneForgotten } from '#domain/deployments/pruning.ts'
import { rollBack } from '#domain/deployments/rollback.ts'
import { unplace } from '#domain/placements/actions.ts'
import { connectTarget } from '#domain/targets/connect.ts'
import { nextTurn } from '#platform/turns.ts'
import { starterFor, VENDORS, vendorWorld } from '#test/support/vendors.ts'

const signal = new AbortController().signal
const world = await vendorWorld({ after })

for (const vendor of VENDORS) {
  test(`a rule that was forgotten on ${vendor} is found, taken away and brought back`, async () => {
    const { app, admin, targets, deploy, ended, keep, scan } = world
    const { house } = app
    const target = targets[vendor]
    const at = { targetId: target.id }
    const { rules } = await connectTarget(house, admin(), target, { purpose: 'read' })
    const standing = async () => (await rules!.list(signal)).rules.map(({ ref }) => ref)
    const text = starterFor(vendor)
    const other = await keep(
      text.replace(/^title: .*$/m, 'title: Another').replace(/^id: .*$/m, ''),
    )
    assert.equal((await deploy(other, [vendor])).deployment.state, 'deployed')
    const before = await standing()
    const ruleId = await keep(text)
    const { items } = await deploy(ruleId, [vendor])
    await scan(vendor)
    assert.deepEqual(await listForgotten(house, admin(), at), [], 'it has its place')

    await nextTurn()
    const product = systemCaller(house, 'test', undefined, app.acme.id)
    await house.db.write(product, (tx) => unplace(tx, house, product, { ruleId, ...at }))
    await nextTurn()
    const [found, ...more] = await listForgotten(house, admin(), at)
    assert.deepEqual([found?.ruleId, found?.ref, more], [ruleId, items[0]?.ref, []])
    await nextTurn()
    const { id } = await pruneForgotten(house, admin(), at)
    await nextTurn()
    const { deployment } = await ended((await deployChange(house, admin(), id)).id)
    assert.equal(deployment.state, 'deployed', deployment.reason ?? '')
    assert.deepEqual(await standing(), before, 'the other one stays')

    const back = await rollBack(house, admin(), { deploymentId: deployment.id })
    assert.ok(back.kind === 'deployment')
    const again = await ended(back.deployment.id)
    assert.equal(again.deployment.state, 'deployed', again.deployment.reason ?? '')
    assert.equal((await standing()).length, before.length + 1)
    assert.equal((await scan(vendor)).size, 0)
    assert.deepEqual(await listForgotten(house, admin(), at), [], 'it has its place again')
  })
}
