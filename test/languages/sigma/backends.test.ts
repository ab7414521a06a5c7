// What each language is given, case by case, and that no value escapes its quotes.

import assert from 'node:assert/strict'
import { wholeValue } from '#languages/sigma/backends/regex-dialect.ts'
import { test } from 'node:test'
import fc from 'fast-check'
import { collect } from '#languages/sigma/collection.ts'
import { convertCorrelation, convertRule } from '#languages/sigma/convert.ts'
import { parseSigma } from '#languages/sigma/parse.ts'
import type { SigmaRule } from '#languages/sigma/rule.ts'
import { printEql } from '#languages/sigma/backends/eql.ts'
import { printEsql } from '#languages/sigma/backends/esql.ts'
import { printKusto } from '#languages/sigma/backends/kusto.ts'
import { printSpl } from '#languages/sigma/backends/spl.ts'
import type { Predicate } from '#languages/predicate.ts'
import { BACKENDS, type Backend } from '#languages/sigma/names.ts'

function convert(detection: string, backend: Backend): string {
  const text = `title: T\nlogsource: {category: test}\ndetection: ${detection}\n`
  const parsed = parseSigma(text)
  assert.deepEqual(parsed.problems, [], detection)
  const { queries, problems } = convertRule(parsed.documents[0] as SigmaRule, backend)
  return queries[0] ?? `refused: ${problems[0]!.message}`
}

const ESQL = 'from * metadata _id, _index, _version | where '

const CASES: readonly (readonly [string, string, Readonly<Partial<Record<Backend, string>>>])[] = [
  [
    'a negated variant is negated as a whole',
    `{a: {X: 1}, b: {C|contains|windash: ' -f'}, condition: a and not b}`,
    {
      spl: 'X=1 NOT (C="* -f*" OR C="* /f*" OR C="* –f*" OR C="* —f*" OR C="* ―f*")',
      kusto:
        'X == 1 and (not(C contains " -f" or C contains " /f" or C contains " –f" or C contains " —f" or C contains " ―f"))',
      lucene: 'X:1 AND (NOT C:(*\\ \\-f* OR *\\ \\/f* OR *\\ –f* OR *\\ —f* OR *\\ ―f*))',
      eql: 'any where X:1 and (not C like~ ("* -f*", "* /f*", "* –f*", "* —f*", "* ―f*"))',
    },
  ],
  [
    'in ES|QL case does not count, and NOT keeps events without the field',
    `{a: {X: Value}, b: {C|contains: 'a\\b'}, condition: a and not b}`,
    {
      esql: `${ESQL}to_lower(X)=="value" and not coalesce(to_lower(C) like "*a\\\\\\\\b*", false)`,
    },
  ],
  [
    'null, exists and the empty text are three things where the language can tell',
    `{a: {A: null}, b: {B: ''}, c: {C|exists: false}, condition: a and b and c}`,
    {
      spl: 'NOT A=* B="" NOT C=*',
      kusto: 'isempty(A) and B =~ "" and (not(isnotempty(C)))',
      lucene: '(NOT _exists_:A) AND B:"" AND (NOT _exists_:C)',
      eql: 'any where (?A == null) and B=="" and (not ?C != null)',
      esql: `${ESQL}A is null and to_lower(B)=="" and C is null`,
    },
  ],
  [
    'an expression that must match is a command in SPL and whole in Lucene',
    `{a: {A: x, B|re: 'foo\\d+$'}, condition: a}`,
    {
      spl: 'A="x"\n| regex B="foo\\\\d+$"',
      kusto: 'A =~ "x" and B matches regex "foo\\\\d+$"',
      lucene: 'A:x AND B:/.*foo[0-9]+/',
      eql: 'any where A:"x" and B regex ".*foo[0-9]+"',
      esql: `${ESQL}to_lower(A)=="x" and B rlike ".*foo[0-9]+"`,
    },
  ],
  [
    'an expression under OR is computed first in SPL',
    `{a: {A: x}, b: {B|re: y}, condition: a or b}`,
    {
      spl: '*\n| rex field=B "(?<BMatch>y)"\n| eval BCondition=if(isnotnull(BMatch), "true", "false")\n| search A="x" OR BCondition="true"',
    },
  ],
  [
    'fields are compared where the language can',
    `{a: {A|fieldref: B}, b: {C: 1}, condition: a or b}`,
    {
      spl: '*\n| eval ACondition=if(lower(\'A\')=lower(\'B\'), "true", "false")\n| search ACondition="true" OR C=1',
      kusto: '(isnotempty(B) and A =~ B) or C == 1',
      eql: 'any where (?A != null and ?B != null and startsWith~(A, B) and endsWith~(B, A)) or C:1',
      lucene: 'refused: Lucene cannot say this: a comparison of two fields.',
      esql: `${ESQL}to_lower(A)==to_lower(B) or C==1`,
    },
  ],
  [
    'a negated network keeps events without the address',
    `{a: {A: x}, b: {B|cidr: 10.0.0.0/8}, condition: a and not b}`,
    { kusto: 'A =~ "x" and (not(coalesce(ipv4_is_in_range(B, "10.0.0.0/8"), false)))' },
  ],
  [
    'a wildcard the language has not is an expression, one for a whole list',
    `{a: {A: ['x?', '*y\\*', 'z*']}, condition: a}`,
    {
      spl: '*\n| rex field=A "(?<AMatch>(?is)^x.$|^.*y\\\\*$)"\n| eval ACondition=if(isnotnull(AMatch), "true", "false")\n| search A="z*" OR ACondition="true"',
      eql: 'any where A:"x?" or A:"z*" or A regex~ ".*y\\\\*"',
    },
  ],
  [
    'control characters, and nothing as an alternative, in the syntax of Lucene',
    `{a: {A|re: 'a(\\s|)b\\n$'}, condition: a}`,
    { lucene: 'A:/.*a([ \t\n\r]|())b\n/', eql: 'any where A regex ".*a([ \\t\\n\\r]|())b\\n"' },
  ],
  [
    'a field beside texts holds text: its numbers are compared as text',
    `{a: {A: 1}, b: {A: x}, condition: a or b}`,
    { esql: `${ESQL}to_lower(A) in ("1", "x")`, kusto: 'A in~ ("1", "x")' },
  ],
  [
    'networks of both families',
    `{a: {A|cidr: ['10.0.0.0/8', 'fe80::/10']}, condition: a}`,
    {
      kusto: 'ipv4_is_in_range(A, "10.0.0.0/8") or ipv6_is_in_range(A, "fe80::/10")',
      eql: 'any where cidrMatch(A, "10.0.0.0/8") or cidrMatch(A, "fe80::/10")',
    },
  ],
  [
    'in ES|QL a negation is pushed down to the full-text search',
    `{k: [one], a: {A: x}, condition: not (k or a)}`,
    { esql: `${ESQL}not qstr("*one*") and not coalesce(to_lower(A)=="x", false)` },
  ],
  [
    'keywords are looked for everywhere',
    `{k: [one two, 'th*ee'], condition: k}`,
    {
      spl: '"one two" OR "th*ee"',
      lucene: '*one\\ two* OR *th*ee*',
      esql: `${ESQL}qstr("*one\\\\ two*") or qstr("*th*ee*")`,
    },
  ],
]

for (const [name, detection, expected] of CASES) {
  void test(name, () => {
    for (const [backend, query] of Object.entries(expected)) {
      assert.equal(convert(detection, backend as Backend), query, backend)
    }
  })
}

void test('every backend answers every rule with a query or a reason', () => {
  for (const backend of BACKENDS) {
    const query = convert(`{a: {A|hour|gte: 22, 'odd name': 1}, condition: not a}`, backend)
    assert.ok(query.length > 0)
  }
})

/** The quoted texts of a query, escapes undone; undefined when a quote is left open. */
function unquote(text: string): readonly string[] | undefined {
  const found: string[] = []
  for (let at = 0; at < text.length; at++) {
    if (text[at] !== '"') continue
    let value = ''
    for (at++; at < text.length && text[at] !== '"'; at++) {
      if (text[at] === '\\') at++
      const escaped = text[at - 1] === '\\' ? { n: '\n', r: '\r', t: '\t' }[text[at]!] : undefined
      value += escaped ?? text[at]
    }
    if (at >= text.length) return undefined
    found.push(value)
  }
  return found
}

void test('no value escapes its quotes', () => {
  const evil = fc.string({
    unit: fc.constantFrom(
      '"',
      '\\',
      "'",
      '|',
      ' ',
      ')',
      '(',
      '`',
      '\n',
      '/',
      'a',
      '$',
      '[',
      ']',
      '{',
    ),
    minLength: 1,
    maxLength: 12,
  })
  const printers = { printSpl, printKusto, printEql }
  fc.assert(
    fc.property(evil, (value) => {
      const test_ = { kind: 'text', pattern: [value], isCased: false } as const
      const predicate: Predicate = { kind: 'test', field: 'F', test: test_ }
      for (const [name, print] of Object.entries(printers)) {
        assert.deepEqual(unquote(print(predicate).query!), [value], name)
      }
      assert.deepEqual(unquote(printEsql(predicate).query!), [value.toLowerCase()])
    }),
    { numRuns: 2_000 },
  )
})

const TWO_RULES = `title: Failed
name: failed
logsource: {category: a}
detection: {s: {A: x}, condition: s}
---
title: Worked
name: worked
logsource: {category: b}
detection: {s: {B: y}, condition: s}
---
`

function correlate(correlation: string, backend: Backend): { query: string; warnings: string[] } {
  const parsed = parseSigma(`${TWO_RULES}title: C\ncorrelation: {${correlation}}\n`)
  assert.deepEqual(parsed.problems, [])
  const [resolved] = collect(parsed.documents).correlations
  const { queries, problems } = convertCorrelation(resolved!, backend)
  return {
    query: queries[0] ?? `refused: ${problems[0]!.message}`,
    warnings: problems.map(({ code }) => code),
  }
}

const COUNT =
  'type: event_count, rules: [failed], group-by: [U], timespan: 5m, condition: {gte: 10}'
const ORDERED =
  'type: temporal_ordered, rules: [failed, worked], group-by: [U], timespan: 1h, aliases: {U: {failed: U1, worked: U2}}'

void test('counts of events slide where the language can, and warn where it cannot', () => {
  assert.deepEqual(correlate(COUNT, 'spl'), {
    query:
      'A="x"\n\n| sort 0 _time\n| streamstats time_window=5m count as event_count by U\n\n| search event_count >= 10',
    warnings: [],
  })
  assert.deepEqual(correlate(COUNT, 'kusto'), {
    query:
      'where A =~ "x"\n| where isnotempty(U)\n| sort by U asc, TimeGenerated asc\n| extend earlier_1 = prev(U, 9), earlier_time = prev(TimeGenerated, 9)\n| where earlier_1 == U and TimeGenerated - earlier_time <= 5m',
    warnings: [],
  })
  assert.deepEqual(correlate(COUNT, 'esql'), {
    query: `${ESQL}to_lower(A)=="x"\n| where U is not null\n| eval timebucket=date_trunc(5minutes, @timestamp) | stats event_count=count() by timebucket, U\n| where event_count >= 10`,
    warnings: ['sigma/side-by-side-windows'],
  })
  assert.deepEqual(correlate(COUNT, 'eql'), {
    query: 'sequence with maxspan=5m\n  [any where A:"x"] by U with runs=10',
    warnings: [],
  })
  assert.match(correlate(COUNT, 'lucene').query, /refused: .*correlations/)
})

void test('names that are more than a word are written as the language writes them', () => {
  const odd = COUNT.replace('[U]', '[cs-host]')
  assert.match(correlate(odd, 'kusto').query, /isnotempty\(\['cs-host'\]\)/)
  assert.match(correlate(odd, 'esql').query, /by timebucket, `cs-host`/)
  assert.match(correlate(odd, 'spl').query, /by "cs-host"/)
})

void test('an order of rules is a sequence, with the field of each rule', () => {
  assert.equal(
    correlate(ORDERED, 'eql').query,
    'sequence with maxspan=1h\n  [any where A:"x"] by U1\n  [any where B:"y"] by U2',
  )
  const { query } = correlate(ORDERED, 'spl')
  assert.match(query, /\[ search A="x" \| eval event_type="failed" \| rename U1 as U \]/)
  assert.match(
    query,
    /match\(mvjoin\(event_types, ","\), "\(\^\|,\)failed,\(\.\*,\)\?worked\(,\|\$\)"\)/,
  )
})

void test('ranges, values and percentiles are said, with a warning about borders', () => {
  const range = 'rules: [failed], group-by: [U], timespan: 2h'
  const sum = `type: value_percentile, ${range}, condition: {field: F, percentile: 95, gt: 1, lte: 9}`
  const { query, warnings } = correlate(sum, 'spl')
  assert.match(
    query,
    /perc95\(F\) as value_percentile by _time U\n\n\| search value_percentile > 1 value_percentile <= 9$/,
  )
  assert.deepEqual(warnings, ['sigma/side-by-side-windows'])
  assert.match(
    correlate(sum, 'kusto').query,
    /percentile\(todouble\(F\), 95\) by bin\(TimeGenerated, 2h\), U/,
  )
})

void test('a condition over rules keeps its negation', () => {
  const query = correlate(
    'type: temporal, group-by: [U], timespan: 1h, condition: failed and not worked',
    'spl',
  ).query
  assert.match(query, /where \(isnotnull\(mvfind\(event_types, "\^failed\$"\)\) AND NOT isnotnull/)
})

void test('a boundary between repeated words is said without one', () => {
  const written = 'https?://(?:(?:25[0-5]|(?:2[0-4]|1\\d|[1-9])?\\d)(?:\\.|\\b)){4}'
  const [whole, search] = [new RegExp(`^(?:${wholeValue(written, [])})$`), new RegExp(written)]
  const verdicts = [
    'http://1.2.3.4',
    'see https://10.20.30.40/x',
    'http://1.2.3.4.5',
    'http://1.2.3.4.',
    'http://1.2.3',
    'http://1.2.3.4x',
    'http://1234',
    'http://1.2.3.256',
    'http://1.2..3',
  ].map((text) => [text, whole.test(text)] as const)
  assert.equal(new Set(verdicts.map(([, isMatch]) => isMatch)).size, 2)
  for (const [text, isMatch] of verdicts) assert.equal(isMatch, search.test(text), text)
  assert.throws(() => wholeValue('(?:(?:a|)(?:\\.|\\b)){4}', []), /a word boundary/)
})
