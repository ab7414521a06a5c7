// The door of every npm script, where it must not install.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test } from 'node:test'

const root = path.resolve(import.meta.dirname, '../..')

test('a linked node_modules of another lock file is refused and not emptied', (t) => {
  const field = mkdtempSync(path.join(tmpdir(), 'rulewright-run-'))
  t.after(() => rmSync(field, { recursive: true, force: true }))
  const [checkout, shared] = [path.join(field, 'checkout'), path.join(field, 'shared')]
  mkdirSync(path.join(checkout, 'src/packaging'), { recursive: true })
  for (const file of ['src/packaging/run.mjs', 'package.json', 'package-lock.json']) {
    cpSync(path.join(root, file), path.join(checkout, file))
  }
  mkdirSync(shared)
  writeFileSync(path.join(shared, 'kept'), '')
  symlinkSync(shared, path.join(checkout, 'node_modules'))

  const run = path.join(checkout, 'src/packaging/run.mjs')
  // Without a PATH there is no npm to start, whatever the answer.
  const { status, stderr } = spawnSync(process.execPath, [run, 'x.ts'], {
    encoding: 'utf8',
    env: { PATH: '' },
  })
  assert.equal(status, 2)
  assert.match(stderr, /^node_modules is a link to .*shared, installed for another package-lock/)
  assert.deepEqual(readdirSync(shared), ['kept'])
})
