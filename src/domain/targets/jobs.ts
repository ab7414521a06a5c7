// The check of a target as a job, and its schedule: one a target, spread over the minutes so that many
// of them are not asked at once.

import { z } from 'zod'
import { ID_PREFIXES, isId, type JobId, type TargetId } from '#kernel/id.ts'
import { HOUR, MINUTE } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import type { Tx } from '#platform/db/tx.ts'
import type { House } from '#platform/house.ts'
import { defineJob } from '#platform/jobs/define.ts'
import { checkTarget } from './check.ts'
import { LOCAL_NAME, type Target } from './target.ts'

const input = z.strictObject({
  targetId: z.custom<TargetId>((value) => isId(ID_PREFIXES.target, value)),
})

/** Safe to repeat: it reads, and what it stores is how things are now. */
export const checkTargetJob = defineJob({
  kind: 'target.check',
  input,
  verbs: ['target.read'],
  timeoutMs: 2 * MINUTE,
  // The next slot tries again.
  attemptsMax: 1,
  perWorkspaceMax: 8,
  // What it found stands with the target, with every change before.
  keptMs: HOUR,
  concurrencyKey: ({ targetId }) => targetId,
  async run({ house, caller, input: { targetId }, signal }) {
    const { state, reason } = await checkTarget(house, caller, targetId, signal)
    return { state, reason }
  },
})

export function enqueueCheck(
  tx: Tx,
  house: House,
  caller: Caller,
  { id, name }: Pick<Target, 'id' | 'name'>,
): Promise<JobId> {
  return house.jobs.enqueue(
    tx,
    caller,
    checkTargetJob,
    { targetId: id },
    { title: `Check ${name}` },
  )
}

const nameOf = (id: TargetId) => `target-check-${id}`

/** The sandbox is in this process: it is checked when somebody asks. */
export async function planChecks(
  tx: Tx,
  house: House,
  caller: Caller,
  { id, name, kind, checkMinutes }: Target,
): Promise<void> {
  if (kind === LOCAL_NAME) return
  await house.jobs.saveSchedule(
    tx,
    caller,
    checkTargetJob,
    { targetId: id },
    {
      name: nameOf(id),
      title: `Check ${name}`,
      cron: cronOf(id, checkMinutes),
      timeZone: 'UTC',
    },
  )
}

export async function forgetChecks(tx: Tx, house: House, id: TargetId): Promise<void> {
  await house.jobs.removeSchedule(tx, nameOf(id))
}

/** The first minute is taken from the id, which is as good as random at its end. */
function cronOf(id: TargetId, minutes: number): string {
  const first = Number.parseInt(id.slice(-4), 16) % minutes
  return minutes === 60 ? `${first} * * * *` : `${first}-59/${minutes} * * * *`
}
