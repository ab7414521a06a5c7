// The product as a process: its one line, its exit codes, its signals, and commands that reach the
// server which holds the data directory.

import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  renameSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { connect } from 'node:net'
import { once } from 'node:events'
import { join } from 'node:path'
import { test } from 'node:test'
import { makeFolder } from '#test/support/database.ts'
import { serve } from '#test/support/process.ts'
import { runHere } from '#test/support/shell.ts'

test('serve says one line on standard output, answers, and ends cleanly on SIGTERM', async (t) => {
  const cwd = makeFolder(t)
  const server = await serve(t, [], { cwd })
  assert.equal((await fetch(`${server.url}/healthz`)).status, 200)
  server.child.kill('SIGTERM')
  const { code, out } = await server.ended
  assert.equal(code, 0)
  assert.equal(out, `listening on ${server.url}\n`)
  assert.equal(existsSync(join(cwd, 'rulewright-data', 'control.sock')), false)
})

test('the data directory and all in it are private to their owner', async (t) => {
  const cwd = makeFolder(t)
  await serve(t, [], { cwd })
  const data = join(cwd, 'rulewright-data')
  assert.equal(statSync(data).mode & 0o777, 0o700)
  for (const name of ['rulewright.db', 'instance.lock', 'control.sock']) {
    assert.equal(statSync(join(data, name)).mode & 0o777, 0o600, name)
  }
})

test('a command runs in the server that holds the directory, and its output comes back', async (t) => {
  const cwd = makeFolder(t)
  const server = await serve(t, [], { cwd })
  const added = await runHere(['workspace', 'add', 'acme', '--name', 'Acme'], { cwd })
  assert.match(added.out, /^added workspace acme \(wsp_[0-9a-f-]{36}\)$/)
  assert.equal(added.code, 0)
  const again = await runHere(['workspace', 'add', 'acme', '--name', 'Acme'], { cwd })
  assert.equal(again.code, 1)
  assert.equal(again.out, '')
  assert.match(again.err, /There is a workspace acme already/)
  server.child.kill('SIGTERM')
  await server.ended
  const offline = await runHere(['workspace', 'add', 'globex', '--name', 'Globex'], { cwd })
  assert.equal(offline.code, 0)
})

test('a second server on the same directory is exit 3 and says so in one line', async (t) => {
  const cwd = makeFolder(t)
  await serve(t, [], { cwd })
  const second = await runHere(['serve', '--listen', '127.0.0.1:0'], { cwd })
  assert.equal(second.code, 3)
  assert.equal(second.out, '')
  assert.equal(second.err.trim().split('\n').length, 1)
})

test('a held lock with a dead socket is exit 3', async (t) => {
  const cwd = makeFolder(t)
  const server = await serve(t, [], { cwd })
  const socket = join(cwd, 'rulewright-data', 'control.sock')
  assert.ok(existsSync(socket))
  unlinkSync(socket)
  const { code } = await runHere(['workspace', 'add', 'acme', '--name', 'Acme'], { cwd })
  assert.equal(code, 3)
  assert.equal(server.child.exitCode, null)
})

test('a command on a directory without an instance is exit 2 and says how to make one', async (t) => {
  const cwd = makeFolder(t)
  const { code, err } = await runHere(['workspace', 'add', 'acme', '--name', 'A'], { cwd })
  assert.equal(code, 2)
  assert.match(err, /there is no instance in .*; make one with rulewright init/)
  assert.equal(existsSync(join(cwd, 'rulewright-data')), false)
})

test('init makes an instance once and changes nothing the second time', async (t) => {
  const cwd = makeFolder(t)
  const first = await runHere(['init'], { cwd })
  assert.match(first.out, /^made an instance in /)
  assert.equal(first.code, 0)
  const second = await runHere(['init'], { cwd })
  assert.match(second.out, /already; nothing was changed$/)
  assert.equal(second.code, 0)
})

test('a database without its secret, or with another one, is exit 2 and never gets a new one', async (t) => {
  const cwd = makeFolder(t)
  assert.equal((await runHere(['init'], { cwd })).code, 0)
  const secret = join(cwd, 'rulewright-data', 'master.secret')
  assert.equal(statSync(secret).mode & 0o777, 0o600)
  renameSync(secret, `${secret}.kept`)
  const missing = await runHere(['serve'], { cwd })
  assert.equal(missing.code, 2)
  assert.match(missing.err, /master secret .* is missing/)
  assert.equal(existsSync(secret), false)
  const other = { RULEWRIGHT_MASTER_SECRET: randomBytes(32).toString('base64') }
  const wrong = await runHere(['serve'], { cwd, env: other })
  assert.equal(wrong.code, 2)
  assert.match(wrong.err, /not the one this data was made with/)
  renameSync(`${secret}.kept`, secret)
  chmodSync(secret, 0o644)
  const open = await runHere(['serve'], { cwd })
  assert.equal(open.code, 2)
  assert.match(open.err, /chmod 600/)
})

test('everything wrong with the settings is exit 2, a line each', async (t) => {
  const cwd = makeFolder(t)
  writeFileSync(join(cwd, 'rulewright.toml'), '[server]\nlisten = 1\n[lgo]\n')
  const { code, out, err } = await runHere(['serve'], { cwd, env: { RULEWRIGHT_LOG_LEVEL: 'x' } })
  assert.equal(code, 2)
  assert.equal(out, '')
  const lines = err.trim().split('\n')
  assert.equal(lines.length, 3)
  assert.ok(lines.every((line) => line.startsWith('rulewright: ')))
})

test('a data directory that cannot be used, or that others can write to, is exit 2', async (t) => {
  const cwd = makeFolder(t)
  writeFileSync(join(cwd, 'file'), '')
  const below = await runHere(['init', '--data', 'file/data'], { cwd })
  assert.equal(below.code, 2)
  assert.equal(below.err.trim().split('\n').length, 1)
  mkdirSync(join(cwd, 'open'))
  chmodSync(join(cwd, 'open'), 0o777)
  const open = await runHere(['init', '--data', 'open'], { cwd })
  assert.equal(open.code, 2)
  assert.match(open.err, /chmod 700/)
})

test('a port that is taken is exit 2 and one line', async (t) => {
  const cwd = makeFolder(t)
  const { port } = new URL((await serve(t, [], { cwd })).url)
  const argv = ['serve', '--data', 'other', '--listen', `127.0.0.1:${port}`]
  const { code, err } = await runHere(argv, { cwd, env: { RULEWRIGHT_LOG_LEVEL: 'error' } })
  assert.equal(code, 2)
  assert.match(err, /another program listens there already/)
  assert.equal(err.split('\n').length, 1)
})

test('what is no command of ours on the control socket is answered, and the server goes on', async (t) => {
  const cwd = makeFolder(t)
  const server = await serve(t, [], { cwd })
  const file = join(cwd, 'rulewright-data', 'control.sock')
  for (const text of [
    'nonsense\n',
    '{"protocol":99}\n',
    '{"protocol":1,"argv":["serve"],"cwd":"/","user":"x"}\n',
  ]) {
    const socket = connect(file)
    socket.write(text)
    let answer = ''
    socket.setEncoding('utf8').on('data', (chunk: string) => (answer += chunk))
    await once(socket, 'close')
    assert.match(answer, /"exit":[23]/, text)
  }
  assert.equal((await fetch(`${server.url}/healthz`)).status, 200)
})

test('a directory too deep for a socket address is served and reached all the same', async (t) => {
  const cwd = makeFolder(t)
  const data = join(cwd, 'd'.repeat(90), 'e'.repeat(90))
  await serve(t, ['--data', data], { cwd })
  const argv = ['workspace', 'add', 'acme', '--name', 'Acme', '--data', data]
  assert.equal((await runHere(argv, { cwd })).code, 0)
})

test('a reader that goes away does not make the command fail', async (t) => {
  const cwd = makeFolder(t)
  const server = await serve(t, [], { cwd })
  server.child.stdout?.destroy()
  server.child.kill('SIGHUP')
  assert.equal((await fetch(`${server.url}/healthz`)).status, 200)
  server.child.kill('SIGINT')
  assert.equal((await server.ended).code, 0)
})

test('a second signal ends it at once, whoever is still being answered', async (t) => {
  const cwd = makeFolder(t)
  const server = await serve(t, [], { cwd })
  const { port, host } = new URL(server.url)
  const slow = connect(Number(port), '127.0.0.1')
  slow.on('error', () => {})
  slow.write(
    `POST /reports/csp HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/csp-report\r\nContent-Length: 100\r\n\r\n{`,
  )
  // The answer to this one means that the slow one before it is under way.
  assert.equal((await fetch(`${server.url}/healthz`)).status, 200)
  server.child.kill('SIGTERM')
  await refused(Number(port))
  assert.equal(server.child.exitCode, null, 'it waits for the slow one')
  server.child.kill('SIGTERM')
  assert.equal((await server.ended).code, 130)
})

/** Resolves when nobody listens on this port of loopback any more. */
async function refused(port: number): Promise<void> {
  for (;;) {
    const probe = connect(port, '127.0.0.1')
    const isRefused = await once(probe, 'connect').then(
      () => false,
      () => true,
    )
    probe.destroy()
    if (isRefused) return
  }
}
