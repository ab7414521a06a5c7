// The eleven attacks on the log, each on a copy of one world's files, each judged offline by the
// product and by the second verifier: with the master secret, and with nothing but the public keys.

import assert from 'node:assert/strict'
import { createHash, generateKeyPairSync } from 'node:crypto'
import { cpSync } from 'node:fs'
import path from 'node:path'
import test, { type TestContext } from 'node:test'
import Sqlite from 'better-sqlite3'
import { CHAIN_START, leafHash, nextChain, type Entry } from '#platform/audit/chain.ts'
import { signCheckpoint } from '#platform/audit/checkpoint.ts'
import type { AuditKeys } from '#platform/audit/keys.ts'
import {
  appendLeaf,
  decodeFrontier,
  encodeFrontier,
  frontierRoot,
  type Frontier,
} from '#platform/audit/merkle.ts'
import { verifyOffline } from '#platform/audit/offline.ts'
import { pruneLog } from '#platform/audit/retention.ts'
import type { Verdict } from '#platform/audit/verify.ts'
import type { Caller } from '#platform/caller.ts'
import { readMasterSecret } from '#platform/keys/master.ts'
import { acme, globex, makeFolder } from '#test/support/database.ts'
import { openInstance, type TestInstance } from '#test/support/trust.ts'
import { judgeDatabase } from './second-verifier.ts'
import { trustedOf } from './trusted.ts'

type Row = Entry & { salt: Buffer | null; personal: string | null; leaf: Buffer; chain: Buffer }

interface World {
  readonly folder: string
  /** Checkpoints kept outside, over SIGNED entries each. */
  readonly notes: readonly string[]
  readonly keys: AuditKeys
}

/** The last of these is the last one anybody outside knows. */
const SIGNED = [20, 40, 80, 110]
const SIZE = 120

type Expected = number | 'open'

interface Attack {
  readonly name: string
  readonly run: (file: Sqlite.Database, world: World) => void
  /** The first bad entry with the master secret, and with the public keys alone. */
  readonly keyed: Expected
  readonly public: Expected
}

const ATTACKS: readonly Attack[] = [
  {
    name: 'edit an entry',
    run: (file) => file.exec("update auditEntry set actor = 'usr_eve' where seq = 60"),
    ...both(60),
  },
  {
    name: 'delete an entry',
    run: (file) => file.exec('delete from auditEntry where seq = 60'),
    ...both(60),
  },
  {
    name: 'insert an entry',
    run: (file) => {
      const rows = read(file)
      rewrite(file, recompute(renumber(rows.toSpliced(19, 0, { ...rows[19]!, target: 'rul_x' }))))
    },
    keyed: 60,
    public: 80, // where the next signature is
  },
  {
    name: 'reorder two entries',
    run: (file) => {
      const rows = read(file)
      const [a, b] = [rows[19]!, rows[20]!]
      rewrite(file, rows.with(19, { ...b, seq: a.seq }).with(20, { ...a, seq: b.seq }))
    },
    ...both(60),
  },
  {
    name: 'truncate the tail',
    run: (file) => rewrite(file, read(file).slice(0, -15)),
    ...both(106),
  },
  {
    name: 'truncate what nobody outside knows yet',
    run: (file) => rewrite(file, read(file).slice(0, -5)),
    ...both('open'),
  },
  {
    name: 'roll the file back',
    run: (file) => {
      file.exec('delete from auditCheckpoint where size > 80')
      rewrite(file, read(file).slice(0, 45))
    },
    ...both(86),
  },
  {
    name: 'recompute the chain without its key',
    run: (file) => rewrite(file, recompute(forged(read(file)))),
    keyed: 60,
    public: 80,
  },
  {
    name: 'recompute the chain with the stolen key',
    run: (file, { keys }) => rewrite(file, recompute(forged(read(file)), keys)),
    ...both(80),
  },
  {
    name: 'swap the rows of two workspaces',
    run: (file) =>
      file.exec(`
        update auditEntry set workspaceId = 'wsp_x', workspaceSeq = 1 where seq = 60;
        update auditEntry set (workspaceId, workspaceSeq) = ('wsp_acme', (
          select count(*) from auditEntry where workspaceId = 'wsp_acme' and seq < 60) +
          (select max(workspaceSeq) from auditEntry where workspaceId = 'wsp_acme' and seq < 45) -
          (select count(*) from auditEntry where workspaceId = 'wsp_acme' and seq < 45) + 1)
        where seq = 61`),
    ...both(60),
  },
  {
    name: 'forge a checkpoint',
    run: (file, { keys }) => {
      const rows = forged(read(file))
      rewrite(file, recompute(rows))
      const { privateKey: signKey, publicKey: verifyKey } = generateKeyPairSync('ed25519')
      const size = file.prepare('select max(size) from auditCheckpoint').pluck().get() as number
      const root = frontierRoot(
        frontierOf(
          file,
          recompute(rows).filter(({ seq }) => seq <= size),
        ),
      )
      const note = signCheckpoint({ origin: keys.origin, size, root }, { signKey, verifyKey })
      file.prepare('update auditCheckpoint set note = ? where size = ?').run(note, size)
    },
    keyed: 60,
    public: 80,
  },
  {
    name: 'sign a checkpoint with another key',
    run: (file, { keys }) => {
      const { privateKey: signKey, publicKey: verifyKey } = generateKeyPairSync('ed25519')
      const root = frontierRoot(frontierOf(file, read(file).slice(0, 70)))
      const checkpoint = { origin: keys.origin, size: 110, root }
      const note = signCheckpoint(checkpoint, { signKey, verifyKey })
      file.prepare('update auditCheckpoint set note = ? where size = 110').run(note)
    },
    ...both(110),
  },
  {
    name: 'drop the segments that retention kept',
    run: (file) => file.exec('delete from auditSegment'),
    ...both(1),
  },
  {
    name: 'drop the older segment alone',
    run: (file) => file.exec('delete from auditSegment where lastSeq = 20'),
    ...both(1),
  },
  {
    name: 'drop a signed stretch as if retention had',
    run: (file) => {
      file.exec(`
        insert into auditSegment (firstSeq, lastSeq, frontier, chain, workspaceSeqs, note)
        select 41, 80, c.frontier, e.chain, '{}', c.note
        from auditCheckpoint c join auditEntry e on e.seq = c.size where c.size = 80;
        delete from auditEntry where seq <= 80`)
      const seqs = file.prepare('select * from auditWorkspaceHead').all() as Head[]
      const later = file.prepare(
        'select count(*) from auditEntry where workspaceId = ? and seq > 80',
      )
      const kept = seqs.map((one) => [
        one.workspaceId,
        one.seq - (later.pluck().get(one.workspaceId) as number),
      ])
      const text = JSON.stringify(Object.fromEntries(kept))
      file.prepare('update auditSegment set workspaceSeqs = ? where lastSeq = 80').run(text)
    },
    ...both(80),
  },
]

interface Head {
  readonly workspaceId: string
  readonly seq: number
}

test('each attack on the file is named by its first entry, or named as not excluded', async (t) => {
  const world = await makeWorld(t)
  for (const mode of ['keyed', 'public'] as const) {
    const clean = judge(world, world.folder, mode)
    assert.ok(clean.ok, `the premise: ${JSON.stringify(clean)}`)
    assert.deepEqual([clean.size, clean.anchored, clean.anchors], [SIZE, 110, 3])
    for (const attack of ATTACKS) {
      await t.test(`${attack.name}, ${mode}`, () => {
        const folder = attacked(t, world, attack.run)
        const verdict = judge(world, folder, mode)
        if (attack[mode] === 'open') {
          assert.ok(verdict.ok, JSON.stringify(verdict))
          assert.ok(verdict.open.some((one) => one.attack === 'truncate'))
          return
        }
        assert.ok(!verdict.ok, 'it was missed')
        assert.equal(verdict.seq, attack[mode], JSON.stringify(verdict))
      })
    }
  }
})

test('a file put in the place of another is seen by its checkpoints', async (t) => {
  const world = await makeWorld(t)
  const { folder } = world
  const other = await openInstance(t, makeFolder(t), { secretFrom: folder })
  for (let i = 0; i < 5; i++) await other.record(`rul_${i}`)
  await other.close()
  const keyed = judge(world, other.folder, 'keyed')
  assert.ok(!keyed.ok && keyed.seq === 1, JSON.stringify(keyed))
  assert.ok(!judge(world, other.folder, 'public').ok)
  const alone = verifyOffline({ ...offline(world, other.folder, 'keyed'), notes: [] })
  assert.ok(alone.ok, 'nothing in the file says so')
  assert.deepEqual(
    alone.open.map(({ attack }) => attack),
    ['truncate', 'roll back', 'replace', 'rewrite'],
  )
})

test('a verdict excludes less where less is known', async (t) => {
  const world = await makeWorld(t)
  const open = (notes: readonly string[], mode: Mode) => {
    const verdict = verifyOffline({ ...offline(world, world.folder, mode), notes })
    assert.ok(verdict.ok, JSON.stringify(verdict))
    return verdict.open.map(({ attack }) => attack)
  }
  assert.deepEqual(open(world.notes, 'keyed'), ['truncate', 'rewrite'])
  assert.deepEqual(open(world.notes, 'public'), ['truncate', 'rewrite'])
  assert.deepEqual(open([], 'public'), ['truncate', 'roll back', 'replace', 'rewrite'])
})

function both(expected: Expected): Pick<Attack, Mode> {
  return { keyed: expected, public: expected }
}

type Mode = 'keyed' | 'public'

// 120 entries of three workspaces; the first 40 removed by retention in two cuts; personal data.
async function makeWorld(t: TestContext): Promise<World> {
  const one = await openInstance(t, makeFolder(t))
  const notes: string[] = []
  const grow = async (size: number) => {
    for (let seq = sizeOf(one) + 1; seq <= size; seq++) {
      const scope = seq % 3 === 0 ? globex : seq % 7 === 0 ? one.caller.scope : acme
      const caller: Caller = { ...one.caller, scope, personal: { name: 'Ada', ip: '192.0.2.7' } }
      await one.record(`rul_${seq}`, caller)
    }
  }
  for (const size of SIGNED) {
    await grow(size)
    const anchor = await one.audit.checkpoint()
    notes.push(anchor!.note)
    if (size === 40) {
      const by = { at: 1, actor: 'system:test', requestId: 'req_1' }
      for (const cut of [20, 40])
        await one.db.write(one.caller, (tx) => pruneLog(tx, one.keys.audit, cut, by))
    }
  }
  await grow(SIZE)
  const { audit: keys } = one.keys
  await one.db.close() // without a last checkpoint
  return { folder: one.folder, notes, keys }
}

function sizeOf(one: TestInstance): number {
  return one.db.reader.prepare('select seq from auditHead').pluck().get() as number
}

function attacked(
  t: TestContext,
  world: World,
  run: (file: Sqlite.Database, world: World) => void,
): string {
  const folder = makeFolder(t)
  cpSync(world.folder, folder, { recursive: true })
  const file = new Sqlite(path.join(folder, 'rulewright.db'))
  file.exec('drop trigger auditEntryKept; drop trigger auditEntryFixed')
  run(file, world)
  file.close()
  return folder
}

function offline({ notes, keys }: World, folder: string, mode: Mode) {
  const { origin, verifyKeys } = keys
  const secrets = [readMasterSecret(path.join(folder, 'master.secret'))]
  const by = mode === 'keyed' ? { secrets } : { keys: { origin, verifyKeys } }
  return { database: path.join(folder, 'rulewright.db'), notes, by }
}

// The product's verdict, once the second verifier agrees.
function judge(world: World, folder: string, mode: Mode): Verdict {
  const given = offline(world, folder, mode)
  const verdict = verifyOffline(given)
  const second = judgeDatabase(given.database, trustedOf(world.keys, mode === 'keyed'), [
    ...world.notes,
  ])
  const [first, other] = [summary(verdict), second.ok ? second.size : -second.at]
  assert.equal(first, other, `${JSON.stringify(verdict)} and ${JSON.stringify(second)}`)
  return verdict
}

const summary = (verdict: Verdict): number => (verdict.ok ? verdict.size : -verdict.seq)

// What the attacker owns: every table, and everything that needs no key. Row 0 is entry 41.

function read(file: Sqlite.Database): Row[] {
  return file.prepare('select * from auditEntry order by seq').all() as Row[]
}

const forged = (rows: Row[]): Row[] => rows.with(19, { ...rows[19]!, data: '{"forged":true}' })

function frontierOf(file: Sqlite.Database, rows: readonly Row[]): Frontier {
  const segment = file
    .prepare('select lastSeq, frontier from auditSegment order by lastSeq desc')
    .get() as { lastSeq: number; frontier: Buffer }
  const kept = decodeFrontier(segment.lastSeq, segment.frontier)
  return rows.reduce((frontier, { leaf }) => appendLeaf(frontier, leaf), kept)
}

// Writes the rows and everything derived from them.
function rewrite(file: Sqlite.Database, rows: readonly Row[]): void {
  const { sql } = file.prepare("select sql from sqlite_schema where name = 'auditEntry'").get() as {
    sql: string
  }
  const loose = sql.replace(/constraint "auditEntryPlace" unique \([^)]*\)/, 'check (1)')
  file.exec(`drop table auditEntry; ${loose}`)
  const columns = Object.keys(rows[0]!) as (keyof Row)[]
  const insert = file.prepare(
    `insert into auditEntry (${columns.join(', ')}) values (${columns.map(() => '?').join(', ')})`,
  )
  for (const row of rows) insert.run(columns.map((column) => row[column]))
  const last = rows.at(-1)!
  file
    .prepare('update auditHead set seq = ?, chain = ?, frontier = ?')
    .run(last.seq, last.chain, encodeFrontier(frontierOf(file, rows)))
  const seqs = new Map(rows.map((row) => [row.workspaceId, row.workspaceSeq]))
  const head = file.prepare('update auditWorkspaceHead set seq = ? where workspaceId = ?')
  for (const [workspaceId, seq] of seqs) head.run(seq, workspaceId)
  file.prepare('delete from auditCheckpoint where size > ?').run(last.seq)
}

function renumber(rows: readonly Row[]): Row[] {
  const seqs = new Map<string, number>()
  return rows.map((row, i) => {
    const workspaceSeq = (seqs.get(row.workspaceId) ?? row.workspaceSeq - 1) + 1
    seqs.set(row.workspaceId, workspaceSeq)
    return { ...row, seq: i + 41, workspaceSeq }
  })
}

function recompute(rows: readonly Row[], keys?: AuditKeys): Row[] {
  let chain = CHAIN_START
  let isTouched = false
  return rows.map((row) => {
    const leaf = leafHash(row)
    isTouched ||= !leaf.equals(row.leaf)
    const link = keys
      ? nextChain(keys.macKeys[0]!.key, chain, leaf)
      : createHash('sha256').update(chain).update(leaf).digest()
    chain = isTouched ? link : row.chain
    return { ...row, leaf, chain }
  })
}
