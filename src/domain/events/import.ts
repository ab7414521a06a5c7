// A file of events into the sandbox, from wherever it lies: what became of it stands in the sandbox and
// in the log.

import { permit } from '#domain/access/permission.ts'
import { AppError } from '#kernel/error.ts'
import { ID_PREFIXES, makeId, type ImportId, type WorkspaceId } from '#kernel/id.ts'
import type { Caller } from '#platform/caller.ts'
import type { Tx } from '#platform/db/tx.ts'
import type { House } from '#platform/house.ts'
import { EVENT_STORE, type EventImport, type ImportEnd } from './port.ts'

export interface FileOfEvents {
  readonly id: ImportId
  /** What people know it by. */
  readonly name: string
  /** Absolute. */
  readonly path: string
  /** Of all its events; empty: each says its own. */
  readonly logSource: string
}

export interface ImportWatch {
  readonly signal: AbortSignal
  readonly progress: (state: EventImport) => void
  /** Asked when the signal aborts: false where somebody goes on later. */
  readonly isOver: () => Promise<boolean>
}

export function newImportId(house: House, caller: Caller): ImportId {
  return makeId(ID_PREFIXES.import, caller.now, house.random(10))
}

/**
 * Reads a file to its end. Safe to repeat with the same id: it goes on after what came in already.
 * Throws `invalid` for what holds no events; bad lines are counted and stop nothing. Audited.
 */
export async function importEvents(
  house: House,
  caller: Caller,
  file: FileOfEvents,
  { signal, progress, isOver }: ImportWatch,
): Promise<EventImport> {
  permit(caller, 'event.write')
  const store = house.ports.get(EVENT_STORE)
  const { workspaceId } = caller.scope
  const place = { id: file.id, path: file.path, now: caller.now }
  try {
    const given = { ...place, name: file.name, logSource: file.logSource, startedBy: caller.actor }
    let state = await store.beginImport(workspaceId, given, signal)
    while (state.state === 'running') {
      progress(state)
      state = await store.stepImport(workspaceId, place, signal)
    }
    progress(state)
    await store.runRules(workspaceId, signal)
    await recordImport(house, caller, state)
    return state
  } catch (error) {
    if (await isForGood(error, isOver)) await store.endImport(workspaceId, place, endOf(error))
    throw error
  }
}

/** What another try cannot change. */
async function isForGood(error: unknown, isOver: ImportWatch['isOver']): Promise<boolean> {
  if (!(error instanceof AppError)) return false
  return error.code === 'cancelled' ? isOver() : ['invalid', 'too_large'].includes(error.code)
}

function endOf(error: unknown): ImportEnd {
  const { code, message } = error as AppError
  return { state: code === 'cancelled' ? 'cancelled' : 'failed', reason: message }
}

async function recordImport(house: House, caller: Caller, done: EventImport): Promise<void> {
  const { id, name, state, eventCount, badCount } = done
  await house.db.write(caller, async (tx) => {
    const data = { name, state, events: eventCount, bad: badCount }
    await house.audit.record(tx, caller, { action: 'event.import', target: id, data })
    announce(tx, house, caller)
  })
}

/** Open pages look at the sandbox again. */
export function announce(tx: Tx, house: House, { scope }: Caller): void {
  const workspaceId = scope.workspaceId as WorkspaceId
  house.events.publish(tx, { workspaceId, noun: 'event', id: workspaceId, verb: 'changed' })
}
