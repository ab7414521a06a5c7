// One small life of the job runner, the same each time, with numbered points between everything it
// does. As a program it kills itself at the point it is given; the crash tests then restart on what it
// left. argv: folder, point.
//
// What the jobs do outside is a line in a file, which survives the process as a target would.

import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import pino from 'pino'
import { addMs, DAY, MINUTE } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import type { Database } from '#platform/db/database.ts'
import { makeScope } from '#platform/db/scope.ts'
import type { House } from '#platform/house.ts'
import { Bell } from '#platform/jobs/bell.ts'
import { jobDefinitions, type JobDefinition, type StepIntent } from '#platform/jobs/define.ts'
import { createQueue } from '#platform/jobs/queue.ts'
import { JobRunner } from '#platform/jobs/runner.ts'
import { openHouse } from '#src/app.ts'
import { fakeClock, START, type FakeClock } from './clock.ts'
import { testConfiguration } from './configuration.ts'
import { numbered, type Numbered } from './jobs.ts'

/** Every line written outside so far: `plain 1`, `call stepped`, `enqueued`. */
export function outside(folder: string): string[] {
  const file = path.join(folder, 'outside.log')
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : []
}

interface Kinds {
  readonly plain: JobDefinition<Numbered>
  readonly retried: JobDefinition<Numbered>
  readonly stepped: JobDefinition<Numbered>
  readonly blind: JobDefinition<Numbered>
}

function makeKinds(folder: string, point: () => void): Kinds {
  const say = (line: string) => {
    point()
    appendFileSync(path.join(folder, 'outside.log'), `${line}\n`)
    point()
  }
  const intent = (stepId: string): StepIntent => ({
    stepId,
    idempotencyKey: stepId,
    desiredHash: 'x',
  })
  const calls = (stepId: string) => ({
    ...intent(stepId),
    call: async () => {
      say(`call ${stepId}`)
      return null
    },
  })
  return {
    plain: numbered(async ({ job }) => say(`run ${job.id}`), { kind: 'test.plain' }),
    retried: numbered(
      async ({ job }) => {
        say(`run ${job.id}`)
        if (job.attempt === 1) throw new Error('the first time it breaks')
      },
      { kind: 'test.retried', backoffMs: [0] },
    ),
    stepped: numbered(({ step }) => step(calls('stepped')), {
      kind: 'test.stepped',
      reconcile: async (_, { stepId }) =>
        outside(folder).includes(`call ${stepId}`)
          ? { kind: 'done', result: null }
          : { kind: 'not_done' },
    }),
    blind: numbered(({ step }) => step(calls('blind')), { kind: 'test.blind' }),
  }
}

export interface Life {
  readonly house: House
  readonly caller: Caller
  readonly clock: FakeClock
  readonly runner: JobRunner
  readonly kinds: Kinds
  close(): Promise<void>
}

/** `point` is called before every write, and before and after everything done outside. */
export async function openLife(folder: string, point: () => void = () => {}): Promise<Life> {
  const isRestart = existsSync(path.join(folder, 'rulewright.db'))
  const clock = fakeClock(addMs(START, isRestart ? 5 * MINUTE : 0))
  const opened = await openHouse({ configuration: testConfiguration(folder), clock })
  const write: Database['write'] = (caller, body) => {
    point()
    return opened.house.db.write(caller, body)
  }
  const db = Object.create(opened.house.db, { write: { value: write } }) as Database
  const kinds = makeKinds(folder, point)
  const definitions = jobDefinitions(Object.values(kinds))
  const bell = new Bell()
  const { events, random } = opened.house
  const jobs = createQueue({ db, events, random, definitions, bell })
  const house: House = { ...opened.house, log: pino({ level: 'silent' }), db, jobs }
  const runner = new JobRunner(house, { definitions, bell, perWorkspaceMax: 4, keepMs: DAY })
  const caller: Caller = {
    actor: 'system:test',
    scope: makeScope('wsp_acme'),
    now: clock.now(),
    requestId: 'req_0198f000-0000-7000-8000-000000000001' as Caller['requestId'],
    verbs: new Set(),
  }
  await runner.start()
  const close = async () => {
    await runner.stop(1_000)
    await opened.close()
  }
  return { house, caller, clock, runner, kinds, close }
}

async function live(folder: string, killAt: number): Promise<void> {
  let points = 0
  const life = await openLife(folder, () => {
    points += 1
    if (points === killAt) process.kill(process.pid, 'SIGKILL')
  })
  const { house, caller, clock, runner, kinds } = life
  await house.db.write(caller, async (tx) => {
    for (const kind of Object.values(kinds)) {
      await house.jobs.enqueue(
        tx,
        caller,
        kind as JobDefinition<Numbered>,
        { n: 1 },
        { title: 'x' },
      )
    }
    await house.jobs.saveSchedule(
      tx,
      caller,
      kinds.plain,
      { n: 2 },
      {
        name: 'minutely',
        title: 'x',
        cron: '* * * * *',
        timeZone: 'UTC',
      },
    )
  })
  appendFileSync(path.join(folder, 'outside.log'), 'enqueued\n')
  await runner.drain()
  clock.advance(MINUTE)
  await runner.drain()
  await life.close()
}

const [folder, killAt] = process.argv.slice(2)
if (import.meta.main) await live(folder!, Number(killAt))
