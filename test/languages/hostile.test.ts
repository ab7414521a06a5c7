// Texts that nobody means: as long as may be, one thing over and over. No language throws, all end.
// (Kusto's foreign parser may take seconds; it runs in a worker with a time limit.)

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { QUERY_CHARS_MAX } from '#kernel/limits.ts'
import { DIALECTS } from '#languages/dialects.ts'

const BEGINNINGS = {
  spl: 'index=a | where ',
  esql: 'FROM a | WHERE ',
  eql: 'process where ',
  lucene: 'a:',
  kuery: 'a:',
} as const
const PIECES = ['(', '"', 'NOT ', 'a or ', '\\', '~', '{', 'a:', ')']

for (const [name, beginning] of Object.entries(BEGINNINGS)) {
  test(`${name} ends on the longest text of one piece, and does not throw`, () => {
    const dialect = DIALECTS[name as keyof typeof BEGINNINGS]
    for (const piece of PIECES) {
      const count = Math.floor((QUERY_CHARS_MAX - beginning.length) / piece.length)
      const text = beginning + piece.repeat(count)
      assert.ok(Array.isArray(dialect.lint(text)), JSON.stringify(beginning + piece))
    }
  })
}
