// Events for a rule: one that it finds, and for each part of its condition one that it just misses.
// What comes out is a proposal: whoever makes test cases of it runs the rule over each.

import { unreachable } from '#kernel/error.ts'
import type { Predicate } from '#languages/predicate.ts'
import { selectNames, type Condition } from '#languages/sigma/condition.ts'
import { lowerItem } from '#languages/sigma/lower.ts'
import type { DetectionGroup, DetectionItem, Detections } from '#languages/sigma/rule.ts'
import { eventFor, type Example } from './event.ts'
import { combine, waysTo, type Goal, type Way } from './goals.ts'

export interface NearMiss {
  /** What makes the difference: `with another Image`, `when filter_admin holds`. */
  readonly how: string
  /** Undefined when no event was found. */
  readonly event: Example | undefined
}

export interface RuleExamples {
  readonly match: Example | undefined
  readonly misses: readonly NearMiss[]
}

/** One item of a detection, where it stands in the condition. */
interface Part {
  readonly search: string
  readonly item: DetectionItem
  readonly predicate: Predicate
}

type Tree =
  | { readonly kind: 'part'; readonly part: Part }
  | { readonly kind: 'and' | 'or'; readonly of: readonly Tree[] }
  | { readonly kind: 'not'; readonly of: Tree }

interface Choice {
  readonly part: Part
  readonly isWanted: boolean
}

export function examplesOf(detections: Detections): RuleExamples {
  const trees = detections.conditions.map(({ tree }) => treeOf(tree, detections))
  const tree: Tree = trees.length === 1 ? trees[0]! : { kind: 'or', of: trees }
  const ways = waysThrough(tree, true)
  const solved = ways.flatMap((way) => {
    const event = eventOf(way)
    return event === undefined ? [] : [{ way, event }]
  })
  const [first] = solved
  if (first === undefined) return { match: undefined, misses: [] }
  return {
    match: first.event,
    misses: [...missesByPart(solved, tree), ...missesByNegation(solved, tree)],
  }
}

interface Solved {
  readonly way: Way<Choice>
  readonly event: Example
}

function eventOf(way: Way<Choice>, near?: Example): Example | undefined {
  const ways = combine(
    true,
    way.map(({ part, isWanted }) => waysTo(part.predicate, isWanted)),
  )
  return firstOf(ways, (goals: Way<Goal>) => eventFor(goals, near))
}

function firstOf<In, Out>(items: readonly In[], find: (item: In) => Out | undefined) {
  for (const item of items.slice(0, TRIES_MAX)) {
    const found = find(item)
    if (found !== undefined) return found
  }
  return undefined
}

const TRIES_MAX = 20

/** Each part that makes the rule fire, alone made untrue. */
function missesByPart(solved: readonly Solved[], tree: Tree): readonly NearMiss[] {
  return partsOf(tree, true).map((part): NearMiss => {
    const field = part.item.field
    const how =
      field === undefined ? `without the words of ${part.search}` : `with another ${field}`
    const of = solved.filter(({ way }) => way.some((one) => one.part === part && one.isWanted))
    const event = firstOf(of, ({ way, event: near }) => {
      const flipped = way.map((one) => (one.part === part ? { part, isWanted: false } : one))
      return eventOf(flipped, near)
    })
    const isGone = event !== undefined && field !== undefined && event[field] === undefined
    return { how: isGone ? `without ${field}` : how, event }
  })
}

/** Each thing that keeps the rule silent, alone made true beside all that makes it fire. */
function missesByNegation(solved: readonly Solved[], tree: Tree): readonly NearMiss[] {
  return negationsOf(tree).flatMap((negated) => {
    const inside = new Set(partsOf(negated, true).concat(partsOf(negated, false)))
    const near = solved.filter(({ way }) => way.some(({ part }) => inside.has(part)))
    return waysThrough(negated, true).map((alternative): NearMiss => {
      const searches = new Set(alternative.map(({ part }) => part.search))
      const event = firstOf(near, ({ way, event: base }) =>
        eventOf([...way.filter(({ part }) => !inside.has(part)), ...alternative], base),
      )
      return { how: `when ${[...searches].join(' and ')} holds`, event }
    })
  })
}

function treeOf(condition: Condition, detections: Detections): Tree {
  switch (condition.kind) {
    case 'identifier':
      return groupTree(condition.name, detections.searches.get(condition.name)!)
    case 'selector': {
      const names = selectNames(condition.pattern, detections.searches.keys())
      const of = names.map((name) => groupTree(name, detections.searches.get(name)!))
      return { kind: condition.quantity === 'all' ? 'and' : 'or', of }
    }
    case 'not':
      return { kind: 'not', of: treeOf(condition.of, detections) }
    case 'and':
    case 'or':
      return { kind: condition.kind, of: condition.of.map((one) => treeOf(one, detections)) }
    default:
      return unreachable(condition)
  }
}

function groupTree(search: string, group: DetectionGroup): Tree {
  const of = group.items.map((item): Tree =>
    item.kind === 'group'
      ? groupTree(search, item)
      : { kind: 'part', part: { search, item, predicate: lowerItem(item, []) } },
  )
  return { kind: group.link, of }
}

function waysThrough(tree: Tree, isWanted: boolean): readonly Way<Choice>[] {
  switch (tree.kind) {
    case 'part':
      return [[{ part: tree.part, isWanted }]]
    case 'not':
      return waysThrough(tree.of, !isWanted)
    case 'and':
    case 'or': {
      const isEach = (tree.kind === 'and') === isWanted
      return combine(
        isEach,
        tree.of.map((one) => waysThrough(one, isWanted)),
      )
    }
  }
}

/** Those that stand below an even number of negations, or below an odd one. */
function partsOf(tree: Tree, isPositive: boolean): readonly Part[] {
  if (tree.kind === 'part') return isPositive ? [tree.part] : []
  if (tree.kind === 'not') return partsOf(tree.of, !isPositive)
  return tree.of.flatMap((one) => partsOf(one, isPositive))
}

function negationsOf(tree: Tree): readonly Tree[] {
  if (tree.kind === 'part') return []
  return tree.kind === 'not' ? [tree.of] : tree.of.flatMap(negationsOf)
}
