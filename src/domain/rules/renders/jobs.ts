// What compiles rules again. First, rules that compiled for no place because what they build on was missing: when a save brings that, they
// are compiled behind it. Nothing runs that would change; what runs somewhere waits for a person.

import { z } from 'zod'
import type { RuleId } from '#kernel/id.ts'
import { HOUR, MINUTE } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import type { Tx } from '#platform/db/tx.ts'
import type { House } from '#platform/house.ts'
import { defineJob } from '#platform/jobs/define.ts'
import { selectIdle } from './store.ts'

/** Safe to repeat: what is no longer pending is not compiled. */
export const renderWaitingJob = defineJob({
  kind: 'rule.compile',
  input: z.strictObject({}),
  verbs: ['rule.read'],
  timeoutMs: HOUR,
  attemptsMax: 3,
  backoffMs: [MINUTE],
  perWorkspaceMax: 1,
  priority: 'first',
  async run({ house, caller }) {
    const { renderPending } = await import('./actions.ts') // with the compilers, which are large
    await renderPending(house, caller, new Set())
  },
})

/**
 * Safe to repeat: what is no longer pending is not compiled. `same`: only what becomes the same as before,
 * or runs nowhere yet, is taken; the rest stays pending until a person has all of it compiled.
 */
export const recompileJob = defineJob({
  kind: 'rule.recompile',
  input: z.strictObject({ takes: z.enum(['same', 'all']) }),
  verbs: ['rule.read', 'rule.write'],
  timeoutMs: HOUR,
  attemptsMax: 3,
  backoffMs: [MINUTE],
  perWorkspaceMax: 1,
  priority: 'first',
  async run({ house, caller, input, signal, report }) {
    const { recompile } = await import('./recompile.ts')
    return recompile(house, caller, { ...input, signal, report })
  },
})

/** With the write that marked these rules as pending. Enqueues only when one of them waits. */
export async function renderWaiting(
  tx: Tx,
  house: House,
  caller: Caller,
  marked: readonly RuleId[],
): Promise<void> {
  const waiting = await selectIdle(tx, tx.scope, marked)
  if (waiting.length === 0) return
  const what = waiting.length === 1 ? '1 rule that waited' : `${waiting.length} rules that waited`
  const options = { title: `Compile ${what} for another` }
  await house.jobs.enqueue(tx, caller, renderWaitingJob, {}, options)
}
