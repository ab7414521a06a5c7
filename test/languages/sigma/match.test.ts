// The matcher skips most rules by a search over their texts and remembers answers. Whatever it skips,
// its answer is that of asking every test of every rule.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Predicate } from '#languages/predicate.ts'
import { EventView, FieldTable } from '#languages/sigma/event.ts'
import { lower } from '#languages/sigma/lower.ts'
import { Matcher } from '#languages/sigma/match.ts'
import { parseSigma } from '#languages/sigma/parse.ts'
import type { SigmaRule } from '#languages/sigma/rule.ts'
import { compileTest } from '#languages/sigma/test.ts'
import { ruleText } from '#test/support/rule-text.ts'
import { thoroughly } from '#test/support/thorough.ts'

function ruleOf(detection: string): SigmaRule {
  const { documents, problems } = parseSigma(ruleText(`detection: ${detection}`))
  const [rule] = documents
  assert.ok(rule?.kind === 'rule', `${detection}: ${JSON.stringify(problems)}`)
  return rule
}

function holds(predicate: Predicate, event: object): boolean {
  switch (predicate.kind) {
    case 'constant':
      return predicate.value
    case 'not':
      return !holds(predicate.of, event)
    case 'and':
      return predicate.of.every((one) => holds(one, event))
    case 'or':
      return predicate.of.some((one) => holds(one, event))
    default: {
      const table = new FieldTable()
      const field = predicate.kind === 'test' ? predicate.field : undefined
      const check = compileTest(predicate.test, field, table)
      assert.ok(typeof check === 'function')
      const view = new EventView(table)
      view.load(event)
      return check(view)
    }
  }
}

const word = fc.string({ unit: fc.constantFrom('a', 'B', 'c', '1', '.', '*', '?'), maxLength: 5 })
const value = fc.oneof(word, fc.constantFrom('abc', 'ABC', 'aBc1', 1, 11, true, null))
const field = fc.constantFrom('A', 'B', 'a.b', 'C')
const modifier = fc.constantFrom(
  '',
  '|contains',
  '|endswith',
  '|startswith',
  '|cased',
  '|contains|all',
)

const search = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.array(fc.oneof(word, fc.constantFrom('abc', 1)), { minLength: 1, maxLength: 3 }),
  },
  {
    weight: 3,
    arbitrary: fc.dictionary(
      fc.tuple(field, modifier).map((parts) => parts.join('')),
      fc.array(fc.oneof(word, fc.constantFrom('abc', 'B')), { minLength: 1, maxLength: 3 }),
      { minKeys: 1, maxKeys: 2 },
    ),
  },
)
const condition = fc.constantFrom(
  'a',
  'a and b',
  'a or b',
  'a and not b',
  'not a',
  '(a or b) and not (a and b)',
)
const detection = fc.record({ a: search, b: search, condition }).map((one) => JSON.stringify(one))
const event = fc.dictionary(
  fc.constantFrom('A', 'B', 'b', 'C', 'a.b', 'D'),
  fc.oneof(value, fc.array(value, { maxLength: 2 }), fc.record({ b: value })),
  { maxKeys: 4 },
)

const RUNS = thoroughly(100, 1_000)

test('skipping rules and remembering answers changes none of them', () => {
  let matchCount = 0
  fc.assert(
    fc.property(
      fc.array(detection, { minLength: 1, maxLength: 6 }),
      fc.array(event, { minLength: 1, maxLength: 4 }),
      (detections, events) => {
        const rules = detections.map(ruleOf)
        const matcher = new Matcher(rules)
        const predicates = rules.map((rule) => lower(rule.detections).predicates[0]!)
        for (const one of events) {
          const wanted = rules.filter((_, at) => holds(predicates[at]!, one))
          assert.deepEqual(
            matcher.match(one).map((rule) => rules.indexOf(rule)),
            wanted.map((rule) => rules.indexOf(rule)),
          )
          matchCount += wanted.length
        }
      },
    ),
    { numRuns: RUNS, seed: 1 },
  )
  assert.ok(matchCount > RUNS / 3, `only ${matchCount} matched`)
})

test('the more rules cannot match, the fewer are asked', () => {
  const rules = Array.from({ length: 500 }, (_, at) =>
    ruleOf(`{a: {CommandLine|contains: 'tool${at}x', Image|endswith: '.exe'}, condition: a}`),
  )
  const matcher = new Matcher(rules)
  assert.equal(matcher.match({ CommandLine: 'run tool7x', Image: 'C:\\a.exe' }).length, 1)
  assert.equal(matcher.rulesAsked, 1)
})

test('a list of thousands of values is searched for at once', () => {
  const values = Array.from({ length: 5_000 }, (_, at) => `'MD5=${String(at).padStart(32, '0')}'`)
  const matcher = new Matcher([
    ruleOf(`{a: {Hashes|contains: [${values.join(', ')}]}, condition: a}`),
  ])
  assert.deepEqual(matcher.match({ Hashes: 'MD5=x' }), [])
  assert.equal(matcher.rulesAsked, 0)
  assert.equal(matcher.match({ Hashes: `SHA1=1,MD5=${'4999'.padStart(32, '0')}` }).length, 1)
})

test('a keyword stands in one value, never across two', () => {
  const matcher = new Matcher([
    ruleOf("{a: ['one two'], condition: a}"),
    ruleOf("{a: ['one*two'], condition: a}"),
    ruleOf('{a: [4711], condition: a}'),
  ])
  const titles = (one: object) => matcher.match(one).length
  assert.equal(titles({ A: 'one', B: 'two' }), 0)
  assert.equal(titles({ A: 'an ONE two', B: 'x' }), 2)
  assert.equal(titles({ A: { B: ['x', 'ones and twos'] } }), 1)
  assert.equal(titles({ A: 47110 }), 1)
})
