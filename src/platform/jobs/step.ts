// A call on the outside world that must not be made twice: the intent is committed, then the call is
// made, then its result is committed. A run that finds an intent without a result knows that the call
// *may* have happened, and asks the other side instead of sending again.

import { AppError } from '#kernel/error.ts'
import type { JobId } from '#kernel/id.ts'
import type { Json } from '#kernel/json.ts'
import type { Instant } from '#kernel/time.ts'
import type { Tx } from '#platform/db/tx.ts'
import type { Reconciled, Step, StepIntent } from './define.ts'
import { isRefusal } from './ending.ts'
import { deleteIntent, findStep, insertIntent, saveResult, type StepRow } from './step-store.ts'

export interface StepTools {
  readonly jobId: JobId
  readonly signal: AbortSignal
  now(): Instant
  /** A write that refuses when the lease is over, and waits while the disk takes nothing. */
  write<T>(body: (tx: Tx) => Promise<T>): Promise<T>
  /** Absent when the kind of job cannot find out. */
  readonly reconcile: ((intent: StepIntent) => Promise<Reconciled>) | undefined
  /** Ends the job as `unknown`, whatever the run makes of the throw. */
  giveUp(reason: string): never
}

export async function runStep<Result extends Json>(
  tools: StepTools,
  step: Step<Result>,
): Promise<Result> {
  const { jobId, signal } = tools
  signal.throwIfAborted()
  const known = await tools.write(async (tx) => {
    const row = await findStep(tx, jobId, step.stepId)
    if (!row) await insertIntent(tx, jobId, step, tools.now())
    return row
  })
  if (known) {
    const earlier = await resultOf(tools, step, known)
    // Written by this very step; its shape is the step's own affair.
    if (earlier !== undefined) return earlier as Result
  }
  const result = await callOnce(tools, step, known ?? step)
  await tools.write((tx) => saveResult(tx, jobId, step.stepId, { value: result, at: tools.now() }))
  return result
}

async function callOnce<Result extends Json>(
  tools: StepTools,
  step: Step<Result>,
  intent: StepIntent,
): Promise<Result> {
  try {
    if (tools.signal.aborted) throw new NotCalled()
    const { stepId, idempotencyKey, desiredHash } = intent
    return await step.call({ stepId, idempotencyKey, desiredHash }, tools.signal)
  } catch (error) {
    const isUndone = isRefusal(error) || error instanceof NotCalled
    if (isUndone) await tools.write((tx) => deleteIntent(tx, tools.jobId, step.stepId))
    if (error instanceof NotCalled) tools.signal.throwIfAborted()
    throw error
  }
}

class NotCalled extends Error {}

/** The result of an earlier run; undefined when the call certainly did not happen. */
async function resultOf(
  tools: StepTools,
  step: StepIntent,
  known: StepRow,
): Promise<Json | undefined> {
  const isSame = known.desiredHash === step.desiredHash
  if (known.result !== null) {
    if (isSame) return JSON.parse(known.result) as Json
    throw new AppError(
      'conflict',
      `Step ${step.stepId} was already done with other content. Start it anew.`,
    )
  }
  if (!isSame) tools.giveUp(openText(step.stepId, 'its content has changed since it was begun'))
  if (!tools.reconcile) tools.giveUp(openText(step.stepId, 'there is no way to ask'))
  const { stepId, idempotencyKey, desiredHash } = known
  const found = await tools.reconcile({ stepId, idempotencyKey, desiredHash })
  if (found.kind === 'unknown') tools.giveUp(openText(step.stepId, found.reason))
  if (found.kind === 'not_done') return undefined
  const at = tools.now()
  await tools.write((tx) => saveResult(tx, tools.jobId, stepId, { value: found.result, at }))
  return found.result
}

export function openText(stepId: string, why: string): string {
  return `Whether step ${stepId} took effect is not known: ${why}. A person has to look.`
}
