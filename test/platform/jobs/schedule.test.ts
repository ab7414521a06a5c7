import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { addMs, DAY, formatInstant, HOUR, instant, MINUTE, type Instant } from '#kernel/time.ts'
import { nextSlot } from '#platform/jobs/schedule.ts'
import { fakeClock, type FakeClock } from '#test/support/clock.ts'
import { makeJobs, numbered, type JobWorld } from '#test/support/jobs.ts'
import { thoroughly } from '#test/support/thorough.ts'

const at = (text: string): Instant => instant(Date.parse(text))

function slots(cron: string, timeZone: string, from: string, count: number): string[] {
  const found: string[] = []
  for (let after = at(from); found.length < count;) {
    after = nextSlot({ cron, timeZone }, after)
    found.push(formatInstant(after).slice(0, 16))
  }
  return found
}

test('a time that the clocks skip in spring runs once, right after the gap', () => {
  assert.deepEqual(slots('30 2 * * *', 'America/New_York', '2026-03-07T12:00:00Z', 2), [
    '2026-03-08T07:00',
    '2026-03-09T06:30',
  ])
})

test('a time that the clocks show twice in autumn runs once; an hourly one runs each hour', () => {
  assert.deepEqual(slots('30 1 * * *', 'Europe/London', '2026-10-24T12:00:00Z', 2), [
    '2026-10-25T00:30',
    '2026-10-26T01:30',
  ])
  assert.deepEqual(slots('0 * * * *', 'Europe/London', '2026-10-24T23:30:00Z', 3), [
    '2026-10-25T00:00',
    '2026-10-25T01:00',
    '2026-10-25T02:00',
  ])
})

test('a zone beside the full hour and the last day of a month are understood', () => {
  assert.deepEqual(slots('0 3 L * *', 'Asia/Kathmandu', '2028-02-01T00:00:00Z', 1), [
    '2028-02-28T21:15',
  ])
})

test('what is no schedule is refused with what to write instead', () => {
  const after = at('2026-01-01T00:00:00Z')
  const refused = (cron: string, timeZone: string, text: RegExp) =>
    assert.throws(() => nextSlot({ cron, timeZone }, after), { code: 'invalid', message: text })
  refused('every day', 'UTC', /Use five fields/)
  refused('* * * * * *', 'UTC', /Use five fields/)
  refused('61 * * * *', 'UTC', /Use five fields/)
  refused('0 3 * * *', 'Mars/Base', /no time zone/)
  refused('0 0 30 2 *', 'UTC', /never comes/)
})

test('a slot becomes one job, at its time, and the next is planned', async (t) => {
  const { fired, go } = await nightly(t)
  await go(HOUR)
  assert.deepEqual(await fired(), [])
  await go(16 * HOUR)
  assert.deepEqual(await fired(), ['2026-11-22T03:00'])
  await go(DAY)
  assert.deepEqual(await fired(), ['2026-11-22T03:00', '2026-11-23T03:00'])
})

test('slots missed while the server was down run once, late', async (t) => {
  const { clock, fired, go, world } = await nightly(t)
  await go(17 * HOUR)
  await world.runner.stop(0)
  clock.advance(4 * DAY)
  await save(world, '0 3 * * *') // as a start does with what the settings ask for
  await (await world.restart()).drain()
  assert.deepEqual(await fired(), ['2026-11-22T03:00', '2026-11-23T03:00'])
  clock.advance(DAY)
  const jobs = await jobsOf(world)
  assert.equal(jobs.length, 2)
})

test('a clock that jumps ahead runs a missed slot once; set back again, none runs twice', async (t) => {
  const { clock, fired, go, world } = await nightly(t)
  await go(17 * HOUR)
  clock.jumpTo(at('2027-11-22T10:00:00Z'))
  await go(0)
  assert.deepEqual(await fired(), ['2026-11-22T03:00', '2026-11-23T03:00'])
  clock.jumpTo(at('2026-11-21T12:00:00Z'))
  await go(0)
  await go(15 * HOUR + 1) // past the slot that ran already
  assert.equal((await fired()).length, 2)
  await go(DAY) // past the one that ran early
  assert.equal((await fired()).length, 2)
  await go(DAY)
  assert.deepEqual((await fired()).at(-1), '2026-11-24T03:00', 'and then it goes on')
  assert.equal((await jobsOf(world)).length, 3)
})

test('whatever the clock does, no slot ever runs twice', async (t) => {
  const moves = fc.array(fc.integer({ min: -3 * 60, max: 3 * 60 }), { minLength: 1, maxLength: 25 })
  await fc.assert(
    fc.asyncProperty(moves, async (minutes) => {
      const { clock, fired, go, world } = await nightly(t, '*/20 * * * *')
      for (const move of minutes) {
        clock.jumpTo(addMs(clock.now(), move * MINUTE))
        await go(0)
      }
      const all = await fired()
      assert.deepEqual(all, [...new Set(all)])
      assert.equal((await jobsOf(world)).length, all.length)
      await world.runner.stop(0)
    }),
    { numRuns: thoroughly(4, 30) },
  )
})

test('slots pile up neither in the queue nor in the memory of what ran', async (t) => {
  const { fired, go, world } = await nightly(t, '*/5 * * * *')
  for (let n = 0; n < 130; n++) await go(5 * MINUTE)
  assert.equal((await fired()).length, 100)
  const { id } = (await jobsOf(world))[0]!
  await world.house.db.write(world.caller(), async (tx) => {
    await tx
      .updateTable('job')
      .set({ state: 'queued', endedAt: null, runAt: addMs(world.clock.now(), DAY) })
      .where('workspaceId', '=', 'wsp_acme')
      .where('id', '=', id)
      .execute()
  })
  const before = (await jobsOf(world)).length
  await go(5 * MINUTE)
  await go(5 * MINUTE)
  assert.equal((await jobsOf(world)).length, before, 'the job of the slot before still waits')
})

test('a held instance runs no schedule, and the missed slot once when it is released', async (t) => {
  const hold = { isHeld: true }
  const { fired, go, world } = await nightly(t, '0 3 * * *', () => hold.isHeld)
  await go(5 * DAY)
  assert.deepEqual(await fired(), [])
  hold.isHeld = false
  world.runner.wake()
  await go(0)
  assert.deepEqual(await fired(), ['2026-11-22T03:00'])
})

test('a schedule can be changed and removed by its name', async (t) => {
  const { fired, go, world } = await nightly(t)
  await save(world, '0 5 * * *')
  await go(17 * HOUR)
  assert.deepEqual(await fired(), [])
  await go(2 * HOUR)
  assert.deepEqual(await fired(), ['2026-11-22T05:00'])
  await world.house.db.write(world.caller(), (tx) => world.house.jobs.removeSchedule(tx, 'nightly'))
  await go(3 * DAY)
  assert.deepEqual(await fired(), [])
  assert.equal((await jobsOf(world)).length, 1)
  await assert.rejects(save(world, 'never'), { code: 'invalid' })
})

const kind = numbered(async () => {})

function save({ house, caller }: JobWorld, cron: string): Promise<unknown> {
  const options = { name: 'nightly', title: 'Nightly', cron, timeZone: 'UTC' }
  return house.db.write(caller(), (tx) =>
    house.jobs.saveSchedule(tx, caller(), kind, { n: 1 }, options),
  )
}

async function jobsOf({ house, caller }: JobWorld) {
  return house.jobs.list(caller().scope, {}, { limit: 500 })
}

interface Nightly {
  readonly world: JobWorld
  readonly clock: FakeClock
  readonly go: (ms: number) => Promise<void>
  readonly fired: () => Promise<string[]>
}

/** A schedule in acme, from 2026-11-21T10:00Z on. */
async function nightly(
  t: Parameters<typeof makeJobs>[0],
  cron = '0 3 * * *',
  isHeld: () => boolean = () => false,
): Promise<Nightly> {
  const clock = fakeClock()
  const world = await makeJobs(t, [kind], { clock, isHeld })
  await save(world, cron)
  await world.runner.drain()
  return {
    world,
    clock,
    async go(ms) {
      clock.advance(ms)
      await world.runner.drain()
    },
    async fired() {
      const rows = await world.house.db
        .read(world.caller().scope)
        .selectFrom('jobSlot')
        .select('slot')
        .where('workspaceId', '=', 'wsp_acme')
        .where('jobId', 'is not', null)
        .orderBy('slot')
        .execute()
      return rows.map(({ slot }) => formatInstant(slot).slice(0, 16))
    },
  }
}
