// What can be done with the mapping of a target: look, edit its draft, put the draft or a whole mapping in
// force, go back to an older one. Whatever comes into force marks what rules become there as pending.

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
import { checkDocument, documentRefusal, requireDocument } from './document.ts'
import { FITTING, hashMapping, NO_MAPPING } from './mapping.ts'
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

// ── The draft ────────────────────────────────────────────────────────────────────────────────────

export interface DraftEdit {
  /** Revision of the draft that was seen; 0 where there was none. */
  readonly over: number
  readonly change: (content: MappingContent) => MappingContent
}

/**
 * Edits the draft, and begins it where there is none. Not audited: nothing is in force by it. Throws
 * `stale` when somebody else edited it meanwhile, `invalid` for what the result cannot be.
 */
export async function editDraft(
  house: House,
  caller: Caller,
  { id: targetId, kind }: Pick<Target, 'id' | 'kind'>,
  { over, change }: DraftEdit,
): Promise<MappingDraft> {
  permit(caller, 'mapping.write')
  requireKind(kind)
  return house.db.write(caller, async (tx) => {
    const before = await store.findDraft(tx, tx.scope, targetId)
    if ((before?.revision ?? 0) !== over) throw overtaken()
    const current = await store.findMapping(tx, tx.scope, targetId)
    const { pipelines, document } = change(before ?? current ?? NO_MAPPING)
    refuseProblems(problemsOf({ pipelines, document }, kind))
    const draft: MappingDraft = {
      targetId,
      pipelines,
      document,
      basedOn: before?.basedOn ?? current?.number ?? 0,
      revision: over + 1,
      changedAt: caller.now,
      changedBy: caller.actor,
    }
    await store.putDraft(tx, draft)
    return draft
  })
}

function overtaken(): AppError {
  return new AppError(
    'stale',
    'Somebody else edited the draft meanwhile. Look at it as it is now, then edit it.',
  )
}

/** Reads a pipeline into the draft, in the place of what it says. Throws `invalid` with all problems. */
export async function importDocument(
  house: House,
  caller: Caller,
  target: Pick<Target, 'id' | 'kind'>,
  { over, text }: { readonly over: number; readonly text: string },
): Promise<MappingDraft> {
  permit(caller, 'mapping.write')
  const document = requireDocument(text)
  const change = ({ pipelines }: MappingContent) => ({ pipelines, document })
  return editDraft(house, caller, target, { over, change })
}

export async function discardDraft(
  house: House,
  caller: Caller,
  targetId: TargetId,
): Promise<void> {
  permit(caller, 'mapping.write')
  await house.db.write(caller, (tx) => store.deleteDraft(tx, targetId))
}

/** Puts the draft in force. Throws `stale` when it, or what it was begun over, is another one by now. */
export async function saveDraft(
  house: House,
  caller: Caller,
  target: Target,
  { over, reason }: { readonly over: number; readonly reason: string },
): Promise<Mapping> {
  permit(caller, 'mapping.write')
  return house.db.write(caller, async (tx) => {
    const draft = await store.findDraft(tx, tx.scope, target.id)
    if (draft === undefined || draft.revision !== over) throw overtaken()
    const before = await store.findMapping(tx, tx.scope, target.id)
    if ((before?.number ?? 0) !== draft.basedOn) {
      throw new AppError(
        'stale',
        'Somebody put another mapping in force since this draft was begun. Discard it and begin again.',
      )
    }
    await store.deleteDraft(tx, target.id)
    return put(tx, house, caller, { target, before, content: draft, reason, restoredFrom: null })
  })
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
  const checked = checkDocument(content.document)
  refuseProblems([...checked.problems, ...problemsOf(content, target.kind)])
  return house.db.write(caller, async (tx) => {
    const before = await store.findMapping(tx, tx.scope, targetId)
    requireVersion(expected, String(before?.number ?? 0))
    const mapping = await put(tx, house, caller, {
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
    const mapping = await put(tx, house, caller, restored)
    return { target, mapping, draft: await store.findDraft(tx, tx.scope, targetId) }
  })
}

interface Put {
  readonly target: Target
  readonly before: Mapping | undefined
  readonly content: MappingContent
  readonly reason: string
  readonly restoredFrom: number | null
}

async function put(
  tx: Tx,
  house: House,
  caller: Caller,
  { target, before, content, reason, restoredFrom }: Put,
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

function requireKind(kind: Target['kind']): void {
  if (FITTING[kind].length > 0) return
  throw new AppError('unsupported', 'Rules run there as they are written: there is nothing to map.')
}

function problemsOf({ pipelines, document }: MappingContent, kind: Target['kind']) {
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
  return [...odd, ...readPipeline(document).problems]
}

function refuseProblems(problems: readonly Problem[]): void {
  if (problems.length > 0) throw documentRefusal(problems)
}
