// A workspace: one team's rules, targets and people, walled off from every other one. The reserved
// workspace of the instance itself is not among them: nobody joins it.

import type { WorkspaceId } from '#kernel/id.ts'
import type { Instant } from '#kernel/time.ts'

export interface Workspace {
  readonly id: WorkspaceId
  /** Its name in addresses, `/w/{slug}`; never changes. */
  readonly slug: string
  readonly name: string
  readonly createdAt: Instant
  /** Nobody comes in and nothing of it runs since then; null while it is open. */
  readonly suspendedAt: Instant | null
}

/** What a fresh install has. */
export const FIRST_WORKSPACE = { slug: 'default', name: 'Default' } as const
