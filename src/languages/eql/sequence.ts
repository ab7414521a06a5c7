// EQL sequences as the state machine their documentation describes: each item is a state, one
// sequence at most is pending in each state of a key, and a newer one overwrites an older.
// Source: elastic.co/docs, EQL syntax reference, "How a sequence query handles matches", read 2026-11.

import {
  unsupported,
  type Budget,
  type EventRecord,
  type Fields,
  type Value,
} from '#languages/evaluation.ts'
import { compileEqlValue, type EqlCompute } from './condition.ts'
import type { EqlExpression, EqlSequence, EqlTerm } from './tree.ts'

export interface EqlDocument {
  readonly event: EventRecord
  readonly fields: Fields
  /** Unix milliseconds. */
  readonly at: number
}

export interface EqlMatchedSequence {
  readonly joinKeys: readonly Value[]
  readonly events: readonly EventRecord[]
}

interface Step {
  readonly check: (document: EqlDocument) => boolean
  readonly key: (document: EqlDocument) => readonly Value[] | undefined
}

type CompileFilter = (filter: EqlTerm['filter']) => (document: EqlDocument) => boolean

interface Pending {
  readonly documents: readonly EqlDocument[]
}

/** `documents` stand in the order of their time. Throws `Refusal`. */
export function* findSequences(
  query: EqlSequence,
  documents: Iterable<EqlDocument>,
  compile: CompileFilter,
  budget: Budget,
): Generator<EqlMatchedSequence> {
  if (query.kind === 'join') throw unsupported('“join”', query)
  const steps = query.terms.flatMap((term) => stepsOf(term, query.by, compile))
  const until = query.until === null ? undefined : stepsOf(query.until, query.by, compile)[0]
  const maxspanMs = query.maxspan?.milliseconds ?? Number.POSITIVE_INFINITY
  // By key, the sequence pending before each state; the first state has none.
  const machines = new Map<string, (Pending | undefined)[]>()
  for (const document of documents) {
    budget.step()
    const expiring = until?.check(document) ? until.key(document) : undefined
    if (expiring) machines.delete(JSON.stringify(expiring))
    // From the last state back, so that one event cannot take two steps of one sequence.
    for (let state = steps.length - 1; state >= 0; state--) {
      const step = steps[state]!
      if (!step.check(document)) continue
      const joinKeys = step.key(document)
      if (joinKeys === undefined) continue
      const key = JSON.stringify(joinKeys)
      const machine = machines.get(key)
      const before = state === 0 ? { documents: [] } : machine?.[state]
      if (before === undefined) continue
      if (machine && state > 0) machine[state] = undefined
      const [first = document] = before.documents
      if (document.at - first.at > maxspanMs) continue
      const all = [...before.documents, document]
      if (all.length === steps.length) {
        yield { joinKeys, events: all.map(({ event }) => event) }
        continue
      }
      const held = machine ?? []
      held[state + 1] = { documents: all }
      machines.set(key, held)
      budget.holdGroups(machines.size)
    }
  }
}

function stepsOf(
  term: EqlTerm,
  by: readonly EqlExpression[],
  compile: CompileFilter,
): readonly Step[] {
  if (term.isMissing) throw unsupported('An event that must not happen', term)
  const parts = [...by, ...term.by].map((node) => ({
    compute: compileEqlValue(node),
    isOptional: node.kind === 'field' && node.isOptional,
  }))
  const step: Step = { check: compile(term.filter), key: (document) => keyOf(document, parts) }
  return Array.from({ length: term.runs }, () => step)
}

/** An event without a value to join by takes no part, unless the field is optional. */
function keyOf(
  document: EqlDocument,
  parts: readonly { readonly compute: EqlCompute; readonly isOptional: boolean }[],
): readonly Value[] | undefined {
  const keys: Value[] = []
  for (const { compute, isOptional } of parts) {
    const value = compute(document.fields)
    if (value === null && !isOptional) return undefined
    if (Array.isArray(value)) throw unsupported('Joining by a field with several values')
    keys.push(value)
  }
  return keys
}
