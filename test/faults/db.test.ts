// What can befall the machine under a writing database: kills, power cuts, I/O errors, a full or a
// read-only volume, an interrupted migration. The tools that simulate a disk lie beside the checkout
// (`../shared/tools`) and need strace; where they are missing those tests say so and are skipped.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import test, { type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { openDatabase } from '#platform/db/database.ts'
import { readSchema } from '#platform/db/engine/sqlite/schema.ts'
import { describedSchema } from '#platform/db/schema.ts'
import { commandOf, spawnTest } from '#test/support/child.ts'
import { makeFolder, openSampleDatabase, ruleIds, SAMPLE_SCHEMA } from '#test/support/database.ts'
import { loseNothingToKills } from '#test/support/kill.ts'

const tools = path.resolve(import.meta.dirname, '../../../shared/tools')
const hasTools =
  existsSync(tools) &&
  ['strace', 'python3'].every((name) => spawnSync(name, ['--version']).status === 0)
const simulated = { skip: hasTools ? false : 'needs ../shared/tools, strace and python3' }

test('fifty kills under load lose no acknowledged write', (t) => loseNothingToKills(t, 50))

test('three hundred power cuts lose no acknowledged write and damage nothing', simulated, (t) => {
  const { status, stdout } = simulate(t, 'powercut.py', ['300', '7'], 80)
  t.diagnostic(stdout.trim())
  assert.match(stdout, /acks=80/, 'the premise: there was load')
  assert.match(stdout, /corrupt=0 cuts_with_lost_acks=0/)
  assert.equal(status, 0)
})

for (const fault of ['error=EIO', 'error=ENOSPC', 'signal=KILL']) {
  test(`${fault} at every 30th file call: no acknowledged write is lost`, simulated, (t) => {
    const { stdout } = simulate(t, 'sysfault.py', [fault, '30'], 24)
    t.diagnostic(stdout.trim())
    assert.match(stdout, /corrupt=0 runs_with_lost_acks=0/)
  })
}

test('a volume that fills up: typed refusals, then recovery when there is room again', async (t) => {
  const volume = mountSmall(t)
  if (!volume) return t.skip('needs the right to mount a tmpfs')
  const child = spawnTest('test/support/load.ts', path.join(volume, 'data'), 'd', '8')
  let output = ''
  child.stdout.on('data', (chunk) => (output += chunk))
  t.after(() => child.kill('SIGKILL'))
  const seen = async (isThere: () => boolean, what: string) => {
    for (let waited = 0; !isThere(); waited += 50) {
      assert.ok(waited < 60_000 && child.exitCode === null, `${what}: ${output.slice(-300)}`)
      await sleep(50)
    }
  }
  await seen(() => output.includes('# read_only') && output.includes('storage_full'), 'not full')
  spawnSync('mount', ['-o', 'remount,size=64m', volume])
  await seen(() => output.includes('# recovered'), 'not recovered')
  const before = acknowledged(output).length
  await seen(() => acknowledged(output).length > before + 50, 'no writes after recovery')
  const closed = new Promise((resolve) => child.on('close', resolve))
  child.kill('SIGKILL')
  await closed
  const db = await openSampleDatabase(path.join(volume, 'data'))
  const present = new Set(ruleIds(db))
  await db.close()
  assert.deepEqual(
    acknowledged(output).filter((id) => !present.has(id)),
    [],
  )
})

test('a volume that turns read-only: writes are refused, reads go on, and a start says why', async (t) => {
  const volume = mountSmall(t)
  if (!volume) return t.skip('needs the right to mount a tmpfs')
  spawnSync('mount', ['-o', 'remount,ro', volume])
  await assert.rejects(openDatabase(path.join(volume, 'data')), {
    code: 'invalid',
    message: /Nothing can be written to the data directory/,
  })
})

test('a migration killed at any point leaves the schema before it or after it', async (t) => {
  const folder = makeFolder(t)
  for (let i = 0; i < 20; i++) {
    const fresh = path.join(folder, String(i))
    const child = spawnTest('test/support/load.ts', fresh, 'm', '1')
    const closed = new Promise((resolve) => child.on('close', resolve))
    for (let waited = 0; !existsSync(path.join(fresh, 'rulewright.db')); waited += 1) {
      assert.ok(waited < 20_000)
      await sleep(1)
    }
    await sleep(i % 10)
    child.kill('SIGKILL')
    await closed
    const db = await openSampleDatabase(fresh)
    assert.deepEqual(readSchema(db.reader), describedSchema(SAMPLE_SCHEMA.tables))
    await db.close()
  }
})

function simulate(t: TestContext, tool: string, args: readonly string[], writes: number) {
  const folder = mkdtempSync(path.join(tmpdir(), 'rulewright-fault-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const command = commandOf('test/support/count.ts', folder, String(writes))
  const line = [path.join(tools, tool), folder, 'rulewright.db', ...args, '--', ...command]
  return spawnSync('python3', line, { encoding: 'utf8', timeout: 300_000, killSignal: 'SIGKILL' })
}

function mountSmall(t: TestContext): string | undefined {
  const volume = mkdtempSync(path.join(tmpdir(), 'rulewright-volume-'))
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', volume])
  t.after(() => {
    spawnSync('umount', ['-l', volume])
    rmSync(volume, { recursive: true, force: true })
  })
  return status === 0 ? volume : undefined
}

function acknowledged(output: string): string[] {
  const lines = output.split('\n').slice(0, -1)
  return lines.filter((line) => line.startsWith('d-'))
}
