// A forecast of as many rules as there may be, on a sandbox: within its budget of the hour and never more
// open than it may, stopped in the middle with the product and gone on with, and whole in the end: each
// rule asked once, its number the one that whoever counts the events by hand gets, the loudest first, also
// on its pages.

import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { after, test } from 'node:test'
import { addCast } from '#cli/demo/cast.ts'
import { systemCaller } from '#domain/access/system.ts'
import { FORECAST_RULES_MAX, type BacktestItem } from '#domain/changes/backtest.ts'
import { cancelBacktest } from '#domain/changes/backtest-start.ts'
import { selectItems } from '#domain/changes/backtest-store.ts'
import { getForecast, listForecastRules, startForecast } from '#domain/changes/forecast.ts'
import { NewForecast } from '#domain/changes/forecast-input.ts'
import { createRule } from '#domain/rules/actions.ts'
import { listSearches } from '#domain/searches/reading.ts'
import { listTargets } from '#domain/targets/actions.ts'
import { addWorkspace } from '#domain/workspaces/actions.ts'
import type { BacktestId, RuleId, TargetId } from '#kernel/id.ts'
import { addMs, formatInstant, HOUR } from '#kernel/time.ts'
import { nextTurn } from '#platform/turns.ts'
import { startApp } from '#src/app.ts'
import { enter } from '#test/support/cast.ts'
import { fakeClock } from '#test/support/clock.ts'
import { testConfiguration } from '#test/support/configuration.ts'
import { newFolder } from '#test/support/folder.ts'
import { ruleText } from '#test/support/rule-text.ts'
import { bringEvents } from '#test/support/sandbox.ts'

const AT_ONCE = 10
const PER_HOUR = 300
const EVENTS = 200
const folder = newFolder('forecast')
const standing = fakeClock()
let ticks = 0
/** Every look at it is a little later, so that what was open at one time can be told afterwards. */
const clock = { ...standing, now: () => addMs(standing.now(), ticks++) }
let app = await open()
after(async () => {
  await app.stop()
  rmSync(folder, { recursive: true, force: true })
})
const acme = await addWorkspace(app.house, systemCaller(app.house, 'test'), {
  slug: 'acme',
  name: 'Acme',
})
const ruleIds: RuleId[] = []
let targetId: TargetId
let whole: BacktestId

function open() {
  return startApp({ configuration: testConfiguration(folder), clock })
}

const caller = () => systemCaller(app.house, 'test', undefined, acme.id)

/** Programs 0..9, the lower the more often. */
const programOf = (event: number) => Math.floor(Math.sqrt(event % 100))

/** Rule n looks for one program, and sometimes for one of five users. */
const fits = (rule: number) => (event: number) =>
  programOf(event) === rule % 10 && (rule % 3 > 0 || event % 5 === rule % 5)

function textOf(rule: number): string {
  const user = rule % 3 > 0 ? '' : `, User: u${rule % 5}`
  const id = `80167ada-7a12-41ed-b8e9-${String(rule).padStart(12, '0')}`
  return ruleText(
    `title: Rule ${rule}\nid: ${id}\ndetection: {sel: {Image|endswith: '\\p${rule % 10}.exe'${user}}, condition: sel}\n`,
  )
}

async function countsOf(id: BacktestId) {
  await nextTurn()
  return getForecast(app.house, caller(), id)
}

async function everyRule(id: BacktestId): Promise<readonly BacktestItem[]> {
  const found: BacktestItem[] = []
  let cursor: string | undefined
  do {
    await nextTurn()
    const page = await listForecastRules(app.house, caller(), id, { limit: 200, cursor })
    found.push(...page.items)
    cursor = page.next ?? undefined
  } while (cursor !== undefined)
  return found
}

async function searchesCount(): Promise<number> {
  let seen = 0
  let cursor: string | undefined
  do {
    await nextTurn()
    const page = await listSearches(app.house, caller(), { limit: 200, cursor })
    seen += page.items.length
    cursor = page.next ?? undefined
  } while (cursor !== undefined)
  return seen
}

/** Resolves when so many have an end, while others are under way. */
async function measured(id: BacktestId, wanted: number): Promise<void> {
  while ((await countsOf(id)).counts.measured < wanted) {
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

test('as many rules as may be are asked once each, through a restart, within the budget', async (t) => {
  const { house } = app
  const { items } = await listTargets(house, caller(), { limit: 10 })
  targetId = items.find(({ target }) => target.kind === 'local')!.target.id
  const now = standing.now()
  const events = Array.from({ length: EVENTS }, (_, n) => ({
    '@timestamp': formatInstant(addMs(now, -HOUR - n * 1_000)),
    EventID: 1,
    Channel: 'Microsoft-Windows-Sysmon/Operational',
    Image: `C:\\p${programOf(n)}.exe`,
    User: `u${n % 5}`,
  }))
  await bringEvents(house, caller(), events)
  for (let rule = 0; rule < FORECAST_RULES_MAX; rule++) {
    await nextTurn()
    const made = { text: textOf(rule), reason: '', origin: 'written' } as const
    ruleIds.push((await createRule(house, caller(), made)).rule.id)
  }
  const began = process.cpuUsage()
  const beganAt = performance.now()
  const wanted = { targetId, ids: ruleIds, days: 1, atOnce: AT_ONCE, perHour: PER_HOUR }
  await nextTurn()
  const { id } = await startForecast(house, caller(), NewForecast.parse(wanted))
  whole = id

  await measured(id, 100)
  await app.stop()
  app = await open()
  const { counts } = await countsOf(id)
  assert.ok(counts.waiting + counts.asking > 0, 'the premise: it was in the middle')
  await app.runner.drain()
  const { counts: ofHour } = await countsOf(id)
  assert.deepEqual([ofHour.measured, ofHour.asking], [PER_HOUR, 0], 'the hour allows no more')
  standing.advance(HOUR)
  await app.runner.drain()
  const { state } = await countsOf(id)
  const { user, system } = process.cpuUsage(began)
  const tookMs = Math.round(performance.now() - beganAt)
  const residentMb = Math.round(process.memoryUsage.rss() / 1e6)
  t.diagnostic(
    `${tookMs} ms, ${Math.round((user + system) / 1_000)} ms of CPU, ${residentMb} MB resident`,
  )
  assert.equal(state, 'done')

  const rules = await everyRule(id)
  assert.equal(new Set(rules.map(({ ruleId }) => ruleId)).size, FORECAST_RULES_MAX)
  for (const one of rules) {
    const rule = ruleIds.indexOf(one.ruleId)
    const found = events.filter((_, event) => fits(rule)(event)).length
    assert.deepEqual([one.state, one.result?.after], ['measured', found], one.ruleTitle)
  }
  const found = rules.map(({ result }) => result!.after)
  assert.deepEqual(
    found,
    found.toSorted((a, b) => b - a),
    'the loudest first',
  )
  assert.ok(new Set(found).size > 10, 'the premise: they differ')
  assert.equal(new Set(rules.map(({ afterSearchId }) => afterSearchId)).size, FORECAST_RULES_MAX)
  assert.equal(await searchesCount(), FORECAST_RULES_MAX, 'nobody was asked twice')
  assert.equal(mostAtOnce(rules), AT_ONCE)
})

function mostAtOnce(items: readonly BacktestItem[]): number {
  const changes = items.flatMap(({ askedAt, endedAt }) => [
    { at: askedAt!, by: 1 },
    { at: endedAt!, by: -1 },
  ])
  let open = 0
  return Math.max(...changes.toSorted((a, b) => a.at - b.at).map(({ by }) => (open += by)))
}

test('its pages are small, and lead through every rule once, the loudest first', async (t) => {
  const { house, sessions, url } = app
  const { ravi } = await addCast(house, acme)
  const Cookie = `session=${await enter(house, sessions, { userId: ravi })}`
  const path = `/w/acme/forecasts/${whole}`
  const shown: string[] = []
  const sizes: number[] = []
  let next: string | undefined = path
  while (next !== undefined) {
    const answer: Response = await fetch(new URL(next, url), { headers: { Cookie } })
    assert.equal(answer.status, 200)
    const html = await answer.text()
    sizes.push(Buffer.byteLength(html))
    const rows = html.slice(html.indexOf('Table of rules'))
    for (const [, ruleId] of rows.matchAll(/\/rules\/(rul_[\w-]+)"/g)) shown.push(ruleId!)
    next = /href="([^"]*[?&]cursor=[^"]*)"/.exec(rows)?.[1]?.replaceAll('&amp;', '&')
    assert.ok(sizes.length <= FORECAST_RULES_MAX, 'they come to an end')
  }
  t.diagnostic(`${sizes.length} pages of at most ${Math.max(...sizes)} bytes`)
  assert.ok(sizes.length > 1 && Math.max(...sizes) < 150_000)
  const listed = (await everyRule(whole)).map(({ ruleId }) => ruleId as string)
  assert.deepEqual(shown, listed)
})

test('one that is stopped begins no other search, and none of its own goes on', async () => {
  const { house } = app
  const wanted = { targetId, ids: ruleIds, days: 1, atOnce: 5, perHour: PER_HOUR }
  const { id } = await startForecast(house, caller(), NewForecast.parse(wanted))
  await measured(id, 10)
  await cancelBacktest(house, caller(), id)
  await app.runner.drain()
  const { state, counts } = await countsOf(id)
  assert.equal(state, 'cancelled')
  assert.ok(counts.waiting > 0 && counts.measured >= 10, 'what was measured stays')
  const before = await searchesCount()
  standing.advance(HOUR)
  await app.runner.drain()
  await nextTurn()
  const items = await selectItems(house.db.read(caller().scope), caller().scope, id)
  assert.equal(await searchesCount(), before)
  assert.equal(before - FORECAST_RULES_MAX, items.filter(({ askedAt }) => askedAt !== null).length)
})
