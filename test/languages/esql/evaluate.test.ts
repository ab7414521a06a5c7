// ES|QL over events: each function and command as its documentation tells it, three-valued logic,
// several values, and what is refused.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { evaluateEsql, type EsqlEvaluateOptions } from '#languages/esql/evaluate.ts'
import type { EventRecord } from '#languages/evaluation.ts'

const OPTIONS: EsqlEvaluateOptions = { now: Date.UTC(2026, 10, 22) }

function evaluate(query: string, events: readonly EventRecord[], options = OPTIONS) {
  const { value, problems } = evaluateEsql(query, events, options)
  const codes = problems.map(({ code }) => code)
  return { rows: value?.rows.map((row) => ({ ...row })), columns: value?.columns, codes }
}

function golden(name: string): string {
  return readFileSync(path.join(import.meta.dirname, 'golden', name), 'utf8')
}

void test('every function gives the documented value', () => {
  const lines = golden('functions.esql').split('\n')
  const cases = lines.filter((line) => line !== '' && !line.startsWith('#'))
  for (const line of cases) {
    const [expression = '', wanted = ''] = line.split(' => ')
    const { rows, codes } = evaluate(`ROW x = ${expression}`, [])
    if (wanted === '!')
      assert.ok(
        codes.some((code) => code.startsWith('esql/')),
        line,
      )
    else
      assert.deepEqual(rows, [{ x: JSON.parse(wanted) as unknown }], `${line} ${codes.join(' ')}`)
  }
  assert.ok(cases.length > 140)
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
    if (rows[0]) assert.deepEqual(found.columns, Object.keys(rows[0]), query)
  }
})

void test('a missing field makes a test null, and its negation too', () => {
  const events = [{ a: 'x' }, { a: 'y' }, {}]
  const count = (where: string) => evaluate(`FROM e | WHERE ${where}`, events).rows?.length
  assert.equal(count('a == "x"'), 1)
  assert.equal(count('NOT a == "x"'), 1)
  assert.equal(count('a != "x"'), 1)
  assert.equal(count('a IS NULL'), 1)
  assert.equal(count('NOT coalesce(a == "x", false)'), 2)
})

void test('a test of several values is null, with a warning; case folding takes them all', () => {
  const events = [{ a: ['X', 'Y'] }, { a: 'X' }]
  const { rows, codes } = evaluate('FROM e | WHERE a == "X"', events)
  assert.deepEqual([rows, codes], [[{ a: 'X' }], ['esql/multivalue']])
  const folded = evaluate('FROM e | EVAL a = to_lower(a)', events)
  assert.deepEqual([folded.rows, folded.codes], [[{ a: ['x', 'y'] }, { a: 'x' }], []])
})

void test('a mapping decides what a text or a number is', () => {
  const events = [{ id: '1' }, { id: 1 }]
  const mapped = (type: 'long' | 'keyword') => ({ ...OPTIONS, mapping: new Map([['id', type]]) })
  assert.equal(evaluate('FROM e | WHERE id == 1', events, mapped('long')).rows?.length, 2)
  assert.equal(evaluate('FROM e | WHERE id == "1"', events, mapped('keyword')).rows?.length, 2)
  assert.deepEqual(evaluate('FROM e | WHERE id == 1', [], mapped('keyword')).codes, [
    'esql/type-mismatch',
  ])
})

void test('what is not evaluated is refused by name', () => {
  const refusals: readonly (readonly [string, string])[] = [
    ['FROM e | GROK a "%{WORD:b}"', 'esql/not-evaluated'],
    ['FROM e | FORK (WHERE true) (WHERE true)', 'esql/not-evaluated'],
    ['FROM e | WHERE qstr("a")', 'esql/not-evaluated'],
    ['FROM e | WHERE a : "b"', 'esql/not-evaluated'],
    ['FROM e | WHERE a == ?name', 'esql/not-evaluated'],
    ['FROM e | LOOKUP JOIN other ON a', 'esql/not-evaluated'],
    ['ROW a = 1 | KEEP b', 'esql/unknown-column'],
    ['FROM e | STATS c = count(*) | WHERE a == 1', 'esql/unknown-column'],
    ['FROM e | DROP a | WHERE a == 1', 'esql/unknown-column'],
    ['FROM e | WHERE', 'esql/expected'],
  ]
  for (const [query, code] of refusals)
    assert.equal(evaluate(query, [{ a: 1 }]).codes[0], code, query)
})

void test('rows, groups and time are bounded', () => {
  const events = Array.from({ length: 3_000 }, (_, n) => ({ n }))
  const codeOf = (query: string, options: Partial<EsqlEvaluateOptions>) =>
    evaluate(query, events, { ...OPTIONS, ...options }).codes[0]
  assert.equal(codeOf('FROM e', { caps: { rows: 100 } }), 'esql/too-many-rows')
  assert.equal(
    codeOf('FROM e | STATS count(*) BY n', { caps: { groups: 100 } }),
    'esql/too-many-groups',
  )
  assert.equal(codeOf('FROM e', { isExpired: () => true }), 'esql/out-of-time')
  assert.equal(codeOf('FROM e | LIMIT 5', { caps: { rows: 100 } }), undefined)
})
