// What can befall a backup or a restore: the process is killed at any moment, the disk is full. The
// live data is never worse off, no file bears the name of a backup that cannot be restored, and no
// plain copy stays behind the next start.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, readdirSync, rmSync, statSync } from 'node:fs'
import path from 'node:path'
import test, { type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import Sqlite from 'better-sqlite3'
import { readBackupHeader } from '#platform/backup/file.ts'
import { makeFolder } from '#test/support/database.ts'
import { run, start } from '#test/support/process.ts'

const MAIN = path.resolve(import.meta.dirname, '../../src/main.ts')
const HOOK = path.resolve(import.meta.dirname, '../../src/packaging/tsx-hook.mjs')
const KILLS = 5

test('a backup killed at any moment leaves a whole file or none, and the data as it was', async (t) => {
  const cwd = await makeInstance(t)
  let wholeFiles = 0
  for (let i = 0; i < KILLS; i++) {
    const file = path.join(cwd, `${i}.backup`)
    const old = leftovers(cwd)
    const isBegun = () => leftovers(cwd).some((name) => !old.includes(name))
    await killWhen(t, ['backup', 'create', file], cwd, isBegun, i * 150)
    if (!existsSync(file)) continue
    const verified = await run(t, ['backup', 'verify', file], { cwd })
    if (verified.code === 0) wholeFiles += 1
    else t.diagnostic(`kill ${i}: ${verified.err}`)
    assert.equal(verified.code, 0, 'what bears the name can be restored')
  }
  t.diagnostic(`${wholeFiles} of ${KILLS} were whole`)
  await assertSound(t, cwd)
  assert.deepEqual(leftovers(cwd), [])
})

test('a restore killed at any moment leaves the old data or the restored, never none', async (t) => {
  const cwd = await makeInstance(t)
  const data = path.join(cwd, 'rulewright-data')
  const file = path.join(cwd, 'one.backup')
  const made = await run(t, ['backup', 'create', file], { cwd })
  assert.equal(made.code, 0, made.err)
  const before = installOf(data)
  let restored = 0
  for (let i = 0; i < KILLS; i++) {
    const copy = path.join(cwd, `data-${i}`)
    cpSync(data, copy, { recursive: true })
    const isBegun = () => existsSync(path.join(copy, 'restoring'))
    await killWhen(t, ['backup', 'restore', file, '--data', copy], cwd, isBegun, i * 120)
    assert.equal(installOf(copy), before)
    const { code, err } = await run(t, ['audit', 'verify', '--data', copy], { cwd })
    assert.equal(code, 0, err)
    const again = await run(t, ['workspace', 'add', 'later', '--name', 'Later', '--data', copy], {
      cwd,
    })
    assert.equal(again.code, 0, again.err)
    if (isHeld(copy)) restored += 1
    assert.deepEqual(
      readdirSync(copy).filter((name) => /tmp|restoring/.test(name)),
      [],
    )
    rmSync(copy, { recursive: true })
  }
  t.diagnostic(`${restored} of ${KILLS} had been exchanged when the kill came`)
})

test('a full disk under a backup is one line, exit 3, and nothing is left', async (t) => {
  const cwd = await makeInstance(t)
  const whole = path.join(cwd, 'whole.backup')
  await run(t, ['backup', 'create', whole], { cwd })
  const { header } = await readBackupHeader(whole)
  // The copy of the database does not fit; the copy fits and the file of the backup does not.
  for (const bytes of [20_000_000, (header.databaseBytes + statSync(whole).size) >> 1]) {
    const flags = ['--disable-warning=ExperimentalWarning', '--import', HOOK, MAIN]
    const argv = ['backup', 'create', path.join(cwd, 'full.backup')]
    const { status, stderr } = spawnSync(
      'prlimit',
      [`--fsize=${bytes}`, process.execPath, ...flags, ...argv],
      { cwd, encoding: 'utf8', env: { PATH: process.env['PATH'] } },
    )
    const lines = stderr.split('\n').filter((line) => line.startsWith('rulewright:'))
    assert.deepEqual([status, lines.length], [3, 1], stderr)
    assert.ok(!existsSync(path.join(cwd, 'full.backup')))
  }
  await assertSound(t, cwd)
  assert.deepEqual(leftovers(cwd), [])
})

// About 30 MB, so that there is time to be killed in.
async function makeInstance(t: TestContext): Promise<string> {
  const cwd = makeFolder(t)
  const { code, err } = await run(t, ['init'], { cwd })
  assert.equal(code, 0, err)
  const file = new Sqlite(path.join(cwd, 'rulewright-data', 'rulewright.db'))
  file.exec('insert or replace into storageProbe values (1, randomblob(30000000))')
  file.close()
  return cwd
}

async function killWhen(
  t: TestContext,
  argv: readonly string[],
  cwd: string,
  isBegun: () => boolean,
  afterMs: number,
): Promise<void> {
  const { child, ended } = start(t, argv, { cwd })
  const isOver = () => child.exitCode !== null || child.signalCode !== null
  while (!isOver() && !isBegun()) await sleep(5)
  await sleep(afterMs)
  child.kill('SIGKILL')
  await ended
}

async function assertSound(t: TestContext, cwd: string): Promise<void> {
  const added = await run(t, ['workspace', 'add', 'later', '--name', 'Later'], { cwd })
  assert.equal(added.code, 0, added.err)
  const verified = await run(t, ['audit', 'verify'], { cwd })
  assert.equal(verified.code, 0, verified.err)
}

function leftovers(cwd: string): string[] {
  const names = readdirSync(path.join(cwd, 'rulewright-data'))
  return names.filter((name) => /tmp|restoring|verify-/.test(name))
}

function installOf(data: string): unknown {
  return read(data, 'select installId from instance')
}

function isHeld(data: string): boolean {
  return read(data, 'select heldAt from instance') !== null
}

function read(data: string, text: string): unknown {
  const file = new Sqlite(path.join(data, 'rulewright.db'), { readonly: true })
  try {
    return file.prepare(text).pluck().get()
  } finally {
    file.close()
  }
}
