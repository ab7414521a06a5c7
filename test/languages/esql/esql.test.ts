// ES|QL: what is read, what is wrong with a query and where, printing and comparing.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { NESTING_MAX, QUERY_CHARS_MAX } from '#kernel/limits.ts'
import { hasErrors } from '#kernel/problem.ts'
import { compareEsql } from '#languages/esql/compare.ts'
import { formatEsql } from '#languages/esql/format.ts'
import { parseEsql } from '#languages/esql/parse.ts'
import { readEsql } from '#languages/esql/reads.ts'
import { corpusQueries, knownBadQueries } from '#test/support/corpora.ts'

function clean(text: string) {
  const { value, problems } = parseEsql(text)
  assert.deepEqual(problems, [], text)
  assert.ok(value)
  return value
}

function codes(text: string): string[] {
  return parseEsql(text).problems.map(({ code, line, column }) => `${code} ${line}:${column}`)
}

test('every command parses', () => {
  const queries = [
    'ROW a = 1, b = [1, 2], c = "x" | LIMIT 1',
    'SHOW INFO',
    'TS k8s | STATS SUM(RATE(requests)) BY TBUCKET(1 hour)',
    'SET time_zone = "UTC"; FROM logs-* | LIMIT 5',
    'FROM logs-*,-logs-old,europe:"metrics-*",<logs-{now/d}> METADATA _id, _index',
    'FROM (FROM a | WHERE x > 1), b | LIMIT 5',
    'FROM a | WHERE b LIKE ("x*", "y*") AND NOT c RLIKE """\\d+""" OR d IS NOT NULL AND e NOT IN (1, 2)',
    'FROM a | WHERE message : "error" AND MATCH(title, "x", {"operator": "AND"})',
    'FROM a | EVAL b = c::integer + -2 * 3 % 4, d = DATE_TRUNC(1 hour, @timestamp), @timestamp',
    'FROM a | STATS n = COUNT(*) WHERE x > 1, VALUES(y) BY z, bucket = BUCKET(@timestamp, 1h) | SORT n DESC NULLS LAST, z',
    'FROM a | INLINE STATS m = MAX(x) BY y | INLINESTATS MIN(x)',
    'FROM a | KEEP b.*, `odd name`, c | DROP d* | RENAME e AS f, g = h',
    'FROM a | DISSECT m "%{x} %{y}" APPEND_SEPARATOR=" " | GROK m "%{WORD:w}"',
    'FROM a | ENRICH policy ON ip WITH country = geo.country, city | MV_EXPAND tags',
    'FROM a | LOOKUP JOIN threats ON host.name, user.name | LOOKUP JOIN t2 ON left.x == right.y',
    'FROM a | FORK (WHERE x > 1 | LIMIT 5) (WHERE y < 2) | FUSE RRF WITH {"rank_constant": 60}',
    'FROM a | COMPLETION answer = CONCAT("a", b) WITH {"inference_id": "m"} | SAMPLE 0.1',
    'FROM a | CHANGE_POINT value ON key AS type, pvalue | WHERE x == ?threshold AND ??field > ?1',
    'from a // comment\n/* and another */ | where b == 1 | limit 10',
  ]
  for (const query of queries) clean(query)
})

test('every problem is named at its place', () => {
  assert.deepEqual(codes(''), ['esql/expected 1:1'])
  assert.deepEqual(codes('WHERE x == 1'), ['esql/no-source 1:1'])
  assert.deepEqual(codes('FROM a | FROM b'), ['esql/source-inside 1:10'])
  assert.deepEqual(codes('FROM a |'), ['esql/expected 1:9'])
  assert.deepEqual(codes('FROM a | | LIMIT 1'), ['esql/expected 1:10'])
  assert.deepEqual(codes('FROM a | WHRE x == 1'), ['esql/unknown-command 1:10'])
  assert.deepEqual(codes('FROM a | WHERE (x == 1'), ['esql/unclosed 1:16'])
  assert.deepEqual(codes('FROM a | WHERE x == 1)'), ['esql/unexpected 1:22'])
  assert.deepEqual(codes('FROM a | WHERE x == "y'), ['esql/bad-token 1:21'])
  assert.deepEqual(codes("FROM a | WHERE x == 'y'"), ['esql/bad-token 1:21'])
  assert.deepEqual(codes('FROM a | STATS COUNT(*) BYY x'), ['esql/expected 1:25'])
  assert.deepEqual(codes('FROM a | EVAL x = LENGTH(a, b)'), ['esql/wrong-arguments 1:19'])
  assert.deepEqual(codes('FROM a | LOOKUP JOIN t'), ['esql/expected 1:23'])
  assert.deepEqual(codes('FROM a\n| WHERE x ==\n| KEEP\n| LIMIT'), [
    'esql/expected 3:1',
    'esql/expected 4:1',
    'esql/expected 4:8',
  ])
})

test('misspelt commands and functions get the nearest real one as their hint', () => {
  assert.equal(parseEsql('FROM a | WHRE x').problems[0]?.hint, 'Did you mean WHERE?')
  const [problem] = parseEsql('FROM a | EVAL x = TO_LOWR(y)').problems
  assert.equal(problem?.hint, 'Did you mean to_lower?')
  assert.equal(problem?.severity, 'warning', 'a cluster may be newer than the table')
})

test('depth and length are bounded', () => {
  const deep = `FROM a | WHERE ${'('.repeat(NESTING_MAX + 5)}x`
  assert.ok(codes(deep).some((code) => code.startsWith('esql/too-deep')))
  assert.deepEqual(codes('a'.repeat(QUERY_CHARS_MAX + 1)), ['esql/too-long 1:1'])
})

test('a command stands on its line, a long one opens, comments stay above their command', () => {
  assert.equal(
    formatEsql(
      'from logs-*,metrics-* metadata _id|where a=="x" and not b in (1,2) // why\n// next\n|stats c=count(*) by d|keep c,d',
    ),
    [
      'FROM logs-*, metrics-* METADATA _id',
      '| WHERE a == "x" AND NOT b IN (1, 2)',
      '// why',
      '// next',
      '| STATS c = count(*) BY d',
      '| KEEP c, d',
    ].join('\n'),
  )
})

test('sources, fields, time, effects and costs are read', () => {
  const text =
    'FROM logs-*, eu:audit-* | WHERE @timestamp > NOW() - 1 day AND host.name LIKE "*dc" | ENRICH asset ON host.name | LOOKUP JOIN users ON user.id | COMPLETION message | KEEP user.*'
  const facts = readEsql(clean(text), text)
  assert.deepEqual(
    facts.sources.map(({ kind, name }) => `${kind} ${name}`),
    ['index logs-*', 'index eu:audit-*', 'lookup asset', 'lookup users'],
  )
  assert.deepEqual(facts.time, { earliest: 'now() - 1 day', latest: null, basis: 'event' })
  assert.deepEqual(
    facts.effects.map(({ kind, name }) => `${kind} ${name}`),
    ['crosses eu:audit-*', 'sends completion'],
  )
  assert.deepEqual(
    facts.costs.map((cost) => cost.code),
    ['cost/leading-wildcard'],
  )
  assert.equal(facts.scope.state, 'scoped')
})

test('every index, an `or` and a bound after STATS do not limit a query', () => {
  const facts = (text: string) => readEsql(clean(text), text)
  assert.equal(facts('FROM *').scope.state, 'unscoped')
  assert.equal(facts('FROM *:*').scope.state, 'unscoped')
  assert.equal(facts('ROW a = 1').scope.state, 'unscoped')
  assert.equal(facts('FROM a | WHERE @timestamp > NOW() - 1 day OR x == 1').time.earliest, null)
  assert.equal(
    facts('FROM a | STATS c = COUNT(*) BY @timestamp | WHERE @timestamp > NOW() - 1 day').time
      .earliest,
    null,
  )
  assert.equal(
    facts('FROM a | WHERE NOW() - 2 hours <= @timestamp').time.earliest,
    'now() - 2 hour',
  )
})

test('order inside conditions and case of keywords are no difference; the rest is', () => {
  const compare = (a: string, b: string) => compareEsql(clean(a), clean(b))
  assert.equal(
    compare(
      'FROM a,b | WHERE x == 1 AND y IN (1,2)',
      'from b, a | where y in (2,1) and x==1 // same',
    ),
    null,
  )
  assert.equal(
    compare('FROM a | WHERE x == 1', 'FROM a | WHERE x == 2'),
    'WHERE no longer has (x == 1); WHERE now has (x == 2)',
  )
  assert.equal(
    compare('FROM a | KEEP x, y', 'FROM a | KEEP y, x'),
    'KEEP has its parts in another order',
  )
  assert.equal(compare('FROM a', 'FROM a | LIMIT 5'), 'adds LIMIT 5')
  assert.notEqual(compare('FROM a | SORT x | LIMIT 5', 'FROM a | LIMIT 5 | SORT x'), null)
  assert.notEqual(compare('FROM a | SORT x ASC', 'FROM a | SORT x DESC'), null)
})

test('no text makes the parser throw, and printing keeps what a clean query means', () => {
  const pieces = fc.constantFrom(
    'FROM a', ' | ', 'WHERE ', 'x', ' == ', '1', '"s"', '(', ')', ' AND ', 'NOT ', ' IN ', ',', 'STATS c = COUNT(*)',
    ' BY ', 'EVAL y = ', 'KEEP z*', 'LIMIT 5', '/*', '*/', '//', '\n', '`', '"""', '-', '5 min', ':', '::long', '?p', '{', '}', '[', ']',
    'FORK (LIMIT 1) (LIMIT 2)', 'LOOKUP JOIN t ON k', 'RENAME q AS r', 'SORT x DESC',
  ) // prettier-ignore
  const property = (parts: readonly string[]) => {
    const text = parts.join('')
    const { value, problems } = parseEsql(text)
    if (value === undefined || hasErrors(problems)) return
    const printed = formatEsql(text)
    const again = parseEsql(printed)
    assert.ok(again.value && !hasErrors(again.problems), printed)
    assert.equal(compareEsql(value, again.value), null)
    assert.equal(formatEsql(printed), printed)
  }
  fc.assert(fc.property(fc.array(pieces, { maxLength: 30 }), property), { numRuns: 3_000 })
  const after = fc.array(pieces, { maxLength: 12 }).map((parts) => ['FROM a | WHERE x ', ...parts])
  fc.assert(fc.property(after, property), { numRuns: 3_000 })
})

test('published queries parse, print and keep their meaning; known-bad ones are flagged', () => {
  const refused: string[] = []
  const queries = corpusQueries('esql')
  for (const { query } of queries) {
    const { value, problems } = parseEsql(query)
    if (!value || hasErrors(problems)) {
      refused.push(query)
      continue
    }
    const printed = formatEsql(query)
    assert.equal(compareEsql(value, parseEsql(printed).value!), null, query)
    assert.equal(formatEsql(printed), printed)
  }
  // Published broken: an empty argument or branch (3), "\?" in a plain string (1), a blank in a name (1).
  assert.equal(refused.length, queries.length === 0 ? 0 : 4)
  for (const { query } of knownBadQueries('esql')) {
    assert.ok(hasErrors(parseEsql(query).problems), query)
  }
})
