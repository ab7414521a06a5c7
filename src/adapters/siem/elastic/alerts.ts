// Alerts of the detection engine one by one, with what people made of them in Kibana. A reason for closing
// is given since 9.2; before that, and for reasons that judge nothing, an alert stays undecided.
// Source: Elastic Security, fields of alerts, and the schema of signals/search, read 2026-11.

import type { Disposition, SiemAlert, SiemAlerts } from '#domain/targets/port.ts'
import type { Json } from '#kernel/json.ts'
import { parseInstant, type Instant } from '#kernel/time.ts'
import { readAs, type ElasticClient } from './client.ts'
import { alertPage, type AlertPage } from './replies.ts'
import { ENGINE } from './rule-pages.ts'

const MADE = '@timestamp'
const DECIDED = 'kibana.alert.workflow_status_updated_at'
const FIELDS = [
  MADE,
  'kibana.alert.uuid',
  'kibana.alert.rule.rule_id',
  'kibana.alert.workflow_status',
  'kibana.alert.workflow_reason',
]

interface Range {
  readonly from: Instant
  readonly to: Instant
  readonly limit: number
}

export function openAlerts(kibana: ElasticClient): SiemAlerts {
  return {
    // Asked apart, so that many new ones never push out what was decided about an old one.
    async list(range, signal) {
      const decided = await ask(kibana, DECIDED, range, signal)
      const made = await ask(kibana, MADE, range, signal)
      const found = new Map<string, SiemAlert>()
      for (const hit of [...decided.hits.hits, ...made.hits.hits]) {
        const alert = alertOf(hit)
        if (alert !== undefined) found.set(alert.remoteId, alert)
      }
      const isLate = decided.timed_out || made.timed_out
      const isCut = [decided, made].some(({ hits }) => hits.total.value > range.limit)
      return {
        alerts: [...found.values()].toSorted((a, b) => b.at - a.at),
        completeness: isLate
          ? { kind: 'partial', reason: 'Elasticsearch ran out of time while it listed alerts.' }
          : isCut
            ? { kind: 'truncated', limit: `${range.limit.toLocaleString('en')} alerts` }
            : { kind: 'complete' },
      }
    },
  }
}

async function ask(
  kibana: ElasticClient,
  field: string,
  { from, to, limit }: Range,
  signal: AbortSignal,
): Promise<AlertPage> {
  const what = 'alerts with what was decided about them'
  const range = { [field]: { gte: from, lt: to, format: 'epoch_millis' } }
  const reply = await kibana.send({
    method: 'POST',
    path: `${ENGINE}/signals/search`,
    body: {
      size: limit,
      track_total_hits: true,
      _source: FIELDS,
      sort: [{ [field]: 'desc' }],
      query: { bool: { filter: [{ range }] } },
    },
    what,
    signal,
  })
  return readAs(alertPage, reply.body, what)
}

/** Undefined for an alert that names no rule: others write into this index, too. */
function alertOf({ _id: id, _source: source }: AlertPage['hits']['hits'][number]) {
  const ref = textAt(source, 'kibana.alert.rule.rule_id')
  const at = parseInstant(textAt(source, MADE) ?? '')
  if (ref === undefined || at === undefined) return undefined
  const isClosed = textAt(source, 'kibana.alert.workflow_status') === 'closed'
  const reason = textAt(source, 'kibana.alert.workflow_reason') ?? ''
  return {
    remoteId: textAt(source, 'kibana.alert.uuid') ?? id,
    ref,
    at,
    disposition: isClosed ? (DISPOSITION_OF.get(reason) ?? null) : null,
  }
}

const DISPOSITION_OF: ReadonlyMap<string, Disposition> = new Map([
  ['true_positive', 'true_positive'],
  ['benign_positive', 'benign_true_positive'],
  ['false_positive', 'false_positive'],
])

/** A field stands under its dotted name or in objects, as whoever wrote the document had it. */
function textAt(source: Readonly<Record<string, Json>>, name: string): string | undefined {
  const flat = source[name]
  if (typeof flat === 'string') return flat
  let at: Json | undefined = source
  for (const part of name.split('.')) {
    if (typeof at !== 'object' || at === null || Array.isArray(at)) return undefined
    at = (at as Readonly<Record<string, Json>>)[part]
  }
  return typeof at === 'string' ? at : undefined
}
