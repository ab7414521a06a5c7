// The version the product says is the version the package has.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { VERSION } from '#platform/version.ts'

test('the version is that of package.json', () => {
  const file = new URL('../../package.json', import.meta.url)
  assert.equal(VERSION, JSON.parse(readFileSync(file, 'utf8')).version)
})
