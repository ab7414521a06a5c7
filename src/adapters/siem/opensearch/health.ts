// How rules of Security Analytics fare: findings by rule, and what goes wrong in the monitor behind a
// detector. How often a single rule ran is not told, so it is unknown.

import type { RuleRun, SiemHealth } from '#domain/targets/port.ts'
import type { Instant } from '#kernel/time.ts'
import { readAs, tidy, type OpensearchClient } from './client.ts'
import { ANALYTICS, listDetectors, rulesOf, type Detector } from './detectors.ts'
import { findings, monitorAlerts } from './replies.ts'

const PAGE = 1_000
const FINDINGS_MAX = 50_000

export function openHealth(client: OpensearchClient): SiemHealth {
  return {
    async runs(range, signal) {
      const runs = new Map<string, RuleRun>()
      let isCut = false
      for (const detector of await listDetectors(client, signal)) {
        const counted = await countFindings(client, detector, range, signal)
        isCut ||= counted.isCut
        const lastError = await errorOf(client, detector, signal)
        for (const ref of rulesOf(detector)) {
          const before = runs.get(ref)
          runs.set(ref, {
            ...UNKNOWN,
            ref,
            alerts: (before?.alerts ?? 0) + (counted.byRule.get(ref) ?? 0),
            lastError: before?.lastError ?? lastError,
          })
        }
      }
      return {
        runs: [...runs.values()],
        completeness: isCut
          ? {
              kind: 'truncated',
              limit: `${FINDINGS_MAX.toLocaleString('en')} findings of a detector`,
            }
          : { kind: 'complete' },
      }
    },
  }
}

const UNKNOWN = {
  ran: null,
  failed: null,
  skipped: null,
  latencyMs: null,
  lagMs: null,
  lastRunAt: null,
} as const

async function countFindings(
  client: OpensearchClient,
  { id }: Detector,
  { from, to }: { readonly from: Instant; readonly to: Instant },
  signal: AbortSignal,
) {
  const what = 'the findings'
  const byRule = new Map<string, number>()
  let start = 0
  for (;;) {
    const reply = await client.send({
      path: `${ANALYTICS}/findings/_search`,
      query: {
        detector_id: id,
        startTime: String(from),
        endTime: String(to),
        size: String(PAGE),
        startIndex: String(start),
        sortOrder: 'asc',
      },
      what,
      // The index comes with the first finding.
      accepts: [404],
      signal,
    })
    if (reply.status === 404) break
    const page = readAs(findings, reply.body, what)
    for (const { queries } of page.findings) {
      for (const rule of new Set(queries.map((query) => query.id))) {
        byRule.set(rule, (byRule.get(rule) ?? 0) + 1)
      }
    }
    start += page.findings.length
    if (page.findings.length === 0 || start >= page.total_findings) break
    if (start >= FINDINGS_MAX) return { byRule, isCut: true }
  }
  return { byRule, isCut: false }
}

async function errorOf(
  client: OpensearchClient,
  { body }: Detector,
  signal: AbortSignal,
): Promise<string | null> {
  const [monitor] = body.monitor_id
  if (monitor === undefined) return null
  const what = 'the errors of a detector'
  const reply = await client.send({
    path: '/_plugins/_alerting/monitors/alerts',
    query: { monitorId: monitor, alertState: 'ERROR' },
    what,
    // Alerts may be closed to whoever reads findings.
    accepts: [403, 404],
    signal,
  })
  if (reply.status >= 400) return null
  const { alerts } = readAs(monitorAlerts, reply.body, what)
  const wrong = alerts.find(({ state }) => state === 'ERROR')
  return wrong === undefined ? null : tidy(wrong.error_message ?? 'The detector cannot run.')
}
