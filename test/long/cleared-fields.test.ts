// What a version of ours set and the next one leaves out goes back to how the vendor has it for whoever
// said nothing; what somebody else set, and no version of ours ever named, stays. On each vendor, and back.

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { openChange } from '#domain/changes/actions.ts'
import { deployChange } from '#domain/deployments/actions.ts'
import { planChange } from '#domain/deployments/plan.ts'
import { resolveDrift } from '#domain/deployments/drift-resolving.ts'
import { listDrift } from '#domain/deployments/drift-actions.ts'
import { rollBack } from '#domain/deployments/rollback.ts'
import type { Json } from '#kernel/json.ts'
import { nextTurn } from '#platform/turns.ts'
import { changed, KEPT } from '#test/support/vendor-kept.ts'
import { starterFor, vendorWorld, type Vendor } from '#test/support/vendors.ts'

interface Case {
  /** Beside what the starter rule says. */
  readonly settings: string
  /** In what the vendor keeps. */
  readonly ours: { readonly path: string; readonly set: Json; readonly cleared: Json | undefined }
  readonly theirs: { readonly path: string; readonly value: Json }
  /** As the plan calls ours. */
  readonly field: string
}

const DEVICE = {
  '@odata.type': '#microsoft.graph.security.impactedDeviceAsset',
  identifier: 'deviceName',
}

const CASES: Readonly<Record<Exclude<Vendor, 'opensearch'>, Case>> = {
  splunk: {
    settings: '{alert.suppress: "1", alert.suppress.period: 2h, alert.suppress.fields: host}',
    ours: { path: 'alert.suppress', set: '1', cleared: '0' },
    theirs: { path: 'action.webhook.param.url', value: 'https://hooks.acme.example/' },
    field: 'alert.suppress',
  },
  sentinel: {
    settings:
      '{incidentConfiguration: {createIncident: false}, customDetails: {Who: SubjectUserName}}',
    ours: { path: 'incidentConfiguration/createIncident', set: false, cleared: true },
    theirs: { path: 'alertDetailsOverride', value: { alertDescriptionFormat: 'Theirs' } },
    field: 'properties.incidentConfiguration.createIncident',
  },
  defender: {
    settings:
      '{detectionAction: {alertTemplate: {category: Execution, recommendedActions: Isolate the host}}}',
    ours: {
      path: 'detectionAction/alertTemplate/recommendedActions',
      set: 'Isolate the host',
      cleared: null,
    },
    theirs: { path: 'detectionAction/alertTemplate/impactedAssets', value: [DEVICE] },
    field: 'detectionAction/alertTemplate/recommendedActions',
  },
  elastic: {
    settings: '{note: Ours, alert_suppression: {group_by: [user.name]}}',
    ours: { path: 'note', set: 'Ours', cleared: undefined },
    theirs: { path: 'setup', value: 'Theirs' },
    field: 'note',
  },
}

const world = await vendorWorld({ after })

async function scanned(vendor: Vendor) {
  assert.equal((await world.scan(vendor)).get(vendor)?.length, 1)
  return { filter: { state: 'found' as const }, limit: 50 }
}

for (const [name, { settings, ours, theirs, field }] of Object.entries(CASES)) {
  const vendor = name as keyof typeof CASES
  test(`what a rule does not say any more is taken back on ${vendor}, and nothing else`, async () => {
    const { app, admin, held, keep, deploy, ended, scan, targets } = world
    const { read, write } = KEPT[vendor]
    const at = (path: string) =>
      path.split('/').reduce<Json | undefined>((value, key) => {
        return (value as Readonly<Record<string, Json>> | undefined)?.[key]
      }, read(held))
    const plain = starterFor(vendor)
    const implementations = `rulewright:\n  implementations: {${vendor}: {settings: ${settings}}}\n`
    const ruleId = await keep(plain.replace('rulewright:\n', implementations))
    const first = await deploy(ruleId, [vendor])
    assert.equal(first.deployment.state, 'deployed', first.deployment.reason ?? '')
    assert.equal(at(ours.path), ours.set, 'the premise: it was set')

    write(held, changed(read(held), theirs.path.split('/'), theirs.value))
    await keep(plain, ruleId)
    await scan(vendor)
    const targetId = targets[vendor].id
    const wish = { title: 'Less', why: 'A test', origin: 'rules', items: [{ ruleId, targetId }] }
    const { id } = await openChange(app.house, admin(), { ...wish, origin: 'rules' })
    await nextTurn()
    const [planned] = (await planChange(app.house, admin(), id)).items
    assert.ok(planned?.fields.some((one) => one.field === field && one.from !== null))
    await nextTurn()
    const { deployment } = await deploy(ruleId, [vendor])
    assert.equal(deployment.state, 'deployed', deployment.reason ?? '')
    assert.equal(at(ours.path) ?? null, ours.cleared ?? null)
    assert.deepEqual(at(theirs.path), theirs.value, 'no version of ours ever named it')

    const back = await rollBack(app.house, admin(), { ruleId, targetId, version: 1 })
    assert.ok(back.kind === 'deployment')
    await ended(back.deployment.id)
    assert.equal(at(ours.path), ours.set)
    const again = await rollBack(app.house, admin(), { ruleId, targetId, version: 2 })
    assert.ok(again.kind === 'deployment')
    await ended(again.deployment.id)
    assert.equal(at(ours.path) ?? null, ours.cleared ?? null)
    assert.deepEqual(at(theirs.path), theirs.value)

    // Put back is what stood there, where no version of ours says anything, too.
    const before = at(theirs.path)
    const other = typeof before === 'string' ? 'https://elsewhere.example/' : null
    write(held, changed(read(held), theirs.path.split('/'), other))
    const found = await listDrift(app.house, admin(), await scanned(vendor))
    const { changeId } = await resolveDrift(app.house, admin(), {
      id: found.items[0]!.id,
      resolution: 'redeploy',
      why: '',
    })
    await nextTurn()
    const restored = await ended((await deployChange(app.house, admin(), changeId!)).id)
    assert.equal(restored.deployment.state, 'deployed', restored.deployment.reason ?? '')
    assert.deepEqual(at(theirs.path), before)
    assert.equal((await scan(vendor)).size, 0)
  })
}
