import assert from 'node:assert/strict'
import test from 'node:test'
import { verbsOf, type Role } from '#domain/access/permission.ts'
import { systemCaller } from '#domain/access/system.ts'
import { verifyAuditJob } from '#domain/audit/jobs.ts'
import { readAudit } from '#domain/audit/actions.ts'
import { cancelJob, getJob, listJobs } from '#domain/jobs/actions.ts'
import type { Caller } from '#platform/caller.ts'
import { makeJobs, numbered, type JobWorld } from '#test/support/jobs.ts'

const kind = numbered(async () => {})

function as({ caller }: JobWorld, role: Role, workspace = 'acme'): Caller {
  return { ...caller(workspace), verbs: verbsOf(role) }
}

test('an analyst stops a job and the log says so; a viewer looks on', async (t) => {
  const world = await makeJobs(t, [kind])
  const { house, runner } = world
  await runner.stop(0)
  const id = await world.add(kind, { n: 1 })
  const viewer = as(world, 'viewer')
  assert.equal((await getJob(house, viewer, id)).state, 'queued')
  assert.deepEqual(
    (await listJobs(house, viewer, { limit: 10 })).map((job) => job.id),
    [id],
  )
  await assert.rejects(cancelJob(house, viewer, id), { code: 'forbidden' })
  assert.equal((await cancelJob(house, as(world, 'analyst'), id)).state, 'cancelled')
  const { items } = await readAudit(house, as(world, 'admin'), {}, { limit: 10 })
  const cancelled = items.filter(({ action }) => action === 'job.cancel')
  assert.deepEqual(
    cancelled.map(({ target }) => target),
    [id],
  )
})

test('a cancel that is refused leaves no entry and tells nothing about the job', async (t) => {
  const world = await makeJobs(t, [kind])
  const { house, runner } = world
  const id = await world.add(kind, { n: 1 })
  await runner.drain()
  await assert.rejects(cancelJob(house, as(world, 'admin'), id), { code: 'conflict' })
  await assert.rejects(cancelJob(house, as(world, 'admin', 'globex'), id), { code: 'forbidden' })
  const { items } = await readAudit(house, as(world, 'admin'), {}, { limit: 10 })
  assert.deepEqual(
    items.filter(({ action }) => action === 'job.cancel'),
    [],
  )
})

test('the nightly check walks the audit log in a thread and tells how much it read', async (t) => {
  const { house, runner } = await makeJobs(t, [verifyAuditJob])
  const owner = systemCaller(house, 'test')
  const id = await house.db.write(owner, (tx) =>
    house.jobs.enqueue(tx, owner, verifyAuditJob, {}, { title: 'Verify the audit log' }),
  )
  await runner.drain()
  const job = await getJob(house, owner, id)
  assert.deepEqual([job.state, job.reason], ['succeeded', null])
  assert.ok(job.progress!.done >= 1 && job.progress!.done === job.progress!.total)
})
