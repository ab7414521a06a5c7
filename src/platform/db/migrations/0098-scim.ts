// What directories tell of people and groups by SCIM, and the tokens they come in with. All of it goes
// with its provider. It belongs to the instance, like everything with a digest.

import type { SchemaDatabase, SchemaEngine } from '#platform/db/engine/schema-engine.ts'

export async function up(db: SchemaDatabase, engine: SchemaEngine): Promise<void> {
  await createTokens(db, engine)
  await createPeople(db, engine)
  await createRefusals(db, engine)
  await createGroups(db, engine)
}

async function createTokens(db: SchemaDatabase, engine: SchemaEngine): Promise<void> {
  await engine
    .table(db, 'scimToken')
    .addColumn('id', 'text', (c) => c.primaryKey().notNull())
    .addColumn('providerId', 'text', (c) =>
      c.notNull().references('identityProvider.id').onDelete('cascade'),
    )
    .addColumn('workspaceId', 'text', (c) => c.notNull().references('workspace.id'))
    .addColumn('salt', engine.bytes, (c) => c.notNull())
    .addColumn('hash', engine.bytes, (c) => c.notNull())
    .addColumn('networks', 'text', (c) => c.notNull().check(engine.isJson('networks')))
    .addColumn('createdAt', engine.integer, (c) => c.notNull())
    .addColumn('createdBy', 'text', (c) => c.notNull())
    .addColumn('expiresAt', engine.integer, (c) => c.notNull())
    .addColumn('usedAt', engine.integer)
    .addColumn('mac', engine.bytes, (c) => c.notNull())
    .execute()
  await db.schema.createIndex('scimTokenProvider').on('scimToken').columns(['providerId']).execute()
}

async function createPeople(db: SchemaDatabase, engine: SchemaEngine): Promise<void> {
  await engine
    .table(db, 'scimPerson')
    .addColumn('id', 'text', (c) => c.primaryKey().notNull())
    .addColumn('providerId', 'text', (c) =>
      c.notNull().references('identityProvider.id').onDelete('cascade'),
    )
    .addColumn('workspaceId', 'text', (c) => c.notNull().references('workspace.id'))
    .addColumn('userId', 'text', (c) => c.references('user.id'))
    .addColumn('userName', 'text', (c) => c.notNull())
    .addColumn('userNameKey', 'text', (c) => c.notNull())
    .addColumn('externalId', 'text')
    .addColumn('isActive', engine.integer, (c) => c.notNull())
    .addColumn('displayName', 'text')
    .addColumn('givenName', 'text')
    .addColumn('familyName', 'text')
    .addColumn('email', 'text')
    .addColumn('version', engine.integer, (c) => c.notNull())
    .addColumn('createdAt', engine.integer, (c) => c.notNull())
    .addColumn('changedAt', engine.integer, (c) => c.notNull())
    .addColumn('mac', engine.bytes, (c) => c.notNull())
    .addUniqueConstraint('scimPersonName', ['providerId', 'userNameKey'])
    .execute()
  for (const column of ['externalId', 'userId', 'email']) {
    await db.schema
      .createIndex(`scimPerson_${column}`)
      .on('scimPerson')
      .columns(['providerId', column])
      .execute()
  }
}

async function createRefusals(db: SchemaDatabase, engine: SchemaEngine): Promise<void> {
  await engine
    .table(db, 'scimRefusal')
    .addColumn('personId', 'text', (c) =>
      c.primaryKey().notNull().references('scimPerson.id').onDelete('cascade'),
    )
    .addColumn('toldAt', engine.integer, (c) => c.notNull())
    .execute()
}

async function createGroups(db: SchemaDatabase, engine: SchemaEngine): Promise<void> {
  await engine
    .table(db, 'scimGroup')
    .addColumn('id', 'text', (c) => c.primaryKey().notNull())
    .addColumn('providerId', 'text', (c) =>
      c.notNull().references('identityProvider.id').onDelete('cascade'),
    )
    .addColumn('workspaceId', 'text', (c) => c.notNull().references('workspace.id'))
    .addColumn('displayName', 'text', (c) => c.notNull())
    .addColumn('externalId', 'text')
    .addColumn('version', engine.integer, (c) => c.notNull())
    .addColumn('createdAt', engine.integer, (c) => c.notNull())
    .addColumn('changedAt', engine.integer, (c) => c.notNull())
    .addColumn('mac', engine.bytes, (c) => c.notNull())
    .execute()
  await db.schema.createIndex('scimGroupProvider').on('scimGroup').columns(['providerId']).execute()
  await engine
    .table(db, 'scimMember')
    .addColumn('groupId', 'text', (c) => c.notNull().references('scimGroup.id').onDelete('cascade'))
    .addColumn('personId', 'text', (c) =>
      c.notNull().references('scimPerson.id').onDelete('cascade'),
    )
    .addColumn('mac', engine.bytes, (c) => c.notNull())
    .addPrimaryKeyConstraint('scimMemberKey', ['groupId', 'personId'])
    .execute()
  await db.schema.createIndex('scimMemberPerson').on('scimMember').columns(['personId']).execute()
}
