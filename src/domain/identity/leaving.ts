// What ends with a provider, or with its issuer: the people it knows, and the sessions that began by its
// word.

import { endProvidedSessions } from '#domain/access/provided.ts'
import type { Caller } from '#platform/caller.ts'
import type { Tx } from '#platform/db/tx.ts'
import type { House } from '#platform/house.ts'
import { deleteIdentities } from './identity-store.ts'
import type { Provider } from './provider.ts'

export async function endIdentities(
  tx: Tx,
  house: House,
  caller: Caller,
  { id }: Pick<Provider, 'id'>,
): Promise<void> {
  await deleteIdentities(tx, id)
  await endProvidedSessions(tx, house, caller, id, 'all')
}
