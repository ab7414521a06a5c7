import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import test from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { verifyLog } from '#platform/audit/verify.ts'
import { first, runSteps, type Steps } from '#platform/db/steps.ts'
import {
  acme,
  keys,
  makeFolder,
  makeWorld,
  openSampleDatabase,
  ruleIds,
  samples,
  saveRule,
} from '#test/support/database.ts'

test('SQLITE_FULL is storage_full for the whole group, reads go on, and it recovers by itself', async (t) => {
  const events: string[] = []
  const { db } = await makeWorld(t, { probeEveryMs: 50, report: (event) => events.push(event) })
  const full = db.write({ scope: acme }, async (tx) => {
    await runSteps(tx, limitPages())
    for (let i = 0; i < 10_000; i++) await saveRule(tx, `big${i}`).catch(() => {}) // swallowed on purpose
  })
  const beside = db.write({ scope: acme }, (tx) => saveRule(tx, 'beside'))
  await assert.rejects(full, { code: 'storage_full' })
  await assert.rejects(beside, { code: 'storage_full' })
  assert.ok(db.isReadOnly)
  await assert.rejects(
    db.write({ scope: acme }, (tx) => saveRule(tx, 'refused')),
    { code: 'storage_full' },
  )
  assert.deepEqual(
    await samples(db.read(acme))
      .selectFrom('sampleRule')
      .selectAll()
      .where('workspaceId', '=', 'wsp_acme')
      .execute(),
    [],
  )
  while (db.isReadOnly) await sleep(10)
  await db.write({ scope: acme }, (tx) => saveRule(tx, 'after'))
  assert.deepEqual(ruleIds(db), ['after'])
  assert.deepEqual(events, ['read_only', 'recovered'])
  assert.ok((await verifyLog(db, keys)).ok)
})

const hasPrlimit = spawnSync('prlimit', ['--version']).status === 0

test(
  'a file size limit under load: typed refusals, then recovery when it is lifted',
  { skip: !hasPrlimit },
  async (t) => {
    const folder = makeFolder(t)
    const load = fileURLToPath(new URL('../../support/load.ts', import.meta.url))
    await (await openSampleDatabase(folder)).close()
    // Enough for the database as it is, soon too small for the WAL.
    const limitBytes = statSync(join(folder, 'rulewright.db')).size + 256 * 1024
    const child = spawn(
      'prlimit',
      [`--fsize=${limitBytes}:unlimited`, process.execPath, load, folder, 'd', '8'],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    )
    let output = ''
    child.stdout.on('data', (chunk) => (output += chunk))
    const seen = async (text: string) => {
      for (let waited = 0; !output.includes(text); waited += 20) {
        assert.ok(
          waited < 10_000 && child.exitCode === null,
          `no "${text}" in: ${output.slice(-300)}`,
        )
        await sleep(20)
      }
    }
    t.after(() => child.kill('SIGKILL'))
    await seen('# read_only')
    await seen('storage_full')
    const acknowledgedFull = acknowledged(output).length
    spawnSync('prlimit', ['--pid', String(child.pid), '--fsize=unlimited:unlimited'])
    await seen('# recovered')
    for (
      let waited = 0;
      acknowledged(output).length < acknowledgedFull + 50 && waited < 5_000;
      waited += 20
    )
      await sleep(20)
    child.kill('SIGKILL')
    await new Promise((resolve) => child.on('close', resolve))
    const db = await openSampleDatabase(folder)
    const present = new Set(ruleIds(db))
    const refused = output
      .split('\n')
      .filter((line) => line.startsWith('! '))
      .map((line) => line.split(' ') as [string, string, string])
    const verdict = await verifyLog(db, keys)
    await db.close()
    const wanted = acknowledged(output)
    t.diagnostic(
      `${acknowledgedFull} before full, ${refused.length} refused, ${wanted.length - acknowledgedFull} after`,
    )
    assert.ok(wanted.length > acknowledgedFull)
    assert.deepEqual(
      wanted.filter((id) => !present.has(id)),
      [],
    )
    assert.deepEqual(
      refused.filter(([, id, code]) => code !== 'storage_full' || present.has(id)),
      [],
    )
    assert.ok(verdict.ok, JSON.stringify(verdict))
  },
)

function* limitPages(): Steps<void> {
  const size = yield* first<{ page_count: number }>('pragma page_count')
  yield* first(`pragma max_page_count = ${size!.page_count}`)
}

function acknowledged(output: string): string[] {
  return output
    .split('\n')
    .slice(0, -1)
    .filter((line) => line.startsWith('d-'))
}
