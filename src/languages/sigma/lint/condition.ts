// Checks of conditions: parts that cannot matter, and quantities that mean something else than meant.
// Searches count as independent of each other here; what they look for is judged in searches.ts.

import {
  parseCondition,
  references,
  selectNames,
  type Chain,
  type Condition,
} from '#languages/sigma/condition.ts'
import type { DetectionGroup, Detections, ParsedCondition } from '#languages/sigma/rule.ts'
import type { Value } from '#languages/sigma/value.ts'
import { lowerSearch } from '#languages/sigma/lower.ts'
import { ofDetections, type Check, type CheckRow, type Report } from './check.ts'
import { truthOf, type Truth } from './truth.ts'

export const CONDITION_CHECKS: readonly Check[] = [
  ofDetections(
    {
      code: 'sigma/unused-search',
      severity: 'warning',
      why: 'A search the condition never names is dead text.',
      bad: 'detection: {a: {Image: x}, b: {User: y}, condition: a}',
      good: 'detection: {a: {Image: x}, b: {User: y}, condition: a and b}',
    },
    ({ searches, conditions }, report) => {
      const names = [...searches.keys()]
      const used = new Set(conditions.flatMap(({ tree }) => usedNames(tree, names)))
      for (const [name, group] of searches) {
        if (!used.has(name)) report(group, `The condition never uses "${name}".`)
      }
    },
  ),
  ofConditions(
    {
      code: 'sigma/contradiction',
      severity: 'error',
      why: 'The condition can never hold, whatever the event.',
      bad: 'detection: {a: {Image: x}, condition: a and not a}',
      good: 'detection: {a: {Image: x}, b: {User: y}, condition: a and not b}',
    },
    (condition, detections, report) => {
      if (truthIn(condition, detections)?.isNever) {
        report(condition.node, 'No event can satisfy this condition.')
      }
    },
  ),
  ofConditions(
    {
      code: 'sigma/tautology',
      severity: 'error',
      why: 'The condition holds for every event of the log source.',
      bad: 'detection: {a: {Image: x}, condition: a or not a}',
      good: 'detection: {a: {Image: x}, b: {User: y}, condition: a or not b}',
    },
    (condition, detections, report) => {
      if (truthIn(condition, detections)?.isAlways) {
        report(condition.node, 'Every event satisfies this condition.')
      }
    },
  ),
  ofConditions(
    {
      code: 'sigma/idle-search',
      severity: 'warning',
      why: 'The condition names the search, but its answer changes nothing.',
      bad: 'detection: {a: {Image: x}, b: {User: y}, condition: a or (a and b)}',
      good: 'detection: {a: {Image: x}, b: {User: y}, condition: a and b}',
    },
    (condition, detections, report) => {
      const truth = truthIn(condition, detections)
      if (truth === undefined || truth.isAlways || truth.isNever) return
      for (const name of truth.idle) {
        report(condition.node, `Whether "${name}" holds never changes the answer.`)
      }
    },
  ),
  ofConditions(
    {
      code: 'sigma/only-negations',
      severity: 'warning',
      why: 'It matches almost every event of the log source.',
      bad: 'detection: {a: {Image: x}, condition: not a}',
      good: 'detection: {a: {Image: x}, b: {User: y}, condition: b and not a}',
    },
    ({ tree, node }, _, report) => {
      if (!hasPositive(tree)) report(node, 'The condition holds for everything it does not name.')
    },
  ),
  ofConditions(
    {
      code: 'sigma/needless-quantity',
      severity: 'info',
      why: 'A quantity over one search hides which one it is.',
      bad: 'detection: {a: {Image: x}, condition: 1 of them}',
      good: 'detection: {a: {Image: x}, condition: a}',
    },
    ({ tree, node }, { searches }, report) => {
      for (const reference of references(tree)) {
        if (reference.kind !== 'selector' || reference.pattern !== 'them') continue
        const selected = selectNames(reference.pattern, searches.keys())
        if (selected.length === 1) {
          report(node, `"them" is only "${selected[0]}".`, 'Name it.')
        }
      }
    },
  ),
  ofConditions(
    {
      code: 'sigma/not-all-of-filters',
      severity: 'warning',
      why: 'It exempts only events that every filter matches; "not 1 of" exempts those of any.',
      bad: 'detection: {a: {Image: x}, filter_a: {User: y}, filter_b: {User: z}, condition: a and not all of filter_*}',
      good: 'detection: {a: {Image: x}, filter_a: {User: y}, filter_b: {User: z}, condition: a and not 1 of filter_*}',
    },
    ({ tree, node }, { searches }, report) => {
      for (const { of } of negations(tree)) {
        if (of.kind !== 'selector' || of.quantity !== 'all') continue
        if (!of.pattern.startsWith('filter')) continue
        if (selectNames(of.pattern, searches.keys()).length > 1) {
          report(node, 'An event is exempt only when all filters match.', 'Write "not 1 of".')
        }
      }
    },
  ),
  ofConditions(
    {
      code: 'sigma/them-takes-filters',
      severity: 'warning',
      why: '"them" is every search, also those meant to exempt events.',
      bad: 'detection: {a: {Image: x}, filter_b: {User: y}, condition: 1 of them}',
      good: 'detection: {a: {Image: x}, filter_b: {User: y}, condition: a and not filter_b}',
    },
    ({ tree, node }, { searches }, report) => {
      const filter = [...searches.keys()].find((name) => /^filter(?:_|$)/.test(name))
      if (filter === undefined || !pathsToThem(tree)) return
      report(node, `"them" includes "${filter}".`, 'Name what must match.')
    },
  ),
  ofConditions(
    {
      code: 'sigma/filter-not-negated',
      severity: 'info',
      why: 'A search named filter that must match makes readers think the opposite.',
      bad: 'detection: {a: {Image: x}, filter: {User: y}, condition: a and filter}',
      good: 'detection: {a: {Image: x}, filter: {User: y}, condition: a and not filter}',
    },
    ({ tree, node }, { searches }, report) => {
      for (const name of positives(tree, [...searches.keys()], true)) {
        if (/^filter(?:_|$)/.test(name)) report(node, `"${name}" must match here.`)
      }
    },
  ),
  ofConditions(
    {
      code: 'sigma/repeated-operand',
      severity: 'warning',
      why: 'Another search was meant, or the second one is dead text.',
      bad: 'detection: {a: {Image: x}, b: {User: y}, condition: a and b and a}',
      good: 'detection: {a: {Image: x}, b: {User: y}, condition: a and b}',
    },
    ({ tree, node }, _, report) => {
      for (const { of } of chains(tree)) {
        const names = of.flatMap((one) => (one.kind === 'identifier' ? [one.name] : []))
        const twice = names.find((name, at) => names.indexOf(name) !== at)
        if (twice !== undefined) report(node, `"${twice}" stands here twice.`)
      }
    },
  ),
  ofConditions(
    {
      code: 'sigma/double-negation',
      severity: 'info',
      why: 'Two "not" are none, and cost every reader a moment.',
      bad: 'detection: {a: {Image: x}, b: {User: y}, condition: b and not not a}',
      good: 'detection: {a: {Image: x}, b: {User: y}, condition: b and a}',
    },
    ({ tree, node }, _, report) => {
      for (const { of } of negations(tree)) {
        if (of.kind === 'not') report(node, 'Two "not" stand one after the other.')
      }
    },
  ),
  ofConditions(
    {
      code: 'sigma/mixed-operators',
      severity: 'info',
      why: '"and" binds tighter than "or"; parentheses show that it was meant.',
      bad: 'detection: {a: {Image: x}, b: {User: y}, c: {User: z}, condition: a and b or c}',
      good: 'detection: {a: {Image: x}, b: {User: y}, c: {User: z}, condition: (a and b) or c}',
    },
    ({ tree, node, text }, _, report) => {
      for (const chain of chains(tree)) {
        if (chain.kind !== 'or') continue
        const bare = chain.of.some((one) => one.kind === 'and' && text[one.start] !== '(')
        if (bare) report(node, '"and" and "or" stand side by side.', 'Add parentheses.')
      }
    },
  ),
  ofConditions(
    {
      code: 'sigma/operator-case',
      severity: 'info',
      why: 'The specification writes and, or, not, of in lower case; some tools insist on it.',
      bad: 'detection: {a: {Image: x}, b: {User: y}, condition: a AND b}',
      good: 'detection: {a: {Image: x}, b: {User: y}, condition: a and b}',
    },
    ({ text, node }, _, report) => {
      const shouted = /(?<![\w*-])(?:AND|OR|NOT|OF|THEM|And|Or|Not)(?![\w*-])/.exec(text)
      if (shouted) report(node, `"${shouted[0]}" is written in capitals.`)
    },
  ),
  ofDetections(
    {
      code: 'sigma/repeated-condition',
      severity: 'warning',
      why: 'The second one matches what the first did, and alerts twice.',
      bad: 'detection: {a: {Image: x}, condition: [a, a]}',
      good: 'detection: {a: {Image: x}, b: {User: y}, condition: [a, b]}',
    },
    ({ conditions }, report) => {
      for (const [at, { text, node }] of conditions.entries()) {
        if (conditions.findIndex((other) => other.text === text) < at) {
          report(node, 'This condition is listed twice.')
        }
      }
    },
  ),
  ofDetections(
    {
      code: 'sigma/identical-searches',
      severity: 'warning',
      why: 'A copy that was to be changed, most often.',
      bad: 'detection: {a: {Image: x}, b: {Image: X}, condition: 1 of *}',
      good: 'detection: {a: {Image: x}, b: {Image: y}, condition: 1 of *}',
    },
    ({ searches }, report) => {
      const alike = Map.groupBy(searches.values(), testsIn)
      const seen = new Map<string, string>()
      for (const [name, group] of searches) {
        if (alike.get(testsIn(group))!.length < 2) continue // lowering costs more than counting
        const logic = JSON.stringify(lowerSearch(group)).toLowerCase()
        const twin = seen.get(logic)
        if (twin === undefined) seen.set(logic, name)
        else report(group, `"${name}" asks for exactly what "${twin}" asks for.`)
      }
    },
  ),
  ofDetections(
    {
      code: 'sigma/search-name',
      severity: 'warning',
      why: 'No condition can name it: the name is a word of the condition language, or not a word.',
      bad: 'detection: {a: {Image: x}, not: {User: y}, condition: a}',
      good: 'detection: {a: {Image: x}, b: {User: y}, condition: a and b}',
    },
    ({ searches }, report) => {
      for (const [name, group] of searches) {
        const tree = parseCondition(name, () => {})
        if (tree?.kind !== 'identifier' || name === 'them') {
          report(group, `"${name}" cannot be named by a condition.`, 'Use letters, digits and _.')
        }
      }
    },
  ),
]

/** How many tests it is lowered to: the same for two searches that ask for the same. */
function testsIn(group: DetectionGroup): number {
  return group.items.reduce((sum, one) => {
    return sum + (one.kind === 'group' ? testsIn(one) : valuesIn(one.values))
  }, 0)
}

function valuesIn(values: readonly Value[]): number {
  return values.reduce(
    (sum, value) => sum + (value.kind === 'expansion' ? valuesIn(value.values) : 1),
    0,
  )
}

type Judge = (condition: ParsedCondition, detections: Detections, report: Report) => void

function ofConditions(row: CheckRow, judge: Judge): Check {
  return ofDetections(row, (detections, report) => {
    for (const condition of detections.conditions) judge(condition, detections, report)
  })
}

/** Three checks ask for it. */
const known = new WeakMap<ParsedCondition, { readonly truth: Truth | undefined }>()

function truthIn(condition: ParsedCondition, { searches }: Detections): Truth | undefined {
  const told = known.get(condition) ?? { truth: truthOf(condition.tree, [...searches.keys()]) }
  known.set(condition, told)
  return told.truth
}

function usedNames(tree: Condition, names: readonly string[]): readonly string[] {
  return [...references(tree)].flatMap((reference) =>
    reference.kind === 'identifier' ? [reference.name] : selectNames(reference.pattern, names),
  )
}

function* nodes(tree: Condition): Generator<Condition> {
  yield tree
  if (tree.kind === 'not') yield* nodes(tree.of)
  else if (tree.kind === 'and' || tree.kind === 'or') for (const one of tree.of) yield* nodes(one)
}

function negations(tree: Condition) {
  return [...nodes(tree)].filter((one) => one.kind === 'not')
}

function chains(tree: Condition): readonly Chain[] {
  return [...nodes(tree)].filter((one): one is Chain => one.kind === 'and' || one.kind === 'or')
}

function pathsToThem(tree: Condition): boolean {
  return [...references(tree)].some((one) => one.kind === 'selector' && one.pattern === 'them')
}

/** Names that stand under no `not`, or under two; "them" and bare stars are told elsewhere. */
function positives(
  tree: Condition,
  names: readonly string[],
  isPositive: boolean,
): readonly string[] {
  switch (tree.kind) {
    case 'identifier':
      return isPositive ? [tree.name] : []
    case 'selector':
      return isPositive && /^\w/.test(tree.pattern) && tree.pattern !== 'them'
        ? selectNames(tree.pattern, names)
        : []
    case 'not':
      return positives(tree.of, names, !isPositive)
    case 'and':
    case 'or':
      return tree.of.flatMap((one) => positives(one, names, isPositive))
  }
}

function hasPositive(tree: Condition): boolean {
  if (tree.kind === 'not') return tree.of.kind === 'not' && hasPositive(tree.of.of)
  if (tree.kind === 'identifier' || tree.kind === 'selector') return true
  return tree.kind === 'and' ? tree.of.some(hasPositive) : tree.of.every(hasPositive)
}
