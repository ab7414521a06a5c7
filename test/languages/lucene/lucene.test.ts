// Lucene query strings: what is read, what is wrong with a query and where, printing and comparing.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { NESTING_MAX, QUERY_CHARS_MAX } from '#kernel/limits.ts'
import { hasErrors } from '#kernel/problem.ts'
import { compareLucene } from '#languages/lucene/compare.ts'
import { formatLucene } from '#languages/lucene/format.ts'
import { parseLucene } from '#languages/lucene/parse.ts'
import { readLucene } from '#languages/lucene/reads.ts'
import { allOf, ANY, anyOf, not, ONE, type Predicate, type Test } from '#languages/predicate.ts'
import { printLucene } from '#languages/sigma/backends/lucene.ts'

function clean(text: string) {
  const { value, problems } = parseLucene(text)
  assert.deepEqual(problems, [], text)
  assert.ok(value)
  return value
}

function codes(text: string): string[] {
  return parseLucene(text).problems.map(({ code, line, column }) => `${code} ${line}:${column}`)
}

test('query strings of every shape parse', () => {
  const queries = [
    'a:1 AND (b:2 OR NOT c:3)',
    'process.name:(cmd.exe OR power*.exe) && !user:root',
    '+a:1 -b:2 c:3',
    'message:"quick fox"~3 AND title:fuzy~1^2.5',
    'age:[10 TO 20} AND t:{* TO "2026-01-01 10:00"] AND n:>=5 AND m:<3',
    'path:/.*[a-z]\\/x/ AND _exists_:user.name',
    'C\\:\\\\x:*\\ y AND a:"say \\"hi\\""',
    'plain words here',
    '*:*',
    '',
  ]
  for (const query of queries) clean(query)
})

test('a value says its wildcards, its distance and its quotes', () => {
  const node = clean('f:a\\*b*c?~2')
  assert.ok(node.kind === 'test' && node.value.kind === 'text')
  assert.deepEqual(node.value.pattern, ['a*b', ANY, 'c', ONE])
  assert.equal(node.value.distance, 2)
  const list = clean('f:(a OR "b c")')
  assert.ok(list.kind === 'or')
  assert.deepEqual(
    list.items.map((item) => item.kind === 'test' && item.field?.name),
    ['f', 'f'],
  )
})

test('every problem is named at its place', () => {
  assert.deepEqual(codes('a:1 AND'), ['lucene/expected 1:8'])
  assert.deepEqual(codes('a:(x OR y'), ['lucene/unclosed 1:3'])
  assert.deepEqual(codes('a:1)'), ['lucene/unexpected 1:4'])
  assert.deepEqual(codes('a:\nAND b:2'), ['lucene/expected 2:1'])
  assert.deepEqual(codes('a:"x'), ['lucene/bad-token 1:3'])
  assert.deepEqual(codes('a:[1 TO'), ['lucene/bad-token 1:3'])
  assert.deepEqual(codes('a:/x'), ['lucene/bad-token 1:3'])
  assert.deepEqual(codes('path:home/x'), ['lucene/bad-token 1:6'])
  assert.deepEqual(codes('a:()'), ['lucene/expected 1:4'])
  assert.deepEqual(codes('a:1 OR b:2 AND c:3'), ['lucene/mixed-operators 1:1'])
})

test('depth and length are bounded', () => {
  const deep = `${'('.repeat(NESTING_MAX + 5)}a:1`
  assert.ok(codes(deep).some((code) => code.startsWith('lucene/too-deep')))
  assert.deepEqual(codes('a'.repeat(QUERY_CHARS_MAX + 1)), ['lucene/too-long 1:1'])
  assert.deepEqual(codes(`${'a:1 AND '.repeat(6_000)}a:1`), [])
})

test('fields, narrowing tests, time bounds and costs are read', () => {
  const text = 'event.dataset:okta AND @timestamp:[now-1d TO *] AND NOT user.name:*adm AND x'
  const facts = readLucene(clean(text), text)
  assert.deepEqual(
    facts.fields.map((field) => field.name),
    ['event.dataset', '@timestamp', 'user.name'],
  )
  assert.equal(facts.scope.state, 'scoped')
  assert.deepEqual(facts.time, { earliest: 'now-1d', latest: null, basis: 'event' })
  assert.deepEqual(
    facts.costs.map((cost) => cost.code),
    ['cost/leading-wildcard', 'cost/no-field'],
  )
  const state = (query: string) => readLucene(clean(query), query).scope.state
  assert.equal(state('_index:a OR x:1'), 'unscoped')
  assert.equal(state('_index:a x:1'), 'unscoped')
  assert.equal(state('+_index:a x:1'), 'scoped')
  assert.equal(state('NOT _index:a'), 'unscoped')
})

test('a query is printed the one way, and order and spelling are no difference', () => {
  assert.equal(
    formatLucene('a : 1&&( b:2 ||!c:3 )  -d:(x  OR y)'),
    'a:1 AND (b:2 OR NOT c:3) -d:(x OR y)',
  )
  const compare = (a: string, b: string) => compareLucene(clean(a), clean(b))
  assert.equal(compare('a:1 AND b:2', 'b:2 && a:1'), null)
  assert.equal(compare('f:(x OR y)', 'f:y OR f:x'), null)
  assert.equal(compare('n:>5', 'n:{5 TO *]'), null)
  assert.equal(compare('a:1 AND b:2', 'a:1 AND b:3'), 'no longer requires b:2; now requires b:3')
  assert.notEqual(compare('a:x*', 'a:x\\*'), null)
})

test('no text makes the parser throw, and what it prints it reads again', () => {
  const pieces = fc.constantFrom(
    'a', '*', ':', '(', ')', '[', ']', '{', '"', '/', '\\', ' AND ', ' OR ', 'NOT ', '+', '-', '!', '&&', '||', '~', '^', '2',
    '<', '>=', ' TO ', ' ', '\n', '?', '_exists_:f',
  ) // prettier-ignore
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 30 }), (parts) => {
      const { value, problems } = parseLucene(parts.join(''))
      if (value) readLucene(value, parts.join(''))
      if (value === undefined || hasErrors(problems)) return
      const printed = formatLucene(parts.join(''))
      const again = parseLucene(printed)
      assert.ok(again.value && !hasErrors(again.problems), printed)
      assert.equal(compareLucene(value, again.value), null, printed)
      assert.equal(formatLucene(printed), printed)
    }),
    { numRuns: 3_000, seed: 7 },
  )
})

test('every predicate that the Sigma printer can say is read back without a problem', () => {
  const name = fc.constantFrom('Image', 'process.name', 'odd name', 'a:b', 'x(y)', 'q"q')
  const text = fc.array(
    fc.oneof(fc.string({ minLength: 1, maxLength: 6 }), fc.constantFrom(ANY, ONE, 'C:\\x /y', '"')),
    { maxLength: 4 },
  )
  const tests: fc.Arbitrary<Test> = fc.oneof(
    text.map((pattern) => ({ kind: 'text', pattern, isCased: false }) as const),
    fc.integer().map((value) => ({ kind: 'number', value }) as const),
    fc.constant({ kind: 'exists' } as const),
    fc.constant({ kind: 'null' } as const),
    fc.constant({ kind: 'cidr', network: 'fe80::/10' } as const),
    fc.constant({ kind: 'compare', op: 'gte', value: 5 } as const),
    fc
      .constantFrom('a/b', '[/]x', 'c\\\\d')
      .map((pattern) => ({ kind: 'regex', pattern, flags: [] }) as const),
  )
  const predicate = fc.letrec<{ tree: Predicate }>((tie) => ({
    tree: fc.oneof(
      { depthSize: 'small' },
      fc.record({ kind: fc.constant('test' as const), field: name, test: tests }),
      fc.array(tie('tree'), { minLength: 1, maxLength: 3 }).map(allOf),
      fc.array(tie('tree'), { minLength: 1, maxLength: 3 }).map(anyOf),
      tie('tree').map(not),
    ),
  })).tree
  fc.assert(
    fc.property(predicate, (tree) => {
      const printed = printLucene(tree)
      if (printed.query !== undefined) clean(printed.query)
    }),
    { numRuns: 1_000, seed: 3 },
  )
})
