// Targets that go away and come back, and rules that stop for other reasons, over months of a clock that is
// moved.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { getRuleHealth, listHealth, listOutages } from '#domain/health/actions.ts'
import { listAlerts } from '#domain/health/alerts.ts'
import { getJob } from '#domain/jobs/actions.ts'
import { requestBackfill } from '#domain/health/backfill.ts'
import { listSearches } from '#domain/searches/reading.ts'
import type { Disposition, OpenSiem, RowsPage, RuleRun, SchemaTable } from '#domain/targets/port.ts'
import { AppError } from '#kernel/error.ts'
import { DAY, HOUR, instant, MINUTE, type Instant } from '#kernel/time.ts'
import { nextTurn } from '#platform/turns.ts'
import { healthWorld, WHOAMI, type HealthWorld } from '#test/support/health.ts'
import { smallSiem } from '#test/support/small-siem.ts'

/** A target that says of each rule what the test says, for the range that it is asked about. */
interface TellingSiem {
  isAway: boolean
  tables: readonly SchemaTable[]
  /** Of one rule over one range. */
  tell: (from: Instant, to: Instant) => Partial<RuleRun>
  /** Rows that the query of a rule finds there. */
  finds: number
  /** What people there made of the alerts of a rule; `closed` says that the list is not for us. */
  decided: readonly Disposition[] | 'closed'
  readonly open: OpenSiem
}

function tellingSiem(): TellingSiem {
  const small = smallSiem()
  const telling: TellingSiem = {
    isAway: false,
    tables: [],
    tell: () => ({}),
    finds: 0,
    decided: [],
    open: (connection) => ({
      ...small.open(connection),
      search: {
        languages: ['sigma'],
        isResumable: false,
        start: async () => ({ remote: null, first: NO_ROWS }),
        poll: async () => ({
          kind: 'done',
          found: telling.finds,
          scanned: null,
          completeness: { kind: 'complete' },
          notices: [],
        }),
        rows: async () => NO_ROWS,
        cancel: async () => ({ isConfirmed: true, reason: '' }),
      },
      alerts: {
        async list({ to }) {
          const { decided } = telling
          if (decided === 'closed') throw new AppError('forbidden', 'The role may not see alerts.')
          const alerts = [...small.rules.keys()].flatMap((ref) =>
            decided.map((disposition, n) => ({
              remoteId: `${ref}-${n}`,
              ref,
              at: to,
              disposition,
            })),
          )
          return { alerts, completeness: { kind: 'complete' } }
        },
      },
      schema: async () => ({ tables: telling.tables, completeness: { kind: 'complete' } }),
      health: {
        async runs({ from, to }) {
          if (telling.isAway) throw new AppError('upstream', 'no route to host')
          const run = { ...SILENT, ...telling.tell(from, to) }
          const runs = [...small.rules.keys()].map((ref) => ({ ...run, ref }))
          return { runs, completeness: { kind: 'complete' } }
        },
      },
    }),
  }
  return telling
}

const NO_ROWS: RowsPage = {
  columns: [],
  rows: [],
  next: null,
  completeness: { kind: 'complete' },
}

const SILENT = {
  ran: 12,
  failed: 0,
  skipped: 0,
  alerts: 0,
  latencyMs: 900,
  lagMs: 0,
  lastRunAt: null,
  lastError: null,
} as const

const stateOf = async ({ app, admin }: HealthWorld) => {
  await nextTurn()
  const [one] = (await listHealth(app.house, admin(), { filter: {}, limit: 10 })).items
  return one!
}

test('six hours without a target are one finding, and each missed time is asked once', async (t) => {
  const siem = tellingSiem()
  const world = await healthWorld(t, siem.open)
  const { app, admin } = world
  const { clock } = app
  const rules = [await world.deploy(WHOAMI), await world.deploy(`${WHOAMI}# another\n`)]
  siem.tell = () => ({ lastRunAt: clock.now(), alerts: 1 })
  clock.advance(HOUR)
  await world.look()
  assert.equal((await stateOf(world)).state, 'healthy', 'the premise')

  siem.isAway = true
  const from = clock.now()
  for (let quarter = 0; quarter < 24; quarter++) {
    clock.advance(15 * MINUTE)
    await world.look()
  }
  const { items } = await listHealth(app.house, admin(), { filter: {}, limit: 10 })
  assert.deepEqual(
    items.map(({ state, reason }) => `${state}: ${reason}`),
    rules.map(() => 'unknown: The target does not answer: no route to host'),
  )
  const outages = await listOutages(app.house, admin())
  assert.deepEqual(
    outages.map((one) => [one.from, one.to]),
    [[from, null]],
    'one finding, not one a rule and not one a look',
  )

  siem.isAway = false
  const back = clock.now()
  // It was down itself: in those hours no rule ran there.
  siem.tell = (at) => (at >= from && at < back ? { ran: 0 } : { lastRunAt: clock.now() })
  clock.advance(10 * MINUTE)
  await world.look()
  await nextTurn()
  const [ended] = await listOutages(app.house, admin())
  assert.equal(ended?.to, clock.now())
  const one = await stateOf(world)
  assert.equal(one.state, 'gaps')
  assert.match(one.reason, /did not run for 6 hours/)
  const [place] = await getRuleHealth(app.house, admin(), rules[0]!.id)
  assert.deepEqual(
    place!.gaps.map((gap) => [gap.from, gap.to, gap.state]),
    [[from, back, 'planned']],
    'hours in a row are one time to be asked',
  )

  const jobs = await Promise.all([1, 2, 3].map(() => requestBackfill(app.house, admin(), {})))
  await app.runner.drain()
  await nextTurn()
  const done = await Promise.all(jobs.map((id) => getJob(app.house, admin(), id)))
  assert.deepEqual(
    done.map(({ state, progress }) => [state, progress?.unit]),
    jobs.map(() => ['succeeded', 'times']),
  )
  const { items: searches } = await listSearches(app.house, admin(), { limit: 10, filter: {} })
  assert.deepEqual(
    searches.map((search) => [search.from, search.to]),
    [
      [from, back],
      [from, back],
    ],
  )
  clock.advance(15 * MINUTE)
  await world.look()
  assert.equal((await stateOf(world)).state, 'healthy', 'what was asked is no gap any more')
  await requestBackfill(app.house, admin(), {})
  await app.runner.drain()
  await nextTurn()
  const again = await listSearches(app.house, admin(), { limit: 10, filter: {} })
  assert.equal(again.items.length, 2, 'nothing is asked twice')
})

test('a rule is late, failing, dead or blind as its target tells, over months', async (t) => {
  const siem = tellingSiem()
  const world = await healthWorld(t, siem.open)
  const { clock } = world.app
  const table = (columns: readonly string[]): SchemaTable => ({
    name: 'product=windows,category=process_creation',
    columns: columns.map((name) => ({ name, type: 'string' })),
    lastSeenAt: instant(clock.now() - MINUTE),
  })
  await world.deploy(WHOAMI)
  siem.tell = () => ({ lastRunAt: clock.now() })
  siem.tables = [table(['Image', 'User'])]
  await world.look()
  assert.equal((await stateOf(world)).state, 'healthy')
  siem.tables = [table(['image_path', 'User'])]
  clock.advance(HOUR)
  await world.look()
  const blind = await stateOf(world)
  assert.equal(
    `${blind.state}: ${blind.reason}`,
    'silently_broken: Its log source no longer has the field Image.',
  )
  siem.tables = [table(['Image', 'User'])]
  siem.tell = () => ({ failed: 12, lastError: 'Out of memory.', lastRunAt: clock.now() })
  clock.advance(DAY)
  siem.tables = [table(['Image', 'User'])]
  await world.look()
  assert.match((await stateOf(world)).reason, /runs of the last day failed: Out of memory\./)
  siem.tell = () => ({ lastRunAt: clock.now() })
  for (let day = 0; day < 40; day++) {
    clock.advance(DAY)
    siem.tables = [table(['Image', 'User'])]
    await world.look()
  }
  const dead = await stateOf(world)
  assert.match(`${dead.state}: ${dead.reason}`, /^dead: It has not fired in 30 days/)
  assert.equal(dead.days.filter(({ alerts }) => alerts === 0).length, 30)
  siem.finds = 3
  clock.advance(15 * MINUTE)
  await world.look()
  const missing = await stateOf(world)
  assert.equal(
    `${missing.state}: ${missing.reason}`,
    'silently_broken: It has not fired, though its query finds 3 events of the last day there.',
  )
  siem.tables = []
  clock.advance(4 * DAY)
  await world.look()
  assert.equal((await stateOf(world)).state, 'silently_broken', 'its log source is gone')
})

test('what people decided at a target becomes the precision of the rule, and is taken anew', async (t) => {
  const siem = tellingSiem()
  const world = await healthWorld(t, siem.open)
  const { app, admin } = world
  const { id: ruleId } = await world.deploy(WHOAMI)
  const precision = async () =>
    (await listAlerts(app.house, admin(), { ruleId, limit: 10 })).precision
  siem.tell = () => ({ lastRunAt: app.clock.now(), alerts: 1 })
  siem.decided = [
    'true_positive',
    'true_positive',
    'undetermined',
    'false_positive',
    'true_positive',
  ]
  await world.look()
  assert.deepEqual(await precision(), { share: null, decided: 4 }, 'too few to say')

  siem.decided = siem.decided.map((one) => (one === 'undetermined' ? 'benign_true_positive' : one))
  app.clock.advance(15 * MINUTE)
  await world.look()
  assert.deepEqual(await precision(), { share: 0.6, decided: 5 })

  siem.decided = 'closed'
  app.clock.advance(15 * MINUTE)
  assert.deepEqual(await world.look(), {
    rules: 1,
    state: 'partial',
    reason: 'Its alerts are not told: The role may not see alerts.',
  })
  assert.equal((await stateOf(world)).state, 'healthy', 'it is no target that is away')
})
