// Texts that nobody means: as long as may be, one thing over and over. No language throws, all end.
// (Kusto's foreign parser may take seconds; it runs in a worker with a time limit.)

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { QUERY_CHARS_MAX } from '#kernel/limits.ts'
import { DIALECTS } from '#languages/dialects.ts'
import { thoroughly } from '#test/support/thorough.ts'

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

const PIPELINE_CHARS = thoroughly(QUERY_CHARS_MAX / 4, QUERY_CHARS_MAX)

test('long pipelines end, over a schema and macros of thousands of names', () => {
  const names = Array.from({ length: 3_000 }, (_, n) => `field.of.events.${n}`)
  const tables = { events: Object.fromEntries(names.map((name) => [name, 'keyword'])) }
  const macros = Object.fromEntries(
    Array.from({ length: 50 }, (_, n) => [`m${n}`, { definition: `x=1 \`m${n + 1}\`` }]),
  )
  const steps = {
    spl: ['| eval f#=1', ' u#=1', '| rename a# AS b#', '| fields - a#*', ' `m0`', ' `m49` u#=1'],
    esql: ['| EVAL f# = 1', '| WHERE u# == 1', '| RENAME a# AS b#', '| DROP a#*'],
  }
  for (const language of ['spl', 'esql'] as const) {
    for (const step of steps[language]) {
      let text: string = language === 'spl' ? 'a=1' : 'FROM a'
      for (let n = 0; text.length + step.length + 10 < PIPELINE_CHARS; n++) {
        text += step.replaceAll('#', String(n))
      }
      assert.ok(DIALECTS[language].read(text, { tables, macros }).facts, step)
    }
  }
})
