// The one query that a rule is at a place, and what every place asks of it.

import type { Draft } from './draft.ts'
import type { RuleToWrite } from './rule.ts'

/** Empty when there is none; then the draft was refused. */
export function queryOf(draft: Draft, { queries }: RuleToWrite): string {
  if (queries.length > 1) {
    draft.refuse(
      'several-queries',
      `takes one query a rule; this one has ${queries.length} conditions`,
      'Join the conditions with "or", or write a rule for each.',
    )
  }
  const [query = ''] = queries
  if (query.trim() === '') draft.refuse('no-query', 'takes no rule without a query')
  return query
}

/** As the vendors count: rows more than this. */
export function rowsAbove(threshold: number): number {
  return Math.max(threshold, 1) - 1
}

/** Detections a vendor has no word for are refused by name. */
export function refuseOutput(
  draft: Draft,
  { output }: RuleToWrite,
  known: readonly string[],
): void {
  if (known.includes(output.kind)) return
  const name = output.kind.replaceAll('_', ' ')
  draft.refuse('output', `has no output of the kind ${name}`, 'Write an overlay, or another kind.')
}
