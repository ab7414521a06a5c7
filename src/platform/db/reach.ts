// What a caller sees who is narrowed to some targets, some groups of rules, or both. One row for each
// table of a workspace says of what its rows are; from it every query of a narrowed handle gets a head
// that puts, in the place of each table, those of its rows that are within. So whatever a store asks
// (a row, a list, a count, a join) is answered as if the rest were not there, and a table that nobody
// described is refused. It bounds reading alone: what changes something names what it changes, and
// each name is looked up here first (`areReached`), then the whole workspace is at work as for anybody.

import type { Kysely } from 'kysely'
import { assert } from '#kernel/error.ts'
import { ID_PREFIXES } from '#kernel/id.ts'
import type { WorkspaceScope } from './scope.ts'
import type { Reader } from './tx.ts'

export interface Within {
  /** Null: all of the workspace. */
  readonly targets: readonly string[] | null
  /** Groups of rules; null: all, and rules without one. */
  readonly groups: readonly string[] | null
  /** Jobs are seen by whoever started them. */
  readonly actor: string
}

/**
 * `everything`: of no target and no rule, or reached only from a row that is seen. `nothing`: tells of the
 * workspace as a whole. The others name the column that says of what a row is; `or`: also rows where
 * that column is empty. `of`: seen with the row it belongs to; `parts`: with all rows that belong to it.
 */
type Reach =
  | 'everything'
  | 'nothing'
  | 'own'
  | 'budget'
  | {
      readonly target?: string
      readonly targetName?: string
      readonly targetList?: string
      readonly rule?: string
      readonly group?: string
      readonly slug?: string
      readonly or?: 'null'
      readonly of?: Link
      readonly parts?: Link
    }

/** `[table, its column, the column here]` */
type Link = readonly [table: string, theirs: string, ours: string]

const BY_TARGET = { target: 'targetId' } as const
const BY_RULE = { rule: 'ruleId' } as const
const BY_BOTH = { ...BY_TARGET, ...BY_RULE } as const
const OF_CHANGE = { of: ['change', 'id', 'changeId'] } as const
const OF_SEARCH = { of: ['search', 'id', 'searchId'] } as const
const OF_SERIES = { of: ['healthRule', 'series', 'series'] } as const

export const REACHES: Readonly<Record<string, Reach>> = {
  idempotencyKey: 'everything',
  job: 'own',
  jobStep: { of: ['job', 'id', 'jobId'] },
  jobSchedule: 'nothing',
  jobSlot: 'nothing',
  rule: { slug: 'group' },
  ruleVersion: BY_RULE,
  ruleTag: BY_RULE,
  ruleReference: BY_RULE,
  ruleRender: { ...BY_RULE, targetName: 'target' },
  ruleBody: { ...BY_RULE, targetName: 'overlay' },
  ruleFile: BY_RULE,
  ruleTestRun: BY_RULE,
  ruleGroup: { group: 'id' },
  ruleImport: 'nothing',
  ruleImportItem: 'nothing',
  ruleUpstream: BY_RULE,
  ruleBulk: 'nothing',
  ruleBulkItem: 'nothing',
  upstream: 'nothing',
  upstreamUpdate: 'nothing',
  upstreamItem: 'nothing',
  mapping: BY_TARGET,
  mappingDraft: BY_TARGET,
  mappingPreview: BY_TARGET,
  mappingPreviewRule: BY_BOTH,
  mappingSurvey: BY_TARGET,
  exclusion: { parts: ['exclusionRule', 'exclusionId', 'id'] },
  exclusionVersion: { of: ['exclusion', 'id', 'exclusionId'] },
  exclusionRule: BY_RULE,
  referenceList: 'everything',
  referenceListVersion: 'everything',
  savedView: 'everything',
  search: { ...BY_RULE, or: 'null', parts: ['searchSegment', 'searchId', 'id'] },
  savedSearch: { ...BY_RULE, or: 'null', targetList: 'targetIds' },
  searchPin: OF_SEARCH,
  searchSegment: BY_TARGET,
  backtest: { parts: ['backtestItem', 'backtestId', 'id'] },
  backtestItem: BY_BOTH,
  hotfix: { ...BY_RULE, of: ['change', 'id', 'changeId'] },
  target: { target: 'id' },
  targetCredential: BY_TARGET,
  targetHealthChange: BY_TARGET,
  targetHealth: BY_TARGET,
  targetPull: BY_TARGET,
  targetLook: BY_TARGET,
  observedRule: BY_TARGET,
  adoption: BY_BOTH,
  placement: BY_BOTH,
  placementHistory: BY_BOTH,
  placementBody: 'everything',
  change: { parts: ['changeItem', 'changeId', 'id'] },
  changeItem: BY_BOTH,
  changeSignature: OF_CHANGE,
  changeComment: OF_CHANGE,
  changeEvent: OF_CHANGE,
  deployment: { parts: ['deploymentItem', 'deploymentId', 'id'], ...OF_CHANGE },
  deploymentItem: BY_BOTH,
  drift: { ...BY_BOTH, or: 'null' },
  dependency: BY_TARGET,
  dependencyVersion: { of: ['dependency', 'id', 'dependencyId'] },
  observedDependency: { of: ['dependency', 'id', 'dependencyId'] },
  builtOn: BY_TARGET,
  healthRule: BY_BOTH,
  healthSample: OF_SERIES,
  healthGap: OF_SERIES,
  healthTarget: BY_TARGET,
  healthOutage: BY_TARGET,
  healthSource: BY_TARGET,
  coverageProof: OF_SERIES,
  coverageDay: 'nothing',
  noiseBudget: 'budget',
  alertRef: BY_BOTH,
}

interface Sight {
  readonly workspaceId: string
  readonly within: Within
}

/**
 * The text of a select with the head in front of it. `text` is what the compiler made: names of tables
 * stand in double quotes.
 */
export function narrowSelect(text: string, sight: Sight): string {
  const named = Object.keys(REACHES).filter((table) => text.includes(`"${table}"`))
  if (named.length === 0) return text
  const heads = named.map((table) => `"${table}" as not materialized (${rowsOf(table, sight)})`)
  const [, ownHead = '', rest] = /^(with (?:recursive )?)?([\s\S]*)$/.exec(text)!
  const begin = ownHead === '' ? 'with ' : ownHead
  return `${begin}${heads.join(', ')}${ownHead === '' ? ' ' : ', '}${rest!}`
}

/** `main.` names the table itself: within the head its bare name would be the head's. */
function rowsOf(table: string, sight: Sight): string {
  return `select * from main."${table}" as "${table}" where ${conditionOf(table, sight)}`
}

function conditionOf(table: string, sight: Sight): string {
  const reach = REACHES[table]
  assert(reach !== undefined, `nobody said what a narrowed caller sees of ${table}`)
  const own = `"${table}"."workspaceId" = ${quoted(sight.workspaceId)}`
  return [own, ...conditions(table, reach, sight)].join(' and ')
}

function conditions(table: string, reach: Reach, sight: Sight): readonly string[] {
  const { targets, groups, actor } = sight.within
  switch (reach) {
    case 'everything':
      return []
    case 'nothing':
      return ['0']
    case 'own':
      return [`"${table}"."createdBy" = ${quoted(actor)}`]
    case 'budget':
      return groups === null ? [] : [budgetCondition(sight)]
  }
  const column = (name: string) => `"${table}"."${name}"`
  const orEmpty = (name: string, found: string) =>
    reach.or === 'null' ? `(${column(name)} is null or ${found})` : found
  const found: string[] = []
  if (targets !== null) {
    const { target, targetName, targetList } = reach
    if (target) found.push(orEmpty(target, `${column(target)} in (${listed(targets)})`))
    if (targetName) {
      const name = column(targetName)
      found.push(`(${name} = '' or ${name} in (${select('target', 'name', sight)}))`)
    }
    if (targetList) found.push(allWithin(column(targetList), targets))
  }
  if (groups !== null) {
    const { rule, group, slug } = reach
    if (rule) found.push(orEmpty(rule, `${column(rule)} in (${select('rule', 'id', sight)})`))
    if (group) found.push(`${column(group)} in (${listed(groups)})`)
    if (slug) found.push(`${column(slug)} in (${select('ruleGroup', 'slug', sight)})`)
  }
  const { of, parts } = reach
  if (of) found.push(`${column(of[2])} in (${select(of[0], of[1], sight)})`)
  if (parts) {
    const [other, theirs, ours] = parts
    const beyond = `"${theirs}" = ${column(ours)} and not (${conditionOf(other, sight)})`
    const own = `"workspaceId" = ${quoted(sight.workspaceId)}`
    found.push(
      `not exists (select 1 from main."${other}" as "${other}" where ${own} and ${beyond})`,
    )
  }
  return found
}

function select(table: string, column: string, sight: Sight): string {
  return `select "${column}" from main."${table}" as "${table}" where ${conditionOf(table, sight)}`
}

/** A list that is empty stands for all targets, also those to come. */
function allWithin(column: string, targets: readonly string[]): string {
  const beyond = `select 1 from json_each(${column}) where value not in (${listed(targets)})`
  return `(${column} <> '[]' and not exists (${beyond}))`
}

function budgetCondition(sight: Sight): string {
  const ofGroup = `"scope" = 'group' and "name" in (${select('ruleGroup', 'slug', sight)})`
  const ofRule = `"scope" = 'rule' and "name" in (${select('rule', 'id', sight)})`
  return `("scope" = 'workspace' or ${ofGroup} or ${ofRule})`
}

function listed(ids: readonly string[]): string {
  return ids.map(quoted).join(', ')
}

/** Ids only: the text is part of a query. */
function quoted(id: string): string {
  assert(/^[a-z]{3}_[a-z0-9-]{1,40}$/.test(id), 'not an id')
  return `'${id}'`
}

type Looker = Pick<Reader, 'selectFrom'>

/**
 * Whether each of these ids, which somebody names who wants to change something, is seen by them; false
 * for a kind of thing that is not theirs to name.
 */
export async function areReached(
  db: Looker,
  { workspaceId }: WorkspaceScope,
  ids: readonly string[],
): Promise<boolean> {
  for (const id of new Set(ids)) {
    const prefix = id.slice(0, id.indexOf('_'))
    if (prefix === ID_PREFIXES.user) continue
    const table = TABLE_OF[prefix]
    if (table === undefined || !(await isThere(db, table, workspaceId, id))) return false
  }
  return true
}

const TABLE_OF: Readonly<Record<string, Named>> = {
  [ID_PREFIXES.rule]: 'rule',
  [ID_PREFIXES.target]: 'target',
  [ID_PREFIXES.change]: 'change',
  [ID_PREFIXES.deployment]: 'deployment',
  [ID_PREFIXES.drift]: 'drift',
  [ID_PREFIXES.search]: 'search',
  [ID_PREFIXES.savedSearch]: 'savedSearch',
  [ID_PREFIXES.job]: 'job',
  [ID_PREFIXES.group]: 'ruleGroup',
  [ID_PREFIXES.view]: 'savedView',
  [ID_PREFIXES.exclusion]: 'exclusion',
  [ID_PREFIXES.list]: 'referenceList',
  [ID_PREFIXES.observed]: 'observedRule',
  [ID_PREFIXES.dependency]: 'dependency',
  [ID_PREFIXES.backtest]: 'backtest',
  [ID_PREFIXES.alert]: 'alertRef',
}

type Named =
  | 'rule'
  | 'target'
  | 'change'
  | 'deployment'
  | 'drift'
  | 'search'
  | 'savedSearch'
  | 'job'
  | 'ruleGroup'
  | 'savedView'
  | 'exclusion'
  | 'referenceList'
  | 'observedRule'
  | 'dependency'
  | 'backtest'
  | 'alertRef'

async function isThere(
  db: Looker,
  table: Named,
  workspaceId: string,
  id: string,
): Promise<boolean> {
  const found = await (db as Pick<Kysely<AnyRows>, 'selectFrom'>)
    .selectFrom(table)
    .select('id')
    .where('workspaceId', '=', workspaceId)
    .where('id', '=', id)
    .executeTakeFirst()
  return found !== undefined
}

type AnyRows = Readonly<Record<Named, { readonly workspaceId: string; readonly id: string }>>
