// Tokens that end by themselves within two weeks. One that was rotated is not told of: another bears its
// name and lives on.

import { addMs, DAY, type Instant } from '#kernel/time.ts'
import type { UserId } from '#kernel/id.ts'
import { ENDING_DAYS, type Ending, type EndingSource } from '#domain/workspaces/endings.ts'
import { selectTokenEnds } from './token-store.ts'

/** Whoever made a token for a fortnight knows that it ends. */
const TOLD_MS = 14 * DAY

/** All of a workspace; or those of `own`, and the workspace's own where `hasService` says so. */
export function tokenEndings(whose: 'all' | { own: UserId; hasService: boolean }): EndingSource {
  return async (db, scope, until) => {
    const now = addMs(until, -ENDING_DAYS * DAY)
    const live = await selectTokenEnds(db, scope, now)
    const isMine = ({ userId, serviceRole }: (typeof live)[0]) =>
      whose === 'all' || (serviceRole !== null && whose.hasService) || userId === whose.own
    const isReplaced = (one: (typeof live)[0]) =>
      live.some(
        ({ name, userId, serviceRole, endsAt }) =>
          name === one.name &&
          endsAt > one.endsAt &&
          (serviceRole === null ? userId === one.userId : one.serviceRole === serviceRole),
      )
    return live
      .filter((one) => isMine(one) && isSoon(one, now) && !isReplaced(one))
      .map(({ id, name, endsAt }): Ending => ({ kind: 'token', id, name, endsAt }))
  }
}

interface Life {
  readonly createdAt: Instant
  readonly endsAt: Instant
}

function isSoon({ createdAt, endsAt }: Life, now: Instant): boolean {
  return endsAt - now < TOLD_MS && endsAt - createdAt > TOLD_MS
}
