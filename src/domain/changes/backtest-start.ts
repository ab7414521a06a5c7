// Beginning a backtest, stopping it, and how far it is: the same for the impact of a change and for a
// forecast.

import { permit } from '#domain/access/permission.ts'
import { AppError } from '#kernel/error.ts'
import { ID_PREFIXES, makeId, type BacktestId, type JobId } from '#kernel/id.ts'
import { addMs, DAY, type Instant } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import type { Tx } from '#platform/db/tx.ts'
import type { House } from '#platform/house.ts'
import { BACKTEST_ROWS_MAX, type Backtest, type BacktestState } from './backtest.ts'
import * as store from './backtest-store.ts'

export const BACKTEST_JOB = 'backtest.run'
export const STOP_JOB = 'backtest.stop'

export interface NewBacktest extends Pick<
  Backtest,
  'changeId' | 'changeHash' | 'title' | 'atOnce' | 'perHour'
> {
  readonly days: number
  readonly items: readonly store.NewItem[]
}

/** Writes it down and queues its first round. Audited. */
export async function beginBacktest(
  tx: Tx,
  house: House,
  caller: Caller,
  { days, items, ...wanted }: NewBacktest,
): Promise<Backtest> {
  const begun: Backtest = {
    ...wanted,
    id: makeId(ID_PREFIXES.backtest, caller.now, house.random(10)),
    from: addMs(caller.now, -days * DAY),
    to: caller.now,
    rowsMax: BACKTEST_ROWS_MAX,
    jobId: null,
    createdAt: caller.now,
    createdBy: caller.actor,
    endedAt: null,
  }
  await store.insertBacktest(tx, begun, items)
  const { id, changeId, atOnce, perHour } = begun
  const data = { change: changeId, items: items.length, days, atOnce, perHour }
  await house.audit.record(tx, caller, { action: 'backtest.start', target: id, data })
  return { ...begun, jobId: await queueRound(tx, house, caller, begun) }
}

export async function queueRound(
  tx: Tx,
  house: House,
  caller: Caller,
  { id, title }: Backtest,
  runAt?: Instant,
): Promise<JobId> {
  const options = {
    title: `Backtest: ${title}`.slice(0, 300),
    ...(runAt === undefined ? {} : { runAt }),
  }
  const jobId = await house.jobs.enqueueKind(tx, caller, BACKTEST_JOB, { backtestId: id }, options)
  await store.updateBacktest(tx, id, { jobId })
  return jobId
}

export interface Standing {
  readonly state: BacktestState
  /** Why it failed or was cancelled. */
  readonly reason: string | null
  readonly counts: store.BacktestCounts
}

/** A round that ended without the last word has failed, or somebody stopped it. */
export async function standingOf(
  house: House,
  { scope }: Caller,
  { id, jobId, endedAt }: Backtest,
): Promise<Standing> {
  const counts = await store.countItems(house.db.read(scope), scope, id)
  if (endedAt !== null) return { state: 'done', reason: null, counts }
  const job = jobId && (await house.jobs.find(scope, jobId).catch(orForgotten))
  if (job && job.endedAt === null) return { state: 'running', reason: null, counts }
  const state = job?.state === 'cancelled' ? 'cancelled' : 'failed'
  return { state, reason: job?.reason ?? null, counts }
}

/** Searches under way are told to stop, also those between two rounds. Throws `conflict` when it is over. Audited. */
export async function cancelBacktest(house: House, caller: Caller, id: BacktestId): Promise<void> {
  permit(caller, 'search.run')
  await house.db.write(caller, async (tx) => {
    const { jobId, endedAt } = await store.getBacktest(tx, tx.scope, id)
    if (endedAt !== null || jobId === null) throw new AppError('conflict', 'It is over already.')
    await house.jobs.cancel(tx, caller, jobId)
    // Each search is stopped in a write of its own, and this one is the whole act.
    const title = 'Stop the searches of a backtest'
    await house.jobs.enqueueKind(tx, caller, STOP_JOB, { backtestId: id }, { title })
    await house.audit.record(tx, caller, { action: 'backtest.cancel', target: id, data: {} })
  })
}

function orForgotten(error: unknown): undefined {
  if (error instanceof AppError) return undefined
  throw error
}
