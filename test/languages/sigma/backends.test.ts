// What each language is given, case by case, and that no value escapes its quotes.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { BACKENDS, convertRule, type Backend } from '#languages/sigma/convert.ts'
import { parseSigma } from '#languages/sigma/parse.ts'
import type { SigmaRule } from '#languages/sigma/rule.ts'
import { printEql } from '#languages/sigma/backends/eql.ts'
import { printEsql } from '#languages/sigma/backends/esql.ts'
import { printKusto } from '#languages/sigma/backends/kusto.ts'
import { printSpl } from '#languages/sigma/backends/spl.ts'
import type { Predicate } from '#languages/predicate.ts'

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
        'X == 1 and (not((C contains " -f" or C contains " /f" or C contains " –f" or C contains " —f" or C contains " ―f")))',
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
      spl: '\n| rex field=B "(?<BMatch>y)"\n| eval BCondition=if(isnotnull(BMatch), "true", "false")\n| search A="x" OR BCondition="true"',
    },
  ],
  [
    'fields are compared where the language can',
    `{a: {A|fieldref: B}, b: {C: 1}, condition: a or b}`,
    {
      spl: '\n| eval ACondition=if(lower(\'A\')=lower(\'B\'), "true", "false")\n| search ACondition="true" OR C=1',
      kusto: 'A =~ B or C == 1',
      lucene: 'refused: Lucene cannot say this: a comparison of two fields.',
      esql: `${ESQL}to_lower(A)==to_lower(B) or C==1`,
    },
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
