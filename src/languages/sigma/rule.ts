// What a Sigma document holds once it is read: rules, correlation rules and filters, with the place of
// every part, so that whoever finds fault later can point at it. Values already went through their
// modifiers; unknown keys stay in `root`.

import type { Condition } from './condition.ts'
import type { Span } from '#kernel/problem.ts'
import type { Range } from './source.ts'
import type { Value } from './value.ts'
import type { YamlMap, YamlScalar } from './yaml.ts'

export type SigmaDocument = SigmaRule | SigmaCorrelation | SigmaFilter

export interface Metadata {
  readonly title: string
  /** As written; the specification recommends a UUID and does not demand one. */
  readonly id?: string
  /** What correlation rules may call it by. */
  readonly name?: string
  readonly status?: string
  readonly level?: string
  readonly description?: string
  readonly author?: string
  readonly date?: string
  readonly modified?: string
  readonly taxonomy?: string
  readonly license?: string
  readonly references: readonly string[]
  readonly tags: readonly string[]
  readonly fields: readonly string[]
  readonly falsepositives: readonly string[]
}

interface Document extends Metadata, Range {
  readonly root: YamlMap
  /** Zero-based place in its file, counting every document. */
  readonly index: number
}

export interface LogSource {
  readonly product?: string
  readonly category?: string
  readonly service?: string
  readonly definition?: string
  /** Keys of somebody's own taxonomy. */
  readonly custom: Readonly<Record<string, string>>
}

export interface SigmaRule extends Document {
  readonly kind: 'rule'
  readonly logsource: LogSource
  readonly detections: Detections
}

/** Named searches and the conditions over them; several conditions are several queries. */
export interface Detections {
  readonly searches: ReadonlyMap<string, DetectionGroup>
  readonly conditions: readonly ParsedCondition[]
}

export interface ParsedCondition {
  readonly text: string
  readonly tree: Condition
  readonly node: YamlScalar
}

/** `and` for a map, `or` for a list of maps. */
export interface DetectionGroup extends Range {
  readonly kind: 'group'
  readonly link: 'and' | 'or'
  readonly items: readonly (DetectionGroup | DetectionItem)[]
}

export interface DetectionItem extends Range {
  readonly kind: 'item'
  /** Undefined for keywords, which look at the whole event. */
  readonly field: string | undefined
  readonly modifiers: readonly string[]
  readonly values: readonly Value[]
  /** `and` under the modifier `all`. */
  readonly link: 'and' | 'or'
  /** Under the modifier `neq`. */
  readonly isNegated: boolean
  /** The values as written, for those who judge the writing. */
  readonly written: readonly YamlScalar[]
  /** Absent for items a pipeline made. */
  readonly span?: Span
}

export const CORRELATION_TYPES = [
  'event_count',
  'value_count',
  'temporal',
  'temporal_ordered',
  'value_sum',
  'value_avg',
  'value_percentile',
  'value_median',
] as const

export type CorrelationType = (typeof CORRELATION_TYPES)[number]
export type CountOperator = 'gt' | 'gte' | 'lt' | 'lte' | 'eq' | 'neq'

export interface CountBound {
  readonly op: CountOperator
  readonly value: number
}

export interface SigmaCorrelation extends Document {
  readonly kind: 'correlation'
  readonly type: CorrelationType
  /** Ids or names, as written. */
  readonly rules: readonly YamlScalar[]
  readonly groupBy: readonly string[]
  readonly timespanSeconds: number
  readonly timespan: string
  /** All must hold: `gt` and `lte` together are a range. Empty for a temporal rule without one. */
  readonly bounds: readonly CountBound[]
  /** The fields counted or summed; empty for counts of events. */
  readonly valueFields: readonly string[]
  /** 0 to 100, for value_percentile. */
  readonly percentile?: number
  /** A boolean condition over the rules, for the extended temporal types. */
  readonly expression?: ParsedCondition
  /** alias -> rule reference -> field of that rule's events */
  readonly aliases: ReadonlyMap<string, ReadonlyMap<string, string>>
  /** The referenced rules also stand on their own. */
  readonly isGenerating: boolean
}

export interface SigmaFilter extends Document {
  readonly kind: 'filter'
  readonly logsource: LogSource
  readonly rules: 'any' | readonly YamlScalar[]
  readonly detections: Detections
}
