// A new secret for what a token may do, while the old one goes on for some hours: whatever uses it is
// changed over without a gap. Both stand in the list; the old one ends by itself.

import { AppError, forbidden } from '#kernel/error.ts'
import type { TokenId } from '#kernel/id.ts'
import { addMs, DAY, HOUR } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { permit } from './permission.ts'
import { isOwnToken, makeToken, storeToken, type MadeToken } from './token-actions.ts'
import type { TokenRotation } from './token-input.ts'
import { tokenState, type TokenMaker } from './token.ts'
import { findTokenOf, setTokenExpiry } from './token-store.ts'

/**
 * Only one's own: the secret is shown to whoever rotates, and acts for whoever made it. A service token
 * is rotated by an admin, who answers for it from then on. It lives as long
 * as the old one was to live, within the policy of now. Throws `forbidden` for one that is not there,
 * `conflict` for one that has ended, and as addToken. Audited, and the person is told.
 */
export async function rotateToken(
  house: House,
  caller: Caller,
  maker: TokenMaker,
  id: TokenId,
  { hours }: TokenRotation,
): Promise<MadeToken> {
  permit(caller, 'token.add')
  const key = house.keys.purpose('row-mac')
  const old = await findTokenOf(house.db.read(caller.scope), key, caller.scope, id)
  if (!old) throw forbidden()
  if (old.serviceRole !== null) permit(caller, 'token.manage')
  else if (!isOwnToken(old, maker)) throw forbidden()
  const { kind, name, scopes, networks, targets, groups, createdAt, expiresAt } = old
  const service = old.serviceRole === null ? {} : { serviceRole: old.serviceRole }
  const days = Math.max(1, Math.round((expiresAt - createdAt) / DAY))
  const limits = { networks: [...networks], targets: [...targets], groups: [...groups] }
  const input = { kind, name, scopes: [...scopes], ...limits, ...service, days }
  const { stored, made } = await makeToken(house, caller, maker, input, 'within-policy')
  await house.db.write(caller, async (tx) => {
    const now = await findTokenOf(tx, key, caller.scope, id)
    if (!now || tokenState(now, caller.now) !== 'live') {
      throw new AppError('conflict', 'This token has ended already. Make another one.')
    }
    const until = addMs(caller.now, hours * HOUR)
    const endsAt = until < now.expiresAt ? until : now.expiresAt
    await setTokenExpiry(tx, key, now, endsAt)
    await storeToken(tx, house, caller, stored, { replaces: id, oldEndsAt: endsAt })
  })
  return made
}
