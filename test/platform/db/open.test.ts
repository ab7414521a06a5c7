import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import test from 'node:test'
import Sqlite from 'better-sqlite3'
import { openDatabase } from '#platform/db/database.ts'
import { openReader, openWriter } from '#platform/db/engine/sqlite/open.ts'
import { makeScope, type WorkspaceScope } from '#platform/db/scope.ts'
import { nextTurn } from '#platform/turns.ts'
import { acme, globex, makeFolder, makeWorld, saveRule } from '#test/support/database.ts'

test('the writer runs with synchronous = FULL after a real write, where the default is NORMAL', (t) => {
  const file = join(makeFolder(t), 'x.db')
  const naive = new Sqlite(file)
  naive.pragma('journal_mode = WAL')
  naive.exec('create table x (y)')
  assert.equal(naive.pragma('synchronous', { simple: true }), 1, 'the premise: unset means NORMAL')
  naive.close()
  const writer = openWriter(file)
  writer.exec('insert into x values (1)')
  assert.equal(writer.pragma('synchronous', { simple: true }), 2)
  assert.equal(writer.pragma('trusted_schema', { simple: true }), 0)
  const reader = openReader(file)
  assert.throws(() => reader.exec('insert into x values (1)'), /readonly/)
  reader.close()
  writer.close()
})

test('a second server on the same folder is refused, in this process and in another', async (t) => {
  const folder = makeFolder(t)
  const db = await openDatabase(folder)
  await assert.rejects(openDatabase(folder), { code: 'busy' })
  const script = `import { openDatabase } from ${JSON.stringify(import.meta.resolve('#platform/db/database.ts'))}
    try { await openDatabase(process.argv[1]); console.log('open') } catch (error) { console.log(error.code) }`
  const other = () =>
    spawnSync(process.execPath, ['--input-type=module', '-e', script, folder], { encoding: 'utf8' })
  assert.equal(other().stdout.trim(), 'busy')
  await db.close()
  assert.equal(other().stdout.trim(), 'open')
})

test('what is remembered holds until anybody commits, for its workspace and question alone', async (t) => {
  const { db } = await makeWorld(t)
  let asked = 0
  const remember = (scope: WorkspaceScope, question: string) =>
    db.remember(scope, question, async () => (asked += 1))
  assert.equal(await remember(acme, 'rules'), 1)
  assert.equal(await remember(acme, 'rules'), 1)
  assert.equal(await remember(globex, 'rules'), 2)
  assert.equal(await remember(acme, 'others'), 3)
  const within = { targets: null, groups: ['grp_1'], actor: 'tok_1' }
  const narrowed = makeScope(acme.workspaceId, within)
  assert.equal(await remember(narrowed, 'rules'), 4, 'whoever sees less of it')
  const other = makeScope(acme.workspaceId, { ...within, groups: ['grp_2'] })
  assert.equal(await remember(other, 'rules'), 5)
  assert.equal(await remember(acme, 'rules'), 1)
  await db.write({ scope: acme }, (tx) => saveRule(tx, 'rul_1'))
  await nextTurn()
  assert.equal(await remember(globex, 'rules'), 6, 'a commit of anybody')
  const outside = openWriter(db.file)
  outside.exec('create table other (x)')
  outside.close()
  assert.equal(await remember(acme, 'rules'), 7, 'a commit of another process')
  const failing = () => db.remember(acme, 'failing', () => Promise.reject(new Error('not now')))
  await assert.rejects(failing(), /not now/)
  assert.equal(await remember(acme, 'failing'), 8, 'a failure is not remembered')
})
