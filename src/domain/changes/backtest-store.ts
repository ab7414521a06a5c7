// SQL of backtests and their items.

import type { Selectable, Updateable } from 'kysely'
import { forbidden } from '#kernel/error.ts'
import type { BacktestId, ChangeId } from '#kernel/id.ts'
import type { SiemKind } from '#kernel/siem.ts'
import type { Instant } from '#kernel/time.ts'
import type { WorkspaceScope } from '#platform/db/scope.ts'
import type { Tables } from '#platform/db/tables.ts'
import type { Reader, Tx } from '#platform/db/tx.ts'
import type { Question } from './backtest-query.ts'
import type { Backtest, BacktestItem, BacktestItemState, Measured } from './backtest.ts'

type Handle = Pick<Reader, 'selectFrom'>
type Row = Selectable<Tables['backtest']>
type ItemRow = Selectable<Tables['backtestItem']>

export type NewItem = Pick<
  BacktestItem,
  | 'number'
  | 'ruleId'
  | 'ruleTitle'
  | 'version'
  | 'targetId'
  | 'targetName'
  | 'kind'
  | 'before'
  | 'after'
  | 'state'
  | 'reason'
>

export async function insertBacktest(
  tx: Tx,
  { from: fromAt, to: toAt, ...backtest }: Backtest,
  items: readonly NewItem[],
): Promise<void> {
  const { workspaceId } = tx.scope
  await tx
    .insertInto('backtest')
    .values({ ...backtest, fromAt, toAt, workspaceId })
    .execute()
  for (const { before, after, ...item } of items) {
    const asked = { beforeSearchId: null, afterSearchId: null, askedAt: null, perDay: null }
    await tx
      .insertInto('backtestItem')
      .values({
        ...item,
        ...asked,
        workspaceId,
        backtestId: backtest.id,
        before: before && JSON.stringify(before),
        after: after && JSON.stringify(after),
        result: null,
        endedAt: null,
      })
      .execute()
  }
}

/** Throws `forbidden` for one that is not of this workspace, or is nowhere. */
export async function getBacktest(
  db: Handle,
  scope: WorkspaceScope,
  id: BacktestId,
): Promise<Backtest> {
  const row = await db
    .selectFrom('backtest')
    .selectAll()
    .where('workspaceId', '=', scope.workspaceId)
    .where('id', '=', id)
    .executeTakeFirst()
  if (!row) throw forbidden()
  return toBacktest(row)
}

/** The newest of a change. */
export async function findImpact(
  db: Handle,
  scope: WorkspaceScope,
  changeId: ChangeId,
): Promise<Backtest | undefined> {
  const row = await db
    .selectFrom('backtest')
    .selectAll()
    .where('workspaceId', '=', scope.workspaceId)
    .where('changeId', '=', changeId)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row && toBacktest(row)
}

/** Newest first, and those of changes left out. */
export async function selectForecasts(
  db: Handle,
  scope: WorkspaceScope,
  { limit, after }: { readonly limit: number; readonly after: BacktestId | null },
): Promise<readonly Backtest[]> {
  let query = db
    .selectFrom('backtest')
    .selectAll()
    .where('workspaceId', '=', scope.workspaceId)
    .where('changeId', 'is', null)
  if (after !== null) query = query.where('id', '<', after)
  return (await query.orderBy('id', 'desc').limit(limit).execute()).map(toBacktest)
}

export interface ItemsWanted {
  readonly states?: readonly BacktestItemState[]
  /** `perDay`: what brings most alerts first, and what is not known last. */
  readonly sort?: 'number' | 'perDay'
  readonly limit?: number
  readonly offset?: number
}

export async function selectItems(
  db: Handle,
  scope: WorkspaceScope,
  id: BacktestId,
  { states, sort = 'number', limit = ITEMS_MAX, offset = 0 }: ItemsWanted = {},
): Promise<readonly BacktestItem[]> {
  let query = db
    .selectFrom('backtestItem')
    .selectAll()
    .where('workspaceId', '=', scope.workspaceId)
    .where('backtestId', '=', id)
  if (states) query = query.where('state', 'in', states)
  if (sort === 'perDay') {
    query = query.orderBy((eb) => eb.fn.coalesce('perDay', eb.val(-1)), 'desc')
  }
  const rows = await query.orderBy('number').limit(limit).offset(offset).execute()
  return rows.map(toItem)
}

/** A change has at most so many items, and a forecast fewer. */
const ITEMS_MAX = 5_000

/** What was measured of a query, and over which window. */
export interface Projection extends Pick<Backtest, 'from' | 'to'> {
  /** The query, as JSON. */
  readonly after: string
  readonly result: Measured
}

const PROJECTED_MAX = 50

/**
 * Of the newest backtests whose window ended since then: by `rule target`, the newest first. One look
 * for a change of any size.
 */
export async function selectProjections(
  db: Handle,
  scope: WorkspaceScope,
  since: Instant,
): Promise<ReadonlyMap<string, readonly Projection[]>> {
  const recent = await db
    .selectFrom('backtest')
    .select(['id', 'fromAt', 'toAt'])
    .where('workspaceId', '=', scope.workspaceId)
    .where('toAt', '>', since)
    .orderBy('id', 'desc')
    .limit(PROJECTED_MAX)
    .execute()
  const found = new Map<string, Projection[]>()
  for (const { id, fromAt: from, toAt: to } of recent) {
    const rows = await db
      .selectFrom('backtestItem')
      .select(['ruleId', 'targetId', 'after', 'result'])
      .where('workspaceId', '=', scope.workspaceId)
      .where('backtestId', '=', id)
      .where('state', '=', 'measured')
      .execute()
    for (const { ruleId, targetId, after, result } of rows) {
      if (after === null || result === null) continue
      const name = `${ruleId} ${targetId}`
      const own = found.get(name) ?? []
      own.push({ from, to, after, result: { ...NOT_COUNTED, ...(JSON.parse(result) as Measured) } })
      found.set(name, own)
    }
  }
  return found
}

export type BacktestCounts = Readonly<Record<BacktestItemState, number>>

export async function countItems(
  db: Handle,
  scope: WorkspaceScope,
  id: BacktestId,
): Promise<BacktestCounts> {
  const rows = await db
    .selectFrom('backtestItem')
    .select((eb) => ['state' as const, eb.fn.countAll<number>().as('count')])
    .where('workspaceId', '=', scope.workspaceId)
    .where('backtestId', '=', id)
    .groupBy('state')
    .execute()
  const none = { waiting: 0, asking: 0, measured: 0, unknown: 0, unchanged: 0 }
  return { ...none, ...Object.fromEntries(rows.map(({ state, count }) => [state, count])) }
}

/** How many items were begun after that, and when the first of them was. */
export async function askedSince(
  db: Handle,
  scope: WorkspaceScope,
  id: BacktestId,
  since: Instant,
): Promise<{ readonly count: number; readonly first: Instant | null }> {
  const { count, first } = await db
    .selectFrom('backtestItem')
    .select((eb) => [eb.fn.countAll<number>().as('count'), eb.fn.min('askedAt').as('first')])
    .where('workspaceId', '=', scope.workspaceId)
    .where('backtestId', '=', id)
    .where('askedAt', '>', since)
    .executeTakeFirstOrThrow()
  return { count, first }
}

/** Whether any item was measured, or found to be unknown, after that. */
export async function hasEndedSince(
  db: Handle,
  scope: WorkspaceScope,
  id: BacktestId,
  since: Instant,
): Promise<boolean> {
  const found = await db
    .selectFrom('backtestItem')
    .select('number')
    .where('workspaceId', '=', scope.workspaceId)
    .where('backtestId', '=', id)
    .where('endedAt', '>', since)
    .limit(1)
    .executeTakeFirst()
  return found !== undefined
}

export async function updateBacktest(
  tx: Tx,
  id: BacktestId,
  change: Pick<Updateable<Tables['backtest']>, 'jobId' | 'endedAt'>,
): Promise<void> {
  await tx
    .updateTable('backtest')
    .set(change)
    .where('workspaceId', '=', tx.scope.workspaceId)
    .where('id', '=', id)
    .execute()
}

export type ItemChange = Partial<
  Pick<
    BacktestItem,
    'beforeSearchId' | 'afterSearchId' | 'askedAt' | 'state' | 'reason' | 'result' | 'endedAt'
  >
> & { readonly perDay?: number | null }

export async function updateItem(
  tx: Tx,
  id: BacktestId,
  number: number,
  { result, perDay, ...change }: ItemChange,
): Promise<void> {
  await tx
    .updateTable('backtestItem')
    .set({
      ...change,
      ...(result === undefined ? {} : { result: result && JSON.stringify(result) }),
      ...(perDay === undefined ? {} : { perDay: perDay && Math.round(perDay * 1_000) }),
    })
    .where('workspaceId', '=', tx.scope.workspaceId)
    .where('backtestId', '=', id)
    .where('number', '=', number)
    .execute()
}

function toBacktest({ workspaceId: _, fromAt: from, toAt: to, ...row }: Row): Backtest {
  return { ...row, from, to }
}

/** The columns of JSON are written here alone. */
function toItem({ workspaceId: _, backtestId: __, perDay: ___, ...row }: ItemRow): BacktestItem {
  return {
    ...row,
    kind: row.kind as SiemKind,
    before: row.before === null ? null : (JSON.parse(row.before) as Question),
    after: row.after === null ? null : (JSON.parse(row.after) as Question),
    result:
      row.result === null ? null : { ...NOT_COUNTED, ...(JSON.parse(row.result) as Measured) },
  }
}

/** Of what was measured before alerts were counted. */
const NOT_COUNTED: Pick<Measured, 'alerts' | 'days' | 'costs'> = {
  alerts: { before: null, after: null },
  days: { matches: null, alerts: null },
  costs: { before: null, after: null },
}
