// Reference lists: compiled into the rules and exclusions that name them, tested with them, waiting for
// a change before they run anywhere, and never taken from under what names them.

import assert from 'node:assert/strict'
import test, { after, before } from 'node:test'
import { entriesOf, startProgram, type Program } from '#test/support/api.ts'
import { startApp, type TestApp } from '#test/support/start-app.ts'

const RULE = `title: An admin signs in
logsource: {product: windows, service: security}
detection:
  selection: {EventID: 4624, TargetUserName|expand: '%Admins%'}
  condition: selection
rulewright:
  tests:
    - {name: fires on ada, expect: match, events: [{EventID: 4624, TargetUserName: ada}]}
    - {name: silent, expect: no_match, events: [{EventID: 4624, TargetUserName: 'a*'}]}
`

let running: Promise<TestApp> | undefined
before((t) => (running = startApp(t as test.TestContext)))
after(async () => (await running)?.stop())

interface Shown {
  readonly id: string
  readonly version: number
  readonly values: string[]
  readonly owner: string
  readonly rules: readonly { readonly id: string }[]
  readonly exclusions: readonly { readonly title: string }[]
}

async function ask<T>(
  call: Program['call'],
  path: string,
  status: number,
  init?: object,
): Promise<T> {
  const answer = await call(path, init)
  const text = await answer.text()
  assert.equal(answer.status, status, `${path}: ${text}`)
  return (text === '' ? undefined : JSON.parse(text)) as T
}

async function verdictOf(call: Program['call'], id: string) {
  const { tests } = await ask<{ tests: { verdict: string } }>(call, `/rules/${id}`, 200)
  return tests.verdict
}

async function rendered(call: Program['call'], id: string) {
  const { renders } = await ask<{
    renders: { kind: string; state: string; queries: string[]; problems: { code: string }[] }[]
  }>(call, `/rules/${id}/renders`, 200)
  return renders.find(({ kind }) => kind === 'splunk')!
}

test('a rule that names a list is refused without it, and compiled and tested with it', async () => {
  const app = await running!
  const { call } = await startProgram(app, app.cast.ravi, { scopes: ['rules:write', 'tests:run'] })
  const { id } = await ask<{ id: string }>(call, '/rules', 201, { json: { text: RULE } })
  const before = await rendered(call, id)
  assert.equal(before.state, 'refused')
  assert.deepEqual(
    before.problems.map(({ code }) => code),
    ['sigma/unresolved-placeholder'],
  )

  const json = { name: 'Admins', values: ['ada', 'ACME\\root'] }
  const list = await ask<Shown>(call, '/lists', 201, { json })
  assert.match(list.owner, /^ravi@/, 'whoever adds it owns it')
  await app.runner.drain()
  const { queries } = await rendered(call, id)
  assert.match(queries[0]!, /TargetUserName IN \("ada", "ACME\\\\root"\)|TargetUserName="?ada/)
  assert.equal(await verdictOf(call, id), 'passed', 'a value is no pattern')

  const headers = { 'If-Match': `"${list.version}"` }
  const change = { method: 'PATCH', headers, json: { values: ['vera'], why: 'Ada left' } }
  await ask(call, `/lists/${list.id}`, 200, change)
  await ask(call, `/lists/${list.id}`, 412, change)
  await app.runner.drain()
  assert.match((await rendered(call, id)).queries[0]!, /TargetUserName="?vera/)
  assert.equal(await verdictOf(call, id), 'failed', 'its tests run again')

  const shown = await ask<Shown>(call, `/lists/${list.id}`, 200)
  assert.deepEqual(
    shown.rules.map((rule) => rule.id),
    [id],
  )
  const inUse = { method: 'DELETE', headers: { 'If-Match': '"2"' } }
  await ask(call, `/lists/${list.id}`, 409, inUse)
  const { items: versions } = await ask<{ items: { values: string[]; why: string }[] }>(
    call,
    `/lists/${list.id}/versions`,
    200,
  )
  assert.deepEqual(
    versions.map(({ values, why }) => [values.length, why]),
    [
      [1, 'Ada left'],
      [2, ''],
    ],
  )
  await ask(call, `/rules/${id}`, 200, {
    method: 'PATCH',
    headers: { 'If-Match': '*' },
    json: { text: RULE.replace("|expand: '%Admins%'", ': ada') },
  })
  await ask(call, `/lists/${list.id}`, 204, inUse)
  const told = (await entriesOf(app, app.acme)).filter(({ action }) => action.startsWith('list.'))
  assert.deepEqual(
    told.map(({ action, outcome }) => [action, outcome]),
    [
      ['list.remove', 'done'],
      ['list.change', 'done'],
      ['list.add', 'done'],
    ],
  )
})

test('an exclusion may name a list, and a change of the list compiles its rules again', async () => {
  const app = await running!
  const { call } = await startProgram(app, app.cast.ravi, { scopes: ['rules:write'] })
  const text = RULE.replace("|expand: '%Admins%'", ': root').replace(/rulewright:[\s\S]*/, '')
  const { id } = await ask<{ id: string }>(call, '/rules', 201, { json: { text } })
  const list = await ask<Shown>(call, '/lists', 201, {
    json: { name: 'Scanners', values: ['10.1.2.3'], shape: 'address' },
  })
  await ask(call, '/exclusions', 201, {
    json: {
      text: `title: Our scanners\nlogsource: {product: windows, service: security}\nfilter: {rules: [${id}], ours: {IpAddress|expand: '%Scanners%'}, condition: not ours}\n`,
      reason: 'They look every night',
    },
  })
  await app.runner.drain()
  assert.match((await rendered(call, id)).queries[0]!, /NOT IpAddress="?10\.1\.2\.3/)
  await ask(call, `/lists/${list.id}`, 200, {
    method: 'PATCH',
    headers: { 'If-Match': '*' },
    json: { values: ['10.1.2.4'] },
  })
  await app.runner.drain()
  assert.match((await rendered(call, id)).queries[0]!, /NOT IpAddress="?10\.1\.2\.4/)
  const { exclusions } = await ask<Shown>(call, `/lists/${list.id}`, 200)
  assert.deepEqual(
    exclusions.map(({ title }) => title),
    ['Our scanners'],
  )
})

test('values that do not fit are refused by line, and a list stays within its bounds', async () => {
  const app = await running!
  const { call } = await startProgram(app, app.cast.ravi, { scopes: ['rules:write'] })
  const codes = async (json: object) => {
    const { problems = [] } = await ask<{ problems?: { code: string; line?: number }[] }>(
      call,
      '/lists',
      422,
      { json: { name: 'Wrong', ...json } },
    )
    return problems.map(({ code, line }) => (line === undefined ? code : `${code}:${line}`))
  }
  assert.deepEqual(await codes({ values: [] }), ['list/empty'])
  assert.deepEqual(await codes({ values: ['a', 'A'] }), ['list/repeated:2'])
  assert.deepEqual(await codes({ values: ['1', 'x'], shape: 'number' }), ['list/shape:2'])
  assert.deepEqual(await codes({ values: ['10.0.0.0/8', '10.0.0.0'], shape: 'network' }), [
    'list/shape:2',
  ])
  assert.deepEqual(await codes({ values: ['a', 'b'], valuesMax: 1 }), ['list/too-many'])
  await ask(call, '/lists', 422, { json: { name: 'no name', values: ['a'] } })
  await ask(call, '/lists', 422, { json: { name: 'Far', values: ['a'], reviewBy: '2999-01-01' } })
  await ask(call, '/lists', 201, { json: { name: 'Twice', values: ['a'] } })
  await ask(call, '/lists', 409, { json: { name: 'Twice', values: ['b'] } })
})

test('a list is written, changed and removed on pages, and what was typed is kept', async () => {
  const app = await running!
  const { ravi, vera } = app.cast
  const post = (path: string, form: Record<string, string>) =>
    app.fetchAs(ravi, path, {
      method: 'POST',
      headers: { 'Sec-Fetch-Site': 'same-origin' },
      body: new URLSearchParams(form),
    })
  const form = { shape: 'address', valuesMax: '10', owner: 'ravi@acme.example', about: 'At night' }
  const reviewBy = new Date(app.clock.now() + 86_400_000).toISOString().slice(0, 10)
  const wrong = await post('/w/acme/lists/new', {
    ...form,
    reviewBy,
    name: 'Night',
    text: '# ours\n10.0.0.1\n<b>x</b>\n',
  })
  assert.equal(wrong.status, 422)
  const html = await wrong.text()
  assert.match(html, /Line 2 is no IP address/)
  assert.match(html, /10\.0\.0\.1\n&lt;b&gt;x/)
  const made = await post('/w/acme/lists/new', {
    ...form,
    reviewBy,
    name: 'Night',
    text: '10.0.0.1',
  })
  assert.equal(made.status, 303)
  const path = new URL(made.headers.get('Location')!, app.url).pathname
  assert.match(await (await app.fetchAs(vera, path)).text(), /10\.0\.0\.1/)
  const edit = { ...form, reviewBy, text: '10.0.0.1\n10.0.0.2', why: 'One more', version: '1' }
  assert.equal((await post(`${path}/edit`, edit)).status, 303)
  assert.equal((await post(`${path}/edit`, edit)).status, 422, 'a lost race')
  const list = await (await app.fetchAs(vera, '/w/acme/lists?q=night')).text()
  assert.match(list, /Night/)
  assert.doesNotMatch(list, /New list/, 'a viewer writes none')
  assert.equal((await post(`${path}/remove`, { version: '2' })).status, 303)
  assert.equal((await app.fetchAs(ravi, path)).status, 403)
})
