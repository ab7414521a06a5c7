// The write that brings an object back to how a target gave it: only what a later write named is named
// again, so that nothing else of it is touched. Pure.

import type { Json } from '#kernel/json.ts'
import type { SiemKind } from '#kernel/siem.ts'
import { fieldsOf } from '#languages/rule-formats/observed/fields.ts'
import type { Body } from './rule.ts'

interface Seen {
  /** As the target gave it. */
  readonly raw: Json
  /** The same in the one spelling of its adapter. */
  readonly normalised: Body
}

/**
 * `written`: what was written over it; null where it was removed, so that all of it is made again. What
 * had no value before is named as empty.
 */
export function restoringBody(kind: SiemKind, before: Seen, written: Body | null): Body {
  const raw = fieldsOf(before.raw) as Body
  switch (kind) {
    case 'local':
      return raw
    case 'splunk':
      return pick(fieldsOf(raw['content']) as Body, written, SPLUNK_OWNED, '')
    case 'sentinel': {
      const properties = fieldsOf(raw['properties']) as Body
      const named = written && (fieldsOf(written['properties']) as Body)
      return {
        kind: raw['kind'] ?? null,
        properties: pick(properties, named, /^lastModifiedUtc$/, null),
      }
    }
    case 'elastic':
      return pick(raw, written, KIBANA_OWNED, null)
    case 'defender':
      return pick(raw, written, GRAPH_OWNED, null)
    case 'opensearch':
      return opensearchBody(before.normalised)
  }
}

/** Splunk gives these and takes none of them. */
const SPLUNK_OWNED =
  /^(?:eai:.*|next_scheduled_time|qualifiedSearch|triggered_alert_count|name|orphan|embed\..*|action\.email\.auth_password)$/
const KIBANA_OWNED =
  /^(?:id|rule_id|revision|immutable|rule_source|created_(?:at|by)|updated_(?:at|by)|execution_summary|output_index|outcome|alias_.*)$/
const GRAPH_OWNED =
  /^(?:@odata\..*|id|detectorId|createdBy|createdDateTime|lastModifiedBy|lastModifiedDateTime|lastRunDetails)$/

function pick(from: Body, named: Body | null, owned: RegExp, empty: Json): Body {
  const keys = Object.keys(named ?? from).filter((key) => !owned.test(key))
  return Object.fromEntries(keys.map((key) => [key, from[key] ?? empty]))
}

function opensearchBody(normalised: Body): Body {
  const detector: Record<string, Json> = {}
  for (const [key, value] of Object.entries(normalised)) {
    if (key.startsWith('detector.')) detector[key.slice('detector.'.length)] = value
  }
  const { rule = '', category = '' } = normalised
  const hasDetector = Object.keys(detector).length > 0
  return { rule, category, ...(hasDetector && { detector }) }
}
