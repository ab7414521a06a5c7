// People and what lets them in. All of it but idempotency keys belongs to the instance: a session, a
// membership or a token is found before there is a scope, and is what a scope is made from.
// Rows that decide access carry a digest under the master secret (`mac`), which only their stores
// write and read.

import { sql } from 'kysely'
import type { SchemaDatabase, SchemaEngine } from '#platform/db/engine/schema-engine.ts'

export async function up(db: SchemaDatabase, engine: SchemaEngine): Promise<void> {
  await createUsers(db, engine)
  await createMemberships(db, engine)
  await createSessions(db, engine)
  await createFactors(db, engine)
  await createLinks(db, engine)
  await createTokens(db, engine)
  await createPolicies(db, engine)
  await createMessages(db, engine)
}

async function createUsers(db: SchemaDatabase, engine: SchemaEngine): Promise<void> {
  await engine
    .table(db, 'user')
    .addColumn('id', 'text', (c) => c.primaryKey().notNull())
    .addColumn('email', 'text', (c) => c.unique())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('state', 'text', (c) =>
      c.notNull().check(sql`state in ('active', 'suspended', 'erased')`),
    )
    .addColumn('isOwner', engine.integer, (c) => c.notNull().check(sql`"isOwner" in (0, 1)`))
    .addColumn('passwordHash', 'text')
    .addColumn('passwordChangedAt', engine.integer)
    .addColumn('timeZone', 'text')
    .addColumn('createdAt', engine.integer, (c) => c.notNull())
    .addColumn('createdBy', 'text', (c) => c.notNull())
    .addColumn('mac', engine.bytes, (c) => c.notNull())
    .addCheckConstraint('userErased', sql`(state = 'erased') = (email is null)`)
    .execute()
}

async function createMemberships(db: SchemaDatabase, engine: SchemaEngine): Promise<void> {
  await engine
    .table(db, 'membership')
    .addColumn('workspaceId', 'text', (c) => c.notNull().references('workspace.id'))
    .addColumn('userId', 'text', (c) => c.notNull().references('user.id'))
    .addColumn('role', 'text', (c) =>
      c.notNull().check(sql`role in ('admin', 'engineer', 'analyst', 'viewer')`),
    )
    .addColumn('isAuditor', engine.integer, (c) => c.notNull().check(sql`"isAuditor" in (0, 1)`))
    .addColumn('approver', 'text', (c) =>
      c.notNull().check(sql`approver in ('no', 'asked', 'yes')`),
    )
    .addColumn('approverAskedBy', 'text')
    .addColumn('createdAt', engine.integer, (c) => c.notNull())
    .addColumn('createdBy', 'text', (c) => c.notNull())
    .addColumn('mac', engine.bytes, (c) => c.notNull())
    .addPrimaryKeyConstraint('membershipKey', ['workspaceId', 'userId'])
    .execute()
  await db.schema.createIndex('membershipUser').on('membership').columns(['userId']).execute()
}

async function createSessions(db: SchemaDatabase, engine: SchemaEngine): Promise<void> {
  await engine
    .table(db, 'session')
    .addColumn('key', 'text', (c) => c.primaryKey().notNull())
    .addColumn('id', 'text', (c) => c.notNull().unique())
    .addColumn('userId', 'text', (c) => c.notNull().references('user.id'))
    .addColumn('factors', 'text', (c) => c.notNull().check(engine.isJson('factors')))
    .addColumn('startedAt', engine.integer, (c) => c.notNull())
    .addColumn('usedAt', engine.integer, (c) => c.notNull())
    .addColumn('provedAt', engine.integer, (c) => c.notNull())
    .addColumn('deviceKey', 'text')
    .addColumn('userAgent', 'text', (c) => c.notNull())
    .addColumn('ip', 'text', (c) => c.notNull())
    .execute()
  await db.schema.createIndex('sessionUser').on('session').columns(['userId']).execute()
  await engine
    .table(db, 'device')
    .addColumn('key', 'text', (c) => c.notNull())
    .addColumn('userId', 'text', (c) => c.notNull().references('user.id'))
    .addColumn('userAgent', 'text', (c) => c.notNull())
    .addColumn('firstAt', engine.integer, (c) => c.notNull())
    .addColumn('lastAt', engine.integer, (c) => c.notNull())
    .addPrimaryKeyConstraint('deviceKey', ['userId', 'key'])
    .execute()
  await engine
    .table(db, 'signInThrottle')
    .addColumn('key', 'text', (c) => c.primaryKey().notNull())
    .addColumn('failures', engine.integer, (c) => c.notNull())
    .addColumn('firstAt', engine.integer, (c) => c.notNull())
    .addColumn('lastAt', engine.integer, (c) => c.notNull())
    .addColumn('blockedUntil', engine.integer, (c) => c.notNull())
    .execute()
}

async function createFactors(db: SchemaDatabase, engine: SchemaEngine): Promise<void> {
  await engine
    .table(db, 'passkey')
    .addColumn('id', 'text', (c) => c.primaryKey().notNull())
    .addColumn('userId', 'text', (c) => c.notNull().references('user.id'))
    .addColumn('credentialId', 'text', (c) => c.notNull().unique())
    .addColumn('publicKey', engine.bytes, (c) => c.notNull())
    .addColumn('counter', engine.integer, (c) => c.notNull())
    .addColumn('transports', 'text', (c) => c.notNull().check(engine.isJson('transports')))
    .addColumn('isBackedUp', engine.integer, (c) => c.notNull())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('createdAt', engine.integer, (c) => c.notNull())
    .addColumn('usedAt', engine.integer)
    .addColumn('mac', engine.bytes, (c) => c.notNull())
    .execute()
  await db.schema.createIndex('passkeyUser').on('passkey').columns(['userId']).execute()
  await engine
    .table(db, 'totp')
    .addColumn('userId', 'text', (c) => c.primaryKey().notNull().references('user.id'))
    .addColumn('secret', engine.bytes, (c) => c.notNull())
    .addColumn('confirmedAt', engine.integer)
    .addColumn('lastStep', engine.integer, (c) => c.notNull())
    .addColumn('createdAt', engine.integer, (c) => c.notNull())
    .execute()
  await engine
    .table(db, 'recoveryCode')
    .addColumn('userId', 'text', (c) => c.notNull().references('user.id'))
    .addColumn('hash', 'text', (c) => c.notNull())
    .addColumn('createdAt', engine.integer, (c) => c.notNull())
    .addColumn('usedAt', engine.integer)
    .addPrimaryKeyConstraint('recoveryCodeKey', ['userId', 'hash'])
    .execute()
}

async function createLinks(db: SchemaDatabase, engine: SchemaEngine): Promise<void> {
  await engine
    .table(db, 'accessLink')
    .addColumn('key', 'text', (c) => c.primaryKey().notNull())
    .addColumn('id', 'text', (c) => c.notNull().unique())
    .addColumn('purpose', 'text', (c) =>
      c.notNull().check(sql`purpose in ('claim', 'invite', 'reset')`),
    )
    .addColumn('userId', 'text', (c) => c.references('user.id'))
    .addColumn('workspaceId', 'text', (c) => c.references('workspace.id'))
    .addColumn('email', 'text')
    .addColumn('role', 'text')
    .addColumn('isApprover', engine.integer, (c) => c.notNull())
    .addColumn('isAuditor', engine.integer, (c) => c.notNull())
    .addColumn('createdBy', 'text', (c) => c.notNull())
    .addColumn('createdAt', engine.integer, (c) => c.notNull())
    .addColumn('expiresAt', engine.integer, (c) => c.notNull())
    .addColumn('mac', engine.bytes, (c) => c.notNull())
    .execute()
  await db.schema.createIndex('accessLinkUser').on('accessLink').columns(['userId']).execute()
  await db.schema
    .createIndex('accessLinkWorkspace')
    .on('accessLink')
    .columns(['workspaceId'])
    .execute()
}

async function createTokens(db: SchemaDatabase, engine: SchemaEngine): Promise<void> {
  await engine
    .table(db, 'apiToken')
    .addColumn('id', 'text', (c) => c.primaryKey().notNull())
    .addColumn('workspaceId', 'text', (c) => c.notNull().references('workspace.id'))
    .addColumn('userId', 'text', (c) => c.notNull().references('user.id'))
    .addColumn('kind', 'text', (c) => c.notNull().check(sql`kind in ('pat', 'mcp')`))
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('salt', engine.bytes, (c) => c.notNull())
    .addColumn('hash', engine.bytes, (c) => c.notNull())
    .addColumn('scopes', 'text', (c) => c.notNull().check(engine.isJson('scopes')))
    .addColumn('limits', 'text', (c) => c.notNull().check(engine.isJson('limits')))
    .addColumn('createdAt', engine.integer, (c) => c.notNull())
    .addColumn('expiresAt', engine.integer, (c) => c.notNull())
    .addColumn('usedAt', engine.integer)
    .addColumn('revokedAt', engine.integer)
    .addColumn('mac', engine.bytes, (c) => c.notNull())
    .execute()
  await db.schema
    .createIndex('apiTokenWorkspace')
    .on('apiToken')
    .columns(['workspaceId', 'userId'])
    .execute()
  await engine
    .table(db, 'idempotencyKey')
    .addColumn('workspaceId', 'text', (c) => c.notNull())
    .addColumn('actor', 'text', (c) => c.notNull())
    .addColumn('key', 'text', (c) => c.notNull())
    .addColumn('requestDigest', 'text', (c) => c.notNull())
    .addColumn('createdAt', engine.integer, (c) => c.notNull())
    .addColumn('answer', engine.bytes)
    .addPrimaryKeyConstraint('idempotencyKeyKey', ['workspaceId', 'actor', 'key'])
    .execute()
}

async function createPolicies(db: SchemaDatabase, engine: SchemaEngine): Promise<void> {
  await engine
    .table(db, 'workspacePolicy')
    .addColumn('workspaceId', 'text', (c) => c.primaryKey().notNull().references('workspace.id'))
    .addColumn('policy', 'text', (c) => c.notNull().check(engine.isJson('policy')))
    .addColumn('version', engine.integer, (c) => c.notNull())
    .addColumn('changedAt', engine.integer, (c) => c.notNull())
    .addColumn('changedBy', 'text', (c) => c.notNull())
    .addColumn('mac', engine.bytes, (c) => c.notNull())
    .execute()
}

async function createMessages(db: SchemaDatabase, engine: SchemaEngine): Promise<void> {
  await engine
    .table(db, 'personNotice')
    .addColumn('id', 'text', (c) => c.primaryKey().notNull())
    .addColumn('userId', 'text', (c) => c.notNull().references('user.id'))
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('data', 'text', (c) => c.notNull().check(engine.isJson('data')))
    .addColumn('at', engine.integer, (c) => c.notNull())
    .addColumn('seenAt', engine.integer)
    .execute()
  await db.schema
    .createIndex('personNoticeUser')
    .on('personNotice')
    .columns(['userId', 'at'])
    .execute()
  await engine
    .table(db, 'outgoingMail')
    .addColumn('id', 'text', (c) => c.primaryKey().notNull())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('sealed', engine.bytes, (c) => c.notNull())
    .addColumn('createdAt', engine.integer, (c) => c.notNull())
    .execute()
}
