// The proof: for one rule, each backend's query finds the events the matcher finds. Where a language
// cannot, LIMITS says why, and those rules take no part for it.

import { ANY, leaves, type Leaf, type Predicate } from '#languages/predicate.ts'
import type { EventRecord } from '#languages/evaluation.ts'
import { convertRule } from '#languages/sigma/convert.ts'
import { lower } from '#languages/sigma/lower.ts'
import { Matcher } from '#languages/sigma/match.ts'
import type { SigmaRule } from '#languages/sigma/rule.ts'
import { verdictOf } from './verdicts.ts'
import type { Backend } from '#languages/sigma/names.ts'

const isKeyword = ({ kind }: Leaf) => kind === 'keyword'
const asksForPresence = ({ test }: Leaf) =>
  test.kind === 'null' ||
  test.kind === 'exists' ||
  (test.kind === 'text' &&
    (test.pattern.length === 0 || (test.pattern.length === 1 && test.pattern[0] === ANY)))

/** What a language cannot say exactly, with the reason; its documentation is cited in the evaluators. */
const LIMITS: Readonly<
  Partial<Record<Backend, readonly (readonly [string, (leaf: Leaf) => boolean])[]>>
> = {
  spl: [['a text alone is looked for as whole terms, not inside words', isKeyword]],
  eql: [['there is no search over all fields', isKeyword]],
  kusto: [['a text that is missing is the empty text', asksForPresence]],
}

export interface Proof {
  readonly pairs: number
  /** Events on which the two differ. */
  readonly differing: readonly string[]
  /** Why the rule takes no part; undefined when it does. */
  readonly skipped?: string
}

/** The rule's predicates, or undefined when it has none to prove. */
export function subjectOf(rule: SigmaRule): readonly Predicate[] | undefined {
  const { predicates, problems } = lower(rule.detections)
  return problems.length > 0 ? undefined : predicates
}

export function prove(
  rule: SigmaRule,
  predicates: readonly Predicate[],
  backend: Backend,
  events: readonly EventRecord[],
): Proof {
  const none = { pairs: 0, differing: [] }
  const all = predicates.flatMap((predicate) => [...leaves(predicate)])
  const limit = LIMITS[backend]?.find(([, applies]) => all.some(applies))
  if (limit) return { ...none, skipped: limit[0] }
  const { queries, problems } = convertRule(rule, backend)
  if (queries.length === 0) return { ...none, skipped: problems[0]!.message }
  // A comparison of several values has no answer in ES|QL.
  const shown =
    backend === 'esql'
      ? events.filter((event) => !Object.values(event).some(Array.isArray))
      : events
  const matcher = new Matcher([rule])
  if (matcher.refused.length > 0) return { ...none, skipped: 'the matcher refuses it' }
  const found = verdictOf(backend, queries, predicates, shown)
  if ('refusal' in found) return { ...none, skipped: `refused: ${found.refusal}` }
  const differing = shown.flatMap((event, at) => {
    const isMatch = matcher.match(event).length > 0
    if (isMatch === found.has(at)) return []
    const who = isMatch ? 'only the matcher finds' : 'only the query finds'
    return [`${who} ${JSON.stringify(event)} by ${queries.join(' ;; ')}`]
  })
  return { pairs: shown.length, differing }
}
