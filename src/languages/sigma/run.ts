// Rules and correlations over a stream of events: what the command `rule match` and test runs use.
// Answers come event by event, rules in the order given, a correlation at the event that completes it.

import { parseInstant } from '#kernel/time.ts'
import type { Collection, ResolvedCorrelation, Source } from './collection.ts'
import { Correlator, type Fired, type Occurrence } from './correlate.ts'
import { EventView, FieldTable, textOf, type Scalar } from './event.ts'
import { Matcher, type EventSource } from './match.ts'
import type { SigmaCorrelation, SigmaDocument, SigmaRule } from './rule.ts'

export type Answer =
  | {
      readonly kind: 'match'
      readonly rule: SigmaRule
      /** Zero-based, counting the events given. */
      readonly event: number
      readonly fields: Readonly<Record<string, Scalar | readonly Scalar[]>>
    }
  | ({ readonly kind: 'correlation' } & Fired)

/** Event time is the first of these that holds a time. */
export const TIME_FIELDS = [
  '@timestamp',
  'TimeGenerated',
  '_time',
  'UtcTime',
  'TimeCreated',
  'Event.System.TimeCreated.#attributes.SystemTime',
  'timestamp',
] as const

export class MatchRun {
  readonly matcher: Matcher
  /** Events a correlation would have needed, but they say no time. */
  untimedCount = 0
  readonly #nodes: readonly CorrelationNode[]
  readonly #users = new Map<SigmaRule, User[]>()
  readonly #hidden: ReadonlySet<SigmaDocument>
  readonly #fields = new FieldTable()
  readonly #view = new EventView(this.#fields)
  readonly #timeSlots: readonly number[]
  #count = 0

  constructor(collection: Collection, options: { readonly timeField?: string } = {}) {
    this.matcher = new Matcher(collection.rules)
    const timeFields = options.timeField === undefined ? TIME_FIELDS : [options.timeField]
    this.#timeSlots = timeFields.map((field) => this.#fields.slotOf(field))
    const nodes = new Map<ResolvedCorrelation, CorrelationNode>()
    for (const resolved of collection.correlations) this.#build(resolved, nodes)
    this.#nodes = [...nodes.values()]
    for (const node of this.#nodes) node.isHidden = collection.hidden.has(node.correlation)
    this.#hidden = collection.hidden
  }

  get droppedCount(): number {
    return this.#nodes.reduce((sum, node) => sum + node.correlator.droppedCount, 0)
  }

  /** `index` is the number answers call the event by; without one events are counted. */
  next(event: object, source?: EventSource, index = this.#count++): readonly Answer[] {
    const answers: Answer[] = []
    const correlated: SigmaRule[] = []
    for (const rule of this.matcher.match(event, source)) {
      if (this.#users.has(rule)) correlated.push(rule)
      if (this.#hidden.has(rule)) continue
      answers.push({ kind: 'match', rule, event: index, fields: this.matcher.fieldsOf(rule) })
    }
    if (correlated.length > 0) answers.push(...this.#correlate(correlated, event, index))
    return answers
  }

  finish(): readonly Answer[] {
    // Sources stand before those who use them, so what they fire last still reaches the others.
    return this.#nodes.flatMap((node) => this.#spread(node, node.correlator.finish()))
  }

  #build(
    resolved: ResolvedCorrelation,
    nodes: Map<ResolvedCorrelation, CorrelationNode>,
  ): CorrelationNode {
    const known = nodes.get(resolved)
    if (known !== undefined) return known
    for (const { source } of resolved.sources) if (isCorrelation(source)) this.#build(source, nodes)
    const node = new CorrelationNode(resolved.correlation)
    nodes.set(resolved, node)
    for (const { reference, source } of resolved.sources) {
      for (const field of node.fields) this.#fields.slotOf(node.fieldFor(field, reference))
      const users = isCorrelation(source) ? nodes.get(source)!.users : this.#usersOf(source)
      users.push({ node, reference })
    }
    return node
  }

  #usersOf(rule: SigmaRule): User[] {
    const users = this.#users.get(rule) ?? []
    this.#users.set(rule, users)
    return users
  }

  #correlate(rules: readonly SigmaRule[], event: object, index: number): readonly Answer[] {
    this.#view.load(event)
    const atMs = this.#timeOf()
    if (atMs === undefined) {
      this.untimedCount++
      return []
    }
    return rules.flatMap((rule) =>
      this.#users.get(rule)!.flatMap(({ node, reference }) => {
        const fields = new Map(
          node.fields.map((field) => [field, this.#textsOf(node.fieldFor(field, reference))]),
        )
        const occurrence: Occurrence = {
          reference,
          atMs,
          events: [index],
          field: (name) => fields.get(name),
        }
        return this.#spread(node, node.correlator.add(occurrence))
      }),
    )
  }

  /** A correlation that fired may itself be counted by others. */
  #spread(node: CorrelationNode, fired: readonly Fired[]): readonly Answer[] {
    return fired.flatMap((one): readonly Answer[] => {
      const own: readonly Answer[] = node.isHidden ? [] : [{ kind: 'correlation', ...one }]
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

  #textsOf(field: string): readonly string[] | undefined {
    const values = this.#view.valuesAt(this.#fields.slotOf(field))
    return values?.flatMap((value) => textOf(value) ?? [])
  }

  #timeOf(): number | undefined {
    for (const slot of this.#timeSlots) {
      const value = this.#view.valuesAt(slot)?.[0]
      const time = value === undefined ? undefined : readTime(value)
      if (time !== undefined) return time
    }
    return undefined
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

/** RFC 3339, the same with a space and without a zone (UTC, as Sysmon writes it), or unix time. */
export function readTime(value: Scalar): number | undefined {
  if (typeof value === 'number') return fromUnix(value)
  if (typeof value !== 'string') return undefined
  if (/^\d{9,13}(?:\.\d+)?$/.test(value)) return fromUnix(Number(value))
  const match = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d(?:\.\d{1,9})?)\s*(Z|[+-]\d\d:?\d\d)?$/i.exec(
    value,
  )
  if (!match) return undefined
  const zone = match[3]?.replace(/^([+-]\d\d)(\d\d)$/, '$1:$2').toUpperCase() ?? 'Z'
  return parseInstant(`${match[1]}T${match[2]}${zone}`)
}

function fromUnix(value: number): number | undefined {
  if (!Number.isFinite(value) || value <= 0) return undefined
  return value < 1e11 ? value * 1000 : value
}
