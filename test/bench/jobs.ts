// The job runner end to end: enqueue, lease, run, result, each durable; and whether the event loop
// stays free meanwhile.

import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import path from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { systemClock } from '#platform/clock.ts'
import { Workers } from '#platform/worker.ts'
import { numbered, openJobs, type JobWorld } from '#test/support/jobs.ts'
import { count } from '#test/support/worker-entry.ts'
import type { Clock } from '#kernel/time.ts'
import type { Bench, Print } from './bench.ts'

const JOBS = 4_000
const ENQUEUERS = 64
const SINGLES = 50
const WANTED_LAG = '≤ 20 ms'

const kind = numbered(async () => {})

export const bench: Bench = {
  name: 'jobs',
  async run(print: Print) {
    await measureQuiet(print)
    const world = await openJobs([kind], {
      clock: systemClock,
      folder: mkdtempSync(path.join(tmpdir(), 'rulewright-bench-')),
    })
    try {
      for (const workspaces of [1, 4, 16]) await measureThroughput(world, workspaces, print)
      await measureLatency(world, print)
    } finally {
      await world.close()
    }
    await measureWorkers(print)
  },
}

// What the machine itself adds while others use it: the other lags are to be read beside this one.
async function measureQuiet(print: Print): Promise<void> {
  const lag = monitorEventLoopDelay({ resolution: 1 })
  lag.enable()
  await setTimeout(2_000)
  lag.disable()
  print('event loop lag p99 with nothing to do', milliseconds(lag.percentile(99)))
}

async function measureThroughput(
  { add, runner }: JobWorld<Clock>,
  workspaces: number,
  print: Print,
): Promise<void> {
  const names = Array.from({ length: workspaces }, (_, at) => `w${at}`)
  const lag = monitorEventLoopDelay({ resolution: 1 })
  lag.enable()
  const startedAt = performance.now()
  const cpu = process.cpuUsage()
  let next = 0
  const enqueue = async () => {
    while (next < JOBS) {
      const n = next++
      await add(kind, { n }, names[n % workspaces])
    }
  }
  await Promise.all(Array.from({ length: ENQUEUERS }, enqueue))
  await runner.drain()
  const seconds = (performance.now() - startedAt) / 1_000
  lag.disable()
  const { user, system } = process.cpuUsage(cpu)
  const label = `${workspaces} ${workspaces === 1 ? 'workspace' : 'workspaces'}`
  print(`${label}: jobs end to end`, `${Math.round(JOBS / seconds)} /s`)
  print(`${label}: processor time per job`, milliseconds(((user + system) * 1_000) / JOBS))
  print(`${label}: event loop lag p99 meanwhile`, milliseconds(lag.percentile(99)), WANTED_LAG)
}

async function measureLatency({ add, runner }: JobWorld<Clock>, print: Print): Promise<void> {
  const tookMs: number[] = []
  for (let n = 0; n < SINGLES; n++) {
    const startedAt = performance.now()
    await add(kind, { n })
    await runner.drain()
    tookMs.push(performance.now() - startedAt)
  }
  const sorted = tookMs.toSorted((a, b) => a - b)
  print('one job on an idle runner, median', `${sorted[SINGLES >> 1]!.toFixed(1)} ms`)
}

async function measureWorkers(print: Print): Promise<void> {
  const entry = path.resolve(import.meta.dirname, '../support/worker-entry.ts')
  const workers = new Workers(0, () => new Worker(entry))
  const limits = { timeoutMs: 60_000 }
  try {
    await workers.run(count, { n: 1 }, limits)
    const lag = monitorEventLoopDelay({ resolution: 1 })
    lag.enable()
    const startedAt = performance.now()
    await workers.run(count, { n: 1_000_000_000 }, limits)
    lag.disable()
    const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1)
    const what = `event loop lag p99 while a worker computes ${seconds} s`
    print(what, milliseconds(lag.percentile(99)), WANTED_LAG)
  } finally {
    await workers.close()
  }
}

/** The histogram counts nanoseconds and includes its own tick of a millisecond. */
function milliseconds(nanoseconds: number): string {
  return `${(nanoseconds / 1e6).toFixed(2)} ms`
}
