import assert from 'node:assert/strict'
import test from 'node:test'
import {
  count,
  formatBytes,
  formatDay,
  formatExact,
  formatNumber,
  formatRelative,
  formatSpan,
  initials,
} from '#views/parts/format.ts'
import { narrowed } from '#views/changes/narrowed.ts'

const NOW = Date.parse('2026-11-21T10:00:00.000Z')
const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

function table<T>(say: (input: T) => string, cases: readonly (readonly [T, string])[]): void {
  for (const [input, expected] of cases) assert.equal(say(input), expected)
}

test('numbers have thin spaces between thousands, a minus sign and at most one decimal', () => {
  table(formatNumber, [
    [0, '0'],
    [999, '999'],
    [1_000, '1\u2009000'],
    [48_214, '48\u2009214'],
    [1_234_567.89, '1\u2009234\u2009567.9'],
    [-12, '\u221212'],
    [-0.04, '0'],
  ])
})

test('sizes are decimal, and the largest unit that says enough', () => {
  table(formatBytes, [
    [0, '0 bytes'],
    [1, '1 byte'],
    [999, '999 bytes'],
    [1_000, '1 kB'],
    [999_949, '999.9 kB'],
    [999_999, '1 MB'],
    [4_213_000, '4.2 MB'],
    [1e15, '1\u2009000 TB'],
  ])
})

test('spans are in words that a person would use', () => {
  table(formatSpan, [
    [-5, 'under 1 s'],
    [999, 'under 1 s'],
    [40_000, '40 s'],
    [59_999, '59 s'],
    [6 * MINUTE, '6 min'],
    [3 * HOUR, '3 h'],
    [3 * HOUR + 40 * MINUTE, '3 h 40 min'],
    [DAY, '1 day'],
    [50 * HOUR, '2 days'],
  ])
})

test('times are relative for a month and a date after that', () => {
  table(
    (at: number) => formatRelative(at, NOW),
    [
      [NOW, 'now'],
      [NOW + 4_000, 'now'],
      [NOW - 6 * MINUTE, '6 min ago'],
      [NOW + 2 * HOUR + 5 * MINUTE, 'in 2 h'],
      [NOW - 30 * DAY, '30 days ago'],
      [NOW - 31 * DAY, '21 October 2026'],
    ],
  )
})

test('exact times name their zone, and days their weekday', () => {
  assert.equal(formatExact(NOW), '2026-11-21 10:00:00 UTC')
  assert.equal(formatDay(NOW), 'Saturday 21 November 2026')
})

test('initials are of the first and the last word, whatever the script', () => {
  table(initials, [
    ['Maren Lindqvist', 'ML'],
    ['ada', 'A'],
    ['Ana María de la Cruz', 'AC'],
    ['ümit', 'Ü'],
    ['王小明', '王'],
    ['🦊', '?'],
    ['', '?'],
  ])
})

test('counts agree with their noun', () => {
  assert.equal(count(1, 'entry', 'entries'), '1 entry')
  assert.equal(count(0, 'job'), '0 jobs')
})

test('two values are cut down to where they differ', () => {
  const lines = (level: string) => `title: a\n${level}\nstatus: test`
  assert.deepEqual(narrowed(lines('level: low'), lines('level: high'), 160), [
    'level: low',
    'level: high',
  ])
  const query = (name: string) => `${'a'.repeat(200)} | where x == "${name}" | ${'b'.repeat(200)}`
  const [from, to] = narrowed(query('one'), query('two'), 160)
  assert.equal(from, `…aaaaaaaaa | where x == "one" | ${'b'.repeat(20)}…`)
  assert.equal(to, `…aaaaaaaaa | where x == "two" | ${'b'.repeat(20)}…`)
  assert.deepEqual(narrowed('5m', '15m', 160), ['5m', '15m'])
})
