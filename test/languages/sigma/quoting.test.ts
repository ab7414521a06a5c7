// Nothing in a rule can leave its quotes: texts and field names made of the signs of every language stay
// what they are in each, and what is printed can be read, laid out and read again without a change.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { compareEql } from '#languages/eql/compare.ts'
import { formatEql } from '#languages/eql/format.ts'
import { parseEql } from '#languages/eql/parse.ts'
import { compareEsql } from '#languages/esql/compare.ts'
import { formatEsql } from '#languages/esql/format.ts'
import { parseEsql } from '#languages/esql/parse.ts'
import { compareLucene } from '#languages/lucene/compare.ts'
import { formatLucene } from '#languages/lucene/format.ts'
import { parseLucene } from '#languages/lucene/parse.ts'
import { convertRule } from '#languages/sigma/convert.ts'
import { parseSigma } from '#languages/sigma/parse.ts'
import type { SigmaRule } from '#languages/sigma/rule.ts'
import { compareSpl } from '#languages/spl/compare.ts'
import { formatSpl } from '#languages/spl/format.ts'
import { parseSpl } from '#languages/spl/parse.ts'
import { hasErrors, type Checked } from '#kernel/problem.ts'
import { breach, hostileName, hostileText, shape } from './proof/quoting.ts'
import { MODIFIER_RULES } from './proof/rules.ts'
import { BACKENDS, type Backend } from '#languages/sigma/names.ts'

for (const backend of BACKENDS) {
  void test(`${backend}: hostile texts stay texts`, () => {
    fc.assert(
      fc.property(hostileText, shape, (text, shaped) => {
        assert.equal(breach(backend, 'A', text, shaped(text)), null)
      }),
      { numRuns: 500, seed: 7 },
    )
  })

  void test(`${backend}: hostile field names stay names`, () => {
    fc.assert(
      fc.property(hostileName, (name) => {
        assert.equal(breach(backend, name, 'value', ['value']), null)
      }),
      { numRuns: 300, seed: 7 },
    )
  })
}

interface Printer {
  format(text: string): string
  /** Null when both mean the same; problems end the test. */
  compare(before: string, after: string): string | null
}

function printer<Tree>(
  parse: (text: string) => Checked<Tree>,
  format: (text: string) => string,
  compare: (before: Tree, after: Tree) => string | null,
): Printer {
  const read = (text: string) => {
    const { value, problems } = parse(text)
    const errors = problems.filter(({ severity }) => severity === 'error')
    assert.deepEqual(errors, [], text)
    assert.ok(value !== undefined && !hasErrors(problems))
    return value
  }
  return { format, compare: (before, after) => compare(read(before), read(after)) }
}

const LANGUAGES: Readonly<Partial<Record<Backend, Printer>>> = {
  spl: printer(parseSpl, formatSpl, compareSpl),
  esql: printer(parseEsql, formatEsql, compareEsql),
  eql: printer(parseEql, formatEql, compareEql),
  lucene: printer(parseLucene, formatLucene, compareLucene),
}

void test('what is printed can be laid out, keeps its meaning, and is stable then', () => {
  let count = 0
  for (const detection of MODIFIER_RULES) {
    const text = `title: T\nlogsource: {category: test}\ndetection: ${detection}\n`
    const rule = parseSigma(text).documents[0] as SigmaRule
    for (const [backend, language] of Object.entries(LANGUAGES)) {
      for (const query of convertRule(rule, backend as Backend).queries) {
        const once = language.format(query)
        assert.equal(language.compare(query, once), null, query)
        assert.equal(language.format(once), once, query)
        count++
      }
    }
  }
  assert.ok(count > 3 * MODIFIER_RULES.length)
})
