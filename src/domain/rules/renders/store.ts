// SQL of renderings: the newest of each rule for each kind of place, and what they were made from.

import type { Selectable } from 'kysely'
import { z } from 'zod'
import type { RuleId } from '#kernel/id.ts'
import type { Problem } from '#kernel/problem.ts'
import type { Instant } from '#kernel/time.ts'
import type { WorkspaceScope } from '#platform/db/scope.ts'
import type { Tables } from '#platform/db/tables.ts'
import type { Reader, Tx } from '#platform/db/tx.ts'
import type { RenderedBody, WriteBody } from './body.ts'
import { KINDS } from './kinds.ts'
import type { Rendering, StoredRender } from './render.ts'

type Handle = Pick<Reader, 'selectFrom'>
type Row = Selectable<Tables['ruleRender']>

const Queries = z.array(z.string())
const Problems = z.array(z.custom<Problem>((one) => typeof one === 'object' && one !== null))

export interface RendersToSave {
  readonly ruleId: RuleId
  readonly version: number
  readonly renderer: string
  readonly at: Instant
  /** What it was made from changed while it was made. */
  readonly isPending: boolean
  readonly renderings: readonly Rendering[]
  readonly bodies: readonly RenderedBody[]
}

/** In the place of those the rule has. */
export async function saveRenders(tx: Tx, made: RendersToSave): Promise<void> {
  const { ruleId, version, renderer, at, isPending, renderings, bodies } = made
  const rows = renderings.map(({ kind, target, state, queries, problems, inputHash }): Row => ({
    workspaceId: tx.scope.workspaceId,
    ruleId,
    kind,
    target: target ?? '',
    state,
    isPending: isPending ? 1 : 0,
    renderer,
    inputHash,
    queries: JSON.stringify(queries),
    problems: JSON.stringify(problems),
    version,
    renderedAt: at,
  }))
  await tx
    .deleteFrom('ruleRender')
    .where('workspaceId', '=', tx.scope.workspaceId)
    .where('ruleId', '=', ruleId)
    .execute()
  if (rows.length > 0) await tx.insertInto('ruleRender').values(rows).execute()
  await saveBodies(tx, ruleId, bodies)
}

async function saveBodies(tx: Tx, ruleId: RuleId, bodies: readonly RenderedBody[]): Promise<void> {
  const { workspaceId } = tx.scope
  const rows = bodies.map(({ kind, overlay, body, bodyHash, problems }) => ({
    workspaceId,
    ruleId,
    kind,
    overlay: overlay ?? '',
    body: body === null ? null : JSON.stringify(body),
    bodyHash,
    problems: JSON.stringify(problems),
  }))
  await tx
    .deleteFrom('ruleBody')
    .where('workspaceId', '=', workspaceId)
    .where('ruleId', '=', ruleId)
    .execute()
  if (rows.length > 0) await tx.insertInto('ruleBody').values(rows).execute()
}

const StoredBody = z.custom<WriteBody>((one) => typeof one === 'object' && one !== null)

async function selectBodies(
  db: Handle,
  scope: WorkspaceScope,
  ruleId: RuleId,
): Promise<readonly RenderedBody[]> {
  const rows = await db
    .selectFrom('ruleBody')
    .selectAll()
    .where('workspaceId', '=', scope.workspaceId)
    .where('ruleId', '=', ruleId)
    .orderBy('overlay')
    .execute()
  return rows.map(({ kind, overlay, body, bodyHash, problems }) => ({
    kind,
    overlay: overlay === '' ? null : overlay,
    body: body === null ? null : StoredBody.parse(JSON.parse(body)),
    bodyHash,
    problems: Problems.parse(JSON.parse(problems)),
  }))
}

/**
 * In the order of the kinds, the usual one first and then those of single targets; empty before the rule
 * was compiled.
 */
export async function selectRenders(
  db: Handle,
  scope: WorkspaceScope,
  ruleId: RuleId,
  renderer: string,
): Promise<readonly StoredRender[]> {
  const rows = await db
    .selectFrom('ruleRender')
    .selectAll()
    .where('workspaceId', '=', scope.workspaceId)
    .where('ruleId', '=', ruleId)
    .orderBy('target')
    .execute()
  const bodies = await selectBodies(db, scope, ruleId)
  const mapped = new Set(rows.map(({ target }) => target))
  return KINDS.flatMap((kind) => rows.filter((row) => row.kind === kind)).map((row) => ({
    kind: row.kind,
    target: row.target === '' ? null : row.target,
    state: row.state,
    queries: Queries.parse(JSON.parse(row.queries)),
    problems: Problems.parse(JSON.parse(row.problems)),
    inputHash: row.inputHash,
    isPending: row.isPending === 1 || row.renderer !== renderer,
    version: row.version,
    renderedAt: row.renderedAt,
    bodies: bodies.filter(({ kind, overlay }) => {
      if (kind !== row.kind) return false
      return row.target === '' ? !mapped.has(overlay ?? '?') : overlay === row.target
    }),
  }))
}

/** A correlation chain is at most this long. */
const CHAIN_MAX = 16

/**
 * Marks what is made from rules that bear these ids or names, and what is made from that. Returns the
 * rules that were marked.
 */
export async function markPending(tx: Tx, names: readonly string[]): Promise<readonly RuleId[]> {
  const { workspaceId } = tx.scope
  const marked = new Set<RuleId>()
  let wanted = names
  for (let depth = 0; depth < CHAIN_MAX && wanted.length > 0; depth += 1) {
    const found = await tx
      .selectFrom('ruleReference')
      .innerJoin('rule', (join) =>
        join
          .onRef('rule.workspaceId', '=', 'ruleReference.workspaceId')
          .onRef('rule.id', '=', 'ruleReference.ruleId'),
      )
      .select(['rule.id', 'rule.sigmaId', 'rule.name'])
      .where('ruleReference.workspaceId', '=', workspaceId)
      .where('ruleReference.reference', 'in', wanted)
      .execute()
    const fresh = found.filter(({ id }) => !marked.has(id))
    for (const { id } of fresh) marked.add(id)
    wanted = fresh.flatMap(({ sigmaId, name }) => [sigmaId, name]).filter((one) => one !== null)
  }
  await markRulesPending(tx, [...marked])
  return [...marked]
}

/** Marks the renderings of these rules alone. */
export async function markRulesPending(tx: Tx, ruleIds: readonly RuleId[]): Promise<void> {
  for (const ruleId of ruleIds) {
    await tx
      .updateTable('ruleRender')
      .set({ isPending: 1 })
      .where('workspaceId', '=', tx.scope.workspaceId)
      .where('ruleId', '=', ruleId)
      .execute()
  }
}

export interface SourceText {
  readonly id: RuleId
  readonly contentHash: string
  readonly text: string
}

/** Texts of the rules that bear these ids or names, and of those that these build on. */
export async function selectSources(
  db: Handle,
  scope: WorkspaceScope,
  references: readonly string[],
): Promise<readonly SourceText[]> {
  const found = new Map<RuleId, SourceText>()
  let wanted = references
  for (let depth = 0; depth < CHAIN_MAX && wanted.length > 0; depth += 1) {
    const rows = await db
      .selectFrom('rule')
      .innerJoin('ruleVersion', (join) =>
        join
          .onRef('ruleVersion.workspaceId', '=', 'rule.workspaceId')
          .onRef('ruleVersion.ruleId', '=', 'rule.id')
          .onRef('ruleVersion.number', '=', 'rule.version'),
      )
      .select(['rule.id', 'rule.kind', 'rule.contentHash', 'ruleVersion.text'])
      .where('rule.workspaceId', '=', scope.workspaceId)
      .where((eb) => eb.or([eb('rule.sigmaId', 'in', wanted), eb('rule.name', 'in', wanted)]))
      .where('rule.kind', '!=', 'filter')
      .orderBy('rule.id')
      .limit(SOURCES_MAX)
      .execute()
    const fresh = rows.filter(({ id }) => !found.has(id))
    for (const { id, contentHash, text } of fresh) found.set(id, { id, contentHash, text })
    const chained = fresh.filter(({ kind }) => kind === 'correlation').map(({ id }) => id)
    wanted = await selectReferences(db, scope, chained)
  }
  return [...found.values()]
}

/** A correlation over more rules than this is none that a target could run. */
const SOURCES_MAX = 200

/** What these rules build on, as they name it. */
export async function selectReferences(
  db: Handle,
  scope: WorkspaceScope,
  ruleIds: readonly RuleId[],
): Promise<readonly string[]> {
  if (ruleIds.length === 0) return []
  const rows = await db
    .selectFrom('ruleReference')
    .select('reference')
    .where('workspaceId', '=', scope.workspaceId)
    .where('ruleId', 'in', ruleIds)
    .execute()
  return rows.map(({ reference }) => reference)
}

/** Of these rules, those that compile for no kind of place. */
export async function selectIdle(
  db: Handle,
  scope: WorkspaceScope,
  ruleIds: readonly RuleId[],
): Promise<readonly RuleId[]> {
  if (ruleIds.length === 0) return []
  const rows = await db
    .selectFrom('ruleRender')
    .select('ruleId')
    .distinct()
    .where('workspaceId', '=', scope.workspaceId)
    .where('ruleId', 'in', ruleIds)
    .where('state', '=', 'ok')
    .execute()
  const compiled = new Set(rows.map(({ ruleId }) => ruleId))
  return ruleIds.filter((id) => !compiled.has(id))
}

/** Rules whose renderings are not of what is there now, in the order of their ids. */
export async function selectPending(
  db: Handle,
  scope: WorkspaceScope,
  { renderer, limit, after }: { renderer: string; limit: number; after: RuleId | null },
): Promise<readonly RuleId[]> {
  // Three ranges of two indexes: as one condition all renderings would be walked.
  const some = () => {
    const rows = db
      .selectFrom('ruleRender')
      .select('ruleId')
      .where('workspaceId', '=', scope.workspaceId)
    return after === null ? rows : rows.where('ruleId', '>', after)
  }
  const query = some()
    .where('isPending', '=', 1)
    .union(some().where('renderer', '<', renderer))
    .union(some().where('renderer', '>', renderer))
    .orderBy('ruleId')
    .limit(limit)
  return (await query.execute()).map(({ ruleId }) => ruleId)
}
