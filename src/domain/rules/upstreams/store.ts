// SQL of upstreams, their updates, the plan of the newest one, and which rules follow them.

import { sql, type Selectable, type Updateable } from 'kysely'
import { z } from 'zod'
import { forbidden } from '#kernel/error.ts'
import type { RuleId, UpstreamId } from '#kernel/id.ts'
import type { Problem } from '#kernel/problem.ts'
import type { WorkspaceScope } from '#platform/db/scope.ts'
import type { Tables } from '#platform/db/tables.ts'
import type { Reader, Tx } from '#platform/db/tx.ts'
import type { Upstream, UpstreamFinding, UpstreamItem, UpstreamUpdate } from './upstream.ts'

type Handle = Pick<Reader, 'selectFrom'>
export type ItemRow = Omit<Selectable<Tables['upstreamItem']>, 'workspaceId' | 'upstreamId'>
export type LinkRow = Omit<Selectable<Tables['ruleUpstream']>, 'workspaceId'>

const Problems = z.array(z.custom<Problem>())
const ROWS_AT_ONCE = 200

export async function insertUpstream(tx: Tx, row: Upstream): Promise<void> {
  const { workspaceId } = tx.scope
  await tx
    .insertInto('upstream')
    .values({ ...row, workspaceId })
    .execute()
}

/** Throws `forbidden` for an upstream that is not of this workspace, or is nowhere. */
export async function getUpstream(
  db: Handle,
  scope: WorkspaceScope,
  id: UpstreamId,
): Promise<Upstream> {
  const row = await db
    .selectFrom('upstream')
    .selectAll()
    .where('workspaceId', '=', scope.workspaceId)
    .where('id', '=', id)
    .executeTakeFirst()
  if (!row) throw forbidden()
  const { workspaceId: _, ...rest } = row
  return rest
}

/** By name. */
export function selectUpstreams(db: Handle, scope: WorkspaceScope): Promise<Upstream[]> {
  return db
    .selectFrom('upstream')
    .select(['id', 'name', 'address', 'licence', 'author', 'latest', 'createdAt', 'createdBy'])
    .where('workspaceId', '=', scope.workspaceId)
    .orderBy('name')
    .limit(UPSTREAMS_MAX + 1)
    .execute()
}

/** A workspace with more has misunderstood what they are. */
export const UPSTREAMS_MAX = 100

export async function insertUpdate(
  tx: Tx,
  upstreamId: UpstreamId,
  row: UpstreamUpdate,
): Promise<void> {
  const { workspaceId } = tx.scope
  await tx
    .insertInto('upstreamUpdate')
    .values({ ...row, workspaceId, upstreamId })
    .execute()
  await tx
    .updateTable('upstream')
    .set({ latest: row.number })
    .where('workspaceId', '=', workspaceId)
    .where('id', '=', upstreamId)
    .execute()
}

export async function updateUpdate(
  tx: Tx,
  upstreamId: UpstreamId,
  number: number,
  change: Updateable<Tables['upstreamUpdate']>,
): Promise<void> {
  await tx
    .updateTable('upstreamUpdate')
    .set(change)
    .where('workspaceId', '=', tx.scope.workspaceId)
    .where('upstreamId', '=', upstreamId)
    .where('number', '=', number)
    .execute()
}

/** Newest first; the last twenty. */
export function selectUpdates(
  db: Handle,
  scope: WorkspaceScope,
  upstreamId: UpstreamId,
  limit = 20,
): Promise<UpstreamUpdate[]> {
  return db
    .selectFrom('upstreamUpdate')
    .select(['number', 'label', 'commit', 'digest', 'fileCount', 'state', 'jobId'])
    .select(['createdAt', 'createdBy'])
    .where('workspaceId', '=', scope.workspaceId)
    .where('upstreamId', '=', upstreamId)
    .orderBy('number', 'desc')
    .limit(limit)
    .execute()
}

/** Throws `forbidden` for a number that no update of this workspace has. */
export async function getUpdate(
  db: Handle,
  scope: WorkspaceScope,
  upstreamId: UpstreamId,
  number: number,
): Promise<Pick<UpstreamUpdate, 'label' | 'commit'>> {
  const row = await db
    .selectFrom('upstreamUpdate')
    .select(['label', 'commit'])
    .where('workspaceId', '=', scope.workspaceId)
    .where('upstreamId', '=', upstreamId)
    .where('number', '=', number)
    .executeTakeFirst()
  if (!row) throw forbidden()
  return row
}

export async function insertItems(
  tx: Tx,
  upstreamId: UpstreamId,
  items: readonly ItemRow[],
): Promise<void> {
  const { workspaceId } = tx.scope
  for (let at = 0; at < items.length; at += ROWS_AT_ONCE) {
    const rows = items.slice(at, at + ROWS_AT_ONCE)
    await tx
      .insertInto('upstreamItem')
      .values(rows.map((row) => ({ ...row, workspaceId, upstreamId })))
      .execute()
  }
}

/** Those from a position on; all of them for a new bundle. */
export async function deleteItems(tx: Tx, upstreamId: UpstreamId, from = 0): Promise<void> {
  await tx
    .deleteFrom('upstreamItem')
    .where('workspaceId', '=', tx.scope.workspaceId)
    .where('upstreamId', '=', upstreamId)
    .where('position', '>=', from)
    .execute()
}

export async function updateItem(
  tx: Tx,
  upstreamId: UpstreamId,
  position: number,
  change: Updateable<Tables['upstreamItem']>,
): Promise<void> {
  await tx
    .updateTable('upstreamItem')
    .set(change)
    .where('workspaceId', '=', tx.scope.workspaceId)
    .where('upstreamId', '=', upstreamId)
    .where('position', '=', position)
    .execute()
}

/** With their texts, in order. */
export function selectItemRows(
  db: Handle,
  scope: WorkspaceScope,
  upstreamId: UpstreamId,
  { after, limit, isOpen }: { after: number; limit: number; isOpen?: boolean },
): Promise<ItemRow[]> {
  let query = db
    .selectFrom('upstreamItem')
    .selectAll()
    .where('workspaceId', '=', scope.workspaceId)
    .where('upstreamId', '=', upstreamId)
    .where('position', '>', after)
  if (isOpen) query = query.where('result', 'is', null)
  return query.orderBy('position').limit(limit).execute()
}

/** Throws `forbidden` for a position that holds nothing. */
export async function getItemRow(
  db: Handle,
  scope: WorkspaceScope,
  upstreamId: UpstreamId,
  position: number,
): Promise<ItemRow> {
  const row = await db
    .selectFrom('upstreamItem')
    .selectAll()
    .where('workspaceId', '=', scope.workspaceId)
    .where('upstreamId', '=', upstreamId)
    .where('position', '=', position)
    .executeTakeFirst()
  if (!row) throw forbidden()
  const { workspaceId: _, upstreamId: _id, ...rest } = row
  return rest
}

/** How many of each finding; with conflicts that nobody decided and without them apart. */
export async function countItems(
  db: Handle,
  scope: WorkspaceScope,
  upstreamId: UpstreamId,
): Promise<readonly ItemCount[]> {
  const rows = await db
    .selectFrom('upstreamItem')
    .select(['finding', 'choice', 'result', 'confidence'])
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .select(sql<number>`case when conflicts > 0 then 1 else 0 end`.as('conflicts'))
    .where('workspaceId', '=', scope.workspaceId)
    .where('upstreamId', '=', upstreamId)
    .groupBy([
      'finding',
      'choice',
      'result',
      'confidence',
      sql`case when conflicts > 0 then 1 else 0 end`,
    ])
    .execute()
  return rows
}

export interface ItemCount extends Pick<
  UpstreamItem,
  'finding' | 'choice' | 'result' | 'conflicts' | 'confidence'
> {
  readonly count: number
}

export interface PlanSearch {
  readonly finding?: UpstreamFinding | undefined
  readonly limit: number
  /** Position of the last item of the page before. */
  readonly after: number | null
}

export async function selectItems(
  db: Handle,
  scope: WorkspaceScope,
  upstreamId: UpstreamId,
  { finding, limit, after }: PlanSearch,
): Promise<readonly UpstreamItem[]> {
  let query = db
    .selectFrom('upstreamItem')
    .select(['position', 'path', 'title', 'sigmaId', 'finding', 'problems', 'conflicts', 'ruleId'])
    .select(['ruleVersion', 'successor', 'confidence', 'choice', 'result'])
    .where('workspaceId', '=', scope.workspaceId)
    .where('upstreamId', '=', upstreamId)
    .where('position', '>', after ?? 0)
  if (finding !== undefined) query = query.where('finding', '=', finding)
  const rows = await query.orderBy('position').limit(limit).execute()
  return rows.map((row) => ({ ...row, problems: readProblems(row.problems) }))
}

export function readProblems(json: string): readonly Problem[] {
  return Problems.parse(JSON.parse(json))
}

/** Of all rules that follow it. */
export async function selectLinks(
  db: Handle,
  scope: WorkspaceScope,
  upstreamId: UpstreamId,
): Promise<readonly LinkRow[]> {
  return db
    .selectFrom('ruleUpstream')
    .selectAll()
    .where('workspaceId', '=', scope.workspaceId)
    .where('upstreamId', '=', upstreamId)
    .execute()
}

/** Which upstream each rule follows, for the whole workspace. */
export async function selectFollowers(
  db: Handle,
  scope: WorkspaceScope,
): Promise<readonly Pick<LinkRow, 'ruleId' | 'upstreamId'>[]> {
  return db
    .selectFrom('ruleUpstream')
    .select(['ruleId', 'upstreamId'])
    .where('workspaceId', '=', scope.workspaceId)
    .execute()
}

/** Rules in the words of a product that follow no upstream, with their texts, by id. */
export function selectUnfollowedNative(
  db: Handle,
  scope: WorkspaceScope,
  { after, limit }: { readonly after: RuleId | null; readonly limit: number },
): Promise<readonly { readonly id: RuleId; readonly version: number; readonly text: string }[]> {
  let query = db
    .selectFrom('rule')
    .innerJoin('ruleVersion', (join) =>
      join
        .onRef('ruleVersion.workspaceId', '=', 'rule.workspaceId')
        .onRef('ruleVersion.ruleId', '=', 'rule.id')
        .onRef('ruleVersion.number', '=', 'rule.version'),
    )
    .leftJoin('ruleUpstream', (join) =>
      join
        .onRef('ruleUpstream.workspaceId', '=', 'rule.workspaceId')
        .onRef('ruleUpstream.ruleId', '=', 'rule.id'),
    )
    .select(['rule.id', 'rule.version', 'ruleVersion.text'])
    .where('rule.workspaceId', '=', scope.workspaceId)
    .where('ruleVersion.workspaceId', '=', scope.workspaceId)
    .where('rule.format', '!=', 'sigma')
    .where('rule.state', '!=', 'retired')
    .where('ruleUpstream.ruleId', 'is', null)
  if (after !== null) query = query.where('rule.id', '>', after)
  return query.orderBy('rule.id').limit(limit).execute()
}

export async function findLink(
  db: Handle,
  scope: WorkspaceScope,
  ruleId: RuleId,
): Promise<LinkRow | undefined> {
  return db
    .selectFrom('ruleUpstream')
    .selectAll()
    .where('workspaceId', '=', scope.workspaceId)
    .where('ruleId', '=', ruleId)
    .executeTakeFirst()
}

/** How many rules follow each. */
export async function countLinks(
  db: Handle,
  scope: WorkspaceScope,
): Promise<ReadonlyMap<UpstreamId, number>> {
  const rows = await db
    .selectFrom('ruleUpstream')
    .select(['upstreamId', (eb) => eb.fn.countAll<number>().as('count')])
    .where('workspaceId', '=', scope.workspaceId)
    .groupBy('upstreamId')
    .execute()
  return new Map(rows.map(({ upstreamId, count }) => [upstreamId, count]))
}

/** A rule follows one upstream; the newer link takes the place of the older. */
export async function saveLink(tx: Tx, row: LinkRow): Promise<void> {
  const { ruleId: _, ...change } = row
  await tx
    .insertInto('ruleUpstream')
    .values({ ...row, workspaceId: tx.scope.workspaceId })
    .onConflict((oc) => oc.columns(['workspaceId', 'ruleId']).doUpdateSet(change))
    .execute()
}

export async function deleteLink(tx: Tx, ruleId: RuleId): Promise<void> {
  await tx
    .deleteFrom('ruleUpstream')
    .where('workspaceId', '=', tx.scope.workspaceId)
    .where('ruleId', '=', ruleId)
    .execute()
}
