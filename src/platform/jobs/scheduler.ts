// Turns slots that have come into jobs, and plans the next. A slot missed while the server was down,
// held or asleep runs once, late; the ones after it that were missed too are passed over.

import type { Logger } from 'pino'
import { systemActor } from '#kernel/actor.ts'
import { AppError } from '#kernel/error.ts'
import { ID_PREFIXES, makeId } from '#kernel/id.ts'
import type { Instant } from '#kernel/time.ts'
import type { Tx } from '#platform/db/tx.ts'
import type { EventBus } from '#platform/events.ts'
import type { JobDefinitions } from './define.ts'
import {
  isWaiting,
  listSchedules,
  takeSlot,
  updateSchedule,
  type ScheduleRow,
} from './schedule-store.ts'
import { nextSlot } from './schedule.ts'
import { publishJob } from './settle.ts'
import { earliest, insertJob } from './store.ts'

export interface SchedulerTools {
  readonly definitions: JobDefinitions
  readonly events: EventBus
  readonly log: Logger
  readonly random: (bytes: number) => Buffer
}

export interface Plan {
  /** The next slot of the workspace; null without schedules. */
  readonly nextAt: Instant | null
  /** When this was worked out: a clock that stands before it makes the plan void. */
  readonly plannedAt: Instant
}

/** Makes jobs of what is due in the workspace of `tx`. */
export async function runDueSchedules(tx: Tx, tools: SchedulerTools, now: Instant): Promise<Plan> {
  let nextAt: Instant | null = null
  for (const schedule of await listSchedules(tx)) {
    // The clock was set back: what was planned then says nothing about now.
    const isVoid = now < schedule.plannedAt
    const isDue = schedule.nextAt <= now
    if (isDue && !isVoid) await runSlot(tx, tools, schedule, now)
    const next = isDue || isVoid ? plan(tools, schedule, now) : schedule.nextAt
    if (next === undefined) continue
    if (isDue || isVoid) await updateSchedule(tx, schedule.id, { nextAt: next, plannedAt: now })
    nextAt = earliest(nextAt, next)
  }
  return { nextAt, plannedAt: now }
}

// A pattern was checked when it was saved, but the next version may know other time zones.
function plan(tools: SchedulerTools, schedule: ScheduleRow, now: Instant): Instant | undefined {
  try {
    return nextSlot(schedule, now)
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    tools.log.error({ err: error, schedule: schedule.id }, 'a schedule cannot be planned')
    return undefined
  }
}

async function runSlot(
  tx: Tx,
  tools: SchedulerTools,
  schedule: ScheduleRow,
  now: Instant,
): Promise<void> {
  const { definitions, events, log, random } = tools
  const definition = definitions.get(schedule.kind)
  if (!definition) {
    return log.error({ schedule: schedule.id, kind: schedule.kind }, 'a schedule of no known kind')
  }
  const scheduleId = schedule.id
  const isBehind = await isWaiting(tx, scheduleId)
  const jobId = isBehind ? null : makeId(ID_PREFIXES.job, now, random(10))
  const isNew = await takeSlot(tx, schedule, {
    at: schedule.nextAt,
    jobId,
    firedAt: now,
  })
  if (!isNew || jobId === null) return
  const input: unknown = JSON.parse(schedule.input)
  await insertJob(tx, {
    id: jobId,
    kind: schedule.kind,
    title: schedule.title,
    input: schedule.input,
    priority: definition.priority,
    concurrencyKey: definition.concurrencyKey?.(definition.input.parse(input)) ?? null,
    attemptsMax: definition.attemptsMax,
    runAt: now,
    scheduleId,
    createdBy: systemActor('schedule'),
    createdAt: now,
  })
  publishJob(tx, events, jobId, 'added')
}
