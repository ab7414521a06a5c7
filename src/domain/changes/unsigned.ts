// The two ways in which a change is deployed before somebody signs it, each for hours and looked at
// afterwards: a hotfix, and a broken glass. Everything but the signature is asked as of any change.

import { permit } from '#domain/access/permission.ts'
import { askIn } from '#domain/access/signers.ts'
import { AppError } from '#kernel/error.ts'
import type { ChangeId } from '#kernel/id.ts'
import type { Json } from '#kernel/json.ts'
import type { ExclusionToCome } from '#domain/rules/renders/actions.ts'
import type { Caller } from '#platform/caller.ts'
import type { Tx } from '#platform/db/tx.ts'
import type { House } from '#platform/house.ts'
import { isAsSigned } from './as-signed.ts'
import type { Deployable } from './deploying.ts'
import { requireFresh } from './fresh.ts'
import { move, shown, tell } from './keep.ts'
import { countApprovals } from './moves.ts'
import { policyNow, requireSound } from './rendering.ts'
import { findHands, genuine, makeSignature, requirePerson, whyNotSign } from './signing.ts'
import * as store from './store.ts'

export interface Unsigned {
  readonly why: 'hotfix' | 'breakglass'
  readonly reason: string
  /** Told in the one entry of the log that this is; undefined where that of its maker tells. */
  readonly data?: { readonly [key: string]: Json }
  /** As makeRenders. */
  readonly toCome?: readonly ExclusionToCome[]
}

/**
 * As beginDeploying, for a change that nobody signed. A glass is broken by whoever could sign: a person,
 * or their token where the policy says so. Throws `conflict` for one that is closed, `stale`
 * and `invalid` as that does.
 */
export async function beginUnsigned(
  tx: Tx,
  house: House,
  caller: Caller,
  changeId: ChangeId,
  { why, reason, data, toCome = [] }: Unsigned,
): Promise<Deployable> {
  permit(caller, why === 'hotfix' ? 'hotfix.make' : 'change.breakglass')
  const stored = await store.getChangeRow(tx, tx.scope, changeId)
  if (why === 'breakglass') {
    await requirePerson(askIn(tx), house, caller, await policyNow(tx, house, stored))
  }
  const items = await store.selectItems(tx, tx.scope, changeId)
  if (!isAsSigned(items, stored.hash)) {
    throw new AppError('stale', 'What is kept of this change is not what was rendered.')
  }
  requireSound(items)
  await requireFresh(tx, tx.scope, items, caller.now, toCome)
  const told = { what: `deploy_${why}`, reason, data: data ?? {}, isPart: data === undefined }
  const change = await move(tx, house, caller, stored, 'deploying', { told })
  return { change: await shown(tx, change), items, isSigned: false }
}

export interface ApprovedAfterwards {
  readonly count: number
  readonly needed: number
}

/**
 * A signature for what stands already, by somebody who had no hand in it. Throws `stale` when the change
 * is another one than was looked at, `forbidden` for whoever may not sign, `invalid` where the policy
 * asks for a passkey. The log is told by whoever asked.
 */
export async function approveAfterwards(
  tx: Tx,
  house: House,
  caller: Caller,
  id: ChangeId,
  { hash, comment }: { readonly hash: string; readonly comment: string },
): Promise<ApprovedAfterwards> {
  permit(caller, 'change.sign')
  const change = await store.getChangeRow(tx, tx.scope, id)
  if (change.hash !== hash) {
    throw new AppError('stale', 'The change is another one than you looked at. Look again.')
  }
  if (change.state !== 'deployed') {
    throw new AppError('conflict', 'It does not stand there, so there is nothing to keep.')
  }
  const policy = await policyNow(tx, house, change)
  if (policy.passkeySigning) {
    const words = 'This workspace signs with a passkey. Let it end, and open a change.'
    throw new AppError('invalid', words)
  }
  const asking = askIn(tx)
  const userId = await requirePerson(asking, house, caller, policy)
  const items = await store.selectItems(tx, tx.scope, id)
  const hands = await findHands(asking, house, change, items, caller.now)
  const whyNot = await whyNotSign(asking, house, change, hands, { userId, now: caller.now })
  if (whyNot !== null) throw new AppError('forbidden', `This is not yours to sign. ${whyNot}`)
  await store.voidSignatures(tx, id, 'They signed again.', userId)
  const signed = { userId, name: caller.personal?.name ?? '', decision: 'approve', hash } as const
  const made = { ...signed, comment, changeId: id, title: change.title, at: caller.now }
  await store.insertSignature(tx, id, makeSignature(house, caller, { ...made, passkey: null }))
  const signatures = genuine(house, id, await store.selectSignatures(tx, tx.scope, id))
  const count = countApprovals(signatures, { hash, policy })
  await tell(tx, house, caller, id, {
    what: 'sign',
    reason: comment,
    isPart: true,
  })
  return { count, needed: Math.max(1, policy.signatures) }
}
