// What the overview of a workspace is shown from.

import type { NeedGroup } from '#domain/health/needs.ts'
import type { Instant } from '#kernel/time.ts'
import type { InstanceState, RunningJobs } from '#views/shell/frame.ts'

export interface OverviewShown {
  readonly workspace: { readonly slug: string; readonly name: string }
  readonly role: string
  readonly isOwner: boolean
  readonly hasSecondFactor: boolean
  /** Undefined for who may not know. */
  readonly memberCount: number | undefined
  readonly isSecretApart: boolean
  /** When the last backup was made; null for none, undefined for who may not know. */
  readonly lastBackupAt: Instant | null | undefined
  /** As far as whoever looks may know. */
  readonly needs: readonly NeedGroup[]
  /** In force; undefined for who may not know. */
  readonly exclusionCount: number | undefined
  /** Of this workspace; undefined for who may not know. */
  readonly rules:
    | {
        readonly count: number
        /** That stand on a target and run there. */
        readonly active: number
        readonly paused: number
        /** With errors. */
        readonly broken: number
        /** Whose tests never ran. */
        readonly untested: number
        readonly mayWrite: boolean
      }
    | undefined
  /** Ever opened; undefined for who may not know. */
  readonly changes: { readonly count: number; readonly mayWrite: boolean } | undefined
  /** Besides the sandbox; undefined for who may not know. */
  readonly targets:
    | {
        readonly count: number
        /** Checked, and not fine. */
        readonly unwell: number
        readonly mayWrite: boolean
      }
    | undefined
  readonly state: InstanceState
  readonly jobs: RunningJobs
  /** Null for who may not read the log. */
  readonly audit: {
    readonly count: number
    readonly checkpoint: { readonly at: number } | null
  } | null
}
