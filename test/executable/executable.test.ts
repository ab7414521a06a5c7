// The executable as a stranger runs it: in an empty folder, with an empty environment. Needs
// `npm run build` first; run by `npm run test:executable`.

import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  globSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { before, test, type TestContext } from 'node:test'
import { brotliDecompressSync, inflateSync, zstdDecompressSync } from 'node:zlib'
import { run, serve } from '#test/support/process.ts'

const root = path.resolve(import.meta.dirname, '../..')
const executable = path.join(root, 'dist/rulewright')
const SIZE_MAX_BYTES = 125_000_000
/**
 * Memory of its own after the pages below, the document of the API among them, which costs some 30 MB
 * while it is made. How much of its file is mapped besides is the page cache's affair.
 */
const OWN_MEMORY_MAX_BYTES = 124 * 1024 * 1024

before(() => assert.ok(existsSync(executable), 'run `npm run build` first'))

test('it serves from an empty folder with an empty environment, and stops cleanly', async (t) => {
  const cwd = emptyFolder(t)
  const startedAt = performance.now()
  const { url, child, ended, written } = await serve(t, [], { cwd, executable })
  const health = await fetch(`${url}/healthz`)
  t.diagnostic(`start to first answer: ${Math.round(performance.now() - startedAt)} ms`)
  assert.equal(health.status, 200)

  const page = await fetch(url)
  const html = await page.text()
  assert.equal(page.status, 200)
  assert.match(html, /<title>[^<]*Rulewright/)
  const files = [...html.matchAll(/(?:src|href)="(\/static\/[^"#]+)/g)].map(([, file]) => file)
  assert.ok(
    files.some((file) => file?.endsWith('.css')) && files.some((file) => file?.endsWith('.js')),
  )
  for (const file of new Set(files)) {
    const answer = await fetch(new URL(file!, url))
    assert.equal(answer.status, 200, file)
    assert.ok((await answer.text()).length > 0, file)
  }
  for (const file of ['docs', 'docs/lint', 'api', 'api/v1/openapi.json']) {
    assert.equal((await fetch(`${url}/${file}`)).status, 200, file)
  }
  assert.equal((await fetch(`${url}/no-such-page`)).status, 404)

  const status = procFile(child.pid, 'status')
  const bytesOf = (name: string) =>
    1024 * Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1])
  const own = bytesOf('RssAnon') + bytesOf('RssShmem')
  const [ownMb, residentMb] = [own, bytesOf('VmRSS')].map((bytes) =>
    Math.round(bytes / 1024 / 1024),
  )
  t.diagnostic(`memory after the first pages: ${ownMb} MB of its own, ${residentMb} MB resident`)
  assert.ok(own < OWN_MEMORY_MAX_BYTES)

  child.kill('SIGTERM')
  const { code, signal } = await ended
  assert.deepEqual([code, signal], [0, null], written.err)
  assert.equal(written.out, `listening on ${url}\n`, 'stdout carries one line')
  assert.deepEqual(readdirSync(cwd), ['rulewright-data'], 'nothing else is left behind')
})

test('it runs as a user without a name, a home or a writable folder but its data', async (t) => {
  const cwd = emptyFolder(t)
  // Only root may become somebody else; for anyone else the own uid without a HOME has to do.
  const uid = process.getuid!() === 0 ? 42_421 : process.getuid!()
  chmodSync(cwd, 0o777)
  const { child, ended, url } = await serve(t, ['--data', path.join(cwd, 'data')], {
    cwd,
    executable,
    uid,
  })
  assert.equal((await fetch(`${url}/healthz`)).status, 200)
  assert.equal(statSync(path.join(cwd, 'data')).uid, uid)
  child.kill('SIGTERM')
  assert.equal((await ended).code, 0)
})

test('its workers do their part: a backup is made, proven, restored and released', async (t) => {
  const cwd = emptyFolder(t)
  const say = async (...argv: string[]) => {
    const { code, out, err } = await run(t, argv, { cwd, executable })
    assert.equal(code, 0, `${argv.join(' ')}: ${err}`)
    return out
  }
  await say('init')
  await say('workspace', 'add', 'acme', '--name', 'Acme')
  await say('backup', 'create', 'one.backup')
  assert.match(await say('backup', 'verify', 'one.backup'), /audit log of \d+ entries: verified/)
  rmSync(path.join(cwd, 'rulewright-data/rulewright.db'))
  assert.match(await say('backup', 'restore', 'one.backup'), /the instance is held/)
  assert.match(await say('instance', 'release'), /released/)
})

test('its workers read Kusto, whose parser is loaded by nothing else', async (t) => {
  const cwd = emptyFolder(t)
  writeFileSync(path.join(cwd, 'query.kql'), 'SecurityEvent | wher EventID == 1')
  const { code, out } = await run(t, ['query', 'lint', '--language', 'kusto', 'query.kql'], {
    cwd,
    executable,
  })
  assert.equal(code, 1)
  assert.match(out, /^query\.kql:1:17: error: .*\(Did you mean where\?\)$/m)
})

test('the demonstration holds in it', async (t) => {
  const { code, out, err } = await run(t, ['demo', '--exit'], { cwd: emptyFolder(t), executable })
  assert.equal(code, 0, err)
  assert.match(out, /all \d+ steps held/)
})

test('NODE_OPTIONS loads nothing into it and SIGUSR1 opens no inspector', async (t) => {
  const cwd = emptyFolder(t)
  const env = { NODE_OPTIONS: '--inspect=127.0.0.1:0 --require=x', DEBUG_PKG_PERF: '1' }
  const { url, child, ended, written } = await serve(t, [], { cwd, env, executable })
  child.kill('SIGUSR1')
  // Two answered requests later the signal has long been handled.
  for (let round = 0; round < 2; round++) {
    assert.equal((await fetch(`${url}/healthz`)).status, 200)
  }
  assert.doesNotMatch(written.err, /debugger/i)
  assert.equal(countListeners(child.pid!), 1, 'only the product itself listens')
  child.kill('SIGTERM')
  assert.equal((await ended).code, 0)
})

test('the premise: from source the same options do reach Node', async (t) => {
  const env = { NODE_OPTIONS: '--require=x-is-not-there' }
  const { code, err } = await run(t, ['--version'], { cwd: emptyFolder(t), env })
  assert.notEqual(code, 0)
  assert.match(err, /x-is-not-there/)
})

test('its native addons leave no file behind, even when it is killed', async (t) => {
  const cwd = emptyFolder(t)
  const before = leftovers()
  const { child, ended } = await serve(t, [], { cwd, executable })
  const mapped = procFile(child.pid, 'maps')
  assert.match(mapped, /\(deleted\)/, 'the addon is mapped from a file without a name')
  child.kill('SIGKILL')
  await ended
  assert.deepEqual(leftovers(), before)
})

test('a folder that takes no programs is refused with the way out', async (t) => {
  const { code, err } = await run(t, ['serve', '--listen', '127.0.0.1:0'], {
    cwd: emptyFolder(t),
    env: { RULEWRIGHT_NATIVE_DIR: '/proc' },
    executable,
  })
  assert.equal(code, 2)
  assert.match(err, /^rulewright: .*set RULEWRIGHT_NATIVE_DIR to a folder.*\n$/)
})

test('code for development is not inside', () => {
  const bytes = readFileSync(executable)
  const packed = globSync('build/bundle/worker-*.br', { cwd: root })
  assert.ok(packed.length > 0)
  const workers = packed.map((name) => brotliDecompressSync(readFileSync(path.join(root, name))))
  const program = zstdDecompressSync(readFileSync(path.join(root, 'build/bundle/program.cjs.zst')))
  const sources = globSync(['src/**/*.{ts,tsx}', 'views/**/*.tsx'], { cwd: root })
    .map((file) => readFileSync(path.join(root, file), 'utf8'))
    .join('\n')
  for (const words of ['/dev/sign-in', '/dev/parts', 'PartsPage', 'buildStaticFiles']) {
    assert.ok(sources.includes(words), `the premise: the source has ${words}`)
    for (const code of [bytes, program, ...workers]) {
      assert.ok(!code.includes(words), `the executable has ${words}`)
    }
  }
  assert.ok(program.includes('listening on '), 'the premise: its text is readable')
})

test('it is not larger than promised, and its digest is the one beside it', () => {
  const bytes = readFileSync(executable)
  assert.ok(bytes.length <= SIZE_MAX_BYTES, `${bytes.length} bytes`)
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  assert.equal(readFileSync(`${executable}.sha256`, 'utf8'), `${sha256}  rulewright\n`)
})

test('it asks for no newer system than glibc 2.34', () => {
  const native = globSync('build/bundle/native/*.node.z', { cwd: root })
  assert.ok(native.length > 0)
  const addons = native.map((name) => inflateSync(readFileSync(path.join(root, name))))
  for (const bytes of [readFileSync(executable), ...addons]) {
    const wanted = [...bytes.toString('latin1').matchAll(/GLIBC_2\.(\d+)/g)]
    assert.ok(Math.max(...wanted.map(([, minor]) => Number(minor))) <= 34)
  }
})

function emptyFolder(t: TestContext): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'rulewright-executable-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

function procFile(pid: number | undefined, name: string): string {
  return readFileSync(`/proc/${pid}/${name}`, 'utf8')
}

/** TCP sockets of the process in the state LISTEN, over IPv4 and IPv6. */
function countListeners(pid: number): number {
  const LISTEN = '0A'
  const own = new Set(
    readdirSync(`/proc/${pid}/fd`).map((fd) => {
      try {
        return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1]
      } catch {
        return undefined // closed while we looked
      }
    }),
  )
  return ['net/tcp', 'net/tcp6']
    .flatMap((table) => procFile(pid, table).trim().split('\n').slice(1))
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[3] === LISTEN && own.has(fields[9])).length
}

/** Files of the addon loader in the places it tries. */
function leftovers(): string[] {
  return ['/dev/shm', tmpdir(), process.env['HOME'] ?? '/'].flatMap((folder) =>
    existsSync(folder)
      ? readdirSync(folder).filter((name) => name.startsWith('rulewright-native'))
      : [],
  )
}
