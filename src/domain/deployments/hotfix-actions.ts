// Making a hotfix, breaking the glass, and what follows: the end that comes by itself, the signature that
// keeps it, the review by somebody else.

import { can, permit } from '#domain/access/permission.ts'
import { askFrom, askIn, listHolders } from '#domain/access/signers.ts'
import { getChange, openChange } from '#domain/changes/actions.ts'
import { renderAgain } from '#domain/changes/deploying.ts'
import { requirePerson } from '#domain/changes/signing.ts'
import { approveAfterwards, beginUnsigned } from '#domain/changes/unsigned.ts'
import { tellPerson } from '#domain/messages/request.ts'
import { listPlacements } from '#domain/placements/actions.ts'
import { addExclusion, changeExclusion, endExclusion } from '#domain/rules/exclusions/actions.ts'
import { writeExclusion } from '#domain/rules/exclusions/event.ts'
import { getRule } from '#domain/rules/reading.ts'
import { readPolicy, readPolicyIn } from '#domain/workspaces/policy-actions.ts'
import { AppError } from '#kernel/error.ts'
import {
  ID_PREFIXES,
  makeId,
  type ChangeId,
  type ExclusionId,
  type HotfixId,
  type RuleId,
} from '#kernel/id.ts'
import { readPage, type Page } from '#kernel/page.ts'
import { addMs, DAY, formatInstant, HOUR } from '#kernel/time.ts'
import { personBehind, type Caller } from '#platform/caller.ts'
import type { Reader, Tx } from '#platform/db/tx.ts'
import type { House } from '#platform/house.ts'
import { nextTurn } from '#platform/turns.ts'
import { beginDeployment } from './begin.ts'
import { isOver } from './deployment.ts'
import { REST_MS, shownHotfix, type Hotfix, type HotfixKind, type StoredHotfix } from './hotfix.ts'
import type { BreakGlassInput, KeepInput, NewHotfix, ReviewInput } from './hotfix-input.ts'
import { HOTFIX_JOB } from './hotfix-jobs.ts'
import * as hotfixes from './hotfix-store.ts'
import { openPlaces } from './places.ts'
import { wayBack } from './rollback.ts'
import { getDeploymentRow } from './store.ts'
import { wishOf } from './wishes.ts'

/**
 * Leaves values out of a rule, or pauses it, wherever it runs, at once and until `hours` are over. Throws
 * `conflict` where hotfixes are off, where the rule runs nowhere, and for one that had a hotfix within
 * the last day; `invalid` for values that cannot be left out. Audited.
 */
export async function startHotfix(
  house: House,
  caller: Caller,
  { ruleId, kind, values, hours, reason }: NewHotfix,
): Promise<Hotfix> {
  permit(caller, 'hotfix.make')
  const { policy } = await readPolicy(house, caller)
  if (!policy.hotfix) {
    throw new AppError('conflict', 'Hotfixes are off in this workspace. Open a change.')
  }
  const rule = await getRule(house, caller, ruleId)
  await requireRest(house.db.read(caller.scope), caller, ruleId)
  const placed = await listPlacements(house, caller, {
    ruleIds: [ruleId],
    states: ['live', 'soaking'],
  })
  const own = placed.filter(({ ownership }) => ownership === 'managed')
  if (own.length === 0) throw new AppError('conflict', `${rule.title} runs nowhere that is ours.`)
  const endsAt = addMs(caller.now, Math.round(hours * HOUR))
  const title = `Hotfix: ${rule.title}`.slice(0, 200)
  let exclusionId: ExclusionId | null = null
  if (kind === 'exclude') {
    const fields = values.map(({ field, value }) => [field, value] as const)
    const reference = rule.sigmaId ?? rule.id
    const text = writeExclusion({ title, reference, logsource: rule.logsource, fields })
    const terms = { reason, ends: formatInstant(endsAt) }
    exclusionId = (await addExclusion(house, caller, { text, ...terms })).id
    await nextTurn()
  }
  try {
    const action = kind === 'pause' ? 'pause' : 'change'
    const items = own.map(
      ({ targetId }) => ({ ruleId, targetId, action, version: undefined }) as const,
    )
    const change = await openChange(house, caller, { title, why: reason, origin: 'hotfix', items })
    await nextTurn()
    const row = { kind, ruleId, title, reason, endsAt, exclusionId }
    return await deployUnsigned(house, caller, change.id, row)
  } catch (error) {
    await nextTurn()
    if (exclusionId !== null) await dropExclusion(house, caller, exclusionId)
    throw error
  }
}

async function requireRest(
  db: Pick<Reader, 'selectFrom'>,
  { scope, now }: Caller,
  ruleId: RuleId,
): Promise<void> {
  const since = addMs(now, -REST_MS)
  const last = await hotfixes.findHotfixSince(db, scope, ruleId, since)
  if (!last || last.state === 'kept') return
  throw new AppError(
    'conflict',
    `This rule had a hotfix until ${formatInstant(last.endsAt)}. What shall last longer is a change.`,
  )
}

/**
 * Deploys an open change without its signatures, for hours. Everything else is asked as ever. Every admin
 * is told. Throws as beginUnsigned. Audited.
 */
export async function breakGlass(
  house: House,
  caller: Caller,
  changeId: ChangeId,
  { hours, reason }: BreakGlassInput,
): Promise<Hotfix> {
  permit(caller, 'change.breakglass')
  const { policy } = await readPolicy(house, caller)
  await requirePerson(askFrom(house, caller), house, caller, policy)
  const { change } = await getChange(house, caller, changeId)
  const endsAt = addMs(caller.now, Math.round(hours * HOUR))
  const { title } = change
  const row = {
    kind: 'breakglass',
    ruleId: null,
    title,
    reason,
    endsAt,
    exclusionId: null,
  } as const
  return deployUnsigned(house, caller, changeId, row)
}

type NewRow = Pick<StoredHotfix, 'ruleId' | 'title' | 'reason' | 'endsAt' | 'exclusionId'> & {
  readonly kind: HotfixKind
}

/** Deployment, row and the job that ends it are one transaction. */
async function deployUnsigned(
  house: House,
  caller: Caller,
  changeId: ChangeId,
  row: NewRow,
): Promise<Hotfix> {
  const { change, items } = await getChange(house, caller, changeId)
  await renderAgain(house, caller, change)
  await nextTurn()
  const places = await openPlaces(
    house,
    caller,
    items.map(({ targetId }) => targetId),
    'write',
  )
  const { installId } = house.keys
  const deploymentId = makeId(ID_PREFIXES.deployment, caller.now, house.random(10))
  const id = makeId(ID_PREFIXES.hotfix, caller.now, house.random(10))
  const why = row.kind === 'breakglass' ? 'breakglass' : 'hotfix'
  await nextTurn()
  return house.db.write(caller, async (tx) => {
    if (row.ruleId !== null) await requireRest(tx, caller, row.ruleId)
    const { kind, endsAt, reason } = row
    const data = { hotfix: id, kind, endsAt, deployment: deploymentId }
    const found = await beginUnsigned(tx, house, caller, changeId, { why, reason, data })
    if (found.change.hash !== change.hash) {
      throw new AppError('stale', 'The change is another one by now. Look again.')
    }
    const parts = { places, installId, isSigned: false, soakDays: 0 }
    const wishes = found.items.map((item) => wishOf(item, parts))
    const begun = { id: deploymentId, change, items: wishes }
    const deployment = await beginDeployment(tx, house, caller, begun)
    const options = { title: `End: ${row.title}`.slice(0, 300), runAt: row.endsAt }
    const jobId = await house.jobs.enqueueKind(tx, caller, HOTFIX_JOB, { hotfixId: id }, options)
    // Whoever makes one by a token of theirs is its maker, and does not review it.
    const [createdAt, createdBy] = [caller.now, personBehind(caller)]
    const unreviewed = {
      review: 'open',
      reviewedBy: null,
      reviewedAt: null,
      comment: null,
    } as const
    const stored: StoredHotfix = {
      ...row,
      ...unreviewed,
      id,
      state: 'running',
      changeId,
      deploymentId,
      undoId: null,
      jobId,
      createdAt,
      createdBy,
    }
    await hotfixes.insertHotfix(tx, stored)
    if (why === 'breakglass') await tellAdmins(tx, house, caller, stored)
    return shownHotfix(stored, deployment.state, null, caller.now)
  })
}

async function tellAdmins(tx: Tx, house: House, caller: Caller, { title }: StoredHotfix) {
  const admins = await listHolders(tx, house, tx.scope, 'change.breakglass')
  const who = caller.personal?.name ?? 'An admin'
  for (const { userId } of admins) {
    const data = { change: title, who }
    await tellPerson(tx, house, caller, { userId, kind: 'glass.broken', data })
  }
}

async function dropExclusion(house: House, caller: Caller, id: ExclusionId): Promise<void> {
  await endExclusion(house, caller, id, { why: 'The hotfix is over.', expected: 'any' })
  await nextTurn()
}

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
  if (stored.exclusionId !== null) await dropExclusion(house, caller, stored.exclusionId)
  await nextTurn()
  return house.db.write(caller, async (tx) => {
    requireRunning(await hotfixes.getHotfixRow(tx, tx.scope, id))
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
    const data = { change: changeId, deployment: undoId }
    await house.audit.record(tx, caller, { action: 'hotfix.end', target: id, data })
    return shownHotfix({ ...stored, state, undoId }, deployment.state, way && 'queued', caller.now)
  })
}

function requireRunning({ state }: StoredHotfix): void {
  if (state === 'running') return
  throw new AppError('conflict', 'It is over already.')
}

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
  const stored = await house.db.write(caller, async (tx) => {
    const found = await hotfixes.getHotfixRow(tx, tx.scope, id)
    requireRunning(found)
    const given = { hash, comment }
    const { count, needed } = await approveAfterwards(tx, house, caller, found.changeId, given)
    if (count < needed) return found
    const kept = { state: 'kept', ...reviewOf(caller, { verdict: 'justified', comment }) } as const
    await hotfixes.updateHotfix(tx, id, kept)
    const data = { change: found.changeId, signatures: count }
    await house.audit.record(tx, caller, { action: 'hotfix.keep', target: id, data })
    return { ...found, ...kept }
  })
  await nextTurn()
  if (stored.state === 'kept' && stored.exclusionId !== null && can(caller, 'exclusion.write')) {
    const ends = formatInstant(addMs(caller.now, KEPT_DAYS * DAY))
    const longer = { ends, why: 'The hotfix is kept.', expected: 'any' } as const
    await changeExclusion(house, caller, stored.exclusionId, longer)
    await nextTurn()
  }
  return getHotfix(house, caller, id)
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
