// Who did things to somebody or something, as the log tells it: for decisions that depend on who had a
// hand in it. Actors as they are written, never names.

import type { Actor } from '#kernel/actor.ts'
import { INSTANCE_WORKSPACE, type JobId } from '#kernel/id.ts'
import type { Instant } from '#kernel/time.ts'
import { all, type Steps } from '#platform/db/steps.ts'

export interface Deeds {
  /** The id of what it was done to. */
  readonly target: string
  readonly actions: readonly string[]
  readonly since: Instant
}

/** In the workspace and in the instance; what was refused does not count. */
export function* listActorsOn(workspaceId: string, deeds: Deeds): Steps<readonly Actor[]> {
  const { target, actions, since } = deeds
  const rows = yield* all<{ actor: Actor }>(
    `select distinct "actor" from "auditEntry" where "target" = ? and "at" >= ?
       and "outcome" = 'done' and "workspaceId" in (?, ?)
       and "action" in (${actions.map(() => '?').join(', ')})`,
    target,
    since,
    workspaceId,
    INSTANCE_WORKSPACE,
    ...actions,
  )
  return rows.map(({ actor }) => actor)
}

/** Who asked for a job: by the queue while it is kept, and by the log after that. */
export function* listAskers(workspaceId: string, jobId: JobId): Steps<readonly Actor[]> {
  const kept = yield* all<{ actor: Actor }>(
    'select "createdBy" as "actor" from "job" where "workspaceId" = ? and "id" = ?',
    workspaceId,
    jobId,
  )
  const rows =
    kept.length > 0
      ? kept
      : yield* all<{ actor: Actor }>(
          'select distinct "actor" from "auditEntry" where "workspaceId" = ? and "target" = ?',
          workspaceId,
          jobId,
        )
  return rows.map(({ actor }) => actor).filter((actor) => actor !== jobId)
}
