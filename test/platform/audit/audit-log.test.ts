import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { cpSync, readdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import test, { type TestContext } from 'node:test'
import Sqlite from 'better-sqlite3'
import pino from 'pino'
import { systemCaller } from '#domain/access/system.ts'
import { readAnchors } from '#platform/audit/anchors.ts'
import { CHECKPOINT_ENTRIES, openAuditLog, type AuditLog } from '#platform/audit/audit-log.ts'
import { createLog } from '#platform/audit/log.ts'
import { DAY } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import { openDatabase, type SqliteDatabase } from '#platform/db/database.ts'
import { fakeClock, type FakeClock } from '#test/support/clock.ts'
import { acme, keys, makeFolder } from '#test/support/database.ts'

test('an entry commits with its change or not at all', async (t) => {
  const { db, audit, caller } = await open(t, makeFolder(t))
  await record(audit, db, caller, 'one')
  const failing = db.write(caller, async (tx) => {
    await audit.record(tx, caller, { action: 'rule.update', target: 'two', data: {} })
    throw new Error('no')
  })
  await assert.rejects(failing, /no/)
  assert.deepEqual(targets(db), ['one'])
})

test('a checkpoint follows 256 entries, the end of a minute with activity, and the stop', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const folder = makeFolder(t)
  const { db, audit, caller, anchors } = await open(t, folder)
  await record(audit, db, caller, 'first')
  assert.deepEqual(await anchors(), [], 'the premise: not yet')
  t.mock.timers.tick(60_000)
  await audit.checkpoint()
  assert.deepEqual(await anchors(), [1])
  for (let i = 0; i < CHECKPOINT_ENTRIES; i++) await record(audit, db, caller, `rul_${i}`)
  await audit.checkpoint()
  assert.deepEqual(await anchors(), [1, 1 + CHECKPOINT_ENTRIES])
  await record(audit, db, caller, 'last')
  await audit.stop()
  assert.deepEqual(await anchors(), [1, 257, 258])
  await audit.stop()
  assert.deepEqual(await anchors(), [1, 257, 258], 'nothing new is nothing signed')
})

test('refusals repeat within a minute as one entry with a count', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const { db, audit, clock, caller } = await open(t, makeFolder(t))
  const refusal = { verb: 'rule.update', target: 'rul_1', code: 'forbidden' }
  const refuse = () => audit.recordRefusal({ ...caller, now: clock.now() }, refusal)
  for (let i = 0; i < 5; i++) await refuse()
  await audit.recordRefusal(caller, { ...refusal, verb: 'rule.read' })
  assert.deepEqual(refusals(db), ['rule.update 1', 'rule.read 1'])
  clock.advance(60_000)
  await refuse()
  assert.deepEqual(refusals(db), ['rule.update 1', 'rule.read 1', 'rule.update 4', 'rule.update 1'])
  await refuse()
  await audit.stop()
  assert.deepEqual(refusals(db).slice(4), ['rule.update 1'])
})

test('a thousand invented actors are a hundred entries and one count', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const { db, audit, caller } = await open(t, makeFolder(t))
  const refusal = { verb: 'session.start', target: 'unknown', code: 'unauthenticated' }
  for (let i = 0; i < 1_000; i++)
    await audit.recordRefusal({ ...caller, actor: `system:sign-in/${i}` }, refusal)
  await audit.recordRefusal({ ...caller, actor: 'system:sign-in/7' }, refusal)
  assert.equal(refusals(db).length, 101)
  await audit.stop()
  assert.deepEqual(refusals(db).slice(101), ['session.start 1', 'session.start 899'])
})

test('anchors of the last month stay, and one of each day before', async (t) => {
  const { db, audit, clock, caller, anchors } = await open(t, makeFolder(t))
  for (let day = 0; day < 4; day++) {
    for (let i = 0; i < 3; i++) {
      await record(audit, db, { ...caller, now: clock.now() }, `day ${day}`)
      await audit.checkpoint()
    }
    clock.advance(DAY)
  }
  await audit.thinAnchors()
  assert.equal((await anchors()).length, 12, 'the premise')
  clock.advance(28 * DAY)
  await audit.thinAnchors()
  assert.deepEqual(await anchors(), [3, 6, 7, 8, 9, 10, 11, 12])
  assert.ok((await audit.verify()).ok)
})

test('a rolled back database is seen at start: nothing is recorded until a person accepts it', async (t) => {
  const folder = makeFolder(t)
  const old = makeFolder(t)
  const first = await open(t, folder)
  for (let i = 0; i < 10; i++) await record(first.audit, first.db, first.caller, `early ${i}`)
  await close(first)
  cpSync(folder, old, { recursive: true })
  const second = await open(t, folder)
  assert.equal(second.audit.broken, undefined, 'the premise')
  for (let i = 0; i < 10; i++) await record(second.audit, second.db, second.caller, `late ${i}`)
  await close(second)
  for (const name of databaseFiles(folder)) rmSync(path.join(folder, name))
  for (const name of databaseFiles(old)) cpSync(path.join(old, name), path.join(folder, name))

  const third = await open(t, folder)
  assert.equal(third.audit.broken?.code, 'short')
  await assert.rejects(record(third.audit, third.db, third.caller, 'x'), {
    code: 'conflict',
    message: /--accept-audit-fork/,
  })
  await close(third)

  const accepted = await open(t, folder, true)
  assert.equal(accepted.audit.broken, undefined)
  const [entry] = accepted.db.reader
    .prepare("select actor, data from auditEntry where action = 'audit.epoch'")
    .all() as { actor: string; data: string }[]
  assert.equal(entry!.actor, 'system:test')
  const { brokenAt, lastSize, gap, epoch } = JSON.parse(entry!.data) as Record<string, number>
  assert.deepEqual(
    { brokenAt, lastSize, gap, epoch },
    { brokenAt: 11, lastSize: 20, gap: 10, epoch: 2 },
  )
  await record(accepted.audit, accepted.db, accepted.caller, 'and on')
  await close(accepted)

  const last = await open(t, folder)
  assert.equal(last.audit.broken, undefined, 'the decision holds at the next start')
  const verdict = await last.audit.verify()
  assert.ok(verdict.ok, JSON.stringify(verdict))
})

test('a second rollback below an accepted one is seen again', async (t) => {
  const folder = makeFolder(t)
  const copy = makeFolder(t)
  const first = await open(t, folder)
  await record(first.audit, first.db, first.caller, 'one')
  await close(first)
  cpSync(folder, copy, { recursive: true })
  const second = await open(t, folder)
  await record(second.audit, second.db, second.caller, 'two')
  await close(second)
  restoreFiles(copy, folder)
  const accepted = await open(t, folder, true)
  await record(accepted.audit, accepted.db, accepted.caller, 'three')
  await close(accepted)
  restoreFiles(copy, folder)
  const again = await open(t, folder)
  assert.equal(again.audit.broken?.code, 'short')
  await close(again)
  const twice = await open(t, folder, true)
  assert.equal(twice.audit.broken, undefined)
  assert.ok((await twice.audit.verify()).ok)
  const names = (await readAnchors(path.join(folder, 'anchors'))).map((note) => note.split('\n')[0])
  assert.ok(names.includes(`${keys.origin}/3`), 'two branches never share a name')
})

test('an edited entry stays named after it was accepted, and a new edit is a new break', async (t) => {
  const folder = makeFolder(t)
  const first = await open(t, folder)
  for (let i = 0; i < 10; i++) await record(first.audit, first.db, first.caller, `rul_${i}`)
  await close(first)
  edit(folder, "update auditEntry set actor = 'usr_eve' where seq = 4")
  const second = await open(t, folder)
  assert.ok(!second.audit.broken, 'the quick walk starts behind it')
  const found = await second.audit.verify()
  assert.ok(!found.ok && found.seq === 4 && found.code === 'leaf')
  await assert.rejects(
    record(second.audit, second.db, second.caller, 'x'),
    { code: 'conflict' },
    'the full walk stops writing',
  )
  await close(second)
  edit(folder, "update auditEntry set actor = 'usr_eve' where seq = 10")
  edit(folder, 'delete from auditCheckpoint')
  const third = await open(t, folder, true)
  assert.equal(third.audit.broken, undefined)
  await record(third.audit, third.db, third.caller, 'after')
  const verdict = await third.audit.verify()
  assert.ok(verdict.ok, JSON.stringify(verdict))
  assert.deepEqual(
    verdict.accepted.map(({ seq, code }) => [seq, code]),
    [[4, 'leaf']],
  )
  await close(third)
  edit(folder, "update auditEntry set actor = 'usr_eve' where seq = 12")
  const fourth = await open(t, folder)
  const again = await fourth.audit.verify()
  assert.ok(!again.ok && again.seq === 12, JSON.stringify(again))
})

test('an epoch written without the key excuses nothing', async (t) => {
  const folder = makeFolder(t)
  const first = await open(t, folder)
  for (let i = 0; i < 4; i++) await record(first.audit, first.db, first.caller, `rul_${i}`)
  await close(first)
  edit(
    folder,
    `insert into auditEpoch select 2, 3, 'accepted', chain, zeroblob(32), '{}', null, zeroblob(32)
     from auditEntry where seq = 2`,
  )
  const second = await open(t, folder)
  assert.equal(second.audit.broken?.code, 'epoch')
})

interface Opened {
  readonly db: SqliteDatabase
  readonly audit: AuditLog
  readonly clock: FakeClock
  readonly caller: Caller
  readonly anchors: () => Promise<number[]>
}

async function open(t: TestContext, folder: string, isAccepted = false): Promise<Opened> {
  const clock = fakeClock()
  const db = await openDatabase(folder)
  t.after(() => db.close())
  const system = systemCaller({ clock, random: randomBytes }, 'test')
  const isNew = db.reader.prepare('select 1 from auditHead').get() === undefined
  if (isNew) await db.write(system, createLog)
  const anchorDir = path.join(folder, 'anchors')
  const parts = { db, keys: { audit: keys }, clock, log: pino({ level: 'silent' }), anchorDir }
  const audit = await openAuditLog(parts, isAccepted ? { acceptFork: system } : {})
  const anchors = async () =>
    (await readAnchors(anchorDir)).map((note) => Number(note.split('\n')[1]))
  return { db, audit, clock, caller: { ...system, scope: acme }, anchors }
}

async function close({ audit, db }: Opened): Promise<void> {
  await audit.stop()
  await db.close()
}

function record(audit: AuditLog, db: SqliteDatabase, caller: Caller, target: string) {
  return db.write(caller, (tx) =>
    audit.record(tx, caller, { action: 'rule.update', target, data: {} }),
  )
}

function targets(db: SqliteDatabase): unknown[] {
  return db.reader.prepare('select target from auditEntry order by seq').pluck().all()
}

function refusals(db: SqliteDatabase): string[] {
  const rows = db.reader
    .prepare("select action, data from auditEntry where outcome = 'refused' order by seq")
    .all() as { action: string; data: string }[]
  return rows.map(
    ({ action, data }) => `${action} ${(JSON.parse(data) as { count: number }).count}`,
  )
}

function databaseFiles(folder: string): string[] {
  return readdirSync(folder).filter((name) => name.startsWith('rulewright.db'))
}

function restoreFiles(from: string, to: string): void {
  for (const name of databaseFiles(to)) rmSync(path.join(to, name))
  for (const name of databaseFiles(from)) cpSync(path.join(from, name), path.join(to, name))
}

function edit(folder: string, text: string): void {
  const file = new Sqlite(path.join(folder, 'rulewright.db'))
  file.exec('drop trigger if exists auditEntryKept; drop trigger if exists auditEntryFixed')
  file.exec(text)
  file.close()
}
