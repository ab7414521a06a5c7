// All correlations of a collection over the events their rules matched, in the order of the events. What
// they need of an event is a sighting, plain data: the events may have been matched in other threads.

import type { Collection, ResolvedCorrelation, Source } from './collection.ts'
import { Correlator, type Fired, type Occurrence } from './correlate.ts'
import type { SigmaCorrelation } from './rule.ts'

/** An event that rules of correlations matched. */
export interface Sighting {
  /** The number answers call the event by. */
  readonly event: number
  readonly atMs: number
  /** Numbers of the rules in their collection, ascending. */
  readonly rules: readonly number[]
  /** What the event holds in the fields these rules are correlated by. */
  readonly texts: ReadonlyMap<string, readonly string[]>
}

export class CorrelationRun {
  readonly #nodes: readonly CorrelationNode[]
  /** By the number of the rule. */
  readonly #users = new Map<number, User[]>()

  constructor(collection: Collection) {
    const numbers = new Map(collection.rules.map((rule, number) => [rule, number]))
    const nodes = new Map<ResolvedCorrelation, CorrelationNode>()
    const build = (resolved: ResolvedCorrelation): CorrelationNode => {
      const known = nodes.get(resolved)
      if (known !== undefined) return known
      for (const { source } of resolved.sources) if (isCorrelation(source)) build(source)
      const node = new CorrelationNode(resolved.correlation)
      nodes.set(resolved, node)
      for (const { reference, source } of resolved.sources) {
        const users = isCorrelation(source)
          ? nodes.get(source)!.users
          : listAt(this.#users, numbers.get(source)!)
        users.push({ node, reference })
      }
      return node
    }
    for (const resolved of collection.correlations) build(resolved)
    this.#nodes = [...nodes.values()]
    for (const node of this.#nodes) node.isHidden = collection.hidden.has(node.correlation)
  }

  get droppedCount(): number {
    return this.#nodes.reduce((sum, node) => sum + node.correlator.droppedCount, 0)
  }

  /** By the number of each rule that is correlated: the fields a sighting of it must hold. */
  fieldsWanted(): ReadonlyMap<number, readonly string[]> {
    const wanted = [...this.#users].map(([rule, users]) => {
      const fields = users.flatMap(({ node, reference }) =>
        node.fields.map((field) => node.fieldFor(field, reference)),
      )
      return [rule, [...new Set(fields)]] as const
    })
    return new Map(wanted)
  }

  /** What fires because of this event; rules in their order, then their correlations. */
  add({ event, atMs, rules, texts }: Sighting): readonly Fired[] {
    return rules.flatMap((rule) =>
      (this.#users.get(rule) ?? []).flatMap(({ node, reference }) => {
        const field = (name: string) => texts.get(node.fieldFor(name, reference))
        const occurrence: Occurrence = { reference, atMs, events: [event], field }
        return this.#spread(node, node.correlator.add(occurrence))
      }),
    )
  }

  finish(): readonly Fired[] {
    // Sources stand before those who use them, so what they fire last still reaches the others.
    return this.#nodes.flatMap((node) => this.#spread(node, node.correlator.finish()))
  }

  /** A correlation that fired may itself be counted by others. */
  #spread(node: CorrelationNode, fired: readonly Fired[]): readonly Fired[] {
    return fired.flatMap((one): readonly Fired[] => {
      const own = node.isHidden ? [] : [one]
      const above = node.users.flatMap(({ node: user, reference }) => {
        const field = (name: string) => {
          const value = one.group[user.fieldFor(name, reference)]
          return value === undefined ? undefined : [value]
        }
        const occurrence = { reference, atMs: one.atMs, events: one.events, field }
        return this.#spread(user, user.correlator.add(occurrence))
      })
      return [...own, ...above]
    })
  }
}

interface User {
  readonly node: CorrelationNode
  readonly reference: string
}

class CorrelationNode {
  readonly correlation: SigmaCorrelation
  readonly correlator: Correlator
  readonly fields: readonly string[]
  readonly users: User[] = []
  isHidden = false

  constructor(correlation: SigmaCorrelation) {
    this.correlation = correlation
    this.correlator = new Correlator(correlation)
    this.fields = [...correlation.groupBy, ...correlation.valueFields]
  }

  /** An alias names another field for each rule. */
  fieldFor(field: string, reference: string): string {
    return this.correlation.aliases.get(field)?.get(reference) ?? field
  }
}

function isCorrelation(source: Source): source is ResolvedCorrelation {
  return 'correlation' in source
}

function listAt<Key, Item>(lists: Map<Key, Item[]>, key: Key): Item[] {
  const list = lists.get(key) ?? []
  lists.set(key, list)
  return list
}
