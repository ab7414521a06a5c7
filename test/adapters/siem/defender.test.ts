// Defender through the adapter, against a stand-in of Microsoft Graph: the way from a sign-in to rows and
// rules, and the refusals that tell most.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SiemPort } from '#domain/targets/port.ts'
import type { Json } from '#kernel/json.ts'
import { addMs, HOUR, MINUTE } from '#kernel/time.ts'
import { START } from '#test/support/clock.ts'
import { defenderWorld, detectionBody, finished, huntFor, pagesOf } from '#test/support/defender.ts'
import { refusal } from '#test/support/siem.ts'

const EVENTS = Array.from({ length: 20 }, (_, at) => ({
  Timestamp: new Date(START - HOUR + at * MINUTE).toISOString(),
  DeviceName: `device-${at % 4}`,
  FileName: at % 5 === 0 ? 'whoami.exe' : 'cmd.exe',
  AdditionalFields: { at },
  IsProcessRemoteSession: at % 2 === 0,
}))
const { tenant, open, seen } = await defenderWorld(new Map([['DeviceProcessEvents', EVENTS]]))
const never = new AbortController().signal

const BODY = detectionBody('Whoami as system')

function drift(port: SiemPort, wanted: typeof BODY, found: Readonly<Record<string, Json>>) {
  return Object.entries(port.rules!.normalise(wanted)).flatMap(([key, value]) =>
    JSON.stringify(found[key] ?? '') === JSON.stringify(value) ? [] : [key],
  )
}

test('a check says what is there and who we are', async () => {
  assert.deepEqual(await open().check(never), {
    product: 'Microsoft Defender XDR',
    version: null,
    identity: 'rulewright',
    clockSkewMs: 0,
    expiresAt: null,
  })
})

test('privileges name what is missing, and what is too much', async () => {
  const reader = await open(['ThreatHunting.Read.All', 'Directory.ReadWrite.All']).privileges(
    'read',
    never,
  )
  assert.deepEqual(
    reader.needed.map(({ name, isHeld }) => [name, isHeld]),
    [
      ['ThreatHunting.Read.All', true],
      ['CustomDetection.Read.All', false],
    ],
  )
  assert.deepEqual(
    reader.excess.map(({ name, why }) => [name, why]),
    [['Directory.ReadWrite.All', 'Changes people, groups and apps of the tenant.']],
  )
  assert.match(reader.needed[1]!.fix, /CustomDetection\.Read\.All; then Grant admin consent/)
})

test('a search is bounded in its own text, and its rows come in pages', async () => {
  const port = open()
  const query =
    'DeviceProcessEvents | where FileName == "cmd.exe" | project Timestamp, DeviceName, AdditionalFields, IsProcessRemoteSession'
  const { remote } = await port.search.start(
    huntFor(query, { from: addMs(START, -2 * HOUR), to: addMs(START, -50 * MINUTE), rowsMax: 100 }),
    never,
  )
  assert.deepEqual(await finished(port, remote), {
    kind: 'done',
    found: 8,
    scanned: null,
    completeness: { kind: 'complete' },
    notices: ['The range of time was written into the query, behind DeviceProcessEvents.'],
  })
  const pages = await pagesOf(port, remote, 5)
  assert.deepEqual(
    pages.map(({ rows }) => rows.length),
    [5, 3],
  )
  assert.deepEqual(pages[0]!.rows[0]!.slice(1), ['device-1', { at: 1 }, false])
  const [call] = seen('POST', 'runHuntingQuery')
  assert.deepEqual(JSON.parse(call!.body), {
    Query: `DeviceProcessEvents | where Timestamp >= datetime(2026-11-21T08:00:00.000Z) and Timestamp < datetime(2026-11-21T09:10:00.000Z)${query.slice('DeviceProcessEvents'.length)}\n| take 101\n// Rulewright, ada: hunt`,
    Timespan: '2026-11-21T08:00:00.000Z/2026-11-21T09:10:00.000Z',
  })
})

test('a query that Defender cannot run is refused with the place', async () => {
  const [problem] = await open().validate(
    { language: 'kusto', text: 'DeviceProcessEvents | where Nope == 1' },
    never,
  )
  assert.match(problem!.message, /'?Nope/)
  assert.deepEqual(
    await open().validate({ language: 'kusto', text: BODY.queryCondition.queryText }, never),
    [],
  )
})

test('a rule is made, read back without drift, changed where it is named, and removed', async () => {
  const port = open()
  const made = await port.rules!.put({ ref: '', body: BODY, replaces: null }, never)
  assert.deepEqual(
    [made.name, made.isEnabled, drift(port, BODY, made.normalised)],
    [BODY.displayName, true, []],
  )
  const theirs = tenant.rules.get(made.ref)!
  theirs.body = {
    ...theirs.body,
    detectionAction: {
      ...(theirs.body['detectionAction'] as object),
      organizationalScope: { scopeType: 'deviceGroup', scopeNames: ['Paris'] },
    },
  }
  const [known] = (await port.rules!.list(never)).rules
  const off = await port.rules!.put(
    { ref: made.ref, body: { isEnabled: false }, replaces: known! },
    never,
  )
  assert.equal(off.isEnabled, false)
  assert.deepEqual(
    (theirs.body['detectionAction'] as { organizationalScope: unknown }).organizationalScope,
    { scopeType: 'deviceGroup', scopeNames: ['Paris'] },
  )
  const error = await refusal(port.rules!.remove(made.ref, made, never))
  assert.deepEqual(
    [error.code, error.message],
    ['stale', 'Whoami as system was changed on Defender meanwhile by rulewright.'],
  )
  await port.rules!.remove(made.ref, off, never)
  assert.equal(await port.rules!.read(made.ref, never), null)
})

test('what the app may not do is told with the permission that is missing', async () => {
  const error = await refusal(open(['ThreatHunting.Read.All']).rules!.list(never))
  assert.equal(error.code, 'forbidden')
  assert.match(error.message, /lacks a permission of Microsoft Graph/)
  assert.match(JSON.stringify(error.details), /CustomDetection\.Read\.All/)
})

test('a query runs over events that Defender never keeps', async () => {
  const port = open()
  const run = (text: string, events: readonly Json[]) =>
    port.test!({ language: 'kusto', text }, events, never)
  const events: readonly Json[] = [
    { FileName: 'whoami.exe', ProcessId: 7, AdditionalFields: { a: ["it's", 'C:\\x'] } },
    { FileName: 'cmd.exe', Timestamp: '2020-01-01T00:00:00Z', Own: 'x\ny' },
  ]
  const recent = 'DeviceProcessEvents | where Timestamp > ago(1h) and DeviceName == ""'
  assert.deepEqual((await run(recent, events)).matched, [1])
  const nested = `DeviceProcessEvents | where ProcessId == 7 and AdditionalFields.a[1] == @"C:\\x"`
  assert.deepEqual((await run(nested, events)).matched, [0])
  assert.deepEqual((await run('DeviceProcessEvents | where Own == "x\\ny"', events)).matched, [1])
  const counted = await run('DeviceProcessEvents | summarize count() by FileName', events)
  assert.deepEqual([counted.matched, counted.rows], [null, 2])
  assert.deepEqual((await run('DeviceProcessEvents | where FileName == "no"', events)).matched, [])
  const two = await refusal(run('DeviceEvents | union DeviceProcessEvents', events))
  assert.match(two.message, /Event 1 must say in “Type”/)
  const outside = 'externaldata(a:string)["https://x.example/a.csv"]'
  assert.equal((await refusal(run(outside, events))).code, 'unsupported')
})
