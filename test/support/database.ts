// One world per test: a temporary folder, a real database, keys, the cast.

import { createPrivateKey, createPublicKey, createSecretKey } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { appendEntry, createLog, type AuditKeys, type EntryInput } from '#platform/audit/log.ts'
import { openDatabase, type Database, type DatabaseOptions } from '#platform/db/database.ts'
import { makeScope } from '#platform/db/guard.ts'
import type { Tx } from '#platform/db/body.ts'

export const acme = makeScope('wsp_acme')
export const globex = makeScope('wsp_globex')

// PKCS #8 around a fixed seed: Ed25519 signatures are deterministic, so vectors can be fixed.
const signKey = createPrivateKey({
  key: Buffer.from(`302e020100300506032b657004220420${'42'.repeat(32)}`, 'hex'),
  format: 'der',
  type: 'pkcs8',
})

export const keys: AuditKeys = {
  origin: 'rulewright.example/audit/test',
  macKey: createSecretKey(Buffer.alloc(32, 7)),
  signKey,
  verifyKey: createPublicKey(signKey),
}

export function makeFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'recipe-db-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

export async function makeWorld(
  t: TestContext,
  options: DatabaseOptions = {},
): Promise<{ db: Database; folder: string }> {
  const folder = makeFolder(t)
  const db = openDatabase(folder, options)
  t.after(() => db.close())
  await db.write({ scope: acme }, async (tx) => createLog(tx))
  return { db, folder }
}

export function entry(overrides: Partial<EntryInput> = {}): EntryInput {
  return {
    at: 1_790_000_000_000,
    actor: 'usr_ada',
    action: 'rule.update',
    target: 'rul_1',
    outcome: 'done',
    requestId: 'req_1',
    data: { version: 2 },
    personal: { ip: '192.0.2.7', name: 'Ada' },
    ...overrides,
  }
}

export async function saveRule(tx: Tx, id: string): Promise<void> {
  await tx
    .insertInto('rule')
    .values({ workspaceId: tx.scope.workspaceId, id, name: id, updatedAt: 1 })
    .execute()
  appendEntry(tx, keys, entry({ target: id }))
}

export function ruleIds(db: Database): string[] {
  return (db.reader.prepare('select id from rule').all() as { id: string }[]).map((row) => row.id)
}
