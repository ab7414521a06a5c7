// Does one predicate follow from another? Answered for the shapes rules and filters are made of. Where
// it is not plain to see the answer is no, so a yes is a proof and a no is none.

import { implies } from './lint/meet.ts'
import type { FieldTest, KeywordTest, Predicate } from '#languages/predicate.ts'

/** True only when every event that satisfies `premise` satisfies `conclusion`. */
export function follows(premise: Predicate, conclusion: Predicate): boolean {
  const from = plain(premise)
  const to = plain(conclusion)
  if (from.kind === 'constant' || to.kind === 'constant') {
    return (from.kind === 'constant' && !from.value) || (to.kind === 'constant' && to.value)
  }
  if (from.kind === 'or') return from.of.every((one) => follows(one, to))
  if (to.kind === 'and') return to.of.every((one) => follows(from, one))
  if (to.kind === 'or' && to.of.some((one) => follows(from, one))) return true
  if (from.kind === 'and') return from.of.some((one) => follows(one, to))
  if (from.kind === 'not' && to.kind === 'not') return follows(to.of, from.of)
  return isLeaf(from) && isLeaf(to) && leafFollows(from, to)
}

/** With negations pushed to the leaves, so that both sides are compared in one shape. */
function plain(predicate: Predicate, isNegated = false): Predicate {
  switch (predicate.kind) {
    case 'not':
      return plain(predicate.of, !isNegated)
    case 'and':
    case 'or': {
      const of = predicate.of.map((one) => plain(one, isNegated))
      const isAnd = (predicate.kind === 'and') !== isNegated
      return isAnd ? { kind: 'and', of } : { kind: 'or', of }
    }
    case 'constant':
      return isNegated ? { kind: 'constant', value: !predicate.value } : predicate
    default:
      return isNegated ? { kind: 'not', of: predicate } : predicate
  }
}

function isLeaf(predicate: Predicate): predicate is FieldTest | KeywordTest {
  return predicate.kind === 'test' || predicate.kind === 'keyword'
}

function leafFollows(from: FieldTest | KeywordTest, to: FieldTest | KeywordTest): boolean {
  if (from.kind !== to.kind) return false
  // Events may spell a field otherwise; two fields that differ in case are the same to the matcher.
  if (from.kind === 'test' && to.kind === 'test') {
    if (from.field.toLowerCase() !== to.field.toLowerCase()) return false
    return JSON.stringify(from.test) === JSON.stringify(to.test) || implies(from.test, to.test)
  }
  return JSON.stringify(from.test) === JSON.stringify(to.test)
}
