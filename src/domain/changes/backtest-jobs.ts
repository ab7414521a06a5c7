// The job that asks and compares: a round at a time, so that none holds its place for hours.

import { z } from 'zod'
import { AppError } from '#kernel/error.ts'
import { ID_PREFIXES, isId, type BacktestId } from '#kernel/id.ts'
import { DAY, HOUR, MINUTE, SECOND } from '#kernel/time.ts'
import { defineJob } from '#platform/jobs/define.ts'
import { BACKTEST_JOB, STOP_JOB } from './backtest-start.ts'

const Input = z.strictObject({
  backtestId: z.custom<BacktestId>((value) => isId(ID_PREFIXES.backtest, value)),
})

/** Safe to repeat: see backtest-run.ts. */
export const runBacktestJob = defineJob({
  kind: BACKTEST_JOB,
  input: Input,
  verbs: ['search.run', 'target.read', 'rule.read'],
  timeoutMs: HOUR,
  // More than a search has: one that ends the process is given up before its backtest is.
  attemptsMax: 8,
  backoffMs: [2 * SECOND, 15 * SECOND, MINUTE],
  // It waits for searches, which are jobs beside it.
  perWorkspaceMax: 1,
  keptMs: DAY,
  async run({ house, caller, input: { backtestId }, job, signal, report, assertLeased }) {
    const [{ runRound }, { queueRound }] = await Promise.all([
      import('./backtest-run.ts'),
      import('./backtest-start.ts'),
    ])
    await runRound(house, caller, backtestId, {
      signal,
      isCancelled: () => isCancel(signal.reason),
      triedSince: job.attempt > 1 ? job.createdAt : undefined,
      report,
      assertLeased,
      again: async (tx, backtest, runAt) => {
        await queueRound(tx, house, caller, backtest, runAt)
      },
    })
  },
})

function isCancel(reason: unknown): boolean {
  return reason instanceof AppError && reason.details['cause'] === 'cancelled'
}

/** Safe to repeat: a search that has ended is left alone. */
export const stopBacktestJob = defineJob({
  kind: STOP_JOB,
  input: Input,
  verbs: ['search.run', 'target.read', 'rule.read'],
  timeoutMs: HOUR,
  attemptsMax: 3,
  backoffMs: [2 * SECOND],
  perWorkspaceMax: 2,
  priority: 'first',
  keptMs: DAY,
  async run({ house, caller, input: { backtestId } }) {
    const { stopSearches } = await import('./backtest-searches.ts')
    await stopSearches(house, caller, backtestId)
  },
})
