// Searches that are kept to be asked again, by hand or on a schedule; rows that are kept beyond the time
// of evidence; and caps on bytes and on what a target reads. What was saved before becomes a saved
// search of its person, over a range as long as it was.

import { sql } from 'kysely'
import type { SchemaDatabase, SchemaEngine } from '#platform/db/engine/schema-engine.ts'

export async function up(db: SchemaDatabase, engine: SchemaEngine): Promise<void> {
  await engine
    .table(db, 'savedSearch')
    .addColumn('workspaceId', 'text', (c) => c.notNull())
    .addColumn('id', 'text', (c) => c.notNull())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('language', 'text', (c) => c.notNull())
    .addColumn('text', 'text', (c) => c.notNull())
    .addColumn('ruleId', 'text')
    .addColumn('targetIds', 'text', (c) => c.notNull().check(engine.isJson('targetIds')))
    .addColumn('spanMs', engine.integer, (c) => c.notNull())
    .addColumn('rowsMax', engine.integer, (c) => c.notNull())
    .addColumn('bytesMax', engine.integer, (c) => c.notNull())
    .addColumn('secondsMax', engine.integer, (c) => c.notNull())
    .addColumn('scannedMax', engine.integer)
    .addColumn('purpose', 'text', (c) => c.notNull())
    .addColumn('isShared', engine.integer, (c) => c.notNull().check(sql`"isShared" in (0, 1)`))
    .addColumn('cron', 'text')
    .addColumn('isPaused', engine.integer, (c) => c.notNull().check(sql`"isPaused" in (0, 1)`))
    // The slot that comes next, as far as was told: what lies between it and a run was missed.
    .addColumn('nextAt', engine.integer)
    .addColumn('missedCount', engine.integer, (c) => c.notNull())
    .addColumn('note', 'text')
    .addColumn('createdAt', engine.integer, (c) => c.notNull())
    .addColumn('owner', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('savedSearchKey', ['workspaceId', 'id'])
    .execute()
  await addCaps(db, engine)
  await keepWhatWasSaved(db)
  await db.schema
    .createIndex('searchOfSaved')
    .on('search')
    .columns(['workspaceId', 'savedId', 'id'])
    .execute()
  await engine
    .table(db, 'searchPin')
    .addColumn('workspaceId', 'text', (c) => c.notNull())
    .addColumn('id', 'text', (c) => c.notNull())
    .addColumn('searchId', 'text', (c) => c.notNull())
    .addColumn('number', engine.integer, (c) => c.notNull())
    .addColumn('targetName', 'text', (c) => c.notNull())
    .addColumn('position', engine.integer, (c) => c.notNull())
    .addColumn('rowIndex', engine.integer, (c) => c.notNull())
    .addColumn('note', 'text', (c) => c.notNull())
    // Names and values, sealed under the key of the workspace.
    .addColumn('excerpt', engine.bytes, (c) => c.notNull())
    .addColumn('createdAt', engine.integer, (c) => c.notNull())
    .addColumn('createdBy', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('searchPinKey', ['workspaceId', 'id'])
    .addUniqueConstraint('searchPinNumber', ['workspaceId', 'searchId', 'number'])
    .addForeignKeyConstraint('searchPinOf', ['workspaceId', 'searchId'], 'search', [
      'workspaceId',
      'id',
    ])
    .execute()
}

async function addCaps(db: SchemaDatabase, engine: SchemaEngine): Promise<void> {
  const search = () => db.schema.alterTable('search')
  await search().addColumn('savedId', 'text').execute()
  await search().addColumn('bytesMax', engine.integer).execute()
  await search().addColumn('scannedMax', engine.integer).execute()
  const segment = () => db.schema.alterTable('searchSegment')
  await segment().addColumn('scannedBytes', engine.integer).execute()
}

/** What every search kept at most until now. */
const BYTES_MAX = 512 * 1024 * 1024

async function keepWhatWasSaved(db: SchemaDatabase): Promise<void> {
  const saved = await db.selectFrom('search').selectAll().where('isSaved', '=', 1).execute()
  for (const search of saved) {
    const { workspaceId, language, text, ruleId, rowsMax, secondsMax } = search
    const id = `sav_${search.id.slice(4)}`
    const segments = await db
      .selectFrom('searchSegment')
      .select('targetId')
      .where('workspaceId', '=', workspaceId)
      .where('searchId', '=', search.id)
      .orderBy('position')
      .execute()
    await db
      .insertInto('savedSearch')
      .values({
        workspaceId,
        id,
        language,
        text,
        ruleId,
        rowsMax,
        secondsMax,
        bytesMax: BYTES_MAX,
        name: search.title,
        targetIds: JSON.stringify(segments.map(({ targetId }) => targetId)),
        spanMs: search.toAt - search.fromAt,
        scannedMax: null,
        purpose: search.purpose,
        isShared: 1,
        cron: null,
        isPaused: 0,
        nextAt: null,
        missedCount: 0,
        note: null,
        createdAt: search.createdAt,
        owner: search.createdBy,
      })
      .execute()
    await db
      .updateTable('search')
      .set({ savedId: id })
      .where('workspaceId', '=', workspaceId)
      .where('id', '=', search.id)
      .execute()
  }
  await db.schema.alterTable('search').dropColumn('isSaved').execute()
}
