// config.example.toml and docs/settings.md say what the schema says. RECORD=1 rewrites them.

import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { exampleToml, settingsTable } from '#platform/config/example.ts'
import { SECTIONS } from '#platform/config/schema.ts'
import { fromFile } from '#platform/config/sources.ts'
import { readToml } from '#platform/config/toml.ts'

const root = path.resolve(import.meta.dirname, '../../..')

for (const [name, made] of [
  ['config.example.toml', exampleToml()],
  ['docs/settings.md', settingsTable()],
] as const) {
  test(`${name} equals what the schema says`, () => {
    const file = path.join(root, name)
    if (process.env['RECORD'] === '1') {
      mkdirSync(path.dirname(file), { recursive: true })
      writeFileSync(file, made)
    }
    assert.equal(readFileSync(file, 'utf8'), made, `run RECORD=1 npm test -- test/platform/config`)
  })
}

test('the example file is a valid settings file that changes nothing, with its comments opened too', () => {
  const opened = exampleToml().replaceAll(/^# (?=[a-z_]+ = )/gm, '')
  for (const text of [exampleToml(), opened]) {
    const { value, problems } = readToml(Buffer.from(text))
    assert.deepEqual(problems, [])
    const found = fromFile(value!)
    assert.deepEqual(found.problems, [])
    for (const { named, value: given } of found.given) {
      const { fallback, schema } = named.setting
      if (fallback !== undefined) assert.deepEqual(given, schema.parse(fallback), named.id)
    }
  }
  assert.ok(Object.keys(SECTIONS).every((section) => exampleToml().includes(`[${section}]`)))
})
