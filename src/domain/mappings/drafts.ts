// The draft of a mapping, which all who may edit share: edited, brought as a file, discarded, put in force.

import { permit } from '#domain/access/permission.ts'
import type { Target } from '#domain/targets/target.ts'
import { AppError } from '#kernel/error.ts'
import type { TargetId } from '#kernel/id.ts'
import { requireVersion, type ExpectedVersion } from '#kernel/version.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { putInForce, refuseUnfit, requireKind } from './actions.ts'
import { requireDocument } from './document.ts'
import { NO_MAPPING, type Mapping, type MappingContent, type MappingDraft } from './mapping.ts'
import * as store from './store.ts'

export interface DraftEdit {
  /** Revision of the draft that was seen; 0 where there was none. */
  readonly over: number
  readonly change: (content: MappingContent) => MappingContent
}

/**
 * Edits the draft, and begins it where there is none. Throws `stale` when somebody else edited it
 * meanwhile, `invalid` for what the result cannot be. Audited, though nothing is in force by it.
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
    refuseUnfit({ pipelines, document }, kind)
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
    const data = { revision: draft.revision, basedOn: draft.basedOn }
    await house.audit.record(tx, caller, { action: 'mapping.draft', target: targetId, data })
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

/** Where there is none, nothing happens. Throws `stale` for another one than was seen. Audited. */
export async function discardDraft(
  house: House,
  caller: Caller,
  targetId: TargetId,
  expected: ExpectedVersion = 'any',
): Promise<void> {
  permit(caller, 'mapping.write')
  await house.db.write(caller, async (tx) => {
    const draft = await store.findDraft(tx, tx.scope, targetId)
    requireVersion(expected, String(draft?.revision ?? 0))
    if (draft === undefined) return
    await store.deleteDraft(tx, targetId)
    const data = { revision: draft.revision }
    await house.audit.record(tx, caller, {
      action: 'mapping.discard_draft',
      target: targetId,
      data,
    })
  })
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
    return putInForce(tx, house, caller, {
      target,
      before,
      content: draft,
      reason,
      restoredFrom: null,
    })
  })
}
