import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { makeJobs, numbered } from '#test/support/jobs.ts'

test('a flood of one workspace does not delay the first job of another', async (t) => {
  const order: string[] = []
  const kind = numbered(async ({ caller }) => {
    order.push(caller.scope.workspaceId)
  })
  const { caller, add, house, runner } = await makeJobs(t, [kind])
  await house.db.write(caller('acme'), async (tx) => {
    for (let n = 0; n < 300; n++) {
      await house.jobs.enqueue(tx, caller('acme'), kind, { n }, { title: 'flood' })
    }
  })
  await add(kind, { n: 1 }, 'globex')
  await runner.drain()
  assert.equal(order.length, 301)
  assert.ok(order.indexOf('wsp_globex') < 20, `it was number ${order.indexOf('wsp_globex')}`)
})

test('however many workspaces and jobs: all run, none above its limits, no workspace starves', async (t) => {
  const workspaces = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 12 })
  await fc.assert(
    fc.asyncProperty(workspaces, async (counts) => {
      const running = new Map<string, number>()
      const peak = { workspace: 0, kind: 0, all: 0 }
      const done: string[] = []
      const turn = () => new Promise((resolve) => setImmediate(resolve))
      const kind = numbered(
        async ({ caller }) => {
          const { workspaceId } = caller.scope
          const now = (running.get(workspaceId) ?? 0) + 1
          running.set(workspaceId, now)
          peak.workspace = Math.max(peak.workspace, now)
          peak.all = Math.max(
            peak.all,
            [...running.values()].reduce((a, b) => a + b),
          )
          await turn()
          running.set(workspaceId, running.get(workspaceId)! - 1)
          done.push(workspaceId)
        },
        { perWorkspaceMax: 3 },
      )
      const { add, runner } = await makeJobs(t, [kind])
      const jobs = counts.flatMap((count, at) => Array.from({ length: count }, () => `w${at}`))
      await Promise.all(jobs.map((workspace, n) => add(kind, { n }, workspace)))
      await runner.drain()
      await runner.stop(0)
      assert.equal(done.length, jobs.length)
      assert.ok(peak.workspace <= 3 && peak.all <= 16, JSON.stringify(peak))
      const firsts = counts.map((_, at) => done.indexOf(`wsp_w${at}`))
      assert.ok(Math.max(...firsts) < 3 * counts.length + 16, firsts.join())
    }),
    { numRuns: 8 },
  )
})

test('jobs with the same key run one after another, others beside them', async (t) => {
  const running: string[] = []
  const together = new Set<string>()
  const kind = numbered(
    async ({ input }) => {
      const key = String(input.n % 2)
      assert.ok(!running.includes(key), 'one at a time')
      running.push(key)
      await new Promise((resolve) => setImmediate(resolve))
      together.add(running.toSorted().join())
      running.splice(running.indexOf(key), 1)
    },
    { concurrencyKey: ({ n }) => `target-${n % 2}`, attemptsMax: 1 },
  )
  const { add, caller, house, runner } = await makeJobs(t, [kind])
  await Promise.all(Array.from({ length: 12 }, (_, n) => add(kind, { n })))
  await runner.drain()
  const jobs = await house.jobs.list(caller().scope, { states: ['succeeded'] }, { limit: 50 })
  assert.equal(jobs.length, 12)
  assert.ok(together.has('0,1'), 'the premise: two keys at once')
})

test('what a person waits for goes before what nobody does', async (t) => {
  const order: string[] = []
  const run = (name: string) => async () => void order.push(name)
  const last = numbered(run('last'), { kind: 'test.last', priority: 'last' })
  const first = numbered(run('first'), { kind: 'test.first', priority: 'first' })
  const { caller, house, runner } = await makeJobs(t, [last, first])
  await house.db.write(caller(), async (tx) => {
    for (const kind of [last, last, last, last, last, first, first]) {
      await house.jobs.enqueue(tx, caller(), kind, { n: 0 }, { title: 'x' })
    }
  })
  await runner.drain()
  assert.deepEqual(order.slice(0, 2), ['first', 'first'])
})

test('a workspace whose queue is full is told so, and another is not', async (t) => {
  const kind = numbered(async () => {})
  const { add, caller, house, runner } = await makeJobs(t, [kind])
  await runner.stop(0)
  await add(kind, { n: 1 }, 'globex')
  const row = await house.db
    .read(caller('globex').scope)
    .selectFrom('job')
    .selectAll()
    .where('workspaceId', '=', 'wsp_globex')
    .executeTakeFirstOrThrow()
  await house.db.write(caller(), async (tx) => {
    for (let batch = 1; batch <= 100; batch++) {
      const size = batch === 100 ? 98 : 100
      const rows = Array.from({ length: size }, (_, n) => ({
        ...row,
        workspaceId: 'wsp_acme',
        id: `job_${batch}-${n}` as typeof row.id,
      }))
      await tx.insertInto('job').values(rows).execute()
    }
  })
  await add(kind, { n: 1 })
  await add(kind, { n: 2 })
  await assert.rejects(add(kind, { n: 3 }), { code: 'busy' })
  await add(kind, { n: 1 }, 'globex')
  const [first] = await house.jobs.list(caller().scope, {}, { limit: 1 })
  await house.db.write(caller(), (tx) => house.jobs.cancel(tx, caller(), first!.id))
  await add(kind, { n: 4 })
})
