import assert from 'node:assert/strict'
import test from 'node:test'
import { AppError } from '#kernel/error.ts'
import type { JobId } from '#kernel/id.ts'
import { addMs, DAY, MINUTE, SECOND } from '#kernel/time.ts'
import { START } from '#test/support/clock.ts'
import { makeJobs, numbered, untilAborted, type JobWorld } from '#test/support/jobs.ts'

test('a job runs after the COMMIT that added it, as itself, in its workspace', async (t) => {
  const seen: unknown[] = []
  const kind = numbered(
    async ({ caller, input, job }) => {
      seen.push([caller.actor === job.id, caller.scope.workspaceId, [...caller.verbs], input.n])
    },
    { verbs: ['job.read'] },
  )
  const { add, find, runner } = await makeJobs(t, [kind])
  const id = await add(kind, { n: 7 })
  await runner.drain()
  assert.deepEqual(seen, [[true, 'wsp_acme', ['job.read'], 7]])
  const job = await find(id)
  assert.equal(job.state, 'succeeded')
  assert.deepEqual([job.attempt, job.startedAt, job.endedAt, job.reason], [1, START, START, null])
})

test('a job whose write rolls back never was', async (t) => {
  const kind = numbered(() => assert.fail('ran'))
  const { caller, house, runner } = await makeJobs(t, [kind])
  const refused = house.db.write(caller(), async (tx) => {
    await house.jobs.enqueue(tx, caller(), kind, { n: 1 }, { title: 'no' })
    throw new Error('no')
  })
  await assert.rejects(refused, /no/)
  await runner.drain()
  assert.deepEqual(await house.jobs.list(caller().scope, {}, { limit: 10 }), [])
})

test('a failure is tried again after a wait, and in the end kept with its reason', async (t) => {
  let runs = 0
  const kind = numbered(
    async () => {
      runs += 1
      throw new AppError('upstream', 'Splunk answered 503.')
    },
    { attemptsMax: 3, backoffMs: [1_000, 10_000] },
  )
  const { add, clock, find, runner } = await makeJobs(t, [kind])
  const id = await add(kind, { n: 1 })
  await runner.drain()
  const waiting = await find(id)
  assert.equal(waiting.state, 'queued')
  assert.deepEqual([waiting.attempt, waiting.reason], [1, 'Splunk answered 503.'])
  assert.ok(waiting.runAt >= START && waiting.runAt <= addMs(START, 1_000))
  clock.advance(1_000)
  await runner.drain()
  assert.equal(runs, 2)
  clock.advance(10_000)
  await runner.drain()
  const dead = await find(id)
  assert.deepEqual([dead.state, runs], ['failed', 3])
  assert.equal(dead.reason, 'Splunk answered 503. (Given up after 3 attempts.)')
  clock.advance(DAY)
  await runner.drain()
  assert.equal(runs, 3)
})

test('a refusal is not tried again; a bug tells the log, not the page', async (t) => {
  const refused = numbered(() => Promise.reject(new AppError('forbidden', 'Not yours.')))
  const broken = numbered(() => Promise.reject(new Error('password=hunter2')), {
    kind: 'test.broken',
    attemptsMax: 1,
  })
  const { add, find, runner, logged } = await makeJobs(t, [refused, broken])
  const first = await add(refused, { n: 1 })
  const second = await add(broken, { n: 1 })
  await runner.drain()
  const job = await find(first)
  assert.deepEqual([job.state, job.attempt, job.reason], ['failed', 1, 'Not yours.'])
  assert.equal((await find(second)).reason, 'Something went wrong; the log has the details.')
  const line = logged.find((one) => one['job'] === second)
  assert.match(JSON.stringify(line), /hunter2/)
})

test('a target that says when to come back is not asked earlier', async (t) => {
  const kind = numbered(() =>
    Promise.reject(new AppError('rate_limited', 'Slow down.', { retryAfterSeconds: 300 })),
  )
  const { add, find, runner } = await makeJobs(t, [kind])
  const id = await add(kind, { n: 1 })
  await runner.drain()
  assert.ok((await find(id)).runAt >= addMs(START, 300 * SECOND))
})

test('a job of a kind or an input that this version does not know ends with that reason', async (t) => {
  const kind = numbered(async () => {})
  const { add, find, house, restart, runner, caller } = await makeJobs(t, [kind])
  await runner.stop(0)
  const unknown = await add(kind, { n: 1 })
  const odd = await add(kind, { n: 2 })
  await house.db.write(caller(), async (tx) => {
    const rows = tx.updateTable('job').where('workspaceId', '=', 'wsp_acme')
    await rows.set({ kind: 'gone.away' }).where('id', '=', unknown).execute()
    await rows.set({ input: '{"m":1}' }).where('id', '=', odd).execute()
  })
  await (await restart()).drain()
  assert.equal((await find(unknown)).reason, 'This version knows no job “gone.away”.')
  assert.equal((await find(odd)).reason, 'What it was given is not what this version expects.')
})

test('a job that waits is cancelled at once, one that runs when it has stopped', async (t) => {
  const kind = numbered(({ signal }) => untilAborted(signal), { perWorkspaceMax: 1 })
  const world = await makeJobs(t, [kind])
  const { add, cancel, find, runner } = world
  const running = await add(kind, { n: 1 })
  await begun(world, running)
  const waiting = await add(kind, { n: 2 })
  assert.equal((await cancel(waiting)).state, 'cancelled')
  assert.equal((await cancel(running)).isCancelRequested, true)
  await runner.drain()
  const stopped = await find(running)
  assert.deepEqual([stopped.state, stopped.reason], ['cancelled', 'Cancelled while it ran.'])
  await assert.rejects(cancel(running), { code: 'conflict' })
})

test('a cancel in the very COMMIT that leases the job reaches its run', async (t) => {
  const kind = numbered(async ({ input, signal }) => {
    if (input.n > 0) await untilAborted(signal)
  })
  const { add, caller, house, find, runner } = await makeJobs(t, [kind])
  await add(kind, { n: 0 })
  await runner.drain()
  const id = await add(kind, { n: 1 })
  for (let i = 0; i < 50; i++) await Promise.resolve() // the claim is queued now, and not committed
  const state = await house.db.write(caller(), async (tx) => {
    return (await house.jobs.cancel(tx, caller(), id)).state
  })
  assert.equal(state, 'leased', 'the premise')
  await runner.drain()
  assert.equal((await find(id)).state, 'cancelled')
})

test('a run that finishes in spite of the cancel has succeeded', async (t) => {
  const finish = Promise.withResolvers<void>()
  const kind = numbered(() => finish.promise)
  const world = await makeJobs(t, [kind])
  const id = await world.add(kind, { n: 1 })
  await begun(world, id)
  await world.cancel(id)
  finish.resolve()
  await world.runner.drain()
  assert.equal((await world.find(id)).state, 'succeeded')
})

test('the time limit aborts a run, which is then tried again', async (t) => {
  const kind = numbered(({ signal }) => untilAborted(signal), { timeoutMs: MINUTE })
  const world = await makeJobs(t, [kind])
  const id = await world.add(kind, { n: 1 })
  await begun(world, id)
  world.clock.advance(MINUTE)
  await world.runner.drain()
  const job = await world.find(id)
  assert.deepEqual([job.state, job.reason], ['queued', 'It took longer than it may.'])
})

test('a run that does not listen loses its lease, and can then write nothing', async (t) => {
  const goOn = Promise.withResolvers<void>()
  const late = Promise.withResolvers<unknown>()
  const kind = numbered(
    async ({ assertLeased, house, caller, job }) => {
      if (job.attempt === 2) return
      await goOn.promise
      await house.db.write(caller, assertLeased).catch(late.resolve)
    },
    { timeoutMs: MINUTE, backoffMs: [0] },
  )
  const world = await makeJobs(t, [kind])
  const { add, clock, find, runner } = world
  const id = await add(kind, { n: 1 })
  await begun(world, id)
  clock.advance(MINUTE)
  runner.wake()
  await turn()
  clock.advance(10 * SECOND)
  await runner.drain()
  const job = await find(id)
  assert.deepEqual([job.state, job.attempt], ['succeeded', 2])
  goOn.resolve()
  assert.match(String(await late.promise), /Another run has taken it over/)
  assert.deepEqual(await find(id), job)
})

test('progress is written at most four times a second, and the last of it always', async (t) => {
  const goOn = Promise.withResolvers<void>()
  const last = { done: 2_000, total: 2_000, unit: 'rules', note: 'done' }
  const kind = numbered(async ({ report }) => {
    for (let done = 1; done <= 1_000; done++) report({ ...last, done, note: '' })
    await goOn.promise
    report(last)
  })
  const world = await makeJobs(t, [kind])
  const { add, clock, find, house, runner } = world
  let signals = 0
  house.events.subscribe('all', () => (signals += 1))
  const id = await add(kind, { n: 1 })
  await begun(world, id)
  while ((await find(id)).progress === null) await turn()
  assert.equal((await find(id)).progress?.done, 1_000)
  assert.equal(signals, 2, 'added, and one for a thousand reports')
  clock.advance(100)
  goOn.resolve()
  await runner.drain()
  assert.deepEqual((await find(id)).progress, last)
  assert.equal(signals, 3)
})

async function begun({ find }: JobWorld, id: JobId): Promise<void> {
  while ((await find(id)).state !== 'leased') await turn()
  await turn()
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
