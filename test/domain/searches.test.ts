// One question to many targets: what each segment says when its target answers, fails, lies in part, is
// cancelled or was asked by a process that is gone; and what is kept of the rows.

import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { systemCaller } from '#domain/access/system.ts'
import { putMapping } from '#domain/mappings/actions.ts'
import { createRule } from '#domain/rules/actions.ts'
import { addExclusion } from '#domain/rules/exclusions/actions.ts'
import { cancelSearch, deleteSearch, retrySegment, startSearch } from '#domain/searches/actions.ts'
import { SearchInput } from '#domain/searches/input.ts'
import { getSearch, readFound } from '#domain/searches/reading.ts'
import { outcomeOf, type Search, type Segment } from '#domain/searches/search.ts'
import type { SearchState } from '#domain/targets/port.ts'
import { addTarget, listTargets } from '#domain/targets/actions.ts'
import { setCredential } from '#domain/targets/credentials.ts'
import { NewTarget } from '#domain/targets/input.ts'
import { AppError } from '#kernel/error.ts'
import type { TargetId } from '#kernel/id.ts'
import { addMs, DAY, formatInstant, HOUR } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import { nextTurn } from '#platform/turns.ts'
import {
  answeringSiem,
  COMPLETE,
  done,
  rowsPage,
  STILL,
  type AnsweringSiem,
  type Script,
} from '#test/support/answering-siem.ts'
import { entriesOf } from '#test/support/api.ts'
import { bringEvents } from '#test/support/sandbox.ts'
import { startApp, type TestApp } from '#test/support/start-app.ts'

interface World {
  readonly app: TestApp
  readonly siem: AnsweringSiem
  readonly caller: () => Caller
  readonly targets: Readonly<Record<string, TargetId>>
}

async function startWorld(
  t: TestContext,
  scripts: Readonly<Record<string, Script>>,
): Promise<World> {
  const siem = answeringSiem()
  const app = await startApp(t, { openSiem: siem.open })
  const caller = () => systemCaller(app.house, 'test', undefined, app.acme.id)
  const targets: Record<string, TargetId> = {}
  for (const [name, script] of Object.entries(scripts)) {
    siem.scripts.set(name, script)
    const settings = { url: `https://${name}.example:8089/` }
    const input = NewTarget.parse({ name, kind: 'splunk', settings })
    const { target } = await addTarget(app.house, caller(), input)
    const credential = { kind: 'token', token: 'reader-secret' } as const
    await setCredential(app.house, caller(), target.id, { purpose: 'read', credential })
    targets[name] = target.id
  }
  await settle(app)
  return { app, siem, caller, targets }
}

async function settle(app: TestApp): Promise<void> {
  await app.runner.drain()
  await nextTurn()
}

function ask({ app, caller, targets }: World, more: object = {}): Promise<Search> {
  const now = app.clock.now()
  const input = SearchInput.parse({
    question: { language: 'spl', text: 'index=main host=*' },
    targetIds: Object.values(targets),
    from: now - HOUR,
    to: now,
    ...more,
  })
  return startSearch(app.house, caller(), input)
}

async function asked(world: World, more: object = {}): Promise<Search> {
  const { id } = await ask(world, more)
  await settle(world.app)
  return getSearch(world.app.house, world.caller(), id)
}

const states = ({ segments }: Search) => segments.map(({ state }) => state)
const only = ({ segments }: Search): Segment => segments[0]!

test('each target ends for itself, and the search says exactly what is known', async (t) => {
  const partial = { kind: 'partial', reason: 'two of five indexers did not answer' } as const
  const world = await startWorld(t, {
    paris: {
      states: [STILL, done(2)],
      pages: [rowsPage([['2026-01-01T00:00:00Z', 'a']], 1), rowsPage([['x', 'b']])],
    },
    oslo: {
      start: async () => {
        const problem = { code: 'x/refused', severity: 'error', message: 'No index main for it.' }
        const details = { problems: [problem] }
        throw new AppError('forbidden', 'The account may not search main.', { details })
      },
    },
    rome: {
      states: [
        { kind: 'done', found: 1, scanned: null, completeness: partial, notices: ['a notice'] },
      ],
      pages: [rowsPage([['y', 'c']])],
    },
  })
  const search = await asked(world)
  const [paris, oslo, rome] = search.segments
  assert.deepEqual(states(search), ['succeeded', 'failed', 'succeeded'])
  assert.deepEqual(paris!.completeness, COMPLETE)
  assert.deepEqual([paris!.rowCount, paris!.scanned, paris!.timeColumn], [2, 1_000, '_time'])
  assert.equal(oslo!.reason, 'The account may not search main. No index main for it.')
  assert.deepEqual([rome!.completeness, rome!.notices], [partial, ['a notice']])
  const outcome = outcomeOf(search.segments)
  assert.ok(outcome?.kind === 'some')
  assert.deepEqual(
    [outcome.missing, outcome.limited].map((list) => list.map(({ targetName }) => targetName)),
    [['oslo'], ['rome']],
  )
  const { rows, isEnd } = await readFound(world.app.house, world.caller(), search, {
    offset: 0,
    limit: 10,
  })
  assert.deepEqual(
    rows.map(({ segment, values }) => [segment.targetName, values[1]]),
    [
      ['paris', 'a'],
      ['paris', 'b'],
      ['rome', 'c'],
    ],
  )
  assert.equal(isEnd, true)
  const entries = await entriesOf(world.app, world.app.acme)
  const actions = entries.map(({ action }) => action).filter((one) => one.startsWith('search.'))
  assert.deepEqual(actions.toSorted(), ['search.end', 'search.end', 'search.end', 'search.start'])
})

test('more rows than asked for are cut off, and said to be', async (t) => {
  const rows = Array.from({ length: 5 }, (_, at) => ['2026-01-01T00:00:00Z', String(at)])
  const world = await startWorld(t, { paris: { states: [done(5)], pages: [rowsPage(rows)] } })
  const segment = only(await asked(world, { rows: 3 }))
  assert.equal(segment.rowCount, 3)
  assert.deepEqual(segment.completeness, {
    kind: 'truncated',
    limit: '3 rows, as this search asked',
  })
})

test('a query that does more than read leaves nothing, and neither does a foreign language', async (t) => {
  const world = await startWorld(t, { paris: {} })
  for (const text of ['index=main | delete', 'index=main | outputlookup x.csv', 'index=main | (']) {
    await assert.rejects(ask(world, { question: { language: 'spl', text } }), { code: 'invalid' })
  }
  const kusto = { question: { language: 'kusto', text: 'SecurityEvent | take 1' } }
  await assert.rejects(ask(world, kusto), /Splunk runs SPL; this is Kusto/)
  assert.equal(world.siem.requests.length, 0)
})

test('a rule goes to each kind of target as what it is there', async (t) => {
  const world = await startWorld(t, { paris: {} })
  const text =
    'title: Whoami\nlogsource: {category: process_creation, product: windows}\n' +
    "detection: {sel: {Image|endswith: '\\whoami.exe'}, condition: sel}\n"
  const search = await asked(world, { question: { language: 'sigma', text } })
  assert.equal(search.title, 'Whoami')
  assert.equal(only(search).language, 'spl')
  assert.match(world.siem.requests[0]!.query.text, /whoami\.exe/)
})

test('a rule, typed or chosen, goes to each target by the mapping in force there', async (t) => {
  const world = await startWorld(t, { paris: {}, oslo: {} })
  const { app, caller } = world
  const text =
    'title: Whoami\nlogsource: {category: process_creation, product: windows}\n' +
    "detection: {sel: {Image|endswith: '\\whoami.exe'}, condition: sel}\n"
  const { rule } = await createRule(app.house, caller(), {
    text,
    reason: '',
    origin: 'written',
  })
  const transformations = [{ type: 'field_name_mapping', mapping: { Image: 'own_path' } }]
  const mapping = { pipelines: [], document: { transformations }, reason: 'theirs' }
  const paris = world.targets['paris']!
  await putMapping(app.house, caller(), paris, { ...mapping, expected: 'any' })
  await nextTurn() // nothing is compiled again yet: what is kept of the rule is of no mapping
  for (const question of [{ language: 'sigma', text }, { ruleId: rule.id }]) {
    const { segments } = await ask(world, { question })
    const [there, elsewhere] = segments.map((one) => one.text)
    assert.match(there!, /own_path="\*\\\\whoami\.exe"/)
    assert.match(elsewhere!, /Image="\*\\\\whoami\.exe"/)
  }
})

test('a rule that cannot be read is asked nowhere, and one that holds a key is', async (t) => {
  const world = await startWorld(t, { paris: {} })
  const head = 'title: Leak\nlogsource: {category: process_creation, product: windows}\n'
  const sigma = (detection: string) => ({
    question: {
      language: 'sigma',
      text: `${head}detection: {sel: ${detection}, condition: sel}\n`,
    },
  })
  await assert.rejects(ask(world, sigma('{Image|nosuch: a}')), (error: AppError) => {
    assert.deepEqual([error.code, error.message], ['invalid', 'The rule cannot be read.'])
    return JSON.stringify(error.details).includes('nosuch')
  })
  const key = `ghp_${'aB3dE6gH9k'.repeat(4).slice(0, 36)}`
  const { segments } = await ask(world, sigma(`{CommandLine|contains: ${key}}`))
  assert.match(segments[0]!.text, new RegExp(key))
})

test('what fails for a moment is tried again, and for good says why', async (t) => {
  let tries = 0
  const world = await startWorld(t, {
    paris: {
      async start() {
        if (tries++ === 0) throw new AppError('upstream', 'paris could not be reached.')
        return { first: rowsPage([['x', 'a']]) }
      },
    },
  })
  const { id } = await ask(world)
  await settle(world.app)
  const waiting = await getSearch(world.app.house, world.caller(), id)
  assert.match(only(waiting).reason ?? '', /could not be reached\. It is tried again/)
  world.app.clock.advance(HOUR)
  await settle(world.app)
  const search = await getSearch(world.app.house, world.caller(), id)
  assert.deepEqual([states(search), only(search).rowCount], [['succeeded'], 1])
})

test('a search that is resumed polls what was sent, and sends nothing twice', async (t) => {
  let isAway = true
  const world = await startWorld(t, {
    paris: {
      get states() {
        if (isAway) throw new AppError('upstream', 'away')
        return [done(1)]
      },
      pages: [rowsPage([['x', 'a']])],
    },
  })
  const { id } = await ask(world)
  await settle(world.app)
  isAway = false
  world.app.clock.advance(HOUR)
  await settle(world.app)
  assert.deepEqual(states(await getSearch(world.app.house, world.caller(), id)), ['succeeded'])
})

test('cancelling reaches the target, and says when it did not', async (t) => {
  for (const isConfirmed of [true, false]) {
    const started = Promise.withResolvers<void>()
    const world = await startWorld(t, {
      paris: {
        async start() {
          started.resolve()
          return { first: null }
        },
        states: [{ ...STILL, pollAfterMs: 30_000 } as SearchState],
        cancel: async () => ({ isConfirmed, reason: 'It did not answer.' }),
      },
    })
    const { id } = await ask(world)
    const ran = world.app.runner.drain()
    await started.promise
    await cancelSearch(world.app.house, world.caller(), id)
    await ran
    await nextTurn()
    const search = await getSearch(world.app.house, world.caller(), id)
    assert.deepEqual(states(search), ['cancelled'])
    assert.match(only(search).reason ?? '', isConfirmed ? /has stopped/ : /may still be at work/)
    assert.equal(world.siem.cancelled.length, 1)
    await assert.rejects(cancelSearch(world.app.house, world.caller(), id), { code: 'conflict' })
  }
})

test('a target is asked again on request, and what it said before is gone', async (t) => {
  let isWrong = true
  const world = await startWorld(t, {
    paris: {
      async start() {
        if (isWrong) throw new AppError('unauthenticated', 'It does not know this account.')
        return { first: rowsPage([['x', 'a']]) }
      },
    },
  })
  const failed = await asked(world)
  assert.deepEqual(states(failed), ['failed'])
  isWrong = false
  await retrySegment(world.app.house, world.caller(), failed.id, 1)
  await settle(world.app)
  const search = await getSearch(world.app.house, world.caller(), failed.id)
  assert.deepEqual([states(search), only(search).attempt], [['succeeded'], 2])
  await assert.rejects(retrySegment(world.app.house, world.caller(), failed.id, 1), {
    code: 'conflict',
  })
})

test('rows are kept as long as the policy says, sealed, and go with their search', async (t) => {
  const world = await startWorld(t, {
    paris: { start: async () => ({ first: rowsPage([['x', 'planted-value']]) }) },
  })
  const { app, caller } = world
  const search = await asked(world)
  const read = async () =>
    (await readFound(app.house, caller(), search, { offset: 0, limit: 10 })).rows.length
  assert.equal(await read(), 1)
  const piece = app.house.evidence.list(caller().scope, search.id)[0]!
  const sealed = app.house.evidence.get(caller().scope, { owner: search.id, ...piece })!
  assert.equal(sealed.includes('planted-value'), false)
  assert.equal(app.house.evidence.prune(addMs(app.clock.now(), 6 * DAY)), 0)
  assert.equal(app.house.evidence.prune(addMs(app.clock.now(), 8 * DAY)), 1)
  assert.equal(await read(), 0)
  const other = await asked(world)
  await deleteSearch(app.house, caller(), other.id)
  assert.equal(app.house.evidence.list(caller().scope, other.id).length, 0)
  await assert.rejects(getSearch(app.house, caller(), other.id), { code: 'forbidden' })
})

test('rows are narrowed, sorted and paged', async (t) => {
  const rows = Array.from({ length: 25 }, (_, at) => [`2026-01-01T00:00:${10 + at}Z`, `h${at % 5}`])
  const world = await startWorld(t, {
    paris: { start: async () => ({ first: rowsPage(rows) }) },
  })
  const search = await asked(world)
  const find = (wanted: object) =>
    readFound(world.app.house, world.caller(), search, { offset: 0, limit: 10, ...wanted })
  assert.equal((await find({ words: 'H3' })).rows.length, 5)
  assert.equal((await find({ where: { column: 'host', value: 'h1' } })).rows.length, 5)
  const sorted = await find({ sort: { column: '_time', isDescending: true }, limit: 1 })
  assert.equal(sorted.rows[0]!.values[0], '2026-01-01T00:00:34Z')
  const last = await find({ offset: 20 })
  assert.deepEqual(last.rows.map(({ index, values }) => [index, values[1]])[0], [20, 'h0'])
  assert.deepEqual((await find({ offset: 40 })).rows, [])
  assert.deepEqual([last.rows.length, last.isEnd], [5, true])
})

test('the sandbox of the workspace answers like any other target', async (t) => {
  const app = await startApp(t)
  const caller = () => systemCaller(app.house, 'test', undefined, app.acme.id)
  const { items } = await listTargets(app.house, caller(), { limit: 10 })
  const world: World = {
    app,
    siem: answeringSiem(),
    caller,
    targets: { local: items[0]!.target.id },
  }
  const search = await asked(world)
  assert.deepEqual([states(search), only(search).rowCount], [['succeeded'], 0])

  // What a rule finds there is what it would alert on: without what is excluded.
  const at = formatInstant(addMs(app.clock.now(), -HOUR / 2))
  const event = (User: string) => ({ '@timestamp': at, Image: 'whoami.exe', User })
  await bringEvents(app.house, caller(), [event('CORP\\ada'), event('svc-backup')])
  const logsource = 'logsource: {category: process_creation, product: windows}'
  const text = `title: Whoami\n${logsource}\ndetection: {sel: {Image: whoami.exe}, condition: sel}\n`
  const { rule } = await createRule(app.house, caller(), { text, reason: '', origin: 'written' })
  const found = async () => only(await asked(world, { question: { ruleId: rule.id } })).rowCount
  await nextTurn()
  assert.equal(await found(), 2, 'the premise')
  await addExclusion(app.house, caller(), {
    text: `title: Backups\n${logsource}\nfilter: {rules: [${rule.id}], selection: {User: svc-backup}, condition: not selection}\n`,
    owner: 'ada@acme.example',
    reason: 'Known work',
  })
  await nextTurn()
  assert.equal(await found(), 1)
})
