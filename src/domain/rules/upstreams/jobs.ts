// Upstreams in the background: the plan of a bundle, and what is decided of it.

import { z } from 'zod'
import { isId, type UpstreamId } from '#kernel/id.ts'
import { HOUR, MINUTE } from '#kernel/time.ts'
import { defineJob } from '#platform/jobs/define.ts'

const update = {
  upstreamId: z.custom<UpstreamId>((value) => isId('ups', value)),
  number: z.int().min(1),
}
const common = {
  verbs: ['rule.write', 'rule.read'],
  timeoutMs: 2 * HOUR,
  attemptsMax: 5,
  backoffMs: [MINUTE],
  perWorkspaceMax: 1,
  priority: 'first',
} as const

/** Safe to repeat: a plan is made from the start and nothing else is written. */
export const planUpstreamJob = defineJob({
  ...common,
  kind: 'upstream.plan',
  input: z.strictObject(update),
  async run({ house, caller, input, signal, report }) {
    const { planUpdate } = await import('./planning.ts') // with the reader of rules
    return { items: await planUpdate(house, caller, input, { signal, report }) }
  },
})

/** Safe to repeat: what has a result is passed over (apply.ts). */
export const applyUpstreamJob = defineJob({
  ...common,
  kind: 'upstream.apply',
  input: z.strictObject({ ...update, addsNew: z.boolean() }),
  async run({ house, caller, input, signal, report }) {
    const { applyUpdate } = await import('./apply.ts')
    return applyUpdate(house, caller, input, { signal, report })
  },
})
