// Taking back what a deployment wrote, last first. What somebody changed since is left alone: a person
// decides about it.

import { AppError } from '#kernel/error.ts'
import { nextTurn } from '#platform/turns.ts'
import { isOver } from './deployment.ts'
import type { Item } from './item.ts'
import { recordUndone } from './record.ts'
import type { Work } from './work.ts'
import { isBack, lookAt, makeWrite } from './write-item.ts'

export async function goBack(work: Work): Promise<void> {
  if (isOver(work.deployment.state)) return
  for (const item of work.items.filter(isTouched).toReversed()) {
    try {
      await undo(work, item)
    } catch (error) {
      if (!work.isFinal(error)) throw error
      await nextTurn()
      await work.lose(item, error.message)
    }
    await nextTurn()
  }
  const left = work.items.filter(({ state }) => state === 'unknown').length
  const { reason } = work.deployment
  if (left === 0) return work.end('rolled_back', reason)
  const many = left === 1 ? 'one item' : `${left} items`
  await work.end('failed', `${reason ?? ''} A person has to look at ${many}.`.trim())
}

function isTouched({ state, writtenAt }: Item): boolean {
  if (state === 'writing') return true
  return (state === 'verifying' || state === 'done') && writtenAt !== null
}

async function undo(work: Work, item: Item): Promise<void> {
  if (item.state === 'writing' && !(await wasWritten(work, item))) {
    return work.change(item, { state: 'rolled_back' })
  }
  const outcome = await makeWrite(work.placeOf(item), work.item(item), 'undo', true, work.write)
  if (outcome.kind === 'unknown') throw new AppError('conflict', outcome.reason)
  const now = await work.standing({ ...item, ref: outcome.ref })
  if (!isBack(item, now)) {
    throw new AppError('conflict', 'It does not stand again as it did before.')
  }
  await work.tx((tx) => recordUndone(tx, work.house, work.caller, item, now))
  work.set(item, { state: 'rolled_back' })
}

/** Whether a write without an answer arrived; it may be taken back already, too. */
async function wasWritten(work: Work, item: Item): Promise<boolean> {
  const place = work.placeOf(item)
  const found = await lookAt(place, item, 'write', work.write)
  if (found === 'not_done') return false
  const at = { state: 'verifying', writtenAt: work.caller.now } as const
  if (found === 'begun') await work.change(item, at)
  else if (found.kind === 'done') await work.change(item, { ...at, ref: found.ref })
  else throw new AppError('conflict', found.reason)
  return true
}
