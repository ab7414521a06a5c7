// What a workspace gets when it is new, from domains that stand on workspaces and that this one does not
// know. Filled by app.ts.

import type { WorkspaceId } from '#kernel/id.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { portKey } from '#platform/ports.ts'

/** Does nothing where it was done: it runs again at each start, for what a crash left undone. */
export type Furnish = (house: House, caller: Caller, id: WorkspaceId) => Promise<void>

export const FURNISH = portKey<Furnish>('furnishing of workspaces')
