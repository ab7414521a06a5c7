// EQL over events: each function and operator as its documentation tells it, missing fields and
// several values, sequences, and what is refused.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { evaluateEql, type EqlEvaluateOptions } from '#languages/eql/evaluate.ts'
import type { EventRecord } from '#languages/evaluation.ts'

const NOW: EqlEvaluateOptions = { now: Date.UTC(2026, 10, 22) }

function evaluate(query: string, events: readonly EventRecord[], options = NOW) {
  const { value, problems } = evaluateEql(query, events, options)
  const errors = problems.filter(({ severity }) => severity === 'error')
  return { events: value?.events, sequences: value?.sequences, errors }
}

/** The places of the events that match. */
function matches(query: string, events: readonly EventRecord[], options = NOW): readonly number[] {
  const { events: found, errors } = evaluate(query, events, options)
  assert.deepEqual(errors, [], query)
  return found!.map((event) => events.indexOf(event))
}

void test('functions and operators give the documented values', () => {
  const file = path.join(import.meta.dirname, 'golden/functions.eql')
  const lines = readFileSync(file, 'utf8').split('\n')
  const conditions = lines.filter((line) => line !== '' && !line.startsWith('#'))
  for (const line of conditions) {
    const isFalse = line.startsWith('!')
    const query = `any where ${isFalse ? line.slice(1) : line}`
    assert.deepEqual(matches(query, [{}]), isFalse ? [] : [0], line)
  }
  assert.ok(conditions.length > 50)
})

void test('the event category is compared with its field', () => {
  const events = [{ event: { category: 'process' } }, { 'event.category': ['file', 'process'] }, {}]
  assert.deepEqual(matches('process where true', events), [0, 1])
  assert.deepEqual(matches('any where true', events), [0, 1, 2])
  const options = { ...NOW, categoryField: 'kind' }
  assert.deepEqual(matches('"my kind" where true', [{ kind: 'my kind' }, {}], options), [0])
})

void test('equality regards case, the colon does not, and only the colon knows wildcards', () => {
  const events = [{ name: 'cmd.exe' }, { name: 'CMD.EXE' }, { name: 'cmd*' }]
  assert.deepEqual(matches('any where name == "cmd.exe"', events), [0])
  assert.deepEqual(matches('any where name : "cmd.exe"', events), [0, 1])
  assert.deepEqual(matches('any where name == "cmd*"', events), [2])
  assert.deepEqual(matches('any where name : "cmd*"', events), [0, 1, 2])
  assert.deepEqual(matches('any where name like "cmd?exe"', events), [0])
  assert.deepEqual(matches('any where name like~ ("x", "CMD?EXE")', events), [0, 1])
  assert.deepEqual(matches('any where name in ("cmd.exe", "x")', events), [0])
  assert.deepEqual(matches('any where name in~ ("cmd.exe", "x")', events), [0, 1])
  assert.deepEqual(matches('any where name not in ("cmd.exe", "x")', events), [1, 2])
})

void test('an expression matches the whole value, in the syntax of Lucene', () => {
  const events = [{ name: 'cmd.exe' }, { name: 'xcmd.exe' }, { name: 'CMD.EXE' }, { name: '^cmd$' }]
  assert.deepEqual(matches('any where name regex "cmd.*"', events), [0])
  assert.deepEqual(matches('any where name regex~ ".*cmd.*"', events), [0, 1, 2, 3])
  assert.deepEqual(matches('any where name regex "^cmd$"', events), [3])
  assert.deepEqual(matches('any where name regex ("x.*", "[c^].*")', events), [0, 1, 3])
})

void test('a missing field is equal to nothing, and neither greater nor smaller', () => {
  const events = [{ a: 1 }, { b: 1 }, { a: null }]
  assert.deepEqual(matches('any where a == 1', events), [0])
  assert.deepEqual(matches('any where not a == 1', events), [1, 2])
  assert.deepEqual(matches('any where a != 1', events), [1, 2])
  assert.deepEqual(matches('any where a > 0', events), [0])
  assert.deepEqual(matches('any where not a > 0', events), [])
  assert.deepEqual(matches('any where ?a == null', events), [1, 2])
  assert.deepEqual(matches('any where ?a != null', events), [0])
  assert.deepEqual(matches('any where not startsWith(c, "x")', [{ c: 'y' }, {}]), [0, 1])
  assert.deepEqual(matches('any where not startsWith(c, d)', [{ c: 'y', d: 'x' }, {}]), [0])
})

void test('of several values one is enough', () => {
  const events = [{ a: ['x', 'Y'] }, { a: 'z' }]
  assert.deepEqual(matches('any where a == "Y"', events), [0])
  assert.deepEqual(matches('any where a != "Y"', events), [1])
  assert.deepEqual(matches('any where startsWith~(a, "y")', events), [0])
  assert.deepEqual(matches('any where length(a) == 1', events), [0, 1])
})

void test('a mapping decides what a text or a number is', () => {
  const events = [{ id: '4624' }, { id: 4624 }, { id: 'x' }]
  const long = { ...NOW, mapping: new Map([['id', 'long']] as const) }
  assert.deepEqual(matches('any where id == 4624', events, long), [0, 1])
  const keyword = { ...NOW, mapping: new Map([['id', 'keyword']] as const) }
  assert.deepEqual(matches('any where id == "4624"', events, keyword), [0, 1])
  const { errors } = evaluate('any where id > 1', events)
  assert.deepEqual(
    errors.map(({ code }) => code),
    ['eql/type-mismatch'],
  )
})

const at = (second: number, rest: object) => ({
  '@timestamp': new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString(),
  ...rest,
})

function sequences(query: string, events: readonly EventRecord[]) {
  const { sequences: found, errors } = evaluate(query, events)
  assert.deepEqual(errors, [], query)
  return found!.map((one) => one.events.map((event) => events.indexOf(event)))
}

void test('a sequence keeps the newest beginning of each state and key', () => {
  const events = [
    at(1, { n: 'a', u: 1 }),
    at(2, { n: 'a', u: 2 }),
    at(3, { n: 'a', u: 1 }),
    at(4, { n: 'b', u: 1 }),
    at(5, { n: 'b', u: 1 }),
    at(6, { n: 'b' }),
    at(9, { n: 'b', u: 2 }),
  ]
  const steps = '[any where n == "a"] [any where n == "b"]'
  assert.deepEqual(sequences(`sequence by u ${steps}`, events), [
    [2, 3],
    [1, 6],
  ])
  assert.deepEqual(sequences(`sequence by u with maxspan=5s ${steps}`, events), [[2, 3]])
  assert.deepEqual(sequences(`sequence ${steps} | head 1`, events), [[2, 3]])
  assert.deepEqual(sequences(`sequence by u ${steps} | tail 1`, events), [[1, 6]])
})

void test('events are taken in the order of their time, and runs are the same event again', () => {
  const events = [at(5, { n: 'b' }), at(1, { n: 'a' }), at(2, { n: 'a' }), at(3, { n: 'a' })]
  assert.deepEqual(matches('any where true', events), [1, 2, 3, 0])
  assert.deepEqual(
    sequences('sequence [any where n == "a"] with runs=3 [any where n == "b"]', events),
    [[1, 2, 3, 0]],
  )
})

void test('“until” ends what is pending', () => {
  const events = [
    at(1, { n: 'a' }),
    at(2, { n: 'end' }),
    at(3, { n: 'b' }),
    at(4, { n: 'a' }),
    at(5, { n: 'b' }),
  ]
  const query = 'sequence [any where n == "a"] [any where n == "b"] until [any where n == "end"]'
  assert.deepEqual(sequences(query, events), [[3, 4]])
})

void test('what is not evaluated is refused by name', () => {
  const codeOf = (query: string) => evaluate(query, [{ a: 'x' }]).errors.map(({ code }) => code)
  for (const query of [
    'sample by a [any where true] [any where true]',
    'sequence with maxspan=1s [any where true] ![any where true] [any where true]',
    'any where true | unique a',
    'any where a in (b)',
  ])
    assert.deepEqual(codeOf(query), ['eql/not-evaluated'], query)
  assert.deepEqual(codeOf('any where a regex "(x"'), ['eql/regex'])
  assert.deepEqual(codeOf('any where'), ['eql/expected'])
})

void test('rows and time are bounded', () => {
  const events = Array.from({ length: 5_000 }, (_, n) => ({ n }))
  const few = evaluate('any where true', events, { ...NOW, caps: { rows: 100 } })
  assert.deepEqual(
    few.errors.map(({ code }) => code),
    ['eql/too-many-rows'],
  )
  const late = evaluate('any where true', events, { ...NOW, isExpired: () => true })
  assert.deepEqual(
    late.errors.map(({ code }) => code),
    ['eql/out-of-time'],
  )
})
