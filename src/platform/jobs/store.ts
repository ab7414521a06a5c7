// The SQL of jobs. Every function works in one workspace: the runner goes from scope to scope, so the
// walls hold for it too. What a run writes names its lease, id and fence: once another run has taken
// the job over, those writes find no row.

import type { Selectable } from 'kysely'
import { z } from 'zod'
import { forbidden } from '#kernel/error.ts'
import type { Actor } from '#kernel/actor.ts'
import { INSTANCE_WORKSPACE, type JobId, type ScheduleId, type WorkspaceId } from '#kernel/id.ts'
import type { Instant } from '#kernel/time.ts'
import type { Database } from '#platform/db/database.ts'
import { makeScope, type WorkspaceScope } from '#platform/db/scope.ts'
import type { Tables } from '#platform/db/tables.ts'
import type { Reader, Tx } from '#platform/db/tx.ts'
import type { JobPriority } from './define.ts'
import type { Job, JobProgress, JobState } from './job.ts'

export type JobRow = Selectable<Tables['job']>

/** What a run holds: the fence grows with every claim, so an old one fits no row. */
export interface Lease {
  readonly jobId: JobId
  readonly fence: number
}

export interface NewJob {
  readonly id: JobId
  readonly kind: string
  readonly title: string
  readonly input: string
  readonly priority: JobPriority
  readonly concurrencyKey: string | null
  readonly attemptsMax: number
  readonly runAt: Instant
  readonly scheduleId: ScheduleId | null
  readonly createdBy: Actor
  readonly createdAt: Instant
}

const PRIORITIES: Readonly<Record<JobPriority, 0 | 1 | 2>> = { first: 0, normal: 1, last: 2 }

/** For `workspacesWithJobs`; once is enough. */
export async function rememberWorkspace(tx: Tx): Promise<void> {
  await tx
    .insertInto('jobWorkspace')
    .values({ workspaceId: tx.scope.workspaceId })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

export async function insertJob(tx: Tx, job: NewJob): Promise<void> {
  await tx
    .insertInto('job')
    .values({
      ...job,
      workspaceId: tx.scope.workspaceId,
      priority: PRIORITIES[job.priority],
      state: 'queued',
      attempt: 0,
      fence: 0,
      leaseOwner: null,
      leaseUntil: null,
      isCancelRequested: 0,
      progress: null,
      reason: null,
      startedAt: null,
      endedAt: null,
    })
    .execute()
}

/** The workspaces that ever had a job or a schedule: ids only, so no wall is crossed to find them. */
export async function workspacesWithJobs(db: Database): Promise<readonly WorkspaceId[]> {
  const rows = await db
    .read(makeScope(INSTANCE_WORKSPACE))
    .selectFrom('jobWorkspace')
    .select('workspaceId')
    .orderBy('workspaceId')
    .execute()
  return rows.map((row) => row.workspaceId as WorkspaceId)
}

export async function countQueued(tx: Tx): Promise<number> {
  const { count } = await tx
    .selectFrom('job')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('workspaceId', '=', tx.scope.workspaceId)
    .where('state', '=', 'queued')
    .executeTakeFirstOrThrow()
  return count
}

export async function getJob(reader: Reader, scope: WorkspaceScope, id: JobId): Promise<JobRow> {
  const row = await reader
    .selectFrom('job')
    .selectAll()
    .where('workspaceId', '=', scope.workspaceId)
    .where('id', '=', id)
    .executeTakeFirst()
  if (!row) throw forbidden()
  return row
}

export interface ListFilter {
  readonly states?: readonly JobState[]
  readonly kind?: string
}

/** Newest first, which ids sort by. */
export async function listJobs(
  reader: Reader,
  scope: WorkspaceScope,
  filter: ListFilter,
  page: { readonly limit: number; readonly after?: JobId },
): Promise<readonly JobRow[]> {
  let query = reader.selectFrom('job').selectAll().where('workspaceId', '=', scope.workspaceId)
  if (filter.states) query = query.where('state', 'in', [...filter.states])
  if (filter.kind !== undefined) query = query.where('kind', '=', filter.kind)
  if (page.after !== undefined) query = query.where('id', '<', page.after)
  return query.orderBy('id', 'desc').limit(page.limit).execute()
}

export interface ClaimLimits {
  readonly owner: string
  readonly now: Instant
  readonly leaseUntil: Instant
  /** How many to take at most. */
  readonly max: number
  readonly perWorkspaceMax: number
  /** Runs at once of one kind; a kind without an entry is not limited. */
  readonly perKindMax: ReadonlyMap<string, number>
}

export interface Claimed {
  readonly rows: readonly JobRow[]
  /** Leases of other owners that have run out. Whoever settles them claims again. */
  readonly expired: readonly JobRow[]
  /** There may be more to take now. */
  readonly isMore: boolean
  /** When a waiting job becomes ready, or a foreign lease ends; null for nothing in sight. */
  readonly nextAt: Instant | null
}

/** Takes what may run now: by priority, then by age, around the kinds and keys that are full. */
export async function claimJobs(tx: Tx, limits: ClaimLimits): Promise<Claimed> {
  const { workspaceId } = tx.scope
  const leased = await leasedRows(tx)
  const rows: JobRow[] = []
  let isFull = false
  while (rows.length < limits.max) {
    isFull = leased.length >= limits.perWorkspaceMax
    if (isFull) break
    const row = await firstReady(tx, limits, leased)
    if (!row) break
    const claimed = await tx
      .updateTable('job')
      .set({
        state: 'leased',
        attempt: row.attempt + 1,
        fence: row.fence + 1,
        leaseOwner: limits.owner,
        leaseUntil: limits.leaseUntil,
        startedAt: row.startedAt ?? limits.now,
      })
      .where('workspaceId', '=', workspaceId)
      .where('id', '=', row.id)
      .where('state', '=', 'queued')
      .returningAll()
      .executeTakeFirstOrThrow()
    rows.push(claimed)
    leased.push(claimed)
  }
  const foreign = leased.filter((row) => row.leaseOwner !== limits.owner)
  const expired = foreign.filter(({ leaseUntil }) => leaseUntil! < limits.now)
  const isMore = !isFull && rows.length === limits.max
  // When the workspace is full, the end of one of its runs is what to wait for.
  const nextAt = isFull || isMore ? null : await nextRunAt(tx, limits.now)
  const nextExpiry = foreign.reduce<Instant | null>((at, row) => earliest(at, row.leaseUntil), null)
  return { rows, expired, isMore, nextAt: earliest(nextAt, nextExpiry) }
}

async function leasedRows(tx: Tx): Promise<JobRow[]> {
  return tx
    .selectFrom('job')
    .selectAll()
    .where('workspaceId', '=', tx.scope.workspaceId)
    .where('state', '=', 'leased')
    .execute()
}

function firstReady(
  tx: Tx,
  limits: ClaimLimits,
  leased: readonly JobRow[],
): Promise<JobRow | undefined> {
  const kinds = new Set(leased.map((row) => row.kind))
  const fullKinds = [...kinds].filter((kind) => {
    const running = leased.filter((row) => row.kind === kind).length
    return running >= (limits.perKindMax.get(kind) ?? Infinity)
  })
  const busyKeys = leased.map((row) => row.concurrencyKey).filter((key) => key !== null)
  let query = tx
    .selectFrom('job')
    .selectAll()
    .where('workspaceId', '=', tx.scope.workspaceId)
    .where('state', '=', 'queued')
    .where('runAt', '<=', limits.now)
  if (fullKinds.length > 0) query = query.where('kind', 'not in', fullKinds)
  if (busyKeys.length > 0) {
    query = query.where((eb) =>
      eb.or([eb('concurrencyKey', 'is', null), eb('concurrencyKey', 'not in', busyKeys)]),
    )
  }
  return query.orderBy('priority').orderBy('runAt').orderBy('id').limit(1).executeTakeFirst()
}

async function nextRunAt(tx: Tx, now: Instant): Promise<Instant | null> {
  const { runAt } = await tx
    .selectFrom('job')
    .select((eb) => eb.fn.min('runAt').as('runAt'))
    .where('workspaceId', '=', tx.scope.workspaceId)
    .where('state', '=', 'queued')
    .where('runAt', '>', now)
    .executeTakeFirstOrThrow()
  return runAt
}

export function earliest(a: Instant | null, b: Instant | null): Instant | null {
  if (a === null || b === null) return a ?? b
  return a < b ? a : b
}

/** Leases of other owners. */
export async function foreignLeases(tx: Tx, owner: string): Promise<readonly JobRow[]> {
  return (await leasedRows(tx)).filter((row) => row.leaseOwner !== owner)
}

/** Prolongs the leases of `owner`; what is missing from the answer was taken over. */
export async function renewLeases(
  tx: Tx,
  owner: string,
  leaseUntil: Instant,
): Promise<readonly Pick<JobRow, 'id' | 'fence' | 'isCancelRequested'>[]> {
  return tx
    .updateTable('job')
    .set({ leaseUntil })
    .where('workspaceId', '=', tx.scope.workspaceId)
    .where('state', '=', 'leased')
    .where('leaseOwner', '=', owner)
    .returning(['id', 'fence', 'isCancelRequested'])
    .execute()
}

export async function isLeased(tx: Tx, lease: Lease): Promise<boolean> {
  const row = await tx
    .selectFrom('job')
    .select('id')
    .where('workspaceId', '=', tx.scope.workspaceId)
    .where('id', '=', lease.jobId)
    .where('fence', '=', lease.fence)
    .where('state', '=', 'leased')
    .executeTakeFirst()
  return row !== undefined
}

export type LeasedChange = Partial<
  Pick<JobRow, 'progress' | 'state' | 'reason' | 'runAt' | 'attempt' | 'endedAt'>
>

/** Changes the job of a lease. False when the lease is over, and then nothing changed. */
export async function updateLeased(tx: Tx, lease: Lease, change: LeasedChange): Promise<boolean> {
  const ends = change.state === undefined ? {} : { leaseOwner: null, leaseUntil: null }
  const { numUpdatedRows } = await tx
    .updateTable('job')
    .set({ ...change, ...ends })
    .where('workspaceId', '=', tx.scope.workspaceId)
    .where('id', '=', lease.jobId)
    .where('fence', '=', lease.fence)
    .where('state', '=', 'leased')
    .executeTakeFirstOrThrow()
  return numUpdatedRows === 1n
}

/** Marks a leased job as asked to stop. */
export async function requestCancel(tx: Tx, id: JobId): Promise<void> {
  await tx
    .updateTable('job')
    .set({ isCancelRequested: 1 })
    .where('workspaceId', '=', tx.scope.workspaceId)
    .where('id', '=', id)
    .where('state', '=', 'leased')
    .execute()
}

/** Ends a job that waits. */
export async function cancelQueued(
  tx: Tx,
  id: JobId,
  end: { readonly reason: string; readonly endedAt: Instant },
): Promise<void> {
  await tx
    .updateTable('job')
    .set({ ...end, state: 'cancelled', isCancelRequested: 1 })
    .where('workspaceId', '=', tx.scope.workspaceId)
    .where('id', '=', id)
    .where('state', '=', 'queued')
    .execute()
}

/** Deletes up to `max` ended jobs of these states, oldest first, with their steps. */
export async function deleteEnded(
  tx: Tx,
  which: {
    readonly states: readonly JobState[]
    /** All where it is left out. */
    readonly kind?: string
    readonly before: Instant
    readonly max: number
  },
): Promise<number> {
  const { workspaceId } = tx.scope
  let query = tx
    .selectFrom('job')
    .select('id')
    .where('workspaceId', '=', workspaceId)
    .where('endedAt', '<', which.before)
    .where('state', 'in', [...which.states])
  if (which.kind !== undefined) query = query.where('kind', '=', which.kind)
  const old = await query.orderBy('endedAt').limit(which.max).execute()
  if (old.length === 0) return 0
  const ids = old.map((row) => row.id)
  await tx
    .deleteFrom('jobStep')
    .where('workspaceId', '=', workspaceId)
    .where('jobId', 'in', ids)
    .execute()
  await tx.deleteFrom('job').where('workspaceId', '=', workspaceId).where('id', 'in', ids).execute()
  return ids.length
}

const Progress = z.strictObject({
  done: z.number(),
  total: z.number().nullable(),
  unit: z.string(),
  note: z.string(),
})

export function toJob(row: JobRow): Job {
  return {
    id: row.id,
    workspaceId: row.workspaceId as WorkspaceId,
    kind: row.kind,
    title: row.title,
    state: row.state,
    progress: row.progress === null ? null : Progress.parse(JSON.parse(row.progress)),
    attempt: row.attempt,
    attemptsMax: row.attemptsMax,
    createdBy: row.createdBy,
    createdAt: row.createdAt,
    runAt: row.runAt,
    startedAt: row.startedAt,
    endedAt: row.endedAt,
    reason: row.reason,
    isCancelRequested: row.isCancelRequested === 1,
  }
}

export function progressText(progress: JobProgress): string {
  return JSON.stringify(Progress.parse(progress))
}
