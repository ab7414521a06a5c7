// Events made of rules: the matcher finds the one that should match and misses those that just should
// not, whatever the rule is written with.

import assert from 'node:assert/strict'
import test from 'node:test'
import { generateCases } from '#domain/rules/testing/generate-cases.ts'
import { compileRegex } from '#languages/regex.ts'
import { textsOfRegex } from '#languages/sigma/examples/regex-text.ts'

function rule(detection: string): string {
  return `title: One\nlogsource: {product: windows}\ndetection:\n${detection}\n`
}

/** The names of what was made; every case was run over the rule already. */
function namesOf(text: string, sources: readonly string[] = []): readonly string[] {
  const { cases, leftOut } = generateCases(text, sources)
  assert.deepEqual(leftOut, [])
  return cases.map(({ name }) => name)
}

const FIRES = 'fires on an example'

test('a rule gets a match and a near-miss for each part of its condition', () => {
  const text = rule(`  cli: {Image|endswith: '\\reg.exe', CommandLine|contains|all: [add, Run]}
  other: {OriginalFileName: reg.exe}
  admin: {User|startswith: adm, Host: dc01}
  none: {Parent: null}
  condition: (cli or other) and not admin and not none`)
  assert.deepEqual(namesOf(text), [
    FIRES,
    'silent with another Image',
    'silent with another CommandLine',
    'silent with another OriginalFileName',
    'silent when admin holds',
    'silent when none holds',
  ])
  const { cases } = generateCases(text, [])
  assert.deepEqual(cases[0]!.events, [
    { Image: 'C:\\Tools\\reg.exe', CommandLine: 'add Run', Parent: 'example' },
  ])
})

const PARTS: readonly (readonly [what: string, item: string])[] = [
  ['wildcards', `{F: 'a*b?c*'}`],
  ['text that counts its case', '{F|cased: AbC}'],
  ['a list of which all', `{F|contains|all: ['-e', foo, ' x ']}`],
  ['a beginning and an end', `{F|startswith: /usr/, F|endswith: .sh}`],
  ['an expression', `{F|re: '^(?:cmd|sh)\\.[a-z]{3}\\s+/c\\s.*\\d{2,4}$'}`],
  ['an expression in the middle', `{F|re|i: '[A-Z]:\\\\(temp|tmp)\\\\[^\\\\]+\\.exe'}`],
  ['a network', `{F|cidr: [10.1.0.0/16, 'fd00::/8']}`],
  ['numbers', '{F|gte: 10, F|lt: 20}'],
  ['a number', '{F: 4625}'],
  ['presence', '{F|exists: true}'],
  ['absence', '{G: x, F|exists: false}'],
  ['nothing', '{G: x, F: null}'],
  ['another field', '{F|fieldref: G}'],
  ['the beginning of another field', '{F|fieldref|startswith: G, G: abc}'],
  ['what it is not', '{G: x, F|neq: y}'],
  ['an hour', '{F|hour: 3}'],
  ['words anywhere', '[one two, three]'],
  ['base64', `{F|base64offset|contains: 'http'}`],
  ['dashes', `{F|windash|contains: ' -f '}`],
  ['nested fields', `{process.name: x, 'Event.Data|contains': y}`],
]

for (const [what, item] of PARTS) {
  test(`a match and near-misses are found for ${what}`, () => {
    const names = namesOf(rule(`  part: ${item}\n  condition: part`))
    assert.equal(names[0], FIRES)
    assert.ok(names.length > 1, 'no near-miss')
  })
}

test('what cannot be is left out and named', () => {
  const never = generateCases(rule('  a: {F: x}\n  b: {F: x}\n  condition: a and not b'), [])
  assert.deepEqual(never.cases, [])
  assert.deepEqual(never.leftOut, [
    { name: FIRES, why: 'no event was found that fulfils the condition' },
  ])
  const open = generateCases(rule(`  a: {F|expand: '%hosts%'}\n  condition: a`), [])
  assert.deepEqual(open.cases, [])
  assert.equal(open.leftOut[0]!.why, 'The placeholder %hosts% has no value.')
  assert.deepEqual(generateCases('title: x', []).cases, [])
})

const LOGIN = `title: Login
name: login
logsource: {product: linux}
detection: {sel: {event: failed}, condition: sel}
`
const SUCCESS = LOGIN.replace('title: Login', 'title: Success')
  .replace('name: login', 'name: success')
  .replace('failed', 'worked')

function correlation(lines: string): string {
  return `title: Many\ncorrelation:\n  rules: [login${lines.includes('temporal') ? ', success' : ''}]\n  timespan: 5m\n  group-by: [host]\n${lines}\n`
}

const CORRELATIONS: readonly (readonly [lines: string, expected: readonly string[]])[] = [
  [
    '  type: event_count\n  condition: {gte: 3}',
    [
      'with one event too few',
      'with the last event too late',
      'with the last event of another host',
    ],
  ],
  [
    '  type: value_count\n  condition: {field: user, gt: 2}',
    [
      'with one event too few',
      'with the last event too late',
      'with the last event of another host',
      'with the same value again',
    ],
  ],
  [
    '  type: temporal_ordered',
    [
      'without login',
      'without success',
      'with the last event too late',
      'with the last event of another host',
      'in another order',
    ],
  ],
  ['  type: value_sum\n  condition: {field: bytes, gte: 100}', ['with the value 99']],
]

for (const [lines, expected] of CORRELATIONS) {
  test(`a correlation gets sequences:${lines.split('\n')[0]!.slice(7)}`, () => {
    const names = namesOf(correlation(lines), [LOGIN, SUCCESS])
    assert.deepEqual(names, [FIRES, ...expected.map((how) => `silent ${how}`)])
  })
}

test('a correlation without its rules gets nothing, and the reason', () => {
  const { cases, leftOut } = generateCases(correlation(CORRELATIONS[0]![0]), [])
  assert.deepEqual(cases, [])
  assert.match(leftOut[0]!.why, /login/)
})

test('a text is found for expressions of every build', () => {
  const patterns = [
    '^\\w+@[\\w.-]+\\.(?:com|org)$',
    '\\bfoo\\b|bar',
    '(?i)POWERSHELL(?:\\.exe)?\\s+-e(?:nc)?',
    '[^a-z0-9]{3}\\x41\\x{42}\\.\\Qa.b\\E',
    '(?P<name>[[:digit:]]+)-\\d{3,}\\S*\\z',
    'a{0}b{2}c{1,}(d|e|)+?$',
  ]
  for (const pattern of patterns) {
    const compiled = compileRegex(pattern, [])
    assert.ok(!('refusal' in compiled), pattern)
    assert.ok(
      textsOfRegex(pattern).some((text) => compiled.test(text)),
      pattern,
    )
  }
})
