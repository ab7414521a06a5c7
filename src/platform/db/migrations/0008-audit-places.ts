// Ways into the audit log for people: by who did it, by what it was done to, by when. The log itself
// needs none of them.

import type { SchemaDatabase } from '#platform/db/engine/schema-engine.ts'

const WAYS = { auditEntryActor: 'actor', auditEntryTarget: 'target', auditEntryAt: 'at' }

export async function up(db: SchemaDatabase): Promise<void> {
  for (const [name, column] of Object.entries(WAYS)) {
    const columns = ['workspaceId', column, 'workspaceSeq']
    await db.schema.createIndex(name).on('auditEntry').columns(columns).execute()
  }
}
