// A search that is kept is asked again at its slots, in the name of whoever keeps it: once for each
// slot, never for those that came while nothing ran, and no longer than its owner may search. A row
// that is pinned outlives the evidence it was in.

import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { changeMember } from '#domain/access/members.ts'
import { verbsOf, type Role } from '#domain/access/permission.ts'
import { systemCaller } from '#domain/access/system.ts'
import { deleteSearch, startSearch } from '#domain/searches/actions.ts'
import { NewPin, SearchInput } from '#domain/searches/input.ts'
import { listPins, pinRow, unpinRow } from '#domain/searches/pins.ts'
import { queryText } from '#domain/searches/pivot.ts'
import { getSearch, listSearches } from '#domain/searches/reading.ts'
import { changeSaved, getSaved, listSaved, saveSearch } from '#domain/searches/saved-actions.ts'
import type { SavedSearch } from '#domain/searches/saved.ts'
import type { Search } from '#domain/searches/search.ts'
import { addTarget } from '#domain/targets/actions.ts'
import { setCredential } from '#domain/targets/credentials.ts'
import { NewTarget } from '#domain/targets/input.ts'
import { addMs, DAY, formatInstant, HOUR, MINUTE } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import { nextTurn } from '#platform/turns.ts'
import { answeringSiem, done, rowsPage, STILL, type Script } from '#test/support/answering-siem.ts'
import { startApp, type CastMember, type TestApp } from '#test/support/start-app.ts'

interface World {
  readonly app: TestApp
  readonly script: { current: Script }
  readonly as: (person: CastMember, role?: Role) => Caller
  readonly ask: () => Promise<Search>
}

async function startWorld(t: TestContext): Promise<World> {
  const siem = answeringSiem()
  const app = await startApp(t, { openSiem: siem.open })
  const system = () => systemCaller(app.house, 'test', undefined, app.acme.id)
  const script: World['script'] = {
    current: { states: [done(1)], pages: [rowsPage([['x', 'a']])] },
  }
  siem.scripts.set('paris', {
    get states() {
      return script.current.states ?? []
    },
    get pages() {
      return script.current.pages ?? []
    },
  })
  const settings = { url: 'https://paris.example:8089/' }
  const wish = NewTarget.parse({ name: 'paris', kind: 'splunk', settings })
  const { target } = await addTarget(app.house, system(), wish)
  const credential = { kind: 'token', token: 'reader-secret' } as const
  await setCredential(app.house, system(), target.id, { purpose: 'read', credential })
  const as = ({ userId }: CastMember, role: Role = 'engineer'): Caller => ({
    ...system(),
    actor: userId,
    verbs: verbsOf(role),
  })
  await settle(app)
  return {
    app,
    script,
    as,
    async ask() {
      const caller = as(app.cast.ravi)
      const question = { language: 'spl', text: 'index=main host=*' }
      const range = { from: caller.now - HOUR, to: caller.now }
      const input = SearchInput.parse({ question, targetIds: [target.id], ...range })
      const { id } = await startSearch(app.house, caller, input)
      await settle(app)
      return getSearch(app.house, caller, id)
    },
  }
}

async function settle(app: TestApp): Promise<void> {
  await app.runner.drain()
  await nextTurn()
}

async function runsOf({ app, as }: World, { id: savedId }: SavedSearch) {
  const wanted = { limit: 100, filter: { savedId } }
  return (await listSearches(app.house, as(app.cast.ravi), wanted)).items
}

test('a schedule asks once a slot, tells what it missed, and ends with its owner’s right', async (t) => {
  const world = await startWorld(t)
  const { app, as } = world
  const { ravi, ada, vera } = app.cast
  const { id } = await world.ask()
  const hourly = { name: 'Hourly', isShared: false, cron: '5 * * * *' }
  const saved = await saveSearch(app.house, as(ravi), id, hourly)
  assert.equal(formatInstant(saved.nextAt!).slice(13, 16), ':05')
  assert.equal(saved.spanMs, HOUR)
  const read = () => getSaved(app.house, as(ravi), saved.id)

  app.clock.advance(saved.nextAt! - app.clock.now())
  await settle(app)
  const [run, asked] = await runsOf(world, saved)
  assert.deepEqual([asked?.id, run?.createdBy, run?.segments[0]?.rowCount], [id, ravi.userId, 1])
  assert.deepEqual([run!.to - run!.from, run!.to], [HOUR, app.clock.now()])
  assert.deepEqual([(await read()).note, (await read()).missedCount], [null, 0])

  // Three more slots come and go before the next run.
  app.clock.advance(4 * HOUR)
  await settle(app)
  assert.equal((await runsOf(world, saved)).length, 3)
  const late = await read()
  assert.equal(late.missedCount, 3)
  assert.match(late.note ?? '', /^3 slots .* were not asked\.$/)

  await changeSaved(app.house, as(ravi), saved.id, { isPaused: true })
  app.clock.advance(2 * HOUR)
  await settle(app)
  assert.deepEqual([(await read()).nextAt, (await runsOf(world, saved)).length], [null, 3])
  await changeSaved(app.house, as(ravi), saved.id, { isPaused: false })

  await changeMember(app.house, as(ada, 'admin'), ravi.userId, { role: 'viewer' })
  app.clock.advance(HOUR)
  await settle(app)
  const ended = await read()
  assert.equal((await runsOf(world, saved)).length, 3)
  assert.match(ended.note ?? '', /may not search here any more/)

  // It is nobody else's until it is shared.
  await assert.rejects(getSaved(app.house, as(ada, 'admin'), saved.id), { code: 'forbidden' })
  assert.deepEqual(await listSaved(app.house, as(ada, 'admin')), [])
  await changeSaved(app.house, as(ravi), saved.id, { isShared: true })
  assert.equal((await listSaved(app.house, as(vera, 'analyst'))).length, 1)
  await assert.rejects(changeSaved(app.house, as(vera, 'analyst'), saved.id, { isPaused: true }), {
    code: 'forbidden',
  })
  await changeSaved(app.house, as(ada, 'admin'), saved.id, { isPaused: true })
  for (const cron of ['*/2 * * * *', 'often', '0 0 30 2 *']) {
    await assert.rejects(changeSaved(app.house, as(ravi), saved.id, { cron }), { code: 'invalid' })
  }
})

test('a pinned row outlives its evidence, holds only what was chosen, and holds its search', async (t) => {
  const world = await startWorld(t)
  const { app, as } = world
  const ravi = () => as(app.cast.ravi)
  const { id } = await world.ask()
  const pin = NewPin.parse({ position: 1, row: 0, columns: ['host', 'absent'], note: 'seen' })
  await pinRow(app.house, ravi(), id, pin)
  await nextTurn()
  app.house.evidence.prune(addMs(app.clock.now(), 8 * DAY))
  const [pinned] = await listPins(app.house, ravi(), id)
  assert.deepEqual([pinned?.values, pinned?.note], [[['host', 'a']], 'seen'])
  await assert.rejects(deleteSearch(app.house, ravi(), id), { code: 'conflict' })
  await assert.rejects(pinRow(app.house, ravi(), id, pin), { code: 'not_found' })
  await unpinRow(app.house, ravi(), id, pinned!.number)
  await deleteSearch(app.house, ravi(), id)
})

test('a target that reads more than a search may cost is stopped, and what it cost is told', async (t) => {
  const world = await startWorld(t)
  const { app, as } = world
  const { segments } = await world.ask()
  world.script.current = { states: [{ ...STILL, scanned: 5_000, scannedBytes: 70_000 } as never] }
  const input = SearchInput.parse({
    question: { language: 'spl', text: 'index=main' },
    targetIds: [segments[0]!.targetId],
    from: app.clock.now() - MINUTE,
    to: app.clock.now(),
    scanned: 1_000,
  })
  const { id } = await startSearch(app.house, as(app.cast.ravi), input)
  await settle(app)
  const { segments: after } = await getSearch(app.house, as(app.cast.ravi), id)
  assert.deepEqual(
    [after[0]!.state, after[0]!.scanned, after[0]!.scannedBytes],
    ['failed', 5_000, 70_000],
  )
  assert.match(after[0]!.reason ?? '', /5000 events; at most 1000 .* has stopped/)
})

test('a value leads to a question in the language it was found with', () => {
  const sources = [
    { kind: 'index', name: 'windows' },
    { kind: 'table', name: 'SecurityEvent' },
  ] as const
  const value = { column: 'host name', value: 'a"b\\c' }
  const texts = (['spl', 'kusto', 'esql', 'eql', 'lucene', 'kuery'] as const).map((language) =>
    queryText(language, sources, value),
  )
  assert.deepEqual(texts, [
    'index=windows "a\\"b\\\\c"',
    'SecurityEvent\n| where * has "a\\"b\\\\c"',
    'FROM windows\n| WHERE `host name` == "a\\"b\\\\c"',
    'any where `host name` == "a\\"b\\\\c"',
    'host\\ name:"a\\"b\\\\c"',
    'host\\ name: "a\\"b\\\\c"',
  ])
})
