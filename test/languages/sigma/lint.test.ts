import assert from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { CHECK_GROUPS, lintFiles, type LintOptions } from '#languages/sigma/lint.ts'
import { lintPage } from '#languages/sigma/lint/page.ts'
import { parseSigma } from '#languages/sigma/parse.ts'
import { ruleText } from '#test/support/rule-text.ts'

const ROWS = CHECK_GROUPS.flatMap(({ rows }) => rows)

function lint(texts: readonly string[], options: LintOptions = { today: '2025-01-01' }) {
  const files = texts.map((text, index) => ({
    path: `${index}.yml`,
    text,
    outlines: parseSigma(text).outlines,
  }))
  return lintFiles(files, options)
}

function problems(...texts: readonly string[]) {
  return lint(texts).flatMap((document) => document.problems)
}

function codes(...texts: readonly string[]): readonly string[] {
  return problems(...texts).map(({ code }) => code)
}

test('a rule as the community writes it has no problems', () => {
  assert.deepEqual(codes(ruleText('')), [])
})

for (const { title, rows } of CHECK_GROUPS) {
  test(`${title}: each check reports its bad example and not its good one`, () => {
    for (const { code, severity, bad, good } of rows) {
      const found = problems(ruleText(bad)).filter((problem) => problem.code === code)
      assert.ok(found.length > 0, `${code} is not reported for:\n${bad.slice(0, 300)}`)
      assert.equal(found[0]?.severity, severity, code)
      assert.ok(found[0].line !== undefined, `${code} has no place`)
      assert.ok(!codes(ruleText(good)).includes(code), `${code} is reported for:\n${good}`)
    }
  })
}

test('the good examples are sound in every other way but in what they do not show', () => {
  // Samples of one document refer to rules that are elsewhere, or fall under an older code.
  const elsewhere = new Set(['sigma/unknown-rule', 'sigma/filter-of-nothing'])
  for (const { code, good } of ROWS) {
    const errors = problems(ruleText(good)).filter(
      (problem) => problem.severity === 'error' && !elsewhere.has(problem.code),
    )
    assert.deepEqual(errors, [], code)
  }
})

test('codes are distinct, never empty, and there are more than a hundred', () => {
  assert.equal(new Set(ROWS.map(({ code }) => code)).size, ROWS.length)
  assert.ok(ROWS.length > 150, String(ROWS.length))
  for (const { code, why } of ROWS) {
    assert.match(code, /^(?:sigma|yaml)\/[a-z0-9-]+$/)
    assert.match(why, /^["A-Z0-9].{12,}\.$/, code)
  }
})

test('docs/lint.md says what the rows say', () => {
  const file = path.resolve(import.meta.dirname, '../../../docs/lint.md')
  const page = lintPage(CHECK_GROUPS)
  if (process.env['RECORD'] === '1') writeFileSync(file, page)
  assert.equal(readFileSync(file, 'utf8'), page, 'run RECORD=1 npm test -- test/languages/sigma')
})

test('every code the sources of Sigma report has a row', () => {
  const folder = path.resolve(import.meta.dirname, '../../../src/languages/sigma')
  const known = new Set(ROWS.map(({ code }) => code))
  // These are answers of converting and matching, not of linting.
  for (const code of ['cannot-convert', 'cannot-match', 'pipeline', 'unresolved-placeholder']) {
    known.add(`sigma/${code}`)
  }
  for (const name of readdirSync(folder).filter((one) => one.endsWith('.ts'))) {
    const text = readFileSync(path.join(folder, name), 'utf8')
    for (const [, code] of text.matchAll(/'((?:sigma|yaml)\/[a-z0-9-]+)'/g)) {
      assert.ok(known.has(code!), `${name} reports ${code}, which no row describes`)
    }
  }
})

test('a hint names the technique that took the place of a revoked one', () => {
  const hints = problems(ruleText('tags: [attack.t1086, attack.t1059.1]')).map(({ hint }) => hint)
  assert.deepEqual(hints, ['Write attack.t1059.001.', 'Did you mean "attack.t1059.001"?'])
})

test('tags of ATT&CK that no table is held of are let through', () => {
  const tags =
    'tags: [attack.execution, attack.t1059.001, attack.g0016, attack.s0002, attack.ta0002]'
  assert.deepEqual(codes(ruleText(tags)), [])
})

test('a date lies in the future only for whoever says what day it is', () => {
  const text = ruleText('date: 2026-01-01')
  assert.deepEqual(codes(text), ['sigma/date-in-future'])
  assert.deepEqual(
    lint([text], {}).flatMap((document) => document.problems),
    [],
  )
})

test('what is repeated across files is told of the later one, naming the first', () => {
  const [first, second] = lint([ruleText('title: One'), ruleText('title: Two')])
  assert.deepEqual(first?.problems, [])
  assert.deepEqual(
    second?.problems.map(({ code, message }) => [code, message]),
    [
      [
        'sigma/duplicate-id',
        'The id 80167ada-7a12-41ed-b8e9-aa47195c66a1 is also that of 0.yml#0.',
      ],
      ['sigma/duplicate-logic', 'This rule asks for exactly what 0.yml#0 asks for.'],
    ],
  )
})

test('a waiver with a reason silences its code in its document only', () => {
  const bad = "detection: {a: {User: '*'}, condition: a}"
  assert.deepEqual(codes(ruleText(bad)), ['sigma/lone-wildcard'])
  assert.deepEqual(codes(`# rulewright-ignore sigma/lone-wildcard: wanted\n${ruleText(bad)}`), [])
  const two = ruleText(
    `${bad}\n# rulewright-ignore sigma/lone-wildcard: wanted\n---\ntitle: B\n${bad}`,
  )
  assert.deepEqual(
    codes(two).filter((code) => code === 'sigma/lone-wildcard'),
    ['sigma/lone-wildcard'],
  )
})

test('conditions are judged by all answers their searches can give', () => {
  const condition = (text: string) =>
    codes(
      ruleText(
        `detection: {a: {User: x}, b: {Image: y}, c: {CurrentDirectory: z}, condition: ${text}}`,
      ),
    )
  const never = [
    'a and not (a or b) and c',
    '(a or b) and not a and not b and not c',
    'not (a or not a)',
  ]
  for (const text of never) assert.ok(condition(text).includes('sigma/contradiction'), text)
  const always = ['a or b or c or not a', 'not (a and b and not b)']
  for (const text of always) assert.ok(condition(text).includes('sigma/tautology'), text)
  assert.ok(condition('a and (b or a) and c').includes('sigma/idle-search'))
  for (const text of ['a and not b and not c', 'all of them', '(a or b) and c', '1 of *']) {
    assert.deepEqual(condition(text), [], text)
  }
})

test('tests of one field are judged by what both accept', () => {
  const search = (items: string) => codes(ruleText(`detection: {a: {${items}}, condition: a}`))
  assert.deepEqual(search("Image|endswith: '\\a.exe', Image|startswith: 'C:\\'"), [])
  assert.deepEqual(search("Image|endswith: ['\\a.exe', '\\b.exe'], Image|contains: '\\b.e'"), [])
  assert.deepEqual(search("Image|endswith: '\\a.exe', Image|endswith|neq: 'x'"), [])
  assert.deepEqual(search("Image|endswith: '\\a.exe', Image|contains: '.EXE'"), [
    'sigma/needless-test',
  ])
  assert.deepEqual(search("Image|endswith: '\\a.exe', Image: ~"), ['sigma/impossible-search'])
  assert.deepEqual(search('ProcessId|gt: 10, ProcessId|lte: 10'), ['sigma/impossible-search'])
  assert.deepEqual(search('ProcessId|gte: 10, ProcessId|lte: 10'), [])
})
