// SQL of targets and of how they are.

import type { Selectable } from 'kysely'
import { z } from 'zod'
import { AppError, forbidden } from '#kernel/error.ts'
import type { TargetId } from '#kernel/id.ts'
import type { Json } from '#kernel/json.ts'
import type { Instant } from '#kernel/time.ts'
import type { WorkspaceScope } from '#platform/db/scope.ts'
import type { Tables } from '#platform/db/tables.ts'
import type { Reader, Tx } from '#platform/db/tx.ts'
import { HealthFacts } from './health.ts'
import type { SchemaAnswer, SiemKind } from './port.ts'
import {
  LOCAL_NAME,
  type HealthChange,
  type Target,
  type TargetHealth,
  type TargetSchema,
} from './target.ts'

type Handle = Pick<Reader, 'selectFrom'>
type Row = Selectable<Tables['target']>
type HealthRow = Selectable<Tables['targetHealth']>

const Settings = z.record(
  z.string(),
  z.custom<Json>((value) => value !== undefined),
)
const Pins = z.array(z.string())
const Parameters = z.record(z.string(), z.string())
const Schema = z.custom<SchemaAnswer>((value) => typeof value === 'object' && value !== null)

/** Throws `conflict` when the name is taken. */
export async function insertTarget(tx: Tx, target: Target): Promise<void> {
  await refuseTaken(tx, target)
  await tx.insertInto('target').values(toRow(tx, target)).execute()
}

/** Throws `conflict` when the name is taken. */
export async function updateTarget(tx: Tx, target: Target): Promise<void> {
  await refuseTaken(tx, target)
  await tx
    .updateTable('target')
    .set(toRow(tx, target))
    .where('workspaceId', '=', tx.scope.workspaceId)
    .where('id', '=', target.id)
    .execute()
}

async function refuseTaken(tx: Tx, { id, name }: Pick<Target, 'id' | 'name'>): Promise<void> {
  const known = await findTargetNamed(tx, tx.scope, name)
  if (known !== undefined && known.id !== id) {
    throw new AppError('conflict', `There is a target ${name} already.`)
  }
}

export async function deleteTarget(tx: Tx, id: TargetId): Promise<void> {
  const { workspaceId } = tx.scope
  for (const table of ['targetCredential', 'targetHealth', 'targetHealthChange'] as const) {
    await tx
      .deleteFrom(table)
      .where('workspaceId', '=', workspaceId)
      .where('targetId', '=', id)
      .execute()
  }
  await tx
    .deleteFrom('target')
    .where('workspaceId', '=', workspaceId)
    .where('id', '=', id)
    .execute()
}

/** Throws `forbidden` for one that is not here. */
export async function getTargetRow(
  db: Handle,
  scope: WorkspaceScope,
  id: TargetId,
): Promise<Target> {
  const row = await db
    .selectFrom('target')
    .selectAll()
    .where('workspaceId', '=', scope.workspaceId)
    .where('id', '=', id)
    .executeTakeFirst()
  if (!row) throw forbidden()
  return toTarget(row)
}

export async function findTargetNamed(
  db: Handle,
  scope: WorkspaceScope,
  name: string,
): Promise<Target | undefined> {
  const row = await db
    .selectFrom('target')
    .selectAll()
    .where('workspaceId', '=', scope.workspaceId)
    .where('name', '=', name)
    .executeTakeFirst()
  return row && toTarget(row)
}

export interface ListedTarget {
  readonly target: Target
  readonly health: TargetHealth
}

/** By name, the sandbox included. */
export async function selectTargets(
  db: Handle,
  scope: WorkspaceScope,
  { limit, after }: { readonly limit: number; readonly after: string | null },
): Promise<readonly ListedTarget[]> {
  let query = db
    .selectFrom('target')
    .selectAll()
    .where('workspaceId', '=', scope.workspaceId)
    .orderBy('name')
    .limit(limit)
  if (after !== null) query = query.where('name', '>', after)
  const rows = await query.execute()
  const health = await db
    .selectFrom('targetHealth')
    .select(['targetId', 'state', 'reason', 'since', 'checkedAt', 'facts'])
    .where('workspaceId', '=', scope.workspaceId)
    .execute()
  const byTarget = new Map(health.map((row) => [row.targetId, toHealth(row)]))
  return rows.map((row) => ({ target: toTarget(row), health: byTarget.get(row.id)! }))
}

/** What rules need of each, by name. */
export async function selectPlaces(
  db: Handle,
  scope: WorkspaceScope,
): Promise<readonly Pick<Target, 'id' | 'name' | 'kind' | 'parameters'>[]> {
  const rows = await db
    .selectFrom('target')
    .select(['id', 'name', 'kind', 'parameters'])
    .where('workspaceId', '=', scope.workspaceId)
    .orderBy('name')
    .execute()
  return rows.map(({ id, name, kind, parameters }) => ({
    id,
    name,
    kind: kind as SiemKind,
    parameters: Parameters.parse(JSON.parse(parameters)),
  }))
}

export async function insertHealth(
  tx: Tx,
  targetId: TargetId,
  { facts, ...health }: TargetHealth,
): Promise<void> {
  await tx
    .insertInto('targetHealth')
    .values({
      workspaceId: tx.scope.workspaceId,
      targetId,
      ...health,
      facts: JSON.stringify(facts),
    })
    .execute()
}

export async function updateHealth(
  tx: Tx,
  targetId: TargetId,
  { facts, ...health }: TargetHealth,
): Promise<void> {
  await tx
    .updateTable('targetHealth')
    .set({ ...health, facts: JSON.stringify(facts) })
    .where('workspaceId', '=', tx.scope.workspaceId)
    .where('targetId', '=', targetId)
    .execute()
}

/** Throws `forbidden` for a target that is not here. */
export async function getHealth(
  db: Handle,
  scope: WorkspaceScope,
  targetId: TargetId,
): Promise<TargetHealth> {
  const row = await db
    .selectFrom('targetHealth')
    .select(['state', 'reason', 'since', 'checkedAt', 'facts'])
    .where('workspaceId', '=', scope.workspaceId)
    .where('targetId', '=', targetId)
    .executeTakeFirst()
  if (!row) throw forbidden()
  return toHealth(row)
}

/** Changes that are kept of a target; the oldest go. */
const CHANGES_MAX = 200

export async function insertHealthChange(
  tx: Tx,
  targetId: TargetId,
  { state, reason }: Pick<TargetHealth, 'state' | 'reason'>,
  at: Instant,
): Promise<void> {
  const { workspaceId } = tx.scope
  const last = await tx
    .selectFrom('targetHealthChange')
    .select('number')
    .where('workspaceId', '=', workspaceId)
    .where('targetId', '=', targetId)
    .orderBy('number', 'desc')
    .executeTakeFirst()
  const number = (last?.number ?? 0) + 1
  const row = { workspaceId, targetId, number, at, state, reason }
  await tx.insertInto('targetHealthChange').values(row).execute()
  await tx
    .deleteFrom('targetHealthChange')
    .where('workspaceId', '=', workspaceId)
    .where('targetId', '=', targetId)
    .where('number', '<=', number - CHANGES_MAX)
    .execute()
}

/** Newest first. */
export async function selectHealthChanges(
  db: Handle,
  scope: WorkspaceScope,
  targetId: TargetId,
  limit: number,
): Promise<readonly HealthChange[]> {
  return db
    .selectFrom('targetHealthChange')
    .select(['at', 'state', 'reason'])
    .where('workspaceId', '=', scope.workspaceId)
    .where('targetId', '=', targetId)
    .orderBy('number', 'desc')
    .limit(limit)
    .execute()
}

/** What the target said it holds; undefined while it was not asked. */
export async function findSchema(
  db: Handle,
  scope: WorkspaceScope,
  targetId: TargetId,
): Promise<TargetSchema | undefined> {
  const row = await db
    .selectFrom('targetHealth')
    .select(['schema', 'schemaAt'])
    .where('workspaceId', '=', scope.workspaceId)
    .where('targetId', '=', targetId)
    .executeTakeFirst()
  if (!row || row.schema === null || row.schemaAt === null) return undefined
  return { answer: Schema.parse(JSON.parse(row.schema)), at: row.schemaAt }
}

export async function saveSchema(
  tx: Tx,
  targetId: TargetId,
  schema: { readonly answer: SchemaAnswer; readonly at: Instant } | null,
): Promise<void> {
  await tx
    .updateTable('targetHealth')
    .set({
      schema: schema && JSON.stringify(schema.answer),
      schemaAt: schema && schema.at,
    })
    .where('workspaceId', '=', tx.scope.workspaceId)
    .where('targetId', '=', targetId)
    .execute()
}

/** Whether the workspace has its sandbox. */
export async function hasLocal(db: Handle, scope: WorkspaceScope): Promise<boolean> {
  const row = await db
    .selectFrom('target')
    .select('id')
    .where('workspaceId', '=', scope.workspaceId)
    .where('kind', '=', LOCAL_NAME)
    .executeTakeFirst()
  return row !== undefined
}

function toRow(tx: Tx, target: Target): Row {
  const { settings, pins, parameters, ...rest } = target
  return {
    ...rest,
    workspaceId: tx.scope.workspaceId,
    settings: JSON.stringify(settings),
    pins: JSON.stringify(pins),
    parameters: JSON.stringify(parameters),
  }
}

function toTarget({ workspaceId: _, ...row }: Row): Target {
  return {
    ...row,
    kind: row.kind as SiemKind,
    settings: Settings.parse(JSON.parse(row.settings)),
    pins: Pins.parse(JSON.parse(row.pins)),
    parameters: Parameters.parse(JSON.parse(row.parameters)),
  }
}

function toHealth(
  row: Pick<HealthRow, 'state' | 'reason' | 'since' | 'checkedAt' | 'facts'>,
): TargetHealth {
  const { state, reason, since, checkedAt, facts } = row
  return { state, reason, since, checkedAt, facts: HealthFacts.parse(JSON.parse(facts)) }
}
