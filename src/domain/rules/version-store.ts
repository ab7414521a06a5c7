// SQL of versions: texts that are written once and stay.

import type { Selectable } from 'kysely'
import { forbidden } from '#kernel/error.ts'
import type { RuleId } from '#kernel/id.ts'
import type { WorkspaceScope } from '#platform/db/scope.ts'
import type { Tables } from '#platform/db/tables.ts'
import type { Reader, Tx } from '#platform/db/tx.ts'
import type { RuleVersion, VersionWithText } from './rule.ts'

type Handle = Pick<Reader, 'selectFrom'>
type Row = Selectable<Tables['ruleVersion']>

export async function insertVersion(tx: Tx, row: Omit<Row, 'workspaceId'>): Promise<void> {
  const { workspaceId } = tx.scope
  await tx
    .insertInto('ruleVersion')
    .values({ ...row, workspaceId })
    .execute()
}

/** Throws `forbidden` for one that is not there. */
export async function getVersion(
  db: Handle,
  scope: WorkspaceScope,
  ruleId: RuleId,
  number: number,
): Promise<VersionWithText> {
  const row = await db
    .selectFrom('ruleVersion')
    .select(['number', 'text', 'contentHash', 'reason', 'restoredFrom', 'createdAt', 'createdBy'])
    .where('workspaceId', '=', scope.workspaceId)
    .where('ruleId', '=', ruleId)
    .where('number', '=', number)
    .executeTakeFirst()
  if (!row) throw forbidden()
  return row
}

export interface VersionSearch {
  readonly limit: number
  /** The last number of the page before. */
  readonly after?: number
}

/** Newest first, without their texts. */
export async function selectVersions(
  db: Handle,
  scope: WorkspaceScope,
  ruleId: RuleId,
  { limit, after }: VersionSearch,
): Promise<readonly RuleVersion[]> {
  let query = db
    .selectFrom('ruleVersion')
    .select(['number', 'contentHash', 'reason', 'restoredFrom', 'createdAt', 'createdBy'])
    .where('workspaceId', '=', scope.workspaceId)
    .where('ruleId', '=', ruleId)
    .orderBy('number', 'desc')
    .limit(limit)
  if (after !== undefined) query = query.where('number', '<', after)
  return query.execute()
}
