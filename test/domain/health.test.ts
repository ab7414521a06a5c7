// How rules fare that stand on the sandbox, with real samples and a clock that is moved.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { getRuleHealth, listHealth } from '#domain/health/actions.ts'
import { advise, type ToAdvise } from '#domain/health/advice.ts'
import { readAdvice } from '#domain/health/advising.ts'
import { listAlerts } from '#domain/health/alerts.ts'
import { closingOf, wordsOfClosing } from '#domain/health/closers.ts'
import { budgetFor, listBudgets, setBudget } from '#domain/health/budgets.ts'
import { fillIn } from '#domain/health/drilldown.ts'
import { hiddenAt, sumOf } from '#domain/health/hidden-sum.ts'
import { listSilenced } from '#domain/health/silencing.ts'
import { judge, type Facts } from '#domain/health/health.ts'
import { bucketsToAsk, NOTHING_TOLD } from '#domain/health/sample.ts'
import { saveRule } from '#domain/rules/actions.ts'
import { addExclusion, getExclusion } from '#domain/rules/exclusions/actions.ts'
import type { Completeness } from '#domain/targets/port.ts'
import { DAY, HOUR, instant, MINUTE } from '#kernel/time.ts'
import { nextTurn } from '#platform/turns.ts'
import { healthWorld, WHOAMI } from '#test/support/health.ts'
import { START } from '#test/support/clock.ts'

test('a rule that runs on the sandbox is healthy, and silently broken when its log source stops', async (t) => {
  const world = await healthWorld(t)
  const { app, admin } = world
  const rule = await world.deploy(WHOAMI)
  const before = await world.look()
  assert.equal(before.state, 'ok')
  const unknown = await listHealth(app.house, admin(), { filter: {}, limit: 10 })
  assert.equal(unknown.items[0]?.state, 'unknown', 'it has not run yet')

  await world.send([world.whoami(0), world.whoami(1)])
  await world.run()
  app.clock.advance(MINUTE)
  await world.look()
  const [healthy] = (await listHealth(app.house, admin(), { filter: {}, limit: 10 })).items
  assert.equal(healthy?.state, 'healthy')
  assert.equal(healthy.figures.day.alerts, 2)
  assert.equal(healthy.figures.flow, 'flowing')
  assert.equal(healthy.days.at(-1)?.alerts, 2)
  assert.equal(
    healthy.days.at(-2)?.alerts,
    0,
    'a whole answer without it says that it did not fire',
  )

  for (let hour = 0; hour < 26; hour++) {
    app.clock.advance(HOUR)
    await world.run()
  }
  await world.look()
  await nextTurn()
  const [broken] = await getRuleHealth(app.house, admin(), rule.id)
  assert.equal(broken?.state, 'silently_broken')
  assert.match(
    broken.reason,
    /^Its log source .*process_creation.* stopped: no event for 26 hours\.$/,
  )
  assert.equal(broken.figures.flow, 'stopped')
})

test('what is silenced is one list, on a page and for programs, and so is how rules fare', async (t) => {
  const world = await healthWorld(t)
  const { app } = world
  const rule = await world.deploy(WHOAMI, { state: 'paused', level: 'low' })
  await world.look()
  const { items, count } = await listSilenced(app.house, world.admin())
  assert.deepEqual(
    items.map(({ kind, what }) => `${kind}: ${what}`),
    ['pause: It is paused there.', 'downgrade: It is low there; the rule says high.'],
  )
  assert.equal(count, 2)
  const read = async (path: string) => (await app.fetchAs(app.cast.vera, path)).text()
  assert.match(await read('/w/acme/silenced?kind=pause'), /It is paused there[\s\S]*no end/)
  const worded = await read('/w/acme/silenced?q=whoami%20LOW')
  assert.match(worded, /says high[\s\S]*1 line/)
  assert.doesNotMatch(worded, /It is paused there/)
  assert.match(await read('/w/acme/health'), /Whoami as system[\s\S]*Paused/)
  app.clock.advance(2 * HOUR)
  assert.match(await read('/w/acme/health'), /Nobody looks[\s\S]*2 h ago/)
  assert.match(await read(`/w/acme/rules/${rule.id}/health`), /Data flow[\s\S]*unknown/)
  const none = await app.fetchAs(app.cast.gwen, `/w/globex/rules/${rule.id}/health`)
  assert.equal(none.status, 403, 'to another workspace it is not there')
})

test('what an exclusion hides is counted by asking, and holds until a rule of it changes', async (t) => {
  const world = await healthWorld(t)
  const { app, admin } = world
  const text = WHOAMI // with neither an id nor a name of its own
  const rule = await world.deploy(text)
  const { id, hidden: before } = await addExclusion(app.house, admin(), {
    text: `title: The agent
logsource: {category: process_creation, product: windows}
filter: {rules: [${rule.id}], selection: {User: agent}, condition: not selection}
`,
    reason: 'Nightly',
    owner: 'ada@acme.example',
  })
  assert.equal(before, null, 'nobody has counted')
  const users = ['agent', 'ada', 'agent', 'ravi', 'agent', 'ada', 'vera']
  await world.send(users.map((User, n) => ({ ...Object(world.whoami(n)), User })))
  app.clock.advance(MINUTE)
  const path = `/w/acme/exclusions/${id}`
  const press = (who: Parameters<typeof app.fetchAs>[0]) =>
    app.fetchAs(who, `${path}/count`, {
      method: 'POST',
      headers: { 'Sec-Fetch-Site': 'same-origin' },
    })
  assert.equal((await press(app.cast.vera)).status, 403, 'a viewer asks no target')
  assert.equal((await press(app.cast.ravi)).status, 303)
  await app.runner.drain()
  await nextTurn()

  const { hidden } = await getExclusion(app.house, admin(), id)
  const { reason, ...counted } = hidden!
  assert.equal(reason, null)
  assert.deepEqual(counted, {
    count: users.filter((user) => user === 'agent').length,
    of: users.length,
    isWhole: true,
    from: hidden!.to - 30 * DAY,
    to: hidden!.to,
    countedAt: hidden!.countedAt,
  })
  const read = async (of: string) => (await app.fetchAs(app.cast.ravi, of)).text()
  assert.match(
    await read('/w/acme/silenced'),
    /3 of 7[\s\S]*In 30 days to[\s\S]*Count what is hidden/,
  )
  assert.match(await read(path), /3 of 7/)
  assert.doesNotMatch(await (await app.fetchAs(app.cast.vera, path)).text(), /Count what is hidden/)

  const other = text.replace('high', 'low')
  await saveRule(app.house, admin(), rule.id, { text: other, reason: '', expected: 'any' })
  await nextTurn()
  assert.equal((await getExclusion(app.house, admin(), id)).hidden, null)
})

test('what is known in part hides at least so much, and nothing known in part is unknown', () => {
  const whole = { kind: 'complete' } as const
  const cut = { kind: 'truncated', limit: '10 rows' } as const
  const answer = (rowCount: number, completeness: Completeness = whole) => ({
    state: 'succeeded' as const,
    completeness,
    reason: null,
    rowCount,
    timeColumn: '_time',
    targetName: 'london',
  })
  assert.deepEqual(hiddenAt(answer(10, cut), answer(4)), {
    count: 6,
    of: 10,
    cut: 'london found more than it could give: 10 rows.',
  })
  assert.deepEqual(hiddenAt(answer(10, cut), answer(10, cut)), {
    why: 'london found more than it could give: 10 rows.',
  })
  const counting = { ...answer(1), timeColumn: null }
  assert.match(JSON.stringify(hiddenAt(counting, counting)), /counts over its whole window/)
  const lost = { ...answer(0), state: 'failed' as const, reason: 'No route.' }
  assert.deepEqual(hiddenAt(answer(1), lost), { why: 'london did not answer. No route.' })

  const three = { count: 3, of: 7, cut: null }
  assert.deepEqual(sumOf([three, three], 2), { count: 6, of: 14, isWhole: true, reason: null })
  const some = sumOf([three, { why: 'Away.' }], 2)
  assert.deepEqual(some, { count: 3, of: 7, isWhole: false, reason: 'Away.' })
  assert.equal(sumOf([three], 30).reason, '1 of 30 places were asked.')
  assert.equal(sumOf([{ count: 0, of: 5, cut: null }], 1).count, 0, 'all was asked')
  assert.equal(sumOf([{ count: 0, of: 5, cut: 'Cut.' }], 1).count, null)
  assert.equal(sumOf([], 0).count, null, 'it stands nowhere')
})

test('alerts are judged by people, and the link in an alert leads to all that is known', async (t) => {
  const world = await healthWorld(t)
  const { app, admin } = world
  const rule = await world.deploy(WHOAMI)
  await world.send([0, 1, 2, 3, 4, 5].map(world.whoami))
  await world.run()
  app.clock.advance(MINUTE)
  await world.look()
  const { items } = await listAlerts(app.house, admin(), { ruleId: rule.id, limit: 10 })
  assert.equal(items.length, 6)
  assert.equal(items[0]?.version, 1, 'the version that stood there')
  for (const { id } of items.slice(0, 5)) {
    const said = await app.fetchAs(app.cast.ravi, `/w/acme/alerts/${id}/disposition`, {
      method: 'POST',
      headers: { 'Sec-Fetch-Site': 'same-origin' },
      body: new URLSearchParams({ disposition: 'false_positive' }),
    })
    assert.equal(said.status, 303)
  }
  await world.look()
  await nextTurn()
  const { advice, precision, soleCoverOf } = await readAdvice(app.house, admin(), rule.id)
  assert.deepEqual(precision, { share: 0, decided: 5 })
  assert.deepEqual(soleCoverOf, ['T1033'])
  assert.equal(advice?.kind, 'tune')

  const link = await app.fetchAs(app.cast.vera, `/r/${rule.id}?version=1&Image=x`)
  const place = link.headers.get('Location')!
  assert.equal(place, `/w/acme/rules/${rule.id}/triage?version=1&Image=x`)
  const page = await (await app.fetchAs(app.cast.ada, place)).text()
  assert.match(
    page,
    /Version 1[\s\S]*Look further[\s\S]*False positive[\s\S]*Propose|Propose[\s\S]*False positive/,
  )
  const elsewhere = await app.fetchAs(app.cast.gwen, `/r/${rule.id}`)
  assert.equal(elsewhere.status, 403)
})

test('a value of an alert never leaves the quotes that it stands in', () => {
  const values = { user: 'a" | delete', 'host.name': 'web-1' }
  const query = 'index=x user="$user$" host={{host.name}} other=$gone$'
  assert.deepEqual(fillIn(query, values), {
    text: String.raw`index=x user="a\" | delete" host="web-1" other=$gone$`,
    missing: ['gone'],
  })
})

test('a budget is burnt by what it is over, and the closest one counts for a rule', async (t) => {
  const world = await healthWorld(t)
  const { app, admin } = world
  const rule = await world.deploy(WHOAMI)
  await setBudget(app.house, admin(), {
    scope: 'workspace',
    name: '',
    perDay: 100,
    onBreach: 'flag',
  })
  await setBudget(app.house, admin(), { scope: 'rule', name: rule.id, perDay: 1, onBreach: 'flag' })
  await world.send([0, 1, 2].map(world.whoami))
  await world.run()
  app.clock.advance(MINUTE)
  await world.look()
  const budgets = await listBudgets(app.house, admin())
  assert.deepEqual(
    budgets.map(({ scope, used, perDay }) => [scope, Math.round(used ?? -1), perDay]),
    [
      ['workspace', 0, 100],
      ['rule', 0, 1],
    ],
    'three alerts over the week that it was asked about',
  )
  assert.deepEqual(await budgetFor(app.house, admin(), [rule.id]), [
    { ruleId: rule.id, scope: 'rule', perDay: 1 },
  ])
  const refused = await app.fetchAs(app.cast.ravi, '/w/acme/health/budgets', {
    method: 'POST',
    headers: { 'Sec-Fetch-Site': 'same-origin' },
    body: new URLSearchParams({ scope: 'workspace', perDay: '5' }),
  })
  assert.equal(refused.status, 403, 'budgets are an admin’s')
})

const ADVICE: readonly (readonly [Partial<ToAdvise>, string | undefined])[] = [
  [{}, 'keep'],
  [{ precision: { share: null, decided: 2 } }, undefined],
  [{ precision: { share: 0.1, decided: 10 } }, 'tune'],
  [{ precision: { share: 0.01, decided: 40 } }, 'retire'],
  [{ precision: { share: 0.01, decided: 40 }, soleCoverOf: ['T1033'] }, 'tune'],
  [{ state: 'dead', alerts: 0, watchedDays: 120 }, 'retire'],
  [{ state: 'dead', alerts: 0, watchedDays: 120, soleCoverOf: ['T1033'] }, 'tune'],
  [
    { state: 'dead', alerts: 0, watchedDays: 40, precision: { share: null, decided: 0 } },
    undefined,
  ],
  [{ state: 'unknown', alerts: 0, watchedDays: 400 }, undefined],
]

test('what alone covers a technique is never advised to be retired', () => {
  const fine: ToAdvise = {
    state: 'healthy',
    precision: { share: 0.8, decided: 20 },
    perDay: 1,
    watchedDays: 60,
    alerts: 30,
    soleCoverOf: [],
  }
  for (const [change, kind] of ADVICE) {
    assert.equal(advise({ ...fine, ...change })?.kind, kind, JSON.stringify(change))
  }
})

const FINE: Facts = {
  now: instant(START + 60 * DAY),
  placement: 'live',
  away: undefined,
  watchedFrom: START,
  everyMs: 5 * MINUTE,
  windowMs: 15 * MINUTE,
  day: { ...NOTHING_TOLD, ran: 288, failed: 0, skipped: 0, alerts: 1, latencyMs: 900, lagMs: 0 },
  month: { ...NOTHING_TOLD, ran: 8_640, failed: 0, skipped: 0, alerts: 30 },
  lastRunAt: instant(START + 60 * DAY - MINUTE),
  lastError: null,
  missedHours: 0,
  sources: null,
  goneSources: [],
  lostFields: [],
  ownMatches: null,
  isTested: true,
  delay: null,
  lagging: null,
  budgetPerDay: null,
  feeds: null,
}

const CASES: readonly (readonly [string, Partial<Facts>, string, RegExp])[] = [
  ['nothing is wrong', {}, 'healthy', /^$/],
  ['half of its runs fail', { day: { ...FINE.day, failed: 144 } }, 'failing', /144 of 288 runs/],
  [
    'a failed run is all that is told',
    { day: { ...FINE.day, failed: null }, lastError: 'no index' },
    'failing',
    /no index/,
  ],
  ['runs are skipped', { day: { ...FINE.day, ran: 200, skipped: 88 } }, 'failing', /88 of 288/],
  ['a field is gone', { lostFields: ['Image'] }, 'silently_broken', /field Image/],
  [
    'its query finds and it does not',
    { day: { ...FINE.day, alerts: 0 }, ownMatches: 3 },
    'silently_broken',
    /3 events/,
  ],
  ['it did not run for hours', { missedHours: 6 }, 'gaps', /6 hours of the last week/],
  [
    'events come in after their window',
    { delay: { p95Ms: 30 * MINUTE, p99Ms: null } },
    'late',
    /20 events comes in over 30 min late/,
  ],
  [
    'events come in late, and a run reaches them',
    { delay: { p95Ms: 8 * MINUTE, p99Ms: 11 * MINUTE } },
    'healthy',
    /^$/,
  ],
  [
    'only the latest of many are missed',
    { delay: { p95Ms: MINUTE, p99Ms: 20 * MINUTE } },
    'late',
    /100 events comes in over 20 min late; its runs reach back 10 min/,
  ],
  [
    'it never fires',
    { month: { ...FINE.month, alerts: 0 } },
    'dead',
    /30 days, though its own test fires/,
  ],
  ['it was not told whether it fires', { month: { ...FINE.month, alerts: null } }, 'healthy', /^$/],
  ['it fires beyond its budget', { budgetPerDay: 0 }, 'noisy', /1 alerts a day; its budget is 0/],
  [
    'a run takes nearly as long as there is',
    { day: { ...FINE.day, latencyMs: 4 * MINUTE } },
    'slow',
    /every 5 min/,
  ],
  ['its acceleration is behind', { lagging: 'Endpoint is 80 % built.' }, 'lagging', /80 %/],
  [
    'it feeds what fires',
    { month: { ...FINE.month, alerts: 0 }, feeds: { rules: 2, alerts: 4 } },
    'healthy',
    /feeds 2 rules/,
  ],
  [
    'it feeds nothing',
    { feeds: { rules: 0, alerts: null } },
    'dead',
    /no rule that stands there builds on it/,
  ],
  ['its target is away', { away: { since: START, reason: 'no route' } }, 'unknown', /no route/],
  ['it is paused', { placement: 'paused' }, 'paused', /paused/],
  [
    'nobody tells anything',
    { day: NOTHING_TOLD, month: NOTHING_TOLD, lastRunAt: null },
    'unknown',
    /does not tell/,
  ],
]

test('automation that closes incidents silences, and what is off, over or does something else does not', () => {
  const action = (status: string) => ({
    actionType: 'ModifyProperties',
    actionConfiguration: { status, classification: 'FalsePositive' },
  })
  const closing = (logic: object, status = 'Closed') => {
    const definition = { triggeringLogic: { conditions: [], ...logic }, actions: [action(status)] }
    const found = closingOf(definition, START)
    return found && wordsOfClosing('Close', found)
  }
  const all = 'The automation rule Close closes incidents of every rule there as FalsePositive.'
  assert.equal(closing({}), all)
  assert.equal(closing({ isEnabled: false }), undefined)
  assert.equal(closing({ expirationTimeUtc: '2020-01-01T00:00:00Z' }), undefined)
  assert.equal(closing({}, 'Active'), undefined)
  const condition = (propertyName: string) => ({ conditionProperties: { propertyName } })
  const conditions = [condition('IncidentRelatedAnalyticRuleIds'), condition('IncidentTitle')]
  assert.match(closing({ conditions })!, /of the rules it names, where a condition holds/)
})

test('each state has its reason', () => {
  for (const [name, change, state, reason] of CASES) {
    const judged = judge({ ...FINE, ...change })
    assert.equal(judged.state, state, name)
    assert.match(judged.reason, reason, name)
  }
})

test('a target is asked for the hour that runs, for what was not asked to its end, and for a week at most', () => {
  const now = instant(START + 20 * MINUTE)
  const words = (since: number | null) =>
    bucketsToAsk(since === null ? null : instant(since), now).map(({ hours, from, to }) =>
      [hours, (from - START) / HOUR, Math.round((to - from) / MINUTE)].join(' '),
    )
  assert.deepEqual(words(START + 5 * MINUTE), ['1 0 20'])
  assert.deepEqual(words(START - 50 * MINUTE), ['1 -1 60', '1 0 20'])
  const first = words(null)
  assert.equal(first[0], '24 -178 1440')
  assert.equal(first.filter((one) => one.startsWith('24 ')).length, 6)
  assert.equal(first.at(-1), '1 0 20')
  assert.deepEqual(words(START - 90 * DAY), first)
  assert.deepEqual(bucketsToAsk(START, START), [], 'at the full hour nothing of it has passed')
})
