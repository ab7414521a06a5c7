import assert from 'node:assert/strict'
import { statSync } from 'node:fs'
import test from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { openReader } from '#platform/db/engine/sqlite/open.ts'
import type { SqliteDatabase } from '#platform/db/database.ts'
import { acme, makeWorld, saveRule } from '#test/support/database.ts'

const caller = { scope: acme }

async function writeMany(db: SqliteDatabase, prefix: string, count: number): Promise<void> {
  for (let i = 0; i < count; i++) await db.write(caller, (tx) => saveRule(tx, `${prefix}${i}`))
}

function walBytes(db: SqliteDatabase): number {
  return statSync(`${db.file}-wal`).size
}

async function until(isTrue: () => boolean, what: string): Promise<void> {
  for (let waited = 0; !isTrue(); waited += 10) {
    assert.ok(waited < 10_000, what)
    await sleep(10)
  }
}

test('when nothing is written for a while the log is emptied', async (t) => {
  const { db } = await makeWorld(t, { walIdleMs: 20 })
  await db.write(caller, (tx) => saveRule(tx, 'one'))
  assert.ok(walBytes(db) > 0, 'the premise: a write leaves something in the log')
  await until(() => walBytes(db) === 0, 'the log was not emptied')
})

test('a log beyond its limit is emptied under load; a reader in the way is reported, not waited for', async (t) => {
  const walBytesMax = 200_000
  let reports = 0
  const { db } = await makeWorld(t, {
    walBytesMax,
    walIdleMs: 60_000,
    report: (event) => {
      if (event === 'wal_large') reports += 1
    },
  })
  const reader = openReader(db.file)
  t.after(() => reader.close())
  reader.exec('begin')
  reader.prepare('select count(*) from sampleRule').get()
  await writeMany(db, 'a', 60)
  assert.ok(walBytes(db) > walBytesMax, 'the premise: the reader keeps the log')
  assert.equal(reports, 1, 'one report, not one for each write')
  reader.exec('commit')
  await until(() => {
    void db.write(caller, async () => {})
    return walBytes(db) <= walBytesMax
  }, 'the log was not emptied once the reader had gone')
})
