// SQL of what rules build on: what the target told of it, version by version, and which rules name it.

import type { DependencyId, ObservedId, TargetId } from '#kernel/id.ts'
import type { Instant } from '#kernel/time.ts'
import type { WorkspaceScope } from '#platform/db/scope.ts'
import type { Reader, Tx } from '#platform/db/tx.ts'
import {
  REACTION_KINDS,
  TARGET_NAMES,
  type Dependency,
  type DependencyKind,
  type NamedDependency,
  type ToldState,
} from './dependency.ts'

type Handle = Pick<Reader, 'selectFrom'>

export interface KnownDependency {
  readonly id: DependencyId
  readonly kind: string
  readonly name: string
  readonly hash: string | null
  readonly version: number
  readonly state: ToldState
  readonly changedAt: Instant
  readonly givenAt: Instant | null
}

export function selectKnownDependencies(
  db: Handle,
  scope: WorkspaceScope,
  targetId: TargetId,
): Promise<readonly KnownDependency[]> {
  return db
    .selectFrom('dependency')
    .select(['id', 'kind', 'name', 'hash', 'version', 'state', 'changedAt', 'givenAt'])
    .where('workspaceId', '=', scope.workspaceId)
    .where('targetId', '=', targetId)
    .execute()
}

export function findDependency(
  db: Handle,
  scope: WorkspaceScope,
  { targetId, kind, name }: NamedDependency & { readonly targetId: TargetId },
): Promise<Pick<KnownDependency, 'id' | 'hash' | 'version' | 'state'> | undefined> {
  return db
    .selectFrom('dependency')
    .select(['id', 'hash', 'version', 'state'])
    .where('workspaceId', '=', scope.workspaceId)
    .where('targetId', '=', targetId)
    .where('kind', '=', kind)
    .where('name', '=', name)
    .executeTakeFirst()
}

export interface Defined {
  readonly kind: string
  readonly name: string
  /** Whatever was told or given. */
  readonly definition: unknown
}

/** What the target told, or what people gave where it does not. */
export async function selectDefined(
  db: Handle,
  scope: WorkspaceScope,
  targetId: TargetId,
  { by, kind }: { readonly by: 'target' | 'people'; readonly kind?: DependencyKind },
): Promise<readonly Defined[]> {
  let query = db
    .selectFrom('dependency')
    .select(['kind', 'name', 'definition'])
    .where('workspaceId', '=', scope.workspaceId)
    .where('targetId', '=', targetId)
    .where('definition', 'is not', null)
  query =
    by === 'people'
      ? query.where('givenAt', 'is not', null)
      : query.where('state', '=', 'told').where('givenAt', 'is', null)
  if (kind !== undefined) query = query.where('kind', '=', kind)
  const rows = await query.execute()
  return rows.map(({ definition, ...rest }) => ({
    ...rest,
    definition: JSON.parse(definition!) as unknown,
  }))
}

export interface NewDependency {
  readonly id: DependencyId
  readonly targetId: TargetId
  readonly kind: DependencyKind
  readonly name: string
  readonly title: string | null
  readonly state: ToldState
  readonly version: number
  readonly hash: string | null
  /** JSON. */
  readonly definition: string | null
  /** Both null where the target told it, or nobody. */
  readonly givenAt: Instant | null
  readonly givenBy: string | null
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

/** What it is stays with a new state alone. */
export async function updateDependency(
  tx: Tx,
  { id, title, state, version, hash, definition, givenAt, givenBy, at }: NewDependency,
  isOther: boolean,
): Promise<void> {
  const changed = isOther ? { version, hash, definition, changedAt: at } : {}
  await tx
    .updateTable('dependency')
    .set({ title, state, givenAt, givenBy, seenAt: at, ...changed })
    .where('workspaceId', '=', tx.scope.workspaceId)
    .where('id', '=', id)
    .execute()
  if (isOther) await keepVersion(tx, { id, version, hash, definition }, at)
}

export async function updateState(
  tx: Tx,
  id: DependencyId,
  change: { readonly state: ToldState; readonly seenAt: Instant },
): Promise<void> {
  await tx
    .updateTable('dependency')
    .set(change)
    .where('workspaceId', '=', tx.scope.workspaceId)
    .where('id', '=', id)
    .execute()
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

/** What a rule builds on is these and no others, besides what the target says of it. */
export async function replaceLinks(
  tx: Tx,
  observedId: ObservedId,
  ids: readonly DependencyId[],
): Promise<void> {
  const { workspaceId } = tx.scope
  const ofTarget = tx
    .selectFrom('dependency')
    .select('id')
    .where('workspaceId', '=', workspaceId)
    .where('kind', 'in', TARGET_NAMES)
  await tx
    .deleteFrom('observedDependency')
    .where('workspaceId', '=', workspaceId)
    .where('observedId', '=', observedId)
    .where('dependencyId', 'not in', ofTarget)
    .execute()
  await insertLinks(
    tx,
    ids.map((dependencyId) => ({ observedId, dependencyId })),
  )
}

export interface Link {
  readonly observedId: ObservedId
  readonly dependencyId: DependencyId
}

/** What a target says of its rules is this and nothing else. Returns the rules it said something of before. */
export async function replaceReactions(
  tx: Tx,
  targetId: TargetId,
  links: readonly Link[],
): Promise<readonly ObservedId[]> {
  const { workspaceId } = tx.scope
  const ofTarget = tx
    .selectFrom('dependency')
    .select('id')
    .where('workspaceId', '=', workspaceId)
    .where('targetId', '=', targetId)
    .where('kind', 'in', TARGET_NAMES)
  const before = await tx
    .deleteFrom('observedDependency')
    .where('workspaceId', '=', workspaceId)
    .where('dependencyId', 'in', ofTarget)
    .returning('observedId')
    .execute()
  await insertLinks(tx, links)
  return before.map(({ observedId }) => observedId)
}

const LINKS_AT_ONCE = 500

async function insertLinks(tx: Tx, links: readonly Link[]): Promise<void> {
  const { workspaceId } = tx.scope
  for (let at = 0; at < links.length; at += LINKS_AT_ONCE) {
    const some = links.slice(at, at + LINKS_AT_ONCE).map((link) => ({ ...link, workspaceId }))
    await tx
      .insertInto('observedDependency')
      .values(some)
      .onConflict((conflict) => conflict.doNothing())
      .execute()
  }
}

/** The rules that build on one of these. */
export async function selectBuiltOn(
  db: Handle,
  scope: WorkspaceScope,
  ids: readonly DependencyId[],
): Promise<readonly ObservedId[]> {
  if (ids.length === 0) return []
  const rows = await db
    .selectFrom('observedDependency')
    .select('observedId')
    .distinct()
    .where('workspaceId', '=', scope.workspaceId)
    .where('dependencyId', 'in', ids)
    .execute()
  return rows.map(({ observedId }) => observedId)
}

/** What takes up the alerts of these rules, in the words of people. */
export async function selectReactions(
  db: Handle,
  scope: WorkspaceScope,
  ids: readonly ObservedId[],
): Promise<ReadonlyMap<ObservedId, readonly string[]>> {
  if (ids.length === 0) return new Map()
  const rows = await db
    .selectFrom('observedDependency')
    .innerJoin('dependency', (join) =>
      join
        .onRef('dependency.workspaceId', '=', 'observedDependency.workspaceId')
        .onRef('dependency.id', '=', 'observedDependency.dependencyId')
        .on('dependency.workspaceId', '=', scope.workspaceId),
    )
    .select(['observedDependency.observedId', 'dependency.name', 'dependency.title'])
    .where('observedDependency.workspaceId', '=', scope.workspaceId)
    .where('observedDependency.observedId', 'in', ids)
    .where('dependency.kind', 'in', REACTION_KINDS)
    .orderBy('dependency.kind')
    .orderBy('dependency.name')
    .execute()
  const byRule = Map.groupBy(rows, ({ observedId }) => observedId)
  return new Map(
    [...byRule].map(([id, found]) => [id, found.map(({ name, title }) => title ?? name)]),
  )
}

/** Automation that a target told of, with what it says and the rules there that it names. */
export interface ToldAutomation {
  readonly targetId: TargetId
  readonly name: string
  readonly title: string | null
  readonly definition: unknown
  /** As the target names them. */
  readonly refs: readonly string[]
}

export async function selectAutomation(
  db: Handle,
  scope: WorkspaceScope,
  targetId: TargetId | undefined,
): Promise<readonly ToldAutomation[]> {
  let query = db
    .selectFrom('dependency')
    .select(['id', 'targetId', 'name', 'title', 'definition'])
    .where('workspaceId', '=', scope.workspaceId)
    .where('kind', '=', 'automation_rule')
    .where('state', '=', 'told')
    .where('definition', 'is not', null)
  if (targetId !== undefined) query = query.where('targetId', '=', targetId)
  const found = await query.orderBy('id').execute()
  if (found.length === 0) return []
  const links = await db
    .selectFrom('observedDependency')
    .innerJoin('observedRule', (join) =>
      join
        .onRef('observedRule.workspaceId', '=', 'observedDependency.workspaceId')
        .onRef('observedRule.id', '=', 'observedDependency.observedId')
        .on('observedRule.workspaceId', '=', scope.workspaceId),
    )
    .innerJoin('dependency', (join) =>
      join
        .onRef('dependency.workspaceId', '=', 'observedDependency.workspaceId')
        .onRef('dependency.id', '=', 'observedDependency.dependencyId')
        .on('dependency.workspaceId', '=', scope.workspaceId),
    )
    .select(['observedDependency.dependencyId', 'observedRule.ref'])
    .where('observedDependency.workspaceId', '=', scope.workspaceId)
    .where('dependency.kind', '=', 'automation_rule')
    .execute()
  const refs = Map.groupBy(links, ({ dependencyId }) => dependencyId)
  return found.map(({ id, definition, ...row }) => ({
    ...row,
    definition: JSON.parse(definition!) as unknown,
    refs: (refs.get(id) ?? []).map(({ ref }) => ref),
  }))
}

interface Wanted {
  readonly targetId?: TargetId | undefined
  readonly observedId?: ObservedId | undefined
  readonly dependencyId?: DependencyId | undefined
  readonly limit: number
  readonly after: DependencyId | null
}

/** In the order of their ids; of a target, of a rule, or all that rules name. */
export async function selectDependencies(
  db: Handle,
  scope: WorkspaceScope,
  { targetId, observedId, dependencyId, limit, after }: Wanted,
): Promise<readonly Dependency[]> {
  let query = db
    .selectFrom('dependency')
    .select(['id', 'targetId', 'kind', 'name', 'title', 'state', 'version', 'hash'])
    .select(['changedAt', 'givenAt'])
    .select((eb) =>
      eb
        .selectFrom('observedDependency')
        .select((inner) => inner.fn.countAll<number>().as('count'))
        .where('observedDependency.workspaceId', '=', scope.workspaceId)
        .whereRef('observedDependency.dependencyId', '=', 'dependency.id')
        .as('rules'),
    )
    .where('dependency.workspaceId', '=', scope.workspaceId)
  if (dependencyId !== undefined) query = query.where('dependency.id', '=', dependencyId)
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
  // What is gone and named by nobody is of no interest.
  query = query.where((eb) =>
    eb.or([
      eb('dependency.state', '!=', 'missing'),
      eb('dependency.givenAt', 'is not', null),
      eb.exists(
        eb
          .selectFrom('observedDependency')
          .select('observedDependency.dependencyId')
          .where('observedDependency.workspaceId', '=', scope.workspaceId)
          .whereRef('observedDependency.dependencyId', '=', 'dependency.id'),
      ),
    ]),
  )
  const rows = await query.orderBy('dependency.id').limit(limit).execute()
  return rows.map(({ givenAt, ...row }) => ({
    ...row,
    kind: row.kind as DependencyKind,
    state: givenAt === null ? row.state : 'given',
    rules: row.rules ?? 0,
  }))
}
