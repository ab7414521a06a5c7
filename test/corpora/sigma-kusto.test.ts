// What the backend prints for Kusto, read by Microsoft's parser and run by the house's evaluator: the
// verdict is that of the small interpreter with which every rule is proved.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { evaluateKusto } from '#languages/kusto/evaluate.ts'
import type { KustoType } from '#languages/kusto/values.ts'
import { convertRule } from '#languages/sigma/convert.ts'
import { parseSigma } from '#languages/sigma/parse.ts'
import type { SigmaRule } from '#languages/sigma/rule.ts'
import { makeEvent, randomFrom } from '#test/languages/sigma/proof/near-misses.ts'
import { subjectOf } from '#test/languages/sigma/proof/proof.ts'
import { MODIFIER_RULES } from '#test/languages/sigma/proof/rules.ts'
import { mappingOf, verdictOf } from '#test/languages/sigma/proof/verdicts.ts'
import { readCorpus } from '#test/support/corpora.ts'

void test('the evaluator and the interpreter agree about what the backend prints', () => {
  const own = MODIFIER_RULES.map(
    (one) => `title: T\nlogsource: {category: test}\ndetection: ${one}\n`,
  )
  const published = readCorpus<{ yaml: string }>('sigma/rules.jsonl.gz').filter(
    (_, at) => at % 40 === 3,
  )
  const texts = [...own, ...published.map(({ yaml }) => yaml)]
  let compared = 0
  for (const [at, text] of texts.entries()) {
    const rule = parseSigma(text).documents[0] as SigmaRule
    const predicates = subjectOf(rule)
    const [query, another] = predicates ? convertRule(rule, 'kusto').queries : []
    if (predicates === undefined || query === undefined || another !== undefined) continue
    const random = randomFrom(at + 1)
    const events = Array.from({ length: 40 }, (_, n) => ({
      ...makeEvent(predicates, random, { hasLists: false, isKind: n % 2 === 0 }),
      place: n,
    }))
    const found = run(query, events, predicates)
    const wanted = verdictOf('kusto', [query], predicates, events)
    if ('refusal' in wanted) continue
    assert.deepEqual(
      found,
      [...wanted].toSorted((a, b) => a - b),
      query,
    )
    compared++
  }
  assert.ok(compared > 50)
})

function run(
  query: string,
  events: readonly object[],
  predicates: NonNullable<ReturnType<typeof subjectOf>>,
) {
  const columns = [...mappingOf(predicates)].map(([name, type]): [string, KustoType] => [
    name,
    type === 'double' ? 'real' : 'string',
  ])
  const types = new Map([['T', new Map([...columns, ['place', 'long'] as const])]])
  const tables = new Map([['T', events as readonly Record<string, unknown>[]]])
  const { value, problems } = evaluateKusto(`T | where ${query}`, tables, { now: 0, types })
  assert.ok(value, `${query} ${problems.map(({ message }) => message).join(' ')}`)
  return value.rows.map((row) => row.place)
}
