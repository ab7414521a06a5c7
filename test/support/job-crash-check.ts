// What must hold after a crash at any point and a restart: nothing acknowledged is lost, nothing has
// run that its row does not tell, nothing was sent twice, no slot ran twice.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Job } from '#platform/jobs/job.ts'
import { openLife, outside, type Life } from './job-crash.ts'

const program = fileURLToPath(new URL('job-crash.ts', import.meta.url))

/** Lives until `point`. False when the life ended by itself before. */
export function crashAt(folder: string, point: number): boolean {
  const { status, signal, stderr } = spawnSync(
    process.execPath,
    [...process.execArgv.filter((flag) => !flag.startsWith('--test')), program, folder, `${point}`],
    { encoding: 'utf8', timeout: 60_000, killSignal: 'SIGTERM' },
  )
  assert.ok(signal === 'SIGKILL' || status === 0, stderr)
  return signal === 'SIGKILL'
}

export async function checkAfterCrash(folder: string): Promise<void> {
  const life = await openLife(folder)
  try {
    await life.runner.drain()
    const jobs = await life.house.jobs.list(life.caller.scope, {}, { limit: 100 })
    const lines = outside(folder)
    if (lines.includes('enqueued')) assert.ok(jobs.length >= 4, 'an acknowledged job is lost')
    for (const job of jobs) checkJob(job, lines)
    await checkSlots(life, jobs)
  } finally {
    await life.close()
  }
}

function checkJob(job: Job, lines: readonly string[]): void {
  const stepId = job.kind.replace('test.', '')
  const sent = lines.filter((line) => line === `call ${stepId}`).length
  const runs = lines.filter((line) => line === `run ${job.id}`).length
  assert.ok(runs <= job.attempt, `${job.kind} ran ${runs} times and tells of ${job.attempt}`)
  switch (job.kind) {
    case 'test.stepped':
      return assert.deepEqual([job.state, sent], ['succeeded', 1])
    case 'test.blind':
      assert.ok(sent <= 1, 'sent twice')
      return assert.ok(job.state === 'unknown' || (job.state === 'succeeded' && sent === 1))
    default:
      assert.equal(job.state, 'succeeded')
      return assert.ok(runs >= 1)
  }
}

async function checkSlots({ house, caller }: Life, jobs: readonly Job[]): Promise<void> {
  const rows = await house.db
    .read(caller.scope)
    .selectFrom('jobSlot')
    .select(['slot', 'jobId'])
    .where('workspaceId', '=', caller.scope.workspaceId)
    .execute()
  const made = jobs.filter((job) => job.createdBy === 'system:schedule')
  assert.deepEqual(
    made.map((job) => job.id).toSorted(),
    rows.flatMap(({ jobId }) => jobId ?? []).toSorted(),
  )
  if (jobs.length > 0) assert.ok(made.length >= 1, 'the missed slot runs')
}
