// Whoever signs out here may sign out at the provider, too: a browser that others use is not left open by
// the session there. The address is made when somebody comes in, so that signing out waits for nobody.

import type { Session } from '#domain/access/session.ts'
import type { SessionId } from '#kernel/id.ts'
import type { Instant } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import { makeScope } from '#platform/db/scope.ts'
import type { House } from '#platform/house.ts'
import { nextTurn } from '#platform/turns.ts'
import { deleteSignOut, findSignOut, insertSignOut } from './identity-store.ts'
import { insideOf } from './inside.ts'
import type { Provider } from './provider.ts'
import { findProvider } from './store.ts'

const placeOf = (row: SessionId) => ({ table: 'identitySignOut', row, column: 'sealed' })

/** Sealed: the address holds the token of who they are. */
export async function keepSignOut(
  house: House,
  visitor: Caller,
  provider: Provider,
  given: { readonly sessionId: SessionId; readonly url: string; readonly expiresAt: Instant },
): Promise<void> {
  const { sessionId, url, expiresAt } = given
  const inside = insideOf(visitor, provider)
  const text = Buffer.from(url)
  await nextTurn()
  const sealed = await house.keys.seal(inside.scope, placeOf(sessionId), text)
  const row = { sessionId, providerId: provider.id, sealed, expiresAt }
  await house.db.write(inside, (tx) => insertSignOut(tx, row, visitor.now))
}

export interface SignOut {
  readonly url: string
  /** Of the provider. */
  readonly name: string
}

/** Where this session ends at its provider; once. Undefined where it cannot be ended there. */
export async function takeSignOut(
  house: House,
  self: Caller,
  { id }: Pick<Session, 'id'>,
): Promise<SignOut | undefined> {
  const db = house.db.read(self.scope)
  const kept = await findSignOut(db, id)
  if (!kept) return undefined
  const found = await findProvider(db, house.keys.purpose('row-mac'), kept.providerId)
  await house.db.write(self, (tx) => deleteSignOut(tx, id))
  await nextTurn()
  if (!found) return undefined
  const { workspaceId, name } = found.provider
  const url = await house.keys.unseal(makeScope(workspaceId), placeOf(id), kept.sealed)
  return { url: url.toString('utf8'), name }
}
