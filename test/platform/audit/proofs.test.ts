import assert from 'node:assert/strict'
import { join } from 'node:path'
import test from 'node:test'
import Sqlite from 'better-sqlite3'
import { appendEntry } from '#platform/audit/log.ts'
import { isConsistent, isIncluded } from '#platform/audit/merkle.ts'
import {
  listSignedHeads,
  proveConsistency,
  proveInclusion,
  rootOf,
} from '#platform/audit/proofs.ts'
import { pruneLog } from '#platform/audit/retention.ts'
import { writeCheckpoint } from '#platform/audit/signing.ts'
import type { SqliteDatabase } from '#platform/db/database.ts'
import { acme, entry, globex, keys, makeWorld } from '#test/support/database.ts'

const by = { at: 1, actor: 'usr_ada', requestId: 'req_1' }

test('every entry and every checkpoint has a proof, whatever was signed when', async (t) => {
  const rounds = [
    { growth: [1, 1, 1, 1, 4, 8, 16, 32], cut: 4 },
    { growth: [7, 31, 2, 19, 40, 5, 23, 1, 12], cut: 59 },
    { growth: [64, 64, 1, 63, 1], cut: 128 },
    { growth: [3, 100, 30, 57], cut: 3 },
  ]
  for (const { growth, cut } of rounds) {
    const { db } = await makeWorld(t)
    for (const count of growth) await growAndSign(db, count)
    await proveAll(db, 1)
    await db.write({ scope: acme }, (tx) => pruneLog(tx, keys, cut, by))
    await growAndSign(db, 21)
    await proveAll(db, cut + 1)
    assert.equal(await db.inspect(proveInclusion(cut)), undefined, 'what was removed')
  }
})

test('an entry that nobody signed yet has no proof, and an unsigned size no continuation', async (t) => {
  const { db } = await makeWorld(t)
  await growAndSign(db, 10)
  await db.write({ scope: acme }, (tx) => appendEntry(tx, keys, entry()))
  assert.equal(await db.inspect(proveInclusion(11)), undefined)
  assert.equal(await db.inspect(proveInclusion(12)), undefined)
  assert.equal(await db.inspect(proveConsistency(9)), undefined)
  assert.equal((await db.inspect(proveConsistency(10)))?.path.length, 0, 'the newest itself')
})

test('a proof that does not lead to the signed root is never handed out', async (t) => {
  const { db, folder } = await makeWorld(t)
  for (const count of [30, 30, 30]) await growAndSign(db, count)
  const file = new Sqlite(join(folder, 'rulewright.db'))
  file.exec('update auditCheckpoint set frontier = zeroblob(length(frontier)) where size = 60')
  file.close()
  await assert.rejects(db.inspect(proveInclusion(70)), { code: 'conflict' })
  await assert.rejects(db.inspect(proveConsistency(30)), { code: 'conflict' })
})

async function growAndSign(db: SqliteDatabase, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    const scope = i % 3 === 0 ? globex : acme
    await db.write({ scope }, (tx) => appendEntry(tx, keys, entry({ target: `rul_${i}` })))
  }
  await db.write({ scope: acme }, (tx) => writeCheckpoint(tx, keys, 1))
}

async function proveAll(db: SqliteDatabase, first: number): Promise<void> {
  const heads = await db.inspect(listSignedHeads(100))
  const [{ size }] = heads as [(typeof heads)[number]]
  for (let seq = first; seq <= size; seq++) {
    const proof = await db.inspect(proveInclusion(seq))
    assert.ok(proof, `entry ${seq} of ${size}`)
    const { leaf, head, path } = proof
    assert.ok(isIncluded({ index: seq - 1, size, leaf, root: rootOf(head), proof: path }))
  }
  for (const old of heads) {
    const proof = await db.inspect(proveConsistency(old.size))
    assert.ok(proof, `from ${old.size} to ${size}`)
    const claim = { oldSize: old.size, oldRoot: rootOf(old), size, root: rootOf(proof.head) }
    assert.ok(isConsistent({ ...claim, proof: proof.path }))
  }
}
