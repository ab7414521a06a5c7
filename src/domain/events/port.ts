// The place for events of a workspace, the one exception to a product that ingests nothing: samples,
// tests, the first hour. The local target is this place seen as a SIEM; here it is filled and emptied.

import type { Json } from '#kernel/json.ts'
import type { Instant } from '#kernel/time.ts'
import { portKey } from '#platform/ports.ts'

export interface EventStore {
  /**
   * Writes a file that is sent beside the sandbox, where its import finds it. Throws `too_large`, and
   * `storage_full`; then nothing is left.
   */
  receive(workspaceId: string, id: string, chunks: AsyncIterable<Uint8Array>): Promise<void>
  /** Where a file that was received is; it goes when its import is over. */
  receivedPath(workspaceId: string, id: string): string
  /**
   * Looks at a file and makes its import; safe to repeat. Throws `invalid` for what is no file of
   * events and `too_large` beyond the limit.
   */
  beginImport(workspaceId: string, file: FileToImport, signal: AbortSignal): Promise<EventImport>
  /** Some megabytes more; over when the state is no longer `running`. */
  stepImport(workspaceId: string, step: ImportPlace, signal: AbortSignal): Promise<EventImport>
  endImport(workspaceId: string, step: ImportPlace, end: ImportEnd): Promise<void>
  /** Newest first. */
  listImports(workspaceId: string, limit: number): Promise<readonly EventImport[]>
  totals(workspaceId: string): Promise<EventTotals>
  /** Newest first. */
  listEvents(workspaceId: string, filter: EventFilter): Promise<readonly StoredEvent[]>
  /** By the time of their events, newest first. */
  listAlerts(workspaceId: string, limit: number): Promise<readonly LocalAlert[]>
  /** Events, imports and alerts; deployed rules stay and have seen nothing. */
  clear(workspaceId: string): Promise<void>
  /** Runs deployed rules over what came in. */
  runRules(workspaceId: string, signal: AbortSignal): Promise<{ ran: number; alerts: number }>
  /** Removes what is older, then the oldest until it fits. Returns how many events went. */
  keepWithin(workspaceId: string, limits: { before: Instant; bytesMax: number }): Promise<number>
  /** Workspaces that have such a place. */
  list(): readonly string[]
}

export const EVENT_STORE = portKey<EventStore>('event store')

export interface ImportPlace {
  readonly id: string
  /** Absolute. */
  readonly path: string
  readonly now: Instant
}

export interface FileToImport extends ImportPlace {
  /** What people know it by. */
  readonly name: string
  /** The log source of all its events; empty: each says its own. */
  readonly logSource: string
  readonly startedBy: string
}

export interface ImportEnd {
  readonly state: 'failed' | 'cancelled'
  readonly reason: string
}

export interface EventImport {
  readonly id: string
  readonly name: string
  readonly format: string
  readonly logSource: string
  readonly state: 'running' | 'done' | 'failed' | 'cancelled'
  readonly reason: string | null
  readonly sizeBytes: number
  readonly doneBytes: number
  readonly eventCount: number
  readonly badCount: number
  /** The first ones. */
  readonly badLines: readonly { readonly line: number; readonly reason: string }[]
  /** Events that say no time: they have the time of the import. */
  readonly untimedCount: number
  readonly startedAt: Instant
  readonly endedAt: Instant | null
  readonly startedBy: string
}

export interface EventTotals {
  readonly eventCount: number
  readonly oldestAt: Instant | null
  readonly newestAt: Instant | null
  readonly fileBytes: number
  readonly alertCount: number
}

export interface EventFilter {
  readonly from: Instant
  /** Exclusive. */
  readonly to: Instant
  /** Stands in a value; case does not count. */
  readonly text?: string
  /** The one field to look in. */
  readonly field?: string
  readonly limit: number
}

export interface StoredEvent {
  /** Names it as long as it is there. */
  readonly key: string
  readonly at: Instant
  readonly logSource: string
  readonly event: Json
}

export interface LocalAlert {
  /** The deployed rule. */
  readonly ref: string
  readonly title: string
  readonly at: Instant
  readonly recordedAt: Instant
  readonly fields: Readonly<Record<string, Json>>
  readonly event: Json
}
