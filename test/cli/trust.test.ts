import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import test from 'node:test'
import Sqlite from 'better-sqlite3'
import { makeMasterSecret } from '#platform/keys/master.ts'
import { makeFolder } from '#test/support/database.ts'
import { serve } from '#test/support/process.ts'
import { runHere } from '#test/support/shell.ts'

test('backup, loss, restore: the commands say what to do at each step', async (t) => {
  const cwd = makeFolder(t)
  const call = (...argv: string[]) => runHere(argv, { cwd })
  const server = await serve(t, [], { cwd })
  const created = await call('backup', 'create', 'one.backup')
  assert.equal(created.code, 0, created.err)
  assert.match(created.out, /wrote .*one\.backup: .* audit entries\nit opens only with/)
  const again = await call('backup', 'create', 'one.backup')
  assert.deepEqual([again.code, again.err.trim().split('\n').length], [1, 1], again.err)
  const beside = await call('backup', 'restore', 'one.backup')
  assert.deepEqual([beside.code, beside.err.trim().split('\n').length], [3, 1], beside.err)
  server.child.kill('SIGTERM')
  assert.equal((await server.ended).code, 0)

  const verified = await call('backup', 'verify', 'one.backup')
  assert.equal(verified.code, 0, verified.err)
  assert.match(verified.out, /audit log of \d+ entries: verified/)
  const bytes = readFileSync(path.join(cwd, 'one.backup'))
  writeFileSync(path.join(cwd, 'cut.backup'), bytes.subarray(0, -100))
  const cut = await call('backup', 'verify', 'cut.backup')
  assert.deepEqual([cut.code, cut.out], [1, ''], cut.err)
  const restored = await call('backup', 'restore', 'one.backup')
  assert.equal(restored.code, 0, restored.err)
  assert.match(restored.out, /the instance is held/)
  const released = await call('instance', 'release')
  assert.equal(released.code, 0, released.err)
})

test('a rotated secret is the file’s from then on, and older backups name the one they need', async (t) => {
  const cwd = makeFolder(t)
  const call = (...argv: string[]) => runHere(argv, { cwd })
  await call('init')
  await call('backup', 'create', 'old.backup')
  const secret = makeMasterSecret(randomBytes)
  writeFileSync(path.join(cwd, 'new.secret'), secret, { mode: 0o600 })
  const rotated = await call('secret', 'rotate', '--new-file', 'new.secret')
  assert.equal(rotated.code, 0, rotated.err)
  assert.match(
    rotated.out,
    /1 backups need the secret they were made under:\n {2}[0-9a-f]{16} .*old\.backup/,
  )
  const data = path.join(cwd, 'rulewright-data')
  assert.deepEqual(readFileSync(path.join(data, 'master.secret')), secret)
  const old = readdirSync(data).find((name) => name.startsWith('master.secret.old-'))!
  assert.ok(!existsSync(path.join(data, 'master.secret.next')))
  const without = await call('backup', 'verify', 'old.backup')
  assert.equal(without.code, 2)
  assert.match(without.err, /--secret-file/)
  const file = path.join('rulewright-data', old)
  const given = await call('backup', 'verify', 'old.backup', '--secret-file', file)
  assert.equal(given.code, 0, given.err)
  assert.equal((await call('audit', 'verify')).code, 0)
})

test('audit verify names the first bad entry, with the secret or with the public key alone', async (t) => {
  const cwd = makeFolder(t)
  const call = (...argv: string[]) => runHere(argv, { cwd })
  await call('init')
  const fine = await call('audit', 'verify', '--checkpoints', 'rulewright-data/anchors')
  assert.equal(fine.code, 0, fine.err)
  assert.match(fine.out, /every entry up to \d+ is as it was written/)
  const exported = await call('audit', 'export', '--workspace', 'default')
  assert.equal(exported.code, 0, exported.err)
  writeFileSync(path.join(cwd, 'log.ndjson'), exported.out)
  assert.equal((await call('audit', 'verify', '--export', 'log.ndjson')).code, 0)
  const forged = exported.out.replace('"system:', '"system:x')
  writeFileSync(path.join(cwd, 'forged.ndjson'), forged)
  const bad = await call('audit', 'verify', '--export', 'forged.ndjson')
  assert.equal(bad.code, 1, bad.out)

  const key = path.join('rulewright-data', 'anchors', 'audit.pub')
  renameSync(path.join(cwd, 'rulewright-data', 'master.secret'), path.join(cwd, 'away'))
  const publicOnly = await call('audit', 'verify', '--public-key', key)
  assert.equal(publicOnly.code, 0, publicOnly.err)
  const file = new Sqlite(path.join(cwd, 'rulewright-data', 'rulewright.db'))
  file.exec("drop trigger auditEntryFixed; update auditEntry set actor = 'usr_eve' where seq = 2")
  file.close()
  const broken = await call('audit', 'verify', '--public-key', key)
  assert.equal(broken.code, 1)
  assert.match(broken.err, /entry 2/)
})
