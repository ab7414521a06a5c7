import assert from 'node:assert/strict'
import test from 'node:test'
import { systemCaller } from '#domain/access/system.ts'
import { createRule } from '#domain/rules/actions.ts'
import { getRule } from '#domain/rules/reading.ts'
import { listRenders } from '#domain/rules/renders/actions.ts'
import { runTests } from '#domain/rules/testing/actions.ts'
import { startApp, type TestApp } from '#test/support/start-app.ts'

const SPL = `# from the old place
title: Console sign-in by root
rulewright:
  implementations:
    splunk:
      type: query
      query: 'index=aws sourcetype=aws:cloudtrail eventName=ConsoleLogin userIdentity.type=Root NOT sourceIPAddress=10.*'
      settings: {dispatch.earliest_time: -60m}
  tests:
    - name: fires on root
      expect: match
      events: [{index: aws, sourcetype: 'aws:cloudtrail', eventName: ConsoleLogin, userIdentity: {type: Root}, sourceIPAddress: 192.0.2.7}]
`

const native = (kind: string, query: string, settings = '{}') =>
  `title: Native\nrulewright:\n  implementations:\n    ${kind}: {type: query, query: ${JSON.stringify(query)}, settings: ${settings}}\n`

test('a native query that is proved is offered as Sigma, and taking it keeps the query', async (t) => {
  const app = await startApp(t)
  const { id, text } = await add(app, SPL)
  const html = await (await app.fetchAs(app.cast.vera, `/w/acme/rules/${id}/query`)).text()
  assert.match(html, /As Sigma, from Splunk/)
  assert.match(html, /index=aws/)
  assert.doesNotMatch(html, /Add this detection/, 'a viewer changes nothing')
  const answer = await app.fetchAs(app.cast.ravi, `/w/acme/rules/${id}/sigma`, {
    method: 'POST',
    body: new URLSearchParams({ kind: 'splunk' }),
    headers: { 'Sec-Fetch-Site': 'same-origin' },
    redirect: 'manual',
  })
  assert.equal(answer.status, 303, await answer.text())
  const rule = await getRule(app.house, caller(app), id)
  assert.equal(rule.format, 'mixed')
  assert.ok(rule.text.startsWith(text.trimEnd().split('\n')[0]!), 'comments stay')
  assert.ok(rule.text.includes('dispatch.earliest_time: -60m'))
  assert.match(rule.text, /service: cloudtrail/)
  assert.equal(rule.errorCount, 0)
  const renders = await listRenders(app.house, caller(app), id)
  const sentinel = renders.find(({ kind }) => kind === 'sentinel')!
  assert.match(sentinel.queries[0]!, /AWSCloudTrail/, 'it compiles for other places now')
  const { failed, passed } = await runTests(app.house, caller(app), id)
  assert.deepEqual({ failed, passed }, { failed: 0, passed: 2 }, 'the case holds for both')
})

test('what is not proved is not offered, and says why', async (t) => {
  const app = await startApp(t)
  const cases: readonly (readonly [text: string, why: RegExp])[] = [
    [
      native('splunk', 'index=a sourcetype=aws:cloudtrail eventName=x | stats count'),
      /counts or groups/,
    ],
    [native('splunk', 'index=a sourcetype=unknown x=1'), /No log source/],
    [native('splunk', 'sourcetype=aws:cloudtrail root'), /raw event/],
    [
      native('sentinel', 'AWSCloudTrail | where strlen(EventName) > 3'),
      /compares what it computes/,
    ],
    [
      native('sentinel', 'AWSCloudTrail | where EventName == "x"', '{triggerThreshold: 5}'),
      /counts events/,
    ],
    [native('opensearch', 'a:b'), /not run here/],
  ]
  for (const [text, why] of cases) {
    const { id } = await add(app, text)
    const html = await (await app.fetchAs(app.cast.ravi, `/w/acme/rules/${id}/query`)).text()
    assert.match(html, why, text)
  }
  const { id: counting } = await add(app, cases[0]![0])
  const answer = await app.fetchAs(app.cast.ravi, `/w/acme/rules/${counting}/sigma`, {
    method: 'POST',
    body: new URLSearchParams({ kind: 'splunk' }),
    headers: { 'Sec-Fetch-Site': 'same-origin' },
  })
  assert.equal(answer.status, 409)
  const { id } = await add(app, native('sentinel', 'AWSCloudTrail | where EventName == "x"'))
  const html = await (await app.fetchAs(app.cast.ravi, `/w/acme/rules/${id}/query`)).text()
  assert.match(html, /Add this detection/, 'the premise')
})

async function add(app: TestApp, text: string) {
  const { rule } = await createRule(app.house, caller(app), {
    text,
    reason: '',
    origin: 'imported',
  })
  return { id: rule.id, text }
}

function caller(app: TestApp) {
  return systemCaller(app.house, 'test', undefined, app.acme.id)
}
