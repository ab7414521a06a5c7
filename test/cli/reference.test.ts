// docs/cli.md says what the commands declare. RECORD=1 rewrites it.

import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { cliReference } from '#cli/reference.ts'
import { allCommands } from '#cli/table.ts'

test('docs/cli.md equals what the commands declare', async () => {
  const file = path.resolve(import.meta.dirname, '../../docs/cli.md')
  const made = cliReference(await allCommands())
  if (process.env['RECORD'] === '1') writeFileSync(file, made)
  assert.equal(
    readFileSync(file, 'utf8'),
    made,
    'run RECORD=1 npm test -- test/cli/reference.test.ts',
  )
})
