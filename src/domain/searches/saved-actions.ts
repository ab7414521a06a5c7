// Keeping a question to ask it again: under a name, for oneself or for the workspace, and at the slots
// of a schedule.

import { can, permit } from '#domain/access/permission.ts'
import { AppError, forbidden } from '#kernel/error.ts'
import { ID_PREFIXES, makeId, type SavedSearchId, type SearchId } from '#kernel/id.ts'
import { personBehind, type Caller } from '#platform/caller.ts'
import type { Tx } from '#platform/db/tx.ts'
import type { House } from '#platform/house.ts'
import { startSearch } from './actions.ts'
import type { NewSavedSearch, SavedSearchChange } from './input.ts'
import { runSavedSearchJob } from './jobs.ts'
import { isTooOften, nextRunOf, SAVED_MAX, SLOT_MS_MIN, type SavedSearch } from './saved.ts'
import * as store from './saved-store.ts'
import { searchInputOf } from './saved-run.ts'
import type { Search } from './search.ts'
import { getSearch, updateSearch } from './store.ts'

/** One's own and what others share, by name. */
export async function listSaved(house: House, caller: Caller): Promise<readonly SavedSearch[]> {
  permit(caller, 'search.run')
  return store.selectSaved(house.db.read(caller.scope), caller.scope, personBehind(caller))
}

/** Throws `forbidden` for one that is somebody else's and not shared, or is not here. */
export async function getSaved(
  house: House,
  caller: Caller,
  id: SavedSearchId,
): Promise<SavedSearch> {
  permit(caller, 'search.run')
  return visible(caller, await store.getSaved(house.db.read(caller.scope), caller.scope, id))
}

/** What was asked becomes a saved search, with a range as long as it had. Audited. */
export async function saveSearch(
  house: House,
  caller: Caller,
  searchId: SearchId,
  { name, isShared, cron }: NewSavedSearch,
): Promise<SavedSearch> {
  permit(caller, 'search.run')
  if (cron !== null) requireSlots(cron, caller)
  const id = makeId(ID_PREFIXES.savedSearch, caller.now, house.random(10))
  return house.db.write(caller, async (tx) => {
    const search = await getSearch(tx, tx.scope, searchId)
    if ((await store.countSaved(tx, tx.scope)) >= SAVED_MAX) {
      throw new AppError('conflict', `${SAVED_MAX} searches are saved already. Remove one first.`)
    }
    const { language, text, ruleId, purpose, caps, from, to, segments } = search
    await store.insertSaved(tx, {
      id,
      name,
      language,
      text,
      ruleId,
      purpose,
      targetIds: JSON.stringify(segments.map(({ targetId }) => targetId)),
      spanMs: to - from,
      rowsMax: caps.rows,
      bytesMax: caps.bytes,
      secondsMax: caps.seconds,
      scannedMax: caps.scanned,
      isShared: isShared ? 1 : 0,
      cron,
      isPaused: 0,
      nextAt: null,
      missedCount: 0,
      note: null,
      createdAt: caller.now,
      owner: personBehind(caller),
    })
    await updateSearch(tx, searchId, { savedId: id })
    const data = { search: searchId, name, isShared, cron }
    await house.audit.record(tx, caller, { action: 'search.save', target: id, data })
    return planned(tx, house, caller, id)
  })
}

/**
 * Of one's own, and as an admin of what is shared. A schedule that is set, paused or resumed begins
 * anew. Throws `forbidden` as getSaved, `invalid` for a pattern that never comes or comes too often.
 * Audited.
 */
export async function changeSaved(
  house: House,
  caller: Caller,
  id: SavedSearchId,
  change: SavedSearchChange,
): Promise<SavedSearch> {
  permit(caller, 'search.run')
  if (typeof change.cron === 'string') requireSlots(change.cron, caller)
  return house.db.write(caller, async (tx) => {
    const before = changeable(caller, await store.getSaved(tx, tx.scope, id))
    const { name = before.name, isShared = before.isShared } = change
    const { cron = before.cron, isPaused = before.isPaused } = change
    const isReplanned = cron !== before.cron || isPaused !== before.isPaused
    await store.updateSaved(tx, id, {
      name,
      cron,
      isShared: isShared ? 1 : 0,
      isPaused: isPaused ? 1 : 0,
      ...(isReplanned && { missedCount: 0, note: null }),
    })
    const data = { name, isShared, cron, isPaused }
    await house.audit.record(tx, caller, { action: 'search.change_saved', target: id, data })
    return isReplanned ? planned(tx, house, caller, id) : store.getSaved(tx, tx.scope, id)
  })
}

/** With its schedule; what it found stays. Throws as changeSaved. Audited. */
export async function removeSaved(house: House, caller: Caller, id: SavedSearchId): Promise<void> {
  permit(caller, 'search.run')
  await house.db.write(caller, async (tx) => {
    const { name } = changeable(caller, await store.getSaved(tx, tx.scope, id))
    await house.jobs.removeSchedule(tx, scheduleOf(id))
    await store.deleteSaved(tx, id)
    await house.audit.record(tx, caller, {
      action: 'search.remove_saved',
      target: id,
      data: { name },
    })
  })
}

/** Asks it now, as whoever calls. Throws as getSaved and startSearch. */
export async function askSaved(house: House, caller: Caller, id: SavedSearchId): Promise<Search> {
  const saved = await getSaved(house, caller, id)
  return startSearch(house, caller, searchInputOf(saved, caller.now), { savedId: id })
}

/** Writes down the next slot, and has the platform ring at it. */
async function planned(
  tx: Tx,
  house: House,
  caller: Caller,
  id: SavedSearchId,
): Promise<SavedSearch> {
  const { name, cron, isPaused } = await store.getSaved(tx, tx.scope, id)
  // Begun anew, so that a slot which was missed under the old plan is none of the new one's.
  await house.jobs.removeSchedule(tx, scheduleOf(id))
  const isOn = cron !== null && !isPaused
  if (isOn) {
    const timetable = { name: scheduleOf(id), title: `Ask “${name}”`, cron, timeZone: 'UTC' }
    await house.jobs.saveSchedule(tx, caller, runSavedSearchJob, { savedId: id }, timetable)
  }
  await store.updateSaved(tx, id, { nextAt: isOn ? nextRunOf(cron, caller.now) : null })
  return store.getSaved(tx, tx.scope, id)
}

const scheduleOf = (id: SavedSearchId) => `saved-search-${id}`

function requireSlots(cron: string, { now }: Caller): void {
  if (!isTooOften(cron, now)) return
  const minutes = SLOT_MS_MIN / 60_000
  throw new AppError('invalid', `A search is asked at most every ${minutes} minutes.`)
}

function visible(caller: Caller, saved: SavedSearch): SavedSearch {
  if (!saved.isShared && saved.owner !== personBehind(caller)) throw forbidden()
  return saved
}

/** Admins answer for what is shared when its owner has left. */
export function mayChangeSaved(caller: Caller, { owner, isShared }: SavedSearch): boolean {
  return owner === personBehind(caller) || (isShared && can(caller, 'member.change'))
}

function changeable(caller: Caller, saved: SavedSearch): SavedSearch {
  if (!mayChangeSaved(caller, visible(caller, saved))) throw forbidden()
  return saved
}
