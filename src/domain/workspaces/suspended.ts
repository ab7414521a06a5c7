// Which workspaces are suspended, for the runner of jobs, which asks at every turn and cannot wait for
// a query. Kept up by the event that follows the COMMIT.

import type { WorkspaceId } from '#kernel/id.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { selectSuspended } from './store.ts'

export interface Suspended {
  readonly has: (id: WorkspaceId) => boolean
  readonly stop: () => void
}

/** `changed` is told after each change was read. */
export async function watchSuspended(
  { db, keys, events, log }: Pick<House, 'db' | 'keys' | 'events' | 'log'>,
  { scope }: Pick<Caller, 'scope'>,
  changed: () => void,
): Promise<Suspended> {
  const read = async () => new Set(await selectSuspended(db.read(scope), keys.purpose('row-mac')))
  let ids = await read()
  const readAgain = async () => {
    ids = await read()
    changed()
  }
  const stop = events.subscribe('all', ({ noun }) => {
    if (noun !== 'workspace') return
    readAgain().catch((err: unknown) => log.error({ err }, 'suspended workspaces are not known'))
  })
  return { has: (id) => ids.has(id), stop }
}
