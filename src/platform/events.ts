// Tells the rest of the process what changed, after COMMIT and never before: a page that reads again
// on an event finds what the event is about. Events live in this process only and are not stored;
// what must survive a crash is a job, enqueued in the same transaction.

import { assert } from '#kernel/error.ts'
import type { DomainEvent } from '#kernel/event.ts'
import type { WorkspaceId } from '#kernel/id.ts'
import type { Tx } from './db/tx.ts'

/** Called in the turn of the COMMIT: notes the event and returns; slow work goes elsewhere. */
export type Listener = (event: DomainEvent) => void

export interface EventBus {
  /** Reaches the listeners once `tx` is durable; never when its body throws or rolls back. */
  publish(tx: Tx, event: DomainEvent): void
  /**
   * Hears the events of one workspace, or of all of them (`'all'`: for parts of the product, never
   * for a door). Returns how to stop hearing. Throws `Bug` beyond `LISTENERS_MAX`.
   */
  subscribe(from: WorkspaceId | 'all', listener: Listener): () => void
}

/** Open pages each hold one; more than this is a leak. */
export const LISTENERS_MAX = 10_000

/** `report` is told of a listener that threw; the others hear the event all the same. */
export function createEventBus(report: (cause: unknown) => void): EventBus {
  const listeners = new Map<WorkspaceId | 'all', Set<Listener>>()
  let count = 0

  function tell(from: WorkspaceId | 'all', event: DomainEvent): void {
    for (const listener of listeners.get(from) ?? []) {
      try {
        listener(event)
      } catch (cause) {
        report(cause)
      }
    }
  }

  return {
    publish(tx, event) {
      assert(event.workspaceId === tx.scope.workspaceId, 'an event is of the workspace of its tx')
      tx.afterCommit(() => {
        tell(event.workspaceId, event)
        tell('all', event)
      })
    },

    subscribe(from, listener) {
      assert(count < LISTENERS_MAX, 'too many listeners: one of them does not unsubscribe')
      const own: Listener = (event) => listener(event) // the same function may listen twice
      const set = listeners.get(from) ?? new Set()
      listeners.set(from, set.add(own))
      count += 1
      return () => {
        if (!set.delete(own)) return
        count -= 1
        if (set.size === 0 && listeners.get(from) === set) listeners.delete(from)
      }
    },
  }
}
