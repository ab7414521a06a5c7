// A saved search at a slot of its schedule: asked in the name of its owner, as long as they may ask.
// Slots that were missed are told and not made up for; one that finds the run before still at work is
// passed over.

import { getMember } from '#domain/access/members.ts'
import { verbsOf } from '#domain/access/permission.ts'
import { AppError } from '#kernel/error.ts'
import { isId, type SavedSearchId } from '#kernel/id.ts'
import type { Instant } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { nextTurn } from '#platform/turns.ts'
import { startSearch } from './actions.ts'
import type { SearchInput } from './input.ts'
import { missedSlots, nextRunOf, RUNS_KEPT, type SavedSearch } from './saved.ts'
import * as savedStore from './saved-store.ts'
import { isOver } from './search.ts'
import { deleteSearch, selectRuns } from './store.ts'

export function searchInputOf(saved: SavedSearch, now: Instant): SearchInput {
  const { language, text, ruleId, targetIds, spanMs, caps, purpose } = saved
  return {
    question: ruleId === null ? { language, text } : { ruleId },
    targetIds: [...targetIds],
    from: now - spanMs,
    to: now,
    ...caps,
    purpose,
  }
}

/** Throws what kept it from being asked, and leaves the reason with the saved search. */
export async function runSaved(house: House, caller: Caller, id: SavedSearchId): Promise<void> {
  const saved = await house.db.write(caller, (tx) => takeSlot(tx, caller.now, id))
  if (saved === undefined) return
  const note = (text: string | null) =>
    house.db.write(caller, (tx) => savedStore.updateSaved(tx, id, { note: text }))
  await nextTurn()
  try {
    await requireOwner(house, caller, saved)
    await requireRest(house, caller, saved)
    await startSearch(house, caller, searchInputOf(saved, caller.now), {
      savedId: id,
      askedBy: saved.owner,
    })
    await note(saved.note)
  } catch (error) {
    const reason =
      error instanceof AppError ? error.message : 'Something went wrong; the log has the details.'
    await note(`Not asked at the last slot. ${reason}`)
    throw error
  }
  await forgetOldRuns(house, caller, id)
}

/** Moves to the next slot, so that a run which happens twice asks once. */
async function takeSlot(
  tx: Parameters<typeof savedStore.updateSaved>[0],
  now: Instant,
  id: SavedSearchId,
): Promise<SavedSearch | undefined> {
  const saved = await savedStore.getSaved(tx, tx.scope, id)
  const { cron, isPaused, nextAt } = saved
  if (cron === null || isPaused || nextAt === null || nextAt > now) return undefined
  const missed = missedSlots(cron, nextAt, now)
  await savedStore.updateSaved(tx, id, {
    nextAt: nextRunOf(cron, now),
    missedCount: saved.missedCount + missed,
    // Taken back when it was asked: what is left then is a process that died in between.
    note: 'Not asked at the last slot. The server stopped.',
  })
  return { ...saved, note: missed === 0 ? null : missedInWords(missed) }
}

function missedInWords(missed: number): string {
  const slots = missed === 1 ? 'One slot' : `${missed} slots`
  return `${slots} before the last run came while the server was down or busy, and were not asked.`
}

/** A schedule ends with the right of whoever set it. The product itself has every right. */
async function requireOwner(house: House, caller: Caller, { owner }: SavedSearch): Promise<void> {
  if (!isId('usr', owner)) return
  const member = await getMember(house, caller, owner).catch(() => undefined)
  if (member?.state === 'active' && verbsOf(member.role).has('search.run')) return
  throw new AppError('forbidden', 'Whoever saved it may not search here any more.')
}

async function requireRest(house: House, { scope }: Caller, { id }: SavedSearch): Promise<void> {
  const [last] = await selectRuns(house.db.read(scope), scope, id, { limit: 1, offset: 0 })
  if (last === undefined || last.segments.every(({ state }) => isOver(state))) return
  throw new AppError('conflict', 'The run before has not ended yet.')
}

/** Those with pinned rows stay. */
async function forgetOldRuns(house: House, caller: Caller, id: SavedSearchId): Promise<void> {
  const { scope } = caller
  await nextTurn()
  const page = { limit: RUNS_KEPT, offset: RUNS_KEPT }
  const old = await selectRuns(house.db.read(scope), scope, id, page)
  const gone = old.filter(
    ({ segments, pinCount }) => pinCount === 0 && segments.every(({ state }) => isOver(state)),
  )
  if (gone.length === 0) return
  await house.db.write(caller, async (tx) => {
    for (const search of gone) {
      await deleteSearch(tx, search.id)
      tx.afterCommit(() => house.evidence.remove(scope, search.id))
    }
    const data = { searches: gone.map((search) => search.id) }
    await house.audit.record(tx, caller, { action: 'search.forget_runs', target: id, data })
  })
}
