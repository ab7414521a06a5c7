import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import Sqlite from 'better-sqlite3'
import { canonicalJson } from '#kernel/json.ts'
import { CHAIN_START, leafHash, nextChain, type Entry } from '#platform/audit/chain.ts'
import { openCheckpoint } from '#platform/audit/checkpoint.ts'
import { appendEntry, erasePersonal } from '#platform/audit/log.ts'
import { pruneLog } from '#platform/audit/retention.ts'
import { writeCheckpoint } from '#platform/audit/signing.ts'
import {
  appendLeaf,
  consistencyProof,
  decodeFrontier,
  EMPTY_FRONTIER,
  encodeFrontier,
  inclusionProof,
  isConsistent,
  isIncluded,
  subtreesAfter,
  type Frontier,
} from '#platform/audit/merkle.ts'
import { verifyLog, type Verdict } from '#platform/audit/verify.ts'
import type { Database } from '#platform/db/database.ts'
import { openWriter } from '#platform/db/engine/sqlite/open.ts'
import { acme, entry, globex, keys, makeWorld, openSampleDatabase } from '#test/support/database.ts'

type Row = Entry & { salt: Buffer | null; personal: string | null; leaf: Buffer; chain: Buffer }
const verifyKey = keys.verifyKeys[0]!.key
const macKey = keys.macKeys[0]!.key
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

// The attacker owns the file, may rewrite every table and recompute everything that needs no key.
const attacks: Record<
  string,
  {
    attack: (rows: Row[]) => Row[]
    key?: 'stolen'
    regrow?: number
    expect: [code: string, seq: number] | 'missed'
  }
> = {
  'edit one row': {
    attack: (rows) => rows.with(999, { ...rows[999]!, action: 'rule.view' }),
    expect: ['leaf', 1000],
  },
  'delete a middle row': { attack: (rows) => rows.toSpliced(999, 1), expect: ['missing', 1000] },
  'swap two rows': {
    attack: (rows) => rows.with(10, { ...rows[11]!, seq: 11 }).with(11, { ...rows[10]!, seq: 12 }),
    expect: ['leaf', 11],
  },
  'insert a row': {
    attack: (rows) => rows.toSpliced(500, 0, rows[499]!).map((row, i) => ({ ...row, seq: i + 1 })),
    expect: ['sequence', 501],
  },
  'truncate the tail after the last checkpoint': {
    attack: (rows) => rows.slice(0, -100),
    expect: 'missed',
  },
  'roll the whole file back': { attack: (rows) => rows.slice(0, 1500), expect: ['short', 1501] },
  'edit and recompute without the key': {
    attack: (rows) => recompute(rows.with(999, { ...rows[999]!, data: '{"forged":true}' })),
    expect: ['chain', 1000],
  },
  'delete, renumber and recompute without the key': {
    attack: (rows) => recompute(renumber(rows.toSpliced(999, 1))),
    expect: ['chain', 1000],
  },
  'roll back, then grow past the old size by the live app': {
    attack: (rows) => rows.slice(0, 1500),
    regrow: 1100,
    expect: ['fork', 1900],
  },
  'edit and recompute with the stolen key': {
    attack: (rows) =>
      recompute(rows.with(999, { ...rows[999]!, data: '{"forged":true}' }), 'stolen'),
    expect: ['fork', 1000],
  },
  'empty the table': { attack: () => [], expect: ['short', 1] },
}

test('eleven attacks on the file: ten are seen and named, the eleventh is the documented window', async (t) => {
  for (const [name, { attack, regrow, expect }] of Object.entries(attacks)) {
    await t.test(name, async (t) => {
      const { folder, notes } = await makeAttackedWorld(t)
      await tamper(folder, (file) => {
        const rows = attack(file.prepare('select * from auditEntry order by seq').all() as Row[])
        rewrite(file, rows)
      })
      const db = await openSampleDatabase(folder)
      t.after(() => db.close())
      if (regrow) await grow(db, regrow)
      const verdict = await verifyLog(db, keys, { notes })
      if (expect === 'missed') assert.ok(verdict.ok, JSON.stringify(verdict))
      else assertBreak(verdict, ...expect)
    })
  }
})

test('the window closes with the next checkpoint', async (t) => {
  const { folder, notes } = await makeAttackedWorld(t, 2000)
  await tamper(folder, (file) =>
    rewrite(
      file,
      (file.prepare('select * from auditEntry order by seq').all() as Row[]).slice(0, -100),
    ),
  )
  const db = await openSampleDatabase(folder)
  t.after(() => db.close())
  assertBreak(await verifyLog(db, keys, { notes }), 'short', 1901)
  assertBreak(await verifyLog(db, keys, { notes, from: 'checkpoint' }), 'short', 1901)
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

// 2,000 entries, notes kept outside at 500, 1000, 1500 and 1900 (or as told).
async function makeAttackedWorld(t: TestContext, lastNote = 1900) {
  const { db, folder } = await makeWorld(t)
  const notes: string[] = []
  let size = 0
  for (const next of [500, 1000, 1500, lastNote]) {
    await grow(db, next - size)
    notes.push(await checkpoint(db))
    size = next
  }
  await grow(db, 2000 - size)
  const clean = await verifyLog(db, keys, { notes })
  assert.ok(clean.ok && clean.rows === 2000, 'the premise: untouched it verifies')
  await db.close()
  return { folder, notes }
}

async function tamper(folder: string, change: (file: Sqlite.Database) => void) {
  const file = new Sqlite(join(folder, 'rulewright.db'))
  file.exec('drop trigger auditEntryKept; drop trigger auditEntryFixed')
  change(file)
  file.close()
}

// Writes the rows and everything derived from them, and drops checkpoints that no longer fit.
function rewrite(file: Sqlite.Database, rows: Row[]) {
  file.exec('pragma foreign_keys = off; delete from auditEntry; delete from auditWorkspaceHead')
  const columns =
    'seq workspaceId workspaceSeq at actor action target outcome requestId data commitment salt personal leaf chain'.split(
      ' ',
    ) as (keyof Row)[]
  // The attacker may also drop the unique index: build the table anew without it.
  const { sql } = file.prepare("select sql from sqlite_schema where name = 'auditEntry'").get() as {
    sql: string
  }
  file.exec(
    `drop table auditEntry; ${sql.replace(/constraint "auditEntryPlace" unique \([^)]*\)/, 'check (1)')}`,
  )
  const insert = file.prepare(
    `insert into auditEntry (${columns}) values (${columns.map(() => '?')})`,
  )
  let frontier: Frontier = EMPTY_FRONTIER
  for (const row of rows) {
    insert.run(columns.map((column) => row[column]))
    frontier = appendLeaf(frontier, row.leaf)
  }
  const last = rows.at(-1)
  file
    .prepare('update auditHead set seq = ?, chain = ?, frontier = ?')
    .run(
      last?.seq ?? 0,
      last?.chain ?? CHAIN_START,
      encodeFrontier(frontierAtSeq(frontier, last?.seq ?? 0)),
    )
  for (const [workspaceId, seq] of new Map(rows.map((row) => [row.workspaceId, row.workspaceSeq])))
    file.prepare('insert into auditWorkspaceHead values (?, ?)').run(workspaceId, seq)
  file.prepare('delete from auditCheckpoint').run()
}

function frontierAtSeq(frontier: Frontier, seq: number): Frontier {
  return frontier.size === seq
    ? frontier
    : {
        size: seq,
        nodes: Array.from(
          { length: seq.toString(2).replaceAll('0', '').length },
          () => CHAIN_START,
        ),
      }
}

function renumber(rows: Row[]): Row[] {
  const seqs = new Map<string, number>()
  return rows.map((row, i) => {
    const workspaceSeq = (seqs.get(row.workspaceId) ?? 0) + 1
    seqs.set(row.workspaceId, workspaceSeq)
    return { ...row, seq: i + 1, workspaceSeq }
  })
}

function recompute(rows: Row[], key?: 'stolen'): Row[] {
  let chain = CHAIN_START
  let isTouched = false
  return rows.map((row) => {
    const leaf = leafHash(row)
    isTouched ||= !leaf.equals(row.leaf)
    const forged = key
      ? nextChain(macKey, chain, leaf)
      : createHash('sha256').update(chain).update(leaf).digest()
    chain = isTouched ? forged : row.chain
    return { ...row, leaf, chain }
  })
}

function assertBreak(verdict: Verdict, code: string, seq: number) {
  assert.ok(!verdict.ok, 'the attack was missed')
  assert.deepEqual([verdict.code, verdict.seq], [code, seq], JSON.stringify(verdict))
}
