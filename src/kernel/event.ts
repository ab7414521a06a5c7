// What one part of the house tells another after a COMMIT. Events carry ids, never rows: who hears
// one reads again through its own scope. Small enough to travel to a browser as a signal.

import type { WorkspaceId } from './id.ts'

export interface DomainEvent {
  readonly workspaceId: WorkspaceId
  /** A noun, `job` or `rule`: the fragment that listens is `signal:<noun>-<id>`. */
  readonly noun: string
  readonly id: string
  readonly verb: 'added' | 'changed' | 'removed'
}
