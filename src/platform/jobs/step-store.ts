// The SQL of steps: what a run is about to do outside, and what came of it.

import type { Selectable } from 'kysely'
import type { JobId } from '#kernel/id.ts'
import type { Json } from '#kernel/json.ts'
import type { Instant } from '#kernel/time.ts'
import type { Tx } from '#platform/db/tx.ts'
import type { Tables } from '#platform/db/tables.ts'
import type { StepIntent } from './define.ts'

export type StepRow = Selectable<Tables['jobStep']>

export async function findStep(tx: Tx, jobId: JobId, stepId: string): Promise<StepRow | undefined> {
  return tx
    .selectFrom('jobStep')
    .selectAll()
    .where('workspaceId', '=', tx.scope.workspaceId)
    .where('jobId', '=', jobId)
    .where('stepId', '=', stepId)
    .executeTakeFirst()
}

/** The first step of a job whose outcome was never written. */
export async function findOpenStep(tx: Tx, jobId: JobId): Promise<string | undefined> {
  const row = await tx
    .selectFrom('jobStep')
    .select('stepId')
    .where('workspaceId', '=', tx.scope.workspaceId)
    .where('jobId', '=', jobId)
    .where('resultAt', 'is', null)
    .orderBy('intentAt')
    .limit(1)
    .executeTakeFirst()
  return row?.stepId
}

export async function insertIntent(
  tx: Tx,
  jobId: JobId,
  step: StepIntent,
  intentAt: Instant,
): Promise<void> {
  const { stepId, idempotencyKey, desiredHash } = step
  await tx
    .insertInto('jobStep')
    .values({
      workspaceId: tx.scope.workspaceId,
      jobId,
      stepId,
      idempotencyKey,
      desiredHash,
      intentAt,
      result: null,
      resultAt: null,
    })
    .execute()
}

export async function saveResult(
  tx: Tx,
  jobId: JobId,
  stepId: string,
  result: { readonly value: Json; readonly at: Instant },
): Promise<void> {
  await tx
    .updateTable('jobStep')
    .set({ result: JSON.stringify(result.value), resultAt: result.at })
    .where('workspaceId', '=', tx.scope.workspaceId)
    .where('jobId', '=', jobId)
    .where('stepId', '=', stepId)
    .execute()
}

/** Takes back an intent whose call had no effect. */
export async function deleteIntent(tx: Tx, jobId: JobId, stepId: string): Promise<void> {
  await tx
    .deleteFrom('jobStep')
    .where('workspaceId', '=', tx.scope.workspaceId)
    .where('jobId', '=', jobId)
    .where('stepId', '=', stepId)
    .where('resultAt', 'is', null)
    .execute()
}
