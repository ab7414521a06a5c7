// A clock that stands still until a test moves it.

import { addMs, instant, type Clock, type Instant } from '#kernel/time.ts'

/** 2026-11-21T10:00:00.000Z */
export const START: Instant = instant(Date.parse('2026-11-21T10:00:00.000Z'))

export interface FakeClock extends Clock {
  advance(ms: number): void
  /** Wall-clock time only, as when somebody sets the machine's clock; may go back. */
  jumpTo(at: Instant): void
}

export function fakeClock(start: Instant = START): FakeClock {
  let now = start
  let monotonicMs = 0
  return {
    now: () => now,
    monotonicMs: () => monotonicMs,
    advance(ms) {
      now = addMs(now, ms)
      monotonicMs += ms
    },
    jumpTo(at) {
      now = at
    },
  }
}
