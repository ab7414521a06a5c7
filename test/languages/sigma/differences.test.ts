// Every named difference from what the community's converter prints is shown on an event: ours gives
// the matcher's answer there, the other text another one, or is no query at all.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { evaluateEql } from '#languages/eql/evaluate.ts'
import { parseKusto } from '#languages/kusto/parse.ts'
import { collect } from '#languages/sigma/collection.ts'
import { convertRule } from '#languages/sigma/convert.ts'
import { lower } from '#languages/sigma/lower.ts'
import { parseSigma } from '#languages/sigma/parse.ts'
import type { SigmaRule } from '#languages/sigma/rule.ts'
import { MatchRun } from '#languages/sigma/run.ts'
import { DIFFERENCES } from '#test/support/sigma-differences.ts'
import { verdictOf } from './proof/verdicts.ts'
import { BACKENDS } from '#languages/sigma/names.ts'

for (const backend of BACKENDS) {
  for (const { says, proof } of DIFFERENCES[backend]) {
    void test(`${backend}: ${says}`, () => {
      const text = `title: T\nlogsource: {category: t}\ndetection: ${proof.detection}\n`
      const parsed = parseSigma(text)
      assert.deepEqual(parsed.problems, [])
      const found = new MatchRun(collect(parsed.documents)).next(proof.event, undefined)
      assert.equal(found.length > 0, proof.isMatch, 'the matcher')
      const rule = parsed.documents[0] as SigmaRule
      const { queries, problems } = convertRule(rule, backend)
      assert.deepEqual(problems, [])
      const [ours] = queries
      assert.notEqual(ours, proof.theirs)
      const { predicates } = lower(rule.detections)
      const finds = (query: string) => {
        const verdict = verdictOf(backend, [query], predicates, [proof.event])
        return 'refusal' in verdict ? undefined : verdict.size > 0
      }
      assert.equal(finds(ours!), proof.isMatch, ours)
      if (proof.theirs === '') return
      assert.equal(finds(proof.theirs) === proof.isMatch, proof.isSame === true, proof.theirs)
    })
  }
}

void test('a keyword as the other converter prints it is no condition for Kusto, ours is one', () => {
  const schema = { tables: { T: { A: 'string' } } }
  const problems = (condition: string) => parseKusto(`T | where ${condition}`, schema).problems
  assert.match(problems('"word"')[0]!.message, /must have the type bool/)
  assert.deepEqual(problems('* contains "word"'), [])
})

void test('a keyword as the other converter prints it is no condition for EQL, ours is refused', () => {
  const parsed = parseSigma(
    'title: T\nlogsource: {category: t}\ndetection: {s: [word], condition: s}\n',
  )
  const { queries, problems } = convertRule(parsed.documents[0] as SigmaRule, 'eql')
  assert.deepEqual(queries, [])
  assert.equal(problems[0]!.message, 'EQL cannot say this: a search through all fields.')
  const { problems: found } = evaluateEql('any where "word"', [{ A: 'word' }], { now: 0 })
  assert.equal(found[0]!.message, 'A condition must be true or false.')
})
