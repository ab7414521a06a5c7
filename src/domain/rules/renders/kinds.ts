// The kinds of place a rule can run at, and what a rule becomes there when nobody says otherwise: the
// backend that prints it and the pipeline that knows the log sources. `local` runs the rule itself.

import { KIND_NAMES } from '#kernel/siem.ts'
import type { Backend, BuiltinName } from '#languages/sigma/names.ts'

export const KINDS = ['local', 'splunk', 'sentinel', 'defender', 'elastic', 'opensearch'] as const
export type Kind = (typeof KINDS)[number]

export interface KindRow {
  readonly label: string
  /** Undefined where the matcher runs the rule. */
  readonly printer?: { readonly backend: Backend; readonly pipeline: BuiltinName }
  /** Prints what the usual backend cannot say: events in an order. */
  readonly sequences?: Backend
}

export const KIND_ROWS: Readonly<Record<Kind, KindRow>> = {
  local: { label: KIND_NAMES.local },
  splunk: { label: KIND_NAMES.splunk, printer: { backend: 'spl', pipeline: 'rw_splunk' } },
  sentinel: { label: KIND_NAMES.sentinel, printer: { backend: 'kusto', pipeline: 'rw_sentinel' } },
  defender: { label: KIND_NAMES.defender, printer: { backend: 'kusto', pipeline: 'rw_defender' } },
  elastic: {
    label: KIND_NAMES.elastic,
    printer: { backend: 'esql', pipeline: 'rw_elastic' },
    sequences: 'eql',
  },
  opensearch: {
    label: KIND_NAMES.opensearch,
    printer: { backend: 'lucene', pipeline: 'rw_opensearch' },
  },
}

export function isKind(text: string): text is Kind {
  return (KINDS as readonly string[]).includes(text)
}
