// What follows a hotfix or a broken glass: the end that comes by itself, the signature that keeps it, the
// review by somebody else.

import { permit } from '#domain/access/permission.ts'
import { askIn } from '#domain/access/signers.ts'
import { requirePerson } from '#domain/changes/signing.ts'
import { approveAfterwards } from '#domain/changes/unsigned.ts'
import { keepEnd, prepareEnd } from '#domain/rules/exclusions/within.ts'
import { readPolicyIn } from '#domain/workspaces/policy-actions.ts'
import { AppError } from '#kernel/error.ts'
import { ID_PREFIXES, makeId, type HotfixId } from '#kernel/id.ts'
import { readPage, type Page } from '#kernel/page.ts'
import { addMs, DAY, formatInstant } from '#kernel/time.ts'
import { personBehind, type Caller } from '#platform/caller.ts'
import type { Reader } from '#platform/db/tx.ts'
import type { House } from '#platform/house.ts'
import { beginDeployment } from './begin.ts'
import { isOver } from './deployment.ts'
import { shownHotfix, type Hotfix, type StoredHotfix } from './hotfix.ts'
import type { KeepInput, ReviewInput } from './hotfix-input.ts'
import * as hotfixes from './hotfix-store.ts'
import { wayBack } from './rollback.ts'
import { getDeploymentRow } from './store.ts'
import { queueSwitches } from './switch-jobs.ts'

/**
 * Takes it back now: by hand, or by its job. What was written over since is left for a person. Throws
 * `conflict` for one that is over, `busy` while its own deployment still runs. Audited.
 */
export async function endHotfix(house: House, caller: Caller, id: HotfixId): Promise<Hotfix> {
  permit(caller, 'hotfix.make')
  const { scope } = caller
  const reader = house.db.read(scope)
  const stored = await hotfixes.getHotfixRow(reader, scope, id)
  requireRunning(stored)
  if (stored.kind === 'breakglass') permit(caller, 'change.breakglass')
  const deployment = await getDeploymentRow(reader, scope, stored.deploymentId)
  if (!isOver(deployment.state)) {
    throw new AppError('busy', 'It is still being deployed. Try again in a minute.')
  }
  const isThere = deployment.state === 'deployed'
  const way = isThere ? await wayBack(house, caller, { deploymentId: deployment.id }) : null
  const { exclusionId } = stored
  const over = exclusionId && (await prepareEnd(house, caller, exclusionId, nowOf(caller)))
  return house.db.write(caller, async (tx) => {
    requireRunning(await hotfixes.getHotfixRow(tx, tx.scope, id))
    if (over) await keepEnd(tx, house, caller, over, 'The hotfix is over.')
    const { changeId, changeTitle: title, changeHash: hash } = deployment
    const undoId = way && makeId(ID_PREFIXES.deployment, caller.now, house.random(10))
    if (way && undoId !== null) {
      const { items, rollsBack } = way
      const change = { id: changeId, title, hash }
      const wish = { id: undoId, change, items, kind: 'rollback', rollsBack } as const
      await beginDeployment(tx, house, caller, wish)
    }
    const state = way ? 'reverting' : 'reverted'
    await hotfixes.updateHotfix(tx, id, { state, undoId })
    const data = { change: changeId, deployment: undoId, exclusion: exclusionId }
    await house.audit.record(tx, caller, { action: 'hotfix.end', target: id, data })
    return shownHotfix({ ...stored, state, undoId }, deployment.state, way && 'queued', caller.now)
  })
}

function requireRunning({ state }: StoredHotfix): void {
  if (state === 'running') return
  throw new AppError('conflict', 'It is over already.')
}

const nowOf = ({ now }: Caller) => formatInstant(now)

/**
 * Somebody who had no hand in it signs its change; with as many signatures as a change needs, and at
 * least one, it stays. What an exclusion leaves out stays out for 30 days. Throws as approveAfterwards.
 * Audited.
 */
export async function keepHotfix(
  house: House,
  caller: Caller,
  id: HotfixId,
  { hash, comment }: KeepInput,
): Promise<Hotfix> {
  permit(caller, 'change.sign')
  const { exclusionId } = await hotfixes.getHotfixRow(house.db.read(caller.scope), caller.scope, id)
  const ends = formatInstant(addMs(caller.now, KEPT_DAYS * DAY))
  const longer = exclusionId && (await prepareEnd(house, caller, exclusionId, ends))
  return house.db.write(caller, async (tx) => {
    const found = await hotfixes.getHotfixRow(tx, tx.scope, id)
    requireRunning(found)
    const given = { hash, comment }
    const { count, needed } = await approveAfterwards(tx, house, caller, found.changeId, given)
    const isKept = count >= needed
    const action = isKept ? 'hotfix.keep' : 'hotfix.sign'
    const data = { change: found.changeId, hash, signatures: count, signaturesNeeded: needed }
    await house.audit.record(tx, caller, { action, target: id, data })
    if (!isKept) return shownIn(tx, caller, found)
    const kept = { state: 'kept', ...reviewOf(caller, { verdict: 'justified', comment }) } as const
    await hotfixes.updateHotfix(tx, id, kept)
    if (longer) {
      await keepEnd(tx, house, caller, longer, 'The hotfix is kept.')
      const { changeId, title } = found
      await queueSwitches(tx, house, caller, { changeId, title, ends: [longer.content.endsAt] })
    }
    return shownIn(tx, caller, { ...found, ...kept })
  })
}

const KEPT_DAYS = 30

/**
 * Says whether it was right. Throws `forbidden` for whoever made it, also by a token, and for what is no
 * person. Audited.
 */
export async function reviewHotfix(
  house: House,
  caller: Caller,
  id: HotfixId,
  review: ReviewInput,
): Promise<Hotfix> {
  permit(caller, 'change.sign')
  return house.db.write(caller, async (tx) => {
    const { policy } = await readPolicyIn(tx, house)
    await requirePerson(askIn(tx), house, caller, policy)
    const found = await hotfixes.getHotfixRow(tx, tx.scope, id)
    if (found.createdBy === personBehind(caller)) {
      throw new AppError('forbidden', 'Somebody else has to look at it.')
    }
    const reviewed = reviewOf(caller, review)
    await hotfixes.updateHotfix(tx, id, reviewed)
    const data = { change: found.changeId, verdict: review.verdict }
    await house.audit.record(tx, caller, { action: 'hotfix.review', target: id, data })
    return shownIn(tx, caller, { ...found, ...reviewed })
  })
}

function reviewOf({ now, actor }: Caller, { verdict, comment }: ReviewInput) {
  return { review: verdict, reviewedBy: actor, reviewedAt: now, comment }
}

/** Throws `forbidden` for one that is not here. */
export async function getHotfix(house: House, caller: Caller, id: HotfixId): Promise<Hotfix> {
  permit(caller, 'change.read')
  const stored = await hotfixes.getHotfixRow(house.db.read(caller.scope), caller.scope, id)
  return shownIn(house.db.read(caller.scope), caller, stored)
}

/** Newest first. */
export async function listHotfixes(
  house: House,
  caller: Caller,
  { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
): Promise<Page<Hotfix>> {
  permit(caller, 'change.read')
  const { scope } = caller
  const reader = house.db.read(scope)
  const page = await readPage({
    key: house.keys.purpose('cursor'),
    binding: { workspaceId: scope.workspaceId, list: 'hotfixes' },
    limit,
    cursor,
    placeOf: ({ id }: StoredHotfix) => id,
    select: (wanted) => hotfixes.selectHotfixes(reader, scope, wanted),
  })
  const items: Hotfix[] = []
  for (const one of page.items) items.push(await shownIn(house.db.read(caller.scope), caller, one))
  return { ...page, items }
}

async function shownIn(
  db: Pick<Reader, 'selectFrom'>,
  { scope, now }: Pick<Caller, 'scope' | 'now'>,
  stored: StoredHotfix,
): Promise<Hotfix> {
  const { state } = await getDeploymentRow(db, scope, stored.deploymentId)
  const undo = stored.undoId && (await getDeploymentRow(db, scope, stored.undoId)).state
  return shownHotfix(stored, state, undo, now)
}
