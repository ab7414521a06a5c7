// What a target calls things, through the API: rules become something else there and nowhere else, and
// what does is pending until somebody has it compiled.

import assert from 'node:assert/strict'
import test, { after, before } from 'node:test'
import { nextTurn } from '#platform/turns.ts'
import { startProgram, type Program } from '#test/support/api.ts'
import { smallSiem } from '#test/support/small-siem.ts'
import { startApp, type TestApp } from '#test/support/start-app.ts'

let app: TestApp
let call: Program['call']
let admin: Program['call']

before(async (t) => {
  app = await startApp(t as test.TestContext, { openSiem: smallSiem().open })
  call = (await startProgram(app, app.cast.ravi, { scopes: ['rules:write'] })).call
  admin = (await startProgram(app, app.cast.ada, { scopes: ['targets:write'] })).call
})
after(() => app.stop())

async function read<T>(answer: Promise<Response>): Promise<T> {
  const given = await answer
  const text = await given.text()
  assert.ok(given.ok, `${given.status} ${text}`)
  return JSON.parse(text) as T
}

async function addSplunk(name: string): Promise<string> {
  const json = { name, kind: 'splunk', settings: { url: 'https://splunk.example:8089' } }
  return (await read<{ id: string }>(admin('/targets', { json }))).id
}

async function addRule(title: string, logsource: string, detection: string): Promise<string> {
  const text = `title: ${title}\nlogsource: ${logsource}\ndetection:\n    selection: ${detection}\n    condition: selection\n`
  return (await read<{ id: string }>(call('/rules', { json: { text } }))).id
}

interface Render {
  readonly kind: string
  readonly target: string | null
  readonly state: string
  readonly isPending: boolean
  readonly queries: readonly string[]
}

async function splunkRenders(id: string): Promise<readonly Render[]> {
  await nextTurn()
  const { renders } = await read<{ renders: readonly Render[] }>(call(`/rules/${id}/renders`))
  return renders.filter(({ kind }) => kind === 'splunk')
}

const put = (id: string, version: number, json: object) =>
  call(`/targets/${id}/mapping`, {
    method: 'PUT',
    json: { reason: 'as London calls it', ...json },
    headers: { 'If-Match': `"${version}"` },
  })

const LONDON = `
transformations:
  - type: field_name_mapping
    mapping: {Image: process_path}
    rule_conditions: [{type: logsource, product: windows, category: process_creation}]
  - type: nest
    items:
      - {type: add_condition, conditions: {index: '\${index.windows}'}}
    rule_conditions: [{type: logsource, product: windows}]
  - type: nest
    items:
      - {type: set_state, key: source_row, val: target}
      - {type: add_condition, conditions: {index: waf, sourcetype: modsec}}
    rule_conditions: [{type: logsource, product: modsecurity}]
`

test('a mapping makes rules something else at its target alone, pending until compiled', async () => {
  const id = await addSplunk('london')
  const other = await addSplunk('paris')
  const mapped = await addRule(
    'Mapped',
    '{product: windows, category: process_creation}',
    "{Image|endswith: '\\whoami.exe'}",
  )
  const lost = await addRule('Web wall', '{product: modsecurity}', '{msg: attack}')
  const same = await addRule('Elsewhere', '{product: linux, service: auditd}', '{type: EXECVE}')
  const [before] = await splunkRenders(mapped)
  assert.match(before!.queries[0]!, /Image="\*\\\\whoami\.exe"/)
  assert.equal((await splunkRenders(lost))[0]!.state, 'refused', 'the premise')

  const parameters = { 'index.windows': 'win ldn' }
  await read(
    admin(`/targets/${id}`, {
      method: 'PATCH',
      json: { parameters },
      headers: { 'If-Match': '"1"' },
    }),
  )
  const saved = await read<{ version: number; yaml: string }>(put(id, 0, { yaml: LONDON }))
  assert.equal(saved.version, 1)
  await app.runner.drain()
  const waiting = await splunkRenders(mapped)
  assert.deepEqual(
    waiting.map((one) => [one.target, one.isPending]),
    [
      [null, false],
      ['london', true],
    ],
    'only what becomes something else waits',
  )
  assert.equal(waiting[1]!.queries[0], before!.queries[0], 'it is still what it was')
  assert.deepEqual(
    (await splunkRenders(same)).map((one) => one.isPending),
    [false, false],
  )

  await read(call('/rules/recompile', { method: 'POST' }))
  await app.runner.drain()
  const [usual, london, ...more] = await splunkRenders(mapped)
  assert.deepEqual(more, [], 'paris has no mapping')
  assert.deepEqual(usual, before)
  assert.equal(london!.isPending, false)
  assert.match(london!.queries[0]!, /process_path="\*\\\\whoami\.exe"/)
  assert.match(london!.queries[0]!, /index="win ldn"/)
  assert.match(london!.queries[0]!, /EventCode=1/, 'what the pipeline of the kind says stays')
  const [refused, found] = await splunkRenders(lost)
  assert.equal(refused!.state, 'refused')
  assert.equal(found!.queries[0], 'index="waf" sourcetype="modsec" msg="attack"')
  assert.ok(other)
})

test('a mapping that is not understood is refused by name and changes nothing', async () => {
  const id = await addSplunk('rome')
  const refusals: readonly [yaml: string, message: RegExp][] = [
    ['transformations: [{type: field_name_maping, mapping: {a: b}}]', /field_name_mapping/],
    ['transformation: []', /no part “transformation”; did you mean “transformations”/],
    ['transformations: [{type: field_name_mapping, mappings: {a: b}}]', /needs a map "mapping"/],
    ['transformations: [{type: add_condition, conditions: {a: b}, negate: true}]', /“negate”/],
    ['transformations: [{type: field_name_mapping, mapping: {a: []}}]', /“a” is mapped to no name/],
    ['transformations: [{type: http_placeholders, url: "http://x"}]', /reach outside/],
    ['- a', /is no pipeline/],
    ['a: [', /./],
  ]
  for (const [yaml, message] of refusals) {
    const answer = await put(id, 0, { yaml })
    assert.equal(answer.status, 422, yaml)
    assert.match(((await answer.json()) as { detail: string }).detail, message)
  }
  const unfit = await put(id, 0, { yaml: 'priority: 1', pipelines: ['ecs_windows'] })
  assert.match(await unfit.text(), /not for this kind/)
  assert.equal((await read<{ version: number }>(call(`/targets/${id}/mapping`))).version, 0)

  await read(put(id, 0, { document: { transformations: [] }, pipelines: ['splunk_windows'] }))
  assert.equal((await put(id, 0, { yaml: 'priority: 1' })).status, 412)
  const viewer = await startProgram(app, app.cast.vera, { scopes: ['targets:read'] })
  const denied = await viewer.call(`/targets/${id}/mapping`, {
    method: 'PUT',
    json: { yaml: 'priority: 1', reason: 'x' },
    headers: { 'If-Match': '"1"' },
  })
  assert.equal(denied.status, 403)
})

test('a draft is written, tried on every rule, put in force and gone', async () => {
  const id = await addSplunk('oslo')
  const root = `/targets/${id}/mapping`
  const draft = (version: number, json: object) =>
    call(`${root}/draft`, { method: 'PUT', json, headers: { 'If-Match': `"${version}"` } })
  const begun = await read<{ version: number }>(draft(0, { yaml: LONDON }))
  assert.equal(begun.version, 1)
  assert.equal((await draft(0, { yaml: LONDON })).status, 412, 'somebody else began it')
  const fields = [{ type: 'field_name_mapping', mapping: { Image: 'own_path' } }]
  await read(draft(1, { document: { transformations: fields } }))

  await read(call(`${root}/preview`, { method: 'POST' }))
  await read(call(`${root}/suggestions`, { method: 'POST' }))
  await app.runner.drain()
  await nextTurn()
  interface Preview {
    readonly isOfDraft: boolean
    readonly counts: { readonly changed: number }
    readonly items: readonly { readonly title: string; readonly after: string }[]
  }
  const seen = await read<Preview>(call(`${root}/preview?effect=changed`))
  assert.deepEqual([seen.isOfDraft, seen.counts.changed], [true, 1])
  assert.equal(seen.items[0]!.title, 'Mapped')
  assert.match(seen.items[0]!.after, /own_path=/)
  assert.equal((await call(`${root}/preview?cursor=AAAA`)).status, 422)
  const lacking = await read<{
    readonly sources: readonly { readonly logsource: object; readonly state: string }[]
  }>(call(`${root}/suggestions`))
  assert.deepEqual(
    lacking.sources.map(({ logsource, state }) => [logsource, state]),
    [[{ product: 'modsecurity' }, 'refused']],
  )

  const apply = (version: number) =>
    call(`${root}/draft/apply`, { json: { draft: version, reason: 'tried' } })
  assert.equal((await apply(1)).status, 412)
  assert.equal((await read<{ version: number }>(apply(2))).version, 1)
  await nextTurn()
  assert.equal((await read<{ version: number }>(call(`${root}/draft`))).version, 0)
  const gone = await call(`${root}/draft`, { method: 'DELETE', headers: { 'If-Match': '"1"' } })
  assert.equal(gone.status, 412)
})
