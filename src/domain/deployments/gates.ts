// What a deployment waits for once everything is checked: the tests of its rules, where the policy asks for
// them, and the windows in which its targets take changes. What waited is compiled again.

import {
  readTightened,
  requireKept,
  requireSameBytes,
  windowAt,
} from '#domain/changes/deploying.ts'
import { runTests } from '#domain/rules/testing/actions.ts'
import { AppError } from '#kernel/error.ts'
import { addMs, formatInstant, MINUTE, type Instant } from '#kernel/time.ts'
import { nextTurn } from '#platform/turns.ts'
import { isOfHotfix } from './hotfix-store.ts'
import { runDeploymentJob } from './jobs.ts'
import { updateDeployment } from './store.ts'
import type { Work } from './work.ts'

/** Throws `conflict` for a rule whose tests do not pass. */
export async function runTestGate(work: Work): Promise<void> {
  const { house, caller } = work
  const { testGate } = await readTightened(house, caller, work.deployment.changeId)
  if (!testGate) return
  await work.enter('testing')
  const written = work.items.filter(({ marker }) => marker !== null)
  for (const ruleId of new Set(written.map((item) => item.ruleId))) {
    const { verdict } = await runTests(house, work.caller, ruleId)
    await nextTurn()
    if (verdict !== 'failed') continue
    const title = written.find((item) => item.ruleId === ruleId)?.ruleTitle ?? ''
    throw new AppError('conflict', `The tests of ${title} do not pass.`)
  }
}

/** What starts at once was compiled by whoever started it. */
const COMPILED_LATELY_MS = MINUTE

/** Throws `stale` where it waited, and what would be written is not what was approved any more. */
export async function compileAgain(work: Work): Promise<void> {
  const { house, caller } = work
  const { kind, startedAt, changeId, changeHash: hash } = work.deployment
  if (kind !== 'change' || caller.now - startedAt < COMPILED_LATELY_MS) return
  await requireSameBytes(house, caller, { changeId, hash })
  await nextTurn()
}

/** Throws `conflict` where a body that is to be written is not the one of the change any more. */
export async function requireAsKept(work: Work): Promise<void> {
  const { kind, changeId, changeHash: hash } = work.deployment
  if (kind !== 'change') return
  const written = work.items.filter(({ marker }) => marker !== null)
  await requireKept(work.house, work.caller, { changeId, hash }, written)
  await nextTurn()
}

/** For a window of which nobody knows when it opens. */
const LOOK_AGAIN_MS = 15 * MINUTE

/** False: it waits, and another job goes on when the last of its targets takes changes. */
export async function passWindows(work: Work): Promise<boolean> {
  const { now, scope } = work.caller
  // Going back leads to what was signed already, and is asked for when something is wrong.
  if (work.deployment.kind === 'rollback') return true
  // What cannot wait for a signature cannot wait for an hour either; its maker's entry says so.
  if (await isOfHotfix(work.house.db.read(scope), scope, work.deployment.id)) return true
  let opensAt: Instant | undefined
  let waitsFor = ''
  for (const { target } of work.places.values()) {
    const at = { targetId: target.id, changeId: work.deployment.changeId }
    const window = await windowAt(work.house, work.caller, at, now)
    if (window.open) continue
    const opens = window.opensAt ?? addMs(now, LOOK_AGAIN_MS)
    if (opensAt !== undefined && opens <= opensAt) continue
    opensAt = opens
    waitsFor = target.name
  }
  if (opensAt === undefined) return true
  const runAt = opensAt
  await work.enter('waiting_window', `${waitsFor} takes changes from ${formatInstant(runAt)}.`)
  await work.tx(async (tx) => {
    const { id, changeTitle } = work.deployment
    const options = { title: `Deploy ${changeTitle}`, runAt }
    const input = { deploymentId: id }
    const jobId = await work.house.jobs.enqueue(tx, work.caller, runDeploymentJob, input, options)
    await updateDeployment(tx, id, { jobId })
  })
  return false
}
