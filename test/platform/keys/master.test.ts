import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import {
  checkMasterSecret,
  makeMasterSecret,
  readMasterSecret,
  writeMasterSecret,
} from '#platform/keys/master.ts'
import { makeFolder } from '#test/support/database.ts'

test('a made secret is private, is read back, and is never replaced', (t) => {
  const file = join(makeFolder(t), 'master.secret')
  const secret = makeMasterSecret(randomBytes)
  writeMasterSecret(file, secret)
  assert.equal(statSync(file).mode & 0o777, 0o600)
  assert.deepEqual(readMasterSecret(file), secret.subarray(0, -1))
  assert.throws(() => writeMasterSecret(file, makeMasterSecret(randomBytes)), { code: 'conflict' })
  assert.deepEqual(readFileSync(file), secret)
})

test('a secret that others may read or write is refused', (t) => {
  const file = join(makeFolder(t), 'master.secret')
  writeFileSync(file, makeMasterSecret(randomBytes))
  for (const mode of [0o640, 0o604, 0o620, 0o602, 0o610]) {
    chmodSync(file, mode)
    assert.throws(
      () => readMasterSecret(file),
      { code: 'invalid', message: /chmod 600/ },
      mode.toString(8),
    )
  }
  chmodSync(file, 0o400)
  assert.ok(readMasterSecret(file))
})

test('short, missing, huge and predictable secrets are refused without being shown', (t) => {
  const folder = makeFolder(t)
  const bad = {
    empty: '',
    short: randomBytes(31),
    zeros: Buffer.alloc(64),
    word: 'password'.repeat(8),
    alphabet: 'abcdefghijklmnopqrstuvwxyz0123456789',
    'half of it hex': randomBytes(16).toString('hex'),
    huge: randomBytes(5_000),
  }
  for (const [name, content] of Object.entries(bad)) {
    const file = join(folder, 'master.secret')
    writeFileSync(file, content, { mode: 0o600 })
    assert.throws(
      () => readMasterSecret(file),
      (error: Error & { code?: string }) => {
        assert.equal(error.code, 'invalid', name)
        assert.ok(content.length === 0 || !error.message.includes(String(content)), name)
        return true
      },
    )
  }
  assert.throws(() => readMasterSecret(join(folder, 'absent')), {
    code: 'invalid',
    message: /ENOENT/,
  })
})

test('random secrets pass, raw or as text, with and without a line break', () => {
  for (let i = 0; i < 200; i++) {
    const raw = Buffer.concat([randomBytes(31), Buffer.of(7)])
    assert.deepEqual(checkMasterSecret(raw, 'a test'), raw)
    const hex = Buffer.from(raw.toString('hex'))
    assert.deepEqual(checkMasterSecret(Buffer.concat([hex, Buffer.from('\r\n')]), 'a test'), hex)
  }
})
