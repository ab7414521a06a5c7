// What people do with a change until it is deployed: open it, edit it, hand it in, talk about it; sign.ts
// is where it is signed. What it is made of is rendered before the write and held against what is there inside of it.

import { permit } from '#domain/access/permission.ts'
import { askFrom } from '#domain/access/signers.ts'
import { AppError } from '#kernel/error.ts'
import { contentHash } from '#kernel/hash.ts'
import type { ChangeId, RuleId, TargetId } from '#kernel/id.ts'
import { readPage, type Page } from '#kernel/page.ts'
import { addMs, DAY } from '#kernel/time.ts'
import { requireVersion, type ExpectedVersion } from '#kernel/version.ts'
import type { Caller } from '#platform/caller.ts'
import type { Tx } from '#platform/db/tx.ts'
import { wordsOf } from '#platform/db/words.ts'
import type { House } from '#platform/house.ts'
import type { Change, ChangeComment, ChangeState, ChangeWhole } from './change.ts'
import { blocking, isWaivable } from './checks.ts'
import { requireFresh } from './fresh.ts'
import { move, personOf, putPrepared, shown, tell, withWaivers } from './keep.ts'
import { toChange } from './to-change.ts'
import { isOpen, OPEN_STATES, requireMove, signaturesNeeded } from './moves.ts'
import {
  keepOpening,
  prepareOpening,
  requireOnce,
  type NewChange,
  type NewItem,
} from './opening.ts'
import { prepareItems } from './prepare.ts'
import {
  keepRendered,
  policyNow,
  renderAnew,
  renderInto,
  requireSound,
  wantedOf,
  type RenderedAgain,
} from './rendering.ts'
import { listSigners } from './signing.ts'
import { scheduleTending } from './jobs.ts'
import * as store from './store.ts'
import type { StoredChange } from './store.ts'
import { tellMentioned, tellSigners } from './telling.ts'

/**
 * A draft with everything rendered. Items that change nothing are left out, and the history says so.
 * `also` writes what shall stand or fall with it. Throws as prepareOpening.
 */
export async function openChange(
  house: House,
  caller: Caller,
  given: NewChange,
  also: (tx: Tx, change: Change) => Promise<void> = async () => {},
): Promise<Change> {
  permit(caller, 'change.write')
  const opening = await prepareOpening(house, caller, given)
  return house.db.write(caller, async (tx) => {
    const opened = await shown(tx, await keepOpening(tx, house, caller, opening))
    await also(tx, opened)
    return opened
  })
}

export interface ChangeEdit {
  readonly title?: string | undefined
  readonly why?: string | undefined
  /** In the place of those it has. */
  readonly items?: readonly NewItem[] | undefined
  readonly expected: ExpectedVersion
}

/**
 * What was in review or approved is a draft again when what it deploys is another thing. Whoever edits
 * it does not sign it. Throws as openChange, `stale` on a lost race, `conflict` for one that is closed.
 */
export async function editChange(
  house: House,
  caller: Caller,
  id: ChangeId,
  { title, why, items, expected }: ChangeEdit,
): Promise<Change> {
  permit(caller, 'change.write')
  const before = await store.getChangeRow(house.db.read(caller.scope), caller.scope, id)
  requireEditable(before)
  const kept = await store.selectItems(house.db.read(caller.scope), caller.scope, id)
  if (items) requireOnce(items)
  const made = await prepareItems(house, caller, items ?? kept.map(wantedOf), before.policy)
  if (made.items.length === 0) throw new AppError('invalid', 'Nothing would change.')
  return house.db.write(caller, async (tx) => {
    const change = await store.getChangeRow(tx, tx.scope, id)
    requireEditable(change)
    requireVersion(expected, String(change.version))
    requireVersion(new Set([String(before.version)]), String(change.version))
    const person = personOf(caller)
    const editors = new Set(change.editors)
    if (person !== null && person !== change.author) editors.add(person)
    const edited = await putPrepared(tx, house, caller, change, {
      items: made.items,
      policy: made.policy,
      title: title ?? change.title,
      why: why ?? change.why,
      editors: [...editors],
      told: { what: 'edit', reason: made.leftOut.join(' ') },
    })
    return shown(tx, edited)
  })
}

function requireEditable({ state }: StoredChange): void {
  if (isOpen(state) || state === 'expired') return
  throw new AppError('conflict', 'This change is closed. Open another one.')
}

/**
 * Renders it again from what is there now. Where anything is another thing, its signatures are void and
 * it is a draft again. Throws `conflict` for one that is closed.
 */
export async function refreshChange(house: House, caller: Caller, id: ChangeId): Promise<Change> {
  permit(caller, 'change.write')
  return renderInto(house, caller, id)
}

/**
 * Into review; approved at once where review is off. Throws `invalid` with every problem that stops it,
 * `stale` on a lost race, `conflict` for one that is not open.
 */
export async function submitChange(
  house: House,
  caller: Caller,
  id: ChangeId,
  { expected }: { readonly expected: ExpectedVersion },
): Promise<Change> {
  permit(caller, 'change.write')
  const before = await store.getChangeRow(house.db.read(caller.scope), caller.scope, id)
  requireVersion(expected, String(before.version))
  requireMove(before.state, 'in_review')
  const again = await renderAnew(house, caller, before, before.policy)
  const { policy } = again.made
  await keepRefused(house, caller, again)
  return house.db.write(caller, async (tx) => {
    const change = await keepRendered(tx, house, caller, again)
    requireMove(change.state, 'in_review')
    const items = await store.selectItems(tx, tx.scope, id)
    requireSound(items)
    await requireFresh(tx, tx.scope, items, caller.now)
    if (contentHash(await policyNow(tx, house, change)) !== contentHash(policy)) {
      throw new AppError('stale', 'The policies were changed meanwhile. Hand it in again.')
    }
    const needed = signaturesNeeded(policy)
    const told = { what: 'submit', data: { signaturesNeeded: needed } }
    const submittedAt = caller.now
    const sent =
      needed > 0
        ? await move(tx, house, caller, change, 'in_review', { policy, submittedAt, told })
        : await move(tx, house, caller, change, 'approved', {
            policy,
            submittedAt,
            expiresAt: addMs(caller.now, policy.approvalDays * DAY),
            told,
          })
    await scheduleTending(tx, house, caller)
    if (needed > 0) await tellSigners(tx, house, caller, sent, 'change.review')
    return shown(tx, sent)
  })
}

/** What stops it is kept before it is refused, so that people can look at it and let it pass by name. */
async function keepRefused(house: House, caller: Caller, again: RenderedAgain): Promise<void> {
  const { before, made } = again
  const kept = await store.selectItems(house.db.read(caller.scope), caller.scope, before.id)
  const found = withWaivers(before.id, made.items, kept)
  if (found.every((item) => blocking(item).length === 0)) return
  await house.db.write(caller, (tx) => keepRendered(tx, house, caller, again))
  requireSound(found)
}

/** Throws `conflict` for one that is deployed or closed. */
export async function withdrawChange(
  house: House,
  caller: Caller,
  id: ChangeId,
  { expected }: { readonly expected: ExpectedVersion },
): Promise<Change> {
  permit(caller, 'change.write')
  return house.db.write(caller, async (tx) => {
    const change = await store.getChangeRow(tx, tx.scope, id)
    requireVersion(expected, String(change.version))
    await store.voidSignatures(tx, id, 'The change was withdrawn.')
    const told = { what: 'withdraw' }
    return shown(tx, await move(tx, house, caller, change, 'withdrawn', { told }))
  })
}

export interface WaiverGiven {
  readonly number: number
  /** Of the problem that it lets pass. */
  readonly code: string
  readonly reason: string
}

/** Lets a problem of an item pass. It is part of what is signed. Throws `invalid` for one that nobody may waive. */
export async function waiveProblem(
  house: House,
  caller: Caller,
  id: ChangeId,
  { number, code, reason }: WaiverGiven,
): Promise<Change> {
  permit(caller, 'change.write')
  return house.db.write(caller, async (tx) => {
    const change = await store.getChangeRow(tx, tx.scope, id)
    requireEditable(change)
    const items = await store.selectItems(tx, tx.scope, id)
    const item = items.find((one) => one.number === number)
    const problem = item?.problems.find((one) => one.code === code && isWaivable(one))
    if (!item || !problem) {
      throw new AppError('invalid', 'There is no such problem there that can be waived.')
    }
    const others = item.waivers.filter((one) => one.code !== code)
    const waivers = [...others, { code, reason, by: caller.actor }]
    await store.updateItem(tx, id, number, { waivers })
    const person = personOf(caller)
    const editors = new Set(change.editors)
    if (person !== null && person !== change.author) editors.add(person)
    const waived = await putPrepared(tx, house, caller, change, {
      items,
      editors: [...editors],
      told: { what: 'waive', reason, data: { number, code } },
    })
    return shown(tx, waived)
  })
}

/** Open ones and closed ones alike may be talked about. */
export async function addComment(
  house: House,
  caller: Caller,
  id: ChangeId,
  { text }: { readonly text: string },
): Promise<ChangeComment> {
  permit(caller, 'change.read')
  return house.db.write(caller, async (tx) => {
    const change = await store.getChangeRow(tx, tx.scope, id)
    const comment = await store.insertComment(tx, id, { by: caller.actor, text, at: caller.now })
    await tell(tx, house, caller, id, { what: 'comment', data: { number: comment.number } })
    await tellMentioned(tx, house, caller, change, text)
    return comment
  })
}

/** Throws `forbidden` for a change that is not of this workspace, or is nowhere. */
export async function getChange(house: House, caller: Caller, id: ChangeId): Promise<ChangeWhole> {
  permit(caller, 'change.read')
  const { scope, now } = caller
  const reader = house.db.read(scope)
  const change = await store.getChangeRow(reader, scope, id)
  const items = await store.selectItems(reader, scope, id)
  const signatures = await store.selectSignatures(reader, scope, id)
  return {
    change: toChange(change, signatures),
    items,
    signatures,
    comments: await store.selectComments(reader, scope, id),
    events: await store.selectEvents(reader, scope, id),
    whoMaySign: await listSigners(askFrom(house, caller), house, change, items, now),
  }
}

export interface ChangesWanted {
  /** `open`: not decided, or decided and not yet deployed. */
  readonly state?: ChangeState | 'open' | 'all' | undefined
  readonly rule?: RuleId | undefined
  readonly target?: TargetId | undefined
  /** Each word stands somewhere in the title. */
  readonly text?: string | undefined
}

export interface ChangePage extends Page<Change> {
  /** Of the whole list, not of the page. */
  readonly count: number
}

/** Newest first. Throws `invalid` for a cursor of another list. */
export async function listChanges(
  house: House,
  caller: Caller,
  { state = 'all', rule, target, text = '' }: ChangesWanted,
  { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
): Promise<ChangePage> {
  permit(caller, 'change.read')
  const { scope } = caller
  const reader = house.db.read(scope)
  const states =
    state === 'all'
      ? undefined
      : state === 'open'
        ? [...OPEN_STATES, 'deploying' as const]
        : [state]
  const filter = { states, rule, target, words: wordsOf(text) }
  const { items, next } = await readPage({
    key: house.keys.purpose('cursor'),
    binding: {
      workspaceId: scope.workspaceId,
      list: 'changes',
      state,
      rule: rule ?? null,
      target: target ?? null,
      text,
    },
    limit,
    cursor,
    placeOf: ({ id }: StoredChange) => id,
    select: (page) => store.selectChanges(reader, scope, filter, page),
  })
  const changes: Change[] = []
  for (const one of items) {
    changes.push(toChange(one, await store.selectSignatures(reader, scope, one.id)))
  }
  return { items: changes, next, count: await store.countChanges(reader, scope, filter) }
}
