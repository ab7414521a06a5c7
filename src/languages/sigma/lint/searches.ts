// Checks of what searches look for, taken together: tests of one field that no value satisfies both of,
// filters that exempt everything or nothing. A field may hold a list of values, so these are warnings.

import type { Problem } from '#kernel/problem.ts'
import { leaves, type Test } from '#languages/predicate.ts'
import { selectNames, type Condition } from '#languages/sigma/condition.ts'
import { lowerItem } from '#languages/sigma/lower.ts'
import type { DetectionGroup, DetectionItem, Detections } from '#languages/sigma/rule.ts'
import { ofDetections, type Check } from './check.ts'
import { canMeet, implies } from './meet.ts'

/** Longer lists are of hashes and addresses, and would cost their square. */
const TESTS_MAX = 60

export const SEARCH_CHECKS: readonly Check[] = [
  ofDetections(
    {
      code: 'sigma/impossible-search',
      severity: 'warning',
      why: 'No single value satisfies two tests of the same field: the search never matches.',
      bad: "detection: {a: {Image|endswith: '\\whoami.exe', Image|startswith: 'C:\\', Image: 'C:\\Windows\\hostname.exe'}, condition: a}",
      good: "detection: {a: {Image|endswith: '\\whoami.exe', Image|startswith: 'C:\\'}, condition: a}",
    },
    ({ searches }, report) => {
      for (const [one, other] of [...searches.values()].flatMap(pairs)) {
        const [a, b] = [testsOf(one), testsOf(other)]
        if (a && b && a.every((test) => b.every((second) => !canMeet(test, second)))) {
          report(other, `No value of "${one.field}" satisfies this and the test above it.`)
        }
      }
    },
  ),
  ofDetections(
    {
      code: 'sigma/needless-test',
      severity: 'info',
      why: 'Another test of the same field already says more.',
      bad: "detection: {a: {Image|endswith: '\\whoami.exe', Image|exists: true}, condition: a}",
      good: "detection: {a: {Image|endswith: '\\whoami.exe'}, condition: a}",
    },
    ({ searches }, report) => {
      for (const [one, other] of [...searches.values()].flatMap(pairs)) {
        const [a, b] = [testsOf(one), testsOf(other)]
        if (a === undefined || b === undefined) continue
        if (follows(a, b)) report(other, 'The test above it already says so.')
        else if (follows(b, a)) report(one, 'The test below it already says so.')
      }
    },
  ),
  ofDetections(
    {
      code: 'sigma/filter-takes-all',
      severity: 'warning',
      why: 'The filter exempts every event the rule is about: it never alerts.',
      bad: "detection: {a: {Image|endswith: '\\whoami.exe', User: ada}, filter: {Image|endswith: whoami.exe}, condition: a and not filter}",
      good: "detection: {a: {Image|endswith: '\\whoami.exe', User: ada}, filter: {CommandLine|contains: /all}, condition: a and not filter}",
    },
    (detections, report) => {
      for (const [needed, name, filter] of filters(detections)) {
        const isAll = itemsOf(filter).every((item) => {
          const wanted = testsOf(item)
          return needed.some((one) => {
            const given = isSameField(one, item) ? testsOf(one) : undefined
            return given !== undefined && wanted !== undefined && follows(given, wanted)
          })
        })
        if (isAll) report(filter, `"${name}" exempts everything that is looked for.`)
      }
    },
  ),
  ofDetections(
    {
      code: 'sigma/idle-filter',
      severity: 'info',
      why: 'The filter can never match an event the rule is about, so it exempts nothing.',
      bad: "detection: {a: {Image|endswith: '\\whoami.exe'}, filter: {Image|endswith: '\\hostname.exe'}, condition: a and not filter}",
      good: "detection: {a: {Image|endswith: '\\whoami.exe'}, filter: {User: ada}, condition: a and not filter}",
    },
    (detections, report) => {
      for (const [needed, name, filter] of filters(detections)) {
        const conflict = itemsOf(filter).some((item) => {
          const wanted = testsOf(item)
          return needed.some((one) => {
            const given = isSameField(one, item) ? testsOf(one) : undefined
            if (given === undefined || wanted === undefined) return false
            return given.every((test) => wanted.every((second) => !canMeet(test, second)))
          })
        })
        if (conflict) report(filter, `"${name}" never matches what is looked for.`)
      }
    },
  ),
]

/** What an item accepts, one test a value; undefined when that is more than a plain list. */
function testsOf(item: DetectionItem): readonly Test[] | undefined {
  if (item.isNegated || item.link === 'and' || item.field === undefined) return undefined
  if (item.values.some((value) => value.kind === 'absent')) return [{ kind: 'null' }]
  const problems: Problem[] = []
  const tests = [...leaves(lowerItem(item, problems))].map(({ test }) => test)
  const isPlain = problems.length === 0 && tests.length > 0 && tests.length <= TESTS_MAX
  return isPlain ? tests : undefined
}

function follows(a: readonly Test[], b: readonly Test[]): boolean {
  return a.every((test) => b.some((other) => implies(test, other)))
}

function isSameField(a: DetectionItem, b: DetectionItem): boolean {
  return a.field?.toLowerCase() === b.field?.toLowerCase()
}

/** Items of one map that test the same field, each pair once, in the order of the text. */
function pairs(group: DetectionGroup): readonly (readonly [DetectionItem, DetectionItem])[] {
  const inner = group.items.flatMap((item) => (item.kind === 'group' ? pairs(item) : []))
  if (group.link === 'or') return inner
  const items = itemsOf(group)
  const own = items.flatMap((one, at) =>
    items
      .slice(at + 1)
      .filter((other) => one.field !== undefined && isSameField(one, other))
      .map((other) => [one, other] as const),
  )
  return [...inner, ...own]
}

function itemsOf(group: DetectionGroup): readonly DetectionItem[] {
  return group.items.filter((item) => item.kind === 'item')
}

type Filter = readonly [needed: readonly DetectionItem[], name: string, filter: DetectionGroup]

/** Of `a and not filter`: what must match, and each plain map that must not. */
function filters({ searches, conditions }: Detections): readonly Filter[] {
  const isMap = (group: DetectionGroup | undefined): group is DetectionGroup =>
    group !== undefined && group.link === 'and' && group.items.every(({ kind }) => kind === 'item')
  return conditions.flatMap(({ tree }) => {
    if (tree.kind !== 'and') return []
    const needed = tree.of.flatMap((one) => {
      const group = one.kind === 'identifier' ? searches.get(one.name) : undefined
      return isMap(group) ? itemsOf(group) : []
    })
    const refused = tree.of.flatMap((one) =>
      one.kind === 'not' ? anyOf(one.of, [...searches.keys()]) : [],
    )
    return refused.flatMap((name): readonly Filter[] => {
      const group = searches.get(name)
      return isMap(group) && needed.length > 0 ? [[needed, name, group]] : []
    })
  })
}

/** Names of which one is enough. */
function anyOf(tree: Condition, names: readonly string[]): readonly string[] {
  if (tree.kind === 'identifier') return [tree.name]
  if (tree.kind === 'or') return tree.of.flatMap((one) => anyOf(one, names))
  const isAny = tree.kind === 'selector' && tree.quantity === 'any'
  return isAny ? selectNames(tree.pattern, names) : []
}
