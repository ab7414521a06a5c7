// The job that goes on when exclusions end: queued with what they are deployed in, for each of their ends, so
// that a restart finds it.

import { z } from 'zod'
import { ID_PREFIXES, isId, type ChangeId } from '#kernel/id.ts'
import type { Instant } from '#kernel/time.ts'
import { HOUR, MINUTE, SECOND } from '#kernel/time.ts'
import { defineJob } from '#platform/jobs/define.ts'
import type { Caller } from '#platform/caller.ts'
import type { Tx } from '#platform/db/tx.ts'
import type { House } from '#platform/house.ts'

/** Safe to repeat: what stands already or waits in a change is left as it is. */
export const switchJob = defineJob({
  kind: 'exclusion.switch',
  input: z.strictObject({
    changeId: z.custom<ChangeId>((value) => isId(ID_PREFIXES.change, value)),
  }),
  verbs: [
    'change.read',
    'change.write',
    'deployment.run',
    'policy.read',
    'rule.read',
    'rule.test',
    'target.read',
  ],
  timeoutMs: 10 * MINUTE,
  attemptsMax: 20,
  backoffMs: [5 * SECOND, 30 * SECOND, MINUTE, 5 * MINUTE, HOUR],
  perWorkspaceMax: 1,
  priority: 'first',
  async run({ house, caller, input: { changeId } }) {
    const { switchOver } = await import('./switching.ts')
    return switchOver(house, caller, changeId)
  },
})

interface Ending {
  readonly changeId: ChangeId
  readonly title: string
  readonly ends: Iterable<Instant>
}

/** In the write that makes a change stand. */
export async function queueSwitches(
  tx: Tx,
  house: House,
  caller: Caller,
  { changeId, title, ends }: Ending,
): Promise<void> {
  for (const runAt of new Set(ends)) {
    const options = { title: `Exclusions end: ${title}`.slice(0, 300), runAt }
    await house.jobs.enqueueKind(tx, caller, switchJob.kind, { changeId }, options)
  }
}
