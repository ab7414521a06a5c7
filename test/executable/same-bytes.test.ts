// Two checkouts give the same executable, bit for bit: the source is copied into two folders of
// different depth and each is built from scratch.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test } from 'node:test'

const root = path.resolve(import.meta.dirname, '../..')
const SOURCE = [
  'build.ts',
  'LICENSE',
  'NOTICE',
  'package-lock.json',
  'package.json',
  'src',
  'static',
  'tsconfig.json',
  'views',
]

test('two checkouts in different places give the same bytes', (t) => {
  const field = mkdtempSync(path.join(tmpdir(), 'rulewright-same-bytes-'))
  t.after(() => rmSync(field, { recursive: true, force: true }))
  const places = [path.join(field, 'a'), path.join(field, 'deeper/and/longer/b')]
  const [first, second] = places.map(buildIn)
  for (const file of ['rulewright', 'rulewright.cdx.json', 'licences.txt']) {
    const one = readFileSync(path.join(first!, file))
    assert.ok(one.length > 1000, `the premise: ${file} was built`)
    assert.ok(one.equals(readFileSync(path.join(second!, file))), `${file} differs`)
  }
  const product = readFileSync(path.join(first!, 'rulewright'))
  assert.ok(!product.includes(root), 'the place of this checkout is not inside')
  assert.ok(!product.includes(field), 'the place of the build is not inside')
})

/** The folder with what was built. */
function buildIn(place: string): string {
  mkdirSync(place, { recursive: true })
  for (const name of SOURCE)
    cpSync(path.join(root, name), path.join(place, name), { recursive: true })
  symlinkSync(path.join(root, 'node_modules'), path.join(place, 'node_modules'))
  const built = spawnSync(process.execPath, ['src/packaging/run.mjs', 'build.ts'], {
    cwd: place,
    encoding: 'utf8',
  })
  assert.equal(built.status, 0, built.stderr)
  return path.join(place, 'dist')
}
