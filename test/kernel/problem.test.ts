// Places in a text, and the word that was probably meant.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { hasErrors, LineMap, nearest } from '#kernel/problem.ts'

test('lines and columns start at 1 and count UTF-16 code units', () => {
  const map = new LineMap('ab\r\n😀c\n')
  assert.deepEqual(map.position(0), { line: 1, column: 1 })
  assert.deepEqual(map.position(4), { line: 2, column: 1 })
  assert.deepEqual(map.position(6), { line: 2, column: 3 })
  assert.deepEqual(map.position(8), { line: 3, column: 1 })
  assert.deepEqual(map.span(4, 7), { line: 2, column: 1, endLine: 2, endColumn: 4 })
})

test('every offset maps to the line a count of line breaks gives', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('a', '\n', '')), fc.nat(40), (parts, at) => {
      const text = parts.join('')
      const before = text.slice(0, at)
      const { line, column } = new LineMap(text).position(at)
      assert.equal(line, before.split('\n').length)
      assert.equal(column, before.length - (before.lastIndexOf('\n') + 1) + 1)
    }),
  )
})

test('the nearest word is one slip away, or none is offered', () => {
  const words = ['stats', 'eventstats', 'table', 'where']
  assert.equal(nearest('sttas', words), 'stats')
  assert.equal(nearest('STAT', words), 'stats')
  assert.equal(nearest('evntstats', words), 'eventstats')
  assert.equal(nearest('zzzzz', words), undefined)
  assert.equal(nearest('', []), undefined)
})

test('only error severity makes a document fail', () => {
  const warning = { code: 'a/b', severity: 'warning', message: '' } as const
  assert.ok(!hasErrors([warning]))
  assert.ok(hasErrors([warning, { ...warning, severity: 'error' }]))
})
