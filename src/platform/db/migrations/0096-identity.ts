// Single sign-on: the identity providers of workspaces, the e-mail domains that lead to them, who is
// who at which provider, and ways in that are under way. All of it belongs to the instance, because a
// provider is found before there is a scope. Rows that decide access carry a digest.

import { sql } from 'kysely'
import type { SchemaDatabase, SchemaEngine } from '#platform/db/engine/schema-engine.ts'

export async function up(db: SchemaDatabase, engine: SchemaEngine): Promise<void> {
  await createProviders(db, engine)
  await createDomains(db, engine)
  await createIdentities(db, engine)
  await createWaysIn(db, engine)
  await extendAccess(db, engine)
}

async function createProviders(db: SchemaDatabase, engine: SchemaEngine): Promise<void> {
  await engine
    .table(db, 'identityProvider')
    .addColumn('id', 'text', (c) => c.primaryKey().notNull())
    .addColumn('workspaceId', 'text', (c) => c.notNull().references('workspace.id'))
    .addColumn('kind', 'text', (c) => c.notNull().check(sql`kind in ('oidc', 'saml')`))
    .addColumn('preset', 'text', (c) =>
      c.notNull().check(sql`preset in ('okta', 'entra', 'google', 'generic')`),
    )
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('isEnabled', engine.integer, (c) => c.notNull().check(sql`"isEnabled" in (0, 1)`))
    .addColumn('settings', 'text', (c) => c.notNull().check(engine.isJson('settings')))
    .addColumn('sealed', engine.bytes, (c) => c.notNull())
    .addColumn('isEmailTrusted', engine.integer, (c) =>
      c.notNull().check(sql`"isEmailTrusted" in (0, 1)`),
    )
    .addColumn('defaultRole', 'text')
    .addColumn('groupRoles', 'text', (c) => c.notNull().check(engine.isJson('groupRoles')))
    .addColumn('secretExpiresAt', engine.integer)
    .addColumn('adminCameAt', engine.integer)
    .addColumn('version', engine.integer, (c) => c.notNull())
    .addColumn('createdAt', engine.integer, (c) => c.notNull())
    .addColumn('createdBy', 'text', (c) => c.notNull())
    .addColumn('changedAt', engine.integer, (c) => c.notNull())
    .addColumn('changedBy', 'text', (c) => c.notNull())
    .addColumn('mac', engine.bytes, (c) => c.notNull())
    .addUniqueConstraint('identityProviderName', ['workspaceId', 'name'])
    .execute()
}

async function createDomains(db: SchemaDatabase, engine: SchemaEngine): Promise<void> {
  await engine
    .table(db, 'identityDomain')
    .addColumn('domain', 'text', (c) => c.notNull())
    .addColumn('providerId', 'text', (c) => c.notNull().references('identityProvider.id'))
    .addColumn('isEnforced', engine.integer, (c) => c.notNull().check(sql`"isEnforced" in (0, 1)`))
    .addColumn('askedAt', engine.integer, (c) => c.notNull())
    .addColumn('askedBy', 'text', (c) => c.notNull())
    .addColumn('confirmedAt', engine.integer)
    .addColumn('confirmedBy', 'text')
    .addColumn('mac', engine.bytes, (c) => c.notNull())
    // Several may ask for a domain; whose it is, an owner says.
    .addPrimaryKeyConstraint('identityDomainKey', ['domain', 'providerId'])
    .execute()
}

async function createIdentities(db: SchemaDatabase, engine: SchemaEngine): Promise<void> {
  await engine
    .table(db, 'identity')
    .addColumn('providerId', 'text', (c) => c.notNull().references('identityProvider.id'))
    .addColumn('subject', 'text', (c) => c.notNull())
    .addColumn('userId', 'text', (c) => c.notNull().references('user.id'))
    .addColumn('email', 'text')
    .addColumn('createdAt', engine.integer, (c) => c.notNull())
    .addColumn('usedAt', engine.integer)
    .addColumn('mac', engine.bytes, (c) => c.notNull())
    .addPrimaryKeyConstraint('identityKey', ['providerId', 'subject'])
    .addUniqueConstraint('identityUser', ['userId', 'providerId'])
    .execute()
}

async function createWaysIn(db: SchemaDatabase, engine: SchemaEngine): Promise<void> {
  await engine
    .table(db, 'identityAttempt')
    .addColumn('key', 'text', (c) => c.primaryKey().notNull())
    .addColumn('providerId', 'text', (c) => c.notNull().references('identityProvider.id'))
    .addColumn('purpose', 'text', (c) =>
      c.notNull().check(sql`purpose in ('sign_in', 'prove', 'connect', 'test')`),
    )
    .addColumn('browserKey', 'text', (c) => c.notNull())
    .addColumn('sessionId', 'text')
    .addColumn('next', 'text')
    .addColumn('sealed', engine.bytes, (c) => c.notNull())
    .addColumn('answer', engine.bytes)
    .addColumn('createdAt', engine.integer, (c) => c.notNull())
    .addColumn('expiresAt', engine.integer, (c) => c.notNull())
    .execute()
  await db.schema
    .createIndex('identityAttemptExpiry')
    .on('identityAttempt')
    .columns(['expiresAt'])
    .execute()
  await engine
    .table(db, 'identityReplay')
    .addColumn('providerId', 'text', (c) => c.notNull().references('identityProvider.id'))
    .addColumn('key', 'text', (c) => c.notNull())
    .addColumn('expiresAt', engine.integer, (c) => c.notNull())
    .addPrimaryKeyConstraint('identityReplayKey', ['providerId', 'key'])
    .execute()
}

async function extendAccess(db: SchemaDatabase, engine: SchemaEngine): Promise<void> {
  await db.schema.alterTable('membership').addColumn('providerId', 'text').execute()
  await db.schema.alterTable('membership').addColumn('isBreakIn', engine.integer).execute()
  await db.schema.alterTable('session').addColumn('providerId', 'text').execute()
  await db.schema.alterTable('session').addColumn('providerSession', 'text').execute()
  await db.schema.alterTable('session').addColumn('onlyWorkspaceId', 'text').execute()
  await db.schema.createIndex('sessionProvider').on('session').columns(['providerId']).execute()
}
