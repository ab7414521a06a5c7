// What EQL and ES|QL have in common: a field, and the literal it is compared with.

import type { EqlExpression } from '#languages/eql/tree.ts'
import type { EsqlExpression } from '#languages/esql/tree.ts'
import type { Predicate } from '#languages/predicate.ts'
import { Declined, fieldTest, textTest } from './read.ts'

type Term = EqlExpression | EsqlExpression

/** Texts are compared with their case. */
export function equality(field: string, node: Term): Predicate {
  if (node.kind === 'literal') {
    const { value } = node
    if (typeof value === 'number') return fieldTest(field, { kind: 'number', value })
    if (typeof value === 'boolean') return fieldTest(field, { kind: 'boolean', value })
  }
  return textTest(field, { text: textOf(node), isCased: true })
}

export function textOf(node: Term): string {
  if (node.kind === 'literal' && typeof node.value === 'string') return node.value
  throw new Declined('computes', 'A condition compares with what it computes.')
}

export function fieldOf(node: Term): string {
  if (node.kind === 'field') return node.name
  throw new Declined('computes', 'A condition compares what it computes.')
}
