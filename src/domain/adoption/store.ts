// SQL of what stands on targets, and of the pulls that brought it.

import { sql, type ExpressionBuilder, type Selectable, type SelectQueryBuilder } from 'kysely'
import { z } from 'zod'
import { forbidden } from '#kernel/error.ts'
import type { ObservedId, TargetId } from '#kernel/id.ts'
import type { Json } from '#kernel/json.ts'
import { addMs, type Instant } from '#kernel/time.ts'
import type { WorkspaceScope } from '#platform/db/scope.ts'
import type { Tables } from '#platform/db/tables.ts'
import type { Reader, Tx } from '#platform/db/tx.ts'
import { CHANGED_SINCE, type ObservedFilter, type ObservedSort } from './input.ts'
import {
  standingOf,
  type Adopted,
  type Observed,
  type ObservedWhole,
  type Pull,
  type PullCounts,
  type Standing,
} from './observed.ts'

export type Handle = Pick<Reader, 'selectFrom'>
type Row = Selectable<Tables['observedRule']>
export type NewObserved = Omit<Row, 'workspaceId'>

const Texts = z.array(z.string())
const Managers = z.array(z.custom<Observed['managers'][number]>())
const Body = z.custom<ObservedWhole['body']>((value) => typeof value === 'object' && value !== null)
const Counts = z.custom<PullCounts>((value) => typeof value === 'object' && value !== null)
const Whole = z.custom<NonNullable<Pull['completeness']>>(
  (value) => typeof value === 'object' && value !== null,
)

const Done = z.custom<Adopted>((value) => typeof value === 'object' && value !== null)

const ROWS_AT_ONCE = 100

// ── Pulls ────────────────────────────────────────────────────────────────────────────────────────

export async function findPull(
  db: Handle,
  scope: WorkspaceScope,
  targetId: TargetId,
): Promise<Pull | undefined> {
  const row = await db
    .selectFrom('targetPull')
    .selectAll()
    .where('workspaceId', '=', scope.workspaceId)
    .where('targetId', '=', targetId)
    .executeTakeFirst()
  if (!row) return undefined
  const { workspaceId: _, ...rest } = row
  return {
    ...rest,
    completeness: row.completeness === null ? null : Whole.parse(JSON.parse(row.completeness)),
    dependencies: row.dependencies === null ? null : Whole.parse(JSON.parse(row.dependencies)),
    counts: Counts.parse(JSON.parse(row.counts)),
    adopted: row.adopted === null ? null : Done.parse(JSON.parse(row.adopted)),
  }
}

export async function savePull(tx: Tx, pull: Pull): Promise<void> {
  const { workspaceId } = tx.scope
  const row = {
    ...pull,
    completeness: pull.completeness && JSON.stringify(pull.completeness),
    dependencies: pull.dependencies && JSON.stringify(pull.dependencies),
    counts: JSON.stringify(pull.counts),
    adopted: pull.adopted && JSON.stringify(pull.adopted),
  }
  await tx
    .insertInto('targetPull')
    .values({ ...row, workspaceId })
    .onConflict((conflict) => conflict.columns(['workspaceId', 'targetId']).doUpdateSet(row))
    .execute()
}

/** What an adoption did, as far as it is. */
export async function saveAdopted(tx: Tx, targetId: TargetId, adopted: Adopted): Promise<void> {
  await tx
    .updateTable('targetPull')
    .set({ adopted: JSON.stringify(adopted) })
    .where('workspaceId', '=', tx.scope.workspaceId)
    .where('targetId', '=', targetId)
    .execute()
}

// ── Writing what was seen ────────────────────────────────────────────────────────────────────────

export async function insertObserved(tx: Tx, rows: readonly NewObserved[]): Promise<void> {
  const { workspaceId } = tx.scope
  for (let at = 0; at < rows.length; at += ROWS_AT_ONCE) {
    const some = rows.slice(at, at + ROWS_AT_ONCE).map((row) => ({ ...row, workspaceId }))
    await tx.insertInto('observedRule').values(some).execute()
  }
}

export async function updateObserved(
  tx: Tx,
  id: ObservedId,
  change: Partial<NewObserved>,
): Promise<void> {
  await tx
    .updateTable('observedRule')
    .set(change)
    .where('workspaceId', '=', tx.scope.workspaceId)
    .where('id', '=', id)
    .execute()
}

/** Of a list that was complete: what it did not hold. Returns how many are missing since now. */
export async function markMissing(
  tx: Tx,
  targetId: TargetId,
  { seenSince, now }: { readonly seenSince: Instant; readonly now: Instant },
): Promise<number> {
  const { numUpdatedRows } = await tx
    .updateTable('observedRule')
    .set({ missingSince: now })
    .where('workspaceId', '=', tx.scope.workspaceId)
    .where('targetId', '=', targetId)
    .where('lastSeenAt', '<', seenSince)
    .where('missingSince', 'is', null)
    .executeTakeFirstOrThrow()
  return Number(numUpdatedRows)
}

/** What is known of these, by their refs. */
export async function selectKnown(
  db: Handle,
  scope: WorkspaceScope,
  targetId: TargetId,
  refs: readonly string[],
): Promise<ReadonlyMap<string, Pick<Row, 'id' | 'ref' | 'hash' | 'missingSince'>>> {
  if (refs.length === 0) return new Map()
  const rows = await db
    .selectFrom('observedRule')
    .select(['id', 'ref', 'hash', 'missingSince'])
    .where('workspaceId', '=', scope.workspaceId)
    .where('targetId', '=', targetId)
    .where('ref', 'in', refs)
    .execute()
  return new Map(rows.map((row) => [row.ref, row]))
}

// ── Looking ──────────────────────────────────────────────────────────────────────────────────────

type Joined = 'observedRule' | 'adoption' | 'placement' | 'rule'
type Seen = Omit<Row, 'workspaceId' | 'body' | 'raw' | 'sortName' | 'uuid' | 'marker' | 'etag'> &
  AdoptedColumns
interface AdoptedColumns {
  readonly ruleId: Selectable<Tables['adoption']>['ruleId'] | null
  readonly ruleTitle: string | null
  readonly ownership: 'observe' | 'managed' | null
  readonly standing: Standing | null
  readonly baseHash: string | null
  readonly adoptedAt: Instant | null
  readonly adoptedBy: Selectable<Tables['adoption']>['adoptedBy'] | null
}

/** What was seen, with the place that it is, the binding that it has, and the rule of either. */
export function fromObserved(db: Handle, { workspaceId }: WorkspaceScope) {
  return db
    .selectFrom('observedRule')
    .leftJoin('adoption', (join) =>
      join
        .onRef('adoption.workspaceId', '=', 'observedRule.workspaceId')
        .onRef('adoption.observedId', '=', 'observedRule.id')
        .on('adoption.workspaceId', '=', workspaceId),
    )
    .leftJoin('placement', (join) =>
      join
        .onRef('placement.workspaceId', '=', 'observedRule.workspaceId')
        .onRef('placement.targetId', '=', 'observedRule.targetId')
        .onRef('placement.ref', '=', 'observedRule.ref')
        .on('placement.workspaceId', '=', workspaceId),
    )
    .leftJoin('rule', (join) =>
      join
        .onRef('rule.workspaceId', '=', 'observedRule.workspaceId')
        .on((eb) => eb('rule.id', '=', eb.fn.coalesce('placement.ruleId', 'adoption.ruleId')))
        .on('rule.workspaceId', '=', workspaceId),
    )
    .where('observedRule.workspaceId', '=', workspaceId)
}

const SEEN = [
  'observedRule.id',
  'observedRule.targetId',
  'observedRule.ref',
  'observedRule.name',
  'observedRule.type',
  'observedRule.level',
  'observedRule.isEnabled',
  'observedRule.hash',
  'observedRule.managers',
  'observedRule.isManaged',
  'observedRule.actions',
  'observedRule.notices',
  'observedRule.observeOnly',
  'observedRule.remoteChangedAt',
  'observedRule.remoteChangedBy',
  'observedRule.firstSeenAt',
  'observedRule.lastSeenAt',
  'observedRule.changedAt',
  'observedRule.missingSince',
  'placement.state as standing',
  'adoption.adoptedAt',
  'adoption.adoptedBy',
  'rule.id as ruleId',
  'rule.title as ruleTitle',
] as const

/** The place says it, where there is one. */
function bound(eb: ExpressionBuilder<Tables, 'placement' | 'adoption'>) {
  return [
    eb.fn.coalesce('placement.ownership', 'adoption.ownership').as('ownership'),
    eb.fn.coalesce('placement.hash', 'adoption.hash').as('baseHash'),
  ] as const
}

export interface ObservedPlace {
  readonly limit: number
  readonly after: readonly [value: string | number, id: ObservedId] | null
  readonly sort: ObservedSort
}

export interface PlacedObserved {
  readonly observed: Observed
  readonly sortName: string
}

export async function selectObserved(
  db: Handle,
  scope: WorkspaceScope,
  targetId: TargetId,
  { filter, now }: Narrowing,
  { limit, after, sort }: ObservedPlace,
): Promise<readonly PlacedObserved[]> {
  const column = sort === 'name' ? 'sortName' : 'changedAt'
  const direction = sort === 'name' ? 'asc' : 'desc'
  let query = narrow(fromObserved(db, scope), scope, targetId, { filter, now })
  if (after !== null) {
    const is = direction === 'asc' ? '>' : '<'
    query = query.where(
      sql<boolean>`(${sql.ref(`observedRule.${column}`)}, ${sql.ref('observedRule.id')}) ${sql.raw(is)} (${after[0]}, ${after[1]})`,
    )
  }
  const rows = await query
    .select([...SEEN, 'observedRule.sortName'])
    .select(bound)
    .orderBy(`observedRule.${column}`, direction)
    .orderBy('observedRule.id', direction)
    .limit(limit)
    .execute()
  return rows.map(({ sortName, ...row }) => ({ observed: toObserved(row), sortName }))
}

export async function countObserved(
  db: Handle,
  scope: WorkspaceScope,
  targetId: TargetId,
  narrowing: Narrowing,
): Promise<number> {
  const { count } = await narrow(fromObserved(db, scope), scope, targetId, narrowing)
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  return count
}

/** How many there are of each type, whatever the list is narrowed to. */
export function countTypes(
  db: Handle,
  scope: WorkspaceScope,
  targetId: TargetId,
): Promise<readonly { readonly type: string; readonly count: number }[]> {
  return db
    .selectFrom('observedRule')
    .select(['type', ({ fn }) => fn.countAll<number>().as('count')])
    .where('workspaceId', '=', scope.workspaceId)
    .where('targetId', '=', targetId)
    .groupBy('type')
    .orderBy('type')
    .execute()
}

/** Throws `forbidden` for one that is not here. */
export async function getObserved(
  db: Handle,
  scope: WorkspaceScope,
  id: ObservedId,
): Promise<ObservedWhole> {
  const row = await fromObserved(db, scope)
    .select([...SEEN, 'observedRule.body', 'observedRule.raw'])
    .select(bound)
    .where('observedRule.id', '=', id)
    .executeTakeFirst()
  if (!row) throw forbidden()
  return withBody(row)
}

/** By the vendor's own id or name. */
export async function findObservedByRef(
  db: Handle,
  scope: WorkspaceScope,
  targetId: TargetId,
  ref: string,
): Promise<Observed | undefined> {
  const row = await fromObserved(db, scope)
    .select(SEEN)
    .select(bound)
    .where('observedRule.targetId', '=', targetId)
    .where('observedRule.ref', '=', ref)
    .executeTakeFirst()
  return row && toObserved(row)
}

/** What each is called there: the id of every rule by the vendor's own. */
export function selectRefs(
  db: Handle,
  scope: WorkspaceScope,
  targetId: TargetId,
): Promise<readonly Pick<Row, 'id' | 'ref'>[]> {
  return db
    .selectFrom('observedRule')
    .select(['id', 'ref'])
    .where('workspaceId', '=', scope.workspaceId)
    .where('targetId', '=', targetId)
    .execute()
}

/** Those of these that are here, with all that stands there. */
export async function selectWhole(
  db: Handle,
  scope: WorkspaceScope,
  ids: readonly ObservedId[],
): Promise<readonly Pick<ObservedWhole, 'id' | 'ref' | 'name' | 'body' | 'raw'>[]> {
  if (ids.length === 0) return []
  const rows = await db
    .selectFrom('observedRule')
    .select(['id', 'ref', 'name', 'body', 'raw'])
    .where('workspaceId', '=', scope.workspaceId)
    .where('id', 'in', ids)
    .execute()
  return rows.map(({ body, raw, ...rest }) => ({
    ...rest,
    body: Body.parse(JSON.parse(body)),
    raw: JSON.parse(raw) as Json,
  }))
}

export interface Narrowing {
  readonly filter: ObservedFilter
  readonly now: Instant
}

export function narrow<O>(
  query: SelectQueryBuilder<Tables, Joined, O>,
  scope: WorkspaceScope,
  targetId: TargetId,
  { filter, now }: Narrowing,
): SelectQueryBuilder<Tables, Joined, O> {
  return query
    .where('observedRule.targetId', '=', targetId)
    .where((eb) => eb.and(conditions(eb, scope, filter, now)))
}

function conditions(
  eb: ExpressionBuilder<Tables, Joined>,
  { workspaceId }: WorkspaceScope,
  filter: ObservedFilter,
  now: Instant,
) {
  const { q, type, enabled, adopted, managed, changed, missing, editable } = filter
  const found = []
  if (q !== undefined && q !== '') {
    const text = `%${q.toLowerCase().replaceAll(/[\\%_]/g, (sign) => `\\${sign}`)}%`
    found.push(sql<boolean>`${sql.ref('observedRule.sortName')} like ${text} escape '\\'`)
  }
  if (type !== undefined) found.push(eb('observedRule.type', '=', type))
  if (enabled !== undefined) found.push(eb('observedRule.isEnabled', '=', yes(enabled)))
  if (adopted === 'no') found.push(eb('rule.id', 'is', null))
  else if (adopted !== undefined) found.push(eb('rule.id', 'is not', null))
  if (adopted === 'observe' || adopted === 'managed') {
    const ownership = eb.fn.coalesce('placement.ownership', 'adoption.ownership')
    found.push(eb(ownership, '=', adopted))
  }
  if (adopted === 'drifted') found.push(eb('placement.state', 'in', ['drifted', 'missing']))
  if (managed !== undefined) found.push(eb('observedRule.isManaged', '=', yes(managed)))
  if (changed !== undefined) {
    found.push(eb('observedRule.changedAt', '>=', addMs(now, -CHANGED_SINCE[changed])))
  }
  // What is gone is looked at when somebody asks for it.
  const isAskedFor = missing === undefined && adopted === 'drifted'
  if (!isAskedFor) {
    found.push(eb('observedRule.missingSince', missing === 'yes' ? 'is not' : 'is', null))
  }
  if (filter.dependency !== undefined) {
    const links = eb
      .selectFrom('observedDependency')
      .select('observedDependency.observedId')
      .where('observedDependency.workspaceId', '=', workspaceId)
      .where('observedDependency.dependencyId', '=', filter.dependency)
    found.push(eb('observedRule.id', 'in', links))
  }
  if (editable !== undefined) {
    found.push(eb('observedRule.observeOnly', editable === 'yes' ? 'is' : 'is not', null))
  }
  return found
}

const yes = (answer: 'yes' | 'no') => (answer === 'yes' ? 1 : 0)

function toObserved(row: Seen): Observed {
  const { isEnabled, isManaged: _, managers, actions, notices, ...rest } = row
  const { ruleId, ruleTitle, ownership, standing, baseHash, adoptedAt, adoptedBy, ...observed } =
    rest
  const told = { ...observed, isEnabled: flagOf(isEnabled) }
  const adoption =
    ruleId === null
      ? null
      : {
          ruleId,
          ruleTitle: ruleTitle!,
          ownership: ownership!,
          standing: standing ?? standingOf(told, { hash: baseHash! }),
          hash: baseHash!,
          adoptedAt,
          adoptedBy,
        }
  return {
    ...observed,
    isEnabled: flagOf(isEnabled),
    managers: Managers.parse(JSON.parse(managers)),
    actions: Texts.parse(JSON.parse(actions)),
    notices: Texts.parse(JSON.parse(notices)),
    adoption,
  }
}

function flagOf(value: 0 | 1 | null): boolean | null {
  return value === null ? null : value === 1
}

function withBody(row: Seen & Pick<Row, 'body' | 'raw'>): ObservedWhole {
  const { body, raw, ...rest } = row
  return {
    ...toObserved(rest),
    body: Body.parse(JSON.parse(body)),
    raw: JSON.parse(raw) as Json,
  }
}
