// The kinds of place a rule can run at, and what a rule becomes there when nobody says otherwise: the
// backend that prints it and the pipeline that knows the log sources. `local` runs the rule itself.

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
  local: { label: 'Local' },
  splunk: { label: 'Splunk', printer: { backend: 'spl', pipeline: 'rw_splunk' } },
  sentinel: { label: 'Sentinel', printer: { backend: 'kusto', pipeline: 'rw_sentinel' } },
  defender: { label: 'Defender', printer: { backend: 'kusto', pipeline: 'rw_defender' } },
  elastic: {
    label: 'Elastic',
    printer: { backend: 'esql', pipeline: 'rw_elastic' },
    sequences: 'eql',
  },
  opensearch: { label: 'OpenSearch', printer: { backend: 'lucene', pipeline: 'rw_opensearch' } },
}

export function isKind(text: string): text is Kind {
  return (KINDS as readonly string[]).includes(text)
}
