// Every shared rule to every backend and pipeline, beside what the community's converter printed, and
// to the places of our own pipelines.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseKusto } from '#languages/kusto/parse.ts'
import { convertRule } from '#languages/sigma/convert.ts'
import { builtinPipeline } from '#languages/sigma/pipelines/builtin.ts'
import { corpusPath } from '#test/support/corpora.ts'
import { COMBINATIONS, compareWithReference, readSubjects } from '#test/support/sigma-reference.ts'
import type { Backend } from '#languages/sigma/names.ts'

/** Pipelines of our own and the share of rules they must have a place for. */
const OWN: readonly (readonly [Backend, string, number])[] = [
  ['spl', 'rw_splunk', 0.9],
  ['kusto', 'rw_sentinel', 0.9],
  ['kusto', 'rw_defender', 0.65],
  ['esql', 'rw_elastic', 0.9],
  ['lucene', 'rw_opensearch', 0.9],
]

if (corpusPath('sigma/rules.jsonl.gz') !== undefined) {
  const subjects = readSubjects()
  for (const combination of COMBINATIONS) {
    const title = `${combination.name}: every text is the reference's or differs for a named reason`
    void test(title, (context) => {
      const found = compareWithReference(combination, subjects)
      const { identical, explained, unexplained, lost, won, refusedByBoth, noQueries } = found
      const counts = { identical, explained, unexplained: unexplained.length }
      context.diagnostic(
        `${combination.name} ${JSON.stringify({ ...counts, lost: lost.length, won, refusedByBoth, noQueries })}`,
      )
      for (const [says, count] of found.byDifference) context.diagnostic(`  ${count}: ${says}`)
      assert.deepEqual(unexplained, [])
      const share = identical / (identical + explained)
      assert.ok(share >= combination.sameMin, `${(share * 100).toFixed(1)} % are the same`)
      assert.ok(lost.length <= won, `lost: ${lost.join(', ')}`)
    })
  }

  for (const [backend, name, shareMin] of OWN) {
    void test(`${name} has a place for most rules`, (context) => {
      const pipelines = [builtinPipeline(name)!]
      const all = [...subjects.values()].map(({ rule }) => convertRule(rule, backend, pipelines))
      const share = all.filter(({ queries }) => queries.length > 0).length / all.length
      context.diagnostic(`${name} ${(share * 100).toFixed(1)} %`)
      assert.ok(share >= shareMin)
    })
  }

  void test("queries for Sentinel and Defender bind with Microsoft's parser", () => {
    for (const name of ['rw_sentinel', 'rw_defender']) {
      const pipelines = [builtinPipeline(name)!]
      for (const [id, { rule }] of readSubjects(20)) {
        for (const query of convertRule(rule, 'kusto', pipelines).queries) {
          // Longer and deeper ones are more than the parser reads at once.
          if (query.length < 30_000)
            assert.deepEqual(parseKusto(query).problems, [], `${id} ${query}`)
        }
      }
    }
  })
}
