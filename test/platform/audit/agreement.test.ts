// The product and the second verifier agree on logs made at random, on every kind of damage to one
// cell of them, on exports and on single proofs. The randomness is seeded: each run is the same.

import assert from 'node:assert/strict'
import { cpSync } from 'node:fs'
import path from 'node:path'
import test from 'node:test'
import Sqlite from 'better-sqlite3'
import { EXPORT_ACTION, exportLines } from '#platform/audit/export.ts'
import { verifyOffline } from '#platform/audit/offline.ts'
import { listSignedHeads, proveConsistency, proveInclusion } from '#platform/audit/proofs.ts'
import { pruneLog } from '#platform/audit/retention.ts'
import type { Caller } from '#platform/caller.ts'
import { readMasterSecret } from '#platform/keys/master.ts'
import { acme, globex, makeFolder } from '#test/support/database.ts'
import { thoroughly } from '#test/support/thorough.ts'
import { openInstance, type TestInstance } from '#test/support/trust.ts'
import { isGrownFrom, judgeDatabase, judgeExport, openNote, rootByPath } from './second-verifier.ts'
import { trustedOf } from './trusted.ts'

const SEEDS = thoroughly([1], [1, 2, 3])
const DAMAGES = 20

test('two verifiers agree on random logs and on random damage to them', async (t) => {
  let seen = 0
  for (const seed of SEEDS) {
    const random = lottery(seed)
    const one = await openInstance(t, makeFolder(t))
    await live(one, random)
    await one.close()
    assert.equal(judgeBoth(one, one.folder) > 0, true, `seed ${seed} makes a sound log`)
    for (let i = 0; i < DAMAGES; i++) {
      const copy = makeFolder(t)
      cpSync(one.folder, copy, { recursive: true })
      damage(path.join(copy, 'rulewright.db'), random)
      if (judgeBoth(one, copy) < 0) seen += 1
    }
  }
  t.diagnostic(`${seen} of ${SEEDS.length * DAMAGES} damages broke a log`)
  assert.ok(seen > SEEDS.length * DAMAGES * 0.8, 'the premise: damage is damage')
})

test('two verifiers agree on an export, whole and cut', async (t) => {
  const one = await openInstance(t, makeFolder(t))
  await live(one, lottery(7))
  const caller = { ...one.caller, scope: acme, now: one.clock.now() }
  await one.db.write(caller, (tx) =>
    one.audit.record(tx, caller, { action: EXPORT_ACTION, target: 'wsp_acme', data: {} }),
  )
  await one.audit.checkpoint()
  const { workspaceId } = acme
  const lines: string[] = []
  const options = { workspaceId, keys: one.keys.audit, exportedAt: caller.now }
  for await (const line of exportLines(one.db, options)) lines.push(line)
  const trusted = trustedOf(one.keys.audit, false)
  const whole = judgeExport(lines, trusted)
  assert.ok(whole.ok, JSON.stringify(whole))
  for (let i = 0; i < lines.length; i++) {
    assert.ok(!judgeExport(lines.toSpliced(i, 1), trusted).ok, `without line ${i + 1}`)
    if (i === 0) continue
    const edited = lines[i]!.replace(/\d/, (digit) => String((Number(digit) + 1) % 10))
    assert.ok(!judgeExport(lines.with(i, edited), trusted).ok, `another line ${i + 1}: ${edited}`)
  }
})

test('single proofs hold for a verifier who shares no code with the prover', async (t) => {
  const one = await openInstance(t, makeFolder(t))
  await live(one, lottery(8))
  const trusted = trustedOf(one.keys.audit, false)
  const heads = await one.db.inspect(listSignedHeads(1_000))
  const seqs = one.db.reader.prepare('select seq from auditEntry').pluck().all() as number[]
  for (const seq of seqs) {
    const proof = (await one.db.inspect(proveInclusion(seq)))!
    const note = openNote(proof.head.note, trusted)!
    assert.ok(rootByPath(seq, note.size, proof.leaf, [...proof.path]).equals(note.root), `${seq}`)
    const wrong = rootByPath(seq === 1 ? 2 : seq - 1, note.size, proof.leaf, [...proof.path])
    assert.ok(!wrong.equals(note.root), `${seq} in the place of another`)
  }
  for (const old of heads) {
    const proof = (await one.db.inspect(proveConsistency(old.size)))!
    const [then, now] = [openNote(old.note, trusted)!, openNote(proof.head.note, trusted)!]
    assert.ok(isGrownFrom(then, now, proof.path), `${then.size} to ${now.size}`)
    const other = { ...then, root: now.root }
    assert.ok(then.size === now.size || !isGrownFrom(other, now, proof.path))
  }
})

type Lottery = (below: number) => number

// A small generator of our own: the same numbers on every machine.
function lottery(seed: number): Lottery {
  let state = seed * 2_654_435_761
  return (below) => {
    state = (Math.imul(state ^ (state >>> 15), 2_246_822_519) + 0x9e3779b9) >>> 0
    return ((state ^ (state >>> 13)) >>> 0) % below
  }
}

// Some weeks of an instance: entries of several people, signatures, erasures, a cut or two.
async function live(one: TestInstance, random: Lottery): Promise<void> {
  const people = ['system:ada', 'system:ravi', 'system:vera'] as const
  const texts = ['rul_1', 'with "quotes"', 'é€😀', 'back\\slash', 'line\nbreak', '']
  for (let i = 0; i < 90; i++) {
    const caller: Caller = {
      ...one.caller,
      actor: people[random(3)]!,
      scope: [acme, globex, one.caller.scope][random(3)]!,
      ...(random(2) === 0 && { personal: { name: texts[random(6)]!, ip: '192.0.2.7' } }),
    }
    await one.record(texts[random(6)]!, caller)
    if (random(9) === 0) await one.audit.checkpoint()
    if (random(30) === 0)
      await one.db.write(caller, (tx) => one.audit.erasePersonal(tx, caller, people[random(3)]!))
    if (random(25) === 0) await prune(one)
  }
  await one.audit.checkpoint()
}

async function prune(one: TestInstance): Promise<void> {
  const heads = await one.db.inspect(listSignedHeads(3))
  const cut = heads.at(-1)
  const kept = one.db.reader.prepare('select min(seq) from auditEntry').pluck().get() as number
  if (!cut || cut.size < kept) return
  const by = { at: 1, actor: 'system:test', requestId: 'req_1' }
  await one.db.write(one.caller, (tx) => pruneLog(tx, one.keys.audit, cut.size, by))
}

const CELLS: Readonly<Record<string, readonly string[]>> = {
  auditEntry: [
    'workspaceId',
    'workspaceSeq',
    'at',
    'actor',
    'action',
    'target',
    'requestId',
    'data',
    'commitment',
    'leaf',
    'chain',
    'seq',
  ],
  auditHead: ['seq', 'chain', 'frontier'],
  auditWorkspaceHead: ['seq'],
  auditCheckpoint: ['note', 'frontier'],
  auditSegment: ['note', 'frontier', 'chain', 'firstSeq', 'workspaceSeqs'],
}

// Changes one cell, or takes a row away.
function damage(database: string, random: Lottery): void {
  const file = new Sqlite(database)
  file.exec('drop trigger auditEntryKept; drop trigger auditEntryFixed')
  const tables = ['auditEntry', ...Object.keys(CELLS)] // most of it is entries
  const table = tables[random(tables.length)]!
  const rowids = file
    .prepare(`select ${keyOf(table)} from ${table}`)
    .pluck()
    .all()
  const columns = CELLS[table]!
  const column = columns[random(columns.length)]!
  const id = rowids.length === 0 ? null : rowids[random(rowids.length)]
  if (random(6) === 0) file.prepare(`delete from ${table} where ${keyOf(table)} = ?`).run(id)
  else {
    const cell = `select ${column} from ${table} where ${keyOf(table)} = ?`
    const value: unknown = file.prepare(cell).pluck().get(id)
    const changed = `update ${table} set ${column} = ? where ${keyOf(table)} = ?`
    file.prepare(changed).run(changedValue(value, random), id)
  }
  file.close()
}

function keyOf(table: string): string {
  const keys: Readonly<Record<string, string>> = {
    auditEntry: 'seq',
    auditHead: 'id',
    auditWorkspaceHead: 'workspaceId',
    auditCheckpoint: 'size',
    auditSegment: 'lastSeq',
  }
  return keys[table]!
}

function changedValue(value: unknown, random: Lottery): unknown {
  if (typeof value === 'number') return value + 1_000 + random(3)
  if (Buffer.isBuffer(value) && value.length > 0) {
    const bytes = Buffer.from(value)
    const at = random(bytes.length)
    bytes.writeUInt8(bytes[at]! ^ (1 + random(255)), at)
    return bytes
  }
  if (value === null) return Buffer.alloc(32)
  const text = String(value)
  return text.startsWith('{') ? '{"x":1}' : `${text.slice(0, -1)}x`
}

/** The size of the log, or the first bad entry with a minus sign; with all keys, then without. */
function judgeBoth(one: TestInstance, folder: string): number {
  const database = path.join(folder, 'rulewright.db')
  const secret = readMasterSecret(path.join(folder, 'master.secret'))
  const { audit } = one.keys
  const { origin, verifyKeys } = audit
  const results = [true, false].map((isKeyed) => {
    const by = isKeyed ? { secrets: [secret] } : { keys: { origin, verifyKeys } }
    const verdict = verifyOffline({ database, notes: [], by })
    const second = judgeDatabase(database, trustedOf(audit, isKeyed), [])
    const first = verdict.ok ? verdict.size : -verdict.seq
    const said = `${JSON.stringify(verdict)} and ${JSON.stringify(second)}`
    assert.equal(second.ok ? second.size : -second.at, first, said)
    return first
  })
  return results[0]!
}
