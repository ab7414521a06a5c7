// What a person does with the sandbox of events: fill it, look at it, empty it. Files are read where
// they lie; what became of each stands in the sandbox and in the log.

import { permit } from '#domain/access/permission.ts'
import { AppError } from '#kernel/error.ts'
import { ID_PREFIXES, makeId, type ImportId } from '#kernel/id.ts'
import type { WorkspaceId } from '#kernel/id.ts'
import { instant } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import type { Tx } from '#platform/db/tx.ts'
import type { House } from '#platform/house.ts'
import {
  EVENT_STORE,
  type EventFilter,
  type EventImport,
  type EventTotals,
  type ImportEnd,
  type LocalAlert,
  type StoredEvent,
} from './port.ts'

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
  { signal, progress }: ImportWatch,
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
    if (isForGood(error)) await store.endImport(workspaceId, place, endOf(error))
    throw error
  }
}

/** What another try cannot change: the process ending is not among it. */
function isForGood(error: unknown): error is AppError {
  return error instanceof AppError && ['cancelled', 'invalid', 'too_large'].includes(error.code)
}

function endOf({ code, message }: AppError): ImportEnd {
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
function announce(tx: Tx, house: House, { scope }: Caller): void {
  const workspaceId = scope.workspaceId as WorkspaceId
  house.events.publish(tx, { workspaceId, noun: 'event', id: workspaceId, verb: 'changed' })
}

export interface SandboxShown {
  readonly totals: EventTotals
  readonly imports: readonly EventImport[]
  readonly alerts: readonly LocalAlert[]
}

/** The last imports and alerts, newest first. */
export async function showSandbox(house: House, caller: Caller): Promise<SandboxShown> {
  permit(caller, 'event.read')
  const store = house.ports.get(EVENT_STORE)
  const { workspaceId } = caller.scope
  const [totals, imports, alerts] = await Promise.all([
    store.totals(workspaceId),
    store.listImports(workspaceId, 20),
    store.listAlerts(workspaceId, 50),
  ])
  return { totals, imports, alerts }
}

/** Newest first. */
export async function listEvents(
  house: House,
  caller: Caller,
  filter: EventFilter,
): Promise<readonly StoredEvent[]> {
  permit(caller, 'event.read')
  return house.ports.get(EVENT_STORE).listEvents(caller.scope.workspaceId, filter)
}

/** Events, imports and alerts, all at once and for good; deployed rules stay. Audited. */
export async function deleteEvents(house: House, caller: Caller): Promise<void> {
  permit(caller, 'event.write')
  const store = house.ports.get(EVENT_STORE)
  const { eventCount } = await store.totals(caller.scope.workspaceId)
  await store.clear(caller.scope.workspaceId)
  await house.db.write(caller, async (tx) => {
    const data = { events: eventCount }
    await house.audit.record(tx, caller, {
      action: 'event.delete',
      target: caller.scope.workspaceId,
      data,
    })
    announce(tx, house, caller)
  })
}

export interface Tended {
  readonly alerts: number
  /** Events that were too old or too many. */
  readonly removed: number
}

/** In every workspace: lets old events go, and runs the deployed rules over what came in. */
export async function tendSandboxes(
  house: House,
  caller: Caller,
  signal: AbortSignal,
): Promise<Tended> {
  permit(caller, 'event.tend')
  const store = house.ports.get(EVENT_STORE)
  const { retentionMs, megabytesMax } = house.settings.sandbox
  const before = instant(Math.max(0, caller.now - retentionMs))
  let [alerts, removed] = [0, 0]
  for (const workspaceId of store.list()) {
    signal.throwIfAborted()
    removed += await store.keepWithin(workspaceId, { before, bytesMax: megabytesMax * MIB })
    alerts += (await store.runRules(workspaceId, signal)).alerts
  }
  return { alerts, removed }
}

const MIB = 1024 * 1024
