// The signatures of a change with all that proves them to somebody else, and whether they hold here.

import { permit } from '#domain/access/permission.ts'
import type { ChangeId } from '#kernel/id.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { isSound } from './signing.ts'
import { getChangeRow, selectSignatures, type StoredSignature } from './store.ts'

export interface ProvableSignature extends StoredSignature {
  /** Signed by this installation just as it stands, and by the passkey that it names. */
  readonly isSound: boolean
}

/** All that is needed to prove them elsewhere. Throws as getChange. */
export async function listSignatures(
  house: House,
  caller: Caller,
  id: ChangeId,
): Promise<readonly ProvableSignature[]> {
  permit(caller, 'change.read')
  const reader = house.db.read(caller.scope)
  await getChangeRow(reader, caller.scope, id)
  const kept = await selectSignatures(reader, caller.scope, id)
  return Promise.all(kept.map(async (one) => ({ ...one, isSound: await isSound(house, id, one) })))
}
