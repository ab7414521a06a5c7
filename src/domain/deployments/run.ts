// One run of a deployment: check everything, write every item, read every item back; and where one fails,
// take all the others back. May run more than once: what an item has reached is in its row, and every
// call on a target is a step.

import type { ObservedRule } from '#domain/targets/port.ts'
import { AppError } from '#kernel/error.ts'
import type { DeploymentId } from '#kernel/id.ts'
import { SECOND } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import type { Reconciled, StepIntent } from '#platform/jobs/define.ts'
import { nextTurn, pause } from '#platform/turns.ts'
import { goBack } from './back.ts'
import { checkItems } from './checking.ts'
import { isOver } from './deployment.ts'
import { compileAgain, passWindows, requireAsKept, runTestGate } from './gates.ts'
import { changedFields, wantedBody, type Item } from './item.ts'
import { openPlaces, placeOf } from './places.ts'
import { recordDone } from './record.ts'
import { getDeploymentRow, selectItems, updateItem } from './store.ts'
import { about, isWaiting, Work, type RunTools } from './work.ts'
import { lookAt, makeWrite, type Way } from './write-item.ts'

/** Throws while a target cannot be asked, so that the job tries again. */
export async function runDeployment(
  house: House,
  caller: Caller,
  id: DeploymentId,
  tools: RunTools,
): Promise<void> {
  const reader = house.db.read(caller.scope)
  const deployment = await getDeploymentRow(reader, caller.scope, id)
  if (isOver(deployment.state)) return
  const items = await selectItems(reader, caller.scope, id)
  const ids = items.map(({ targetId }) => targetId)
  const places = await openPlaces(house, caller, ids, 'write')
  const work = new Work({ house, caller, tools, deployment, items, places })
  try {
    if (deployment.state !== 'rolling_back') await forward(work)
    if (work.deployment.state === 'rolling_back') await goBack(work)
  } catch (error) {
    if (!(error instanceof AppError) || !isWaiting(error)) throw error
    await nextTurn()
    await work.explain(error.message)
    throw error
  }
}

/** For a step of an earlier run whose result was never written. */
export async function reconcileStep(
  house: House,
  caller: Caller,
  id: DeploymentId,
  { stepId }: StepIntent,
  signal: AbortSignal,
): Promise<Reconciled> {
  await nextTurn()
  const [way, number] = stepId.split(':') as [Way, string]
  const items = await selectItems(house.db.read(caller.scope), caller.scope, id)
  const item = items.find((one) => one.number === Number(number))
  if (item === undefined) return { kind: 'unknown', reason: 'Its item is not there.' }
  const places = await openPlaces(house, caller, [item.targetId], 'write')
  const { installId } = house.keys
  const found = await lookAt(placeOf(places, item), item, way, { installId, signal })
  if (found === 'not_done' || found === 'begun') return { kind: 'not_done' }
  return { kind: 'done', result: { ...found } }
}

/** Ends as deployed, as failed before anything was written, as rolling back, or waits for a window. */
async function forward(work: Work): Promise<void> {
  const { state, isDryRun, isCancelled } = work.deployment
  try {
    if (isCancelled) throw new AppError('conflict', 'Cancelled.')
    if (state !== 'deploying' && state !== 'verifying') {
      await check(work)
      await runTestGate(work)
      if (!isDryRun && !(await passWindows(work))) return
      if (!isDryRun) await compileAgain(work)
    }
    if (!isDryRun) {
      await requireAsKept(work)
      await work.enter('deploying')
      await work.each('writing', ['waiting', 'writing'], (item) => write(work, item))
      await work.enter('verifying')
      await work.each('reading back', ['verifying'], (item) => verify(work, item))
    }
    await work.end('deployed', null)
  } catch (error) {
    if (!work.isFinal(error)) throw error
    await nextTurn()
    if (work.hasBegun) await work.enter('rolling_back', error.message)
    else await work.end('failed', error.message, error.code === 'stale')
  }
}

async function check(work: Work): Promise<void> {
  await work.enter('checking')
  const checked = await checkItems(work.house, work.caller, work.places, work.items, work.write)
  await work.tx(async (tx) => {
    for (const { item, change } of checked) await updateItem(tx, item, change)
  })
  await nextTurn()
  for (const { item, change } of checked) work.set(item, change)
  const [first, ...more] = work.items.filter((item) => item.state === 'failed')
  if (first === undefined) return
  const others = more.length > 0 ? ` (and ${more.length} more)` : ''
  throw about(first, `${first.reason ?? ''}${others}`)
}

async function write(work: Work, item: Item): Promise<void> {
  const isBegun = item.state === 'writing'
  if (!isBegun) await work.change(item, { state: 'writing' })
  await nextTurn()
  try {
    const outcome = await makeWrite(work.placeOf(item), item, 'write', isBegun, work.write)
    if (outcome.kind === 'done') {
      const { now } = work.caller
      return await work.change(item, { state: 'verifying', ref: outcome.ref, writtenAt: now })
    }
    await work.lose(item, outcome.reason)
    throw about(item, outcome.reason)
  } catch (error) {
    if (!work.isFinal(error) || work.item(item).state === 'unknown') throw error
    await nextTurn()
    // Refused, maybe after a part of it was taken: that is taken back with the others.
    const left = await lookAt(work.placeOf(item), item, 'write', work.write)
    const state = left === 'not_done' ? 'failed' : 'writing'
    await work.change(item, { state, reason: error.message })
    throw about(item, error.message)
  }
}

/** A target may need a moment until it shows what it took. */
const LOOKS_MS: readonly number[] = [0, SECOND / 2, SECOND, 2 * SECOND, 4 * SECOND]

async function verify(work: Work, item: Item): Promise<void> {
  let flaw = ''
  for (const waitMs of LOOKS_MS) {
    await pause(waitMs, work.write.signal)
    const now = item.action === 'unmanage' ? null : await work.standing(item)
    flaw = flawOf(work, item, now)
    if (flaw !== '') continue
    await work.tx((tx) => recordDone(tx, work.house, work.caller, work.deployment, item, now))
    work.set(item, { state: item.writtenAt === null ? 'same' : 'done', after: now })
    return
  }
  await work.change(item, { reason: flaw })
  throw about(item, flaw)
}

/** Why what stands there is not what was to stand there; empty where it is. */
function flawOf(work: Work, item: Item, now: ObservedRule | null): string {
  const { action, kind } = item
  if (action === 'unmanage') return ''
  if (action === 'remove') return now === null ? '' : 'It still stands there.'
  if (now === null) return 'It was written, and the target does not show it.'
  if (action === 'pause' || action === 'resume') {
    const isAsked = now.isEnabled === (action === 'resume')
    return isAsked ? '' : `It was to be ${action === 'pause' ? 'off' : 'on'}, and is not.`
  }
  const body = wantedBody(item)
  if (body === null) return ''
  const fields = changedFields(work.placeOf(item).rules, kind, body, now).map(({ field }) => field)
  if (fields.length === 0) return ''
  return `It does not read back as it was written: ${fields.slice(0, 5).join(', ')}.`
}
