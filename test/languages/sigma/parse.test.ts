import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseSigma } from '#languages/sigma/parse.ts'
import type { SigmaCorrelation, SigmaRule } from '#languages/sigma/rule.ts'

const HEAD = 'title: T\nlogsource: {category: test}\n'

function rule(detection: string): string {
  return `${HEAD}detection:\n${detection.replaceAll(/^/gm, '  ')}\n`
}

function codes(text: string): readonly string[] {
  return parseSigma(text).problems.map((problem) => problem.code)
}

void test('a rule is read with its searches, links and values', () => {
  const text = rule(
    'sel:\n  - A|contains|all: [x, y]\n    B: 1\n  - C: null\nwords: [p, q]\ncondition: sel or words',
  )
  const [parsed] = parseSigma(text).documents as readonly SigmaRule[]
  const sel = parsed!.detections.searches.get('sel')!
  assert.equal(sel.link, 'or')
  const [first] = sel.items
  assert.ok(first?.kind === 'group' && first.link === 'and' && first.items[0]?.kind === 'item')
  assert.equal(first.items[0].link, 'and')
  const words = parsed!.detections.searches.get('words')!.items[0]
  assert.ok(words?.kind === 'item' && words.field === undefined && words.values.length === 2)
})

void test('all problems come at once, each at its place', () => {
  const { problems } = parseSigma(
    rule('sel:\n  A|contians: x\n  B|contains: 5\n  C|cidr: nowhere\ncondition: sell'),
  )
  assert.deepEqual(
    problems.map(({ code, line, column }) => [code, line, column]),
    [
      ['sigma/unknown-modifier', 5, 5],
      ['sigma/modifier-misapplied', 6, 17],
      ['sigma/modifier-misapplied', 7, 13],
      ['sigma/unknown-identifier', 8, 14],
    ],
  )
  assert.match(problems[0]!.hint!, /contains/)
  assert.match(problems[3]!.hint!, /"sel"/)
})

void test('what cannot be a rule says why', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['42', 'sigma/not-a-map'],
    ['title: T\ndetection: {s: {a: b}, condition: s}', 'sigma/missing-logsource'],
    [HEAD, 'sigma/missing-detection'],
    [`${HEAD}detection: {s: {a: b}}`, 'sigma/missing-condition'],
    [rule('s: {}\ncondition: s'), 'sigma/empty-search'],
    [rule('s: {a: []}\ncondition: s'), 'sigma/empty-list'],
    [rule('s: {a: {b: c}}\ncondition: s'), 'sigma/value-not-plain'],
    [rule('s: {a: 1}\ncondition: 1 of x*'), 'sigma/selector-matches-nothing'],
    [rule('s: {a: 1, a: 2}\ncondition: s'), 'yaml/duplicate-key'],
    [rule('s: [null]\ncondition: s'), 'sigma/null-keyword'],
    [rule('s: {a|i: x}\ncondition: s'), 'sigma/modifier-misapplied'],
    ['action: flip\ntitle: x', 'sigma/unknown-action'],
    ['a: !!js/function "x"', 'yaml/unknown-tag'],
    ['title: "a\u0000b"', 'yaml/control-character'],
    ['a: &a\n  b: *a', 'yaml/too-deep'],
    [rule(`s: {a: [${'x, '.repeat(20_000)}]}\ncondition: s`), 'yaml/too-many-nodes'],
    [`a: ${'x'.repeat(600_000)}`, 'yaml/too-large'],
  ]
  for (const [text, code] of cases) {
    assert.ok(codes(text).includes(code), `${text.slice(0, 80)}: ${codes(text).join(' ')}`)
    assert.equal(parseSigma(text).documents.length, 0)
  }
})

void test('a broken document does not take its neighbours with it', () => {
  const good = rule('s: {a: 1}\ncondition: s')
  const parsed = parseSigma(`${good}---\ntitle: broken\n---\n${good}`)
  assert.deepEqual(
    parsed.documents.map((document) => document.index),
    [0, 2],
  )
  assert.equal(parsed.outlines[1]!.title, 'broken')
})

void test('legacy actions lay a global document over those that follow', () => {
  const text = `action: global
title: Shared
logsource: {product: windows}
detection: {condition: s}
---
id: one
detection: {s: {a: 1}}
---
action: repeat
id: two
detection: {s: {a: 2}}
---
action: reset
---
title: alone
`
  const parsed = parseSigma(text)
  assert.deepEqual(
    parsed.documents.map(({ id, title, index }) => [id, title, index]),
    [
      ['one', 'Shared', 1],
      ['two', 'Shared', 2],
    ],
  )
  assert.equal(parsed.outlines.at(-1)!.document, undefined)
})

void test('anchors, aliases and merge keys are followed', () => {
  const parsed = parseSigma(rule('base: &b {A: 1}\nsel:\n  <<: *b\n  B: 2\ncondition: sel or base'))
  const [first] = parsed.documents as readonly SigmaRule[]
  const fields = first!.detections.searches
    .get('sel')!
    .items.map((item) => item.kind === 'item' && item.field)
  assert.deepEqual(fields, ['B', 'A'])
})

void test('a correlation is read with ranges, aliases and several fields', () => {
  const [parsed] = parseSigma(`title: C
correlation:
  type: value_count
  rules: [a, b]
  group-by: [user]
  timespan: 90m
  condition: {gt: 1, lte: 200, field: [x, y]}
  aliases: {user: {a: u1, b: u2}}
`).documents as readonly SigmaCorrelation[]
  assert.equal(parsed!.timespanSeconds, 5400)
  assert.deepEqual(parsed!.bounds, [
    { op: 'gt', value: 1 },
    { op: 'lte', value: 200 },
  ])
  assert.deepEqual(parsed!.valueFields, ['x', 'y'])
  assert.equal(parsed!.aliases.get('user')!.get('b'), 'u2')
})

void test('a correlation that cannot work says why', () => {
  const correlation = (text: string) => codes(`title: C\ncorrelation: {${text}}`)
  const base = 'rules: [a], timespan: 5m, group-by: [x]'
  assert.deepEqual(correlation(`type: event_cout, ${base}, condition: {gte: 1}`), [
    'sigma/correlation-type',
  ])
  assert.deepEqual(correlation(`type: event_count, ${base}`), ['sigma/correlation-condition'])
  assert.deepEqual(correlation(`type: value_sum, ${base}, condition: {gte: 1}`), [
    'sigma/correlation-field',
  ])
  assert.deepEqual(correlation(`type: value_percentile, ${base}, condition: {gte: 1, field: f}`), [
    'sigma/correlation-percentile',
  ])
  assert.deepEqual(correlation('type: temporal, rules: [a], timespan: 5x'), [
    'sigma/correlation-timespan',
  ])
})

void test('no text makes the reader throw', () => {
  const unit = fc.constantFrom(
    'a',
    ':',
    ' ',
    '\n',
    '-',
    '[',
    '{',
    '&',
    '*',
    '!',
    '|',
    '"',
    '?',
    '%',
  )
  fc.assert(fc.property(fc.string({ unit, maxLength: 60 }), (text) => void parseSigma(text)))
  fc.assert(fc.property(fc.string(), (text) => void parseSigma(rule(`s: {"f|${text}": x}`))))
})
