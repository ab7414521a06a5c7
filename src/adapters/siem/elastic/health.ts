// How rules fared: Kibana tells the last run of each, and alerts are counted by rule. How often a rule ran
// over a range is told by no public door, so it is unknown.

import type { Completeness, RuleRun, SiemHealth } from '#domain/targets/port.ts'
import { instant, SECOND, type Instant } from '#kernel/time.ts'
import { readAs, tidy, type ElasticClient } from './client.ts'
import { alertCounts, type KibanaRule } from './replies.ts'
import { ENGINE, rulePages, RULES_MAX } from './rule-pages.ts'

export function openHealth(kibana: ElasticClient): SiemHealth {
  return {
    async runs(range, signal) {
      const alerts = await countAlerts(kibana, range, signal)
      const { rules, isCut } = await lastRuns(kibana, signal)
      const runs = rules.map((rule) => runOf(rule, alerts.byRule))
      const completeness: Completeness = alerts.isLate
        ? { kind: 'partial', reason: 'Elasticsearch ran out of time while it counted alerts.' }
        : isCut || alerts.isCut
          ? { kind: 'truncated', limit: `${RULES_MAX.toLocaleString('en')} rules` }
          : { kind: 'complete' }
      return { runs, completeness }
    },
  }
}

async function countAlerts(
  kibana: ElasticClient,
  { from, to }: { readonly from: Instant; readonly to: Instant },
  signal: AbortSignal,
) {
  const what = 'the alerts by rule'
  const reply = await kibana.send({
    method: 'POST',
    path: `${ENGINE}/signals/search`,
    body: {
      size: 0,
      query: {
        bool: {
          filter: [{ range: { '@timestamp': { gte: from, lt: to, format: 'epoch_millis' } } }],
        },
      },
      aggs: { rules: { terms: { field: 'kibana.alert.rule.rule_id', size: RULES_MAX } } },
    },
    what,
    signal,
  })
  const { timed_out: isLate, aggregations } = readAs(alertCounts, reply.body, what)
  const { buckets, sum_other_doc_count: others } = aggregations.rules
  const byRule = new Map(buckets.map(({ key, doc_count: count }) => [key, count]))
  return { byRule, isLate, isCut: others > 0 }
}

async function lastRuns(kibana: ElasticClient, signal: AbortSignal) {
  const rules: KibanaRule[] = []
  let isCut = false
  for await (const { data, total } of rulePages(kibana, 'the last runs of rules', signal)) {
    rules.push(...data)
    isCut = total > RULES_MAX
  }
  return { rules, isCut }
}

function runOf(
  { rule_id: ref, execution_summary: summary }: KibanaRule,
  alerts: ReadonlyMap<string, number>,
): RuleRun {
  const base = { ref, ran: null, failed: null, skipped: null, alerts: alerts.get(ref) ?? 0 }
  const last = summary?.last_execution
  if (last === undefined) {
    return { ...base, latencyMs: null, lagMs: null, lastRunAt: null, lastError: null }
  }
  const { total_search_duration_ms: searched, total_indexing_duration_ms: kept } = last.metrics
  const gap = last.metrics.execution_gap_duration_s
  const at = Date.parse(last.date)
  const isBad = last.status === 'failed' || last.status === 'partial failure'
  return {
    ...base,
    latencyMs: searched === undefined ? null : searched + (kept ?? 0),
    lagMs: gap === undefined ? null : gap * SECOND,
    lastRunAt: Number.isNaN(at) ? null : instant(at),
    lastError: isBad ? tidy(last.message ?? 'Kibana does not say why.') : null,
  }
}
