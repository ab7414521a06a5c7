// Events for a correlation: enough of them within its timespan, and the ways in which they are just not:
// one too few, one too late, in another group, in another order. Each event is an example of the rule
// it stands for, with a time and the fields that the correlation looks at.

import { formatInstant, instant, SECOND } from '#kernel/time.ts'
import type { ResolvedCorrelation } from '#languages/sigma/collection.ts'
import { isWithin } from '#languages/sigma/correlate.ts'
import type { SigmaCorrelation } from '#languages/sigma/rule.ts'
import type { Example } from './event.ts'
import { examplesOf } from './rule.ts'
import type { Value } from './values.ts'

export interface Sequence {
  /** What makes the difference; empty for the one that fires. */
  readonly how: string
  readonly events: readonly Example[]
}

export type CorrelationExamples =
  { readonly sequences: readonly Sequence[] } | { readonly refusal: string }

/** Longer cases would be read by nobody. */
const EVENTS_MAX = 100
const START_MS = Date.UTC(2026, 0, 1)

/** One event of a sequence: which rule, when, in which group, with which value. */
interface Step {
  readonly reference: string
  readonly atMs: number
  readonly group: string
  readonly value: Value
}

export function correlationExamples({
  correlation,
  sources,
}: ResolvedCorrelation): CorrelationExamples {
  const examples = new Map<string, Example>()
  for (const { reference, source } of sources) {
    if ('correlation' in source) return { refusal: 'it builds on another correlation' }
    const { match } = examplesOf(source.detections)
    if (match === undefined) return { refusal: `no event was found that ${reference} fires on` }
    examples.set(reference, match)
  }
  const plan = planOf(correlation, [...examples.keys()])
  if (plan === undefined) return { refusal: `it needs more than ${EVENTS_MAX} events` }
  const toEvent = (step: Step) => eventOf(step, examples.get(step.reference)!, correlation)
  return { sequences: plan.map(({ how, steps }) => ({ how, events: steps.map(toEvent) })) }
}

interface Planned {
  readonly how: string
  readonly steps: readonly Step[]
}

function planOf(
  correlation: SigmaCorrelation,
  references: readonly string[],
): readonly Planned[] | undefined {
  switch (correlation.type) {
    case 'event_count':
    case 'value_count':
      return countPlan(correlation, references[0]!)
    case 'temporal':
    case 'temporal_ordered':
      return orderPlan(correlation, references)
    case 'value_sum':
    case 'value_avg':
    case 'value_percentile':
    case 'value_median':
      return valuePlan(correlation, references[0]!)
  }
}

function countPlan(
  correlation: SigmaCorrelation,
  reference: string,
): readonly Planned[] | undefined {
  const count = countFor(correlation)
  if (count === undefined) return undefined
  const steps = spread(correlation, Array<string>(count).fill(reference))
  const same = steps.map((step) => ({ ...step, value: 'value-1' }))
  return [
    { how: '', steps },
    ...(count > 1 ? [{ how: 'with one event too few', steps: steps.slice(0, -1) }] : []),
    ...lateAndApart(correlation, steps),
    ...(correlation.type === 'value_count' && count > 1
      ? [{ how: 'with the same value again', steps: same }]
      : []),
  ]
}

function countFor({ bounds }: SigmaCorrelation): number | undefined {
  for (let count = 1; count <= EVENTS_MAX; count++) if (isWithin(count, bounds)) return count
  return undefined
}

function orderPlan(
  correlation: SigmaCorrelation,
  references: readonly string[],
): readonly Planned[] {
  const steps = spread(correlation, references)
  const reversed = spread(correlation, references.toReversed())
  const isOrdered = correlation.type === 'temporal_ordered'
  return [
    { how: '', steps },
    ...steps.map(({ reference }) => ({
      how: `without ${reference}`,
      steps: steps.filter((step) => step.reference !== reference),
    })),
    ...lateAndApart(correlation, steps),
    ...(isOrdered ? [{ how: 'in another order', steps: reversed }] : []),
  ]
}

function valuePlan(correlation: SigmaCorrelation, reference: string): readonly Planned[] {
  const [step] = spread(correlation, [reference])
  const near = correlation.bounds.flatMap(({ value }) => [value, value + 1, value - 1])
  const holding = near.find((value) => isWithin(value, correlation.bounds))
  const missing = near.find((value) => !isWithin(value, correlation.bounds))
  if (holding === undefined) return []
  return [
    { how: '', steps: [{ ...step!, value: holding }] },
    ...(missing === undefined
      ? []
      : [{ how: `with the value ${missing}`, steps: [{ ...step!, value: missing }] }]),
  ]
}

/** The last event after the window of the first has passed; the last event somewhere else. */
function lateAndApart(correlation: SigmaCorrelation, steps: readonly Step[]): readonly Planned[] {
  if (steps.length < 2) return []
  const end = steps.length - 1
  const last = steps[end]!
  const lateMs = steps[0]!.atMs + 1000 * correlation.timespanSeconds + SECOND
  const late = {
    how: 'with the last event too late',
    steps: steps.with(end, { ...last, atMs: lateMs }),
  }
  if (correlation.groupBy.length === 0) return [late]
  const how = `with the last event of another ${correlation.groupBy.join(' and ')}`
  return [late, { how, steps: steps.with(end, { ...last, group: 'other' }) }]
}

/** At equal distances, the last one well before the window of the first ends. */
function spread(
  { timespanSeconds, valueFields }: SigmaCorrelation,
  references: readonly string[],
): readonly Step[] {
  const apartMs = Math.max(1, Math.floor((1000 * timespanSeconds) / (references.length + 1)))
  return references.map((reference, at) => ({
    reference,
    atMs: START_MS + at * apartMs,
    group: 'example',
    value: valueFields.length === 0 ? '' : `value-${at + 1}`,
  }))
}

function eventOf(step: Step, example: Example, correlation: SigmaCorrelation): Example {
  const { reference, atMs, group, value } = step
  const event: Record<string, Example[string]> = { '@timestamp': formatInstant(instant(atMs)) }
  const fieldFor = (name: string) => correlation.aliases.get(name)?.get(reference) ?? name
  Object.assign(event, example)
  // What the rule itself demands of a field stays, unless the group is meant to be another one.
  for (const name of correlation.groupBy) {
    if (group === 'other') event[fieldFor(name)] = group
    else event[fieldFor(name)] ??= group
  }
  for (const name of correlation.valueFields) event[fieldFor(name)] = value
  return event
}
