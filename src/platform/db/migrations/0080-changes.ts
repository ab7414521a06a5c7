// Changes: what is to become of which rules on which targets, the people who decided on it, what they
// said, and everything that happened to it.

import { sql } from 'kysely'
import type { SchemaDatabase, SchemaEngine } from '#platform/db/engine/schema-engine.ts'

export async function up(db: SchemaDatabase, engine: SchemaEngine): Promise<void> {
  await createChanges(db, engine)
  await createItems(db, engine)
  await createSignatures(db, engine)
  await createTalk(db, engine)
  await createProposals(db, engine)
}

async function createChanges(db: SchemaDatabase, engine: SchemaEngine): Promise<void> {
  await engine
    .table(db, 'change')
    .addColumn('workspaceId', 'text', (c) => c.notNull())
    .addColumn('id', 'text', (c) => c.notNull())
    .addColumn('title', 'text', (c) => c.notNull())
    .addColumn('why', 'text', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull().check(sql`state in (${STATES})`))
    .addColumn('origin', 'text', (c) => c.notNull())
    .addColumn('author', 'text')
    .addColumn('editors', 'text', (c) => c.notNull().check(engine.isJson('editors')))
    .addColumn('createdAt', engine.integer, (c) => c.notNull())
    .addColumn('createdBy', 'text', (c) => c.notNull())
    .addColumn('updatedAt', engine.integer, (c) => c.notNull())
    .addColumn('submittedAt', engine.integer)
    .addColumn('expiresAt', engine.integer)
    // Since then a target is out of reach, and the time of the approval does not run.
    .addColumn('heldSince', engine.integer)
    .addColumn('remindedAt', engine.integer)
    .addColumn('hash', 'text', (c) => c.notNull())
    .addColumn('itemCount', engine.integer, (c) => c.notNull())
    .addColumn('policy', 'text', (c) => c.notNull().check(engine.isJson('policy')))
    .addColumn('version', engine.integer, (c) => c.notNull())
    .addPrimaryKeyConstraint('changeKey', ['workspaceId', 'id'])
    .execute()
  await db.schema
    .createIndex('changeByState')
    .on('change')
    .columns(['workspaceId', 'state', 'id'])
    .execute()
}

const STATES = sql.raw(
  "'draft', 'in_review', 'changes_requested', 'approved', 'deploying', 'deployed', 'failed', 'rolled_back', 'rejected', 'withdrawn', 'expired'",
)

async function createItems(db: SchemaDatabase, engine: SchemaEngine): Promise<void> {
  await engine
    .table(db, 'changeItem')
    .addColumn('workspaceId', 'text', (c) => c.notNull())
    .addColumn('changeId', 'text', (c) => c.notNull())
    .addColumn('number', engine.integer, (c) => c.notNull())
    .addColumn('ruleId', 'text', (c) => c.notNull())
    // As they were called then: what is gone since keeps its name here.
    .addColumn('ruleTitle', 'text', (c) => c.notNull())
    .addColumn('targetId', 'text', (c) => c.notNull())
    .addColumn('targetName', 'text', (c) => c.notNull())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('action', 'text', (c) => c.notNull())
    .addColumn('version', engine.integer)
    // Asked for by number; null for the newest whenever it is rendered again.
    .addColumn('wantedVersion', engine.integer)
    .addColumn('body', 'text', (c) => c.check(sql`body is null or ${engine.isJson('body')}`))
    .addColumn('bodyHash', 'text')
    // The body in the spelling in which the target is read back, to be held against what stands there.
    .addColumn('becomes', 'text', (c) =>
      c.check(sql`becomes is null or ${engine.isJson('becomes')}`),
    )
    .addColumn('replaces', 'text', (c) =>
      c.check(sql`replaces is null or ${engine.isJson('replaces')}`),
    )
    .addColumn('inputs', 'text', (c) => c.notNull().check(engine.isJson('inputs')))
    .addColumn('madeFrom', 'text', (c) => c.notNull())
    .addColumn('problems', 'text', (c) => c.notNull().check(engine.isJson('problems')))
    .addColumn('waivers', 'text', (c) => c.notNull().check(engine.isJson('waivers')))
    .addPrimaryKeyConstraint('changeItemKey', ['workspaceId', 'changeId', 'number'])
    .addUniqueConstraint('changeItemPlace', ['workspaceId', 'changeId', 'ruleId', 'targetId'])
    .addForeignKeyConstraint('changeItemOf', ['workspaceId', 'changeId'], 'change', [
      'workspaceId',
      'id',
    ])
    .execute()
  await db.schema
    .createIndex('changeItemOfRule')
    .on('changeItem')
    .columns(['workspaceId', 'ruleId'])
    .execute()
}

async function createSignatures(db: SchemaDatabase, engine: SchemaEngine): Promise<void> {
  await engine
    .table(db, 'changeSignature')
    .addColumn('workspaceId', 'text', (c) => c.notNull())
    .addColumn('changeId', 'text', (c) => c.notNull())
    .addColumn('number', engine.integer, (c) => c.notNull())
    .addColumn('userId', 'text', (c) => c.notNull())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('decision', 'text', (c) =>
      c.notNull().check(sql`decision in ('approve', 'reject', 'request_changes')`),
    )
    .addColumn('hash', 'text', (c) => c.notNull())
    .addColumn('comment', 'text', (c) => c.notNull())
    .addColumn('at', engine.integer, (c) => c.notNull())
    .addColumn('voidedBecause', 'text')
    // The answer of a passkey to the hash, with its public key: to be verified by anybody, offline.
    .addColumn('passkey', 'text', (c) =>
      c.check(sql`passkey is null or ${engine.isJson('passkey')}`),
    )
    // Canonical JSON, signed as these bytes by the key of the log.
    .addColumn('statement', 'text', (c) => c.notNull())
    .addColumn('signature', 'text', (c) => c.notNull())
    .addColumn('keySeq', engine.integer, (c) => c.notNull())
    .addPrimaryKeyConstraint('changeSignatureKey', ['workspaceId', 'changeId', 'number'])
    .addForeignKeyConstraint('changeSignatureOf', ['workspaceId', 'changeId'], 'change', [
      'workspaceId',
      'id',
    ])
    .execute()
}

async function createTalk(db: SchemaDatabase, engine: SchemaEngine): Promise<void> {
  await engine
    .table(db, 'changeComment')
    .addColumn('workspaceId', 'text', (c) => c.notNull())
    .addColumn('changeId', 'text', (c) => c.notNull())
    .addColumn('number', engine.integer, (c) => c.notNull())
    .addColumn('by', 'text', (c) => c.notNull())
    .addColumn('text', 'text', (c) => c.notNull())
    .addColumn('at', engine.integer, (c) => c.notNull())
    .addPrimaryKeyConstraint('changeCommentKey', ['workspaceId', 'changeId', 'number'])
    .addForeignKeyConstraint('changeCommentOf', ['workspaceId', 'changeId'], 'change', [
      'workspaceId',
      'id',
    ])
    .execute()
  await engine
    .table(db, 'changeEvent')
    .addColumn('workspaceId', 'text', (c) => c.notNull())
    .addColumn('changeId', 'text', (c) => c.notNull())
    .addColumn('number', engine.integer, (c) => c.notNull())
    .addColumn('what', 'text', (c) => c.notNull())
    .addColumn('reason', 'text', (c) => c.notNull())
    .addColumn('by', 'text', (c) => c.notNull())
    .addColumn('at', engine.integer, (c) => c.notNull())
    .addPrimaryKeyConstraint('changeEventKey', ['workspaceId', 'changeId', 'number'])
    .addForeignKeyConstraint('changeEventOf', ['workspaceId', 'changeId'], 'change', [
      'workspaceId',
      'id',
    ])
    .execute()
}

// A policy that would weaken review waits here for another person.
async function createProposals(db: SchemaDatabase, engine: SchemaEngine): Promise<void> {
  await engine
    .table(db, 'policyProposal')
    .addColumn('workspaceId', 'text', (c) => c.notNull().primaryKey())
    .addColumn('policy', 'text', (c) => c.notNull().check(engine.isJson('policy')))
    .addColumn('version', engine.integer, (c) => c.notNull())
    .addColumn('askedAt', engine.integer, (c) => c.notNull())
    .addColumn('askedBy', 'text', (c) => c.notNull())
    .addColumn('mac', engine.bytes, (c) => c.notNull())
    .execute()
}
