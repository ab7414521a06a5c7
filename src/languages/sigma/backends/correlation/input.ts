// What correlations are printed from, and what their languages share: names that all sources agree on,
// bounds, conditions over rules. A source is a rule, or another correlation, whose findings are then
// rows with a time and the fields it groups by.

import type { Problem } from '#kernel/problem.ts'
import type { Predicate } from '#languages/predicate.ts'
import { selectNames, type Condition } from '#languages/sigma/condition.ts'
import type { CountBound, SigmaCorrelation } from '#languages/sigma/rule.ts'
import { Unsayable, type Printed } from '#languages/sigma/backends/walk.ts'

export interface CorrelatedRule {
  readonly kind: 'rule'
  readonly reference: string
  readonly predicate: Predicate
  /** For Kusto, when a pipeline says it. */
  readonly table: string | undefined
  /** The field a name of the correlation stands for in this rule's events. */
  fieldOf(name: string): string
}

export interface CorrelatedCorrelation {
  readonly kind: 'correlation'
  readonly reference: string
  readonly input: CorrelationInput
  fieldOf(name: string): string
}

export type CorrelatedSource = CorrelatedRule | CorrelatedCorrelation

export interface CorrelationInput {
  readonly correlation: SigmaCorrelation
  readonly sources: readonly CorrelatedSource[]
  /** For ES|QL. */
  readonly index: string
  /** For Kusto: the column that holds an event's time. */
  readonly timeField: string
}

export const SYMBOLS = { gt: '>', gte: '>=', lt: '<', lte: '<=', eq: '=', neq: '!=' } as const

const BUCKETS: Problem = {
  code: 'sigma/side-by-side-windows',
  severity: 'warning',
  message:
    'The language has no sliding window for this: events on both sides of a window border are missed.',
}

export function bucketed(written: Printed): Printed {
  if (written.query === undefined) return written
  return { ...written, problems: [...written.problems, BUCKETS] }
}

/** The rules alone. Throws `Unsayable` when there is a correlation among the sources. */
export function rulesOf({ sources }: CorrelationInput): readonly CorrelatedRule[] {
  return sources.map((source) => {
    if (source.kind === 'rule') return source
    throw new Unsayable('a correlation of correlations')
  })
}

export function isChain({ sources }: CorrelationInput): boolean {
  return sources.some(({ kind }) => kind === 'correlation')
}

/** Without a condition a temporal correlation asks for every one of its rules. */
export function boundsOf({ correlation, sources }: CorrelationInput): readonly CountBound[] {
  return correlation.bounds.length > 0 ? correlation.bounds : [{ op: 'gte', value: sources.length }]
}

export function isPlainTemporal({ correlation }: CorrelationInput): boolean {
  return correlation.bounds.length === 0 && correlation.expression === undefined
}

/** The rules must occur in the order they are listed. */
export function isOrdered(input: CorrelationInput): boolean {
  const { type, expression } = input.correlation
  return type === 'temporal_ordered' && (isPlainTemporal(input) || expression !== undefined)
}

export function measureOf({ correlation: { type } }: CorrelationInput): string {
  return type === 'temporal' || type === 'temporal_ordered' ? 'event_type_count' : type
}

/** Every name as the language writes it. */
export function withFields(
  input: CorrelationInput,
  write: (name: string) => string,
): CorrelationInput {
  const { correlation } = input
  const read = new Map(namesOf(input).map((name) => [write(name), name]))
  const sources = input.sources.map((source): CorrelatedSource => {
    const fieldOf = (name: string) => write(source.fieldOf(read.get(name) ?? name))
    if (source.kind === 'rule') return { ...source, fieldOf }
    return { ...source, fieldOf, input: withFields(source.input, write) }
  })
  const groupBy = correlation.groupBy.map(write)
  const valueFields = correlation.valueFields.map(write)
  return { ...input, sources, correlation: { ...correlation, groupBy, valueFields } }
}

export function namesOf({ correlation }: CorrelationInput): readonly string[] {
  return [...new Set([...correlation.groupBy, ...correlation.valueFields])]
}

export function groupNames(input: CorrelationInput): readonly string[] {
  return input.correlation.groupBy.map((name) => sharedName(input, name))
}

export function valueField(input: CorrelationInput): string {
  const [field, ...more] = input.correlation.valueFields
  if (field === undefined || more.length > 0) {
    throw new Unsayable('values of several fields together')
  }
  return sharedName(input, field)
}

/** The field all sources agree on, or else the name of the correlation itself. */
export function sharedName({ sources }: CorrelationInput, name: string): string {
  const fields = new Set(sources.map((source) => source.fieldOf(name)))
  return fields.size === 1 ? [...fields][0]! : name
}

/** `own` and `shared` of each name that a source calls otherwise than the whole. */
export function renamesOf(
  input: CorrelationInput,
  source: CorrelatedSource,
): readonly (readonly [own: string, shared: string])[] {
  return namesOf(input).flatMap((name) => {
    const [own, shared] = [source.fieldOf(name), sharedName(input, name)]
    return own === shared ? [] : [[own, shared] as const]
  })
}

export function needQuery(printed: Printed): string {
  if (printed.query !== undefined) return printed.query
  throw new Unsayable(printed.problems[0]?.message.replace(/\.$/, '') ?? 'one of its rules')
}

interface Words {
  readonly has: (name: string) => string
  readonly and: string
  readonly or: string
  readonly not: (inner: string) => string
}

export function printCondition(tree: Condition, input: CorrelationInput, words: Words): string {
  switch (tree.kind) {
    case 'identifier':
      return words.has(tree.name)
    case 'selector': {
      const names = selectNames(
        tree.pattern,
        input.sources.map(({ reference }) => reference),
      )
      return `(${names.map((name) => words.has(name)).join(tree.quantity === 'all' ? words.and : words.or)})`
    }
    case 'not':
      return words.not(printCondition(tree.of, input, words))
    case 'and':
    case 'or': {
      const parts = tree.of.map((one) => printCondition(one, input, words))
      return `(${parts.join(tree.kind === 'and' ? words.and : words.or)})`
    }
  }
}

/** Over the kinds of a window's rows in the order of time, joined by commas. */
export function orderPattern({ sources }: CorrelationInput): string {
  const names = sources.map(({ reference }) => escapeRegex(reference))
  return `(^|,)${names.join(',(.*,)?')}(,|$)`
}

export function escapeRegex(text: string): string {
  return text.replaceAll(/[\\^$.|?*+()[\]{}]/g, '\\$&')
}
