// A rule on its way through pipelines: the rule as it is now, what steps have touched, what they left.

import { compileRegex, type CompiledRegex } from '#languages/regex.ts'
import type { DetectionGroup, DetectionItem, SigmaRule } from './rule.ts'

/** A pipeline's own refusal of a rule. */
export class RuleFailure extends Error {
  override readonly name = 'RuleFailure'
}

export interface RuleState {
  rule: SigmaRule
  readonly vars: Readonly<Record<string, unknown>>
  readonly values: Map<string, unknown>
  readonly appliedSteps: Set<string>
  /** Which steps changed an item; a changed item inherits the steps of the one it was. */
  readonly itemSteps: WeakMap<DetectionItem, ReadonlySet<string>>
  /** Items whose field a mapping has named. */
  readonly mappedItems: WeakSet<DetectionItem>
  /** What `set_custom_attribute` says of the rule, for conditions and templates. */
  readonly attributes: Map<string, unknown>
  addedCount: number
}

export function startState(rule: SigmaRule, vars: Readonly<Record<string, unknown>>): RuleState {
  return {
    rule,
    vars,
    values: new Map(),
    appliedSteps: new Set(),
    itemSteps: new WeakMap(),
    mappedItems: new WeakSet(),
    attributes: new Map(),
    addedCount: 0,
  }
}

type Node = DetectionGroup | DetectionItem

/** Replaces every item by what `change` gives: another item, a group, or nothing. */
export function mapItems(
  state: RuleState,
  change: (item: DetectionItem) => Node | undefined,
  stepId: string | undefined,
): void {
  const visit = (node: Node): Node | undefined => {
    if (node.kind === 'item') {
      const changed = change(node)
      if (changed !== undefined && changed !== node) inherit(state, node, changed, stepId)
      return changed
    }
    const items = node.items.map(visit).filter((one) => one !== undefined)
    return items.length === 0 ? undefined : { ...node, items }
  }
  const searches = new Map<string, DetectionGroup>()
  for (const [name, group] of state.rule.detections.searches) {
    const changed = visit(group) as DetectionGroup | undefined
    searches.set(name, changed ?? { ...group, items: [] })
  }
  const detections = { ...state.rule.detections, searches }
  state.rule = { ...state.rule, detections }
}

function inherit(state: RuleState, from: DetectionItem, to: Node, id: string | undefined): void {
  const before = state.itemSteps.get(from) ?? new Set<string>()
  const steps = id === undefined ? before : new Set([...before, id])
  for (const item of itemsIn(to)) {
    state.itemSteps.set(item, steps)
    if (state.mappedItems.has(from)) state.mappedItems.add(item)
  }
}

export function* itemsIn(node: Node): Generator<DetectionItem> {
  if (node.kind === 'item') yield node
  else for (const inner of node.items) yield* itemsIn(inner)
}

/** What the mapping of a target named or added; asked for as a step that was applied. */
export const SETTLED = 'settled_by_target'

/**
 * Marks what a target's own pipeline named or added, so that ours do not name it again or refuse it.
 * `before`: the searches there were. An item that refers to another field is not marked: that field
 * may still need a name.
 */
export function settle(state: RuleState, before: ReadonlySet<string>): void {
  for (const [name, group] of state.rule.detections.searches) {
    for (const item of itemsIn(group)) {
      const isNamed = state.mappedItems.has(item) || !before.has(name)
      if (!isNamed || item.values.some(({ kind }) => kind === 'fieldref')) continue
      state.itemSteps.set(item, new Set([...(state.itemSteps.get(item) ?? []), SETTLED]))
    }
  }
}

const COMPILED = new WeakMap<object, CompiledRegex>()

/** The expression of one step or condition, compiled once. Throws `RuleFailure` for what cannot run. */
export function expressionOf(owner: object, pattern: string): CompiledRegex {
  const known = COMPILED.get(owner)
  if (known !== undefined) return known
  const outcome = compileRegex(pattern, [])
  if ('refusal' in outcome) {
    throw new RuleFailure(`The pipeline's expression ${pattern}: ${outcome.refusal}.`)
  }
  COMPILED.set(owner, outcome)
  return outcome
}

/** Text of a scalar from a pipeline file; anything else is no text. */
export function plainOf(data: unknown): string {
  const isScalar = typeof data === 'string' || typeof data === 'number' || typeof data === 'boolean'
  return isScalar ? String(data) : ''
}
