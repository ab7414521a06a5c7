// Kusto over tables: each function and operator as its documentation tells it, and what is refused.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import type { EventRecord } from '#languages/evaluation.ts'
import { evaluateKusto, type KustoEvaluateOptions } from '#languages/kusto/evaluate.ts'

const OPTIONS: KustoEvaluateOptions = { now: Date.UTC(2026, 10, 22) }
type Tables = Readonly<Record<string, readonly EventRecord[]>>

function evaluate(query: string, tables: Tables, options = OPTIONS) {
  const { value, problems } = evaluateKusto(query, new Map(Object.entries(tables)), options)
  const errors = problems.filter(({ severity }) => severity === 'error')
  return {
    rows: value?.rows.map((row) => ({ ...row })),
    codes: errors.map(({ code }) => code),
    told: errors.map(({ message }) => message).join(' '),
  }
}

function golden(name: string): string {
  return readFileSync(path.join(import.meta.dirname, 'golden', name), 'utf8')
}

void test('every function gives the documented value', () => {
  const lines = golden('functions.kusto').split('\n')
  const cases = lines.filter((line) => line !== '' && !line.startsWith('#'))
  const split = cases.map((line) => line.split(' => ') as [string, string])
  const told = split.filter(([, wanted]) => wanted !== '!')
  // Many in one query: the parser takes its time for each.
  for (let at = 0; at < told.length; at += 25) {
    const some = told.slice(at, at + 25)
    const columns = some.map(([expression], place) => `x${place} = ${expression}`)
    const found = evaluate(`print ${columns.join(', ')}`, {})
    for (const [place, [expression, wanted]] of some.entries()) {
      const value = JSON.stringify(found.rows?.[0]?.[`x${place}`])
      assert.equal(value, JSON.stringify(JSON.parse(wanted)), `${expression} ${found.told}`)
    }
  }
  for (const [expression] of split.filter(([, wanted]) => wanted === '!')) {
    assert.deepEqual(evaluate(`print x = ${expression}`, {}).codes, ['kusto/not-evaluated'])
  }
  assert.ok(cases.length > 120)
})

void test('every operator gives the documented rows, its columns in order', () => {
  const cases = JSON.parse(golden('commands.json')) as readonly ({
    query: string
    rows: unknown[] | null
  } & Tables)[]
  for (const { query, rows, ...tables } of cases) {
    const found = evaluate(query, tables)
    if (rows === null) assert.equal(found.rows, undefined, query)
    else assert.equal(JSON.stringify(found.rows), JSON.stringify(rows), `${query} ${found.told}`)
  }
})

void test('the tables of Sentinel have the types of their columns', () => {
  const events = [
    { EventID: '4624', Account: 'ada' },
    { EventID: 4625, Account: null },
  ]
  const query =
    'SecurityEvent | where EventID == 4624 or isempty(Account) | project EventID, Account'
  assert.deepEqual(evaluate(query, { SecurityEvent: events }).rows, [
    { EventID: 4624, Account: 'ada' },
    { EventID: 4625, Account: '' },
  ])
})

void test('what is not evaluated is refused by name', () => {
  const refusals: readonly (readonly [string, string])[] = [
    ['T | evaluate bag_unpack(a)', 'kusto/not-evaluated'],
    ['T | make-series make_list(n) on a step 1', 'kusto/not-evaluated'],
    ['T | make-series count() on n from 3 to 9 step 1', 'kusto/not-evaluated'],
    ['T | make-series count() on n from 0 to 9 step 0', 'kusto/wrong-arguments'],
    ['T | make-series count() default = 0.5 on n step 1', 'kusto/not-evaluated'],
    ['T | make-series count() on n from 1 to 2 step 5', 'kusto/not-evaluated'],
    ['T | make-series count() on n to 4 step 3', 'kusto/not-evaluated'],
    ['T | make-series count() on n in range(1, 9, 2)', 'kusto/not-evaluated'],
    ['T | make-series count() on n in range(0, 1, 5)', 'kusto/not-evaluated'],
    ['T | take 0 | make-series kind=nonempty count() on n step 1', 'kusto/not-evaluated'],
    ['T | make-series s = count() on n step 1 | extend series_fit_line(s)', 'kusto/not-evaluated'],
    ['T | extend l = pack_array(1) | mv-expand l, n', 'kusto/not-evaluated'],
    ['T | extend l = pack_array(s) | mv-expand l to typeof(datetime)', 'kusto/not-evaluated'],
    ['let f = (x: long) { x + 1 }; T | extend y = f(n)', 'kusto/not-evaluated'],
    ['T | sample 1', 'kusto/not-evaluated'],
    ['T | where s matches regex "(?=x)"', 'kusto/regex'],
    ['T | where n == "x"', 'kusto/type-mismatch'],
  ]
  for (const [query, code] of refusals) {
    const { codes, rows } = evaluate(query, { T: [{ a: 1, n: 2, s: 'x' }] })
    assert.equal(rows, undefined, query)
    // What Microsoft's binder already refuses never comes this far.
    if (codes[0] !== undefined && !/^kusto\/KS/i.test(codes[0])) assert.equal(codes[0], code, query)
  }
})

void test('rows, groups and time are bounded', () => {
  const T = Array.from({ length: 3_000 }, (_, n) => ({ n }))
  const codeOf = (query: string, options: Partial<KustoEvaluateOptions>) =>
    evaluate(query, { T }, { ...OPTIONS, ...options }).codes[0]
  assert.equal(codeOf('T', { caps: { rows: 100 } }), 'kusto/too-many-rows')
  assert.equal(
    codeOf('T | summarize count() by n', { caps: { groups: 100 } }),
    'kusto/too-many-groups',
  )
  const series = 'T | make-series count() on n'
  assert.equal(codeOf(`${series} from 0 to 100001 step 1`, {}), 'kusto/too-many-groups')
  assert.equal(codeOf(`${series} step 1`, { caps: { rows: 5_000 } }), 'kusto/too-many-rows')
  assert.equal(codeOf('T', { isExpired: () => true }), 'kusto/out-of-time')
})

void test('what an event does not have and what it has empty are one', () => {
  const tables = {
    DeviceEvents: [{ DeviceName: 'a', FileName: '' }, { DeviceName: 'a' }],
    T: [{ key: '', tag: { a: 1 } }, { tag: null }],
  }
  const rows = (query: string) => {
    const { rows: found, told } = evaluate(query, tables)
    assert.equal(told, '', query)
    return found!
  }
  assert.deepEqual(rows('DeviceEvents | distinct DeviceName, FileName'), [
    { DeviceName: 'a', FileName: '' },
  ])
  assert.equal(rows('T | project-away tag | distinct *').length, 1)
  assert.equal(rows('T | join kind=inner (T | project key) on key').length, 4)
  assert.equal(rows('DeviceEvents | where FileName in ((T | project key))').length, 2)
  assert.deepEqual(rows('T | where isempty(key) | summarize n = count() by key'), [
    { key: '', n: 2 },
  ])
})
