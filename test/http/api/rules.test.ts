// Questions about rules and queries over the API: the answers of the command line, within limits.

import assert from 'node:assert/strict'
import test from 'node:test'
import { startProgram } from '#test/support/api.ts'
import { startApp } from '#test/support/start-app.ts'

const WHOAMI = String.raw`
title: Whoami
id: 80167ada-7a12-41ed-b8e9-aa47195c66a1
status: test
level: high
logsource: {category: process_creation, product: windows}
detection: {selection: {Image|endswith: '\whoami.exe'}, condition: selection}
`
const BROKEN = 'title: Broken\nlogsource: {product: windows}\ndetection: {condition: missing}\n'

async function askAs(t: test.TestContext) {
  const app = await startApp(t)
  const { call } = await startProgram(app, app.cast.vera, { scopes: ['rules:read'] })
  return async <T>(path: string, json: unknown): Promise<T> => {
    const answer = await call(path, { json })
    assert.equal(answer.status, 200)
    return (await answer.json()) as T
  }
}

interface Documents {
  documents: { path: string; ok: boolean; queries: string[]; problems: { code: string }[] }[]
}

test('rules are linted and converted, and what is broken says why', async (t) => {
  const ask = await askAs(t)
  const rules = [
    { path: 'a.yml', text: WHOAMI },
    { path: 'b.yml', text: BROKEN },
  ]
  const linted = await ask<Documents>('/rules/lint', { rules })
  assert.deepEqual(
    linted.documents.map(({ path }) => path),
    ['a.yml', 'b.yml'],
  )
  assert.ok(linted.documents[1]!.problems.length > 0)
  const [good, bad] = (await ask<Documents>('/rules/convert', { rules, to: 'spl' })).documents
  assert.deepEqual([good!.ok, good!.queries.length], [true, 1])
  assert.match(good!.queries[0]!, /whoami\.exe/)
  assert.deepEqual([bad!.ok, bad!.queries], [false, []])
  const named = { rules, to: 'kusto', pipelines: ['microsoft_xdr'] }
  assert.match((await ask<Documents>('/rules/convert', named)).documents[0]!.queries[0]!, /Device/)
})

test('rules are matched against events, by event and then by rule', async (t) => {
  const ask = await askAs(t)
  const events = [{ Image: 'C:\\cmd.exe' }, { Image: 'C:\\Windows\\WHOAMI.EXE' }]
  const found = await ask<{ matches: unknown[]; count: number; completeness: string }>(
    '/rules/match',
    { rules: [{ text: WHOAMI }, { path: 'b.yml', text: BROKEN }], events },
  )
  assert.deepEqual(found.matches, [
    {
      rule: '80167ada-7a12-41ed-b8e9-aa47195c66a1',
      title: 'Whoami',
      level: 'high',
      event: 1,
      fields: { Image: 'C:\\Windows\\WHOAMI.EXE' },
    },
  ])
  assert.deepEqual([found.count, found.completeness], [1, 'complete'])
})

test('more matches than an answer holds are counted, and the answer says so', async (t) => {
  const ask = await askAs(t)
  const rules = Array.from({ length: 3 }, (_, n) => ({ path: `${n}.yml`, text: WHOAMI }))
  const events = Array.from({ length: 4_000 }, () => ({ Image: '\\whoami.exe' }))
  const found = await ask<{ matches: unknown[]; count: number; completeness: string }>(
    '/rules/match',
    { rules, events },
  )
  assert.deepEqual(
    [found.matches.length, found.count, found.completeness],
    [10_000, 12_000, 'truncated'],
  )
})

test('queries are linted in every language', async (t) => {
  const ask = await askAs(t)
  for (const language of ['spl', 'kusto', 'esql', 'eql', 'lucene', 'kuery']) {
    const { problems } = await ask<{ problems: { severity: string }[] }>('/queries/lint', {
      language,
      query: '| | (',
    })
    assert.ok(
      problems.some(({ severity }) => severity === 'error'),
      language,
    )
  }
})

test('the API runs a query over the events it is sent, and says when rows are left out', async (t) => {
  const ask = await askAs(t)
  const ran = await ask<{ rows: unknown[]; count: number; completeness: string }>('/queries/run', {
    language: 'esql',
    query: 'FROM logs | STATS n = MAX(n) BY host | SORT host',
    events: [
      { host: 'a', n: 1 },
      { host: 'a', n: 2 },
      { host: 'b', n: 3 },
    ],
  })
  assert.deepEqual(ran.rows, [
    { n: 2, host: 'a' },
    { n: 3, host: 'b' },
  ])
  assert.equal(ran.completeness, 'complete')
  const many = await ask<{ rows: unknown[]; count: number; completeness: string }>('/queries/run', {
    language: 'spl',
    query: '| makeresults count=1500',
    events: [],
  })
  assert.deepEqual([many.rows.length, many.count, many.completeness], [1_000, 1_500, 'truncated'])
  const refused = await ask<{ problems: { code: string }[] }>('/queries/run', {
    language: 'kusto',
    query: 'T | evaluate python(typeof(*), "x")',
    events: [],
  })
  assert.ok(refused.problems.length > 0)
})
