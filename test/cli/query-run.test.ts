// `rulewright query run`: rows of a query over a file of events, in each language.

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import { runHere } from '#test/support/shell.ts'

const EVENTS = [
  { '@timestamp': '2026-11-22T09:00:00Z', event: { category: 'process' }, host: 'a', n: 1 },
  { '@timestamp': '2026-11-22T09:00:05Z', event: { category: 'process' }, host: 'a', n: 2 },
  { '@timestamp': '2026-11-22T09:00:09Z', event: { category: 'process' }, host: 'b', n: 3 },
]

function folder(t: TestContext) {
  const cwd = mkdtempSync(path.join(tmpdir(), 'rulewright-run-'))
  const write = (name: string, rows: readonly object[]) =>
    writeFileSync(path.join(cwd, name), rows.map((row) => JSON.stringify(row)).join('\n'))
  write('events.ndjson', EVENTS)
  t.after(() => rmSync(cwd, { recursive: true }))
  const run = (language: string, text: string, ...flags: string[]) =>
    runHere(['query', 'run', text, '--language', language, '--events', 'events.ndjson', ...flags], {
      cwd,
    })
  return { cwd, write, run }
}

test('each language answers with rows as NDJSON, in a thread of its own', async (t) => {
  const { run, write } = folder(t)
  const rows = async (language: string, text: string, ...flags: string[]) => {
    const { code, out, err } = await run(language, text, ...flags)
    assert.equal(code, 0, err)
    return out.split('\n').map((line) => JSON.parse(line) as unknown)
  }
  const counted = [
    { host: 'a', c: 2 },
    { host: 'b', c: 1 },
  ]
  assert.deepEqual(await rows('spl', 'n>0 | stats count as c by host'), counted)
  assert.deepEqual(
    await rows('kusto', 'T | summarize c = count() by host | sort by host asc'),
    counted,
  )
  assert.deepEqual(await rows('esql', 'FROM x | STATS c = COUNT(*) BY host | SORT host'), [
    { c: 2, host: 'a' },
    { c: 1, host: 'b' },
  ])
  assert.deepEqual(
    await rows(
      'eql',
      'sequence by host with maxspan=1m [process where n == 1] [process where true]',
    ),
    EVENTS.slice(0, 2).map((event) => ({
      sequence: 1,
      'event.category': 'process',
      '@timestamp': event['@timestamp'],
      host: 'a',
      n: event.n,
    })),
  )
  write('people.ndjson', [{ host: 'a', team: 'red' }])
  const [joined] = await rows(
    'spl',
    'n=1 | lookup people host OUTPUT team | table host team',
    '--lookup',
    'people=people.ndjson',
  )
  assert.deepEqual(joined, { host: 'a', team: 'red' })
  const [at] = await rows('esql', 'ROW at = NOW()', '--now', '2026-11-22T10:00:00Z')
  assert.deepEqual(at, { at: '2026-11-22T10:00:00.000Z' })
})

test('in Kusto an event stands in the table that its Type names', async (t) => {
  const { run, write } = folder(t)
  write('events.ndjson', [
    { Type: 'SigninLogs', UserPrincipalName: 'ada' },
    { Type: 'AuditLogs', UserPrincipalName: 'ravi' },
  ])
  const { out } = await run('kusto', 'SigninLogs | project UserPrincipalName')
  assert.deepEqual(JSON.parse(out), { UserPrincipalName: 'ada' })
})

test('a table is for people, and no event can write to their terminal', async (t) => {
  const { cwd, write } = folder(t)
  write('events.ndjson', [{ host: 'a\u001b[31m', n: 10 }, { host: 'bb' }])
  const argv = [
    'query',
    'run',
    '* | table host n',
    '--language',
    'spl',
    '--events',
    'events.ndjson',
  ]
  const { out } = await runHere(argv, { cwd, isTerminal: true })
  assert.deepEqual(out.split('\n'), ['host         n', 'a\\u{1b}[31m  10', 'bb'])
})

test('what is wrong or not known is refused by name with exit code 1, a wrong use with 2', async (t) => {
  const { run } = folder(t)
  const wrong = await run('spl', '* | sttas count')
  assert.deepEqual([wrong.code, wrong.out], [1, ''])
  assert.match(wrong.err, /spl\/unknown-command/)
  const unknown = await run('spl', '* | predict n')
  assert.deepEqual([unknown.code, unknown.out], [1, ''])
  assert.match(unknown.err, /not-evaluated/)
  const language = await run('lucene', 'a:b')
  assert.equal(language.code, 1)
  assert.match(language.err, /query\/not-run/)
  assert.equal((await run('spl', '*', '--now', 'soon')).code, 2)
  assert.equal((await run('spl', '*', '--lookup', 'x')).code, 2)
})
