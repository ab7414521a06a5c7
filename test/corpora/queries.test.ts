// Every language over the published queries and over those made wrong on purpose, as doors answer:
// what is published reads without an error, what is broken is flagged on the line where it was broken.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hasErrors, LineMap, type Problem } from '#kernel/problem.ts'
import { DIALECTS } from '#languages/dialects.ts'
import { KUSTO } from '#languages/kusto/dialect.ts'
import type { Dialect } from '#languages/dialect.ts'
import type { QuerySchema } from '#languages/query.ts'
import { corpusMacros, corpusQueries, knownBadQueries } from '#test/support/corpora.ts'

/** Named as the corpora name them. */
const LANGUAGES: readonly (readonly [string, Dialect])[] = [
  ['spl', DIALECTS.spl],
  ['kql', KUSTO],
  ['esql', DIALECTS.esql],
  ['eql', DIALECTS.eql],
  ['kuery', DIALECTS.kuery],
]

for (const [name, dialect] of LANGUAGES) {
  test(`${name}: 98 of 100 published queries have no error`, (t) => {
    // Of Kusto those that its own parser refuses without a schema are prose and placeholders.
    const published = corpusQueries(name).filter(({ label }) => label !== 'invalid')
    const refused = published.filter(({ query }) => hasErrors(dialect.lint(query)))
    t.diagnostic(`${published.length - refused.length} of ${published.length}`)
    assert.ok(refused.length <= published.length * 0.02, refused.map(({ id }) => id).join('\n'))
  })

  test(`${name}: 97 of 100 broken queries are flagged on the right line`, (t) => {
    const originals = new Map(corpusQueries(name).map(({ id, query }) => [id, query]))
    const bad = knownBadQueries(name)
    const missed = bad.filter((one) => {
      const original = originals.get((one as { base_id?: string }).base_id ?? '')
      const errors = dialect.lint(one.query).filter(({ severity }) => severity === 'error')
      // Of nested brackets nobody can say which one lacks its partner: where one opened is right.
      const isBracket = one.rule?.startsWith('unbalanced_paren') ?? false
      return !errors.some(
        (problem) =>
          isOnLine(problem, one.query, original) ||
          (isBracket && /\/(?:unclosed|unexpected|expected)$/.test(problem.code)),
      )
    })
    t.diagnostic(`${bad.length - missed.length} of ${bad.length}`)
    assert.ok(missed.length <= bad.length * 0.03, missed.map(({ id }) => id).join('\n'))
  })
}

test('spl: 9 of 10 published searches are scoped where their macros are known', (t) => {
  const queries = corpusQueries('spl')
  const schema = { macros: corpusMacros() }
  const isScoped = (query: string, known: QuerySchema) =>
    DIALECTS.spl.read(query, known).facts?.scope.state === 'scoped'
  const scoped = queries.filter(({ query }) => isScoped(query, schema))
  const bare = queries.filter(({ query }) => isScoped(query, {}))
  t.diagnostic(`${scoped.length} of ${queries.length}, without macros ${bare.length}`)
  assert.ok(scoped.length >= queries.length * 0.9)
  assert.ok(queries.length === 0 || bare.length < scoped.length)
})

test('spl, esql: hardly a published query names a field that nothing gives', (t) => {
  for (const name of ['spl', 'esql'] as const) {
    const named = corpusQueries(name).filter(({ query }) =>
      DIALECTS[name].lint(query).some(({ code }) => code === `${name}/unknown-field`),
    )
    t.diagnostic(`${name}: ${named.map(({ id }) => id).join(', ') || 'none'}`)
    // The one of SPL renames a field that its stats left behind.
    assert.ok(named.length <= 1)
  }
})

// A quote or bracket that is missing shows itself where it opened or at the end of what it swallowed,
// so the line of the change, the one after it and the last one count.
function isOnLine(problem: Problem, text: string, original: string | undefined): boolean {
  if (original === undefined) return true
  const map = new LineMap(text)
  let at = 0
  while (at < text.length && text[at] === original[at]) at++
  const { line } = map.position(at)
  const last = map.position(text.length).line
  const span = [problem.line ?? 1, problem.endLine ?? 1] as const
  const touches = (wanted: number) => span[0] <= wanted && wanted <= span[1]
  return touches(line) || touches(line + 1) || touches(last)
}
