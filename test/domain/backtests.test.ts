// What a query would have found: counted by searches, told apart by event, and the same as whoever
// counts by hand; unknown where the answers carry no number.

import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { systemCaller } from '#domain/access/system.ts'
import { keyOf, RowsCompared, type BacktestItem } from '#domain/changes/backtest.ts'
import { beginBacktest, cancelBacktest } from '#domain/changes/backtest-start.ts'
import { selectItems, type NewItem } from '#domain/changes/backtest-store.ts'
import { getForecast, listForecastRules, startForecast } from '#domain/changes/forecast.ts'
import { NewForecast } from '#domain/changes/forecast-input.ts'
import { getChange, openChange, submitChange, waiveProblem } from '#domain/changes/actions.ts'
import type { ChangeItem } from '#domain/changes/change.ts'
import { alertingOf, countAlerts, type Match } from '#domain/changes/alerting.ts'
import { diffsOf } from '#domain/changes/impact-words.ts'
import { readImpact, readImpactOf, startImpact, startImpactOf } from '#domain/changes/impact.ts'
import { setBudget } from '#domain/health/budgets.ts'
import { createRule } from '#domain/rules/actions.ts'
import { listPins } from '#domain/searches/pins.ts'
import { listTargets } from '#domain/targets/actions.ts'
import type { RuleBody } from '#domain/targets/port.ts'
import type { Target } from '#domain/targets/target.ts'
import type { ChangeId, RuleId } from '#kernel/id.ts'
import { addMs, formatInstant, HOUR, type Instant } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import { nextTurn } from '#platform/turns.ts'
import { startApp, type TestApp } from '#test/support/start-app.ts'
import { bringEvents } from '#test/support/sandbox.ts'

interface World {
  readonly app: TestApp
  readonly caller: () => Caller
  readonly target: Target
}

async function startWorld(t: TestContext): Promise<World> {
  const app = await startApp(t)
  const caller = () => systemCaller(app.house, 'test', undefined, app.acme.id)
  const { items } = await listTargets(app.house, caller(), { limit: 10 })
  const { target } = items.find((one) => one.target.kind === 'local')!
  return { app, caller, target }
}

const whoami = (image: string, filter = '') => `title: Runs a program
logsource: {category: process_creation, product: windows}
detection:
  selection: {Image|endswith: '${image}'}
${filter === '' ? '' : `  filter: {User: '${filter}'}\n`}  condition: selection${filter === '' ? '' : ' and not filter'}
`

interface Made {
  readonly Image: string
  readonly User: string
}

/** Some of them are the same to the letter, which are as many events. */
function someEvents(count: number, now: Instant): readonly (Made & { '@timestamp': string })[] {
  return Array.from({ length: count }, (_, at) => ({
    '@timestamp': formatInstant(addMs(now, -HOUR - Math.floor(at / 3) * 1_000)),
    EventID: 1,
    Channel: 'Microsoft-Windows-Sysmon/Operational',
    Image: at % 7 === 0 ? 'C:\\whoami.exe' : at % 11 === 0 ? 'C:\\nltest.exe' : 'C:\\svc.exe',
    User: at % 2 === 0 ? 'backup' : 'ada',
  }))
}

const ask = (text: string) => ({ language: 'sigma', text }) as const

function itemOf(
  { target }: World,
  ruleId: RuleId,
  sides: Pick<NewItem, 'before' | 'after'>,
  number = 1,
): NewItem {
  const { id: targetId, name: targetName, kind } = target
  const rule = { ruleId, ruleTitle: 'Runs a program', version: 1 }
  const place = { targetId, targetName, kind, state: 'waiting', reason: null } as const
  return { number, ...rule, ...place, ...sides }
}

async function backtest(world: World, items: readonly NewItem[]) {
  const { house, runner } = world.app
  const begun = await house.db.write(world.caller(), (tx) =>
    beginBacktest(tx, house, world.caller(), {
      title: 'a test',
      changeId: null,
      changeHash: null,
      days: 7,
      atOnce: 4,
      perHour: null,
      items,
    }),
  )
  await runner.drain()
  await nextTurn()
  return begun
}

async function itemsOf({ app, caller }: World, id: Parameters<typeof selectItems>[2]) {
  return selectItems(app.house.db.read(caller().scope), caller().scope, id)
}

async function newRule({ app, caller }: World, text: string): Promise<RuleId> {
  const { rule } = await createRule(app.house, caller(), { text, reason: '', origin: 'written' })
  return rule.id
}

test('what is added, removed and kept is what counting by hand says, sampled and priced', async (t) => {
  const world = await startWorld(t)
  const { app, caller } = world
  const events = someEvents(3_000, app.clock.now())
  await bringEvents(app.house, caller(), events)
  const rule = await newRule(world, whoami('whoami.exe'))
  const alerting = { kind: 'each' } as const
  const before = { alerting, language: 'sigma', text: whoami('\\whoami.exe') } as const
  const after = {
    alerting,
    language: 'sigma',
    text: whoami('\\whoami.exe', 'backup').replace(
      "endswith: '\\whoami.exe'",
      "endswith: ['\\whoami.exe', '\\nltest.exe']",
    ),
  } as const
  const { id } = await backtest(world, [
    itemOf(world, rule, { before, after }, 1),
    itemOf(world, rule, { before, after: before }, 2),
    itemOf(world, rule, { before, after: null }, 3),
    itemOf(world, rule, { before: null, after: ask('title: no rule') }, 4),
    itemOf(world, rule, { before: null, after: { why: 'A job decides.' } }, 5),
    itemOf(
      world,
      rule,
      { before: null, after: ask(whoami('x').replace('process_creation', 'dns_query')) },
      6,
    ),
  ])
  const [changed, same, gone, broken, unasked, thin] = await itemsOf(world, id)

  const stood = ({ Image }: Made) => Image.endsWith('\\whoami.exe')
  const stands = ({ Image, User }: Made) => /(?:whoami|nltest)\.exe$/.test(Image) && User === 'ada'
  const count = (fits: (event: Made) => boolean) => events.filter(fits).length
  const expected = {
    before: count(stood),
    after: count(stands),
    added: count((one) => stands(one) && !stood(one)),
    removed: count((one) => stood(one) && !stands(one)),
    kept: count((one) => stood(one) && stands(one)),
  }
  assert.ok(
    Object.values(expected).every((value) => value > 100),
    'the premise',
  )
  const { scanned, cost, identity, notes, alerts, days, costs, ...counts } = changed!.result!
  assert.deepEqual(counts, expected)
  assert.deepEqual(
    [scanned, cost.scanned, identity, notes],
    [3_000, 6_000, ['@timestamp', 'event'], []],
  )
  assert.deepEqual([costs.before?.scanned, costs.after?.scanned], [3_000, 3_000])
  const { before: foundBefore, after: foundAfter } = expected
  assert.deepEqual(alerts, { before: foundBefore, after: foundAfter }, 'each is one there')
  const last = (found: number) => [0, 0, 0, 0, 0, 0, found]
  assert.deepEqual(days.alerts, { before: last(foundBefore), after: last(foundAfter) })
  const removed = await listPins(app.house, caller(), changed!.beforeSearchId!)
  const found = await listPins(app.house, caller(), changed!.afterSearchId!)
  assert.deepEqual([...removed, ...found].map(({ note }) => note).toSorted(), [
    'added',
    'added',
    'added',
    'kept',
    'kept',
    'kept',
    'removed',
    'removed',
    'removed',
  ])
  assert.match(JSON.stringify(removed[0]!.values), /backup/)

  assert.equal(same!.beforeSearchId, same!.afterSearchId, 'one question is asked once')
  assert.deepEqual(
    [same!.result!.kept, same!.result!.added, same!.result!.cost.scanned],
    [expected.before, 0, 3_000],
  )
  assert.deepEqual([gone!.result!.removed, gone!.result!.after], [expected.before, 0])
  assert.deepEqual(
    [broken, unasked, thin].map((one) => [one!.state, one!.result]),
    Array.from({ length: 3 }, () => ['unknown', null]),
  )
  assert.match(broken!.reason!, /The proposed query was not answered/)
  assert.equal(unasked!.reason, 'A job decides.')
  assert.match(thin!.reason!, /no event of its log source/)
})

test('rows are matched one to one, however often an event stands there', () => {
  const columns = [{ name: '@timestamp' }, { name: 'event' }, { name: 'event' }]
  const key = (value: string) => keyOf(['event'], columns, ['t', 'field', value])
  const rows = new RowsCompared()
  for (const value of ['a', 'a', 'b', 'c']) rows.addBefore(key(value), 0)
  for (const value of ['a', 'b', 'b', 'd']) rows.addAfter(key(value), 0)
  assert.deepEqual(rows.counts, { before: 4, after: 4, added: 2, removed: 2, kept: 2 })
})

test('alerts of a saved search are those of its runs, threshold and throttle, and never guessed', () => {
  const minute = 60_000
  const window = { from: 0 as Instant, to: (3 * 24 * 60 * minute) as Instant }
  const users = ['ada', 'ravi', 'vera']
  const matches = Array.from({ length: 400 }, (_, n): Match => {
    const user = users[(n * 7) % 3]!
    return { at: ((n * n * 7_919_333) % window.to) as Instant, valueOf: () => user }
  })
  const usual = {
    cron_schedule: '3-59/20 * * * *',
    'dispatch.earliest_time': '-30m@m',
    'dispatch.latest_time': '@m',
    alert_type: 'number of events',
    alert_comparator: 'greater than',
    alert_threshold: '1',
  }
  const held = { 'alert.suppress': '1', 'alert.suppress.period': '3600s' }
  const byUser = { ...held, 'alert.digest_mode': '0', 'alert.suppress.fields': 'user' }
  for (const more of [{}, held, { 'alert.digest_mode': '0' }, byUser]) {
    // Minute after minute, as a scheduler would.
    let expected = 0
    const quiet = new Map<string, number>()
    for (let now = 30 * minute; now <= window.to; now += minute) {
      if (![3, 23, 43].includes((now / minute) % 60)) continue
      const seen = matches.filter(({ at }) => at >= now - 30 * minute && at < now)
      if (seen.length <= 1) continue
      const would = 'alert.digest_mode' in more ? seen : seen.slice(0, 1)
      for (const match of would) {
        const key = more === byUser ? String(match.valueOf('user')) : ''
        if ('alert.suppress' in more && now < (quiet.get(key) ?? 0)) continue
        quiet.set(key, now + 60 * minute)
        expected++
      }
    }
    const alerting = alertingOf('splunk', { ...usual, ...(more as RuleBody) }, 'index=main user=*')
    const made = countAlerts(alerting, matches, window)
    assert.equal('at' in made && made.at.length, expected, JSON.stringify(more))
    assert.ok(expected > 20, 'the premise')
  }
  const grouped = { aggregationKind: 'AlertPerResult' }
  const each = { queryPeriod: 'PT1H', queryFrequency: 'PT1H', eventGroupingSettings: grouped }
  const cases = [
    ['splunk', { ...usual, cron_schedule: '0 3 * * *' }, 'index=main', /hours or days/],
    ['splunk', usual, 'index=main | stats count by user', /all rows of a run/],
    ['splunk', { ...usual, alert_type: 'custom' }, 'index=main', /condition/],
    ['defender', {}, 'DeviceEvents', /joins alerts/],
    ['sentinel', { properties: { ...each, eventGroupingSettings: {} } }, 'T', /one alert of all/],
    ['sentinel', { properties: each }, 'T | where a == 1', undefined],
    ['elastic', { from: 'now-10m', language: 'kuery' }, 'a:b', undefined],
    ['elastic', { from: 'now-3d', language: 'kuery' }, 'a:b', /at most 100/],
    ['elastic', { from: 'now-6m', alert_suppression: { group_by: ['a'] } }, 'a:b', /held|holds/],
    ['opensearch', {}, 'a:b', undefined],
  ] as const
  for (const [kind, body, query, why] of cases) {
    const made = countAlerts(alertingOf(kind, body, query), matches, window)
    if (why === undefined) assert.equal('at' in made && made.at.length, matches.length, kind)
    else assert.match('why' in made ? made.why : '', why, kind)
  }
})

test('a forecast keeps within its budget of the hour, goes on after it, puts the loudest first, and can be stopped', async (t) => {
  const world = await startWorld(t)
  const { app, caller, target } = world
  await bringEvents(app.house, caller(), someEvents(300, app.clock.now()))
  const ids = [
    await newRule(world, whoami('\\nltest.exe')),
    await newRule(world, whoami('\\svc.exe').replace('Runs', 'Always runs')),
    await newRule(world, whoami('\\whoami.exe').replace('Runs', 'Often runs')),
  ]
  const wanted = NewForecast.parse({ targetId: target.id, ids, days: 1, atOnce: 2, perHour: 2 })
  const { id } = await startForecast(app.house, caller(), wanted)
  const states = async () => (await itemsOf(world, id)).map(({ state }) => state)
  await app.runner.drain()
  await nextTurn()
  assert.deepEqual((await states()).toSorted(), ['measured', 'measured', 'waiting'])
  app.clock.advance(HOUR)
  await app.runner.drain()
  await nextTurn()
  const { items } = await listForecastRules(app.house, caller(), id, { limit: 10 })
  const told = items.map(({ ruleTitle, result }: BacktestItem) => [ruleTitle, result?.after])
  assert.deepEqual(
    told.map(([title]) => title),
    ['Always runs a program', 'Often runs a program', 'Runs a program'],
  )
  assert.ok(told.every(([, after]) => Number(after) > 0))

  const slow = NewForecast.parse({ ...wanted, perHour: 1 })
  const stopped = await startForecast(app.house, caller(), slow)
  await app.runner.drain()
  await cancelBacktest(app.house, caller(), stopped.id)
  await nextTurn()
  const { state, counts } = await getForecast(app.house, caller(), stopped.id)
  assert.deepEqual([state, counts.measured, counts.waiting], ['cancelled', 1, 2])
})

test('the impact of a change asks what runs and what will, and says which techniques come and go', async (t) => {
  const world = await startWorld(t)
  const { app, caller, target } = world
  await bringEvents(app.house, caller(), someEvents(300, app.clock.now()))
  const tagged = (image: string, tag: string) =>
    whoami(image).replace('logsource', `tags: [attack.${tag}]\nlogsource`)
  const [changed, gone] = [
    await newRule(world, tagged('\\nltest.exe', 't1482').replace('Runs', 'Changed')),
    await newRule(world, tagged('\\svc.exe', 't1059.001').replace('Runs', 'Removed')),
  ]
  const bodyOf = (text: string) => ({ title: 'x', rule: text })
  const item = (number: number, ruleId: RuleId, more: Partial<ChangeItem>): ChangeItem => ({
    changeId: 'chg_01' as ChangeId,
    number,
    ruleId,
    ruleTitle: 'x',
    targetId: target.id,
    targetName: target.name,
    kind: 'local',
    action: 'change',
    version: 1,
    body: null,
    bodyHash: null,
    switches: [],
    becomes: null,
    replaces: null,
    inputs: {},
    problems: [],
    waivers: [],
    ...more,
  })
  const stands = (text: string, version: number | null) => ({
    ref: 'x',
    version,
    hash: 'x',
    body: bodyOf(text),
    isEnabled: true,
  })
  const change = { id: 'chg_01' as ChangeId, title: 'Less noise', hash: 'one' }
  const items = [
    item(1, changed, {
      body: bodyOf(whoami('\\nltest.exe')),
      replaces: stands(whoami('\\whoami.exe'), null),
    }),
    item(2, gone, { action: 'remove', replaces: stands(whoami('\\svc.exe'), 1) }),
    item(3, gone, { action: 'unmanage', replaces: stands(whoami('\\svc.exe'), 1) }),
  ]
  await startImpactOf(app.house, caller(), { change, items }, { days: 7 })
  await assert.rejects(startImpactOf(app.house, caller(), { change, items }, { days: 7 }), {
    code: 'conflict',
  })
  await app.runner.drain()
  await nextTurn()
  const impact = await readImpactOf(app.house, caller(), { change, items: items.slice(0, 2) })
  assert.deepEqual(
    impact.items.map(({ state, result }) => [state, result?.added, result?.removed]),
    [
      ['measured', 24, 43],
      ['measured', 0, 233],
      ['unchanged', undefined, undefined],
    ],
  )
  assert.deepEqual([impact.total.before, impact.total.after, impact.total.unknown], [276, 24, 0])
  assert.equal(impact.isStale, false)
  assert.deepEqual(
    [impact.total.alerts, impact.total.days?.of],
    [{ before: 276, after: 24 }, 'alerts'],
  )
  const { queryDiff } = await diffsOf(app.house, caller(), items[0], impact.items[0]!)
  assert.match(queryDiff!, /^@@ [^]*^-.*whoami[^]*^\+.*nltest/m)
  assert.deepEqual(impact.coverage, { gained: ['T1482'], lost: ['T1059.001'] })
  const edited = { change: { ...change, hash: 'two' }, items }
  assert.equal((await readImpactOf(app.house, caller(), edited)).isStale, true)
})

test('a change that would make more alerts than its budget allows is refused with the numbers, by what was measured of its queries', async (t) => {
  const world = await startWorld(t)
  const { app, caller, target } = world
  const { house } = app
  await bringEvents(house, caller(), someEvents(300, app.clock.now()))
  const ruleId = await newRule(world, whoami('\\svc.exe'))
  const budget = { scope: 'workspace', name: '', perDay: 2, onBreach: 'flag' } as const
  await setBudget(house, caller(), budget)
  await nextTurn()
  const items = [{ ruleId, targetId: target.id }]
  const wish = { title: 'Loud', why: '', origin: 'rules', items } as const
  const { id } = await openChange(house, caller(), wish)
  await nextTurn()
  const problems = async () => (await getChange(house, caller(), id)).items[0]!.problems
  const codes = async () => (await problems()).map(({ code, severity }) => `${code} ${severity}`)
  assert.deepEqual(await codes(), ['change/noise-unknown info'])
  await startImpact(house, caller(), id)
  await app.runner.drain()
  await nextTurn()
  const { budgets } = await readImpact(house, caller(), id)
  assert.ok(budgets[0]!.after! > 2, 'the premise')
  const submit = () => submitChange(house, caller(), id, { expected: 'any' })
  await assert.rejects(submit(), {
    code: 'invalid',
    message: /33\.3 alerts a day .*233 alerts within the 7 days .*the workspace allows 2\./,
  })
  await nextTurn()
  assert.deepEqual(await codes(), ['change/budget error'], 'kept, so that it can be waived')
  const waiver = { number: 1, code: 'change/budget', reason: 'one noisy week' }
  await waiveProblem(house, caller(), id, waiver)
  await nextTurn()
  assert.equal((await submit()).state, 'approved', 'a waiver moves the hash, not what was measured')
})
