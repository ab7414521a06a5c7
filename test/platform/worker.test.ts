import assert from 'node:assert/strict'
import { createSecretKey } from 'node:crypto'
import { getEventListeners } from 'node:events'
import path from 'node:path'
import test, { type TestContext } from 'node:test'
import { Worker } from 'node:worker_threads'
import { verifyAudit } from '#platform/audit/verify-task.ts'
import { Workers } from '#platform/worker.ts'
import { acme, keys, makeWorld, saveRule } from '#test/support/database.ts'
import { count, exit, fail, hoard, refuse, spin } from '#test/support/worker-entry.ts'

const limits = { timeoutMs: 60_000 }
const entry = path.resolve(import.meta.dirname, '../support/worker-entry.ts')

function makeWorkers(t: TestContext, size = 1): { workers: Workers; started: () => number } {
  let started = 0
  const workers = new Workers(size, () => {
    started += 1
    return new Worker(entry, { resourceLimits: { maxOldGenerationSizeMb: 32 } })
  })
  t.after(() => workers.close())
  return { workers, started: () => started }
}

test('while a thread computes, the event loop goes on turning', async (t) => {
  const { workers } = makeWorkers(t)
  await workers.run(count, { n: 1 }, limits)
  const state = { isOver: false }
  const computing = workers.run(count, { n: 200_000_000 }, limits).finally(() => {
    state.isOver = true
  })
  let turns = 0
  while (!state.isOver) {
    await new Promise((resolve) => setImmediate(resolve))
    turns += 1
  }
  await computing
  assert.ok(turns > 50, `${turns} turns`)
})

test('threads are started when needed, no more than allowed, and used again', async (t) => {
  const { workers, started } = makeWorkers(t, 2)
  assert.equal(started(), 0)
  const answers = await Promise.all(
    Array.from({ length: 6 }, () => workers.run(count, { n: 5_000_000 }, limits)),
  )
  assert.equal(started(), 2)
  assert.equal(new Set(answers.map(({ thread }) => thread)).size, 2)
})

test('a task that throws or dies fails alone; what waits behind it runs', async (t) => {
  const { workers, started } = makeWorkers(t)
  const outcomes = await Promise.allSettled([
    workers.run(refuse, null, limits),
    workers.run(fail, null, limits),
    workers.run(exit, null, limits),
    workers.run(hoard, null, limits),
    workers.run(count, { n: 3 }, limits),
  ])
  const texts = outcomes.map((one) => (one.status === 'rejected' ? String(one.reason) : 'done'))
  assert.match(texts[0]!, /AppError: That is too much/)
  assert.match(texts[1]!, /TypeError: broken/)
  assert.match(texts[2]!, /thread died/)
  assert.match(texts[3]!, /thread died/)
  assert.equal(texts[4], 'done')
  assert.equal(started(), 4, 'a refusal keeps the thread, a failure does not')
})

test('a task ends at its time limit, and when nobody wants it any more', async (t) => {
  const { workers } = makeWorkers(t)
  await assert.rejects(workers.run(spin, null, { timeoutMs: 20 }), { code: 'timeout' })
  const stop = new AbortController()
  const running = workers.run(spin, null, { ...limits, signal: stop.signal })
  const waiting = workers.run(count, { n: 1 }, { ...limits, signal: stop.signal })
  const after = workers.run(count, { n: 4 }, limits)
  stop.abort(new Error('not any more'))
  await assert.rejects(running, /not any more/)
  await assert.rejects(waiting, /not any more/)
  assert.equal((await after).sum, 6)
  await assert.rejects(workers.run(count, { n: 1 }, { ...limits, signal: stop.signal }), /not any/)
})

test('a flood is answered busy, and closing ends everything', async (t) => {
  const { workers } = makeWorkers(t)
  const all = Array.from({ length: 300 }, () => workers.run(spin, null, limits))
  const outcomes = Promise.allSettled(all)
  await assert.rejects(all.at(-1)!, { code: 'busy' })
  await workers.close()
  const codes = (await outcomes).map((one) => one.status === 'rejected' && one.reason.code)
  assert.deepEqual(new Set(codes), new Set(['cancelled', 'busy']))
  await assert.rejects(workers.run(count, { n: 1 }, limits), { code: 'cancelled' })
})

test('the audit log is verified in a thread, beside the live database', async (t) => {
  const { db, folder } = await makeWorld(t)
  for (const id of ['a', 'b', 'c']) await db.write({ scope: acme }, (tx) => saveRule(tx, id))
  const workers = new Workers(1)
  t.after(() => workers.close())
  const { signKey: _, ...publicKeys } = keys
  const input = { file: path.join(folder, 'rulewright.db'), keys: publicKeys, options: {} }
  const verdict = await workers.run(verifyAudit, input, limits)
  assert.ok(verdict.ok, JSON.stringify(verdict))
  assert.equal(verdict.rows, 3)
  const macKeys = [{ fromSeq: 1, key: createSecretKey(Buffer.alloc(32, 8)) }]
  const other = { ...input, keys: { ...publicKeys, macKeys } }
  assert.equal((await workers.run(verifyAudit, other, limits)).ok, false, 'under another key')
})

test('a signal that lives on keeps nothing of the tasks that were done under it', async (t) => {
  const { workers } = makeWorkers(t)
  const { signal } = new AbortController()
  const tasks = Array.from({ length: 3 }, () => workers.run(count, { n: 1 }, { ...limits, signal }))
  assert.ok(getEventListeners(signal, 'abort').length >= 3, 'the premise')
  await Promise.all(tasks)
  assert.deepEqual(getEventListeners(signal, 'abort'), [])
  const stopped = workers.run(spin, null, { ...limits, signal })
  const waits = workers.run(count, { n: 1 }, { ...limits, signal })
  const both = Promise.allSettled([stopped, waits])
  await workers.close()
  assert.deepEqual(
    (await both).map(({ status }) => status),
    ['rejected', 'rejected'],
  )
  assert.deepEqual(getEventListeners(signal, 'abort'), [])
})
