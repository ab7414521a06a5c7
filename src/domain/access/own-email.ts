// The address of whoever calls, for what they shall own.

import { ID_PREFIXES, isId } from '#kernel/id.ts'
import { personBehind, type Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { findActiveUser } from './prove.ts'

/** Of the person behind the caller; null for the product itself and for whoever has none. */
export async function findOwnEmail(house: House, caller: Caller): Promise<string | null> {
  const person = personBehind(caller)
  if (!isId(ID_PREFIXES.user, person)) return null
  return (await findActiveUser(house, caller, person))?.email ?? null
}
