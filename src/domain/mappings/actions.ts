// What can be done with the mapping of a target: look, put a whole mapping in force, go back to an older
// one. Whatever comes into force marks what rules become there as pending.

import { permit } from '#domain/access/permission.ts'
import { getTarget } from '#domain/targets/actions.ts'
import { PLACE_CHANGED } from '#domain/targets/places.ts'
import type { Target } from '#domain/targets/target.ts'
import { AppError } from '#kernel/error.ts'
import type { TargetId, WorkspaceId } from '#kernel/id.ts'
import type { Problem } from '#kernel/problem.ts'
import { readPage, type Page } from '#kernel/page.ts'
import { requireVersion, type ExpectedVersion } from '#kernel/version.ts'
import { readPipeline } from '#languages/sigma/pipeline.ts'
import type { Caller } from '#platform/caller.ts'
import type { Tx } from '#platform/db/tx.ts'
import type { House } from '#platform/house.ts'
import { checkDocument, documentRefusal } from './document.ts'
import { FITTING, hashMapping } from './mapping.ts'
import type { Mapping, MappingContent, MappingDraft, MappingSummary } from './mapping.ts'
import * as store from './store.ts'

export interface SeenMapping {
  readonly target: Target
  /** Undefined while rules become there what they become at any target of the kind. */
  readonly mapping: Mapping | undefined
  readonly draft: MappingDraft | undefined
}

/** Throws `forbidden` for a target that is not here. */
export async function seeMapping(
  house: House,
  caller: Caller,
  targetId: TargetId,
): Promise<SeenMapping> {
  const target = await getTarget(house, caller, targetId)
  const reader = house.db.read(caller.scope)
  const mapping = await store.findMapping(reader, caller.scope, targetId)
  const draft = await store.findDraft(reader, caller.scope, targetId)
  return { target, mapping, draft }
}

/** Newest first. */
export async function listMappingVersions(
  house: House,
  caller: Caller,
  targetId: TargetId,
  { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
): Promise<Page<MappingSummary>> {
  await getTarget(house, caller, targetId)
  const { scope } = caller
  const reader = house.db.read(scope)
  return readPage({
    key: house.keys.purpose('cursor'),
    binding: { workspaceId: scope.workspaceId, list: 'mapping', targetId },
    limit,
    cursor,
    placeOf: ({ number }: MappingSummary) => String(number),
    select: ({ limit: count, after }) =>
      store.selectMappingVersions(reader, scope, targetId, {
        limit: count,
        before: after === null ? null : Number(after),
      }),
  })
}

/** Throws `forbidden` for a version that is not there. */
export async function getMappingVersion(
  house: House,
  caller: Caller,
  targetId: TargetId,
  number: number,
): Promise<Mapping> {
  await getTarget(house, caller, targetId)
  return store.getMappingVersion(house.db.read(caller.scope), caller.scope, targetId, number)
}

// ── In force ─────────────────────────────────────────────────────────────────────────────────────

export interface MappingToPut extends MappingContent {
  readonly reason: string
  readonly expected: ExpectedVersion
}

/**
 * Puts a whole mapping in force; the same again makes no version. Throws `stale`, `invalid` with all that
 * is wrong with it, `unsupported` for a target where rules run as they are. Audited.
 */
export async function putMapping(
  house: House,
  caller: Caller,
  targetId: TargetId,
  { reason, expected, ...content }: MappingToPut,
): Promise<SeenMapping> {
  permit(caller, 'mapping.write')
  const target = await getTarget(house, caller, targetId)
  requireKind(target.kind)
  refuseUnfit(content, target.kind)
  return house.db.write(caller, async (tx) => {
    const before = await store.findMapping(tx, tx.scope, targetId)
    requireVersion(expected, String(before?.number ?? 0))
    const mapping = await putInForce(tx, house, caller, {
      target,
      before,
      content,
      reason,
      restoredFrom: null,
    })
    return { target, mapping, draft: await store.findDraft(tx, tx.scope, targetId) }
  })
}

/** An older version in force again, as another version. Throws as putMapping. */
export async function restoreMapping(
  house: House,
  caller: Caller,
  targetId: TargetId,
  { number, expected }: { readonly number: number; readonly expected: ExpectedVersion },
): Promise<SeenMapping> {
  permit(caller, 'mapping.write')
  const target = await getTarget(house, caller, targetId)
  return house.db.write(caller, async (tx) => {
    const content = await store.getMappingVersion(tx, tx.scope, targetId, number)
    const before = await store.findMapping(tx, tx.scope, targetId)
    requireVersion(expected, String(before?.number ?? 0))
    const reason = `Back to version ${number}`
    const restored = { target, before, content, reason, restoredFrom: number }
    const mapping = await putInForce(tx, house, caller, restored)
    return { target, mapping, draft: await store.findDraft(tx, tx.scope, targetId) }
  })
}

export interface MappingInForce {
  readonly target: Target
  readonly before: Mapping | undefined
  readonly content: MappingContent
  readonly reason: string
  readonly restoredFrom: number | null
}

/** In the transaction of whoever permitted it; the same again makes no version. Audited. */
export async function putInForce(
  tx: Tx,
  house: House,
  caller: Caller,
  { target, before, content, reason, restoredFrom }: MappingInForce,
): Promise<Mapping> {
  const { pipelines, document } = content
  const hash = hashMapping(content)
  if (before?.contentHash === hash) return before
  const mapping: Mapping = {
    targetId: target.id,
    number: (before?.number ?? 0) + 1,
    pipelines,
    document,
    contentHash: hash,
    reason,
    restoredFrom,
    createdAt: caller.now,
    createdBy: caller.actor,
  }
  await store.insertMapping(tx, mapping)
  await house.audit.record(tx, caller, {
    action: 'mapping.change',
    target: target.id,
    data: { version: mapping.number, contentHash: hash, reason, restoredFrom },
  })
  const workspaceId = tx.scope.workspaceId as WorkspaceId
  house.events.publish(tx, { workspaceId, noun: 'mapping', id: target.id, verb: 'changed' })
  await house.ports.get(PLACE_CHANGED)(tx, house, caller, { before: target, after: target })
  return mapping
}

// ── What a mapping can be ────────────────────────────────────────────────────────────────────────

export function requireKind(kind: Target['kind']): void {
  if (FITTING[kind].length > 0) return
  throw new AppError('unsupported', 'Rules run there as they are written: there is nothing to map.')
}

/** Throws `invalid` with all that is wrong with it. */
export function refuseUnfit({ pipelines, document }: MappingContent, kind: Target['kind']): void {
  const unfit = pipelines.find((name) => !FITTING[kind].includes(name))
  const odd: Problem[] =
    unfit === undefined
      ? []
      : [
          {
            code: 'mapping/pipeline',
            severity: 'error',
            message: `The pipeline ${unfit} is not for this kind of target.`,
          },
        ]
  const problems = [...checkDocument(document).problems, ...odd, ...readPipeline(document).problems]
  if (problems.length > 0) throw documentRefusal(problems)
}
