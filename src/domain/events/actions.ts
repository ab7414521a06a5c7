// What a person does with the sandbox of events: send files to it, look at it, empty it.

import { permit } from '#domain/access/permission.ts'
import type { JobId } from '#kernel/id.ts'
import { DAY, instant, MINUTE } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { sampleEvents, type SamplePart } from '#src/starter/sample-events.ts'
import { announce, newImportId } from './import.ts'
import { importEventsJob } from './import-job.ts'
import {
  EVENT_STORE,
  type EventFilter,
  type EventImport,
  type EventTotals,
  type LocalAlert,
  type StoredEvent,
} from './port.ts'

export interface SentFile {
  /** As the browser calls it. */
  readonly name: string
  readonly logSource: string
  readonly chunks: AsyncIterable<Uint8Array>
}

/** Keeps a file that is sent and enqueues its import. Throws `too_large` and `storage_full`. */
export async function receiveEvents(
  house: House,
  caller: Caller,
  { name, logSource, chunks }: SentFile,
): Promise<JobId> {
  permit(caller, 'event.write')
  const importId = newImportId(house, caller)
  await house.ports.get(EVENT_STORE).receive(caller.scope.workspaceId, importId, chunks)
  const input = { importId, name: name.slice(0, 200).toWellFormed(), logSource }
  return house.db.write(caller, async (tx) => {
    await house.audit.record(tx, caller, {
      action: 'event.receive',
      target: importId,
      data: { name: input.name },
    })
    return house.jobs.enqueue(tx, caller, importEventsJob, input, {
      title: `Events of ${input.name}`,
    })
  })
}

/** The 24 hours before now with an attack in them, some 2,000 events: a search of the last day finds all. */
export async function receiveSamples(
  house: House,
  caller: Caller,
  part: SamplePart = 'all',
): Promise<JobId> {
  const day = instant(caller.now - (caller.now % MINUTE) - DAY)
  const lines = sampleEvents(day, part).map((event) => JSON.stringify(event))
  async function* chunks() {
    yield Buffer.from(lines.join('\n'))
  }
  return receiveEvents(house, caller, { name: 'Sample events', logSource: '', chunks: chunks() })
}

export interface SandboxShown {
  readonly totals: EventTotals
  readonly imports: readonly EventImport[]
  readonly alerts: readonly LocalAlert[]
}

/** The last imports and alerts, newest first; as many alerts as a page shows, or `alertsMax`. */
export async function showSandbox(
  house: House,
  caller: Caller,
  alertsMax = 50,
): Promise<SandboxShown> {
  permit(caller, 'event.read')
  const store = house.ports.get(EVENT_STORE)
  const { workspaceId } = caller.scope
  const [totals, imports, alerts] = await Promise.all([
    store.totals(workspaceId),
    store.listImports(workspaceId, 20),
    store.listAlerts(workspaceId, alertsMax),
  ])
  return { totals, imports, alerts }
}

export interface EventsWanted extends EventFilter {
  /** Where the page before ended. */
  readonly cursor?: string | undefined
}

export interface EventsShown {
  readonly events: readonly StoredEvent[]
  readonly next: string | null
}

/** Newest first. A cursor is a time and how many events of that time were shown. */
export async function listEvents(
  house: House,
  caller: Caller,
  { cursor, ...wanted }: EventsWanted,
): Promise<EventsShown> {
  permit(caller, 'event.read')
  const place = readCursor(cursor)
  const skip = place?.shown ?? 0
  const filter = {
    ...wanted,
    to: place ? instant(Math.min(wanted.to, place.at + 1)) : wanted.to,
    limit: wanted.limit + skip + 1,
  }
  const found = await house.ports.get(EVENT_STORE).listEvents(caller.scope.workspaceId, filter)
  const events = found.slice(skip, skip + wanted.limit)
  const last = events.at(-1)
  const hasMore = last !== undefined && found.length > skip + wanted.limit
  if (!hasMore) return { events, next: null }
  const before = last.at === place?.at ? skip : 0
  const shown = before + events.filter(({ at }) => at === last.at).length
  return { events, next: `${last.at}-${shown}` }
}

function readCursor(text: string | undefined) {
  const [, at, shown] = /^(\d{1,15})-(\d{1,5})$/.exec(text ?? '') ?? []
  return at === undefined ? undefined : { at: Number(at), shown: Number(shown) }
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
