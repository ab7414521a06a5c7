// What a writer of rules is given: what the rule says, the queries it became, and what its author wants of
// the place it runs at. Each vendor has a writer beside this file; each answers the complete body that
// the vendor's door takes, or why that place cannot say what the rule says.

import type { Json } from '#kernel/json.ts'
import type { Checked } from '#kernel/problem.ts'
import { HOUR, MINUTE } from '#kernel/time.ts'

/** In the shape of the vendor's own door, to be written as it is. */
export type Body = { readonly [key: string]: Json }

/** Without a value when there is an error among the problems. */
export type Written = Checked<Body>

export interface RuleToWrite {
  readonly title: string
  readonly description: string | null
  readonly level: string | null
  readonly author: string | null
  readonly license: string | null
  readonly references: readonly string[]
  readonly tags: readonly string[]
  readonly falsepositives: readonly string[]
  /** What kind of rule it is there: `query`, `correlation`, `threshold` … */
  readonly type: string
  readonly language: string | null
  readonly queries: readonly string[]
  /** Where they look, for those who name it beside the query. */
  readonly indexes: readonly string[]
  readonly schedule: RunSchedule
  readonly throttle: Throttle | null
  /** Fields by the names they have at that place. */
  readonly entities: readonly Entity[]
  readonly output: RuleOutput
  /** Names in the alert, and the fields whose values they show. */
  readonly details: Readonly<Record<string, string>>
  /** With `{{field}}` where a value stands. */
  readonly titleTemplate: string | null
  readonly drilldowns: readonly Drilldown[]
  /** An alert needs at least so many rows in one run. */
  readonly threshold: number | null
  /** Fields of the vendor's own, verbatim. */
  readonly settings: Readonly<Record<string, unknown>>
  /** The Sigma document without what is ours, for a place that reads Sigma; null for a native rule. */
  readonly sigma: SigmaText | null
}

export interface SigmaText {
  readonly text: string
  readonly kind: 'rule' | 'correlation' | 'filter'
  /** Rules it builds on, and filters laid over it. */
  readonly others: readonly string[]
  readonly product?: string | undefined
  readonly category?: string | undefined
  readonly service?: string | undefined
}

/** Null where the rule does not say it. */
export interface RunSchedule {
  readonly everyMs: number | null
  readonly cron: string | null
  /** How long after the beginning of each span it runs. */
  readonly offsetMs: number | null
  readonly windowMs: number | null
  readonly timeField: 'event' | 'ingest'
  readonly mode: 'scheduled' | 'continuous' | 'near-real-time'
  /** A correlation sees at least its own timespan. */
  readonly neededMs: number
}

export interface Throttle {
  readonly mode: 'none' | 'all' | 'per_value'
  readonly fields: readonly string[]
  readonly periodMs: number
  readonly missing: 'group' | 'separate' | 'pass' | null
}

export interface Entity {
  readonly type: string
  readonly field: string
  readonly role?: string | undefined
}

export interface RuleOutput {
  readonly kind: 'alert' | 'risk' | 'building_block' | 'report'
  readonly objects: readonly {
    readonly type: string
    readonly field: string
    readonly score: number
  }[]
  readonly message: string | null
}

export interface Drilldown {
  readonly name: string
  readonly query: string
  readonly windowMs: number | null
}

/** When nobody says otherwise: every hour, a little further back than that, because events arrive late. */
export const USUAL_EVERY_MS = HOUR
const DELAY_MS = 10 * MINUTE

/** How far back each run looks: as said, else from run to run with a delay, and what is needed. */
export function windowOf({ everyMs, windowMs, neededMs }: RunSchedule): number {
  const every = everyMs ?? USUAL_EVERY_MS
  return Math.max(windowMs ?? every + DELAY_MS, neededMs === 0 ? 0 : every + neededMs)
}
