// How custom detections fare: each tells of its last run, and advanced hunting counts the alerts of each
// title. How often a rule ran is not told, so it is unknown.

import type { Completeness, RuleRun, SiemHealth } from '#domain/targets/port.ts'
import { AppError } from '#kernel/error.ts'
import type { Instant } from '#kernel/time.ts'
import type { GraphClient } from './client.ts'
import { hunt } from './hunting.ts'
import type { DetectionRuleReply } from './replies.ts'
import { normaliseBody } from './rule-body.ts'
import { instantOf, pagesOf, runErrorOf } from './rules.ts'
import type { Json } from '#kernel/json.ts'

interface Range {
  readonly from: Instant
  readonly to: Instant
}

export function openHealth(client: GraphClient): SiemHealth {
  return {
    async runs(range, signal) {
      const { rules, completeness } = await pagesOf(client, signal)
      const counted = await countAlerts(client, range, signal)
      const titles = new Map(rules.map((rule) => [rule.id, titleOf(rule)]))
      const twins = Map.groupBy(titles.values(), (title) => title)
      const alertsOf = ({ id }: DetectionRuleReply): number | null => {
        const title = titles.get(id)
        // Alerts name a title and no rule: what two rules share, or what is filled in by a row, tells nothing.
        if (
          counted.alerts === null ||
          title === null ||
          title === undefined ||
          twins.get(title)!.length > 1
        )
          return null
        return /\{\{.*\}\}/s.test(title) ? null : (counted.alerts.get(title) ?? 0)
      }
      return {
        runs: rules.map((rule) => runOf(rule, alertsOf(rule))),
        completeness: completeness.kind === 'complete' ? counted.completeness : completeness,
      }
    },
  }
}

function runOf(rule: DetectionRuleReply, alerts: number | null): RuleRun {
  const { lastRunDateTime, status, errorCode, failureReason } = rule.lastRunDetails ?? {}
  const isWrong = status === 'failed' || status === 'partiallyFailed'
  const reason = failureReason === null || failureReason === undefined ? '' : ` ${failureReason}`
  return {
    ref: rule.id,
    ran: null,
    failed: null,
    skipped: null,
    alerts,
    latencyMs: null,
    lagMs: null,
    lastRunAt: instantOf(lastRunDateTime),
    lastError: isWrong ? `${capital(runErrorOf(errorCode))}${reason}` : null,
  }
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

function titleOf(rule: DetectionRuleReply): string | null {
  const flat = normaliseBody(rule as unknown as { readonly [key: string]: Json })
  const title = flat['detectionAction/alertTemplate/title']
  return typeof title === 'string' ? title : null
}

// Each alert stands once for each change of it.
const QUERY = `AlertInfo
| where DetectionSource in~ ("Custom detection", "CustomDetection")
| summarize Alerts = dcount(AlertId) by Title`

async function countAlerts(
  client: GraphClient,
  range: Range,
  signal: AbortSignal,
): Promise<{
  readonly alerts: ReadonlyMap<Json | undefined, number> | null
  readonly completeness: Completeness
}> {
  try {
    const call = { text: QUERY, ...range, what: 'the count of alerts' }
    const { rows } = await hunt(client, call, signal)
    const alerts = new Map(rows.map(([title, count]) => [title, Number(count)]))
    return { alerts, completeness: { kind: 'complete' } }
  } catch (error) {
    const isOurs = error instanceof AppError && error.code !== 'cancelled'
    if (!isOurs) throw error
    const reason = `Alerts could not be counted. ${error.message}`
    return { alerts: null, completeness: { kind: 'partial', reason } }
  }
}
