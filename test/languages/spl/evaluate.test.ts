// SPL over events: each function and command as its documentation tells it, and what is refused.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import type { EventRecord } from '#languages/evaluation.ts'
import { evaluateSpl, type SplEvaluateOptions } from '#languages/spl/evaluate.ts'

const OPTIONS: SplEvaluateOptions = { now: Date.UTC(2026, 10, 22) }

function evaluate(query: string, events: readonly EventRecord[], options = OPTIONS) {
  const { value, problems } = evaluateSpl(query, events, options)
  const codes = problems.map(({ code }) => code)
  return { rows: value?.rows.map((row) => ({ ...row })), columns: value?.columns, codes }
}

function golden(name: string): string {
  return readFileSync(path.join(import.meta.dirname, 'golden', name), 'utf8')
}

void test('every function gives the documented value', () => {
  const lines = golden('functions.spl').split('\n')
  const cases = lines.filter((line) => line !== '' && !line.startsWith('#'))
  for (const line of cases) {
    const [expression = '', wanted = ''] = line.split(' => ')
    const { rows, codes } = evaluate(`| makeresults | eval x=${expression}`, [])
    if (wanted === '!') assert.deepEqual(codes, ['spl/not-evaluated'], line)
    else assert.deepEqual(rows?.[0]?.x ?? null, JSON.parse(wanted), `${line} ${codes.join(' ')}`)
  }
  assert.ok(cases.length > 100)
})

interface CommandCase {
  readonly query: string
  readonly events?: readonly EventRecord[]
  readonly lookups?: Record<string, readonly EventRecord[]>
  readonly rows: readonly EventRecord[]
}

void test('every command gives the documented rows, its columns in order', () => {
  for (const { query, events = [], lookups = {}, rows } of JSON.parse(
    golden('commands.json'),
  ) as readonly CommandCase[]) {
    const options = { ...OPTIONS, lookups: new Map(Object.entries(lookups)) }
    const found = evaluate(query, events, options)
    assert.deepEqual(found.rows, rows, `${query} ${found.codes.join(' ')}`)
    if (rows.length === 1) assert.deepEqual(found.columns, Object.keys(rows[0]!), query)
  }
})

void test('a term with signs in it is looked for as it stands', () => {
  const events = [{ a: 'the plug-in failed' }, { a: 'the plugin failed' }, { a: 'C:/x (1)' }]
  assert.equal(evaluate('"plug-in failed"', events).rows?.length, 1)
  assert.equal(evaluate('"c:/x (1)"', events).rows?.length, 1)
})

void test('macros are written out where a table defines them', () => {
  const macros = new Map([
    ['of(1)', { definition: 'host=$who$', arguments: ['who'] }],
    ['tidy', { definition: 'stats count by host | `named`', arguments: [] }],
    ['named', { definition: 'rename host AS machine', arguments: [] }],
    ['odd', { definition: 'predict n', arguments: [] }],
  ])
  const events = [{ host: 'a' }, { host: 'b' }]
  const run = (text: string) => evaluate(text, events, { ...OPTIONS, macros })
  assert.deepEqual(run('`of(a)` | `tidy`').rows, [{ machine: 'a', count: 1 }])
  assert.deepEqual(run('* | `elsewhere`').codes, ['spl/not-evaluated'])
  const { problems } = evaluateSpl('host=a | `odd`', events, { ...OPTIONS, macros })
  assert.deepEqual([problems[0]?.code, problems[0]?.column], ['spl/not-evaluated', 10])
})

void test('the time of an event is read from its timestamp', () => {
  const events = [{ '@timestamp': '2026-11-22T00:00:00.500Z' }]
  assert.equal(evaluate('*', events).rows?.[0]?._time, 1795305600.5)
  const options = { ...OPTIONS, timestampField: 'when' }
  assert.equal(evaluate('*', [{ when: 12 }], options).rows?.[0]?._time, 12)
})

void test('what is not evaluated is refused by name', () => {
  const refusals: readonly (readonly [string, string])[] = [
    ['`macro` a=1', 'spl/not-evaluated'],
    ['* | transaction a', 'spl/not-evaluated'],
    ['| tstats prestats=t count where index=x', 'spl/not-evaluated'],
    ['| tstats count by _time', 'spl/not-evaluated'],
    ['* | convert memk(a)', 'spl/not-evaluated'],
    ['* | timechart count', 'spl/not-evaluated'],
    ['* | stats rate(a)', 'spl/not-evaluated'],
    ['* | sort ip(a)', 'spl/not-evaluated'],
    ['* | head a=1', 'spl/not-evaluated'],
    ['TERM(a)', 'spl/not-evaluated'],
    ['| inputlookup missing.csv', 'spl/unknown-lookup'],
    ['* | regex a="(?=x)"', 'spl/regex'],
    ['* | where', 'spl/expected'],
  ]
  for (const [query, code] of refusals)
    assert.equal(evaluate(query, [{ a: 1 }]).codes[0], code, query)
})

void test('rows, groups and time are bounded', () => {
  const events = Array.from({ length: 3_000 }, (_, n) => ({ n }))
  const codeOf = (query: string, options: Partial<SplEvaluateOptions>) =>
    evaluate(query, events, { ...OPTIONS, ...options }).codes[0]
  assert.equal(codeOf('*', { caps: { rows: 100 } }), 'spl/too-many-rows')
  assert.equal(codeOf('* | stats count by n', { caps: { groups: 100 } }), 'spl/too-many-groups')
  assert.equal(codeOf('*', { isExpired: () => true }), 'spl/out-of-time')
  assert.equal(codeOf('* | head 5', { caps: { rows: 100 } }), undefined)
})
