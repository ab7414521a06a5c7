// The walk every backend shares: precedence, parentheses, negation. A dialect says how its language
// writes one test, how tightly its operators bind, and what it can write as one list.

import type { Problem } from '#kernel/problem.ts'
import type { Disjunction, FieldTest, Leaf, Predicate } from '#languages/predicate.ts'

/** What a test cannot be said as, in words that end "... cannot say this: ". */
export class Unsayable extends Error {
  override readonly name = 'Unsayable'
}

export interface Dialect {
  readonly name: string
  readonly and: string
  readonly or: string
  /** From tightest to loosest. */
  readonly precedence: readonly Operator[]
  /** Every operand that is itself an operation gets parentheses, needed or not. */
  readonly isExplicit: boolean
  /** Throws `Unsayable`. */
  leaf(leaf: Leaf): string
  /** `inner` is already in parentheses when it is an operation. */
  not(inner: string, of: Predicate): string
  /** A negated test that has a form of its own. */
  negatedLeaf?(leaf: Leaf): string | undefined
  /** An `or` of tests of one field as one test; undefined when it has to be spelled out. */
  list?(tests: readonly FieldTest[], isExpansion: boolean): string | undefined
  constant(value: boolean): string
}

type Operator = 'and' | 'or' | 'not'

export function print(predicate: Predicate, dialect: Dialect): string {
  switch (predicate.kind) {
    case 'constant':
      return dialect.constant(predicate.value)
    case 'test':
    case 'keyword':
      return dialect.leaf(predicate)
    case 'not':
      return printNot(predicate.of, dialect)
    case 'or':
      return printList(predicate, dialect) ?? join(predicate, dialect)
    case 'and':
      return join(predicate, dialect)
  }
}

function join(node: Predicate & { kind: 'and' | 'or' }, dialect: Dialect): string {
  const parts = node.of.map((operand) => printOperand(operand, node.kind, dialect))
  return parts.filter((part) => part !== '').join(node.kind === 'and' ? dialect.and : dialect.or)
}

function printOperand(operand: Predicate, outer: Operator, dialect: Dialect): string {
  const text = print(operand, dialect)
  return needsParentheses(operand, outer, dialect) && text !== '' ? `(${text})` : text
}

function needsParentheses(operand: Predicate, outer: Operator, dialect: Dialect): boolean {
  if (operand.kind === 'not' && ownNegation(operand.of, dialect) !== undefined) return false
  if (operand.kind !== 'and' && operand.kind !== 'or' && operand.kind !== 'not') return false
  if (operand.kind === 'or' && operand.isExpansion) {
    if (printList(operand, dialect) !== undefined) return false
    return outer === 'not' || (outer === 'and' && bindsLooser('or', 'and', dialect))
  }
  return dialect.isExplicit || bindsLooser(operand.kind, outer, dialect)
}

function bindsLooser(inner: Operator, outer: Operator, dialect: Dialect): boolean {
  return dialect.precedence.indexOf(inner) > dialect.precedence.indexOf(outer)
}

function printNot(of: Predicate, dialect: Dialect): string {
  const own = ownNegation(of, dialect)
  if (own !== undefined) return own
  const isOperation = of.kind === 'and' || of.kind === 'or' || of.kind === 'not'
  const isList = of.kind === 'or' && of.isExpansion && printList(of, dialect) !== undefined
  const inner = print(of, dialect)
  return dialect.not(isOperation && !isList ? `(${inner})` : inner, of)
}

function ownNegation(of: Predicate, dialect: Dialect): string | undefined {
  if (of.kind !== 'test' && of.kind !== 'keyword') return undefined
  return dialect.negatedLeaf?.(of)
}

function printList(node: Disjunction, dialect: Dialect): string | undefined {
  const tests = node.of.filter((operand): operand is FieldTest => operand.kind === 'test')
  const [first] = tests
  if (tests.length < 2 || tests.length < node.of.length) return undefined
  if (tests.some((operand) => operand.field !== first!.field)) return undefined
  return dialect.list?.(tests, node.isExpansion === true)
}

/** One query's text, or why the language cannot say it. */
export interface Printed {
  readonly query?: string
  readonly problems: readonly Problem[]
}

export function attempt(dialect: string, write: () => string): Printed {
  try {
    return { query: write(), problems: [] }
  } catch (error) {
    if (!(error instanceof Unsayable)) throw error
    const message = `${dialect} cannot say this: ${error.message}.`
    return { problems: [{ code: 'sigma/cannot-convert', severity: 'error', message }] }
  }
}
