// How rules fare that stand on the sandbox, with real samples and a clock that is moved.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { getRuleHealth, listHealth } from '#domain/health/actions.ts'
import { listSilenced } from '#domain/health/silencing.ts'
import { judge, type Facts } from '#domain/health/health.ts'
import { bucketsToAsk, NOTHING_TOLD } from '#domain/health/sample.ts'
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
  assert.match(await read('/w/acme/health'), /Whoami as system[\s\S]*Paused/)
  assert.match(await read(`/w/acme/rules/${rule.id}/health`), /Data flow[\s\S]*unknown/)
  const none = await app.fetchAs(app.cast.gwen, `/w/globex/rules/${rule.id}/health`)
  assert.equal(none.status, 403, 'to another workspace it is not there')
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
  delayMs: null,
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
  ['events come in after their window', { delayMs: 30 * MINUTE }, 'late', /30 min late/],
  ['events come in late, and a run reaches them', { delayMs: 8 * MINUTE }, 'healthy', /^$/],
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
})
