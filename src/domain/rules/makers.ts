// Who had a hand in what a rule becomes at a place since a point in time: its versions, what it builds
// on, what is laid over it, and how the place calls things. For whoever must not let them sign it.

import { listMappingMakers } from '#domain/mappings/places.ts'
import { selectExclusions, selectExclusionVersions } from '#domain/rules/exclusions/store.ts'
import { listNameOf } from '#domain/rules/lists/list.ts'
import { selectListsNamed, selectListVersions } from '#domain/rules/lists/store.ts'
import { selectReferences, selectSources } from '#domain/rules/renders/store.ts'
import type { Actor } from '#kernel/actor.ts'
import type { RuleId, TargetId } from '#kernel/id.ts'
import type { Instant } from '#kernel/time.ts'
import type { WorkspaceScope } from '#platform/db/scope.ts'
import type { Reader } from '#platform/db/tx.ts'
import type { RuleSummary } from './rule.ts'
import { selectRulesById, toSummary } from './rule-store.ts'
import { selectVersions } from './version-store.ts'

export interface Making {
  readonly ruleId: RuleId
  readonly targetId: TargetId
  /** The version that stands there, and since when: what is older was signed then. Null: nothing does. */
  readonly standing: { readonly version: number; readonly since: Instant } | null
}

type Handle = Pick<Reader, 'selectFrom'>
const PAGE = 500

export async function listMakers(
  db: Handle,
  scope: WorkspaceScope,
  now: Instant,
  { ruleId, targetId, standing }: Making,
): Promise<ReadonlySet<Actor>> {
  const since = standing?.since ?? (0 as Instant)
  const makers = new Set<Actor>(await versionMakers(db, scope, ruleId, standing?.version ?? 0))
  const references = await selectReferences(db, scope, [ruleId])
  const sources = await selectSources(db, scope, references)
  for (const { id } of sources) {
    for (const actor of await versionMakers(db, scope, id, 0, since)) makers.add(actor)
  }
  for (const id of [ruleId, ...sources.map((one) => one.id)]) {
    for (const actor of await exclusionMakers(db, scope, id, now, since)) makers.add(actor)
  }
  for (const actor of await listMakersOf(db, scope, references, since)) makers.add(actor)
  for (const actor of await listMappingMakers(db, scope, targetId, since)) makers.add(actor)
  return makers
}

/** Who changed the reference lists that it names. */
async function listMakersOf(
  db: Handle,
  scope: WorkspaceScope,
  references: readonly string[],
  since: Instant,
): Promise<readonly Actor[]> {
  const names = references.flatMap((one) => listNameOf(one) ?? [])
  const found: Actor[] = []
  for (const { id } of await selectListsNamed(db, scope, names)) {
    const versions = await selectListVersions(db, scope, id, PAGE)
    found.push(...versions.flatMap((one) => (one.createdAt >= since ? one.createdBy : [])))
  }
  return found
}

async function versionMakers(
  db: Handle,
  scope: WorkspaceScope,
  ruleId: RuleId,
  beyond: number,
  since: Instant = 0 as Instant,
): Promise<readonly Actor[]> {
  const found: Actor[] = []
  let after: number | undefined
  for (;;) {
    const page = await selectVersions(db, scope, ruleId, {
      limit: PAGE,
      ...(after === undefined ? {} : { after }),
    })
    const young = page.filter(({ number, createdAt }) => number > beyond && createdAt >= since)
    found.push(...young.map(({ createdBy }) => createdBy))
    if (young.length < PAGE) return found
    after = page.at(-1)!.number
  }
}

async function exclusionMakers(
  db: Handle,
  scope: WorkspaceScope,
  rule: RuleId,
  now: Instant,
  since: Instant,
): Promise<readonly Actor[]> {
  const page = { limit: PAGE, after: null }
  const exclusions = await selectExclusions(db, scope, { state: 'all', rule, now, ...page })
  const found: Actor[] = []
  for (const { id, updatedAt } of exclusions) {
    if (updatedAt < since) continue
    const versions = await selectExclusionVersions(db, scope, id, PAGE)
    found.push(...versions.flatMap((one) => (one.createdAt >= since ? one.createdBy : [])))
  }
  return found
}

/** Rules as they are now, on the handle of a write that depends on it. Those of them that are here. */
export async function listNewest(
  db: Handle,
  scope: WorkspaceScope,
  ids: readonly RuleId[],
): Promise<ReadonlyMap<RuleId, RuleSummary>> {
  const found = new Map<RuleId, RuleSummary>()
  for (let at = 0; at < ids.length; at += PAGE) {
    const rows = await selectRulesById(db, scope, ids.slice(at, at + PAGE))
    for (const row of rows) found.set(row.id, toSummary(row))
  }
  return found
}
