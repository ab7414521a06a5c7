// Kusto over published and known-bad queries. The labels are verdicts of the same parser without
// schemas: what it calls valid must not become an error with ours.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hasErrors } from '#kernel/problem.ts'
import { compareKusto } from '#languages/kusto/compare.ts'
import { formatKusto } from '#languages/kusto/format.ts'
import { parseKusto } from '#languages/kusto/parse.ts'
import { corpusQueries, knownBadQueries } from '#test/support/corpora.ts'

test('what is printed means the same and is printed the same again', () => {
  for (const { id, query } of corpusQueries('kql')) {
    const { value, problems } = parseKusto(query)
    if (!value || hasErrors(problems)) continue
    const printed = formatKusto(query)
    assert.equal(compareKusto(value, parseKusto(printed).value!), null, id)
    assert.equal(formatKusto(printed), printed, id)
  }
})

test('published queries parse and known-bad ones are flagged', () => {
  const published = corpusQueries('kql').filter((query) => query.label === 'valid')
  const refused = published.filter(({ query }) => hasErrors(parseKusto(query).problems))
  assert.ok(refused.length <= published.length * 0.01, `${refused.length} refused`)
  const bad = knownBadQueries('kql')
  const missed = bad.filter(({ query }) => !hasErrors(parseKusto(query).problems))
  assert.deepEqual(missed.length, 0)
})
