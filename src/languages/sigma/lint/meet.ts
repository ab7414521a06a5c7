// Two tests of one value: can both hold, and does one follow from the other? Answered for the shapes
// rules are made of; where it is not plain to see, both may hold and neither follows.

import { ANY, type Test, type TextPattern } from '#languages/predicate.ts'
import { compilePattern, foldPattern } from '#languages/sigma/test.ts'

/** False only when no single value satisfies both. */
export function canMeet(a: Test, b: Test): boolean {
  if (a.kind === 'null' || b.kind === 'null') return a.kind === b.kind
  if (a.kind === 'compare' && b.kind === 'compare') {
    const [low, high] = a.op.startsWith('g') ? [a, b] : [b, a]
    if (!low.op.startsWith('g') || !high.op.startsWith('l')) return true
    const isClosed = low.op === 'gte' && high.op === 'lte'
    return isClosed ? low.value <= high.value : low.value < high.value
  }
  const [one, other] = [foldedOf(a), foldedOf(b)]
  if (one === undefined || other === undefined) return true
  const [plain, otherPlain] = [literalOf(one), literalOf(other)]
  if (plain !== undefined) return compilePattern(other)(plain)
  if (otherPlain !== undefined) return compilePattern(one)(otherPlain)
  return endsMeet(one, other) && startsMeet(one, other)
}

/** True only when every value that satisfies `a` satisfies `b`. */
export function implies(a: Test, b: Test): boolean {
  if (b.kind === 'exists') return a.kind !== 'null'
  const [one, other] = [foldedOf(a), foldedOf(b)]
  if (one === undefined || other === undefined) return false
  const plain = literalOf(one)
  if (plain !== undefined) return compilePattern(other)(plain)
  const [first, second, third] = other
  if (first === ANY && third === ANY && other.length === 3 && typeof second === 'string') {
    return one.some((part) => typeof part === 'string' && part.includes(second))
  }
  if (other.length !== 2) return false
  if (first === ANY && typeof second === 'string') return (tailOf(one) ?? '').endsWith(second)
  return second === ANY && typeof first === 'string' && (headOf(one) ?? '').startsWith(first)
}

/** Without case, as texts are compared; a test that regards case is not judged. */
function foldedOf(test: Test): TextPattern | undefined {
  if (test.kind === 'number' || test.kind === 'boolean') return [String(test.value)]
  return test.kind === 'text' && !test.isCased ? foldPattern(test.pattern) : undefined
}

function literalOf(pattern: TextPattern): string | undefined {
  const [only] = pattern
  if (pattern.length === 0) return ''
  return pattern.length === 1 && typeof only === 'string' ? only : undefined
}

function endsMeet(a: TextPattern, b: TextPattern): boolean {
  const [one, other] = [tailOf(a), tailOf(b)]
  return one === undefined || other === undefined || one.endsWith(other) || other.endsWith(one)
}

function startsMeet(a: TextPattern, b: TextPattern): boolean {
  const [one, other] = [headOf(a), headOf(b)]
  return one === undefined || other === undefined || one.startsWith(other) || other.startsWith(one)
}

function headOf(pattern: TextPattern): string | undefined {
  const [part] = pattern
  return typeof part === 'string' ? part : undefined
}

function tailOf(pattern: TextPattern): string | undefined {
  const part = pattern.at(-1)
  return typeof part === 'string' ? part : undefined
}
