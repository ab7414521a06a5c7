// SQL of the files that rules stand in, and of what a folder is compared with.

import type { Selectable } from 'kysely'
import type { RuleId } from '#kernel/id.ts'
import type { WorkspaceScope } from '#platform/db/scope.ts'
import type { Tables } from '#platform/db/tables.ts'
import type { Reader, Tx } from '#platform/db/tx.ts'
import type { FiledRule } from './folder.ts'

type Handle = Pick<Reader, 'selectFrom'>
export type FileRow = Omit<Selectable<Tables['ruleFile']>, 'workspaceId'>

const TITLE_CHARS = 200

/** By id, without the retired ones. */
export async function selectFiled(
  db: Handle,
  scope: WorkspaceScope,
  { limit, after }: { readonly limit: number; readonly after: string | null },
): Promise<readonly FiledRule[]> {
  let query = db
    .selectFrom('rule')
    .leftJoin('ruleFile', (join) =>
      join
        .onRef('ruleFile.workspaceId', '=', 'rule.workspaceId')
        .onRef('ruleFile.ruleId', '=', 'rule.id'),
    )
    .select(['rule.id', 'rule.version', 'rule.contentHash', 'rule.sigmaId', 'rule.title'])
    .select(['rule.group', 'ruleFile.path', 'ruleFile.document', 'ruleFile.version as fileVersion'])
    .select('ruleFile.contentHash as fileHash')
    .where('rule.workspaceId', '=', scope.workspaceId)
    .where('rule.state', '!=', 'retired')
    .orderBy('rule.id')
    .limit(limit)
  if (after !== null) query = query.where('rule.id', '>', after as RuleId)
  const rows = await query.execute()
  return rows.map(({ path, document, fileVersion, fileHash, title, ...rule }) => ({
    ...rule,
    title: title.slice(0, TITLE_CHARS).toWellFormed(),
    file:
      path === null
        ? null
        : { path, document: document!, version: fileVersion!, contentHash: fileHash! },
  }))
}

export async function findFile(
  db: Handle,
  scope: WorkspaceScope,
  ruleId: RuleId,
): Promise<FileRow | undefined> {
  return db
    .selectFrom('ruleFile')
    .select(['ruleId', 'path', 'document', 'version', 'contentHash'])
    .where('workspaceId', '=', scope.workspaceId)
    .where('ruleId', '=', ruleId)
    .executeTakeFirst()
}

export async function keepFile(tx: Tx, row: FileRow): Promise<void> {
  const { workspaceId } = tx.scope
  const { path, document, version, contentHash } = row
  await tx
    .insertInto('ruleFile')
    .values({ ...row, workspaceId })
    .onConflict((conflict) =>
      conflict
        .columns(['workspaceId', 'ruleId'])
        .doUpdateSet({ path, document, version, contentHash }),
    )
    .execute()
}

/** Texts of versions, in no order; one that is not there is left out. */
export async function selectTexts(
  db: Handle,
  scope: WorkspaceScope,
  wanted: readonly { readonly rule: RuleId; readonly version: number }[],
): Promise<
  readonly {
    readonly rule: RuleId
    readonly version: number
    readonly text: string
    readonly contentHash: string
  }[]
> {
  return db
    .selectFrom('ruleVersion')
    .select(['ruleId as rule', 'number as version', 'text', 'contentHash'])
    .where('workspaceId', '=', scope.workspaceId)
    .where((eb) =>
      eb.or(
        wanted.map(({ rule, version }) =>
          eb.and([eb('ruleId', '=', rule), eb('number', '=', version)]),
        ),
      ),
    )
    .execute()
}
