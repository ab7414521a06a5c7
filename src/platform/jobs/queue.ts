// What actions and doors may do with jobs: put one in, look, ask one to stop, keep a schedule.
// Running them is the runner's.

import { AppError, assert } from '#kernel/error.ts'
import { ID_PREFIXES, makeId, type JobId, type ScheduleId, type WorkspaceId } from '#kernel/id.ts'
import { JOBS_QUEUED_MAX } from '#kernel/limits.ts'
import { PAGE_LIMIT_MAX } from '#kernel/page.ts'
import type { Instant } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import type { Database } from '#platform/db/database.ts'
import type { Tx } from '#platform/db/tx.ts'
import type { WorkspaceScope } from '#platform/db/scope.ts'
import type { EventBus } from '#platform/events.ts'
import type { Bell } from './bell.ts'
import type { JobDefinition, JobDefinitions } from './define.ts'
import type { Job, JobState } from './job.ts'
import { deleteSchedule, findSchedule, insertSchedule, updateSchedule } from './schedule-store.ts'
import { nextSlot } from './schedule.ts'
import { publishJob } from './settle.ts'
import {
  cancelQueued,
  countQueued,
  getJob,
  insertJob,
  listJobs,
  rememberWorkspace,
  requestCancel,
  toJob,
} from './store.ts'

export interface JobQueue {
  /** Wakes the runner after COMMIT. Throws `busy` when the workspace has too many waiting. */
  enqueue<Input>(
    tx: Tx,
    caller: Caller,
    definition: JobDefinition<Input>,
    input: Input,
    options: EnqueueOptions,
  ): Promise<JobId>

  /**
   * The same by the name of the kind, for an action that its own kind calls. Throws `Bug` for a kind
   * nobody declared or an input it does not take.
   */
  enqueueKind(
    tx: Tx,
    caller: Caller,
    kind: string,
    input: unknown,
    options: EnqueueOptions,
  ): Promise<JobId>

  /** Newest first. `after` is the last id of the page before. */
  list(scope: WorkspaceScope, filter: JobFilter, page: JobPage): Promise<readonly Job[]>

  /** Throws `forbidden` for a job that is not of this workspace, or is nowhere. */
  find(scope: WorkspaceScope, id: JobId): Promise<Job>

  /**
   * A job that waits is cancelled at once; one that runs is told to stop and ends a little later.
   * Returns it as it then is. Throws `forbidden` as `find` does, `conflict` when it has ended.
   */
  cancel(tx: Tx, caller: Caller, id: JobId): Promise<Job>

  /**
   * Makes the schedule of this name what is given, once or again. Throws `invalid` for a pattern or
   * a time zone that does not exist.
   */
  saveSchedule<Input>(
    tx: Tx,
    caller: Caller,
    definition: JobDefinition<Input>,
    input: Input,
    options: ScheduleOptions,
  ): Promise<ScheduleId>

  /** Ends the schedule of this name, if there is one. Jobs it has made stay. */
  removeSchedule(tx: Tx, name: string): Promise<void>
}

export interface EnqueueOptions {
  /** For a person, in the imperative: `Back up the instance`. */
  readonly title: string
  /** Not before then; at once when absent. */
  readonly runAt?: Instant
}

export interface JobFilter {
  readonly states?: readonly JobState[]
  readonly kind?: string
}

export interface JobPage {
  readonly limit: number
  readonly after?: JobId
}

export interface ScheduleOptions {
  /** Unique in the workspace; the handle by which its owner finds it again: `backup`. */
  readonly name: string
  readonly title: string
  /** Five fields, as cron reads them: `0 3 * * *`. */
  readonly cron: string
  /** IANA name: `Europe/London`. The pattern is of that place's wall clocks. */
  readonly timeZone: string
}

export interface QueueParts {
  readonly db: Database
  readonly events: EventBus
  readonly random: (bytes: number) => Buffer
  readonly definitions: JobDefinitions
  readonly bell: Bell
}

interface QueueTools extends QueueParts {
  /**
   * How many jobs a workspace may add before they are counted again; absent for one of which
   * nothing is known. Others only leave the queue meanwhile, so the limit holds.
   */
  readonly room: Map<string, number>
}

export function createQueue(parts: QueueParts): JobQueue {
  const tools: QueueTools = { ...parts, room: new Map() }
  const { db } = tools
  return {
    enqueue: (tx, caller, definition, input, options) =>
      enqueue(tools, tx, caller, { definition, input, ...options }),

    enqueueKind(tx, caller, kind, input, options) {
      const definition = tools.definitions.get(kind)
      assert(definition, `${kind} is a kind of job`)
      return enqueue(tools, tx, caller, { definition, input, ...options })
    },

    async list(scope, filter, page) {
      // One more than a page tells whether there is a next one.
      assert(page.limit >= 1 && page.limit <= PAGE_LIMIT_MAX + 1, 'a page has a limit')
      return (await listJobs(db.read(scope), scope, filter, page)).map(toJob)
    },

    async find(scope, id) {
      return toJob(await getJob(db.read(scope), scope, id))
    },

    cancel: (tx, caller, id) => cancel(tools, tx, caller, id),

    saveSchedule: (tx, caller, definition, input, options) =>
      saveSchedule(tools, tx, caller, { definition, input, ...options }),

    async removeSchedule(tx, name) {
      const row = await findSchedule(tx, name)
      if (row) await deleteSchedule(tx, row.id)
    },
  }
}

interface Ask<Input> {
  readonly definition: JobDefinition<Input>
  readonly input: Input
}

async function enqueue<Input>(
  tools: QueueTools,
  tx: Tx,
  caller: Caller,
  { definition, input, title, runAt }: Ask<Input> & EnqueueOptions,
): Promise<JobId> {
  assertKnown(tools, definition)
  await takeRoom(tools, tx)
  const { actor, now } = caller
  const id = makeId(ID_PREFIXES.job, now, tools.random(10))
  await insertJob(tx, {
    id,
    kind: definition.kind,
    title,
    input: JSON.stringify(definition.input.parse(input)),
    priority: definition.priority,
    concurrencyKey: definition.concurrencyKey?.(input) ?? null,
    attemptsMax: definition.attemptsMax,
    runAt: runAt ?? now,
    scheduleId: null,
    createdBy: actor,
    createdAt: now,
  })
  publishJob(tx, tools.events, id, 'added')
  tx.afterCommit(() => tools.bell.jobsAdded(workspaceOf(tx)))
  return id
}

async function takeRoom({ room }: QueueTools, tx: Tx): Promise<void> {
  const { workspaceId } = tx.scope
  const known = room.get(workspaceId)
  // Known only after COMMIT: a first body that rolls back leaves the next one to write it.
  if (known === undefined) await rememberWorkspace(tx)
  const left = known !== undefined && known > 0 ? known : JOBS_QUEUED_MAX - (await countQueued(tx))
  if (left <= 0) {
    throw new AppError('busy', 'Too many jobs are waiting in this workspace. Try again later.')
  }
  if (known !== undefined) room.set(workspaceId, left - 1)
  else tx.afterCommit(() => room.set(workspaceId, left - 1))
}

async function cancel(
  { bell, events }: QueueTools,
  tx: Tx,
  caller: Caller,
  id: JobId,
): Promise<Job> {
  const { state } = await getJob(tx, tx.scope, id)
  if (state === 'queued') {
    await cancelQueued(tx, id, { reason: 'Cancelled before it ran.', endedAt: caller.now })
  } else if (state === 'leased') {
    await requestCancel(tx, id)
    tx.afterCommit(() => bell.cancelRequested(id))
  } else {
    throw new AppError('conflict', 'This job has ended already.')
  }
  publishJob(tx, events, id)
  return toJob(await getJob(tx, tx.scope, id))
}

async function saveSchedule<Input>(
  tools: QueueTools,
  tx: Tx,
  caller: Caller,
  { definition, input, name, title, cron, timeZone }: Ask<Input> & ScheduleOptions,
): Promise<ScheduleId> {
  assertKnown(tools, definition)
  const { actor, now } = caller
  const wish = {
    name,
    title,
    kind: definition.kind,
    input: JSON.stringify(definition.input.parse(input)),
    cron,
    timeZone,
  }
  const plan = { nextAt: nextSlot(wish, now), plannedAt: now }
  const row = await findSchedule(tx, name)
  tx.afterCommit(() => tools.bell.schedulesChanged(workspaceOf(tx)))
  if (!row) {
    const id = makeId(ID_PREFIXES.schedule, now, tools.random(10))
    await insertSchedule(tx, { ...wish, ...plan, id, createdBy: actor, createdAt: now })
    return id
  }
  // Saving the same times again keeps the plan: a slot missed while we were down still runs.
  const isSameTime = row.cron === cron && row.timeZone === timeZone
  await updateSchedule(tx, row.id, isSameTime ? wish : { ...wish, ...plan })
  return row.id
}

function assertKnown({ definitions }: QueueTools, definition: { readonly kind: string }): void {
  assert(definitions.get(definition.kind) === definition, `${definition.kind} is not in app.ts`)
}

function workspaceOf(tx: Tx): WorkspaceId {
  return tx.scope.workspaceId as WorkspaceId
}
