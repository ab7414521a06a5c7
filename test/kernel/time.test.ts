// Instants and durations: what is read, what is written, what is refused.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  DAY,
  formatDuration,
  formatInstant,
  instant,
  INSTANT_MAX,
  MINUTE,
  parseDuration,
  parseInstant,
} from '#kernel/time.ts'

test('an instant survives its text form', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: INSTANT_MAX }), (ms) => {
      assert.equal(parseInstant(formatInstant(instant(ms))), ms)
    }),
  )
})

test('the text form is RFC 3339 in UTC with milliseconds', () => {
  const at = parseInstant('2026-11-21T12:00:00+02:00')
  assert.ok(at !== undefined)
  assert.equal(formatInstant(at), '2026-11-21T10:00:00.000Z')
})

test('times without a zone, of days that do not exist, or outside the range are refused', () => {
  const refused = [
    '2026-11-21',
    '2026-11-21T10:00:00',
    '2026-02-30T10:00:00Z',
    '2026-13-01T10:00:00Z',
    '1969-12-31T23:59:59Z',
    '2026-11-21 10:00:00Z',
    '',
  ]
  for (const text of refused) assert.equal(parseInstant(text), undefined, text)
})

test('a fraction of a millisecond and a number past year 9999 are no instants', () => {
  assert.throws(() => instant(1.5), { code: 'invalid' })
  assert.throws(() => instant(INSTANT_MAX + 1), { code: 'invalid' })
  assert.throws(() => instant(-1), { code: 'invalid' })
})

test('durations are a whole number and a unit', () => {
  assert.equal(parseDuration('5m'), 5 * MINUTE)
  assert.equal(parseDuration('90d'), 90 * DAY)
  assert.equal(parseDuration('0s'), 0)
  for (const text of ['5', 'm', '1.5h', '-1d', '5 m', '5min', '9999999999d']) {
    assert.equal(parseDuration(text), undefined, text)
  }
})

test('a duration survives its shortest spelling', () => {
  assert.equal(formatDuration(90 * MINUTE), '90m')
  assert.equal(formatDuration(36 * 60 * MINUTE), '36h')
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 10_000 * DAY }), (ms) => {
      assert.equal(parseDuration(formatDuration(ms)) ?? ms, ms)
    }),
  )
})
