// How the queue reaches the runner of the same process. Without one (a command on a data directory
// that no server holds) it rings in an empty room, and the next server finds the jobs.

import type { JobId, WorkspaceId } from '#kernel/id.ts'

export interface BellListener {
  jobsAdded(workspaceId: WorkspaceId): void
  schedulesChanged(workspaceId: WorkspaceId): void
  cancelRequested(id: JobId): void
}

/** Rung after COMMIT. */
export class Bell implements BellListener {
  #listener: BellListener | undefined

  listen(listener: BellListener): void {
    this.#listener = listener
  }

  jobsAdded(workspaceId: WorkspaceId): void {
    this.#listener?.jobsAdded(workspaceId)
  }

  schedulesChanged(workspaceId: WorkspaceId): void {
    this.#listener?.schedulesChanged(workspaceId)
  }

  cancelRequested(id: JobId): void {
    this.#listener?.cancelRequested(id)
  }
}
