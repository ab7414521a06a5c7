// Test cases of rules: run where somebody asks, kept as history, told in lists, pages and the API.

import assert from 'node:assert/strict'
import test from 'node:test'
import { systemCaller } from '#domain/access/system.ts'
import { createRule, saveRule } from '#domain/rules/actions.ts'
import { saveRules } from '#domain/rules/save-many.ts'
import { getRule, listRules } from '#domain/rules/reading.ts'
import { listTestRuns, runManyTests, runTests } from '#domain/rules/testing/actions.ts'
import type { CaseResult } from '#domain/rules/testing/test-run.ts'
import { traceLine } from '#domain/rules/testing/trace.ts'
import { addStarterRules } from '#domain/rules/starter.ts'
import { starterRules } from '#src/starter/starter.ts'
import { startProgram } from '#test/support/api.ts'
import { startApp, type TestApp } from '#test/support/start-app.ts'

const WHOAMI = `title: Whoami as system
name: whoami
logsource: {category: process_creation, product: windows}
detection:
  selection: {Image|endswith: '\\whoami.exe', User|contains: [SYSTEM, ROOT]}
  filter: {Parent: trusted.exe}
  condition: selection and not filter
rulewright:
  tests:
    - {name: fires, expect: match, events: [{Image: 'C:\\whoami.exe', User: SYSTEM}]}
    - {name: silent for a user, expect: no_match, events: [{Image: 'C:\\whoami.exe', User: ada}]}
`
const WRONG = WHOAMI.replace('User: ada', 'User: ROOT').replace('User: SYSTEM', 'User: ada')
const MANY = `title: Many whoami
correlation: {type: event_count, rules: [whoami], group-by: [Host], timespan: 5m, condition: {gte: 2}}
rulewright:
  tests:
    - name: twice on one host
      expect: match
      groups: [{Host: a}]
      events:
        - {'@timestamp': '2026-01-01T00:00:00Z', Image: 'C:\\whoami.exe', User: SYSTEM, Host: a}
        - {'@timestamp': '2026-01-01T00:01:00Z', Image: 'C:\\whoami.exe', User: SYSTEM, Host: a}
    - name: on two hosts
      expect: no_match
      events:
        - {'@timestamp': '2026-01-01T00:00:00Z', Image: 'C:\\whoami.exe', User: SYSTEM, Host: a}
        - {'@timestamp': '2026-01-01T00:01:00Z', Image: 'C:\\whoami.exe', User: SYSTEM, Host: b}
`
const NATIVE = `title: In the words of targets
rulewright:
  implementations:
    splunk: {query: 'index=win User=SYSTEM | stats count by Host | where count > 1'}
    opensearch: {query: 'User:SYSTEM'}
  tests:
    - name: fires
      expect: match
      events: [{index: win, User: SYSTEM, Host: a}, {index: win, User: SYSTEM, Host: a}]
    - {name: silent, expect: no_match, events: [{index: win, User: SYSTEM, Host: a}]}
`

function callerIn({ house, acme }: TestApp) {
  return systemCaller(house, 'test', undefined, acme.id)
}

async function add(app: TestApp, text: string) {
  const input = { text, reason: '', origin: 'written' } as const
  return (await createRule(app.house, callerIn(app), input)).rule.id
}

const told = ({ name, on, verdict }: CaseResult) => [name, on, verdict]

test('a rule is told whether its cases hold, and why one does not', async (t) => {
  const app = await startApp(t)
  const { house } = app
  const caller = callerIn(app)
  const id = await add(app, WHOAMI)
  assert.equal((await getRule(house, caller, id)).testVerdict, null)
  const first = await runTests(house, caller, id)
  assert.deepEqual([first.verdict, first.passed, first.failed, first.version], ['passed', 2, 0, 1])
  assert.equal((await getRule(house, caller, id)).testVerdict, 'passed')

  await saveRule(house, caller, id, { text: WRONG, reason: '', expected: 'any' })
  assert.equal((await getRule(house, caller, id)).testVerdict, null, 'a new text is not tested')
  app.clock.advance(1_000)
  const second = await runTests(house, callerIn(app), id)
  assert.deepEqual([second.verdict, second.failed, second.version], ['failed', 2, 2])
  const [missed, found] = second.results
  assert.equal(missed!.message, 'expected match, but no event matched')
  assert.deepEqual(missed!.traces[0]!.lines.map(traceLine), [
    '  ✗ and',
    '    ✗ selection',
    '      ✗ and',
    '        ✗ or',
    '          ✗ User contains "SYSTEM", saw "ada"',
    '          ✗ User contains "ROOT", saw "ada"',
  ])
  assert.equal(found!.message, 'expected no_match, but 1 matched')
  assert.ok(
    found!.traces[0]!.lines.map(traceLine).includes('          ✓ User contains "ROOT", saw "ROOT"'),
  )
  const runs = await listTestRuns(house, caller, id, 10)
  assert.deepEqual(
    runs.map(({ version, verdict }) => [version, verdict]),
    [
      [2, 'failed'],
      [1, 'passed'],
    ],
  )
  const failing = { filter: { tests: 'failed' }, sort: 'title', limit: 10 } as const
  assert.equal((await listRules(house, caller, failing)).count, 1)
})

test('a correlation is tested with the rules it builds on, wherever they are', async (t) => {
  const app = await startApp(t)
  const caller = callerIn(app)
  const id = await add(app, MANY)
  const alone = await runTests(app.house, caller, id)
  assert.equal(alone.verdict, 'failed')
  assert.match(alone.results[0]!.message!, /whoami/)
  await add(app, WHOAMI)
  const together = await runTests(app.house, caller, id)
  assert.deepEqual(together.results.map(told), [
    ['twice on one host', null, 'passed'],
    ['on two hosts', null, 'passed'],
  ])
})

test('a native rule is run where its language is known, and else needs the target', async (t) => {
  const app = await startApp(t)
  const id = await add(app, NATIVE)
  const { results, verdict } = await runTests(app.house, callerIn(app), id)
  assert.deepEqual(results.map(told), [
    ['fires', 'splunk', 'passed'],
    ['silent', 'splunk', 'passed'],
    ['fires', 'opensearch', 'untold'],
    ['silent', 'opensearch', 'untold'],
  ])
  assert.equal(verdict, 'untold')
})

test('many are run in batches, each kept with its rule; what has no cases is left out', async (t) => {
  const app = await startApp(t)
  const { house } = app
  const caller = callerIn(app)
  const texts = [
    ...Array.from({ length: 120 }, (_, at) => WHOAMI.replace('name: whoami', `name: who${at}`)),
    WRONG,
    WHOAMI.slice(0, WHOAMI.indexOf('rulewright:')),
  ]
  const items = texts.map((text) => ({ text, reason: '', origin: 'imported' as const }))
  await saveRules(house, caller, items)
  const seen: number[] = []
  const all = await runManyTests(
    house,
    caller,
    {},
    {
      signal: new AbortController().signal,
      progress: (done, total) => seen.push(done, total),
    },
  )
  assert.deepEqual(all, { rules: 121, passed: 240, failed: 2, untold: 0 })
  assert.deepEqual(seen, [100, 121, 121, 121])
  const counts = await Promise.all(
    (['passed', 'failed', 'not_run'] as const).map(async (tests) => {
      const page = await listRules(house, caller, { filter: { tests }, sort: 'title', limit: 1 })
      return page.count
    }),
  )
  assert.deepEqual(counts, [120, 1, 1])
})

test('the page of a rule runs its tests and shows why one failed; a viewer only looks', async (t) => {
  const app = await startApp(t)
  const { ravi, vera } = app.cast
  const id = await add(app, WRONG.replace('name: fires', "name: '<b>fires</b>'"))
  const path = `/w/acme/rules/${id}/tests`
  const headers = { Origin: app.url, 'Content-Type': 'application/x-www-form-urlencoded' }
  const refused = await app.fetchAs(vera, path, { method: 'POST', headers })
  assert.equal(refused.status, 403)
  assert.match(await (await app.fetchAs(vera, path)).text(), /Not run yet/)
  const ran = await app.fetchAs(ravi, path, { method: 'POST', headers })
  assert.equal(ran.status, 303)
  const shown = await (await app.fetchAs(vera, path)).text()
  assert.match(shown, /&lt;b&gt;fires&lt;\/b&gt;/)
  assert.match(shown, /✗ User contains &quot;SYSTEM&quot;, saw &quot;ada&quot;/)
  assert.ok(!shown.includes('Run tests'))
  assert.match(await (await app.fetchAs(ravi, path)).text(), /Run tests/)
})

test('an event that somebody pastes becomes a case of what the rule does with it', async (t) => {
  const app = await startApp(t)
  const { house } = app
  const id = await add(app, `# ours\n${WHOAMI}`)
  const headers = { Origin: app.url, 'Content-Type': 'application/x-www-form-urlencoded' }
  const paste = (name: string, event: string) =>
    app.fetchAs(app.cast.ravi, `/w/acme/rules/${id}/tests/cases`, {
      method: 'POST',
      headers,
      body: new URLSearchParams({ name, event }).toString(),
    })
  assert.equal((await paste('as root', '{"Image":"D:\\\\whoami.exe","User":"ROOT"}')).status, 303)
  assert.equal((await paste('of a tool', '{"Image":"whoami.exe.bak","User":"ROOT"}')).status, 303)
  assert.equal((await paste('none', '[1')).status, 422)
  const { text, version, positiveTests, negativeTests } = await getRule(house, callerIn(app), id)
  assert.deepEqual([version, positiveTests, negativeTests], [3, 2, 2])
  assert.ok(text.startsWith(`# ours\n${WHOAMI.slice(0, WHOAMI.indexOf('rulewright'))}`))
  const { passed, failed } = await runTests(house, callerIn(app), id)
  assert.deepEqual([passed, failed], [4, 0])
})

test('an event becomes a case of a native rule where its language is run here', async (t) => {
  const app = await startApp(t)
  const id = await add(app, NATIVE.replace(' | where count > 1', ''))
  const headers = { Origin: app.url, 'Content-Type': 'application/x-www-form-urlencoded' }
  const paste = (name: string, event: string) =>
    app.fetchAs(app.cast.ravi, `/w/acme/rules/${id}/tests/cases`, {
      method: 'POST',
      headers,
      body: new URLSearchParams({ name, event }).toString(),
    })
  assert.equal((await paste('as ada', '{"index":"win","User":"ada","Host":"b"}')).status, 303)
  assert.equal((await paste('as system', '{"index":"win","User":"SYSTEM","Host":"b"}')).status, 303)
  const { positiveTests, negativeTests } = await getRule(app.house, callerIn(app), id)
  assert.deepEqual([positiveTests, negativeTests], [2, 2])
  const unknown = NATIVE.replace(/^ {4}splunk:.*\n/m, '')
  assert.notEqual(unknown, NATIVE, 'the premise')
  const other = await add(app, unknown)
  const refused = await app.fetchAs(app.cast.ravi, `/w/acme/rules/${other}/tests/cases`, {
    method: 'POST',
    headers,
    body: new URLSearchParams({ name: 'x', event: '{"a":1}' }).toString(),
  })
  assert.equal(refused.status, 422)
})

test('cases are made of the rule itself, shown before they are added, and all of them hold', async (t) => {
  const app = await startApp(t)
  const { house } = app
  const { ravi, vera } = app.cast
  const id = await add(app, `# ours\n${WHOAMI}`)
  const path = `/w/acme/rules/${id}/tests`
  const headers = { Origin: app.url, 'Content-Type': 'application/x-www-form-urlencoded' }
  const shown = await (await app.fetchAs(ravi, `${path}/generated`)).text()
  assert.match(shown, /Add 1 match and 3 near-misses/)
  assert.match(shown, /silent when filter holds/)
  assert.ok(!(await (await app.fetchAs(vera, `${path}/generated`)).text()).includes('Add 1 match'))
  assert.equal((await getRule(house, callerIn(app), id)).version, 1, 'nothing was written')
  const press = () => app.fetchAs(ravi, `${path}/generated`, { method: 'POST', headers })
  assert.equal((await press()).status, 303)
  const { version, text } = await getRule(house, callerIn(app), id)
  assert.equal(version, 2)
  assert.ok(text.startsWith(`# ours\n${WHOAMI}`))
  const run = await runTests(house, callerIn(app), id)
  assert.deepEqual([run.passed, run.failed], [6, 0])
  assert.equal((await press()).status, 422, 'there is no more to add')
})

test('a run is JUnit for build systems: failures explained, what needs the target skipped', async (t) => {
  const app = await startApp(t)
  const { call } = await startProgram(app, app.cast.ravi, { scopes: ['rules:read'] })
  const wrong = await add(app, WRONG.replace('name: fires', "name: '<b>fires</b>'"))
  const path = `/rules/${wrong}/tests/junit`
  assert.match(await (await call(path)).text(), /tests="0"/)
  await runTests(app.house, callerIn(app), wrong)
  const answer = await call(path)
  assert.equal(answer.headers.get('Content-Type'), 'application/xml')
  const xml = await answer.text()
  assert.match(xml, /tests="2" failures="2">/)
  assert.match(xml, /name="&lt;b&gt;fires&lt;\/b&gt;"/)
  assert.match(xml, /✗ User contains &quot;SYSTEM&quot;/)
  const page = await app.fetchAs(app.cast.vera, `/w/acme/rules/${wrong}/tests/junit`)
  assert.equal(await page.text(), xml)
  const native = await add(app, NATIVE)
  await runTests(app.house, callerIn(app), native)
  const told = await (await call(`/rules/${native}/tests/junit`)).text()
  assert.match(told, /failures="0" skipped="2"/)
  assert.match(told, /name="fires \(splunk\)"\/>/)
})

test('a program of an analyst runs the tests of all rules as a job that counts', async (t) => {
  const app = await startApp(t)
  await add(app, WHOAMI)
  await add(app, WRONG.replace('name: whoami', 'name: other'))
  const { call } = await startProgram(app, app.cast.ravi, { scopes: ['tests:run'] })
  const answer = await call('/tests/run', { json: { all: true } })
  assert.equal(answer.status, 202)
  const { job } = (await answer.json()) as { job: { id: string } }
  const events = await (await call(`/jobs/${job.id}/events`)).text()
  assert.match(events, /succeeded/)
  const { progress } = (await (await call(`/jobs/${job.id}`)).json()) as {
    progress: { note: string }
  }
  assert.equal(progress.note, '2 passed, 2 failed, 0 need the target')
})

test('the starter rules are added once, and every case of theirs holds', async (t) => {
  const app = await startApp(t)
  const { house } = app
  const caller = callerIn(app)
  const { ravi } = app.cast
  const headers = { Origin: app.url, 'Content-Type': 'application/x-www-form-urlencoded' }
  const press = () => app.fetchAs(ravi, '/w/acme/rules/starter', { method: 'POST', headers })
  assert.match(await (await app.fetchAs(ravi, '/w/acme/rules')).text(), /Add starter rules/)
  assert.equal((await press()).status, 303)
  const texts = starterRules()
  const wanted = { filter: {}, sort: 'title', limit: 1 } as const
  const { items, count } = await listRules(house, caller, wanted)
  assert.equal(count, texts.length)
  const { id } = items[0]!
  const edited = `${(await getRule(house, caller, id)).text}# ours\n`
  await saveRule(house, caller, id, { text: edited, reason: '', expected: 'any' })
  const again = await addStarterRules(house, caller)
  assert.deepEqual(again, { added: 0, present: texts.length })
  assert.equal((await getRule(house, caller, id)).text, edited, 'what somebody changed stays')
  const watch = { signal: new AbortController().signal, progress: () => {} }
  const told = await runManyTests(house, caller, {}, watch)
  assert.deepEqual([told.rules, told.failed, told.untold], [texts.length, 0, 0])
  const tested = { ...wanted, filter: { tests: 'complete' } } as const
  assert.equal((await listRules(house, caller, tested)).count, texts.length)
})
