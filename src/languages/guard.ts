// Whether a query may run where only reading is allowed. It fails closed: what cannot be read without
// an error, and whatever its language's lists do not name, is refused.

import { hasErrors, LineMap, type Problem } from '#kernel/problem.ts'
import type { Effect, QueryFacts } from './query.ts'

export interface Verdict {
  readonly isAllowed: boolean
  /** Why not: codes `guard/…`, and the errors that hid the rest. */
  readonly problems: readonly Problem[]
}

const HINTS: Readonly<Record<Effect['kind'], string>> = {
  writes: 'A search that only reads leaves this out; writing is the work of a rule or an owner.',
  sends: 'Results leave by an action that somebody approved, not by a search.',
  executes: 'Only code that was reviewed with the rule may run.',
  fetches: 'Bring the data in as a lookup, a watchlist or a list of your own.',
  crosses: 'Run the query on the target that holds the data.',
  unknown: 'Name what it stands for in the schema, or write it out.',
}

export function judge(
  facts: QueryFacts | null,
  problems: readonly Problem[],
  text: string,
): Verdict {
  if (facts === null || hasErrors(problems)) {
    const unreadable: Problem = {
      code: 'guard/unreadable',
      severity: 'error',
      message: 'This query has errors, so nobody can say what it would do.',
      ...new LineMap(text).span(0, 0),
    }
    const errors = problems.filter((problem) => problem.severity === 'error')
    return { isAllowed: false, problems: [unreadable, ...errors] }
  }
  const map = new LineMap(text)
  const refused = facts.effects.map(({ kind, name, why, start, end }): Problem => ({
    code: `guard/${kind}`,
    severity: 'error',
    message: `“${name}”: ${why}`,
    hint: HINTS[kind],
    ...map.span(start, end),
  }))
  return { isAllowed: refused.length === 0, problems: refused }
}
