// Runs Kusto for an offer. Only a worker may call this: Microsoft's parser is behind it.

import { evaluateKusto } from '#languages/kusto/evaluate.ts'
import { numbered, placesIn } from './evaluators.ts'
import { NOW } from './kusto.ts'
import type { Evaluate } from './prove.ts'

const NOW_MS = Date.UTC(2026, 0, 1)

export const evaluateKustoFor: Evaluate = (query, events, table) => {
  const at = new Date(NOW_MS).toISOString()
  const rows = numbered(events).map((event) =>
    Object.fromEntries(
      Object.entries(event).map(([name, value]) => [name, value === NOW ? at : value]),
    ),
  )
  const { value, problems } = evaluateKusto(query, new Map([[table ?? '', rows]]), { now: NOW_MS })
  return placesIn(value?.rows, problems)
}
