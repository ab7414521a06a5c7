// SQL of test runs: the newest of each rule are kept, with what came out of every case.

import type { Selectable } from 'kysely'
import { z } from 'zod'
import type { RuleId } from '#kernel/id.ts'
import type { WorkspaceScope } from '#platform/db/scope.ts'
import type { Tables } from '#platform/db/tables.ts'
import type { Reader, Tx } from '#platform/db/tx.ts'
import type { RuleFilter } from '#domain/rules/list.ts'
import { ruleConditions } from '#domain/rules/list-store.ts'
import type { CaseResult, TestRun } from './test-run.ts'

type Handle = Pick<Reader, 'selectFrom'>
type Row = Selectable<Tables['ruleTestRun']>

/** Older ones of a rule are dropped. */
export const RUNS_KEPT = 30

const Results = z.array(
  z.custom<CaseResult>((one) => typeof one === 'object' && one !== null && 'verdict' in one),
)

export async function insertTestRun(tx: Tx, { results, ...run }: TestRun): Promise<void> {
  const { workspaceId } = tx.scope
  await tx
    .insertInto('ruleTestRun')
    .values({ ...run, results: JSON.stringify(results), workspaceId })
    .execute()
  const kept = tx
    .selectFrom('ruleTestRun')
    .select('id')
    .where('workspaceId', '=', workspaceId)
    .where('ruleId', '=', run.ruleId)
    .orderBy('id', 'desc')
    .limit(RUNS_KEPT)
  await tx
    .deleteFrom('ruleTestRun')
    .where('workspaceId', '=', workspaceId)
    .where('ruleId', '=', run.ruleId)
    .where('id', 'not in', kept)
    .execute()
}

/** Newest first. */
export async function selectTestRuns(
  db: Handle,
  scope: WorkspaceScope,
  ruleId: RuleId,
  limit: number,
): Promise<readonly TestRun[]> {
  const rows = await db
    .selectFrom('ruleTestRun')
    .selectAll()
    .where('workspaceId', '=', scope.workspaceId)
    .where('ruleId', '=', ruleId)
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()
  return rows.map(toTestRun)
}

function toTestRun({ workspaceId: _, results, ...run }: Row): TestRun {
  return { ...run, results: Results.parse(JSON.parse(results)) }
}

/** What a run of many is about; all of it must hold, and nothing named is every rule. */
export interface RulesWanted {
  readonly ruleIds?: readonly RuleId[] | undefined
  readonly group?: string | undefined
  readonly filter?: RuleFilter | undefined
}

export interface RuleWithCases {
  readonly id: RuleId
  readonly version: number
  readonly text: string
}

export interface CasesPage extends RulesWanted {
  readonly limit: number
  readonly after: RuleId | null
}

/** Newest texts of rules that carry cases and are not retired, in the order of their ids. */
export async function selectRulesWithCases(
  db: Handle,
  scope: WorkspaceScope,
  { limit, after, ...wanted }: CasesPage,
): Promise<readonly RuleWithCases[]> {
  let query = withCases(db, scope, wanted)
    .innerJoin('ruleVersion', (join) =>
      join
        .onRef('ruleVersion.workspaceId', '=', 'rule.workspaceId')
        .onRef('ruleVersion.ruleId', '=', 'rule.id')
        .onRef('ruleVersion.number', '=', 'rule.version'),
    )
    .select(['rule.id', 'rule.version', 'ruleVersion.text'])
    .orderBy('rule.id')
    .limit(limit)
  if (after !== null) query = query.where('rule.id', '>', after)
  return query.execute()
}

export async function countRulesWithCases(
  db: Handle,
  scope: WorkspaceScope,
  wanted: RulesWanted,
): Promise<number> {
  const row = await withCases(db, scope, wanted)
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  return row.count
}

function withCases(db: Handle, scope: WorkspaceScope, { ruleIds, group, filter }: RulesWanted) {
  let query = db
    .selectFrom('rule')
    .where('rule.workspaceId', '=', scope.workspaceId)
    .where('rule.state', '!=', 'retired')
    .where((eb) => eb.or([eb('rule.positiveTests', '>', 0), eb('rule.negativeTests', '>', 0)]))
  if (ruleIds !== undefined) query = query.where('rule.id', 'in', [...ruleIds, NOBODY])
  if (group !== undefined) query = query.where('rule.group', '=', group)
  if (filter !== undefined) {
    query = query.where((eb) => eb.and(ruleConditions(eb, scope, filter)))
  }
  return query
}

/** An empty list is no SQL; this one is nobody's id. */
const NOBODY = '' as RuleId
