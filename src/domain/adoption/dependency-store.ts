// SQL of what rules build on: what the target told of it, version by version, and which rules name it.

import type { DependencyId, ObservedId, TargetId } from '#kernel/id.ts'
import type { Instant } from '#kernel/time.ts'
import type { WorkspaceScope } from '#platform/db/scope.ts'
import type { Reader, Tx } from '#platform/db/tx.ts'
import type { Dependency, DependencyKind, DependencyState } from './dependency.ts'

type Handle = Pick<Reader, 'selectFrom'>

export interface KnownDependency {
  readonly id: DependencyId
  readonly kind: string
  readonly name: string
  readonly hash: string | null
  readonly version: number
  readonly state: DependencyState
}

export function selectKnownDependencies(
  db: Handle,
  scope: WorkspaceScope,
  targetId: TargetId,
): Promise<readonly KnownDependency[]> {
  return db
    .selectFrom('dependency')
    .select(['id', 'kind', 'name', 'hash', 'version', 'state'])
    .where('workspaceId', '=', scope.workspaceId)
    .where('targetId', '=', targetId)
    .execute()
}

export interface NewDependency {
  readonly id: DependencyId
  readonly targetId: TargetId
  readonly kind: DependencyKind
  readonly name: string
  readonly state: DependencyState
  readonly version: number
  readonly hash: string | null
  /** JSON. */
  readonly definition: string | null
  readonly at: Instant
}

export async function insertDependency(tx: Tx, { at, ...row }: NewDependency): Promise<void> {
  const { workspaceId } = tx.scope
  const times = { firstSeenAt: at, changedAt: at, seenAt: at }
  await tx
    .insertInto('dependency')
    .values({ ...row, ...times, workspaceId })
    .execute()
  await keepVersion(tx, row, at)
}

export async function updateDependency(
  tx: Tx,
  { id, state, version, hash, definition, at }: NewDependency,
  isOther: boolean,
): Promise<void> {
  const changed = isOther ? { version, hash, definition, changedAt: at } : {}
  await tx
    .updateTable('dependency')
    .set({ state, seenAt: at, ...changed })
    .where('workspaceId', '=', tx.scope.workspaceId)
    .where('id', '=', id)
    .execute()
  if (isOther) await keepVersion(tx, { id, version, hash, definition }, at)
}

async function keepVersion(
  tx: Tx,
  { id, version, hash, definition }: Pick<NewDependency, 'id' | 'version' | 'hash' | 'definition'>,
  at: Instant,
): Promise<void> {
  if (hash === null || definition === null) return
  const { workspaceId } = tx.scope
  await tx
    .insertInto('dependencyVersion')
    .values({ workspaceId, dependencyId: id, number: version, hash, definition, at })
    .execute()
}

/** What a rule builds on is these and no others. */
export async function replaceLinks(
  tx: Tx,
  observedId: ObservedId,
  ids: readonly DependencyId[],
): Promise<void> {
  const { workspaceId } = tx.scope
  await tx
    .deleteFrom('observedDependency')
    .where('workspaceId', '=', workspaceId)
    .where('observedId', '=', observedId)
    .execute()
  if (ids.length === 0) return
  await tx
    .insertInto('observedDependency')
    .values(ids.map((dependencyId) => ({ workspaceId, observedId, dependencyId })))
    .execute()
}

interface Wanted {
  readonly targetId?: TargetId | undefined
  readonly observedId?: ObservedId | undefined
  readonly limit: number
  readonly after: DependencyId | null
}

/** In the order of their ids; of a target, of a rule, or all that rules name. */
export async function selectDependencies(
  db: Handle,
  scope: WorkspaceScope,
  { targetId, observedId, limit, after }: Wanted,
): Promise<readonly Dependency[]> {
  let query = db
    .selectFrom('dependency')
    .select(['id', 'targetId', 'kind', 'name', 'state', 'version', 'hash', 'changedAt'])
    .select((eb) =>
      eb
        .selectFrom('observedDependency')
        .select((inner) => inner.fn.countAll<number>().as('count'))
        .where('observedDependency.workspaceId', '=', scope.workspaceId)
        .whereRef('observedDependency.dependencyId', '=', 'dependency.id')
        .as('rules'),
    )
    .where('dependency.workspaceId', '=', scope.workspaceId)
  if (targetId !== undefined) query = query.where('dependency.targetId', '=', targetId)
  if (observedId !== undefined) {
    query = query.where('dependency.id', 'in', (eb) =>
      eb
        .selectFrom('observedDependency')
        .select('dependencyId')
        .where('observedDependency.workspaceId', '=', scope.workspaceId)
        .where('observedDependency.observedId', '=', observedId),
    )
  }
  if (after !== null) query = query.where('dependency.id', '>', after)
  const rows = await query.orderBy('dependency.id').limit(limit).execute()
  return rows.map((row) => ({ ...row, kind: row.kind as DependencyKind, rules: row.rules ?? 0 }))
}
