// SQL of the list of rules: what it may be narrowed by, and its three orders. Every order has an index
// that ends in the key, so a page starts where the last one ended and costs the same at any depth.

import {
  sql,
  type Expression,
  type ExpressionBuilder,
  type SelectQueryBuilder,
  type SqlBool,
} from 'kysely'
import type { ImportId } from '#kernel/id.ts'
import type { WorkspaceScope } from '#platform/db/scope.ts'
import type { Tables } from '#platform/db/tables.ts'
import type { Reader } from '#platform/db/tx.ts'
import { VERSION } from '#platform/version.ts'
import type { Kind } from '#domain/rules/renders/kinds.ts'
import type { RuleFilter, RulePlace, RuleSort } from './list.ts'
import type { RuleRow } from './rule-store.ts'

type Handle = Pick<Reader, 'selectFrom'>
type Builder = ExpressionBuilder<Tables, 'rule'>

const COLUMNS = { title: 'sortTitle', level: 'levelRank', updatedAt: 'updatedAt' } as const

export function placeOf(row: RuleRow, sort: RuleSort): RulePlace {
  return [row[columnOf(sort).column], row.id]
}

export async function selectRules(
  db: Handle,
  scope: WorkspaceScope,
  filter: RuleFilter,
  page: { readonly limit: number; readonly after: RulePlace | null; readonly sort: RuleSort },
): Promise<readonly RuleRow[]> {
  const { column, direction } = columnOf(page.sort)
  let query = narrow(
    db.selectFrom('rule').where('rule.workspaceId', '=', scope.workspaceId),
    scope,
    filter,
  )
  if (page.after) {
    const [value, id] = page.after
    const is = direction === 'asc' ? '>' : '<'
    query = query.where(
      sql<boolean>`(${sql.ref(`rule.${column}`)}, ${sql.ref('rule.id')}) ${sql.raw(is)} (${value}, ${id})`,
    )
  }
  return query
    .selectAll('rule')
    .orderBy(`rule.${column}`, direction)
    .orderBy('rule.id', direction)
    .limit(page.limit)
    .execute()
}

/** With their texts, in the order of their ids: what changes meanwhile neither comes twice nor is missed. */
export async function selectRulesToExport(
  db: Handle,
  scope: WorkspaceScope,
  filter: RuleFilter,
  { limit, after }: { readonly limit: number; readonly after: RuleRow['id'] | null },
): Promise<readonly (RuleRow & { readonly text: string })[]> {
  let query = narrow(
    db.selectFrom('rule').where('rule.workspaceId', '=', scope.workspaceId),
    scope,
    filter,
  )
  if (after !== null) query = query.where('rule.id', '>', after)
  return query
    .innerJoin('ruleVersion', (join) =>
      join
        .onRef('ruleVersion.workspaceId', '=', 'rule.workspaceId')
        .onRef('ruleVersion.ruleId', '=', 'rule.id')
        .onRef('ruleVersion.number', '=', 'rule.version'),
    )
    .selectAll('rule')
    .select('ruleVersion.text')
    .orderBy('rule.id')
    .limit(limit)
    .execute()
}

export async function countRules(
  db: Handle,
  scope: WorkspaceScope,
  filter: RuleFilter,
): Promise<number> {
  const { count } = await narrow(
    db.selectFrom('rule').where('rule.workspaceId', '=', scope.workspaceId),
    scope,
    filter,
  )
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  return count
}

export interface TechniqueCount {
  /** `T1059.001` */
  readonly technique: string
  readonly count: number
}

const FIRST_TECHNIQUE = 'attack.t0'
/** The character behind the nine is the colon. */
const BEHIND_TECHNIQUES = 'attack.t:'

/** How many of the rules name each technique in a tag, known to ATT&CK or not. */
export async function countTechniques(
  db: Handle,
  scope: WorkspaceScope,
  filter: RuleFilter,
): Promise<readonly TechniqueCount[]> {
  const ids = narrow(
    db.selectFrom('rule').where('rule.workspaceId', '=', scope.workspaceId),
    scope,
    filter,
  ).select('rule.id')
  const rows = await db
    .selectFrom('ruleTag')
    .select(({ fn }) => ['tag', fn.countAll<number>().as('count')])
    .where('workspaceId', '=', scope.workspaceId)
    .where('tag', '>=', FIRST_TECHNIQUE)
    .where('tag', '<', BEHIND_TECHNIQUES)
    .where('ruleId', 'in', ids)
    .groupBy('tag')
    .execute()
  return rows.map(({ tag, count }) => ({
    technique: tag.slice('attack.'.length).toUpperCase(),
    count,
  }))
}

function columnOf(sort: RuleSort) {
  const isDown = sort.startsWith('-')
  const name = (isDown ? sort.slice(1) : sort) as keyof typeof COLUMNS
  return { column: COLUMNS[name], direction: isDown ? ('desc' as const) : ('asc' as const) }
}

function narrow<O>(
  query: SelectQueryBuilder<Tables, 'rule', O>,
  scope: WorkspaceScope,
  filter: RuleFilter,
): SelectQueryBuilder<Tables, 'rule', O> {
  return query.where((eb) => eb.and(ruleConditions(eb, scope, filter)))
}

/** Each must hold of a row of `rule`. */
export function ruleConditions(
  eb: Builder,
  scope: WorkspaceScope,
  filter: RuleFilter,
): Expression<SqlBool>[] {
  const { level, status, state, tag, technique, problems, compiles, refuses, tests, ids } = filter
  const found: Expression<SqlBool>[] = []
  const words = filter.q === undefined ? undefined : matchWords(filter.q)
  if (words !== undefined) {
    const rows = eb.selectFrom('ruleWords').select('rowid').where('words', 'match', words)
    found.push(eb('rule.number', 'in', rows))
  }
  if (level?.length) found.push(eb('rule.level', 'in', level))
  if (status?.length) found.push(eb('rule.status', 'in', status))
  if (state?.length) found.push(eb('rule.state', 'in', state))
  else found.push(eb('rule.state', '!=', 'retired'))
  for (const one of tag ?? []) {
    found.push(hasTag(eb, scope, (tags) => tags('ruleTag.tag', '=', one.toLowerCase())))
  }
  if (technique !== undefined) {
    const first = `attack.${technique.toLowerCase()}`
    found.push(
      hasTag(eb, scope, (tags) =>
        tags.or([
          tags('ruleTag.tag', '=', first),
          // Everything that begins with `attack.t1059.`: the character behind the dot is the slash.
          tags.and([tags('ruleTag.tag', '>', `${first}.`), tags('ruleTag.tag', '<', `${first}/`)]),
        ]),
      ),
    )
  }
  for (const key of ['owner', 'group', 'product', 'category', 'service'] as const) {
    const value = filter[key]
    if (value === undefined) continue
    if (value === '') found.push(eb(`rule.${key}`, 'is', null))
    else found.push(eb(`rule.${key}`, '=', key === 'group' ? value : value.toLowerCase()))
  }
  if (filter.writtenAs?.length) found.push(eb('rule.format', 'in', filter.writtenAs))
  if (problems === 'errors') found.push(eb('rule.errorCount', '>', 0))
  if (problems === 'warnings') found.push(eb('rule.warningCount', '>', 0))
  if (problems === 'none') {
    found.push(eb('rule.errorCount', '=', 0), eb('rule.warningCount', '=', 0))
  }
  if (filter.renders) found.push(hasPending(eb, scope, VERSION))
  if (filter.import !== undefined) found.push(isBrought(eb, scope, filter.import))
  for (const kind of compiles ?? []) found.push(hasRender(eb, scope, kind, 'ok'))
  for (const kind of refuses ?? []) found.push(hasRender(eb, scope, kind, 'refused'))
  const isComplete = eb.and([eb('rule.positiveTests', '>', 0), eb('rule.negativeTests', '>', 0)])
  if (tests === 'complete') found.push(isComplete)
  if (tests === 'missing') found.push(eb.not(isComplete))
  if (tests === 'not_run') found.push(eb('rule.testVerdict', 'is', null))
  if (tests === 'passed' || tests === 'failed' || tests === 'untold') {
    found.push(eb('rule.testVerdict', '=', tests))
  }
  if (ids) found.push(eb('rule.id', 'in', [...ids, NOBODY]))
  return found
}

/** An empty list is no SQL; this one is nobody's id. */
const NOBODY = '' as RuleRow['id']

function hasTag(
  eb: Builder,
  scope: WorkspaceScope,
  which: (tags: ExpressionBuilder<Tables, 'ruleTag'>) => Expression<SqlBool>,
): Expression<SqlBool> {
  const rows = eb
    .selectFrom('ruleTag')
    .select('ruleTag.ruleId')
    .where('ruleTag.workspaceId', '=', scope.workspaceId)
    .where((tags) => which(tags as unknown as ExpressionBuilder<Tables, 'ruleTag'>))
  return eb('rule.id', 'in', rows)
}

function hasPending(eb: Builder, scope: WorkspaceScope, renderer: string): Expression<SqlBool> {
  const some = () =>
    eb
      .selectFrom('ruleRender')
      .select('ruleRender.ruleId')
      .where('ruleRender.workspaceId', '=', scope.workspaceId)
  // Three ranges of two indexes: as one condition all renderings would be walked.
  return eb.or([
    eb('rule.id', 'in', some().where('ruleRender.isPending', '=', 1)),
    eb('rule.id', 'in', some().where('ruleRender.renderer', '<', renderer)),
    eb('rule.id', 'in', some().where('ruleRender.renderer', '>', renderer)),
  ])
}

function isBrought(eb: Builder, scope: WorkspaceScope, id: ImportId): Expression<SqlBool> {
  const rows = eb
    .selectFrom('ruleImportItem')
    .select('ruleImportItem.ruleId')
    .where('ruleImportItem.workspaceId', '=', scope.workspaceId)
    .where('ruleImportItem.importId', '=', id)
    .where('ruleImportItem.result', 'in', ['created', 'saved', 'same'])
  return eb('rule.id', 'in', rows)
}

function hasRender(
  eb: Builder,
  scope: WorkspaceScope,
  kind: Kind,
  state: 'ok' | 'refused',
): Expression<SqlBool> {
  // Nearly all rules have one: a list of them would be made for a page of fifty.
  const row = eb
    .selectFrom('ruleRender')
    .select('ruleRender.ruleId')
    .where('ruleRender.workspaceId', '=', scope.workspaceId)
    .whereRef('ruleRender.ruleId', '=', 'rule.id')
    .where('ruleRender.kind', '=', kind)
    .where('ruleRender.target', '=', '')
    .where('ruleRender.state', '=', state)
  return eb.exists(row)
}

/**
 * The words somebody typed as FTS5 asks for them: each as a phrase, so that nothing in it is syntax,
 * the last one as a beginning. Undefined when there is no letter or digit to look for.
 * Known gap: PostgreSQL has the index and would need this in words of its own.
 */
function matchWords(typed: string): string | undefined {
  const words = typed
    .toWellFormed()
    .split(/\s+/)
    .filter((word) => /[\p{L}\p{N}]/u.test(word))
    .slice(0, WORDS_MAX)
    .map((word) => `"${word.replaceAll('"', ' ').replaceAll('\0', ' ')}"`)
  return words.length === 0 ? undefined : `${words.join(' ')}*`
}

const WORDS_MAX = 20
