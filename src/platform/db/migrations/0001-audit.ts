// Tables of the audit log, and the row the storage probe writes. The triggers are a seat belt, not a
// lock: whoever owns the file can drop them. What catches that person is the keyed chain and the
// checkpoints kept elsewhere.

import { sql } from 'kysely'
import type { SchemaDatabase, SchemaEngine } from '#platform/db/engine/schema-engine.ts'

export async function up(db: SchemaDatabase, engine: SchemaEngine): Promise<void> {
  await createEntries(db, engine)
  await createHeads(db, engine)
  await createCheckpoints(db, engine)
  await engine
    .table(db, 'storageProbe')
    .addColumn('id', engine.integer, (c) =>
      c
        .primaryKey()
        .notNull()
        .check(sql`id = 1`),
    )
    .addColumn('padding', engine.bytes, (c) => c.notNull())
    .execute()
  await keepEntries(db, engine)
}

async function createEntries(db: SchemaDatabase, engine: SchemaEngine): Promise<void> {
  await engine
    .table(db, 'auditEntry')
    .addColumn('seq', engine.integer, (c) => c.primaryKey().notNull())
    .addColumn('workspaceId', 'text', (c) => c.notNull())
    .addColumn('workspaceSeq', engine.integer, (c) => c.notNull())
    .addColumn('at', engine.integer, (c) => c.notNull())
    .addColumn('actor', 'text', (c) => c.notNull())
    .addColumn('action', 'text', (c) => c.notNull())
    .addColumn('target', 'text', (c) => c.notNull())
    .addColumn('outcome', 'text', (c) =>
      c.notNull().check(sql`outcome in ('done', 'refused', 'failed')`),
    )
    .addColumn('requestId', 'text', (c) => c.notNull())
    .addColumn('data', 'text', (c) => c.notNull().check(engine.isJson('data')))
    .addColumn('commitment', engine.bytes) // SHA-256(salt || personal)
    .addColumn('salt', engine.bytes)
    .addColumn('personal', 'text')
    .addColumn('leaf', engine.bytes, (c) => c.notNull()) // RFC 6962 leaf hash
    .addColumn('chain', engine.bytes, (c) => c.notNull()) // HMAC over the value before and the leaf
    .addUniqueConstraint('auditEntryPlace', ['workspaceId', 'workspaceSeq'])
    .execute()
}

async function createHeads(db: SchemaDatabase, engine: SchemaEngine): Promise<void> {
  await engine
    .table(db, 'auditHead')
    .addColumn('id', engine.integer, (c) =>
      c
        .primaryKey()
        .notNull()
        .check(sql`id = 1`),
    )
    .addColumn('seq', engine.integer, (c) => c.notNull())
    .addColumn('chain', engine.bytes, (c) => c.notNull())
    .addColumn('frontier', engine.bytes, (c) => c.notNull()) // 32 bytes each, largest tree first
    .execute()
  await engine
    .table(db, 'auditWorkspaceHead', { byKey: true })
    .addColumn('workspaceId', 'text', (c) => c.primaryKey().notNull())
    .addColumn('seq', engine.integer, (c) => c.notNull())
    .execute()
}

async function createCheckpoints(db: SchemaDatabase, engine: SchemaEngine): Promise<void> {
  await engine
    .table(db, 'auditCheckpoint')
    .addColumn('size', engine.integer, (c) => c.primaryKey().notNull())
    .addColumn('note', 'text', (c) => c.notNull())
    .addColumn('frontier', engine.bytes, (c) => c.notNull())
    .addColumn('at', engine.integer, (c) => c.notNull())
    .execute()
  // What is left of rows that retention removed: enough to verify the rest and prove consistency.
  await engine
    .table(db, 'auditSegment')
    .addColumn('lastSeq', engine.integer, (c) => c.primaryKey().notNull())
    .addColumn('firstSeq', engine.integer, (c) => c.notNull())
    .addColumn('frontier', engine.bytes, (c) => c.notNull())
    .addColumn('chain', engine.bytes, (c) => c.notNull())
    .addColumn('workspaceSeqs', 'text', (c) => c.notNull().check(engine.isJson('workspaceSeqs')))
    .addColumn('note', 'text', (c) => c.notNull())
    .execute()
  // Holds a row only inside the transaction that prunes.
  await engine
    .table(db, 'auditPruning')
    .addColumn('lastSeq', engine.integer, (c) => c.primaryKey().notNull())
    .execute()
}

async function keepEntries(db: SchemaDatabase, engine: SchemaEngine): Promise<void> {
  await engine.refuse(db, {
    name: 'auditEntryKept',
    table: 'auditEntry',
    before: 'delete',
    when: 'not exists (select 1 from "auditPruning" where "lastSeq" >= old."seq")',
    message: 'audit entries are append-only',
  })
  const fixed = ['seq', 'workspaceId', 'workspaceSeq', 'at', 'actor', 'action', 'target', 'outcome']
  const alsoFixed = ['requestId', 'data', 'commitment', 'leaf', 'chain']
  const changed = [...fixed, ...alsoFixed].map(
    (name) => `new."${name}" is distinct from old."${name}"`,
  )
  // The one allowed update erases personal data.
  await engine.refuse(db, {
    name: 'auditEntryFixed',
    table: 'auditEntry',
    before: 'update',
    when: ['new."personal" is not null', 'new."salt" is not null', ...changed].join(' or '),
    message: 'audit entries are append-only',
  })
}
