// Making a hotfix and breaking the glass: the change, its deployment without signatures and the job that
// takes it back are one write, which one entry of the log tells.

import { permit } from '#domain/access/permission.ts'
import { askFrom, listHolders } from '#domain/access/signers.ts'
import { getChange } from '#domain/changes/actions.ts'
import type { ChangeItem } from '#domain/changes/change.ts'
import { renderAgain } from '#domain/changes/deploying.ts'
import { keepOpening, prepareOpening } from '#domain/changes/opening.ts'
import { requirePerson } from '#domain/changes/signing.ts'
import { beginUnsigned, type Unsigned } from '#domain/changes/unsigned.ts'
import { tellPerson } from '#domain/messages/request.ts'
import { listPlacements } from '#domain/placements/actions.ts'
import { writeExclusion } from '#domain/rules/exclusions/event.ts'
import { keepComing, prepareComing } from '#domain/rules/exclusions/within.ts'
import { getRule } from '#domain/rules/reading.ts'
import type { RuleSummary } from '#domain/rules/rule.ts'
import { readPolicy } from '#domain/workspaces/policy-actions.ts'
import { AppError } from '#kernel/error.ts'
import { ID_PREFIXES, makeId, type ChangeId, type HotfixId, type RuleId } from '#kernel/id.ts'
import { addMs, formatInstant, HOUR } from '#kernel/time.ts'
import { personBehind, type Caller } from '#platform/caller.ts'
import type { Reader, Tx } from '#platform/db/tx.ts'
import type { House } from '#platform/house.ts'
import { nextTurn } from '#platform/turns.ts'
import { beginDeployment } from './begin.ts'
import { REST_MS, shownHotfix, type Hotfix, type StoredHotfix } from './hotfix.ts'
import type { BreakGlassInput, NewHotfix } from './hotfix-input.ts'
import { HOTFIX_JOB } from './hotfix-jobs.ts'
import * as hotfixes from './hotfix-store.ts'
import { openPlaces, type Places } from './places.ts'
import { wishOf } from './wishes.ts'

/**
 * Leaves values out of a rule, or pauses it, wherever it runs, at once and until `hours` are over. Throws
 * `conflict` where hotfixes are off, where the rule runs nowhere, and for one that had a hotfix within
 * the last day; `invalid` for values that cannot be left out. Audited.
 */
export async function startHotfix(house: House, caller: Caller, wish: NewHotfix): Promise<Hotfix> {
  permit(caller, 'hotfix.make')
  const { ruleId, kind, hours, reason } = wish
  const { policy } = await readPolicy(house, caller)
  if (!policy.hotfix) {
    throw new AppError('conflict', 'Hotfixes are off in this workspace. Open a change.')
  }
  const rule = await getRule(house, caller, ruleId)
  await requireRest(house.db.read(caller.scope), caller, ruleId)
  const states = ['live', 'soaking'] as const
  const placed = await listPlacements(house, caller, { ruleIds: [ruleId], states })
  const own = placed.filter(({ ownership }) => ownership === 'managed')
  if (own.length === 0) throw new AppError('conflict', `${rule.title} runs nowhere that is ours.`)
  const endsAt = addMs(caller.now, Math.round(hours * HOUR))
  const title = `Hotfix: ${rule.title}`.slice(0, 200)
  const coming = kind === 'exclude' ? await whatIsLeftOut(house, caller, rule, wish, endsAt) : null
  const toCome = coming ? [coming] : []
  const action = kind === 'pause' ? 'pause' : 'change'
  const items = own.map(({ targetId }) => ({ ruleId, targetId, action }) as const)
  const given = { title, why: reason, origin: 'hotfix', items } as const
  const opening = await prepareOpening(house, caller, given, toCome)
  const ready = await makeReady(house, caller, items)
  const exclusionId = coming && coming.exclusionId
  return house.db.write(caller, async (tx) => {
    await requireRest(tx, caller, ruleId)
    const { id: changeId, hash } = await keepOpening(tx, house, caller, opening, { isPart: true })
    const row = { kind, ruleId, title, reason, endsAt, exclusionId, changeId }
    const unsigned = { why: 'hotfix', reason, toCome } as const
    const begun = await beginFor(tx, house, caller, ready, row, unsigned)
    if (coming) await keepComing(tx, house, caller, coming)
    const { deploymentId: deployment, id } = begun
    const fields = wish.values.map(({ field }) => field)
    const data = { rule: ruleId, kind, fields, endsAt, change: changeId, hash, deployment }
    await house.audit.record(tx, caller, {
      action: 'hotfix.make',
      target: id,
      data: { ...data, exclusion: exclusionId, reason: cut(reason), waitsForWindows: false },
    })
    return begun
  })
}

const REASON_CHARS = 200
const cut = (text: string) => text.slice(0, REASON_CHARS).toWellFormed()

function whatIsLeftOut(
  house: House,
  caller: Caller,
  { id: ruleId, sigmaId, title, logsource }: RuleSummary,
  { values, reason }: NewHotfix,
  endsAt: StoredHotfix['endsAt'],
) {
  const fields = values.map(({ field, value }) => [field, value] as const)
  const reference = sigmaId ?? ruleId
  const named = `Hotfix: ${title}`.slice(0, 200)
  const text = writeExclusion({ title: named, reference, logsource, fields })
  return prepareComing(house, caller, { ruleId, text, reason, ends: formatInstant(endsAt) })
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
 * is told. Throws as beginUnsigned, `conflict` while nobody has looked at the last one. Audited.
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
  await requireLookedAt(house.db.read(caller.scope), caller)
  const { change, items } = await getChange(house, caller, changeId)
  await renderAgain(house, caller, change)
  await nextTurn()
  const ready = await makeReady(house, caller, items)
  const endsAt = addMs(caller.now, Math.round(hours * HOUR))
  const { title, hash } = change
  const row = { kind: 'breakglass', ruleId: null, exclusionId: null, changeId } as const
  return house.db.write(caller, async (tx) => {
    await requireLookedAt(tx, caller)
    const data = { ...ready.ids, kind: row.kind, endsAt, hash, waitsForWindows: false }
    const unsigned = { why: 'breakglass', reason, data } as const
    const broken = { ...row, title, reason, endsAt }
    const begun = await beginFor(tx, house, caller, ready, broken, unsigned, hash)
    await tellAdmins(tx, house, caller, title)
    return begun
  })
}

async function requireLookedAt(db: Pick<Reader, 'selectFrom'>, { scope }: Caller): Promise<void> {
  const last = await hotfixes.findUnseenGlass(db, scope)
  if (!last) return
  throw new AppError(
    'conflict',
    `The glass was broken for "${last.title}", and nobody has looked at that yet. Somebody else has to say whether it was right before it is broken again.`,
  )
}

interface Ready {
  readonly places: Places
  readonly ids: { readonly hotfix: HotfixId; readonly deployment: StoredHotfix['deploymentId'] }
}

async function makeReady(
  house: House,
  caller: Caller,
  items: readonly Pick<ChangeItem, 'targetId'>[],
): Promise<Ready> {
  const targets = items.map(({ targetId }) => targetId)
  const places = await openPlaces(house, caller, targets, 'write')
  await nextTurn()
  const deployment = makeId(ID_PREFIXES.deployment, caller.now, house.random(10))
  const hotfix = makeId(ID_PREFIXES.hotfix, caller.now, house.random(10))
  return { places, ids: { hotfix, deployment } }
}

type NewRow = Pick<
  StoredHotfix,
  'kind' | 'ruleId' | 'title' | 'reason' | 'endsAt' | 'exclusionId' | 'changeId'
>

/** Deployment, row and the job that ends it. `hash`: of the change as it was looked at. */
async function beginFor(
  tx: Tx,
  house: House,
  caller: Caller,
  { places, ids }: Ready,
  row: NewRow,
  unsigned: Unsigned,
  hash?: string,
): Promise<Hotfix> {
  const { change, items } = await beginUnsigned(tx, house, caller, row.changeId, unsigned)
  if (hash !== undefined && change.hash !== hash) {
    throw new AppError('stale', 'The change is another one by now. Look again.')
  }
  const parts = { places, installId: house.keys.installId, isSigned: false, soakDays: 0 }
  const wishes = items.map((item) => wishOf(item, parts))
  const begun = { id: ids.deployment, change, items: wishes }
  const { state } = await beginDeployment(tx, house, caller, begun)
  const options = { title: `End: ${row.title}`.slice(0, 300), runAt: row.endsAt }
  const input = { hotfixId: ids.hotfix }
  const jobId = await house.jobs.enqueueKind(tx, caller, HOTFIX_JOB, input, options)
  const stored: StoredHotfix = {
    ...row,
    ...UNSEEN,
    id: ids.hotfix,
    state: 'running',
    deploymentId: ids.deployment,
    undoId: null,
    jobId,
    createdAt: caller.now,
    // Whoever makes one by a token of theirs is its maker, and does not review it.
    createdBy: personBehind(caller),
  }
  await hotfixes.insertHotfix(tx, stored)
  return shownHotfix(stored, state, null, caller.now)
}

const UNSEEN = { review: 'open', reviewedBy: null, reviewedAt: null, comment: null } as const

async function tellAdmins(tx: Tx, house: House, caller: Caller, title: string) {
  const admins = await listHolders(tx, house, tx.scope, 'change.breakglass')
  const who = caller.personal?.name ?? 'An admin'
  for (const { userId } of admins) {
    const data = { change: title, who }
    await tellPerson(tx, house, caller, { userId, kind: 'glass.broken', data })
  }
}
