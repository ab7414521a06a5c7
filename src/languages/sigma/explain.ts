// Why a rule matched an event or did not: the condition as a tree, with the verdict of every part and
// the values it saw.

import { unreachable } from '#kernel/error.ts'
import type { Predicate, Test, TextPattern } from '#languages/predicate.ts'
import { selectNames, type Condition } from './condition.ts'
import { EventView, FieldTable, type Scalar } from './event.ts'
import { lowerSearch } from './lower.ts'
import type { SigmaRule } from './rule.ts'
import { compileTest } from './test.ts'
import { writeText } from './value.ts'

export interface Explanation {
  /** `selection`, `and`, `not`, `Image ends with "\cmd.exe"` */
  readonly label: string
  /** Undefined when it cannot be told; `why` says why. */
  readonly isTrue: boolean | undefined
  /** What the field holds; undefined when the event has no such field, absent for other parts. */
  readonly saw?: readonly Scalar[] | undefined
  readonly why?: string
  readonly parts: readonly Explanation[]
}

/** One explanation for each condition of the rule. */
export function explainRule(rule: SigmaRule, event: object): readonly Explanation[] {
  const explainer = new Explainer(rule, event)
  return rule.detections.conditions.map(({ tree }) => explainer.condition(tree))
}

class Explainer {
  readonly #rule: SigmaRule
  readonly #event: object

  constructor(rule: SigmaRule, event: object) {
    this.#rule = rule
    this.#event = event
  }

  condition(tree: Condition): Explanation {
    switch (tree.kind) {
      case 'identifier':
        return this.#search(tree.name)
      case 'selector': {
        const names = selectNames(tree.pattern, this.#rule.detections.searches.keys())
        const parts = names.map((name) => this.#search(name))
        const label = `${tree.quantity === 'all' ? 'all' : '1'} of ${tree.pattern}`
        return joined(label, tree.quantity === 'all' ? 'and' : 'or', parts)
      }
      case 'not':
        return negated(this.condition(tree.of))
      case 'and':
      case 'or':
        return joined(
          tree.kind,
          tree.kind,
          tree.of.map((operand) => this.condition(operand)),
        )
    }
  }

  #search(name: string): Explanation {
    const group = this.#rule.detections.searches.get(name)!
    const inner = this.#predicate(lowerSearch(group))
    return { label: name, isTrue: inner.isTrue, parts: [inner] }
  }

  #predicate(predicate: Predicate): Explanation {
    switch (predicate.kind) {
      case 'constant':
        return { label: String(predicate.value), isTrue: predicate.value, parts: [] }
      case 'not':
        return negated(this.#predicate(predicate.of))
      case 'and':
      case 'or': {
        const parts = predicate.of.map((operand) => this.#predicate(operand))
        return joined(predicate.kind, predicate.kind, parts)
      }
      case 'test':
        return this.#leaf(predicate.field, predicate.test)
      case 'keyword':
        return this.#leaf(undefined, predicate.test)
    }
  }

  #leaf(field: string | undefined, test: Test): Explanation {
    const label = `${field ?? 'any value'} ${describeTest(test)}`
    const table = new FieldTable()
    const check = compileTest(test, field, table)
    if (typeof check !== 'function') {
      return { label, isTrue: undefined, why: check.refusal, parts: [] }
    }
    const view = new EventView(table)
    view.load(this.#event)
    const saw = field === undefined ? {} : { saw: view.valuesAt(table.slotOf(field)) }
    return { label, isTrue: check(view), ...saw, parts: [] }
  }
}

function negated(inner: Explanation): Explanation {
  const isTrue = inner.isTrue === undefined ? undefined : !inner.isTrue
  return { label: 'not', isTrue, parts: [inner] }
}

function joined(label: string, how: 'and' | 'or', parts: readonly Explanation[]): Explanation {
  const deciding = how === 'or'
  const isDecided = parts.some((part) => part.isTrue === deciding)
  const isUnknown = !isDecided && parts.some((part) => part.isTrue === undefined)
  return { label, isTrue: isDecided ? deciding : isUnknown ? undefined : !deciding, parts }
}

const COMPARISONS = { lt: '<', lte: '≤', gt: '>', gte: '≥', eq: '=' } as const
const HOW = {
  equals: 'equals the field',
  startswith: 'begins with the field',
  endswith: 'ends with the field',
  contains: 'contains the field',
} as const

export function describeTest(test: Test): string {
  switch (test.kind) {
    case 'text':
      return `${describePattern(test.pattern)}${test.isCased ? ' (case counts)' : ''}`
    case 'number':
    case 'boolean':
      return `is ${test.value}`
    case 'null':
      return 'is missing or null'
    case 'exists':
      return 'exists'
    case 'regex':
      return `matches /${test.pattern}/${test.flags.join('')}`
    case 'cidr':
      return `is in ${test.network}`
    case 'compare':
      return `${COMPARISONS[test.op]} ${test.value}`
    case 'time':
      return `has the ${test.part} ${COMPARISONS[test.op]} ${test.value}`
    case 'fieldref':
      return `${HOW[test.how]} ${test.other}`
    case 'verbatim':
      return `is found by ${test.template}`
    default:
      return unreachable(test)
  }
}

function describePattern(pattern: TextPattern): string {
  const texts = pattern.filter((part) => typeof part === 'string')
  const isStarFirst = typeof pattern[0] === 'object' && pattern[0].wildcard === '*'
  const last = pattern.at(-1)
  const isStarLast = typeof last === 'object' && last.wildcard === '*'
  if (texts.length === pattern.length) return `is ${JSON.stringify(texts.join(''))}`
  if (texts.length === 1 && pattern.length === 3 && isStarFirst && isStarLast) {
    return `contains ${JSON.stringify(texts[0])}`
  }
  if (texts.length === 1 && pattern.length === 2) {
    if (isStarFirst) return `ends with ${JSON.stringify(texts[0])}`
    if (isStarLast) return `begins with ${JSON.stringify(texts[0])}`
  }
  return `is like ${JSON.stringify(writeText(pattern))}`
}
