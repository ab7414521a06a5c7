// A runner over definitions of a test's own: a real database, a clock that stands still, randomness
// that is fixed.

import { rmSync } from 'node:fs'
import path from 'node:path'
import type { TestContext } from 'node:test'
import pino from 'pino'
import { z } from 'zod'
import type { JobId, UserId } from '#kernel/id.ts'
import { DAY, type Clock, type Instant } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import type { Database } from '#platform/db/database.ts'
import { makeScope, type WorkspaceScope } from '#platform/db/scope.ts'
import { Bell } from '#platform/jobs/bell.ts'
import type { House } from '#platform/house.ts'
import {
  defineJob,
  jobDefinitions,
  type JobContext,
  type JobDefinition,
} from '#platform/jobs/define.ts'
import type { Job } from '#platform/jobs/job.ts'
import { createQueue } from '#platform/jobs/queue.ts'
import { JobRunner } from '#platform/jobs/runner.ts'
import { openHouse } from '#src/app.ts'
import { fakeClock, type FakeClock } from './clock.ts'
import { testConfiguration } from './configuration.ts'
import { newFolder } from './folder.ts'

export interface JobWorld<C extends Clock = FakeClock> {
  readonly house: House
  readonly clock: C
  readonly runner: JobRunner
  /** Every line logged so far, parsed. */
  readonly logged: readonly Record<string, unknown>[]
  readonly caller: (workspace?: string) => Caller
  readonly add: <Input>(
    definition: JobDefinition<Input>,
    input: Input,
    workspace?: string,
    runAt?: Instant,
  ) => Promise<JobId>
  readonly find: (id: JobId, workspace?: string) => Promise<Job>
  readonly cancel: (id: JobId, workspace?: string) => Promise<Job>
  /** Another runner on the same database, as after a restart. */
  readonly restart: () => Promise<JobRunner>
}

export interface JobWorldOptions<C extends Clock> {
  readonly isHeld?: () => boolean
  readonly clock?: C
  /** Another database than the house's own; in `folder` if it needs one. */
  readonly database?: (folder: string) => Promise<Database>
}

export async function makeJobs(
  t: TestContext,
  definitions: readonly JobDefinition<unknown>[],
  options: JobWorldOptions<FakeClock> = {},
): Promise<JobWorld> {
  const { close, ...world } = await openJobs(definitions, {
    clock: fakeClock(),
    folder: newFolder('jobs'),
    ...options,
  })
  t.after(close)
  return world
}

/** The same without a test around it; `close` removes the folder. */
export async function openJobs<C extends Clock>(
  definitions: readonly JobDefinition<unknown>[],
  options: JobWorldOptions<C> & { readonly clock: C; readonly folder: string },
): Promise<JobWorld<C> & { readonly close: () => Promise<void> }> {
  const { clock, folder } = options
  const logged: Record<string, unknown>[] = []
  const log = pino({ level: 'debug' }, { write: (line) => void logged.push(JSON.parse(line)) })
  const opened = await openHouse({ configuration: testConfiguration(folder), clock })
  const known = jobDefinitions(definitions)
  const bell = new Bell()
  const { events, random } = opened.house
  const db =
    options.database === undefined
      ? opened.house.db
      : await options.database(path.join(folder, 'other'))
  const jobs = createQueue({ db, events, random, definitions: known, bell })
  const house: House = { ...opened.house, db, log, jobs }
  const runners: JobRunner[] = []
  const start = async () => {
    const runner = new JobRunner(house, {
      definitions: known,
      bell,
      perWorkspaceMax: 4,
      keepMs: 30 * DAY,
      ...options,
    })
    runners.push(runner)
    await runner.start()
    return runner
  }
  const runner = await start()
  const close = async () => {
    await Promise.all(runners.map((one) => one.stop(0)))
    if (db !== opened.house.db) await db.close()
    await opened.close()
    rmSync(folder, { recursive: true, force: true })
  }
  const caller = (workspace = 'acme'): Caller => callerIn(makeScope(`wsp_${workspace}`), clock)
  return {
    close,
    house,
    clock,
    runner,
    logged,
    caller,
    restart: start,
    add: (definition, input, workspace, runAt) =>
      house.db.write(caller(workspace), (tx) =>
        jobs.enqueue(tx, caller(workspace), definition, input, {
          title: definition.kind,
          ...(runAt === undefined ? {} : { runAt }),
        }),
      ),
    find: (id, workspace) => jobs.find(caller(workspace).scope, id),
    cancel: (id, workspace) =>
      house.db.write(caller(workspace), (tx) => jobs.cancel(tx, caller(workspace), id)),
  }
}

function callerIn(scope: WorkspaceScope, clock: Clock): Caller {
  return {
    actor: 'usr_0198f000-0000-7000-8000-000000000001' as UserId,
    scope,
    now: clock.now(),
    requestId: 'req_0198f000-0000-7000-8000-000000000001' as Caller['requestId'],
    verbs: new Set(),
  }
}

export const Numbered = z.strictObject({ n: z.number() })
export interface Numbered {
  readonly n: number
}

/** A kind whose run is the given function. */
export function numbered(
  run: (context: JobContext<Numbered>) => Promise<unknown>,
  more: Partial<JobDefinition<Numbered>> = {},
): JobDefinition<Numbered> {
  return defineJob({ kind: 'test.run', input: Numbered, verbs: [], run, ...more })
}

/** Waits until the signal aborts and then stops as it should. */
export function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const stop = () => reject(signal.reason as Error)
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop, { once: true })
  })
}
