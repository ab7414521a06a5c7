// What stands around a page: who looks at it, where they are, what they can go to. http/frame.ts fills
// it for each request; the shell only shows it.

import type { Job } from '#platform/jobs/job.ts'
import type { IconName } from '#views/parts/icons.ts'

export interface NavItem {
  readonly href: string
  readonly label: string
  readonly icon: IconName
  /** Keys typed one after the other that go there, `g a`. */
  readonly keys: string
  readonly isCurrent: boolean
  /** What this person has to act on there. */
  readonly count?: { readonly value: number; readonly label: string }
}

export interface WorkspaceLink {
  readonly slug: string
  readonly name: string
}

/** For somebody signed in. Without one the page stands alone, without rail and bar. */
export interface Frame {
  readonly person: {
    readonly name: string
    readonly note: string
    /** Security events they have not looked at. */
    readonly newEvents: number
  }
  /** Absent on pages of the instance and of the person. */
  readonly workspace: WorkspaceLink | null
  /** What the rail and the breadcrumb call this place. */
  readonly placeName: string
  readonly workspaces: readonly WorkspaceLink[]
  /** Groups with a line between them. */
  readonly nav: readonly (readonly NavItem[])[]
  /** Of this workspace or of the instance: where jobs, search and signals are. */
  readonly paths: {
    readonly home: string
    readonly jobs: string
    readonly find: string
    readonly signals: string
  }
  readonly jobs: RunningJobs
  /** The newest signal this page was rendered with; the stream resumes after it. */
  readonly signalId: string
  readonly instance: InstanceState
  /** Where the documentation says why this page exists; absent where there is no page. */
  readonly why: string | null
  /** What the last act says once. */
  readonly notice: string | null
}

export interface InstanceState {
  readonly version: string
  /** The disk takes no data right now. */
  readonly isReadOnly: boolean
  /** The audit log contradicts what was signed before: nothing can be changed. */
  readonly isAuditBroken: boolean
  /** Why schedules and writes to targets stand still after a restore; null while they do not. */
  readonly heldReason: string | null
}

/** What the panel in the top bar shows. */
export interface RunningJobs {
  /** Not ended, oldest first; at most as many as the panel shows. */
  readonly running: readonly Job[]
  readonly runningCount: number
  /** Ended last, newest first. */
  readonly recent: readonly Job[]
  readonly mayCancel: boolean
}

export interface Crumb {
  readonly label: string
  /** Absent on the last one. */
  readonly href?: string
}
