// What can befall the machine under a writing database: kills, power cuts, I/O errors, a full or a
// read-only volume. The tools that simulate a disk lie beside the checkout
// (`../shared/tools`) and need strace; where they are missing those tests say so and are skipped.

import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import test, { type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { verifyLog } from '#platform/audit/verify.ts'
import { openDatabase } from '#platform/db/database.ts'
import { commandOf } from '#test/support/child.ts'
import { keys, makeFolder, openSampleDatabase, ruleIds } from '#test/support/database.ts'
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

// The strides are prime, so that they meet every kind of call the writer makes in turn.
for (const [fault, stride] of [
  ['error=EIO', 19],
  ['error=ENOSPC', 19],
  ['signal=KILL', 37],
] as const) {
  test(`${fault} at every ${stride}th file call: no acknowledged write is lost`, simulated, (t) => {
    const { stdout } = simulate(t, 'sysfault.py', [fault, String(stride)], 24)
    t.diagnostic(stdout.trim())
    assert.match(stdout, /corrupt=0 runs_with_lost_acks=0/)
    const refused = Number(/reported_errors=(\d+)/.exec(stdout)?.[1])
    assert.equal(refused > 0, fault !== 'signal=KILL', 'the premise: the faults were met')
  })
}

test('a volume that fills up: typed refusals, then recovery when there is room again', async (t) => {
  const volume = mountSmall(t)
  if (!volume) return t.skip('needs the right to mount a tmpfs')
  const folder = path.join(volume, 'data')
  const load = watch(t, commandOf('test/support/load.ts', folder, 'd', '8'))
  await load.seen(() => load.output.includes('storage_full'), 'not full')
  const beforeFull = acknowledged(load.output).length
  spawnSync('mount', ['-o', 'remount,size=64m', volume])
  await load.seen(() => load.output.includes('# recovered'), 'not recovered')
  const before = acknowledged(load.output).length
  await load.seen(() => acknowledged(load.output).length > before + 50, 'no writes after recovery')
  await load.kill()
  const all = await checkLoad(folder, load.output)
  t.diagnostic(`${beforeFull} before it was full, ${all.refused} refused, ${all.written} in all`)
})

test(
  'a volume that turns read-only under load: typed refusals, and a restart has everything',
  simulated,
  async (t) => {
    const folder = path.join(makeFolder(t), 'data')
    const inject = 'inject=pwrite64,fsync,fdatasync,ftruncate:error=EROFS:when=1500+'
    const strace = ['strace', '-f', '-qq', '-o', '/dev/null', '-e', inject]
    const load = watch(t, [...strace, ...commandOf('test/support/load.ts', folder, 'd', '8')])
    await load.seen(() => load.output.includes('storage_full'), 'not read-only')
    await load.kill()
    const { written, refused } = await checkLoad(folder, load.output)
    assert.ok(written > 0 && refused > 0, 'the premise: it wrote before')
    t.diagnostic(`${written} written, ${refused} refused`)
  },
)

test('a start on a read-only volume says why, also when its database is there', async (t) => {
  const volume = mountSmall(t)
  if (!volume) return t.skip('needs the right to mount a tmpfs')
  const folder = path.join(volume, 'data')
  const refusal = { code: 'invalid', message: /Nothing can be written to the data directory/ }
  const turn = (to: 'ro' | 'rw') => {
    const { status, stderr } = spawnSync('mount', ['-o', `remount,${to}`, volume])
    assert.equal(status, 0, String(stderr))
  }
  turn('ro')
  await assert.rejects(openDatabase(folder), refusal)
  turn('rw')
  await (await openSampleDatabase(folder)).close()
  turn('ro')
  await assert.rejects(openSampleDatabase(folder), refusal)
})

test('a start on a full volume says so, on a new folder and on a used one', async (t) => {
  const volume = mountSmall(t)
  if (!volume) return t.skip('needs the right to mount a tmpfs')
  spawnSync('mount', ['-o', 'remount,size=8m', volume]) // room for two databases
  const used = path.join(volume, 'used')
  await (await openSampleDatabase(used)).close()
  const filler = path.join(volume, 'filler')
  assert.throws(() => writeFileSync(filler, Buffer.alloc(2 ** 23)), { code: 'ENOSPC' })
  const refusal = { code: 'storage_full', message: /takes no data .* Free space/ }
  await assert.rejects(openSampleDatabase(path.join(volume, 'new')), refusal)
  await assert.rejects(openSampleDatabase(used), refusal)
  rmSync(filler)
  await (await openSampleDatabase(path.join(volume, 'new'))).close()
  await (await openSampleDatabase(used)).close()
})

/** Runs a load in a process group of its own, which ends with the test. */
function watch(t: TestContext, [command, ...args]: readonly string[]) {
  const child = spawn(command!, args, { stdio: ['ignore', 'pipe', 'inherit'], detached: true })
  const closed = new Promise((resolve) => child.on('close', resolve))
  const load = {
    output: '',
    async seen(isThere: () => boolean, what: string) {
      for (let waited = 0; !isThere(); waited += 20) {
        assert.ok(waited < 60_000 && child.exitCode === null, `${what}: ${load.output.slice(-300)}`)
        await sleep(20)
      }
    },
    async kill() {
      if (child.exitCode === null && child.signalCode === null) process.kill(-child.pid!, 'SIGKILL')
      await closed
    },
  }
  child.stdout.on('data', (chunk) => (load.output += chunk))
  t.after(() => load.kill())
  return load
}

/** All that was acknowledged is there, nothing that was refused, and the audit log holds. */
async function checkLoad(folder: string, output: string) {
  const db = await openSampleDatabase(folder)
  const present = new Set(ruleIds(db))
  const verdict = await verifyLog(db, keys)
  await db.close()
  const wanted = acknowledged(output)
  const refused = output
    .split('\n')
    .slice(0, -1)
    .filter((line) => line.startsWith('! '))
    .map((line) => line.split(' '))
  assert.deepEqual(
    wanted.filter((id) => !present.has(id)),
    [],
  )
  assert.deepEqual(
    refused.filter(([, id, code]) => code !== 'storage_full' || present.has(id!)),
    [],
  )
  assert.ok(verdict.ok, JSON.stringify(verdict))
  return { written: wanted.length, refused: refused.length }
}

function simulate(t: TestContext, tool: string, args: readonly string[], writes: number) {
  const folder = mkdtempSync(path.join(tmpdir(), 'rulewright-fault-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const command = commandOf('test/support/count.ts', folder, String(writes))
  const line = [path.join(tools, tool), folder, 'rulewright.db', ...args, '--', ...command]
  return spawnSync('python3', line, { encoding: 'utf8', timeout: 300_000, killSignal: 'SIGKILL' })
}

function mountSmall(t: TestContext): string | undefined {
  const volume = mkdtempSync(path.join(tmpdir(), 'rulewright-volume-'))
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', volume])
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
