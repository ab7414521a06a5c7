// The job runner's own statements on PostgreSQL: the ways a job can go, steps, keys, schedules.

import assert from 'node:assert/strict'
import test, { after, before } from 'node:test'
import { AppError } from '#kernel/error.ts'
import { DAY, HOUR } from '#kernel/time.ts'
import { openPostgres } from '#platform/db/engine/postgres/database.ts'
import { fakeClock } from '#test/support/clock.ts'
import { makeJobs, numbered } from '#test/support/jobs.ts'
import { startPostgres, type PostgresServer } from '#test/support/postgres.ts'

let server: PostgresServer | undefined

before(async () => {
  server = await startPostgres()
})
after(() => server?.stop())

test('jobs run, wait, fail, are cancelled, repeat by the calendar and are forgotten', async (t) => {
  if (!server) return t.skip('no server')
  const address = server.newAddress()
  const order: number[] = []
  const kind = numbered(
    async ({ input, job, step }) => {
      order.push(input.n)
      const intent = { stepId: 'write', idempotencyKey: 'k', desiredHash: 'h' }
      await step({ ...intent, call: async () => input.n })
      if (input.n === 2 && job.attempt === 1) throw new AppError('upstream', 'Again.')
      if (input.n === 3) throw new AppError('invalid', 'Never.')
    },
    { backoffMs: [HOUR], concurrencyKey: ({ n }) => `key-${n % 2}` },
  )
  const clock = fakeClock()
  const world = await makeJobs(t, [kind], { clock, database: () => openPostgres(address) })
  const { add, caller, cancel, find, house, runner } = world
  const ids = [await add(kind, { n: 1 }), await add(kind, { n: 2 }), await add(kind, { n: 3 })]
  await add(kind, { n: 4 }, 'globex')
  await runner.drain()
  assert.deepEqual(
    order.toSorted((a, b) => a - b),
    [1, 2, 3, 4],
  )
  const states = async () => Promise.all(ids.map(async (id) => (await find(id)).state))
  assert.deepEqual(await states(), ['succeeded', 'queued', 'failed'])
  clock.advance(HOUR)
  await runner.drain()
  assert.deepEqual(await states(), ['succeeded', 'succeeded', 'failed'])

  await house.db.write(caller(), (tx) =>
    house.jobs.saveSchedule(
      tx,
      caller(),
      kind,
      { n: 5 },
      { name: 'nightly', title: 'x', cron: '0 3 * * *', timeZone: 'UTC' },
    ),
  )
  for (let day = 0; day < 3; day++) {
    clock.advance(DAY)
    await runner.drain()
  }
  const listed = await house.jobs.list(caller().scope, { states: ['succeeded'] }, { limit: 10 })
  assert.deepEqual(listed.length, 5)
  await runner.stop(0)
  const waiting = await add(kind, { n: 6 })
  assert.equal((await cancel(waiting)).state, 'cancelled')

  clock.advance(40 * DAY)
  const next = await world.restart()
  await next.drain()
  clock.advance(HOUR)
  await next.drain()
  await assert.rejects(find(waiting), { code: 'forbidden' })
  assert.equal((await find(ids[2]!)).state, 'failed', 'a dead one stays')
})
