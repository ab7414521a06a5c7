// The one place that reads the machine's clocks. Everything else is handed a `Clock`.

import { performance } from 'node:perf_hooks'
import { instant, type Clock } from '#kernel/time.ts'

export const systemClock: Clock = {
  now: () => instant(Date.now()),
  monotonicMs: () => performance.now(),
}
