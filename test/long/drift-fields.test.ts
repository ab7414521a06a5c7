// Each field that the product writes is changed on each vendor behind its back, one after the other: every
// one is found, by its name and with both values, and what was put back is not found again.

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { canonicalJson, type Json } from '#kernel/json.ts'
import { changed, KEPT } from '#test/support/vendor-kept.ts'
import { starterFor, VENDORS, vendorWorld, type Vendor } from '#test/support/vendors.ts'

interface Row {
  readonly what: string
  /** In what the vendor keeps. */
  readonly path: string
  readonly to: Json | ((before: Json | undefined) => Json)
  /** As it is told, and what else changes with it. */
  readonly field: string
  /** Where the adapter spells it otherwise. */
  readonly theirs?: Json
}

const row = (what: string, path: string, to: Row['to'], field = path, theirs?: Json): Row => ({
  what,
  path,
  to,
  field,
  ...(theirs !== undefined && { theirs }),
})
const property = (what: string, name: string, to: Row['to'], theirs?: Json): Row =>
  row(what, name, to, `properties.${name}`, theirs)
const template = (what: string, name: string, to: Row['to'], theirs?: Json): Row => {
  const path = `detectionAction/alertTemplate/${name}`
  return row(what, path, to, path, theirs)
}
const inText = (what: string, from: RegExp, to: string, field = 'rule'): Row =>
  row(what, 'text', (text) => String(text).replace(from, to), field)

const EMAIL = {
  group: 'default',
  id: 'mail',
  action_type_id: '.email',
  params: { to: ['a@acme.example'] },
  frequency: { summary: true, throttle: null, notifyWhen: 'onActiveAlert' },
}
const DEVICE = {
  '@odata.type': '#microsoft.graph.security.impactedDeviceAsset',
  identifier: 'deviceName',
}
const ISOLATE = {
  '@odata.type': '#microsoft.graph.security.isolateDeviceResponseAction',
  isolationType: 'full',
  identifier: 'deviceId',
}

/** All of the fields that a vendor has; a name is what a Splunk finds its search by. */
const ROWS: Readonly<Record<Vendor, readonly Row[]>> = {
  splunk: [
    row('query', 'search', 'index=main nothing'),
    row('schedule', 'cron_schedule', '7 * * * *'),
    row('window', 'dispatch.earliest_time', '-5m@m'),
    row('threshold', 'alert_threshold', '100'),
    row('enabled', 'disabled', '1'),
    row('severity', 'alert.severity', '1'),
    row('throttle', 'alert.suppress', '1'),
    row('actions', 'actions', 'email'),
    row('description', 'description', 'Somebody else’s.'),
  ],
  sentinel: [
    property('query', 'query', 'WindowsEvent | where false'),
    property('schedule', 'queryFrequency', 'PT8M'),
    property('window', 'queryPeriod', 'P1D'),
    property('threshold', 'triggerThreshold', 100),
    property('enabled', 'enabled', false),
    property('severity', 'severity', 'Informational'),
    property('throttle', 'suppressionEnabled', true),
    row(
      'actions',
      'incidentConfiguration/createIncident',
      false,
      'properties.incidentConfiguration.createIncident',
    ),
    property('entity mappings', 'entityMappings', [], null),
    property('description', 'description', 'Somebody else’s.'),
    property('name', 'displayName', 'Somebody else’s'),
  ],
  defender: [
    row('query', 'queryCondition/queryText', 'DeviceProcessEvents | where false'),
    row('schedule', 'schedule/period', '24H'),
    row('enabled', 'isEnabled', false),
    template('severity', 'severity', 'informational'),
    row('actions', 'detectionAction/responseActions', [ISOLATE]),
    template('entity mappings', 'impactedAssets', [DEVICE]),
    template('description', 'description', 'Somebody else’s.'),
    template('title', 'title', 'Somebody else’s'),
    row('name', 'displayName', 'Somebody else’s'),
  ],
  elastic: [
    row('query', 'query', 'process.name: nothing'),
    row('schedule', 'interval', '1h', 'interval', '3600s'),
    row('window', 'from', 'now-9m', 'from', 'now-540s'),
    row('enabled', 'enabled', false),
    row('severity', 'severity', 'low'),
    row('score', 'risk_score', 1),
    row('throttle', 'alert_suppression', { group_by: ['user.name'] }),
    row('actions', 'actions', [EMAIL]),
    row('exceptions', 'exceptions_list', [
      { id: 'x', list_id: 'all', type: 'detection', namespace_type: 'single' },
    ]),
    row('description', 'description', 'Somebody else’s.'),
    row('name', 'name', 'Somebody else’s'),
  ],
  opensearch: [
    inText('query', /\.exe'/, ".com'"),
    // The triggers of its detector are for another one.
    inText('severity', /^level: .*$/m, 'level: critical', 'rule,detector.triggers'),
    inText('description', /^description: .*$/m, 'description: Theirs'),
    inText('name', /^title: .*$/m, 'title: Theirs'),
    row('log type', 'category', 'linux'),
    row(
      'schedule',
      'detector/schedule',
      { period: { interval: 3, unit: 'HOURS' } },
      'detector.schedule',
    ),
    row('enabled', 'detector/enabled', false, 'detector.enabled'),
    row('actions', 'detector/triggers', [], 'detector.triggers'),
  ],
}

const world = await vendorWorld({ after })

for (const vendor of VENDORS) {
  const rows = ROWS[vendor]
  test(`${rows.length} fields changed on ${vendor} behind our back are found, with both values`, async (t) => {
    const { held, keep, deploy, scan } = world
    const ruleId = await keep(starterFor(vendor))
    const { deployment } = await deploy(ruleId, [vendor])
    assert.equal(deployment.state, 'deployed', deployment.reason ?? '')
    const { read, write } = KEPT[vendor]
    const before = structuredClone(read(held))
    const wrong: string[] = []
    for (const { what, path, to, field, theirs } of rows) {
      write(held, changed(before, path.split('/'), to))
      const found = (await scan(vendor)).get(vendor) ?? []
      const names = found.map(({ name }) => name).join()
      const isTold = found.every((one) => canonicalJson(one.ours) !== canonicalJson(one.theirs))
      if (names !== field || !isTold) wrong.push(`${what}: ${names}`)
      else if (typeof (theirs ?? to) !== 'object' && typeof to !== 'function') {
        assert.equal(found[0]?.theirs, theirs ?? to, what)
      }
    }
    assert.deepEqual(wrong, [])
    write(held, before)
    for (const time of ['once', 'twice'])
      assert.equal((await scan(vendor)).get(vendor), undefined, time)
    t.diagnostic(`${rows.length} of ${rows.length} found on ${vendor}`)
  })
}
