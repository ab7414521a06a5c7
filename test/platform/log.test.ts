// The operational log: one parseable line for each event, whatever is in it.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AppError } from '#kernel/error.ts'
import { createLog, type LogOptions } from '#platform/log.ts'
import { fakeClock } from '#test/support/clock.ts'

function collect(options: Partial<LogOptions> = {}) {
  const lines: string[] = []
  const log = createLog({
    level: 'info',
    clock: fakeClock(),
    write: (line) => void lines.push(line),
    ...options,
  })
  return { log, lines }
}

test('a line says level, time by the house clock, and its fields', () => {
  const { log, lines } = collect()
  log.info({ requestId: 'req_1' }, 'request')
  assert.deepEqual(JSON.parse(lines[0]!), {
    level: 'info',
    time: '2026-11-21T10:00:00.000Z',
    requestId: 'req_1',
    msg: 'request',
  })
})

test('less serious lines than the level are not written', () => {
  const { log, lines } = collect({ level: 'warn' })
  log.info('no')
  log.warn('yes')
  assert.equal(lines.length, 1)
})

test('no value can forge a line', () => {
  const { log, lines } = collect()
  log.info({ path: '/x\r\n{"level":"error","msg":"forged"}\u2028\u0085\u202e' }, 'a\nb')
  assert.equal(lines.length, 1)
  assert.match(lines[0]!, /^[ -~]+\n$/)
  assert.ok(JSON.parse(lines[0]!).path.includes('\u2028'))
})

test('fields, messages, errors, causes and child fields are all scrubbed', () => {
  const { log, lines } = collect({ secrets: () => ['correct-horse'] })
  const cause = new Error('connect failed for https://ada:hunter2@siem.example')
  const error = new AppError('upstream', 'The target said: password=hunter2', { cause })
  log.child({ token: 'hunter2' }).error({ err: error, headers: { authorization: 'hunter2' } }, 'a')
  log.info('token=hunter2 and correct-horse')
  assert.equal(lines.length, 2)
  for (const line of lines) assert.doesNotMatch(line, /hunter2|correct-horse/)
  assert.match(lines[0]!, /"code":"upstream"/)
})

test('a text too long for a line is cut and says so', () => {
  const { log, lines } = collect()
  log.info({ body: 'ab'.repeat(50_000) }, 'x')
  assert.match(lines[0]!, /… \(83616 more characters\)/)
  assert.ok(lines[0]!.length < 17_000)
})
