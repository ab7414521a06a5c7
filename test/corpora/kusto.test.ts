// Kusto over published and known-bad queries. The labels are verdicts of the same parser without
// schemas: what it calls valid must not become an error with ours.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hasErrors } from '#kernel/problem.ts'
import { parseKusto } from '#languages/kusto/parse.ts'
import { corpusQueries, knownBadQueries } from '#test/support/corpora.ts'

test('published queries parse and known-bad ones are flagged', () => {
  const published = corpusQueries('kql').filter((query) => query.label === 'valid')
  const refused = published.filter(({ query }) => hasErrors(parseKusto(query).problems))
  assert.ok(refused.length <= published.length * 0.01, `${refused.length} refused`)
  const bad = knownBadQueries('kql')
  const missed = bad.filter(({ query }) => !hasErrors(parseKusto(query).problems))
  assert.deepEqual(missed.length, 0)
})
