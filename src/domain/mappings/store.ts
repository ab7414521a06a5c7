// SQL of mappings: their versions, which never change, and the draft of the next one.

import type { Selectable } from 'kysely'
import { z } from 'zod'
import { forbidden } from '#kernel/error.ts'
import type { TargetId } from '#kernel/id.ts'
import type { WorkspaceScope } from '#platform/db/scope.ts'
import type { Tables } from '#platform/db/tables.ts'
import type { Reader, Tx } from '#platform/db/tx.ts'
import { PipelineNames } from './input.ts'
import type { Mapping, MappingContent, MappingDraft, MappingSummary } from './mapping.ts'

type Handle = Pick<Reader, 'selectFrom'>
type Row = Selectable<Tables['mapping']>

/** The newest; undefined for a target without one. */
export async function findMapping(
  db: Handle,
  scope: WorkspaceScope,
  targetId: TargetId,
): Promise<Mapping | undefined> {
  const row = await db
    .selectFrom('mapping')
    .selectAll()
    .where('workspaceId', '=', scope.workspaceId)
    .where('targetId', '=', targetId)
    .orderBy('number', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row && toMapping(row)
}

/** Throws `forbidden` for a version that is not there. */
export async function getMappingVersion(
  db: Handle,
  scope: WorkspaceScope,
  targetId: TargetId,
  number: number,
): Promise<Mapping> {
  const row = await db
    .selectFrom('mapping')
    .selectAll()
    .where('workspaceId', '=', scope.workspaceId)
    .where('targetId', '=', targetId)
    .where('number', '=', number)
    .executeTakeFirst()
  if (!row) throw forbidden()
  return toMapping(row)
}

/** Newest first. `before` is the last number of the page before. */
export async function selectMappingVersions(
  db: Handle,
  scope: WorkspaceScope,
  targetId: TargetId,
  { limit, before }: { readonly limit: number; readonly before: number | null },
): Promise<readonly MappingSummary[]> {
  let query = db
    .selectFrom('mapping')
    .select([
      'targetId',
      'number',
      'contentHash',
      'reason',
      'restoredFrom',
      'createdAt',
      'createdBy',
    ])
    .where('workspaceId', '=', scope.workspaceId)
    .where('targetId', '=', targetId)
    .orderBy('number', 'desc')
    .limit(limit)
  if (before !== null) query = query.where('number', '<', before)
  return query.execute()
}

/** The newest of each target. */
export async function selectMappings(
  db: Handle,
  scope: WorkspaceScope,
): Promise<readonly Mapping[]> {
  const rows = await db
    .selectFrom('mapping')
    .selectAll()
    .where('workspaceId', '=', scope.workspaceId)
    .where((eb) =>
      eb(
        'number',
        '=',
        eb
          .selectFrom('mapping as newer')
          .select((inner) => inner.fn.max<number>('newer.number').as('number'))
          .where('newer.workspaceId', '=', scope.workspaceId)
          .whereRef('newer.targetId', '=', 'mapping.targetId'),
      ),
    )
    .execute()
  return rows.map(toMapping)
}

/** Digests of what each target has now: cheap to compare. */
export async function selectMappingHashes(
  db: Handle,
  scope: WorkspaceScope,
): Promise<readonly Pick<Mapping, 'targetId' | 'number' | 'contentHash'>[]> {
  return db
    .selectFrom('mapping')
    .select(['targetId', 'number', 'contentHash'])
    .where('workspaceId', '=', scope.workspaceId)
    .orderBy('targetId')
    .orderBy('number')
    .execute()
}

export async function insertMapping(
  tx: Tx,
  { pipelines, document, ...rest }: Mapping,
): Promise<void> {
  await tx
    .insertInto('mapping')
    .values({
      ...rest,
      workspaceId: tx.scope.workspaceId,
      pipelines: JSON.stringify(pipelines),
      document: JSON.stringify(document),
    })
    .execute()
}

export async function findDraft(
  db: Handle,
  scope: WorkspaceScope,
  targetId: TargetId,
): Promise<MappingDraft | undefined> {
  const row = await db
    .selectFrom('mappingDraft')
    .selectAll()
    .where('workspaceId', '=', scope.workspaceId)
    .where('targetId', '=', targetId)
    .executeTakeFirst()
  if (!row) return undefined
  const { workspaceId: _, pipelines, document, ...rest } = row
  return { ...rest, ...contentOf({ pipelines, document }) }
}

/** In the place of the one there is. */
export async function putDraft(tx: Tx, draft: MappingDraft): Promise<void> {
  await deleteDraft(tx, draft.targetId)
  const { pipelines, document, ...rest } = draft
  await tx
    .insertInto('mappingDraft')
    .values({
      ...rest,
      workspaceId: tx.scope.workspaceId,
      pipelines: JSON.stringify(pipelines),
      document: JSON.stringify(document),
    })
    .execute()
}

export async function deleteDraft(tx: Tx, targetId: TargetId): Promise<void> {
  await tx
    .deleteFrom('mappingDraft')
    .where('workspaceId', '=', tx.scope.workspaceId)
    .where('targetId', '=', targetId)
    .execute()
}

// What is stored was judged when it came in, so only its shape is asked for here.
const Document = z.custom<MappingContent['document']>(
  (one) => typeof one === 'object' && one !== null,
)

function contentOf({ pipelines, document }: Pick<Row, 'pipelines' | 'document'>): MappingContent {
  return {
    pipelines: PipelineNames.parse(JSON.parse(pipelines)),
    document: Document.parse(JSON.parse(document)),
  }
}

function toMapping({ workspaceId: _, pipelines, document, ...rest }: Row): Mapping {
  return { ...rest, ...contentOf({ pipelines, document }) }
}
