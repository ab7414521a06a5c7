// Questions about query texts as other domains and doors ask them: one shape, whatever the language
// and wherever it is read.

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { compareQueries, guardQuery, readQuery } from '#domain/queries/actions.ts'
import { QUERY_LANGUAGES } from '#languages/query.ts'
import { Workers } from '#platform/worker.ts'

const workers = new Workers(1)
after(() => workers.close())

const SAME = {
  spl: ['index=a x=1 y=2', 'index=a AND y=2 AND x=1'],
  kusto: ['T | where a == 1 and b == 2', 'T // why\n|where b == 2 and (a == 1)'],
  esql: ['FROM a | WHERE x == 1 AND y == 2', 'from a|where y==2 and x==1'],
  eql: ['any where x == 1 and y == 2', 'any where y==2 and x==1'],
  lucene: ['x:1 AND y:2', 'y:2 && x:1'],
  kuery: ['x: 1 and y: 2', 'y:2 and x:1'],
} as const

test('every language says whether two texts mean the same, or what became other', async () => {
  for (const language of QUERY_LANGUAGES) {
    const [one, other] = SAME[language]
    const same = await compareQueries(workers, language, one, other)
    assert.deepEqual(same, { words: null, problems: [] }, language)
    const changed = await compareQueries(workers, language, one, other.replace(/1/, '3'))
    assert.ok(changed.words !== null && changed.words.length > 0, language)
    const broken = await compareQueries(workers, language, one, 'a (')
    assert.ok(broken.problems.length > 0, language)
  }
})

test('no language is read in the thread that serves', async (t) => {
  const asked: string[] = []
  const nowhere = new Workers(1, (worker) => {
    asked.push(worker)
    throw new Error('no thread here')
  })
  t.after(() => nowhere.close())
  for (const language of QUERY_LANGUAGES) {
    await assert.rejects(readQuery(nowhere, { language, text: 'a' }), /no thread here/, language)
  }
  assert.deepEqual(new Set(asked), new Set(['dialects', 'kusto']))
})

test('a Kusto query reaches its worker and comes back as plain data', async () => {
  const query = { language: 'kusto', text: 'SecurityEvent | where EventID == 1' } as const
  const { facts } = await readQuery(workers, query)
  assert.equal(facts?.sources[0]?.name, 'SecurityEvent')
  const verdict = await guardQuery(workers, { language: 'kusto', text: '.drop table T' })
  assert.equal(verdict.isAllowed, false)
})
