// Signing a change: approving it, rejecting it or sending it back. Who may is decided inside of the write,
// over what the change is by then.

import { proveAnswer } from '#domain/access/assertions.ts'
import { permit } from '#domain/access/permission.ts'
import { askIn } from '#domain/access/signers.ts'
import type { RelyingParty } from '#domain/access/webauthn.ts'
import { AppError } from '#kernel/error.ts'
import type { ChangeId } from '#kernel/id.ts'
import { addMs, DAY } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import type { Tx } from '#platform/db/tx.ts'
import type { House } from '#platform/house.ts'
import type { Change, ChangeState, Decision } from './change.ts'
import { findStale, requireFresh } from './fresh.ts'
import { move, shown, tell } from './keep.ts'
import { countApprovals, signaturesNeeded } from './moves.ts'
import { keepRendered, policyNow, renderAnew, requireSound } from './rendering.ts'
import { findHands, genuine, makeSignature, requirePerson, whyNotSign } from './signing.ts'
import * as store from './store.ts'
import type { StoredChange } from './store.ts'
import { tellAuthor } from './telling.ts'

export interface SignatureGiven {
  readonly id: ChangeId
  readonly decision: Decision
  /** Of the change as it was looked at. */
  readonly hash: string
  /** Needed where the answer is no. */
  readonly comment: string
  /** The answer of a passkey to the hash, as the browser gave it, and who asked for it. */
  readonly answer?: { readonly rp: RelyingParty; readonly credential: string } | undefined
}

/**
 * Approves, rejects or sends back. With the last approval that is needed the change is approved. Throws
 * `stale` when it is no longer what was looked at, `forbidden` with the reason for whoever had a hand in
 * it, `conflict` for one that is not in review, `invalid` without a comment or a passkey where one is
 * needed.
 */
export async function signChange(
  house: House,
  caller: Caller,
  { id, decision, hash, comment, answer }: SignatureGiven,
): Promise<Change> {
  permit(caller, 'change.sign')
  const before = await store.getChangeRow(house.db.read(caller.scope), caller.scope, id)
  if (decision !== 'approve' && comment === '') {
    throw new AppError('invalid', 'Say why, so that others can do something about it.')
  }
  const proved = answer && (await proveAnswer(house, caller, { ...answer, hash }))
  const again = isAsked(before.state, decision)
    ? await renderIfStale(house, caller, before)
    : undefined
  return house.db.write(caller, async (tx) => {
    const change = again
      ? await keepRendered(tx, house, caller, again)
      : await store.getChangeRow(tx, tx.scope, id)
    if (change.hash !== hash) {
      throw new AppError('stale', 'The change is another one than you looked at. Look again.')
    }
    const policy = await policyNow(tx, house, change)
    const asking = askIn(tx)
    const userId = await requirePerson(asking, house, caller, policy)
    requireAsked(change.state, decision)
    const items = await store.selectItems(tx, tx.scope, id)
    if (decision === 'approve') {
      requireSound(items)
      await requireFresh(tx, tx.scope, items, caller.now)
      const hands = await findHands(asking, house, change, items, caller.now)
      const whyNot = await whyNotSign(asking, house, change, hands, { userId, now: caller.now })
      if (whyNot !== null) throw new AppError('forbidden', `This is not yours to sign. ${whyNot}`)
      if (policy.passkeySigning && proved === undefined) {
        throw new AppError('invalid', 'This workspace signs with a passkey.')
      }
    }
    await proved?.count(tx)
    if (decision === 'approve') await store.voidSignatures(tx, id, 'They signed again.', userId)
    else await store.voidSignatures(tx, id, 'The change was sent back.')
    const signed = { userId, name: caller.personal?.name ?? '', decision, hash, comment }
    const made = { ...signed, changeId: id, title: change.title, at: caller.now }
    const signature = makeSignature(house, caller, { ...made, passkey: proved?.proof ?? null })
    await store.insertSignature(tx, id, signature)
    const decided = await decide(tx, house, caller, { ...change, policy }, decision, comment)
    if (decided.state !== change.state) await tellAuthor(tx, house, caller, decided)
    return shown(tx, decided)
  })
}

const STATE_AFTER = { reject: 'rejected', request_changes: 'changes_requested' } as const

/** Rendered again where that makes the same bytes. What makes others is kept first, and refuses. */
async function renderIfStale(house: House, caller: Caller, before: StoredChange) {
  const reader = house.db.read(caller.scope)
  const items = await store.selectItems(reader, caller.scope, before.id)
  if ((await findStale(reader, caller.scope, items, caller.now)) === undefined) return undefined
  const again = await renderAnew(house, caller, before, before.policy)
  if (again.hash === before.hash) return again
  await house.db.write(caller, (tx) => keepRendered(tx, house, caller, again))
  throw new AppError('stale', `${again.why} The change is a draft again. Look at what differs.`)
}

function isAsked(state: ChangeState, decision: Decision): boolean {
  return state === 'in_review' || (state === 'approved' && decision !== 'approve')
}

function requireAsked(state: ChangeState, decision: Decision): void {
  if (isAsked(state, decision)) return
  throw new AppError('conflict', 'This change does not wait for signatures. Look again.')
}

/** What follows from the signature that was just given. */
async function decide(
  tx: Tx,
  house: House,
  caller: Caller,
  change: StoredChange,
  decision: Decision,
  comment: string,
): Promise<StoredChange> {
  const { id, hash, policy } = change
  const signatures = genuine(house, id, await store.selectSignatures(tx, tx.scope, id))
  const count = countApprovals(signatures, { hash, policy })
  const told = { what: 'sign', reason: comment, data: { decision, signatures: count } }
  if (decision !== 'approve') {
    return move(tx, house, caller, change, STATE_AFTER[decision], { policy, told })
  }
  if (count >= signaturesNeeded(policy)) {
    const expiresAt = addMs(caller.now, policy.approvalDays * DAY)
    return move(tx, house, caller, change, 'approved', { policy, expiresAt, told })
  }
  const next = { policy, updatedAt: caller.now, version: change.version + 1 }
  await store.updateChange(tx, id, next)
  await tell(tx, house, caller, id, { ...told, data: { ...told.data, hash } })
  return { ...change, ...next }
}
