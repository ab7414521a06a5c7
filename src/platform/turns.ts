// Long work on the event loop, in pieces: whoever goes through many things lets others have their turn.
// For what is too small for a thread and too much at once; what computes for long belongs in workers.

import { setTimeout as wait } from 'node:timers/promises'

/** Others want a turn within 20 ms, and a piece may take as long as this again. */
const TURN_MS = 8

/** The same things in the same order; the loop turns between two of them when it is time. */
export async function* inTurns<T>(items: Iterable<T>): AsyncGenerator<T> {
  let turnBegan = performance.now()
  for (const item of items) {
    yield item
    if (performance.now() - turnBegan < TURN_MS) continue
    await nextTurn()
    turnBegan = performance.now()
  }
}

/** Rejects with the reason of the signal. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await wait(ms, undefined, { signal })
  } catch (error) {
    // The timer wraps the reason in an error of its own.
    signal.throwIfAborted()
    throw error
  }
}

/**
 * Whoever has just awaited a write goes on in the turn of its COMMIT, where another body may be open
 * already, and the reader refuses to be used beside it.
 */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
