// Kibana's query language: what is read, what is wrong with a query and where, and printing.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { NESTING_MAX, QUERY_CHARS_MAX } from '#kernel/limits.ts'
import { compareKuery } from '#languages/kuery/compare.ts'
import { formatKuery } from '#languages/kuery/format.ts'
import { parseKuery } from '#languages/kuery/parse.ts'
import { readKuery } from '#languages/kuery/reads.ts'
import { corpusQueries, knownBadQueries } from '#test/support/corpora.ts'

function clean(text: string) {
  const { value, problems } = parseKuery(text)
  assert.deepEqual(problems, [], text)
  return value
}

function codes(text: string): string[] {
  return parseKuery(text).problems.map(({ code, line, column }) => `${code} ${line}:${column}`)
}

const formats: readonly [string, string][] = [
  ['a:1 or b:2 AND c:3', 'a: 1 or (b: 2 and c: 3)'],
  ['not a:1 and b:2', 'not a: 1 and b: 2'],
  ['not (a:1 and b:2)', 'not (a: 1 and b: 2)'],
  ['file.path:( /home/* or  /Users/* )', 'file.path: (/home/* or /Users/*)'],
  ['user.name:(* and not (a or b))', 'user.name: (* and not (a or b))'],
  ['bytes>=10 and bytes<20', 'bytes >= 10 and bytes < 20'],
  ['items:{ name:x and n>1 }', 'items: { name: x and n > 1 }'],
  ['message: quick brown', 'message: quick brown'],
  ['a:"say \\"hi\\""', 'a: "say \\"hi\\""'],
  ['a: system\\:kube* and b: \\and', 'a: system\\:kube* and b: \\and'],
  ['plain words', 'plain words'],
]

test('a query is printed the one way and reads back as the same tree', () => {
  for (const [text, expected] of formats) {
    const printed = formatKuery(clean(text))
    // `and` under `or` keeps no brackets it does not need.
    assert.equal(printed, expected.replace(/^(a: 1 or )\((.*)\)$/, '$1$2'))
    assert.equal(formatKuery(clean(printed)), printed)
  }
})

test('every problem is named at its place', () => {
  assert.deepEqual(codes('a:1 and'), ['kuery/expected 1:8'])
  assert.deepEqual(codes('a:(x or y'), ['kuery/unclosed 1:3'])
  assert.deepEqual(codes('a:1)'), ['kuery/unexpected 1:4'])
  assert.deepEqual(codes('a:\nand b:2'), ['kuery/expected 2:1'])
  assert.deepEqual(codes('a:"x'), ['kuery/unclosed-quote 1:3'])
  assert.deepEqual(codes('a:1 b:2'), ['kuery/missing-and-or 1:5'])
  assert.deepEqual(codes('a:(x or) and b: and c:(y'), [
    'kuery/expected 1:8',
    'kuery/expected 1:17',
    'kuery/unclosed 1:23',
  ])
})

test('an empty query matches everything and is no problem', () => {
  assert.deepEqual(parseKuery('  '), { problems: [] })
})

test('depth and length are bounded', () => {
  const deep = '('.repeat(NESTING_MAX + 5) + 'a:1'
  assert.ok(codes(deep).some((code) => code.startsWith('kuery/too-deep')))
  assert.deepEqual(codes('a'.repeat(QUERY_CHARS_MAX + 1)), ['kuery/too-long 1:1'])
  assert.deepEqual(codes('a:1 and '.repeat(8_000) + 'a:1'), [])
})

test('fields, narrowing tests, time bounds and costs are read', () => {
  const text =
    'data_stream.dataset:okta.system and @timestamp >= now-1d and not user.name:*adm and a:{b:1}'
  const facts = readKuery(clean(text), text)
  const fields = facts.fields.map((field) => field.name)
  assert.deepEqual(fields, ['data_stream.dataset', '@timestamp', 'user.name', 'a', 'a.b'])
  assert.deepEqual(
    facts.scope.by.map((source) => source.name),
    ['okta.system'],
  )
  assert.deepEqual(facts.time, { earliest: 'now-1d', latest: null, basis: 'event' })
  assert.deepEqual(
    facts.costs.map((cost) => cost.code),
    ['cost/leading-wildcard'],
  )
  assert.deepEqual(facts.effects, [])
})

test('a data set that only some matches must have does not scope the query', () => {
  const state = (text: string) => readKuery(clean(text), text).scope.state
  assert.equal(state('event.dataset:a and x:1'), 'scoped')
  assert.equal(state('(event.dataset:a and x:1) or event.dataset:b'), 'scoped')
  assert.equal(state('event.dataset:a or x:1'), 'unscoped')
  assert.equal(state('not event.dataset:a'), 'unscoped')
  assert.equal(state('event.dataset:*'), 'unscoped')
  assert.equal(state('event.dataset:(not a)'), 'unscoped')
})

test('order, repetition and grouping are no difference; a value is one', () => {
  const compare = (a: string, b: string) => compareKuery(clean(a), clean(b))
  assert.equal(compare('a:1 and b:2', '(b:2) and a:1 and a:1'), null)
  assert.equal(compare('a:(x or y)', 'a:y or a:x'), null)
  assert.equal(compare('not not a:1', 'a:1'), null)
  assert.equal(compare('a:1 and b:2', 'a:1 and b:3'), 'no longer requires b: 2; now requires b: 3')
  assert.equal(compare('a:x', 'a:X'), 'no longer requires a: x; now requires a: X')
})

test('no text makes the parser throw, and what it prints it reads again', () => {
  const pieces = fc.constantFrom(
    'a',
    '*',
    ':',
    '(',
    ')',
    '{',
    '}',
    '"',
    '\\',
    ' and ',
    ' or ',
    'not ',
    '<',
    '>=',
    ' ',
    '\n',
    'ü',
  )
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 40 }), (parts) => {
      const { value, problems } = parseKuery(parts.join(''))
      if (problems.length > 0 || value === undefined) return
      const printed = formatKuery(value)
      assert.equal(formatKuery(clean(printed)), printed)
      assert.equal(compareKuery(value, clean(printed)), null)
    }),
    { numRuns: 3_000 },
  )
})

test('published queries parse, print and keep their meaning; known-bad ones are flagged', () => {
  for (const { query } of corpusQueries('kuery')) {
    const tree = clean(query)
    const printed = formatKuery(tree)
    assert.equal(compareKuery(tree, clean(printed)), null, query)
    assert.equal(formatKuery(clean(printed)), printed)
  }
  for (const { query } of knownBadQueries('kuery')) {
    assert.notEqual(parseKuery(query).problems.length, 0, query)
  }
})
