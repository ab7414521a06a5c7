// Secret files: their mode, a change in force without a restart, the master secret only reported.

import assert from 'node:assert/strict'
import { once, EventEmitter } from 'node:events'
import { chmodSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { readSecretFile, Secrets } from '#platform/config/secret.ts'

function makeFile(t: TestContext, text: string, mode = 0o600): string {
  const folder = mkdtempSync(join(tmpdir(), 'rulewright-secret-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'secret')
  writeFileSync(file, text, { mode })
  chmodSync(file, mode)
  return file
}

function open(t: TestContext, file: string, reportedOnly: string[] = []) {
  const events: string[] = []
  const bus = new EventEmitter()
  const secrets = new Secrets({
    sources: new Map([['token', { kind: 'file', path: file, isGuarded: false }]]),
    reportedOnly: new Set(reportedOnly),
    report(event) {
      events.push(event)
      bus.emit(event)
    },
  })
  t.after(() => secrets.close())
  return { secrets, events, bus }
}

test('one trailing line end is no part of the secret', (t) => {
  for (const text of ['s3cret', 's3cret\n', 's3cret\r\n']) {
    assert.equal(readSecretFile(makeFile(t, text)).toString(), 's3cret')
  }
  assert.equal(readSecretFile(makeFile(t, 's3cret\n\n')).toString(), 's3cret\n')
})

test('a file that its group or others can read is refused, and the message names no secret', (t) => {
  for (const mode of [0o640, 0o604, 0o644, 0o620]) {
    const file = makeFile(t, 's3cret', mode)
    assert.throws(
      () => readSecretFile(file),
      (error: Error) => /chmod 600/.test(error.message) && !error.message.includes('s3cret'),
    )
  }
})

test('a missing, empty or oversized file is refused', (t) => {
  assert.throws(() => readSecretFile('/nowhere/secret'), /does not exist/)
  assert.throws(() => readSecretFile(makeFile(t, '\n')), /is empty/)
  assert.throws(() => readSecretFile(makeFile(t, 'x'.repeat(70_000))), /larger than 64 kB/)
})

test('a changed file is in force after a reload; a bad one leaves the value before in force', (t) => {
  const file = makeFile(t, 'one')
  const { secrets, events } = open(t, file)
  assert.equal(secrets.current('token')?.toString(), 'one')
  writeFileSync(file, 'two')
  secrets.reload()
  assert.equal(secrets.current('token')?.toString(), 'two')
  chmodSync(file, 0o644)
  secrets.reload()
  secrets.reload()
  assert.equal(secrets.current('token')?.toString(), 'two')
  chmodSync(file, 0o600)
  writeFileSync(file, 'three')
  secrets.reload()
  assert.equal(secrets.current('token')?.toString(), 'three')
  assert.deepEqual(events, ['changed', 'kept', 'changed'])
})

test('the watcher notices a file renamed over the old one', async (t) => {
  const file = makeFile(t, 'one')
  const { secrets, bus } = open(t, file)
  secrets.watch()
  const changed = once(bus, 'changed', { signal: AbortSignal.timeout(10_000) })
  writeFileSync(`${file}.new`, 'two', { mode: 0o600 })
  renameSync(`${file}.new`, file)
  await changed
  assert.equal(secrets.current('token')?.toString(), 'two')
})

test('a secret that is reported only keeps its value and says that another one waits', (t) => {
  const file = makeFile(t, 'one')
  const { secrets, events } = open(t, file, ['token'])
  writeFileSync(file, 'two')
  secrets.reload()
  assert.equal(secrets.current('token')?.toString(), 'one')
  assert.equal(secrets.isPending('token'), true)
  writeFileSync(file, 'one')
  secrets.reload()
  assert.equal(secrets.isPending('token'), false)
  assert.deepEqual(events, ['reported'])
})
