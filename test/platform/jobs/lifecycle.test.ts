import assert from 'node:assert/strict'
import test from 'node:test'
import { AppError } from '#kernel/error.ts'
import type { JobId } from '#kernel/id.ts'
import { addMs, DAY, SECOND } from '#kernel/time.ts'
import { openDatabase } from '#platform/db/database.ts'
import { first, runSteps, type Steps } from '#platform/db/steps.ts'
import { makeJobs, numbered, untilAborted, type JobWorld } from '#test/support/jobs.ts'

test('stopping puts what runs back into the queue, as if it had not run', async (t) => {
  let stopped = 0
  const kind = numbered(async ({ signal, job }) => {
    if (job.attempt === 1 && stopped === 0) await untilAborted(signal).finally(() => stopped++)
  })
  const world = await makeJobs(t, [kind])
  const id = await world.add(kind, { n: 1 })
  await begun(world, id)
  await world.runner.stop(1_000)
  assert.equal(stopped, 1)
  const job = await world.find(id)
  assert.deepEqual([job.state, job.attempt, job.reason], ['queued', 0, null])
  await (await world.restart()).drain()
  assert.deepEqual([(await world.find(id)).state, (await world.find(id)).attempt], ['succeeded', 1])
})

test('a run that does not stop keeps its lease, which the next start takes over at once', async (t) => {
  const kind = numbered(({ job }) =>
    job.attempt === 1 ? new Promise(() => {}) : Promise.resolve(),
  )
  const world = await makeJobs(t, [kind])
  const id = await world.add(kind, { n: 1 })
  await begun(world, id)
  await world.runner.stop(0)
  assert.equal((await world.find(id)).state, 'leased')
  await (await world.restart()).drain()
  const job = await world.find(id)
  assert.deepEqual([job.state, job.attempt], ['succeeded', 2])
})

test('nothing is taken while stopping', async (t) => {
  const kind = numbered(() => assert.fail('ran'))
  const world = await makeJobs(t, [kind])
  await world.runner.stop(0)
  const id = await world.add(kind, { n: 1 })
  await world.runner.drain()
  assert.equal((await world.find(id)).state, 'queued')
})

test('leases are prolonged while runs last, and not after', async (t) => {
  const goOn = Promise.withResolvers<void>()
  const kind = numbered(() => goOn.promise)
  const world = await makeJobs(t, [kind])
  const id = await world.add(kind, { n: 1 })
  await begun(world, id)
  const leaseUntil = async () => {
    const row = await world.house.db
      .read(world.caller().scope)
      .selectFrom('job')
      .select('leaseUntil')
      .where('workspaceId', '=', 'wsp_acme')
      .where('id', '=', id)
      .executeTakeFirstOrThrow()
    return row.leaseUntil
  }
  const first = (await leaseUntil())!
  world.clock.advance(21 * SECOND)
  world.runner.wake()
  while ((await leaseUntil()) === first) await turn()
  assert.equal(await leaseUntil(), first + 21 * SECOND)
  goOn.resolve()
  await world.runner.drain()
  assert.equal(await leaseUntil(), null)
})

test('a run learns when its lease is lost, and stops', async (t) => {
  const stopped = Promise.withResolvers<unknown>()
  const kind = numbered(({ signal, job }) =>
    job.attempt === 1 ? untilAborted(signal).catch(stopped.resolve) : Promise.resolve(),
  )
  const world = await makeJobs(t, [kind])
  const id = await world.add(kind, { n: 1 })
  await begun(world, id)
  const other = await world.restart()
  await other.drain()
  world.clock.advance(21 * SECOND)
  world.runner.wake()
  assert.match(String(await stopped.promise), /Another run has taken it over/)
  assert.deepEqual([(await world.find(id)).state, (await world.find(id)).attempt], ['succeeded', 2])
})

test('while the disk takes nothing the runner waits, and then goes on where it was', async (t) => {
  const goOn = Promise.withResolvers<void>()
  let runs = 0
  const kind = numbered(async ({ input }) => {
    runs += 1
    if (input.n === 1) await goOn.promise
  })
  const world = await makeJobs(t, [kind], {
    database: (folder) => openDatabase(folder, { probeEveryMs: 30 }),
  })
  const { add, clock, find, house, runner } = world
  const first = await add(kind, { n: 1 })
  await begun(world, first)
  const later = await add(kind, { n: 2 }, 'acme', addMs(clock.now(), 1_000))
  await fillDisk(world)
  goOn.resolve()
  clock.advance(1_000)
  await runner.drain()
  const whileFull = [house.db.isReadOnly, (await find(first)).state, (await find(later)).state]
  assert.deepEqual([whileFull, runs], [[true, 'leased', 'queued'], 1])
  while (house.db.isReadOnly) await turn()
  clock.advance(1_000)
  await runner.drain()
  assert.equal((await find(first)).state, 'succeeded')
  assert.equal((await find(later)).state, 'succeeded')
  assert.equal(runs, 2, 'what had run was not run again')
})

async function fillDisk({ house, caller }: JobWorld): Promise<void> {
  const full = house.db.write(caller(), async (tx) => {
    await runSteps(tx, noMorePages())
    for (let n = 0; ; n++) {
      const id = `wsp_${'x'.repeat(1_000)}${n}`
      await tx.insertInto('jobWorkspace').values({ workspaceId: id }).execute()
    }
  })
  await assert.rejects(full, { code: 'storage_full' })
}

// Undone by itself: the connection that comes after is a fresh one.
function* noMorePages(): Steps<void> {
  const row = yield* first<{ page_count: number }>('pragma page_count')
  yield* first(`pragma max_page_count = ${row!.page_count + 3}`)
}

test('finished jobs are forgotten after a while, dead ones much later', async (t) => {
  const good = numbered(async () => {})
  const bad = numbered(() => Promise.reject(new AppError('invalid', 'No.')), { kind: 'test.bad' })
  const { add, caller, clock, house, runner } = await makeJobs(t, [good, bad])
  await Promise.all([add(good, { n: 1 }), add(bad, { n: 2 })])
  await runner.drain()
  const kinds = async () => {
    const jobs = await house.jobs.list(caller().scope, {}, { limit: 10 })
    return jobs.map((job) => job.kind).toSorted()
  }
  clock.advance(29 * DAY)
  await runner.drain()
  assert.deepEqual(await kinds(), ['test.bad', 'test.run'])
  clock.advance(2 * DAY)
  await runner.drain()
  assert.deepEqual(await kinds(), ['test.bad'])
  clock.advance(335 * DAY)
  await runner.drain()
  assert.deepEqual(await kinds(), [])
})

test('another workspace finds, lists and cancels none of these jobs', async (t) => {
  const kind = numbered(async () => {})
  const { add, cancel, caller, find, house, runner } = await makeJobs(t, [kind])
  await runner.stop(0)
  const id = await add(kind, { n: 1 })
  const nowhere = 'job_0198f000-0000-7000-8000-000000000009' as JobId
  for (const wanted of [id, nowhere]) {
    await assert.rejects(find(wanted, 'globex'), { code: 'forbidden' })
    await assert.rejects(cancel(wanted, 'globex'), { code: 'forbidden' })
  }
  assert.deepEqual(await house.jobs.list(caller('globex').scope, {}, { limit: 10 }), [])
  assert.equal((await find(id)).state, 'queued')
})

async function begun({ find }: JobWorld, id: JobId): Promise<void> {
  while ((await find(id)).state !== 'leased') await turn()
  await turn()
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
