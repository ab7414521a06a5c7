// docs/conversion.md names every pipeline, language and format there is, and every difference the tests
// prove. RECORD=1 rewrites the list of differences.

import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { BACKENDS, BUILTIN_NAMES } from '#languages/sigma/names.ts'
import { DIFFERENCES } from '#test/support/sigma-differences.ts'

const file = path.resolve(import.meta.dirname, '../../../docs/conversion.md')
const MARK = '<!-- differences: made from the tests -->\n'

void test('the page names every pipeline, language and format', () => {
  const page = readFileSync(file, 'utf8')
  const formats = ['text', 'ndjson', 'savedsearches', 'arm', 'kibana']
  for (const name of [...BUILTIN_NAMES, ...BACKENDS, ...formats]) {
    assert.ok(page.includes(`\`${name}\``), name)
  }
})

void test('the page lists the differences the tests prove', () => {
  const [head, listed] = readFileSync(file, 'utf8').split(MARK)
  const lines = BACKENDS.flatMap((backend) => [
    `\n**${backend}**\n`,
    ...DIFFERENCES[backend].map(({ says }) => `- ${says}`),
  ])
  const made = `${lines.join('\n')}\n`
  if (process.env['RECORD'] === '1') writeFileSync(file, head! + MARK + made)
  else assert.equal(listed, made)
})
