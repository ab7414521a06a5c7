// Each backend's query, run by an engine that knows nothing of the backend, finds what the matcher
// finds: for every modifier, over events made to miss by little. The published rules are proved in
// test/corpora; a share of them here, where they are at hand.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseSigma } from '#languages/sigma/parse.ts'
import type { SigmaRule } from '#languages/sigma/rule.ts'
import { readCorpus } from '#test/support/corpora.ts'
import { thoroughly } from '#test/support/thorough.ts'
import { interpretKusto } from './proof/kusto.ts'
import { interpretLucene } from './proof/lucene.ts'
import { makeEvent, randomFrom } from './proof/near-misses.ts'
import { prove, subjectOf } from './proof/proof.ts'
import { MODIFIER_RULES } from './proof/rules.ts'
import { BACKENDS } from '#languages/sigma/names.ts'

const EVENTS_A_RULE = 60

function events(seed: number, rule: SigmaRule, hasLists: boolean) {
  const random = randomFrom(seed)
  const predicates = subjectOf(rule)!
  const made = Array.from({ length: EVENTS_A_RULE }, (_, at) =>
    makeEvent(predicates, random, { hasLists, isKind: at % 2 === 0 }),
  )
  return { predicates, made }
}

const rules = MODIFIER_RULES.map((detection) => {
  const parsed = parseSigma(`title: T\nlogsource: {category: test}\ndetection: ${detection}\n`)
  assert.deepEqual(parsed.problems, [], detection)
  return parsed.documents[0] as SigmaRule
})

for (const backend of BACKENDS) {
  void test(`${backend}: every modifier means in the query what it means to the matcher`, () => {
    let pairs = 0
    for (const [at, rule] of rules.entries()) {
      const { predicates, made } = events(at + 1, rule, false)
      const proof = prove(rule, predicates, backend, made)
      assert.deepEqual(proof.differing, [], MODIFIER_RULES[at])
      assert.doesNotMatch(proof.skipped ?? '', /^refused/, MODIFIER_RULES[at])
      pairs += proof.pairs
    }
    assert.ok(pairs > 40 * EVENTS_A_RULE)
  })
}

void test('of a field with several values one is enough, where a language knows such fields', () => {
  for (const backend of ['spl', 'lucene', 'eql'] as const) {
    let pairs = 0
    for (const [at, rule] of rules.entries()) {
      const { predicates, made } = events(at + 1, rule, true)
      const proof = prove(rule, predicates, backend, made)
      assert.deepEqual(proof.differing, [], MODIFIER_RULES[at])
      pairs += proof.pairs
    }
    assert.ok(pairs > 30 * EVENTS_A_RULE)
  }
})

void test('a share of the published rules', () => {
  const texts = readCorpus<{ yaml: string }>('sigma/rules.jsonl.gz').filter(
    (_, at) => at % thoroughly(160, 40) === 7,
  )
  for (const [at, { yaml }] of texts.entries()) {
    const rule = parseSigma(yaml).documents[0] as SigmaRule
    if (subjectOf(rule) === undefined) continue
    const { predicates, made } = events(at + 1, rule, false)
    for (const backend of BACKENDS) {
      assert.deepEqual(
        prove(rule, predicates, backend, made.slice(0, 20)).differing,
        [],
        rule.title,
      )
    }
  }
})

void test('the interpreters tell a match from a miss, and refuse what they do not know', () => {
  const lucene = interpretLucene('A:(x* OR y) AND NOT (B:/[0-9]+/)', { ips: new Set() })
  assert.equal(lucene(new Map([['A', ['XY']]])), true)
  assert.equal(
    lucene(
      new Map<string, unknown[]>([
        ['A', ['xy']],
        ['B', ['12']],
      ]),
    ),
    false,
  )
  assert.throws(() => interpretLucene('A:x!y', { ips: new Set() }))
  const kusto = interpretKusto('A =~ "x" and not(N > 5)', new Set(['N']))
  assert.equal(
    kusto(
      new Map<string, string | number>([
        ['A', 'X'],
        ['N', 5],
      ]),
    ),
    true,
  )
  assert.equal(kusto(new Map([['A', 'X']])), false)
  assert.throws(() => interpretKusto('A has "x"', new Set())(new Map()))
})
