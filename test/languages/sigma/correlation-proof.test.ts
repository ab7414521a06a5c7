// The printed correlations, run over streams of events with late ones, ties, borders of windows, several
// groups and events that satisfy two rules: a text without a warning finds the groups the matcher finds,
// one with the warning those it would find in windows side by side, and all of them where no border
// divides the events.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'

import type { Occurrence } from '#languages/sigma/correlate.ts'
import type { Backend } from '#languages/sigma/names.ts'
import { thoroughly } from '#test/support/thorough.ts'
import {
  correlationCase,
  groupsOfMatcher,
  groupsOfQuery,
  groupsSideBySide,
  windowsOf,
  type CorrelationCase,
  type CorrelatedEvent,
} from './proof/correlations.ts'

const SPAN = 600
/** Each stream is of many groups, which are streams of their own. */
const RUNS = thoroughly(8, 20)
const EVENTS = { minLength: 20, maxLength: 60 }

type Languages = readonly Backend[]
const ALL: Languages = ['spl', 'kusto', 'esql']

const CASES: readonly (readonly [string, string, Languages])[] = [
  [
    'at least so many events',
    'type: event_count, rules: [a], condition: {gte: 3}',
    [...ALL, 'eql'],
  ],
  ['more events than', 'type: event_count, rules: [a], condition: {gt: 1}', [...ALL, 'eql']],
  ['a range of events', 'type: event_count, rules: [a], condition: {gt: 1, lte: 3}', ALL],
  ['exactly so many events', 'type: event_count, rules: [a], condition: {eq: 2}', ALL],
  ['any number of events but one', 'type: event_count, rules: [a], condition: {neq: 2}', ALL],
  ['events of two rules', 'type: event_count, rules: [a, b], condition: {gte: 3}', ALL],
  ['values', 'type: value_count, rules: [a], condition: {field: Size, gte: 3}', ALL],
  ['few values', 'type: value_count, rules: [a], condition: {field: Size, lt: 2}', ALL],
  ['values of a text', 'type: value_count, rules: [a], condition: {field: Host, lt: 2}', ALL],
  ['a sum', 'type: value_sum, rules: [a], condition: {field: Size, gte: 9}', ALL],
  ['a small sum', 'type: value_sum, rules: [a], condition: {field: Size, lt: 9}', ALL],
  ['an average', 'type: value_avg, rules: [a], condition: {field: Size, gt: 3}', ALL],
  ['a median', 'type: value_median, rules: [a], condition: {field: Size, gt: 3}', ALL],
  [
    'a percentile',
    'type: value_percentile, rules: [a], condition: {field: Size, percentile: 75, gt: 4}',
    ALL,
  ],
  ['two rules in any order', 'type: temporal, rules: [a, b]', ALL],
  ['three rules in any order', 'type: temporal, rules: [a, b, c]', ALL],
  ['some of three rules', 'type: temporal, rules: [a, b, c], condition: {gte: 2}', ALL],
  ['a condition over rules', 'type: temporal, rules: [a, b, c], condition: a and (b or c)', ALL],
  ['a negation over rules', 'type: temporal, rules: [a, b], condition: a and not b', ALL],
  ['two rules in order', 'type: temporal_ordered, rules: [a, b]', [...ALL, 'eql']],
  ['three rules in order', 'type: temporal_ordered, rules: [a, b, c]', ['spl', 'kusto', 'eql']],
]

/** Seconds that lie on, before and behind the borders of windows, and anywhere between. */
const second = fc.oneof(
  fc.integer({ min: 0, max: 3 * SPAN }),
  fc
    .tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: -1, max: 1 }))
    .map(([window, off]) => Math.max(0, window * SPAN + off)),
)
const flag = fc.constantFrom<true | undefined>(true, undefined)
/** Most events arrive in time. */
const late = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: SPAN }))
const user = fc.constantFrom('ada', 'ravi', 'vera', 'bo', 'cy', 'di', 'ed', undefined)
const host = fc.constantFrom('one', 'two', undefined)

function streams(isOrdered: boolean): fc.Arbitrary<readonly CorrelatedEvent[]> {
  const kinds = isOrdered
    ? fc.constantFrom<Partial<CorrelatedEvent>>({ a: true }, { b: true }, { c: true })
    : fc.record({ a: flag, b: flag, c: flag })
  const event = fc
    .tuple(second, kinds, user, fc.constantFrom(undefined, 1, 2, 3, 4, 5, 6), late, host, user)
    .map(([at, kind, who, size, delay, host, owner]) => ({
      event: clean({ second: at, ...kind, user: who, host, owner, size }),
      arrival: at + delay,
    }))
  // What happens in the same second has no order.
  const made = isOrdered
    ? fc.uniqueArray(event, { ...EVENTS, selector: (one) => one.event.second })
    : fc.array(event, EVENTS)
  return made.map((some) =>
    some.toSorted((one, other) => one.arrival - other.arrival).map((one) => one.event),
  )
}

function clean(event: object): CorrelatedEvent {
  return Object.fromEntries(
    Object.entries(event).filter(([, value]) => value !== undefined),
  ) as unknown as CorrelatedEvent
}

const ALIASES = 'aliases: {who: {a: User, b: Owner, c: User}}'
const GROUPINGS: readonly (readonly [string, string, string, Languages])[] = [
  ...CASES.map(
    ([title, written, languages]) => [title, written, 'group-by: [User]', languages] as const,
  ),
  [
    'two fields',
    'type: event_count, rules: [a], condition: {gte: 2}',
    'group-by: [User, Host]',
    [...ALL, 'eql'],
  ],
  [
    'no field',
    'type: value_sum, rules: [a], condition: {field: Size, gt: 6}',
    'generate: false',
    ALL,
  ],
  [
    'no field at all',
    'type: event_count, rules: [a], condition: {gte: 2}',
    'generate: false',
    [...ALL, 'eql'],
  ],
  ['aliases', 'type: temporal, rules: [a, b]', `group-by: [who], ${ALIASES}`, ALL],
  [
    'aliases of counted events',
    'type: event_count, rules: [a, b], condition: {gte: 2}',
    `group-by: [who], ${ALIASES}`,
    ALL,
  ],
  [
    'aliases in order',
    'type: temporal_ordered, rules: [a, b]',
    `group-by: [who], ${ALIASES}`,
    [...ALL, 'eql'],
  ],
]

for (const [title, written, grouping, languages] of GROUPINGS) {
  const given = correlationCase(`title: C\ncorrelation: {${written}, ${grouping}, timespan: 10m}\n`)
  const isOrdered = written.includes('ordered')
  for (const backend of languages) {
    void test(`${backend}: ${title}`, () => {
      let foundCount = 0
      fc.assert(
        fc.property(streams(isOrdered), (made) => {
          const events = backend === 'spl' ? withoutExactSpans(made) : made
          const answer = groupsOfQuery(given, backend, events)
          foundCount += answer.groups.length
          const expected = answer.isSideBySide
            ? groupsSideBySide(given, events)
            : groupsOfMatcher(given, events)
          const decided = decidedIn(given, events)
          assert.deepEqual(decided(answer.groups), decided(expected), answer.query)
          if (backend === 'kusto') {
            const bare = groupsOfQuery(given, backend, events, false)
            assert.deepEqual(decided(bare.groups), decided(expected), bare.query)
          }
          const whole = events.map((one) => ({ ...one, second: one.second % (SPAN - 1) }))
          const isTied = new Set(whole.map((one) => one.second)).size < whole.length
          if (isOrdered && isTied) return
          const inside = groupsOfQuery(given, backend, whole)
          const sure = decidedIn(given, whole)
          assert.deepEqual(sure(inside.groups), sure(groupsOfMatcher(given, whole)), 'undivided')
        }),
        { numRuns: RUNS, seed: 4 },
      )
      assert.ok(foundCount > 0, 'the premise: some streams have a finding')
    })
  }
}

void test('where it warns, a text misses what a border divides, and the matcher does not', () => {
  const given = correlationCase(
    'title: C\ncorrelation: {type: temporal, rules: [a, b], group-by: [User], timespan: 10m}\n',
  )
  const events: readonly CorrelatedEvent[] = [
    { second: SPAN - 1, a: true, user: 'ada' },
    { second: SPAN + 1, b: true, user: 'ada' },
  ]
  assert.deepEqual(groupsOfMatcher(given, events), ['ada'])
  const answers = ALL.map((backend) => groupsOfQuery(given, backend, events))
  assert.deepEqual(
    answers.map(({ groups, isSideBySide }) => [groups.length, isSideBySide]),
    [
      [1, false],
      [0, true],
      [0, true],
    ],
  )
})

const CHAIN = `title: Many
name: many
correlation: {type: event_count, rules: [a], group-by: [User], timespan: 5m, condition: {gte: 2}}
---
title: C
correlation: {type: event_count, rules: [many], group-by: [User], timespan: 1h, condition: {gte: 2}}
`

for (const backend of ALL) {
  void test(`${backend}: a chain, where no border divides what belongs together`, () => {
    const given = correlationCase(CHAIN)
    const event = fc
      .tuple(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 290 }), user)
      .map(([slot, at, who]) => clean({ second: slot * 600 + at, a: true, user: who }))
    const stream = fc
      .array(event, { minLength: 20, maxLength: 60 })
      .map((events) => events.toSorted((one, other) => one.second - other.second))
    let foundCount = 0
    fc.assert(
      fc.property(stream, (events) => {
        const { groups, isSideBySide, query } = groupsOfQuery(given, backend, events)
        foundCount += groups.length
        assert.ok(isSideBySide)
        assert.deepEqual(groups, groupsOfMatcher(given, events), query)
      }),
      { numRuns: RUNS, seed: 4 },
    )
    assert.ok(foundCount > 0)
  })
}

/** Splunk does not say whether events exactly a window apart are in one. */
function withoutExactSpans(events: readonly CorrelatedEvent[]): readonly CorrelatedEvent[] {
  const seconds = new Set(events.map((one) => one.second))
  return events.filter((one) => !seconds.has(one.second + SPAN))
}

type Groups = readonly string[]

/** Between two ranks every language has a median and percentiles of its own: not those groups. */
function decidedIn(
  given: CorrelationCase,
  events: readonly CorrelatedEvent[],
): (groups: Groups) => Groups {
  const { type, percentile = 50, bounds } = given.outermost.correlation
  if (type !== 'value_median' && type !== 'value_percentile') return (groups) => groups
  const isUndecided = (window: readonly Occurrence[]) => {
    const sizes = window.flatMap((one) => one.field('Size') ?? []).map(Number)
    const sorted = sizes.toSorted((a, b) => a - b)
    const rank = ((sorted.length - 1) * percentile) / 100
    const [low = 0, high = 0] = [sorted[Math.floor(rank)], sorted[Math.ceil(rank)]]
    return low > bounds[0]!.value !== high > bounds[0]!.value
  }
  const windows = [...windowsOf(given, events)].filter(([, window]) => isUndecided(window))
  const undecided = new Set(windows.map(([key]) => key.slice(key.indexOf(' ') + 1)))
  return (groups) => groups.filter((group) => !undecided.has(group))
}
