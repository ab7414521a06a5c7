// SQL of rules: one row each, an index over the newest text. What a list filters by is in list-store.ts.

import type { Selectable, Updateable } from 'kysely'
import { z } from 'zod'
import { forbidden } from '#kernel/error.ts'
import type { RuleId } from '#kernel/id.ts'
import type { WorkspaceScope } from '#platform/db/scope.ts'
import type { Tables } from '#platform/db/tables.ts'
import type { Reader, Tx } from '#platform/db/tx.ts'
import type { RuleSummary } from './rule.ts'

type Handle = Pick<Reader, 'selectFrom'>
export type RuleRow = Selectable<Tables['rule']>
/** What a save makes of a text. */
export type RuleIndex = Omit<
  RuleRow,
  | 'workspaceId'
  | 'id'
  | 'number'
  | 'state'
  | 'origin'
  | 'version'
  | 'createdAt'
  | 'createdBy'
  | 'updatedAt'
  | 'updatedBy'
>

const Tags = z.array(z.string())

/** `number` is given out here: it ties the rule to its words. */
export async function insertRule(
  tx: Tx,
  row: Omit<RuleRow, 'workspaceId' | 'number'>,
  { words, tags, references }: Parts,
): Promise<void> {
  const { workspaceId } = tx.scope
  const number = (await highestNumber(tx)) + 1
  await tx
    .insertInto('rule')
    .values({ ...row, workspaceId, number })
    .execute()
  await tx.insertInto('ruleWords').values({ rowid: number, words }).execute()
  await insertTags(tx, row.id, tags)
  await insertReferences(tx, row.id, references)
}

/** What is kept beside the row and made of the same text. */
export interface Parts {
  readonly words: string
  readonly tags: readonly string[]
  /** Ids and names of the rules it builds on. */
  readonly references: readonly string[]
}

export async function updateRule(
  tx: Tx,
  id: RuleId,
  change: Updateable<Tables['rule']>,
  parts?: Parts,
): Promise<void> {
  const { workspaceId } = tx.scope
  await tx
    .updateTable('rule')
    .set(change)
    .where('workspaceId', '=', workspaceId)
    .where('id', '=', id)
    .execute()
  if (!parts) return
  const { number } = await getRule(tx, tx.scope, id)
  await tx
    .updateTable('ruleWords')
    .set({ words: parts.words })
    .where('rowid', '=', number)
    .execute()
  await deleteParts(tx, id)
  await insertTags(tx, id, parts.tags)
  await insertReferences(tx, id, parts.references)
}

/** With its versions and everything made of them. */
export async function deleteRule(tx: Tx, id: RuleId): Promise<void> {
  const { workspaceId } = tx.scope
  const { number } = await getRule(tx, tx.scope, id)
  await deleteParts(tx, id)
  for (const table of [
    'ruleUpstream',
    'exclusionRule',
    'ruleTestRun',
    'ruleRender',
    'ruleBody',
    'ruleFile',
    'ruleVersion',
  ] as const) {
    await tx
      .deleteFrom(table)
      .where('workspaceId', '=', workspaceId)
      .where('ruleId', '=', id)
      .execute()
  }
  await tx.deleteFrom('ruleWords').where('rowid', '=', number).execute()
  await tx.deleteFrom('rule').where('workspaceId', '=', workspaceId).where('id', '=', id).execute()
}

/** Throws `forbidden` for a rule that is not of this workspace, or is nowhere. */
export async function getRule(db: Handle, scope: WorkspaceScope, id: RuleId): Promise<RuleRow> {
  const row = await db
    .selectFrom('rule')
    .selectAll()
    .where('workspaceId', '=', scope.workspaceId)
    .where('id', '=', id)
    .executeTakeFirst()
  if (!row) throw forbidden()
  return row
}

export async function findRuleBySigmaId(
  db: Handle,
  scope: WorkspaceScope,
  sigmaId: string,
): Promise<RuleRow | undefined> {
  return db
    .selectFrom('rule')
    .selectAll()
    .where('workspaceId', '=', scope.workspaceId)
    .where('sigmaId', '=', sigmaId)
    .executeTakeFirst()
}

/** Those of them that are here. */
export async function selectRulesById(
  db: Handle,
  scope: WorkspaceScope,
  ids: readonly RuleId[],
): Promise<readonly RuleRow[]> {
  if (ids.length === 0) return []
  return db
    .selectFrom('rule')
    .selectAll()
    .where('workspaceId', '=', scope.workspaceId)
    .where('id', 'in', ids)
    .execute()
}

/** Of all rules of the workspace, from an index alone. */
export async function selectLevels(
  db: Handle,
  scope: WorkspaceScope,
): Promise<readonly Pick<RuleRow, 'id' | 'level'>[]> {
  return db
    .selectFrom('rule')
    .select(['id', 'level'])
    .where('workspaceId', '=', scope.workspaceId)
    .execute()
}

/** Rules that say one of these texts now, for whoever brings them again. */
export async function selectRulesByHash(
  db: Handle,
  scope: WorkspaceScope,
  contentHashes: readonly string[],
): Promise<readonly RuleRow[]> {
  if (contentHashes.length === 0) return []
  return db
    .selectFrom('rule')
    .selectAll()
    .where('workspaceId', '=', scope.workspaceId)
    .where('contentHash', 'in', contentHashes)
    .orderBy('id')
    .execute()
}

/** Those of them that are here, for whoever brings many texts. */
export async function selectRulesBySigmaId(
  db: Handle,
  scope: WorkspaceScope,
  sigmaIds: readonly string[],
): Promise<readonly RuleRow[]> {
  const rows: RuleRow[] = []
  for (let at = 0; at < sigmaIds.length; at += ROWS_AT_ONCE) {
    const found = await db
      .selectFrom('rule')
      .selectAll()
      .where('workspaceId', '=', scope.workspaceId)
      .where('sigmaId', 'in', sigmaIds.slice(at, at + ROWS_AT_ONCE))
      .execute()
    rows.push(...found)
  }
  return rows
}

export function toSummary(row: RuleRow): RuleSummary {
  const { workspaceId: _, number: _n, sortTitle: _t, levelRank: _r, ...rest } = row
  const { product, category, service, tags, ...summary } = rest
  const logsource = {
    ...(product === null ? {} : { product }),
    ...(category === null ? {} : { category }),
    ...(service === null ? {} : { service }),
  }
  return {
    ...summary,
    logsource: Object.keys(logsource).length === 0 ? null : logsource,
    tags: Tags.parse(JSON.parse(tags)),
  }
}

// The words of all workspaces stand in one index, so their numbers are the instance's.
async function highestNumber(tx: Tx): Promise<number> {
  const last = await tx
    .selectFrom('ruleWords')
    .select('rowid')
    .orderBy('rowid', 'desc')
    .limit(1)
    .executeTakeFirst()
  return last?.rowid ?? 0
}

const ROWS_AT_ONCE = 1_000

async function insertTags(tx: Tx, ruleId: RuleId, tags: readonly string[]): Promise<void> {
  const { workspaceId } = tx.scope
  for (let at = 0; at < tags.length; at += ROWS_AT_ONCE) {
    const rows = tags.slice(at, at + ROWS_AT_ONCE).map((tag) => ({ workspaceId, tag, ruleId }))
    await tx.insertInto('ruleTag').values(rows).execute()
  }
}

async function insertReferences(tx: Tx, ruleId: RuleId, names: readonly string[]): Promise<void> {
  const { workspaceId } = tx.scope
  for (const reference of names) {
    await tx.insertInto('ruleReference').values({ workspaceId, reference, ruleId }).execute()
  }
}

async function deleteParts(tx: Tx, ruleId: RuleId): Promise<void> {
  for (const table of ['ruleTag', 'ruleReference'] as const) {
    await tx
      .deleteFrom(table)
      .where('workspaceId', '=', tx.scope.workspaceId)
      .where('ruleId', '=', ruleId)
      .execute()
  }
}

/** Those that bear one of these: ids of ours, Sigma ids, names. */
export async function selectRulesByAnyName(
  db: Handle,
  scope: WorkspaceScope,
  names: readonly string[],
): Promise<readonly RuleRow[]> {
  if (names.length === 0) return []
  return db
    .selectFrom('rule')
    .selectAll()
    .where('workspaceId', '=', scope.workspaceId)
    .where((eb) =>
      eb.or([
        eb('id', 'in', names as readonly RuleId[]),
        eb('sigmaId', 'in', names),
        eb('name', 'in', names),
      ]),
    )
    .execute()
}
