// SQL of groups: the folders of a workspace's rules, and how many rules are in each.

import { AppError, forbidden } from '#kernel/error.ts'
import type { GroupId } from '#kernel/id.ts'
import type { WorkspaceScope } from '#platform/db/scope.ts'
import type { Tables } from '#platform/db/tables.ts'
import type { Reader, Tx } from '#platform/db/tx.ts'
import type { Selectable } from 'kysely'
import type { RuleGroup } from '#domain/rules/rule.ts'

type Handle = Pick<Reader, 'selectFrom'>
type Row = Selectable<Tables['ruleGroup']>

/** Throws `conflict` when there is one. */
export async function insertGroup(tx: Tx, group: Omit<Row, 'workspaceId'>): Promise<void> {
  if (!(await insertMissingGroup(tx, group))) {
    throw new AppError('conflict', `There is a group ${group.slug} already.`)
  }
}

/** For a rule that names one. Whether it was missing. */
export async function insertMissingGroup(
  tx: Tx,
  group: Omit<Row, 'workspaceId'>,
): Promise<boolean> {
  const { workspaceId } = tx.scope
  const known = await tx
    .selectFrom('ruleGroup')
    .select('id')
    .where('workspaceId', '=', workspaceId)
    .where('slug', '=', group.slug)
    .executeTakeFirst()
  if (known) return false
  await tx
    .insertInto('ruleGroup')
    .values({ ...group, workspaceId })
    .execute()
  return true
}

/** Throws `forbidden` for a group that is not of this workspace, or is nowhere. */
export async function getGroup(
  db: Handle,
  scope: WorkspaceScope,
  id: GroupId,
): Promise<Pick<RuleGroup, 'id' | 'slug' | 'name'>> {
  const row = await db
    .selectFrom('ruleGroup')
    .select(['id', 'slug', 'name'])
    .where('workspaceId', '=', scope.workspaceId)
    .where('id', '=', id)
    .executeTakeFirst()
  if (!row) throw forbidden()
  return row
}

export async function findGroupOf(tx: Tx, slug: string): Promise<Pick<Row, 'id'> | undefined> {
  return tx
    .selectFrom('ruleGroup')
    .select('id')
    .where('workspaceId', '=', tx.scope.workspaceId)
    .where('slug', '=', slug)
    .executeTakeFirst()
}

/** By slug, with those rules that are not retired. */
export async function selectGroups(
  db: Handle,
  scope: WorkspaceScope,
  { limit, after }: { readonly limit: number; readonly after: string | null },
): Promise<readonly RuleGroup[]> {
  let query = db
    .selectFrom('ruleGroup')
    .leftJoin('rule', (join) =>
      join
        .onRef('rule.workspaceId', '=', 'ruleGroup.workspaceId')
        .onRef('rule.group', '=', 'ruleGroup.slug')
        .on('rule.state', '!=', 'retired'),
    )
    .select(['ruleGroup.id', 'ruleGroup.slug', 'ruleGroup.name'])
    .select(({ fn }) => fn.count<number>('rule.id').as('ruleCount'))
    .where('ruleGroup.workspaceId', '=', scope.workspaceId)
    .groupBy(['ruleGroup.id', 'ruleGroup.slug', 'ruleGroup.name'])
    .orderBy('ruleGroup.slug')
    .limit(limit)
  if (after !== null) query = query.where('ruleGroup.slug', '>', after)
  return query.execute()
}

/** Whether any rule names it, a retired one too. */
export async function isGroupUsed(
  db: Handle,
  scope: WorkspaceScope,
  slug: string,
): Promise<boolean> {
  const rule = await db
    .selectFrom('rule')
    .select('id')
    .where('workspaceId', '=', scope.workspaceId)
    .where('group', '=', slug)
    .limit(1)
    .executeTakeFirst()
  return rule !== undefined
}

export async function renameGroup(tx: Tx, id: GroupId, name: string): Promise<void> {
  await tx
    .updateTable('ruleGroup')
    .set({ name })
    .where('workspaceId', '=', tx.scope.workspaceId)
    .where('id', '=', id)
    .execute()
}

export async function deleteGroup(tx: Tx, id: GroupId): Promise<void> {
  await tx
    .deleteFrom('ruleGroup')
    .where('workspaceId', '=', tx.scope.workspaceId)
    .where('id', '=', id)
    .execute()
}
