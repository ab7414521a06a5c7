// Exclusions through the API: over the rules they name and no other, until their day, and compiled into
// whatever is made from those rules.

import assert from 'node:assert/strict'
import test, { after, before } from 'node:test'
import { addPerson } from '#cli/demo/cast.ts'
import { systemCaller } from '#domain/access/system.ts'
import { addWorkspace } from '#domain/workspaces/actions.ts'
import type { Workspace } from '#domain/workspaces/workspace.ts'
import { DAY } from '#kernel/time.ts'
import { entriesOf, startProgram, type Program } from '#test/support/api.ts'
import { startApp, type TestApp } from '#test/support/start-app.ts'

const RULE_ID = '80167ada-7a12-41ed-b8e9-aa47195c66a1'
const WHOAMI = `title: Whoami
id: ${RULE_ID}
name: whoami
logsource: {category: process_creation, product: windows}
detection: {selection: {Image|endswith: '\\whoami.exe'}, condition: selection}
rulewright:
  tests:
    - {name: fires, expect: match, events: [{Image: 'C:\\whoami.exe', User: ada}]}
    - {name: fires on the agent, expect: match, events: [{Image: 'C:\\whoami.exe', User: agent7}]}
    - {name: silent, expect: no_match, events: [{Image: 'C:\\other.exe'}]}
`
const MANY = `title: Many whoami
correlation: {type: event_count, rules: [whoami], group-by: [Host], timespan: 5m, condition: {gte: 2}}
`
const AGENT = `# asked for by the backup team
title: The agent
logsource: {category: process_creation, product: windows}
filter:
  rules: [${RULE_ID}]
  selection: {User|startswith: agent} # by its name
  condition: not selection
`

interface Exclusion {
  readonly id: string
  readonly version: number
  readonly state: string
  readonly owner: string
  readonly endsAt: string
  readonly rules: readonly { readonly id: string; readonly title: string }[]
  readonly text: string
  readonly [key: string]: unknown
}

interface World {
  readonly app: TestApp
  readonly workspace: Workspace
  readonly call: Program['call']
  readonly add: <T = { id: string }>(path: string, json: object) => Promise<T>
  readonly read: <T = Exclusion>(path: string) => Promise<T>
}

let running: Promise<TestApp> | undefined
let count = 0
before((t) => (running = startApp(t as test.TestContext)))
after(async () => (await running)?.stop())

async function makeWorld(): Promise<World> {
  const app = await running!
  const slug = `excluded${count++}`
  const caller = systemCaller(app.house, 'test')
  const workspace = await addWorkspace(app.house, caller, { slug, name: slug })
  const userId = await addPerson(app.house, workspace, slug, 'engineer', false)
  const { call } = await startProgram(app, { userId }, { scopes: ['rules:write'], workspace })
  const read = async <T>(path: string) => {
    const answer = await call(path)
    assert.equal(answer.status, 200, `${path}: ${await answer.clone().text()}`)
    return (await answer.json()) as T
  }
  const add = async <T>(path: string, json: object) => {
    const answer = await call(path, { json })
    assert.equal(answer.status, 201, await answer.clone().text())
    return (await answer.json()) as T
  }
  return { app, workspace, call, add, read }
}

interface Renders {
  readonly renders: readonly {
    readonly kind: string
    readonly state: string
    readonly queries: readonly string[]
    readonly isPending: boolean
    readonly inputHash: string
    readonly problems: readonly { readonly code: string }[]
  }[]
}

async function rendersOf({ read }: World, id: string) {
  const { renders } = await read<Renders>(`/rules/${id}/renders`)
  return new Map(renders.map((one) => [one.kind, one]))
}

/** What the product refuses, and with which problems. */
async function refused({ call }: World, path: string, json: object, method = 'POST') {
  const answer = await call(path, { method, json })
  const body = (await answer.json()) as { problems?: { code: string }[]; detail: string }
  assert.equal(answer.status, 422, JSON.stringify([json, body.detail]))
  return (body.problems ?? []).map(({ code }) => code)
}

test('an exclusion is compiled into its rules, survives their updates, and goes when it ends', async () => {
  const world = await makeWorld()
  const { app, call, add, read } = world
  const rule = await add('/rules', { text: WHOAMI })
  const many = await add('/rules', { text: MANY })
  const other = await add('/rules', { text: WHOAMI.replace(/^(id|name):.*\n/gm, '') })
  const plain = (await rendersOf(world, rule.id)).get('splunk')!
  const above = (await rendersOf(world, many.id)).get('splunk')!
  const beside = (await rendersOf(world, other.id)).get('splunk')!
  assert.doesNotMatch(plain.queries[0]!, /agent/, 'the premise')

  const made = await add<Exclusion>('/exclusions', { text: AGENT, reason: 'Runs each night' })
  assert.equal(made.state, 'in_force')
  assert.match(made.owner, /^excluded\d+@/, 'whoever adds it owns it')
  assert.deepEqual(made.rules, [{ id: rule.id, title: 'Whoami' }])
  assert.equal(made['hitsHidden'], null, 'nobody has told yet')
  const { text } = await read(`/exclusions/${made.id}`)
  assert.ok(text.startsWith(AGENT), 'what was written stays byte for byte')
  await app.runner.drain()

  const filtered = (await rendersOf(world, rule.id)).get('splunk')!
  assert.match(filtered.queries[0]!, /NOT User="?agent\*/)
  assert.equal(filtered.isPending, false)
  assert.notEqual(filtered.inputHash, plain.inputHash)
  assert.match((await rendersOf(world, many.id)).get('splunk')!.queries[0]!, /agent/)
  assert.deepEqual((await rendersOf(world, other.id)).get('splunk'), beside)

  const save = (json: object) => {
    return call(`/rules/${rule.id}`, { method: 'PATCH', json, headers: { 'If-Match': '*' } })
  }
  const update = WHOAMI.replace('whoami.exe', 'who.exe').replace(RULE_ID, RULE_ID.replace('8', '9'))
  assert.equal((await save({ text: update })).status, 200)
  const updated = (await rendersOf(world, rule.id)).get('splunk')!
  assert.match(updated.queries[0]!, /who\.exe.*NOT User/s, 'it is bound to the rule, not to its id')
  assert.equal((await save({ text: WHOAMI })).status, 200)

  const headers = { 'If-Match': `"${made.version}"` }
  assert.equal((await call(`/exclusions/${made.id}`, { method: 'DELETE', headers })).status, 204)
  await app.runner.drain()
  assert.equal((await read(`/exclusions/${made.id}`)).state, 'ended')
  assert.equal((await rendersOf(world, rule.id)).get('splunk')!.inputHash, plain.inputHash)
  assert.equal((await rendersOf(world, many.id)).get('splunk')!.inputHash, above.inputHash)
})

test('cases run with the exclusions in force, and say which one an exclusion turns', async () => {
  const world = await makeWorld()
  const { app, add, read, call } = world
  const rule = await add('/rules', { text: WHOAMI })
  await add('/exclusions', { text: AGENT, reason: 'Runs each night' })
  await app.runner.drain()
  interface Runs {
    items: {
      verdict: string
      results: { name: string; on: string | null; verdict: string; flippedBy: string[] }[]
    }[]
  }
  const { items: runs } = await read<Runs>(`/rules/${rule.id}/tests/runs`)
  const told = runs[0]!.results.map(({ verdict, flippedBy }) => [verdict, ...flippedBy])
  assert.deepEqual(told, [['passed'], ['failed', 'The agent'], ['passed']])
  const own = WHOAMI.replace(/id: .*\nname: .*\n/, '').replace(
    'rulewright:',
    "rulewright:\n  implementations: {splunk: {query: 'User=a* | table User'}}",
  )
  const native = await add('/rules', { text: own })
  const over = AGENT.replace(RULE_ID, native.id).replace('The agent', 'The other')
  await add('/exclusions', { text: over, reason: 'Runs each night' })
  await app.runner.drain()
  const { queries } = (await rendersOf(world, native.id)).get('splunk')!
  assert.deepEqual(queries, ['User=a* | search NOT User="agent*" | table User'])
  const { items: theirs } = await read<Runs>(`/rules/${native.id}/tests/runs`)
  const [, hidden] = theirs[0]!.results.filter(({ on }) => on === 'splunk')
  assert.deepEqual([hidden!.name, hidden!.verdict], ['fires on the agent', 'failed'])
  const answer = await call(`/rules/${rule.id}`)
  const { tests } = (await answer.json()) as { tests: { verdict: string } }
  assert.equal(tests.verdict, 'failed')
})

test('what could catch a rule that nobody named is refused by name, and so is what says too little', async () => {
  const world = await makeWorld()
  const { add, call } = world
  await add('/rules', { text: WHOAMI })
  await add('/rules', { text: MANY.replace('correlation:', 'name: many\ncorrelation:') })
  const reason = 'Runs each night'
  const over = (rules: string) => ({ text: AGENT.replace(`[${RULE_ID}]`, rules), reason })
  const attempts: readonly (readonly [object, string])[] = [
    [over('any'), 'exclusion/any'],
    [over('["8016*"]'), 'exclusion/pattern'],
    [over('[not-here]'), 'exclusion/unknown-rule'],
    [over('[many]'), 'exclusion/correlation'],
    [{ text: AGENT.replace('process_creation', 'file_event'), reason }, 'exclusion/log-source'],
    [{ text: AGENT }, 'exclusion/no-reason'],
    [{ text: WHOAMI, reason }, 'exclusion/no-filter'],
    [{ text: AGENT, reason, ends: '2020-01-01' }, 'exclusion/ends-past'],
    [{ text: AGENT, reason, ends: '2999-01-01' }, 'exclusion/ends-too-late'],
    [
      { text: AGENT.replace('startswith: agent', "expand: '%a%'"), reason },
      'sigma/unresolved-placeholder',
    ],
    [{ text: 'title: [', reason }, 'yaml/bad-indent'],
  ]
  for (const [json, code] of attempts.slice(0, -1)) {
    assert.deepEqual(await refused(world, '/exclusions', json), [code])
  }
  assert.match((await refused(world, '/exclusions', attempts.at(-1)![0])).join(), /yaml\//)
  const { items } = (await (await call('/exclusions?state=all')).json()) as { items: unknown[] }
  assert.deepEqual(items, [])
})

test('an exclusion is prolonged with a reason and never beyond ninety days; every text is kept', async () => {
  const world = await makeWorld()
  const { app, add, read, call } = world
  const dayIn = (days: number) => new Date(app.clock.now() + days * DAY).toISOString().slice(0, 10)
  await add('/rules', { text: WHOAMI })
  const ends = dayIn(7)
  const made = await add<Exclusion>('/exclusions', { text: AGENT, reason: 'Trial', ends })
  assert.equal(made.endsAt, `${dayIn(8)}T00:00:00.000Z`, 'the day named is the last one')
  const path = `/exclusions/${made.id}`
  const change = async (json: object, version: number) => {
    const answer = await call(path, {
      method: 'PATCH',
      json,
      headers: { 'If-Match': `"${version}"` },
    })
    return { status: answer.status, body: (await answer.json()) as Exclusion & { detail: string } }
  }
  const silent = await change({ ends: dayIn(30) }, 1)
  assert.deepEqual([silent.status, /Say why/.test(silent.body.detail)], [422, true])
  assert.equal((await change({ ends: dayIn(91), why: 'Longer' }, 1)).status, 422)
  const prolonged = await change({ ends: dayIn(90), why: 'The trial goes on' }, 1)
  assert.deepEqual([prolonged.status, prolonged.body.version], [200, 2])
  assert.equal((await change({ reason: 'Late', why: '' }, 1)).status, 412)
  assert.equal((await change({ reason: 'Trial', why: '' }, 2)).body.version, 2, 'nothing changed')
  const { items: versions } = await read<{ items: { why: string; text: string }[] }>(
    `${path}/versions`,
  )
  assert.deepEqual(
    versions.map(({ why, text }) => [why, text.includes(dayIn(90)), text.startsWith(AGENT)]),
    [
      ['The trial goes on', true, true],
      ['', false, true],
    ],
  )
  const entries = await entriesOf(app, world.workspace)
  const told = entries.filter(({ action }) => action.startsWith('exclusion.'))
  assert.deepEqual(
    told.map(({ action }) => action),
    ['exclusion.change', 'exclusion.add'],
  )
})

test('whoever may not write exclusions reads them and changes none', async () => {
  const world = await makeWorld()
  const { app, workspace, add } = world
  await add('/rules', { text: WHOAMI })
  const made = await add<Exclusion>('/exclusions', { text: AGENT, reason: 'Runs each night' })
  const userId = await addPerson(
    app.house,
    workspace,
    `${workspace.slug}-analyst`,
    'analyst',
    false,
  )
  const { call } = await startProgram(app, { userId }, { scopes: ['rules:write'], workspace })
  assert.equal((await call(`/exclusions/${made.id}`)).status, 200)
  const json = { text: AGENT, reason: 'Mine' }
  assert.equal((await call('/exclusions', { json })).status, 403)
  const headers = { 'If-Match': '*' }
  for (const method of ['PATCH', 'DELETE']) {
    const sent = { method, headers, ...(method === 'PATCH' && { json: { reason: 'Mine' } }) }
    assert.equal((await call(`/exclusions/${made.id}`, sent)).status, 403)
  }
})

test('when its day is over it is overdue until that was noticed, and then takes no part', async () => {
  const world = await makeWorld()
  const { app, add, read } = world
  const rule = await add('/rules', { text: WHOAMI })
  const ends = new Date(app.clock.now() + DAY).toISOString().slice(0, 10)
  const made = await add<Exclusion>('/exclusions', { text: AGENT, reason: 'For a day', ends })
  await app.runner.drain()
  assert.match((await rendersOf(world, rule.id)).get('splunk')!.queries[0]!, /agent/)
  app.clock.advance(2 * DAY)
  assert.equal((await read(`/exclusions/${made.id}`)).state, 'overdue')
  assert.match((await rendersOf(world, rule.id)).get('splunk')!.queries[0]!, /agent/)
  await app.runner.drain()
  assert.equal((await read(`/exclusions/${made.id}`)).state, 'ended')
  const { queries, isPending } = (await rendersOf(world, rule.id)).get('splunk')!
  assert.doesNotMatch(queries[0]!, /agent/)
  assert.equal(isPending, false)
})

test('filters come in with their rules as exclusions, and leave as files without loss', async () => {
  const from = await makeWorld()
  const { app } = from
  const bring = async (world: World, files: readonly { path: string; text: string }[]) => {
    const answer = await world.call('/rules/import', { json: { files } })
    assert.equal(answer.status, 202, await answer.clone().text())
    const started = (await answer.json()) as { import: string }
    await app.runner.drain()
    return started.import
  }
  const community = AGENT.replace(
    'title: The agent',
    'title: The agent\ndescription: Runs at night',
  )
  const files = [
    { path: 'a/filter.yml', text: community },
    { path: 'any.yml', text: AGENT.replace(`[${RULE_ID}]`, 'any') },
    { path: 'gone.yml', text: AGENT.replace(RULE_ID, 'not-here') },
    { path: 'z/rule.yml', text: WHOAMI },
  ]
  const id = await bring(from, files)
  interface Items {
    items: {
      path: string
      finding: string
      result: string
      problems: { code: string; severity: string }[]
    }[]
  }
  const { items } = await from.read<Items>(`/rules/imports/${id}/items`)
  assert.deepEqual(
    items.map(({ path, finding, result, problems }) => [
      path,
      finding,
      result,
      problems.find(({ severity }) => severity === 'error')?.code ?? null,
    ]),
    [
      ['a/filter.yml', 'new', 'created', null],
      ['any.yml', 'broken', 'skipped', 'exclusion/any'],
      ['gone.yml', 'broken', 'skipped', 'exclusion/unknown-rule'],
      ['z/rule.yml', 'new', 'created', null],
    ],
  )
  const { items: made } = await from.read<{ items: Exclusion[] }>('/exclusions')
  const [exclusion] = made
  assert.deepEqual([made.length, exclusion!['reason']], [1, 'Runs at night'])
  assert.match(exclusion!.owner, /^excluded\d+@/)

  const ended = AGENT.replace('The agent', 'Over').replace('agent #', 'old #')
  const over = await from.add<Exclusion>('/exclusions', { text: ended, reason: 'Short' })
  const headers = { 'If-Match': '"1"' }
  await from.call(`/exclusions/${over.id}`, { method: 'DELETE', headers })
  const answer = await from.call('/rules/export?format=ndjson')
  const lines = (await answer.text()).trim().split('\n')
  const out = lines.map((line) => JSON.parse(line) as { path: string; text: string })
  assert.deepEqual(
    out.map(({ path }) => path.replace(/-[0-9a-f]{8}\.yml$/, '')),
    ['whoami', 'exclusions/over', 'exclusions/the-agent'],
  )
  const to = await makeWorld()
  await bring(
    to,
    out.map(({ path, text }) => ({ path, text })),
  )
  const again = await to.call('/rules/export?format=ndjson')
  const texts = (await again.text())
    .trim()
    .split('\n')
    .map((line) => {
      return (JSON.parse(line) as { text: string }).text
    })
  assert.deepEqual(texts.toSorted(), out.map(({ text }) => text).toSorted())
  const { items: states } = await to.read<{ items: Exclusion[] }>('/exclusions?state=all')
  assert.deepEqual(states.map(({ state }) => state).toSorted(), ['ended', 'in_force'])
})
