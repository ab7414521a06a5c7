// The first workspace wall: a WorkspaceScope is the only way to a store, and only this file makes
// one. Whoever calls `makeScope` has just checked that the session, token or job row belongs to the
// workspace.

import { assert } from '#kernel/error.ts'
import type { Within } from './reach.ts'

const madeHere = Symbol('made by platform/db')

/** The only way to a store. Only `makeScope` can make one, and only doors may import that. */
export class WorkspaceScope {
  readonly workspaceId: string
  /** Absent: the whole workspace. Else what its handles read of it (reach.ts). */
  readonly within?: Within
  // oxlint-disable-next-line no-unused-private-class-members -- `#isGenuine in value` reads it
  readonly #isGenuine = true

  constructor(key: symbol, workspaceId: string, within?: Within) {
    assert(key === madeHere, 'a WorkspaceScope is made by makeScope')
    this.workspaceId = workspaceId
    if (within) this.within = within
    Object.freeze(this)
  }

  // A look-alike `{ workspaceId }` passed by a cast fails here.
  static isGenuine(value: unknown): value is WorkspaceScope {
    return typeof value === 'object' && value !== null && #isGenuine in value
  }
}

/** Called where a session, token or job row was just checked to belong to the workspace. */
export function makeScope(workspaceId: string, within?: Within): WorkspaceScope {
  assert(/^wsp_[a-z0-9-]+$/.test(workspaceId), 'not a workspace id')
  return new WorkspaceScope(madeHere, workspaceId, within)
}
