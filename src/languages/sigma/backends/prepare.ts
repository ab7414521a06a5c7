// What a predicate becomes before a language prints it, where the language has no way to say a test
// exactly but has another test that does.

import { anyOf, type FieldTest, type Predicate, type TextPattern } from '#languages/predicate.ts'
import { toRegex } from './text.ts'

/**
 * Texts the language cannot match exactly, as expressions; those of one field under one `or` become one
 * expression, so that a list stays one test.
 */
export function withExpressions(
  predicate: Predicate,
  isInexact: (pattern: TextPattern) => boolean,
): Predicate {
  const isOne = (node: Predicate): node is FieldTest =>
    node.kind === 'test' &&
    node.test.kind === 'text' &&
    !node.test.isCased &&
    isInexact(node.test.pattern)
  const change = (node: Predicate): Predicate => {
    switch (node.kind) {
      case 'and':
        return { kind: 'and', of: node.of.map(change) }
      case 'or': {
        const inexact = node.of.filter(isOne)
        if (inexact.length === 0) return { ...node, of: node.of.map(change) }
        const rest = node.of.filter((operand) => !isOne(operand)).map(change)
        return anyOf([...rest, ...byField(inexact).map(expressionOf)])
      }
      case 'not':
        return { kind: 'not', of: change(node.of) }
      default:
        return isOne(node) ? expressionOf([node]) : node
    }
  }
  return change(predicate)
}

function byField(tests: readonly FieldTest[]): readonly (readonly FieldTest[])[] {
  return [...Map.groupBy(tests, ({ field }) => field).values()]
}

function expressionOf(tests: readonly FieldTest[]): FieldTest {
  const bodies = tests.map(({ test }) => (test.kind === 'text' ? toRegex(test.pattern) : ''))
  return {
    kind: 'test',
    field: tests[0]!.field,
    test: { kind: 'regex', pattern: bodies.join('|'), flags: ['i', 's'] },
  }
}

/** Under a negation an order of size asks first whether the field is there at all. */
export function withGuards(predicate: Predicate, isNegated = false): Predicate {
  switch (predicate.kind) {
    case 'and':
    case 'or':
      return { ...predicate, of: predicate.of.map((operand) => withGuards(operand, isNegated)) }
    case 'not':
      return { kind: 'not', of: withGuards(predicate.of, true) }
    case 'test': {
      if (!isNegated || predicate.test.kind !== 'compare') return predicate
      const exists: FieldTest = { ...predicate, test: { kind: 'exists' } }
      return { kind: 'and', of: [exists, predicate] }
    }
    default:
      return predicate
  }
}

/**
 * A field that is compared with texts holds text: numbers beside them are compared as text too, where a
 * column has one type.
 */
export function withOneType(predicate: Predicate): Predicate {
  const texts = new Set<string>()
  const look = (node: Predicate): void => {
    if (node.kind === 'and' || node.kind === 'or') node.of.forEach(look)
    else if (node.kind === 'not') look(node.of)
    else if (node.kind === 'test' && /^(?:text|regex|fieldref)$/.test(node.test.kind))
      texts.add(node.field)
  }
  look(predicate)
  const change = (node: Predicate): Predicate => {
    if (node.kind === 'and' || node.kind === 'or') return { ...node, of: node.of.map(change) }
    if (node.kind === 'not') return { kind: 'not', of: change(node.of) }
    if (node.kind !== 'test' || node.test.kind !== 'number' || !texts.has(node.field)) return node
    return { ...node, test: { kind: 'text', pattern: [String(node.test.value)], isCased: false } }
  }
  return texts.size === 0 ? predicate : change(predicate)
}
