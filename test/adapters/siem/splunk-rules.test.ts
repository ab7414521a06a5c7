// Rules of Splunk through the adapter: kept without false drift, never written over somebody else's change,
// and what a person is told when a write goes wrong.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SiemPort } from '#domain/targets/port.ts'
import type { Json } from '#kernel/json.ts'
import {
  answers,
  badGateway,
  dropped,
  edited,
  retypedFields,
  unknownFields,
} from '#standins/faults.ts'
import { refusal } from '#test/support/siem.ts'
import { account, savedSearch, splunkWorld } from '#test/support/splunk.ts'

const { estate, standin, open, seen } = await splunkWorld(() => ({}))
const never = new AbortController().signal

const BODY = {
  name: 'Rule A/B 100% ü',
  search: 'index=main status=404\n| stats count by user \n',
  description: 'Finds what is not there',
  is_scheduled: true,
  cron_schedule: '*/5  * * * *',
  disabled: false,
  'alert.severity': 4,
  'alert.track': '1',
  'alert.suppress': false,
  'alert.suppress.fields': '',
  'action.notable': '1',
  'action.notable.param.drilldown_searches': '[{"name":"d","search":"index=main"}]',
  'action.unheard.param.of': 'true',
  actions: 'risk,notable',
}

/** Names the fields in which what stands there differs from what was written. */
function drift(
  port: SiemPort,
  body: Readonly<Record<string, Json>>,
  seen: Readonly<Record<string, Json>>,
) {
  return Object.entries(port.rules!.normalise(body)).flatMap(([key, value]) =>
    (seen[key] ?? '') === value ? [] : [key],
  )
}

test('a rule is made, shared, read back without false drift, changed, switched and taken away', async () => {
  const port = open()
  const rules = port.rules!
  const ref = rules.refOf!(BODY.name)
  assert.equal(ref, 'nobody/search/Rule A/B 100% ü')
  assert.equal(await rules.read(ref, never), null)
  const made = await rules.put({ ref, body: BODY, replaces: null }, never)
  assert.equal(made.ref, ref)
  assert.deepEqual(drift(port, BODY, made.normalised), [])
  assert.equal(made.isEnabled, true)
  const acl = standin.requests.find(({ path }) => path.endsWith('/acl'))!
  assert.deepEqual([...new URLSearchParams(acl.body)].slice(0, 2), [
    ['sharing', 'app'],
    ['owner', 'nobody'],
  ])
  const { name: _, ...settings } = BODY
  const changed = await rules.put(
    { ref, body: { 'alert.severity': 5, description: 'Other words' }, replaces: made },
    never,
  )
  assert.deepEqual(
    drift(
      port,
      { ...settings, 'alert.severity': 5, description: 'Other words' },
      changed.normalised,
    ),
    [],
  )
  assert.deepEqual(drift(port, settings, changed.normalised), ['alert.severity', 'description'])
  const off = await rules.setEnabled(ref, false, never)
  assert.equal(off.isEnabled, false)
  assert.deepEqual(
    (await rules.list(never)).rules.map((rule) => [rule.ref, rule.isEnabled]),
    [[ref, false]],
  )
  await rules.remove(ref, off, never)
  assert.equal(await rules.read(ref, never), null)
})

test('a write that somebody was faster than is refused as stale, and nothing is written', async () => {
  const port = open()
  const ref = port.rules!.refOf!(BODY.name)
  const made = await port.rules!.put({ ref, body: BODY, replaces: null }, never)
  estate.savedSearches[0]!.settings.set('description', 'portal')
  const before = standin.requests.length
  const error = await refusal(
    port.rules!.put({ ref, body: { 'alert.severity': 6 }, replaces: made }, never),
  )
  assert.deepEqual(
    [error.code, error.message],
    ['stale', 'Rule A/B 100% ü was changed on Splunk meanwhile.'],
  )
  assert.ok(standin.requests.slice(before).every(({ method }) => method === 'GET'))
  estate.savedSearches = []
  assert.equal((await refusal(port.rules!.remove(ref, made, never))).code, 'stale')
  await port.rules!.put({ ref, body: BODY, replaces: null }, never)
  const twice = await refusal(port.rules!.put({ ref, body: BODY, replaces: null }, never))
  assert.equal(twice.code, 'conflict')
})

test('the list holds what runs by itself, private rules and those of applications that were asked for', async () => {
  estate.savedSearches = [
    savedSearch('Scheduled'),
    savedSearch('Report', { settings: new Map([['search', 'index=main']]) }),
    savedSearch('Mine', { owner: 'writer', sharing: 'user' }),
    savedSearch('Security', { app: 'SplunkEnterpriseSecuritySuite' }),
  ]
  const { rules } = await open().rules!.list(never)
  assert.deepEqual(
    rules.map(({ ref }) => ref),
    [
      'nobody/search/Scheduled',
      'writer/search/Mine',
      'nobody/SplunkEnterpriseSecuritySuite/Security',
    ],
  )
  assert.deepEqual(rules[1]!.notices, ['Private to writer: nobody else sees it.'])
  const here = await open({ settings: { apps: ['search'] } }).rules!.list(never)
  assert.equal(here.rules.length, 2)
})

const RULE = { name: 'Rule A', search: 'index=main', is_scheduled: '1', cron_schedule: '* * * * *' }
const REF = 'nobody/search/Rule A'

test('a write whose answer is lost is not sent again, and can be read', async () => {
  standin.faults.on({ method: 'POST', path: /\/saved\/searches$/ }, dropped('after'))
  const port = open()
  const error = await refusal(port.rules!.put({ ref: REF, body: RULE, replaces: null }, never))
  assert.deepEqual([error.code, error.details['ambiguous']], ['upstream', true])
  assert.equal(seen('POST', '/saved/searches').length, 1)
  assert.equal((await port.rules!.read(REF, never))?.name, 'Rule A')
})

test('a proxy before a write is told, and the write is not sent again', async () => {
  standin.faults.on({ method: 'POST', path: /\/saved\/searches$/ }, badGateway())
  const error = await refusal(open().rules!.put({ ref: REF, body: RULE, replaces: null }, never))
  assert.equal(error.code, 'upstream')
  assert.equal(seen('POST', '/saved/searches').length, 1)
})

test('a new rule that another member does not show yet is taken as it was made', async () => {
  standin.faults.on({ method: 'GET', path: /Rule%20A$/ }, answers(404, { messages: [] }))
  const made = await open().rules!.put({ ref: REF, body: RULE, replaces: null }, never)
  assert.equal(made.normalised['search'], 'index=main')
  assert.deepEqual(made.notices, ['The member of the cluster that answers does not show it yet.'])
})

test('a credential that may not write is told which rights are missing', async () => {
  const reader = open({ credential: account('reader') })
  const error = await refusal(reader.rules!.put({ ref: REF, body: RULE, replaces: null }, never))
  assert.equal(error.code, 'forbidden')
  assert.match(JSON.stringify(error.details['problems']), /insufficient permission/)
})

test('a rule that is retyped or has new fields is no other rule', async () => {
  const port = open()
  const made = await port.rules!.put({ ref: REF, body: RULE, replaces: null }, never)
  for (const fault of [retypedFields(), unknownFields()]) {
    const bite = standin.faults.on({ method: 'GET', path: 'saved/searches' }, fault)
    const now = await port.rules!.read(REF, never)
    for (const [key, value] of Object.entries(port.rules!.normalise(RULE))) {
      assert.equal(now!.normalised[key], value, `${fault.name} ${key}`)
    }
    bite.off()
  }
  assert.ok(made)
})

test('a list that moves while it is read is partial, and nothing in it stands twice', async () => {
  estate.savedSearches = Array.from({ length: 250 }, (_, at) => savedSearch(`Rule ${at}`))
  const still = await open().rules!.list(never)
  assert.deepEqual([still.rules.length, still.completeness.kind], [250, 'complete'])
  standin.faults.on(
    { path: /\/saved\/searches$/, times: 1 },
    edited((value) => {
      estate.savedSearches.unshift({ ...estate.savedSearches[0]!, name: 'Newer' })
      return value
    }),
  )
  const moved = await open().rules!.list(never)
  assert.equal(moved.completeness.kind, 'partial')
  assert.equal(new Set(moved.rules.map(({ ref }) => ref)).size, moved.rules.length)
})

test('what comes with an application cannot be taken away, and that is told', async () => {
  const shipped = new Map(Object.entries({ search: 'index=main', is_scheduled: '1' }))
  estate.savedSearches = [savedSearch('Rule A', { shipped })]
  const port = open()
  const rule = await port.rules!.read(REF, never)
  const error = await refusal(port.rules!.remove(REF, rule!, never))
  assert.equal(error.code, 'conflict')
})
