// Rules and correlations over a stream of events: what the command `rule match` and test runs use.
// Answers come event by event, rules in the order given, a correlation at the event that completes it.

import { parseInstant } from '#kernel/time.ts'
import type { Collection } from './collection.ts'
import type { Fired } from './correlate.ts'
import { CorrelationRun, type Sighting } from './correlation-run.ts'
import { EventView, FieldTable, textOf, type Scalar } from './event.ts'
import { Matcher, type EventSource } from './match.ts'
import type { SigmaDocument, SigmaRule } from './rule.ts'

export interface Match {
  readonly kind: 'match'
  readonly rule: SigmaRule
  /** Zero-based, counting the events given. */
  readonly event: number
  readonly fields: Readonly<Record<string, Scalar | readonly Scalar[]>>
}

export type Answer = Match | ({ readonly kind: 'correlation' } & Fired)

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

export interface RunOptions {
  readonly timeField?: string
}

export class MatchRun {
  readonly matcher: Matcher
  readonly #events: EventRun
  readonly #correlations: CorrelationRun
  #count = 0

  constructor(collection: Collection, options: RunOptions = {}) {
    this.#correlations = new CorrelationRun(collection)
    this.#events = new EventRun(collection, this.#correlations, options)
    this.matcher = this.#events.matcher
  }

  /** Events a correlation would have needed, but they say no time. */
  get untimedCount(): number {
    return this.#events.untimedCount
  }

  get droppedCount(): number {
    return this.#correlations.droppedCount
  }

  /** `index` is the number answers call the event by; without one events are counted. */
  next(event: object, source?: EventSource, index = this.#count++): readonly Answer[] {
    const { matches, sighting } = this.#events.next(event, source, index)
    if (sighting === undefined) return matches
    return [...matches, ...this.#correlations.add(sighting).map(asAnswer)]
  }

  finish(): readonly Answer[] {
    return this.#correlations.finish().map(asAnswer)
  }
}

function asAnswer(fired: Fired): Answer {
  return { kind: 'correlation', ...fired }
}

export interface Seen {
  readonly matches: readonly Match[]
  /** Undefined when no correlation needs the event, or cannot use it for want of a time. */
  readonly sighting?: Sighting
}

const NOTHING: Seen = { matches: [] }

/** Rules alone, each event by itself: nothing is remembered from one to the next but counts. */
export class EventRun {
  readonly matcher: Matcher
  untimedCount = 0
  readonly #numbers: ReadonlyMap<SigmaRule, number>
  readonly #wanted: ReadonlyMap<number, readonly string[]>
  readonly #hidden: ReadonlySet<SigmaDocument>
  readonly #fields = new FieldTable()
  readonly #view = new EventView(this.#fields)
  readonly #timeSlots: readonly number[]

  constructor(collection: Collection, correlations: CorrelationRun, { timeField }: RunOptions) {
    this.matcher = new Matcher(collection.rules)
    this.#numbers = new Map(collection.rules.map((rule, number) => [rule, number]))
    this.#wanted = correlations.fieldsWanted()
    this.#hidden = collection.hidden
    const timeFields = timeField === undefined ? TIME_FIELDS : [timeField]
    this.#timeSlots = timeFields.map((field) => this.#fields.slotOf(field))
    for (const field of [...this.#wanted.values()].flat()) this.#fields.slotOf(field)
  }

  next(event: object, source: EventSource | undefined, index: number): Seen {
    const matched = this.matcher.match(event, source)
    if (matched.length === 0) return NOTHING
    const matches = matched.flatMap((rule): readonly Match[] =>
      this.#hidden.has(rule)
        ? []
        : [{ kind: 'match', rule, event: index, fields: this.matcher.fieldsOf(rule) }],
    )
    const sighting = this.#sight(matched, event, index)
    return sighting === undefined ? { matches } : { matches, sighting }
  }

  #sight(matched: readonly SigmaRule[], event: object, index: number): Sighting | undefined {
    const rules = matched.flatMap((rule) => {
      const number = this.#numbers.get(rule)!
      return this.#wanted.has(number) ? [number] : []
    })
    if (rules.length === 0) return undefined
    this.#view.load(event)
    const atMs = this.#timeOf()
    if (atMs === undefined) {
      this.untimedCount++
      return undefined
    }
    const texts = new Map<string, readonly string[]>()
    for (const field of rules.flatMap((rule) => this.#wanted.get(rule)!)) {
      const held = this.#view.valuesAt(this.#fields.slotOf(field))
      if (held !== undefined)
        texts.set(
          field,
          held.flatMap((value) => textOf(value) ?? []),
        )
    }
    return { event: index, atMs, rules, texts }
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
