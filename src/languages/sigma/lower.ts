// From detections to predicates: one for each condition of a rule. The shape of the writing is kept
// (a map inside a map stays an `and` inside an `and`), because printed queries follow it; meaning
// comes from the nodes alone.

import { allOf, anyOf, not, type Predicate, type Test } from '#languages/predicate.ts'
import type { Problem } from '#kernel/problem.ts'
import { selectNames, type Condition } from './condition.ts'
import type { DetectionGroup, DetectionItem, Detections } from './rule.ts'
import { isPlaceholder, patternOf, type Value } from './value.ts'

export interface Lowered {
  /** In the order of the conditions; several are alternatives. */
  readonly predicates: readonly Predicate[]
  readonly problems: readonly Problem[]
}

/** A placeholder that nothing gives a value. */
export const UNRESOLVED = 'sigma/unresolved-placeholder'

/** Problems are placeholders nobody resolved and keywords with tests that need a field. */
export function lower(detections: Detections): Lowered {
  const problems: Problem[] = []
  const searches = new Map<string, Predicate>()
  const search = (name: string): Predicate => {
    const known = searches.get(name)
    if (known !== undefined) return known
    const lowered = lowerGroup(detections.searches.get(name)!, problems)
    searches.set(name, lowered)
    return lowered
  }
  const names = [...detections.searches.keys()]
  const predicates = detections.conditions.map(({ tree }) => lowerCondition(tree, names, search))
  return { predicates, problems }
}

type Search = (name: string) => Predicate

function lowerCondition(tree: Condition, names: readonly string[], search: Search): Predicate {
  switch (tree.kind) {
    case 'identifier':
      return search(tree.name)
    case 'selector': {
      const selected = selectNames(tree.pattern, names).map(search)
      return tree.quantity === 'all' ? allOf(selected) : anyOf(selected)
    }
    case 'not':
      return not(lowerCondition(tree.of, names, search))
    case 'and':
    case 'or': {
      const operands = tree.of.map((operand) => lowerCondition(operand, names, search))
      return { kind: tree.kind, of: operands }
    }
  }
}

/** One search identifier alone. What is wrong with it, `lower` tells. */
export function lowerSearch(group: DetectionGroup): Predicate {
  return lowerGroup(group, [])
}

function lowerGroup(group: DetectionGroup, problems: Problem[]): Predicate {
  const items = group.items.map((item) =>
    item.kind === 'group' ? lowerGroup(item, problems) : lowerItem(item, problems),
  )
  return group.link === 'and' ? allOf(items) : anyOf(items)
}

export function lowerItem(item: DetectionItem, problems: Problem[]): Predicate {
  const tests = item.values.map((value) => lowerValue(item, value, problems))
  const joined = item.link === 'and' ? allOf(tests) : anyOf(tests)
  return item.isNegated ? not(joined) : joined
}

function lowerValue(item: DetectionItem, value: Value, problems: Problem[]): Predicate {
  if (value.kind === 'expansion') {
    const of = value.values.map((inner) => lowerValue(item, inner, problems))
    return of.length === 1 ? of[0]! : { kind: 'or', of, isExpansion: true }
  }
  if (value.kind === 'absent') return not(leaf(item, { kind: 'exists' }, problems))
  if (value.kind !== 'text') return leaf(item, value, problems)
  const pattern = patternOf(value)
  if (pattern === undefined) {
    problems.push(
      unresolved(
        item,
        value.parts.filter((part) => isPlaceholder(part)),
      ),
    )
    return leaf(item, { kind: 'text', pattern: [], isCased: value.isCased }, [])
  }
  return leaf(item, { kind: 'text', pattern, isCased: value.isCased }, problems)
}

const KEYWORD_TESTS: ReadonlySet<Test['kind']> = new Set([
  'text',
  'number',
  'boolean',
  'regex',
  'verbatim',
])

function leaf(item: DetectionItem, test: Test, problems: Problem[]): Predicate {
  if (item.field !== undefined) return { kind: 'test', field: item.field, test }
  if (!KEYWORD_TESTS.has(test.kind)) {
    const names = item.modifiers.join('|')
    problems.push({
      code: 'sigma/keyword-needs-field',
      severity: 'error',
      message: `A keyword cannot be tested with "${names}": it needs a field.`,
      ...item.span,
    })
  }
  return { kind: 'keyword', test }
}

function unresolved(item: DetectionItem, parts: readonly { placeholder: string }[]): Problem {
  const names = parts.map((part) => `%${part.placeholder}%`).join(', ')
  return {
    code: UNRESOLVED,
    severity: 'error',
    message: `The placeholder ${names} has no value.`,
    hint: 'Keep its values as a reference list of that name, or in a pipeline: vars and a value_placeholders transformation.',
    ...item.span,
  }
}
