import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CHECKS, lintFiles } from '#languages/sigma/lint.ts'
import { parseSigma } from '#languages/sigma/parse.ts'

const META = `title: A rule
id: 80167ada-7a12-41ed-b8e9-aa47195c66a1
status: test
description: Finds it
author: ada
date: 2024-05-01
level: low
logsource: {category: test}
`
const DETECTION = 'detection: {sel: {A: x}, condition: sel}\n'

function codes(...texts: readonly string[]): readonly string[] {
  const files = texts.map((text, index) => ({
    path: `${index}.yml`,
    text,
    outlines: parseSigma(text).outlines,
  }))
  return lintFiles(files).flatMap(({ problems }) => problems.map(({ code }) => code))
}

function detection(text: string): readonly string[] {
  return codes(`${META}detection: {${text}}\n`)
}

function with_(line: string): readonly string[] {
  const key = line.slice(0, line.indexOf(':'))
  const kept = META.split('\n').filter((one) => !one.startsWith(`${key}:`))
  return codes(`${kept.join('\n')}${DETECTION}${line}\n`)
}

void test('a rule as the community writes it has no problems', () => {
  assert.deepEqual(codes(META + DETECTION), [])
})

void test('each check of the detection finds its example and nothing else does', () => {
  const cases: Readonly<Record<string, string>> = {
    'sigma/unused-search': 'a: {A: x}, b: {B: x}, condition: a',
    'sigma/contradiction': 'a: {A: x}, condition: a and not a',
    'sigma/only-negations': 'a: {A: x}, condition: not a',
    'sigma/needless-quantity': 'a: {A: x}, condition: 1 of them',
    'sigma/all-with-one-value': 'a: {A|contains|all: xyz}, condition: a',
    'sigma/null-in-list': 'a: {A: [x, null]}, condition: a',
    'sigma/duplicate-value': 'a: {A: [x, X]}, condition: a',
    'sigma/covered-value': 'a: {A|contains: [cmd, cmd.exe]}, condition: a',
    'sigma/lone-wildcard': "a: {A: '*'}, condition: a",
    'sigma/needless-wildcard': "a: {A|contains: '*xyz*'}, condition: a",
    'sigma/wildcards-for-modifiers': "a: {A: '*xyz*'}, condition: a",
    'sigma/escaped-wildcard': "a: {A: 'C:\\*'}, condition: a",
    'sigma/placeholder-without-expand': "a: {A: '%Admins%'}, condition: a",
    'sigma/short-contains': 'a: {A|contains: x}, condition: a',
    'sigma/windash-without-dash': 'a: {A|windash: xyz}, condition: a',
    'sigma/surprising-scalar': 'a: {A: 010}, condition: a',
    'sigma/regex-invalid': "a: {A|re: '(['}, condition: a",
    'sigma/regex-not-linear': "a: {A|re: '(?=a).+'}, condition: a",
    'sigma/regex-is-text': 'a: {A|re: cmd}, condition: a',
    'sigma/network-host-bits': 'a: {A|cidr: 10.1.2.3/8}, condition: a',
    'sigma/space-in-field': 'a: {Threat Name: x}, condition: a',
    'sigma/repeated-modifier': 'a: {A|contains|contains: xyz}, condition: a',
  }
  for (const [code, text] of Object.entries(cases)) assert.deepEqual(detection(text), [code], text)
})

void test('each check of the metadata finds its example', () => {
  const cases: Readonly<Record<string, string>> = {
    'sigma/id-not-uuid': 'id: mine',
    'sigma/unknown-status': 'status: tested',
    'sigma/unknown-level': 'level: hgih',
    'sigma/date-format': 'date: 2024/05/01',
    'sigma/modified-format': 'modified: yesterday',
    'sigma/modified-before-date': 'modified: 2023-05-01',
    'sigma/tag-format': 'tags: [T1059]',
    'sigma/duplicate-tags': 'tags: [attack.t1059, attack.t1059]',
    'sigma/list-expected': 'tags: attack.t1059',
    'sigma/falsepositive-too-short': 'falsepositives: [x]',
    'sigma/falsepositive-none': 'falsepositives: [None]',
    'sigma/related-malformed': 'related: [{id: x}]',
    'sigma/unknown-key': 'falsepositive: [admins]',
    'sigma/title-style': 'title: Detects things',
    'sigma/deprecated-without-successor': 'status: deprecated',
    'sigma/reference-not-text': 'references: [2024]',
  }
  for (const [code, line] of Object.entries(cases)) assert.deepEqual(with_(line), [code], line)
})

void test('ATT&CK tags are compared with the embedded version', () => {
  const cases: Readonly<Record<string, readonly string[]>> = {
    'tags: [attack.t9999]': ['sigma/attack-unknown'],
    'tags: [attack.defence-evasion]': ['sigma/attack-unknown'],
    'tags: [attack.t1086]': ['sigma/attack-revoked'],
    'tags: [attack.t1064]': ['sigma/attack-deprecated'],
    'tags: [attack.defense-evasion, attack.t1036]': ['sigma/attack-tactic-divided'],
    'tags: [attack.impact, attack.t1059]': [
      'sigma/attack-wrong-tactic',
      'sigma/attack-missing-tactic',
    ],
    'tags: [attack.execution, attack.t1059.001, attack.g0016, attack.s0002, attack.ta0002]': [],
    'tags: [attack.t1003, cve.2021-44228]': [],
  }
  for (const [line, wanted] of Object.entries(cases)) assert.deepEqual(with_(line), wanted, line)
})

void test('a hint names the technique that took the place of a revoked one', () => {
  const text = `${META}${DETECTION}tags: [attack.t1086, attack.t1059.1]\n`
  const [linted] = lintFiles([{ path: 'a.yml', text, outlines: parseSigma(text).outlines }])
  assert.deepEqual(
    linted?.problems.map(({ hint }) => hint),
    ['Write attack.t1059.001.', 'Did you mean "attack.t1059.001"?'],
  )
})

void test('a repeated id and the same logic twice are found across files', () => {
  const twin = META.replace('80167', '90167') + DETECTION
  assert.deepEqual(codes(META + DETECTION, twin), ['sigma/duplicate-logic'])
  const other = META + DETECTION.replace('x', 'y')
  assert.deepEqual(codes(META + DETECTION, other), ['sigma/duplicate-id'])
})

void test('a waiver with a reason silences its code in its document only', () => {
  const bad = `${META}detection: {a: {A: '*'}, condition: a}\n`
  assert.deepEqual(codes(`# rulewright-ignore sigma/lone-wildcard: wanted\n${bad}`), [])
  assert.deepEqual(codes(`# rulewright-ignore sigma/lone-wildcard:\n${bad}`), [
    'sigma/lone-wildcard',
  ])
  const two = `${bad}# rulewright-ignore sigma/lone-wildcard: wanted\n---\n${bad.replace('80167', '90167')}`
  assert.deepEqual(
    codes(two).filter((code) => code === 'sigma/lone-wildcard'),
    ['sigma/lone-wildcard'],
  )
})

void test('codes are distinct and every check says why', () => {
  assert.equal(new Set(CHECKS.map(({ code }) => code)).size, CHECKS.length)
  for (const { code, why, example } of CHECKS) {
    assert.match(code, /^sigma\/[a-z0-9-]+$/)
    assert.ok(why.length > 10 && example.length > 0, code)
  }
})
