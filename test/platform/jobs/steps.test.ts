import assert from 'node:assert/strict'
import test from 'node:test'
import { AppError } from '#kernel/error.ts'
import type { Reconciled } from '#platform/jobs/define.ts'
import { makeJobs, numbered } from '#test/support/jobs.ts'

const intent = { stepId: 'write', idempotencyKey: 'key-1', desiredHash: 'hash-1' }
const lost = () => new AppError('upstream', 'The connection broke.')

test('a step that is done is not called again, and gives its result to the next run', async (t) => {
  let calls = 0
  const results: unknown[] = []
  const kind = numbered(
    async ({ step, job }) => {
      const call = async () => ({ remoteId: `r${++calls}` })
      results.push(await step({ ...intent, call }))
      if (job.attempt === 1) throw lost()
    },
    { backoffMs: [0] },
  )
  const { add, find, runner } = await makeJobs(t, [kind])
  const id = await add(kind, { n: 1 })
  await runner.drain()
  assert.equal((await find(id)).state, 'succeeded')
  assert.deepEqual([calls, results], [1, [{ remoteId: 'r1' }, { remoteId: 'r1' }]])
})

test('a call that may have happened is never sent again blindly: without a way to ask, a person has to look', async (t) => {
  let calls = 0
  const kind = numbered(
    async ({ step }) => {
      const call = async () => {
        calls += 1
        throw lost()
      }
      await step({ ...intent, call })
    },
    { backoffMs: [0] },
  )
  const { add, find, runner } = await makeJobs(t, [kind])
  const id = await add(kind, { n: 1 })
  await runner.drain()
  const job = await find(id)
  assert.deepEqual([job.state, calls, job.attempt], ['unknown', 1, 2])
  assert.equal(
    job.reason,
    'Whether step write took effect is not known: there is no way to ask. A person has to look.',
  )
})

const answers: readonly [Reconciled, string, number][] = [
  [{ kind: 'done', result: 'found' }, 'succeeded', 1],
  [{ kind: 'not_done' }, 'succeeded', 2],
  [{ kind: 'unknown', reason: 'two rules bear the marker' }, 'unknown', 1],
]
for (const [answer, state, callsWanted] of answers) {
  test(`the other side is asked, and “${answer.kind}” decides`, async (t) => {
    const keys: string[] = []
    const asked: unknown[] = []
    const kind = numbered(
      async ({ step, job }) => {
        const call = async ({ idempotencyKey }: { idempotencyKey: string }) => {
          keys.push(idempotencyKey)
          if (keys.length === 1) throw lost()
          return 'called'
        }
        await step({ ...intent, idempotencyKey: `key-${job.attempt}`, call })
      },
      {
        backoffMs: [0],
        reconcile: async (_, step) => {
          asked.push(step)
          return answer
        },
      },
    )
    const { add, find, runner } = await makeJobs(t, [kind])
    const id = await add(kind, { n: 1 })
    await runner.drain()
    assert.deepEqual([(await find(id)).state, keys.length], [state, callsWanted])
    assert.deepEqual(asked, [intent], 'asked once, about what was written down')
    assert.ok(
      keys.every((key) => key === 'key-1'),
      'the key of the first intent goes along',
    )
  })
}

test('a refusal says that nothing happened: the job fails with it, and nothing is open', async (t) => {
  const kind = numbered(async ({ step }) => {
    await step({ ...intent, call: () => Promise.reject(new AppError('forbidden', 'No rights.')) })
  })
  const { add, find, runner } = await makeJobs(t, [kind])
  const id = await add(kind, { n: 1 })
  await runner.drain()
  assert.deepEqual([(await find(id)).state, (await find(id)).reason], ['failed', 'No rights.'])
})

test('no run ends well, failed or cancelled while a step of it is open', async (t) => {
  const kind = numbered(async ({ step }) => {
    await step({ ...intent, call: () => Promise.reject(lost()) }).catch(() => {})
  })
  const { add, find, runner } = await makeJobs(t, [kind])
  const id = await add(kind, { n: 1 })
  await runner.drain()
  const job = await find(id)
  assert.equal(job.state, 'unknown')
  assert.match(job.reason!, /step write took effect is not known: the run did not wait for it/)
})

test('a step stands for one content: the same step with another is refused, done or open', async (t) => {
  const other = async (isDone: boolean) => {
    const kind = numbered(
      async ({ step, job }) => {
        const call = async () => {
          if (!isDone) throw lost()
          return 'done'
        }
        await step({ ...intent, desiredHash: `hash-${job.attempt}`, call })
        throw lost()
      },
      { backoffMs: [0], reconcile: () => assert.fail('there is nothing to ask about') },
    )
    const { add, find, runner } = await makeJobs(t, [kind])
    const id = await add(kind, { n: 1 })
    await runner.drain()
    return find(id)
  }
  assert.match((await other(true)).reason!, /already done with other content/)
  const open = await other(false)
  assert.equal(open.state, 'unknown')
  assert.match(open.reason!, /its content has changed since it was begun/)
})

test('a run that lost its lease begins no step', async (t) => {
  const goOn = Promise.withResolvers<void>()
  const ends = Promise.withResolvers<unknown>()
  const kind = numbered(
    async ({ step, job }) => {
      if (job.attempt > 1) return
      await goOn.promise
      await step({ ...intent, call: () => assert.fail('called') }).catch(ends.resolve)
    },
    { backoffMs: [0] },
  )
  const { add, find, runner, restart } = await makeJobs(t, [kind])
  const id = await add(kind, { n: 1 })
  while ((await find(id)).state !== 'leased') await new Promise((r) => setImmediate(r))
  const second = await restart()
  await second.drain()
  assert.equal((await find(id)).state, 'succeeded')
  goOn.resolve()
  assert.match(String(await ends.promise), /Another run has taken it over/)
  await runner.drain()
  assert.deepEqual([(await find(id)).state, (await find(id)).attempt], ['succeeded', 2])
})
