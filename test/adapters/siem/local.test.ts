// The sandbox as a SIEM and as the place people fill, in the whole product: the command brings events
// in, every language finds them, deployed rules tell what happened, and nothing is left when it is
// emptied.

import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { systemCaller } from '#domain/access/system.ts'
import { deleteEvents, listEvents, showSandbox, tendSandboxes } from '#domain/events/actions.ts'
import { SIEMS, type SearchRequest, type SiemPort } from '#domain/targets/port.ts'
import { SignInMemory } from '#domain/targets/sign-ins.ts'
import {
  EVENT_STORE,
  type EventStore,
  type FileToImport,
  type ImportPlace,
} from '#domain/events/port.ts'
import { DAY, instant, INSTANT_MAX } from '#kernel/time.ts'
import { starterRules } from '#src/starter/starter.ts'
import { sampleEvents } from '#src/starter/sample-events.ts'
import { attackStory } from '#src/starter/story.ts'
import { runHere } from '#test/support/shell.ts'
import { startApp, type TestApp } from '#test/support/start-app.ts'

const signal = new AbortController().signal
const MIDNIGHT = instant(Date.UTC(2026, 10, 20))
const EVENTS = sampleEvents(MIDNIGHT)

async function portOf(app: TestApp): Promise<SiemPort> {
  const { house, acme } = app
  return house.ports.get(SIEMS)({
    targetId: 'tgt_1',
    workspaceId: acme.id,
    kind: 'local',
    settings: {},
    credential: { kind: 'none' },
    client: () => assert.fail('the sandbox calls nobody'),
    signIns: new SignInMemory(() => app.clock.now()).of('tgt_1'),
    now: () => app.clock.now(),
    random: (bytes) => house.random(bytes),
    readKusto: () => assert.fail('the sandbox has readers of its own'),
  })
}

async function bring(app: TestApp, text: string, ...more: readonly string[]) {
  const file = path.join(app.data, 'given.ndjson')
  writeFileSync(file, text)
  const argv = ['events', 'import', file, '--workspace', 'acme', '--data', app.data, ...more]
  return runHere(argv, { cwd: app.data })
}

const ndjson = (events: readonly object[]) =>
  events.map((event) => JSON.stringify(event)).join('\n')

interface Deployable {
  readonly ref: string
  /** A correlation has the rules it names after it; those are not deployed by themselves. */
  readonly rule: string
  readonly others: readonly string[]
}

function deployableRules(): readonly Deployable[] {
  const all = starterRules()
  const nameOf = (text: string) => /^name: (\S+)$/m.exec(text)?.[1]
  const parts = all.filter(({ text }) => nameOf(text) !== undefined)
  return all
    .filter((rule) => !parts.includes(rule))
    .map(({ path: ref, text }) => {
      const named = parts.filter((part) => text.includes(`- ${nameOf(part.text)}\n`))
      return { ref, rule: text, others: named.map((part) => part.text) }
    })
}

async function search(
  { search: siem }: SiemPort,
  query: SearchRequest['query'],
  segmentId: string,
) {
  const range = { from: MIDNIGHT, to: instant(MIDNIGHT + DAY) }
  const limits = { rowsMax: 5_000, secondsMax: 60, segmentId, person: 'ada', purpose: 'a test' }
  const { remote } = await siem.start({ query, ...range, ...limits }, signal)
  let state = await siem.poll(remote, signal)
  while (state.kind === 'running') {
    await new Promise((resolve) => setImmediate(resolve))
    state = await siem.poll(remote, signal)
  }
  return {
    remote,
    state,
    page: await siem.rows(remote, { after: null, limit: 5_000 }, signal).catch(() => undefined),
  }
}

test('what the command brings in is found in the languages of SIEMs, and the answer says how complete it is', async (t) => {
  const app = await startApp(t)
  const { code, out, err } = await bring(app, `${ndjson(EVENTS)}\nnot json\n`)
  assert.equal(out, `${path.join(app.data, 'given.ndjson')}: ${EVENTS.length} events (ndjson)`)
  assert.equal(code, 1, 'a line was bad')
  assert.match(err, new RegExp(`given.ndjson:${EVENTS.length + 1} is no JSON`))
  const port = await portOf(app)
  const expected = EVENTS.filter(({ Image }) => String(Image).endsWith('\\whoami.exe')).length
  assert.ok(expected > 5, 'the premise')
  const queries = [
    [
      'sigma',
      "title: w\nlogsource: {product: windows}\ndetection: {s: {Image|endswith: '\\whoami.exe'}, condition: s}",
    ],
    ['spl', 'Image="*\\\\whoami.exe"'],
    ['esql', 'from logs | where ends_with(Image, "\\\\whoami.exe")'],
    ['eql', 'any where Image : "*\\\\whoami.exe"'],
  ] as const
  for (const [language, text] of queries) {
    const { state, page } = await search(port, { language, text }, `seg_${language}`)
    assert.equal(state.kind, 'done', `${language}: ${JSON.stringify(state)}`)
    assert.equal(page?.rows.length, expected, language)
    assert.deepEqual(page?.completeness, { kind: 'complete' }, language)
  }
  const wrong = await search(port, { language: 'spl', text: 'a | stats (' }, 'seg_wrong')
  assert.equal(wrong.state.kind, 'failed')
  const problems = await port.validate({ language: 'esql', text: 'from a | where' }, signal)
  assert.ok(problems.length > 0)
  const { tables } = await port.schema(signal)
  assert.ok(
    tables.some(
      ({ name, columns }) =>
        name.includes('category=dns') && columns.some((one) => one.name === 'query'),
    ),
  )
  const poll = await port.search.poll({ search: 'seg_other' }, signal)
  assert.equal(poll.kind, 'gone')
})

test('deployed starter rules find the story in the sample events, once', async (t) => {
  const app = await startApp(t)
  const { house, acme } = app
  const { rules } = await portOf(app)
  assert.ok(rules)
  const deployed = await Promise.all(
    deployableRules().map(({ ref, rule, others }) =>
      rules.put({ ref, body: { title: ref, rule, others: [...others] }, replaces: null }, signal),
    ),
  )
  assert.ok(deployed.length >= 20, 'the premise')
  const [first] = deployed
  await assert.rejects(
    rules.put({ ref: first!.ref, body: first!.normalised, replaces: null }, signal),
    { code: 'stale' },
  )
  await bring(app, ndjson(EVENTS))
  const caller = systemCaller(house, 'test', undefined, acme.id)
  const story = new Set(attackStory(MIDNIGHT).flatMap(({ fires }) => fires))
  const told = async () => {
    const { runs } = await (
      await portOf(app)
    ).health!.runs({ from: instant(0), to: instant(app.clock.now() + 1) }, signal)
    return new Set(runs.flatMap(({ ref, alerts }) => (alerts ? [ref] : [])))
  }
  assert.deepEqual([...(await told())].toSorted(), [...story].toSorted())
  const { alerts, totals } = await showSandbox(house, caller)
  const before = totals.alertCount
  assert.ok(alerts.length > 0)
  app.clock.advance(DAY)
  await tendSandboxes(house, systemCaller(house, 'test'), signal)
  assert.equal(
    (await showSandbox(house, caller)).totals.alertCount,
    before,
    'nothing is told twice',
  )
  await deleteEvents(house, caller)
  const after = await showSandbox(house, caller)
  assert.deepEqual([after.totals.eventCount, after.totals.alertCount, after.imports], [0, 0, []])
  assert.equal((await rules.list(signal)).rules.length, deployed.length, 'rules stay')
})

test('the newest events, those with a text, and those of a workspace alone', async (t) => {
  const app = await startApp(t)
  await bring(app, ndjson(EVENTS), '--logsource', 'product=windows,category=process_creation')
  const { house, acme, globex } = app
  const caller = systemCaller(house, 'test', undefined, acme.id)
  const range = { from: MIDNIGHT, to: instant(MIDNIGHT + DAY) }
  const { events: newest, next } = await listEvents(house, caller, { ...range, limit: 20 })
  assert.deepEqual(
    newest.map(({ at }) => at),
    EVENTS.map((event) => Date.parse(event['@timestamp']))
      .toSorted((a, b) => b - a)
      .slice(0, 20),
  )
  const { events: found } = await listEvents(house, caller, {
    ...range,
    text: 'PSEXESVC',
    field: 'ServiceName',
    limit: 20,
  })
  assert.equal(found.length, 1)
  assert.equal(found[0]!.logSource, 'product=windows,category=process_creation')
  const elsewhere = systemCaller(house, 'test', undefined, globex.id)
  assert.deepEqual(await listEvents(house, elsewhere, { ...range, limit: 20 }), {
    events: [],
    next: null,
  })
  const seen = new Set(newest.map(({ key }) => key))
  for (let cursor = next; cursor !== null;) {
    const more = await listEvents(house, caller, { ...range, limit: 300, cursor })
    for (const { key } of more.events) seen.add(key)
    cursor = more.next
  }
  assert.equal(seen.size, EVENTS.length, 'every event, page by page')
  const { code } = await bring(app, '', '--logsource', 'nonsense')
  assert.equal(code, 2)
  await attackFrom(app, globex.id)
})

/** Every method of the sandbox as another workspace: it finds nothing of acme's and changes nothing. */
async function attackFrom({ house, acme }: TestApp, other: string): Promise<void> {
  const store = house.ports.get(EVENT_STORE)
  const all = { from: MIDNIGHT, to: instant(MIDNIGHT + DAY), limit: 10 }
  const seen = async () => [
    await store.totals(acme.id),
    await store.listImports(acme.id, 10),
    await store.listEvents(acme.id, all),
    await store.listAlerts(acme.id, 10),
  ]
  const before = await seen()
  const [stolen] = await store.listImports(acme.id, 1)
  const step = { ...stolen!, now: MIDNIGHT } as unknown as ImportPlace
  const empty: readonly unknown[] = []
  const attacks: Readonly<Record<keyof EventStore, () => unknown>> = {
    receivedPath: () => assert.ok(!store.receivedPath(other, stolen!.id).includes(acme.id)),
    receive: () => store.receive(other, stolen!.id, (async function* () {})()),
    beginImport: () => assert.rejects(store.beginImport(other, step as FileToImport, signal)),
    stepImport: () => assert.rejects(store.stepImport(other, step, signal)),
    endImport: () => store.endImport(other, step, { state: 'cancelled', reason: 'stolen' }),
    listImports: async () => assert.deepEqual(await store.listImports(other, 10), empty),
    totals: async () => assert.equal((await store.totals(other)).eventCount, 0),
    listEvents: async () => assert.deepEqual(await store.listEvents(other, all), empty),
    listAlerts: async () => assert.deepEqual(await store.listAlerts(other, 10), empty),
    runRules: async () =>
      assert.deepEqual(await store.runRules(other, signal), { ran: 0, alerts: 0 }),
    keepWithin: async () =>
      assert.equal(await store.keepWithin(other, { before: INSTANT_MAX, bytesMax: 0 }), 0),
    clear: () => store.clear(other),
    list: () => store.list(),
  }
  for (const attack of Object.values(attacks)) await attack()
  assert.deepEqual(await seen(), before)
}
