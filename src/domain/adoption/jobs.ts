// What takes long on a target's inventory: reading it all, and binding much of it.

import { z } from 'zod'
import { ID_PREFIXES, isId, type TargetId } from '#kernel/id.ts'
import { HOUR, MINUTE } from '#kernel/time.ts'
import { defineJob } from '#platform/jobs/define.ts'
import { AdoptWish, ReleaseWish } from './input.ts'

const targetId = z.custom<TargetId>((value) => isId(ID_PREFIXES.target, value))

/** Safe to repeat: it reads, and what it stores is how things were seen last. */
export const pullTargetJob = defineJob({
  kind: 'target.pull',
  input: z.strictObject({
    targetId,
    /** By the timetable: nobody waits for it, and it is told only where something changed. */
    isSweep: z.boolean().optional(),
  }),
  verbs: ['target.read', 'rule.read', 'rule.write'],
  timeoutMs: 30 * MINUTE,
  // Whoever asked sees why, and asks again.
  attemptsMax: 2,
  perWorkspaceMax: 4,
  concurrencyKey: ({ targetId: id }) => id,
  async run({ house, caller, input, job, signal, report }) {
    const { pullTarget } = await import('./pull.ts')
    const watch = { jobId: job.id, isSweep: input.isSweep === true, signal, report }
    return pullTarget(house, caller, input.targetId, watch)
  },
})

/** Safe to repeat: what is bound already is left as it is. */
export const adoptRulesJob = defineJob({
  kind: 'target.adopt',
  input: z.strictObject({ targetId, wish: AdoptWish }),
  verbs: ['target.read', 'rule.read', 'rule.write'],
  timeoutMs: 2 * HOUR,
  attemptsMax: 3,
  backoffMs: [MINUTE],
  perWorkspaceMax: 1,
  priority: 'first',
  async run({ house, caller, input, job, signal, report }) {
    const { adoptChosen } = await import('./adopt-run.ts')
    const run = { ...input, person: job.createdBy }
    return adoptChosen(house, caller, run, { jobId: job.id, signal, report })
  },
})

/** Safe to repeat: what is let go of already is not found again. */
export const releaseRulesJob = defineJob({
  kind: 'target.release',
  input: z.strictObject({ targetId, wish: ReleaseWish }),
  verbs: ['target.read', 'rule.read', 'rule.write'],
  timeoutMs: HOUR,
  attemptsMax: 3,
  backoffMs: [MINUTE],
  perWorkspaceMax: 1,
  priority: 'first',
  async run({ house, caller, input: { targetId: id, wish }, signal, report }) {
    const { releaseChosen } = await import('./release-run.ts')
    return releaseChosen(house, caller, { targetId: id, wish }, { signal, report })
  },
})
