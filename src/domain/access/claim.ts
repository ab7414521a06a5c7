// Claiming an install: while nobody owns it, each start of the server prints one link, and whoever opens
// it becomes its owner and admin of the first workspace. Then registration is closed for good.

import { findFirstWorkspace } from '#domain/workspaces/actions.ts'
import { AppError, assert } from '#kernel/error.ts'
import type { UserId } from '#kernel/id.ts'
import type { Caller } from '#platform/caller.ts'
import { makeScope } from '#platform/db/scope.ts'
import type { House } from '#platform/house.ts'
import { addMemberIn, addUserIn } from './actions.ts'
import { refusePassword } from './credentials.ts'
import type { NewAccount } from './input.ts'
import { deleteAllOf } from './link-store.ts'
import { draftLink, getLink, spendLink, storeLink } from './links.ts'
import { hashPassword } from './password-hash.ts'
import { passwordProblems } from './password.ts'
import { permit } from './permission.ts'
import { countOwners } from './user-store.ts'

/** The token of a fresh link, which ends the one before; undefined once somebody owns the install. */
export async function openClaim(house: House, caller: Caller): Promise<string | undefined> {
  permit(caller, 'user.add')
  return house.db.write(caller, async (tx) => {
    if ((await countOwners(tx)) > 0) return undefined
    const { token, link } = draftLink(house, caller, 'claim', {})
    await deleteAllOf(tx, 'claim')
    await storeLink(tx, house, link)
    await house.audit.record(tx, caller, { action: 'claim.open', target: link.id, data: {} })
    return token
  })
}

/** Throws `forbidden` for a link that is no good. */
export async function checkClaim(house: House, caller: Caller, token: string): Promise<void> {
  await getLink(house, house.db.read(caller.scope), { purpose: 'claim', token, now: caller.now })
}

/** Throws `forbidden` as checkClaim, `invalid` with the problems of a password, `busy`. */
export async function claimInstall(
  house: House,
  visitor: Caller,
  token: string,
  { email, name, password }: NewAccount & { readonly email: string },
): Promise<UserId> {
  await checkClaim(house, visitor, token)
  refusePassword(passwordProblems(password, { email, name }, { hasSecondFactor: false }))
  const passwordHash = await hashPassword(house, password)
  return house.db.write(visitor, async (tx) => {
    const link = await spendLink(tx, house, { purpose: 'claim', token, now: visitor.now })
    if ((await countOwners(tx)) > 0) throw new AppError('forbidden', 'Somebody owns this install.')
    const user = await addUserIn(tx, house, visitor, { email, name, isOwner: true, passwordHash })
    const first = await findFirstWorkspace(tx)
    assert(first, 'a fresh install has a workspace')
    const self = { ...visitor, actor: user.id }
    await house.audit.record(tx, self, {
      action: 'claim.accept',
      target: link.id,
      data: { workspace: first.id },
    })
    // Its log is the workspace's, in the same write.
    const inside = { ...self, scope: makeScope(first.id) }
    const admin = { role: 'admin', isApprover: false, isAuditor: false } as const
    await addMemberIn(tx, house, inside, user.id, admin)
    return user.id
  })
}
