// Looking at targets by itself: every few minutes a job of the instance finds those on which rules stand
// and enqueues a look at each.

import { z } from 'zod'
import { ID_PREFIXES, isId, type ExclusionId, type TargetId } from '#kernel/id.ts'
import { HOUR, MINUTE } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { defineJob } from '#platform/jobs/define.ts'
import { BackfillInput } from './input.ts'

/** Safe to repeat: a look asks again for what was not asked to its end, and keeps what is new of it. */
export const takeSamplesJob = defineJob({
  kind: 'health.sample',
  input: z.strictObject({
    targetId: z.custom<TargetId>((value) => isId(ID_PREFIXES.target, value)),
  }),
  verbs: ['health.tend', 'rule.read', 'target.read', 'exclusion.read'],
  timeoutMs: 10 * MINUTE,
  // The next look asks for what this one did not.
  attemptsMax: 1,
  perWorkspaceMax: 4,
  priority: 'last',
  keptMs: HOUR,
  concurrencyKey: ({ targetId }) => targetId,
  async run({ house, caller, input: { targetId }, signal }) {
    const { takeSamples } = await import('./sampling.ts')
    return takeSamples(house, caller, targetId, signal)
  },
})

/** Safe to repeat: a target whose look waits already gets none. */
export const tendHealthJob = defineJob({
  kind: 'health.tend',
  input: z.strictObject({}),
  verbs: ['health.tend', 'workspace.list'],
  timeoutMs: 5 * MINUTE,
  attemptsMax: 1,
  perWorkspaceMax: 1,
  priority: 'last',
  keptMs: HOUR,
  async run({ house, caller, signal }) {
    const { tendHealth } = await import('./tending.ts')
    return tendHealth(house, caller, signal)
  },
})

/** Safe to repeat: each time is claimed before it is asked, and asked once. */
export const backfillJob = defineJob({
  kind: 'health.backfill',
  input: BackfillInput,
  verbs: ['health.read', 'search.run', 'rule.read', 'rule.check', 'target.read'],
  timeoutMs: HOUR,
  attemptsMax: 3,
  perWorkspaceMax: 1,
  async run({ house, caller, job, input, signal, report }) {
    const { backfill } = await import('./backfill.ts')
    return backfill(house, caller, input, {
      askedBy: job.createdBy,
      signal,
      report: (done, total) => report({ done, total, unit: 'times', note: '' }),
    })
  },
})

/** Safe to repeat: what is counted again takes the place of what was counted before. */
export const countHiddenJob = defineJob({
  kind: 'exclusion.count',
  input: z.strictObject({
    exclusionId: z.custom<ExclusionId>((value) => isId(ID_PREFIXES.exclusion, value)),
  }),
  verbs: ['exclusion.read', 'search.run', 'rule.read', 'rule.check', 'target.read'],
  timeoutMs: HOUR,
  attemptsMax: 1,
  // It waits for searches, which are jobs beside it.
  perWorkspaceMax: 1,
  async run({ house, caller, job, input: { exclusionId }, signal, report }) {
    const { countHidden } = await import('./hiding.ts')
    return countHidden(house, caller, exclusionId, {
      askedBy: job.createdBy,
      signal,
      report: (done, total) => report({ done, total, unit: 'places', note: '' }),
    })
  },
})

/** Safe to repeat: a budget has one proposal at a time. */
export const proposePausesJob = defineJob({
  kind: 'health.budgets',
  input: z.strictObject({}),
  verbs: [
    'health.tend',
    'change.read',
    'change.write',
    'deployment.run',
    'exclusion.read',
    'hotfix.make',
    'rule.read',
    'target.read',
    'workspace.read',
  ],
  timeoutMs: 10 * MINUTE,
  // The next look at targets asks again.
  attemptsMax: 1,
  perWorkspaceMax: 1,
  priority: 'last',
  keptMs: HOUR,
  concurrencyKey: () => 'health.budgets',
  async run({ house, caller, signal }) {
    const { proposePauses } = await import('./proposing.ts')
    return proposePauses(house, caller, signal)
  },
})

/** Called at each start. */
export async function scheduleHealth(house: House, caller: Caller): Promise<void> {
  const minutes = house.settings.health.sampleMinutes
  const timetable = {
    name: 'health',
    title: 'Look at how rules fare',
    cron: minutes === 60 ? '0 * * * *' : `*/${minutes} * * * *`,
    timeZone: 'UTC',
  }
  await house.db.write(caller, (tx) =>
    house.jobs.saveSchedule(tx, caller, tendHealthJob, {}, timetable),
  )
}
