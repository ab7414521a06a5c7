// Backtests on the stand-ins of five vendors: what stands there and what is proposed is asked over the
// same week through searches, and every number is the one that whoever counts the events by hand gets.

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { openChange } from '#domain/changes/actions.ts'
import type { BacktestItem } from '#domain/changes/backtest.ts'
import { readImpact, startImpact } from '#domain/changes/impact.ts'
import { addExclusion } from '#domain/rules/exclusions/actions.ts'
import { listPins } from '#domain/searches/pins.ts'
import type { RuleId } from '#kernel/id.ts'
import { addMs, DAY, formatInstant, HOUR, MINUTE, type Instant } from '#kernel/time.ts'
import { elasticRows } from '#languages/sigma/pipelines/rw-elastic.ts'
import { defenderRows, sentinelRows } from '#languages/sigma/pipelines/rw-kusto.ts'
import { splunkRows } from '#languages/sigma/pipelines/rw-splunk.ts'
import type { SourceRow } from '#languages/sigma/pipelines/sources.ts'
import { nextTurn } from '#platform/turns.ts'
import { placeEvents, type PlacedEvent, type SampleEvent } from '#standins/estate/events.ts'
import { answers, edited } from '#standins/faults.ts'
import { partialError } from '#standins/microsoft/log-analytics.ts'
import { VENDORS, vendorWorld, type Vendor, type VendorWorld } from '#test/support/vendors.ts'

const world = await vendorWorld({ after })
const { app, admin, keep, targets } = world
const { house } = app

const PROGRAMS = ['whoami.exe', 'nltest.exe', 'quser.exe', 'svchost.exe']
const USERS = ['ada', 'backup', 'ci', 'ravi', 'vera']

/** Over a week; every tenth is the same as the one before, to the letter. */
function makeEvents(now: Instant): readonly SampleEvent[] {
  return Array.from({ length: 700 }, (_, n) => {
    const own = n % 10 === 9 ? n - 1 : n
    return {
      logsource: { category: 'process_creation', product: 'windows' },
      '@timestamp': formatInstant(addMs(now, -7 * DAY + HOUR + own * 13 * MINUTE)),
      Computer: 'ws-01.acme.example',
      Image: `C:\\Windows\\System32\\${PROGRAMS[own % 4]!}`,
      User: USERS[(own * 3) % 5]!,
    }
  })
}

/** As each of them keeps it. */
function bring({ held }: VendorWorld, events: readonly SampleEvent[]): void {
  const put = (rows: readonly SourceRow[], record: (placed: PlacedEvent, at: number) => object) =>
    placeEvents(rows, events).map((placed, at) => record(placed, at) as never)
  const timeOf = ({ atMs }: PlacedEvent) => new Date(atMs).toISOString()
  held.splunk.events = put(splunkRows(), ({ atMs, fields }) => ({
    _time: atMs / 1_000,
    index: 'windows',
    host: 'ws-01',
    ...fields,
  }))
  held.sentinel.tables.set(
    'WindowsEvent',
    put(sentinelRows(), (one) => ({ TimeGenerated: timeOf(one), ...one.fields })),
  )
  held.defender.events.set(
    'DeviceProcessEvents',
    put(defenderRows(), (one, at) => ({
      Timestamp: timeOf(one),
      ReportId: at + 1,
      DeviceId: 'ws-01',
      ...one.fields,
    })),
  )
  const documents = (style: 'stream' | 'beat', index: string) =>
    put(elasticRows(style), (one, at) => ({
      id: `one-${at}`,
      index,
      source: { '@timestamp': timeOf(one), ...one.fields },
    }))
  const beats = { names: ['winlogbeat-*'], privileges: ['read', 'view_index_metadata'] }
  const { writer } = held.elastic.users
  Object.assign(writer!, { indices: [...writer!.indices, beats] })
  held.elastic.documents = documents('stream', 'logs-windows.sysmon_operational-default')
  held.opensearch.documents = documents('beat', 'logs-windows')
}

const ruleText = (programs: readonly string[], filter: string) => `title: Runs a tool
logsource: {category: process_creation, product: windows}
level: high
tags: [attack.t1033]
detection:
  selection:
    Image|endswith: [${programs.map((one) => `'\\${one}'`).join(', ')}]
${filter === '' ? '' : `  filter: {User: ${filter}}\n`}  condition: selection${filter === '' ? '' : ' and not filter'}
rulewright:
  schedule: {every: 1h}
`

async function impactOf(ruleId: RuleId) {
  const items = VENDORS.map((vendor) => ({ ruleId, targetId: targets[vendor].id }))
  const wish = { title: 'Tune it', why: 'A test', origin: 'rules', items } as const
  const { id } = await openChange(house, admin(), wish)
  await nextTurn()
  asked = app.clock.now()
  await startImpact(house, admin(), id, { days: 7 })
  await app.runner.drain()
  await nextTurn()
  const impact = await readImpact(house, admin(), id)
  const byVendor = new Map(impact.items.map((item) => [item.kind as Vendor, item]))
  return { id, impact, of: (vendor: Vendor): BacktestItem => byVendor.get(vendor)! }
}

const events = makeEvents(app.clock.now())
bring(world, events)
const runs = (programs: readonly string[]) => (event: SampleEvent) =>
  programs.some((one) => String(event['Image']).endsWith(`\\${one}`))

function recount(stood: (event: SampleEvent) => boolean, stands: (event: SampleEvent) => boolean) {
  const count = (fits: (event: SampleEvent) => boolean) => events.filter(fits).length
  return {
    before: count(stood),
    after: count(stands),
    added: count((one) => stands(one) && !stood(one)),
    removed: count((one) => stood(one) && !stands(one)),
    kept: count((one) => stood(one) && stands(one)),
  }
}

/** Of a search that runs at each full hour and looks back 70 minutes. */
function runsThatFire(fits: (event: SampleEvent) => boolean): number {
  const times = events.filter(fits).map((event) => Date.parse(event['@timestamp']))
  const [from, to] = [asked - 7 * DAY, asked]
  let fired = 0
  for (let run = Math.ceil(from / HOUR) * HOUR; run <= to; run += HOUR) {
    if (run - 70 * MINUTE < from) continue
    if (times.some((at) => at >= run - 70 * MINUTE && at < run)) fired++
  }
  return fired
}

let ruleId: RuleId
let asked: number

test('on each vendor, what is added, removed and kept is what its events say', async () => {
  ruleId = await keep(ruleText(['whoami.exe', 'nltest.exe'], ''))
  const deployed = await world.deploy(ruleId, VENDORS)
  assert.equal(deployed.deployment.state, 'deployed', deployed.deployment.reason ?? '')
  await keep(ruleText(['whoami.exe', 'quser.exe'], 'backup'), ruleId)
  const { of, impact } = await impactOf(ruleId)
  const stood = runs(['whoami.exe', 'nltest.exe'])
  const stands = (event: SampleEvent) =>
    runs(['whoami.exe', 'quser.exe'])(event) && event['User'] !== 'backup'
  const expected = recount(stood, stands)
  assert.ok(
    Object.values(expected).every((count) => count > 50),
    'the premise',
  )
  for (const vendor of VENDORS) {
    const item = of(vendor)
    assert.equal(item.state, 'measured', `${vendor}: ${item.reason}`)
    const { before, after: then, added, removed, kept } = item.result!
    assert.deepEqual({ before, after: then, added, removed, kept }, expected, vendor)
    const pins = [
      ...(await listPins(house, admin(), item.beforeSearchId!)),
      ...(await listPins(house, admin(), item.afterSearchId!)),
    ]
    assert.deepEqual(
      ['added', 'kept', 'removed'].map(
        (wanted) => pins.filter(({ note }) => note === wanted).length,
      ),
      [3, 3, 3],
      vendor,
    )
  }
  const alerts = Object.fromEntries(VENDORS.map((vendor) => [vendor, of(vendor).result!.alerts]))
  const each = { before: expected.before, after: expected.after }
  const untold = { before: null, after: null }
  const hourly = { before: runsThatFire(stood), after: runsThatFire(stands) }
  assert.deepEqual(alerts, {
    splunk: hourly,
    sentinel: untold,
    defender: untold,
    elastic: each,
    opensearch: each,
  })
  assert.ok(hourly.before < expected.before, 'the premise')
  for (const vendor of ['sentinel', 'defender'] as const) {
    assert.match(of(vendor).result!.notes.join(' '), /Alerts are not counted: /)
  }
  assert.deepEqual([impact.total.before, impact.total.alerts.before], [expected.before * 5, null])
})

test('an exclusion counts, and what was not answered in whole is unknown and says why', async () => {
  await addExclusion(house, admin(), {
    text: `title: Ours\nlogsource: {product: windows}\nfilter: {rules: [${ruleId}], selection: {User: ci}, condition: not selection}\n`,
    owner: 'ravi@acme.example',
    reason: 'the build',
  })
  await nextTurn()
  const { elastic, microsoft } = world.standins
  elastic.faults.on(
    { path: '_query' },
    edited((value) => ({ ...(value as object), is_partial: true })),
  )
  const cause = partialError('-2133196797', 'Query execution has exceeded the allowed memory.')
  microsoft.faults.on(
    { path: '/query', where: ({ path }) => path.includes('/workspaces/') },
    edited((value) => ({ ...(value as object), error: cause })),
  )
  microsoft.faults.on({ path: 'runHuntingQuery' }, answers(403, { error: { code: 'Forbidden' } }))
  const faulty = await impactOf(ruleId)
  const told = VENDORS.map((vendor) => [vendor, faulty.of(vendor).state])
  const reasons = new Map(VENDORS.map((vendor) => [vendor, faulty.of(vendor).reason ?? '']))
  assert.deepEqual(Object.fromEntries(told), {
    splunk: 'measured',
    sentinel: 'unknown',
    defender: 'unknown',
    elastic: 'unknown',
    opensearch: 'unknown',
  })
  assert.match(reasons.get('sentinel')!, /answered in part: Query execution/)
  assert.match(reasons.get('defender')!, /not answered\. The app lacks/)
  assert.match(reasons.get('elastic')!, /answered in part/)
  assert.match(reasons.get('opensearch')!, /no filters/)

  for (const { faults } of Object.values(world.standins)) faults.clear()
  const { of } = await impactOf(ruleId)
  const stood = runs(['whoami.exe', 'nltest.exe'])
  const stands = (event: SampleEvent) =>
    runs(['whoami.exe', 'quser.exe'])(event) && !['backup', 'ci'].includes(String(event['User']))
  const expected = recount(stood, stands)
  for (const vendor of VENDORS) {
    if (vendor === 'opensearch') continue
    const { before, after: then, added, removed, kept } = of(vendor).result!
    assert.deepEqual({ before, after: then, added, removed, kept }, expected, vendor)
  }
})
