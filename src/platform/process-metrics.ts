// Gauges of the process itself: memory, start, and how long the event loop keeps a request waiting.

import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { Metrics } from './metrics.ts'

const NANOSECONDS = 1e9
const SAMPLE_EVERY_MS = 10

/** Returns how to stop measuring. Each scrape tells of the time since the one before. */
export function measureProcess(metrics: Metrics, version: string): () => void {
  const delay = monitorEventLoopDelay({ resolution: SAMPLE_EVERY_MS })
  delay.enable()
  metrics.gauges('rulewright_build_info', 'The version that runs.', () => [[{ version }, 1]])
  metrics.gauge('process_start_time_seconds', 'When the process began, unix time.', () =>
    Math.round(performance.timeOrigin / 1_000),
  )
  metrics.gauge('process_resident_memory_bytes', 'Memory the process holds.', () =>
    process.memoryUsage.rss(),
  )
  metrics.gauges('rulewright_event_loop_lag_seconds', 'How late the event loop turned.', () =>
    readDelay(delay),
  )
  return () => delay.disable()
}

// The histogram counts whole intervals, so the sampling period is part of every value.
function readDelay(delay: ReturnType<typeof monitorEventLoopDelay>) {
  const lag = (nanoseconds: number) =>
    Math.max(0, (nanoseconds - SAMPLE_EVERY_MS * 1e6) / NANOSECONDS)
  const values = [
    [{ quantile: '0.5' }, lag(delay.percentile(50))],
    [{ quantile: '0.99' }, lag(delay.percentile(99))],
    [{ quantile: '1' }, lag(delay.max)],
  ] as const
  delay.reset()
  return values
}
