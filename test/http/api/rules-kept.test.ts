// Rules through the API: kept byte for byte, one version a text, found again, put away.

import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import test, { after, before } from 'node:test'
import { addPerson } from '#cli/demo/cast.ts'
import { systemCaller } from '#domain/access/system.ts'
import { addWorkspace } from '#domain/workspaces/actions.ts'
import type { Workspace } from '#domain/workspaces/workspace.ts'
import { readZip } from '#platform/zip/read.ts'
import { entriesOf, startProgram, type Program } from '#test/support/api.ts'
import { startApp, type TestApp } from '#test/support/start-app.ts'

const WHOAMI = `# kept as it is\r
title: Whoami as system
id: 80167ada-7a12-41ed-b8e9-aa47195c66a1
status: test
level: high
tags: [attack.t1033, attack.discovery, Own.Tag]
logsource: {category: process_creation, product: windows}
detection:
    selection: {Image|endswith: '\\whoami.exe', User|contains: 'SYSTEM'} # why
    condition: selection
x-vendor: {kept: yes}
rulewright:
    owner: ada@acme.example
    group: windows-endpoint
    schedule: {every: 5m, window: 7m}
    somethingNew: 1
    tests:
        - {name: fires, expect: match, events: [{Image: 'C:\\whoami.exe', User: SYSTEM}]}
`

/** In two parts, so that no scanner takes it for real. */
const SECRET = ['hR7kQ2vX', '9pLm4TzB'].join('')

interface Rule {
  readonly id: string
  readonly version: number
  readonly [key: string]: unknown
}

interface World {
  readonly app: TestApp
  readonly workspace: Workspace
  readonly call: Program['call']
  readonly add: (text: string) => Promise<Rule>
  readonly read: <T = Rule>(path: string) => Promise<T>
}

/** A workspace of its own in one product, with a program of its engineer. */
async function makeWorld(): Promise<World> {
  const app = await running!
  const slug = `place${count++}`
  const caller = systemCaller(app.house, 'test')
  const workspace = await addWorkspace(app.house, caller, { slug, name: slug })
  const userId = await addPerson(app.house, workspace, slug, 'engineer', false)
  const { call } = await startProgram(app, { userId }, { scopes: ['rules:write'], workspace })
  const read = async <T>(path: string) => {
    const answer = await call(path)
    assert.equal(answer.status, 200, `${path}: ${await answer.clone().text()}`)
    return (await answer.json()) as T
  }
  const add = async (text: string) => {
    const answer = await call('/rules', { json: { text } })
    assert.equal(answer.status, 201, await answer.clone().text())
    return (await answer.json()) as Rule
  }
  return { app, workspace, call, add, read }
}

let running: Promise<TestApp> | undefined
let count = 0
before((t) => (running = startApp(t as test.TestContext)))
after(async () => (await running)?.stop())

interface RulePage {
  readonly items: readonly Rule[]
  readonly count: number
  readonly next: string | null
}

test('a rule is the text that was sent, byte for byte, with an index over it', async () => {
  const { app, workspace, add, read } = await makeWorld()
  const { id } = await add(WHOAMI)
  const rule = await read(`/rules/${id}`)
  assert.equal(rule['text'], WHOAMI)
  assert.equal(rule['contentHash'], createHash('sha256').update(WHOAMI).digest('hex'))
  const { title, level, status, owner, group, logsource, state, origin, tests } = rule
  assert.deepEqual(
    { title, level, status, owner, group, logsource, state, origin, tests },
    {
      title: 'Whoami as system',
      level: 'high',
      status: 'test',
      owner: 'ada@acme.example',
      group: 'windows-endpoint',
      logsource: { product: 'windows', category: 'process_creation' },
      state: 'draft',
      origin: 'written',
      tests: { positive: 1, negative: 0, verdict: null },
    },
  )
  const [entry] = await entriesOf(app, workspace)
  assert.deepEqual([entry!.action, entry!.target], ['rule.create', id])
})

test('a save is a new version over the one that was seen, and the same text is none', async () => {
  const { app, workspace, call, add, read } = await makeWorld()
  const { id } = await add(WHOAMI)
  const louder = WHOAMI.replace('level: high', 'level: critical')
  const save = (text: string, version: number) =>
    call(`/rules/${id}`, {
      method: 'PATCH',
      json: { text, reason: 'It was seen twice.' },
      headers: { 'If-Match': `"${version}"` },
    })
  assert.equal((await save(louder, 1)).status, 200)
  assert.equal((await save(`${louder}# late\n`, 1)).status, 412, 'the second of two is told')
  assert.equal((await save(louder, 2)).status, 200)
  const { items } = await read<{ items: { number: number; reason: string }[] }>(
    `/rules/${id}/versions`,
  )
  assert.deepEqual(
    items.map(({ number, reason }) => [number, reason]),
    [
      [2, 'It was seen twice.'],
      [1, ''],
    ],
  )
  const old = await read<{ text: string }>(`/rules/${id}/versions/1`)
  assert.equal(old.text, WHOAMI)
  const restored = await call(`/rules/${id}/restore`, { json: { version: 1 } })
  assert.equal(restored.status, 200)
  const now = await read(`/rules/${id}`)
  assert.deepEqual([now.version, now['text'], now['level']], [3, WHOAMI, 'high'])
  const actions = (await entriesOf(app, workspace)).map(({ action }) => action)
  assert.deepEqual(actions.slice(0, 3), ['rule.restore', 'rule.save', 'rule.create'])
})

test('a text of which nobody could find the rule again is refused with the reasons', async () => {
  const { call, read } = await makeWorld()
  const refused: Readonly<Record<string, string>> = {
    'title: [': 'yaml/',
    'level: high': 'rule/no-title',
    'title: "  "': 'rule/no-title',
    'just words': 'sigma/not-a-map',
    [`${WHOAMI}---\n${WHOAMI}`]: 'rule/several-documents',
    'action: global\ntitle: x\n---\ndetection: {a: {b: c}, condition: a}\n': 'rule/action',
    'title: a\0b': 'yaml/control-character',
    [`${WHOAMI}# password=${SECRET}\n`]: 'rule/secret',
  }
  for (const [text, code] of Object.entries(refused)) {
    const answer = await call('/rules', { json: { text } })
    const { problems } = (await answer.json()) as { problems: { code: string }[] }
    assert.equal(answer.status, 422, text)
    assert.ok(problems[0]!.code.startsWith(code), `${text}: ${JSON.stringify(problems)}`)
  }
  assert.equal((await read<RulePage>('/rules')).count, 0)
})

test('a rule with mistakes is kept and says so', async () => {
  const { add, read } = await makeWorld()
  const { id } = await add('title: Broken\nlogsource: {product: windows}\ndetection: {a: {b: c}}\n')
  const { problems } = await read<{ problems: { errors: number; first: string } }>(`/rules/${id}`)
  assert.ok(problems.errors > 0)
  assert.match(problems.first, /^sigma\//)
  const found = await read<RulePage>('/rules?problems=errors')
  assert.deepEqual(
    found.items.map((one) => one.id),
    [id],
  )
  const native = await add(
    'title: Native\nrulewright: {implementations: {splunk: {query: index=a x}}, schedule: {every: often}}\n',
  )
  assert.equal(native['format'], 'native')
  assert.match(
    (await read<{ problems: { first: string } }>(`/rules/${native.id}`)).problems.first,
    /^rule\/product-key: schedule.every/,
  )
})

test('two rules of a workspace cannot bear one Sigma id, and another workspace may have it', async () => {
  const { app, call, add } = await makeWorld()
  const first = await add(WHOAMI)
  const answer = await call('/rules', { json: { text: `${WHOAMI}# again\n` } })
  assert.equal(answer.status, 409)
  assert.match(((await answer.json()) as { detail: string }).detail, /Whoami as system/)
  const theirs = await startProgram(app, app.cast.gwen, {
    scopes: ['rules:write'],
    workspace: app.globex,
  })
  assert.equal((await theirs.call('/rules', { json: { text: WHOAMI } })).status, 201)
  assert.equal((await theirs.call(`/rules/${first.id}`)).status, 403)
})

test('a list is narrowed, sorted and counted, and words find what they stand in', async () => {
  const { add, read } = await makeWorld()
  await add(WHOAMI)
  const rule = (title: string, more: string) =>
    `title: ${title}\nlogsource: {product: linux, service: auditd}\ndetection: {a: {cmd|contains: curl-${title}}, condition: a}\n${more}`
  await add(rule('beta', 'level: low\ntags: [attack.t1059.004]\n'))
  await add(rule('Alpha', 'level: critical\n'))
  const titles = async (query: string) =>
    (await read<RulePage>(`/rules?${query}`)).items.map(({ title }) => title)
  assert.deepEqual(await titles(''), ['Alpha', 'beta', 'Whoami as system'])
  assert.deepEqual(await titles('sort=-level'), ['Alpha', 'Whoami as system', 'beta'])
  assert.deepEqual(await titles('level=low,high'), ['beta', 'Whoami as system'])
  assert.deepEqual(await titles('technique=T1059'), ['beta'])
  assert.deepEqual(await titles('technique=T1059.004'), ['beta'])
  assert.deepEqual(await titles('technique=T1059.001'), [])
  assert.deepEqual(await titles('tag=own.tag,attack.t1033'), ['Whoami as system'])
  assert.deepEqual(await titles('q=whoami.exe'), ['Whoami as system'], 'a value of the detection')
  assert.deepEqual(await titles('q=curl alp'), ['Alpha'], 'the last word may be a beginning')
  assert.deepEqual(await titles('q=%22%20OR%20NOT%20%28'), await titles('q=or not'))
  assert.deepEqual(await titles('product=Linux&service=auditd&tests=missing'), ['Alpha', 'beta'])
  assert.deepEqual(await titles('product=Linux&tests=complete'), [])
  assert.deepEqual(await titles('owner=ada@acme.example&group=windows-endpoint'), [
    'Whoami as system',
  ])
  const { next, count } = await read<RulePage>('/rules?limit=2')
  assert.equal(count, 3)
  assert.deepEqual(await titles(`limit=2&cursor=${next}`), ['Whoami as system'])
})

test('a retired rule leaves the lists and comes back; only a draft is deleted', async () => {
  const { app, workspace, call, add, read } = await makeWorld()
  const { id } = await add(WHOAMI)
  const before = (await call(`/rules/${id}`)).headers.get('ETag')!
  assert.equal((await call(`/rules/${id}/retire`, { method: 'POST' })).status, 200)
  const again = await call(`/rules/${id}`, { headers: { 'If-None-Match': before } })
  assert.equal(again.status, 200, 'the state is part of what is shown')
  assert.equal((await read<RulePage>('/rules')).count, 0)
  assert.equal((await read<RulePage>('/rules?state=retired')).count, 1)
  const remove = () => call(`/rules/${id}`, { method: 'DELETE', headers: { 'If-Match': '*' } })
  assert.equal((await remove()).status, 409)
  assert.equal((await call(`/rules/${id}/revive`, { method: 'POST' })).status, 200)
  assert.equal((await remove()).status, 204)
  assert.equal((await call(`/rules/${id}`)).status, 403)
  assert.equal((await read<RulePage>('/rules?q=whoami')).count, 0)
  const entries = await entriesOf(app, workspace)
  assert.ok(entries.some(({ action, target }) => action === 'rule.delete' && target === id))
  await add(WHOAMI) // its id and its words are free again
  assert.equal((await read<RulePage>('/rules?q=whoami')).count, 1)
})

test('titles with markup, of ten kilobytes, and five thousand tags stay text', async () => {
  const { add, read } = await makeWorld()
  const title = `<script>alert(1)</script>\u202e${'x'.repeat(10_000)}`
  const tags = Array.from({ length: 2_900 }, (_, at) => `own.tag${at}`)
  const text = `title: "${title}"\ntags: [${tags.join(', ')}]\nlogsource: {product: x}\ndetection: {a: {b: c}, condition: a}\n`
  const { id } = await add(text)
  const rule = await read(`/rules/${id}`)
  assert.equal(rule['title'], title)
  assert.deepEqual(rule['tags'], tags)
  assert.equal((await read<RulePage>('/rules?tag=own.tag2899')).count, 1)
  await add(
    'title: "\\ud800 alone"\nlogsource: {product: x}\ndetection: {a: {b: c}, condition: a}\n',
  )
  assert.equal((await read<RulePage>('/rules?q=alone')).count, 1)
})

test('rules leave as files, byte for byte, a folder for each group', async () => {
  const { call, add, read } = await makeWorld()
  const { id } = await add(WHOAMI)
  const other = await add(FAILURE)
  await call(`/rules/${other.id}/retire`, { method: 'POST' })
  const lines = async (query: string) =>
    (await (await call(`/rules/export?format=ndjson${query}`)).text())
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as { id: string; path: string; text: string })
  const [only, ...rest] = await lines('')
  assert.deepEqual([only!.id, only!.text, rest.length], [id, WHOAMI, 0])
  assert.match(only!.path, /^groups\/windows-endpoint\/whoami-as-system-[0-9a-f]{8}\.yml$/)
  const [retired] = await lines('&state=retired')
  assert.match(retired!.path, /^retired\/failed-logon-[0-9a-f]{8}\.yml$/)
  const zip = await call('/rules/export?level=high')
  assert.equal(zip.headers.get('Content-Type'), 'application/zip')
  const files = readZip(Buffer.from(await zip.arrayBuffer()))
  assert.deepEqual(
    files.map((file) => [file.name, Buffer.from(file.read()).toString()]),
    [[only!.path, WHOAMI]],
  )
  const { items } = await read<{ items: { slug: string; ruleCount: number }[] }>('/groups')
  assert.deepEqual(
    items.map(({ slug, ruleCount }) => [slug, ruleCount]),
    [['windows-endpoint', 1]],
  )
  const taken = await call('/groups', { json: { slug: 'windows-endpoint', name: 'Windows' } })
  assert.equal(taken.status, 409)
})

test('the same change to many rules is a job that leaves every other byte', async () => {
  const { app, call, add, read } = await makeWorld()
  const { id } = await add(WHOAMI)
  await add(FAILURE)
  const change = async (json: object) => {
    const answer = await call('/rules/bulk', { json })
    assert.equal(answer.status, 202, await answer.clone().text())
    await app.runner.drain()
    const { job } = (await answer.json()) as { job: { id: string } }
    return read<{ state: string; progress: { note: string } }>(`/jobs/${job.id}`)
  }
  const filter = { product: 'windows' }
  const level = await change({ edit: { kind: 'level', level: 'critical' }, filter })
  assert.deepEqual(
    [level.state, level.progress.note],
    ['succeeded', '2 changed, 0 had it already, 0 refused'],
  )
  const again = await change({ edit: { kind: 'level', level: 'critical' }, filter })
  assert.equal(again.progress.note, '0 changed, 2 had it already, 0 refused')
  await change({ edit: { kind: 'addTag', tag: 'own.seen' }, ids: [id] })
  const { text } = await read<{ text: string }>(`/rules/${id}`)
  const expected = WHOAMI.replace('level: high', 'level: critical').replace(
    'Own.Tag]',
    'Own.Tag, own.seen]',
  )
  assert.equal(text, expected)
  await change({ edit: { kind: 'retire' }, filter: { q: 'failed logon' } })
  assert.equal((await read<RulePage>('/rules')).count, 1)
  for (const wrong of [{ ids: [id], filter }, {}, { filter: { level: 'loud' } }]) {
    const json = { edit: { kind: 'retire' }, ...wrong }
    assert.equal((await call('/rules/bulk', { json })).status, 422)
  }
})

interface Renders {
  readonly renders: readonly {
    readonly kind: string
    readonly state: 'ok' | 'refused'
    readonly queries: readonly string[]
    readonly problems: readonly { readonly code: string; readonly message: string }[]
    readonly isPending: boolean
  }[]
}

const FAILURE = `title: Failed logon
name: failed_logon
logsource: {product: windows, service: security}
detection: {selection: {EventID: 4625}, condition: selection}
`
const MANY = `title: Many failed logons
correlation: {type: event_count, rules: [failed_logon], group-by: [TargetUserName], timespan: 5m, condition: {gte: 10}}
`

test('a rule is compiled for each kind of place when it is saved, or says why not', async () => {
  const { add, read } = await makeWorld()
  const { id } = await add(WHOAMI)
  const { renders } = await read<Renders>(`/rules/${id}/renders`)
  assert.deepEqual(
    renders.map(({ kind, state }) => `${kind} ${state}`),
    ['local ok', 'splunk ok', 'sentinel ok', 'defender ok', 'elastic ok', 'opensearch ok'],
  )
  assert.match(renders[1]!.queries[0]!, /whoami\.exe/)
  const mixed = await add(
    'title: Own words\nlogsource: {product: nowhere}\ndetection: {a: {b: c}, condition: a}\nrulewright: {implementations: {sentinel: {query: T | take 1}}}\n',
  )
  const own = (await read<Renders>(`/rules/${mixed.id}/renders`)).renders
  assert.deepEqual(own[2]!.queries, ['T | take 1'])
  assert.equal(own[1]!.state, 'refused', 'nobody knows where to look')
  assert.equal((await read<RulePage>('/rules?compiles=splunk,sentinel')).count, 1)
  assert.equal((await read<RulePage>('/rules?refuses=splunk')).count, 1)
})

test('a correlation builds on rules of the workspace, and is pending when they change', async () => {
  const { app, call, add, read } = await makeWorld()
  const many = await add(MANY)
  const splunk = async () => (await read<Renders>(`/rules/${many.id}/renders`)).renders[1]!
  assert.deepEqual((await splunk()).state, 'refused')
  assert.match((await splunk()).problems[0]!.message, /failed_logon/)
  assert.equal((await read<RulePage>('/rules?renders=pending')).count, 0)
  const failure = await add(FAILURE)
  await app.runner.drain()
  assert.equal((await read<RulePage>('/rules?renders=pending')).count, 0)
  const { state, queries, isPending } = await splunk()
  assert.deepEqual([state, isPending], ['ok', false])
  assert.match(queries[0]!, /4625/)
  const save = (text: string) =>
    call(`/rules/${failure.id}`, {
      method: 'PATCH',
      json: { text, reason: '' },
      headers: { 'If-Match': '*' },
    })
  assert.equal((await save(FAILURE.replace('failed_logon', 'renamed'))).status, 200)
  assert.equal((await splunk()).isPending, true, 'its old name is what the correlation knows')
  await app.runner.drain()
  assert.equal((await splunk()).isPending, true, 'it may run, so a person decides')
  assert.equal((await read<RulePage>('/rules?renders=pending')).count, 1)
  const render = await call(`/rules/${many.id}/renders`, { method: 'POST' })
  assert.equal(render.status, 200)
  assert.match((await splunk()).problems[0]!.message, /failed_logon/)
  assert.equal((await save(FAILURE)).status, 200)
  await app.runner.drain()
  const again = await splunk()
  assert.deepEqual([again.state, again.isPending], ['ok', false], 'a save brings it back too')
})
