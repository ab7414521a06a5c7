// What a provider does in its workspace is done by the product in its name, and stands in that workspace's
// own log.

import { systemActor } from '#kernel/actor.ts'
import type { Caller } from '#platform/caller.ts'
import { makeScope } from '#platform/db/scope.ts'
import type { House } from '#platform/house.ts'
import type { Provider } from './provider.ts'

/** In the workspace's own log, with what is wrong and nobody's name. */
export async function recordRefused(
  house: House,
  visitor: Caller,
  provider: Pick<Provider, 'id' | 'workspaceId'>,
  why: string,
): Promise<void> {
  await house.audit.recordRefusal(insideOf(visitor, provider), {
    verb: 'session.start',
    target: provider.id,
    code: 'forbidden',
    data: { why },
  })
}

/** The provider acts, in its own workspace. */
export function insideOf(
  visitor: Caller,
  { id, workspaceId }: Pick<Provider, 'id' | 'workspaceId'>,
) {
  return { ...visitor, actor: systemActor('sign-on', id), scope: makeScope(workspaceId) }
}
