// SQL of what is bound: which object of a target is which rule of ours, with the signed state it had then.

import type { Selectable } from 'kysely'
import { forbidden } from '#kernel/error.ts'
import type { ObservedId, RuleId, TargetId } from '#kernel/id.ts'
import type { Json } from '#kernel/json.ts'
import type { WorkspaceScope } from '#platform/db/scope.ts'
import type { Tables } from '#platform/db/tables.ts'
import type { Tx } from '#platform/db/tx.ts'
import type { ObservedWhole } from './observed.ts'
import type { Chosen } from './input.ts'
import { fromObserved, narrow, type Handle, type Narrowing } from './store.ts'

type Row = Selectable<Tables['adoption']>
export type NewAdoption = Omit<Row, 'workspaceId'>
export type StoredAdoption = Omit<Row, 'workspaceId'>

/** Does nothing for an object that is bound already. Returns whether it was bound. */
export async function insertAdoption(tx: Tx, row: NewAdoption): Promise<boolean> {
  const { workspaceId } = tx.scope
  const { numInsertedOrUpdatedRows = 0n } = await tx
    .insertInto('adoption')
    .values({ ...row, workspaceId })
    .onConflict((conflict) => conflict.columns(['workspaceId', 'observedId']).doNothing())
    .executeTakeFirst()
  return numInsertedOrUpdatedRows > 0n
}

export async function deleteAdoption(tx: Tx, observedId: ObservedId): Promise<void> {
  await tx
    .deleteFrom('adoption')
    .where('workspaceId', '=', tx.scope.workspaceId)
    .where('observedId', '=', observedId)
    .execute()
}

/** What is bound on a target. */
export async function selectBound(
  db: Handle,
  scope: WorkspaceScope,
  targetId: TargetId,
): Promise<readonly ObservedId[]> {
  const rows = await db
    .selectFrom('adoption')
    .select('observedId')
    .where('workspaceId', '=', scope.workspaceId)
    .where('targetId', '=', targetId)
    .execute()
  return rows.map(({ observedId }) => observedId)
}

export async function findAdoption(
  db: Handle,
  scope: WorkspaceScope,
  observedId: ObservedId,
): Promise<StoredAdoption | undefined> {
  const row = await db
    .selectFrom('adoption')
    .selectAll()
    .where('workspaceId', '=', scope.workspaceId)
    .where('observedId', '=', observedId)
    .executeTakeFirst()
  if (!row) return undefined
  const { workspaceId: _, ...rest } = row
  return rest
}

/** The vendor's own id or name of one. */
export async function findRef(
  db: Handle,
  scope: WorkspaceScope,
  observedId: ObservedId,
): Promise<string | undefined> {
  const row = await db
    .selectFrom('observedRule')
    .select('ref')
    .where('workspaceId', '=', scope.workspaceId)
    .where('id', '=', observedId)
    .executeTakeFirst()
  return row?.ref
}

/** Which objects of targets these places are, as far as anybody saw them. */
export async function selectObservedIds(
  db: Handle,
  scope: WorkspaceScope,
  ruleId: RuleId,
): Promise<ReadonlyMap<TargetId, ObservedId>> {
  const rows = await db
    .selectFrom('placement')
    .innerJoin('observedRule', (join) =>
      join
        .onRef('observedRule.workspaceId', '=', 'placement.workspaceId')
        .onRef('observedRule.targetId', '=', 'placement.targetId')
        .onRef('observedRule.ref', '=', 'placement.ref')
        .on('observedRule.workspaceId', '=', scope.workspaceId),
    )
    .select(['placement.targetId', 'observedRule.id'])
    .where('placement.workspaceId', '=', scope.workspaceId)
    .where('placement.ruleId', '=', ruleId)
    .execute()
  return new Map(rows.map(({ targetId, id }) => [targetId, id]))
}

/** What may be bound: everything about it that decides how. */
export interface Candidate {
  readonly id: ObservedId
  readonly ref: string
  readonly name: string
  readonly isEnabled: 0 | 1 | null
  readonly hash: string
  readonly uuid: string | null
  readonly marker: string | null
  readonly observeOnly: string | null
}

export interface WholeCandidate extends Candidate {
  readonly etag: string | null
  readonly body: ObservedWhole['body']
  readonly raw: Json
}

const CANDIDATE = [
  'observedRule.id',
  'observedRule.ref',
  'observedRule.name',
  'observedRule.isEnabled',
  'observedRule.hash',
  'observedRule.uuid',
  'observedRule.marker',
  'observedRule.observeOnly',
] as const

interface Which {
  readonly chosen: Chosen
  readonly now: Narrowing['now']
}

interface Wanted extends Which {
  readonly limit: number
  readonly after: ObservedId | null
}

function chosenOf(db: Handle, scope: WorkspaceScope, targetId: TargetId, { chosen, now }: Which) {
  const query = fromObserved(db, scope)
  if (chosen.ids === undefined) {
    return narrow(query, scope, targetId, { filter: chosen.filter ?? {}, now })
  }
  return query
    .where('observedRule.targetId', '=', targetId)
    .where('observedRule.id', 'in', chosen.ids)
}

function unbound(db: Handle, scope: WorkspaceScope, targetId: TargetId, which: Which) {
  return chosenOf(db, scope, targetId, which)
    .where('observedRule.missingSince', 'is', null)
    .where('rule.id', 'is', null)
}

/** What may be let go of: what was deployed, or is managed under review, takes a change. */
interface WhichBound extends Which {
  readonly isReviewed: boolean
}

function bound(
  db: Handle,
  scope: WorkspaceScope,
  targetId: TargetId,
  { isReviewed, ...which }: WhichBound,
) {
  const query = chosenOf(db, scope, targetId, which)
    .where('adoption.ruleId', 'is not', null)
    .where((eb) =>
      eb.or([eb('placement.origin', 'is', null), eb('placement.origin', '=', 'baseline')]),
    )
  return isReviewed ? query.where('adoption.ownership', '=', 'observe') : query
}

export async function countBound(
  db: Handle,
  scope: WorkspaceScope,
  targetId: TargetId,
  which: WhichBound,
): Promise<number> {
  const { count } = await bound(db, scope, targetId, which)
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  return count
}

/** Of what was chosen: what is bound, gone or not. In the order of ids. */
export function selectChosenBound(
  db: Handle,
  scope: WorkspaceScope,
  targetId: TargetId,
  { limit, ...which }: WhichBound & { readonly limit: number },
): Promise<readonly Pick<Candidate, 'id' | 'name'>[]> {
  return bound(db, scope, targetId, which)
    .select(['observedRule.id', 'observedRule.name'])
    .orderBy('observedRule.id')
    .limit(limit)
    .execute()
}

function pageOf(
  db: Handle,
  scope: WorkspaceScope,
  targetId: TargetId,
  { limit, after, ...which }: Wanted,
) {
  const query = unbound(db, scope, targetId, which)
  const rest = after === null ? query : query.where('observedRule.id', '>', after)
  return rest.orderBy('observedRule.id').limit(limit)
}

export async function countUnbound(
  db: Handle,
  scope: WorkspaceScope,
  targetId: TargetId,
  which: Which,
): Promise<number> {
  const { count } = await unbound(db, scope, targetId, which)
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  return count
}

/** Of what was chosen: what nobody bound yet and what still stands there. In the order of ids. */
export function selectUnbound(
  db: Handle,
  scope: WorkspaceScope,
  targetId: TargetId,
  wanted: Wanted,
): Promise<readonly Candidate[]> {
  return pageOf(db, scope, targetId, wanted).select(CANDIDATE).execute()
}

export async function selectUnboundWhole(
  db: Handle,
  scope: WorkspaceScope,
  targetId: TargetId,
  wanted: Wanted,
): Promise<readonly WholeCandidate[]> {
  const rows = await pageOf(db, scope, targetId, wanted)
    .select([...CANDIDATE, 'observedRule.etag', 'observedRule.body', 'observedRule.raw'])
    .execute()
  return rows.map((row) => ({
    ...row,
    body: JSON.parse(row.body) as ObservedWhole['body'],
    raw: JSON.parse(row.raw) as Json,
  }))
}

/** Throws `forbidden` for one that is not here. */
export async function getWhole(
  db: Handle,
  scope: WorkspaceScope,
  id: ObservedId,
): Promise<WholeCandidate> {
  const row = await db
    .selectFrom('observedRule')
    .select([...CANDIDATE, 'observedRule.etag', 'observedRule.body', 'observedRule.raw'])
    .where('workspaceId', '=', scope.workspaceId)
    .where('id', '=', id)
    .executeTakeFirst()
  if (!row) throw forbidden()
  return {
    ...row,
    body: JSON.parse(row.body) as ObservedWhole['body'],
    raw: JSON.parse(row.raw) as Json,
  }
}

export interface SameBody {
  readonly name: string
  readonly hash: string
  readonly ruleId: RuleId
}

/** Rules that are bound at another target of the kind to an object of the same name and body. */
export function selectSameBodies(
  db: Handle,
  scope: WorkspaceScope,
  { id, kind }: { readonly id: TargetId; readonly kind: string },
  hashes: readonly string[],
): Promise<readonly SameBody[]> {
  if (hashes.length === 0) return Promise.resolve([])
  return db
    .selectFrom('adoption')
    .innerJoin('observedRule', (join) =>
      join
        .onRef('observedRule.workspaceId', '=', 'adoption.workspaceId')
        .onRef('observedRule.id', '=', 'adoption.observedId')
        .on('observedRule.workspaceId', '=', scope.workspaceId),
    )
    .innerJoin('target', (join) =>
      join
        .onRef('target.workspaceId', '=', 'adoption.workspaceId')
        .onRef('target.id', '=', 'adoption.targetId')
        .on('target.workspaceId', '=', scope.workspaceId),
    )
    .select(['observedRule.name', 'adoption.hash', 'adoption.ruleId'])
    .where('adoption.workspaceId', '=', scope.workspaceId)
    .where('target.kind', '=', kind)
    .where('target.id', '!=', id)
    .where('adoption.hash', 'in', hashes)
    .orderBy('adoption.ruleId')
    .execute()
}
