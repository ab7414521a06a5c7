// One world per test: a temporary folder, a real database, keys, the cast.

import { createPrivateKey, createPublicKey, createSecretKey } from 'node:crypto'
import { rmSync } from 'node:fs'
import type { TestContext } from 'node:test'
import type { Kysely } from 'kysely'
import type { AuditKeys } from '#platform/audit/keys.ts'
import { appendEntry, createLog, type EntryInput } from '#platform/audit/log.ts'
import {
  openDatabase,
  PRODUCT_SCHEMA,
  type DatabaseOptions,
  type DatabaseSchema,
  type SqliteDatabase,
} from '#platform/db/database.ts'
import { instanceTable, integer, text, workspaceTable } from '#platform/db/columns.ts'
import type { SchemaDatabase, SchemaEngine } from '#platform/db/engine/schema-engine.ts'
import { makeScope } from '#platform/db/scope.ts'
import type { RowsOf } from '#platform/db/tables.ts'
import type { Reader, Tx } from '#platform/db/tx.ts'
import { newFolder } from './folder.ts'

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
  macKeys: [{ fromSeq: 1, key: createSecretKey(Buffer.alloc(32, 7)) }],
  verifyKeys: [{ fromSeq: 1, key: createPublicKey(signKey) }],
  signKey,
  rowKey: createSecretKey(Buffer.alloc(32, 8)),
}

// Tables of the tests' own, so that the walls are tried on shapes the product may get later.
export const SAMPLE_TABLES = {
  sampleRule: workspaceTable({
    workspaceId: text(),
    id: text(),
    name: text(),
    updatedAt: integer(),
  }),
  sampleVersion: workspaceTable({
    workspaceId: text(),
    ruleId: text(),
    number: integer(),
    body: text(),
  }),
  sampleSetting: instanceTable({ name: text(), value: text() }),
} as const

export type SampleRows = RowsOf<typeof SAMPLE_TABLES>

export const SAMPLE_SCHEMA: DatabaseSchema = {
  migrations: [...PRODUCT_SCHEMA.migrations, { number: 9_000, name: 'sample', up: createSamples }],
  tables: { ...PRODUCT_SCHEMA.tables, ...SAMPLE_TABLES },
}

async function createSamples(db: SchemaDatabase, engine: SchemaEngine): Promise<void> {
  await engine
    .table(db, 'sampleRule', { byKey: true })
    .addColumn('workspaceId', 'text', (c) => c.notNull())
    .addColumn('id', 'text', (c) => c.notNull())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('updatedAt', engine.integer, (c) => c.notNull())
    .addPrimaryKeyConstraint('sampleRuleKey', ['workspaceId', 'id'])
    .execute()
  await engine
    .table(db, 'sampleVersion', { byKey: true })
    .addColumn('workspaceId', 'text', (c) => c.notNull())
    .addColumn('ruleId', 'text', (c) => c.notNull())
    .addColumn('number', engine.integer, (c) => c.notNull())
    .addColumn('body', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('sampleVersionKey', ['workspaceId', 'ruleId', 'number'])
    .addForeignKeyConstraint('sampleVersionRule', ['workspaceId', 'ruleId'], 'sampleRule', [
      'workspaceId',
      'id',
    ])
    .execute()
  await engine
    .table(db, 'sampleSetting')
    .addColumn('name', 'text', (c) => c.primaryKey().notNull())
    .addColumn('value', 'text', (c) => c.notNull())
    .execute()
}

/** The same handle, seen with the sample tables; its type knows only the product's. */
export function samples(handle: Reader | Tx): Kysely<SampleRows> {
  return handle as unknown as Kysely<SampleRows>
}

export function openSampleDatabase(
  folder: string,
  options: DatabaseOptions = {},
): Promise<SqliteDatabase> {
  return openDatabase(folder, { schema: SAMPLE_SCHEMA, ...options })
}

export function makeFolder(t: TestContext): string {
  const folder = newFolder('db')
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

export async function makeWorld(
  t: TestContext,
  options: DatabaseOptions = {},
): Promise<{ db: SqliteDatabase; folder: string }> {
  const folder = makeFolder(t)
  const db = await openSampleDatabase(folder, options)
  t.after(() => db.close())
  await db.write({ scope: acme }, createLog)
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
  await samples(tx)
    .insertInto('sampleRule')
    .values({ workspaceId: tx.scope.workspaceId, id, name: id, updatedAt: 1 })
    .execute()
  await appendEntry(tx, keys, entry({ target: id }))
}

export function ruleIds(db: SqliteDatabase): string[] {
  return (db.reader.prepare('select id from sampleRule').all() as { id: string }[]).map(
    (row) => row.id,
  )
}
