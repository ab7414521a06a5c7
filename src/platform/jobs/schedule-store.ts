// The SQL of schedules. A slot becomes a job in one transaction with the row that says it ran: the
// key (schedule, slot) is unique, so no crash and no clock makes one slot run twice.

import type { Selectable } from 'kysely'
import type { JobId, ScheduleId } from '#kernel/id.ts'
import { instant, type Instant } from '#kernel/time.ts'
import type { Tx } from '#platform/db/tx.ts'
import type { Tables } from '#platform/db/tables.ts'
import { rememberWorkspace } from './store.ts'

export type ScheduleRow = Selectable<Tables['jobSchedule']>

/** What a schedule is, without its place in time. */
export type ScheduleWish = Pick<
  ScheduleRow,
  'name' | 'title' | 'kind' | 'input' | 'cron' | 'timeZone'
>
type Plan = Pick<ScheduleRow, 'nextAt' | 'plannedAt'>

/** Slots remembered per schedule. */
const SLOTS_KEPT = 100

export async function findSchedule(tx: Tx, name: string): Promise<ScheduleRow | undefined> {
  return tx
    .selectFrom('jobSchedule')
    .selectAll()
    .where('workspaceId', '=', tx.scope.workspaceId)
    .where('name', '=', name)
    .executeTakeFirst()
}

export async function insertSchedule(
  tx: Tx,
  row: ScheduleWish & Plan & Pick<ScheduleRow, 'id' | 'createdBy' | 'createdAt'>,
): Promise<void> {
  await rememberWorkspace(tx)
  await tx
    .insertInto('jobSchedule')
    .values({ ...row, workspaceId: tx.scope.workspaceId, forgottenUntil: instant(0) })
    .execute()
}

export async function updateSchedule(
  tx: Tx,
  id: ScheduleId,
  change: Partial<ScheduleWish & Plan>,
): Promise<void> {
  await tx
    .updateTable('jobSchedule')
    .set(change)
    .where('workspaceId', '=', tx.scope.workspaceId)
    .where('id', '=', id)
    .execute()
}

export async function deleteSchedule(tx: Tx, id: ScheduleId): Promise<void> {
  const { workspaceId } = tx.scope
  await tx
    .deleteFrom('jobSlot')
    .where('workspaceId', '=', workspaceId)
    .where('scheduleId', '=', id)
    .execute()
  await tx
    .deleteFrom('jobSchedule')
    .where('workspaceId', '=', workspaceId)
    .where('id', '=', id)
    .execute()
}

export async function listSchedules(tx: Tx): Promise<readonly ScheduleRow[]> {
  return tx
    .selectFrom('jobSchedule')
    .selectAll()
    .where('workspaceId', '=', tx.scope.workspaceId)
    .orderBy('nextAt')
    .execute()
}

/** False when this slot ran before. */
export async function takeSlot(
  tx: Tx,
  schedule: ScheduleRow,
  slot: { readonly at: Instant; readonly jobId: JobId | null; readonly firedAt: Instant },
): Promise<boolean> {
  if (slot.at <= schedule.forgottenUntil) return false
  const { numInsertedOrUpdatedRows } = await tx
    .insertInto('jobSlot')
    .values({
      workspaceId: tx.scope.workspaceId,
      scheduleId: schedule.id,
      slot: slot.at,
      jobId: slot.jobId,
      firedAt: slot.firedAt,
    })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirstOrThrow()
  if (numInsertedOrUpdatedRows !== 1n) return false
  await forgetOldSlots(tx, schedule)
  return true
}

/** Whether the job of an earlier slot still waits to begin. */
export async function isWaiting(tx: Tx, scheduleId: ScheduleId): Promise<boolean> {
  const row = await tx
    .selectFrom('job')
    .select('id')
    .where('workspaceId', '=', tx.scope.workspaceId)
    .where('state', '=', 'queued')
    .where('scheduleId', '=', scheduleId)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

// What is forgotten is remembered as a bound, so that a clock set far back finds no free slot.
async function forgetOldSlots(tx: Tx, schedule: ScheduleRow): Promise<void> {
  const { workspaceId } = tx.scope
  const old = await tx
    .selectFrom('jobSlot')
    .select('slot')
    .where('workspaceId', '=', workspaceId)
    .where('scheduleId', '=', schedule.id)
    .orderBy('slot', 'desc')
    .offset(SLOTS_KEPT)
    .limit(1)
    .executeTakeFirst()
  if (!old) return
  await tx
    .deleteFrom('jobSlot')
    .where('workspaceId', '=', workspaceId)
    .where('scheduleId', '=', schedule.id)
    .where('slot', '<=', old.slot)
    .execute()
  await tx
    .updateTable('jobSchedule')
    .set({ forgottenUntil: old.slot })
    .where('workspaceId', '=', workspaceId)
    .where('id', '=', schedule.id)
    .execute()
}
