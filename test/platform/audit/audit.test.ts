import assert from 'node:assert/strict'
import { join } from 'node:path'
import test from 'node:test'
import Sqlite from 'better-sqlite3'
import { canonicalJson } from '#kernel/json.ts'
import { openCheckpoint } from '#platform/audit/checkpoint.ts'
import { appendEntry, erasePersonal } from '#platform/audit/log.ts'
import { pruneLog } from '#platform/audit/retention.ts'
import { writeCheckpoint } from '#platform/audit/signing.ts'
import {
  consistencyProof,
  decodeFrontier,
  inclusionProof,
  isConsistent,
  isIncluded,
  subtreesAfter,
} from '#platform/audit/merkle.ts'
import { verifyLog, type Verdict } from '#platform/audit/verify.ts'
import type { Database } from '#platform/db/database.ts'
import { openWriter } from '#platform/db/engine/sqlite/open.ts'
import { acme, entry, globex, keys, makeWorld } from '#test/support/database.ts'

const verifyKey = keys.verifyKeys[0]!.key
const by = { at: 1_790_000_000_001, actor: 'usr_ada', requestId: 'req_2' }

test('sequences are dense over the instance and in each workspace', async (t) => {
  const { db } = await makeWorld(t)
  const places = await grow(db, 9)
  assert.deepEqual(
    places.map((place) => place.seq),
    [1, 2, 3, 4, 5, 6, 7, 8, 9],
  )
  assert.deepEqual(
    places.map((place) => place.workspaceSeq),
    [1, 1, 2, 3, 2, 4, 5, 3, 6],
  )
  assert.ok((await verifyLog(db, keys)).ok)
})

test('the triggers refuse edits and deletes, and a log without a head takes no entries', async (t) => {
  const { db, folder } = await makeWorld(t)
  await grow(db, 3)
  const file = openWriter(join(folder, 'rulewright.db'))
  for (const text of [
    "update auditEntry set actor = 'x'",
    "update auditEntry set personal = '1'",
    'delete from auditEntry',
    'replace into auditEntry select * from auditEntry where seq = 1',
  ]) {
    assert.throws(() => file.exec(text), /append-only/, text)
  }
  file.exec('delete from auditHead')
  file.close()
  await assert.rejects(grow(db, 1), /no head/)
})

test('erasing a person keeps every hash valid in every workspace; erasing by hand is seen', async (t) => {
  const { db, folder } = await makeWorld(t)
  await grow(db, 5)
  const others = [
    { actor: 'usr_vera', target: 'rul_1' },
    { actor: 'usr_vera', target: 'usr_ada' },
    { actor: 'usr_vera', target: 'usr_vera' },
  ]
  for (const given of others)
    await db.write({ scope: acme }, async (tx) => appendEntry(tx, keys, entry(given)))
  const left = () => db.reader.prepare('select seq from auditEntry where salt is not null').pluck()
  assert.equal(await db.write({ scope: globex }, (tx) => erasePersonal(tx, keys, 'usr_ada', by)), 6)
  assert.deepEqual(left().all(), [6, 8], 'what is of others stays')
  assert.deepEqual(
    db.reader
      .prepare("select workspaceId, target, data from auditEntry where action = 'audit.erase'")
      .all(),
    [
      { workspaceId: 'wsp_acme', target: 'usr_ada', data: '{"count":4}' },
      { workspaceId: 'wsp_globex', target: 'usr_ada', data: '{"count":2}' },
    ],
  )
  assert.equal(await db.write({ scope: acme }, (tx) => erasePersonal(tx, keys, 'usr_ada', by)), 0)
  assert.ok((await verifyLog(db, keys)).ok)
  const file = new Sqlite(join(folder, 'rulewright.db'))
  file.exec('update auditEntry set personal = null, salt = null where seq = 6')
  file.close()
  assertBreak(await verifyLog(db, keys), 'personal', 6)
})

test('after retention the rest verifies, proofs still work, and the kept segment cannot be edited', async (t) => {
  const { db, folder } = await makeWorld(t)
  const notes: string[] = []
  for (let i = 0; i < 4; i++) {
    await grow(db, 50)
    notes.push(await checkpoint(db))
  }
  await assert.rejects(
    db.write({ scope: acme }, async (tx) => pruneLog(tx, keys, 77, by)),
    { code: 'invalid' },
  )
  for (const lastSeq of [50, 100])
    await db.write({ scope: acme }, async (tx) => pruneLog(tx, keys, lastSeq, by))
  const last = await checkpoint(db)
  const verdict = await verifyLog(db, keys, { notes: [...notes, last] })
  assert.ok(verdict.ok, JSON.stringify(verdict))
  assert.equal(verdict.rows, 102)

  const segment = db.reader
    .prepare('select lastSeq, frontier from auditSegment order by lastSeq desc')
    .get() as { lastSeq: number; frontier: Buffer }
  const leaf = db.reader.prepare('select leaf from auditEntry where seq = ?')
  const subtree = subtreesAfter(
    decodeFrontier(segment.lastSeq, segment.frontier),
    (index) => (leaf.get(index + 1) as { leaf: Buffer }).leaf,
  )
  const now = openCheckpoint(last, keys.origin, verifyKey)!
  const then = openCheckpoint(notes[2]!, keys.origin, verifyKey)!
  assert.ok(
    isIncluded({
      index: 120,
      size: now.size,
      leaf: (leaf.get(121) as { leaf: Buffer }).leaf,
      proof: inclusionProof(120, now.size, subtree),
      root: now.root,
    }),
  )
  assert.ok(
    isConsistent({
      oldSize: then.size,
      oldRoot: then.root,
      size: now.size,
      root: now.root,
      proof: consistencyProof(then.size, now.size, subtree),
    }),
  )

  const file = new Sqlite(join(folder, 'rulewright.db'))
  file.exec(`update auditSegment set workspaceSeqs = '{"wsp_acme":1}' where lastSeq = 100`)
  file.close()
  assert.ok(!(await verifyLog(db, keys)).ok)
})

test('a checkpoint that contradicts an earlier one is not signed', async (t) => {
  const { db, folder } = await makeWorld(t)
  await grow(db, 10)
  await db.write({ scope: acme }, async (tx) => writeCheckpoint(tx, keys, 1))
  await grow(db, 10)
  await tamper(folder, (file) =>
    file.exec("update auditEntry set actor = 'usr_eve' where seq = 15"),
  )
  await assert.rejects(
    db.write({ scope: acme }, async (tx) => writeCheckpoint(tx, keys, 1)),
    /broken at entry 15/,
  )
})

test('the format of data is canonical whatever order it came in', async (t) => {
  const { db } = await makeWorld(t)
  await db.write({ scope: acme }, async (tx) =>
    appendEntry(tx, keys, entry({ data: { b: 1, a: 2 } })),
  )
  assert.deepEqual(db.reader.prepare('select data from auditEntry').get(), {
    data: canonicalJson({ a: 2, b: 1 }),
  })
})

async function checkpoint(db: Database): Promise<string> {
  return (await db.write({ scope: acme }, async (tx) => writeCheckpoint(tx, keys, 1)))!.note
}

async function grow(db: Database, count: number) {
  return Promise.all(
    Array.from({ length: count }, (_, i) =>
      db.write({ scope: i % 3 === 1 ? globex : acme }, async (tx) =>
        appendEntry(tx, keys, entry({ target: `rul_${i}` })),
      ),
    ),
  )
}

async function tamper(folder: string, change: (file: Sqlite.Database) => void) {
  const file = new Sqlite(join(folder, 'rulewright.db'))
  file.exec('drop trigger auditEntryKept; drop trigger auditEntryFixed')
  change(file)
  file.close()
}

function assertBreak(verdict: Verdict, code: string, seq: number) {
  assert.ok(!verdict.ok, 'the attack was missed')
  assert.deepEqual([verdict.code, verdict.seq], [code, seq], JSON.stringify(verdict))
}
