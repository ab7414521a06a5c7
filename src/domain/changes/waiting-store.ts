// SQL of the changes that one person has to act on.

import type { ChangeId, UserId } from '#kernel/id.ts'
import type { WorkspaceScope } from '#platform/db/scope.ts'
import type { Reader } from '#platform/db/tx.ts'

type Handle = Pick<Reader, 'selectFrom'>

export interface Waiter {
  readonly userId: UserId
  readonly maySign: boolean
  readonly mayDeploy: boolean
}

/** Newest first. */
export async function selectWaiting(
  db: Handle,
  scope: WorkspaceScope,
  waiter: Waiter,
  limit: number,
): Promise<readonly ChangeId[]> {
  const rows = await waiting(db, scope, waiter)
    .select('change.id')
    .orderBy('change.id', 'desc')
    .limit(limit)
    .execute()
  return rows.map(({ id }) => id)
}

export async function countWaitingRows(
  db: Handle,
  scope: WorkspaceScope,
  waiter: Waiter,
): Promise<number> {
  const { count } = await waiting(db, scope, waiter)
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  return count
}

/** Newest first. */
export async function selectMine(
  db: Handle,
  scope: WorkspaceScope,
  userId: UserId,
  limit: number,
): Promise<readonly ChangeId[]> {
  const rows = await db
    .selectFrom('change')
    .select('id')
    .where('workspaceId', '=', scope.workspaceId)
    .where('author', '=', userId)
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()
  return rows.map(({ id }) => id)
}

/**
 * In review and not theirs, without a signature of theirs that counts; or theirs, and approved. Who had a
 * hand in a rule of it is found when they sign: that is too much to ask at every page.
 */
function waiting(db: Handle, scope: WorkspaceScope, { userId, maySign, mayDeploy }: Waiter) {
  return db
    .selectFrom('change')
    .where('change.workspaceId', '=', scope.workspaceId)
    .where((eb) =>
      eb.or([
        eb.and([
          eb.val(maySign ? 1 : 0).$castTo<boolean>(),
          eb('change.state', '=', 'in_review'),
          eb('change.author', 'is distinct from', userId),
          eb('change.editors', 'not like', `%"${userId}"%`),
          eb.not(
            eb.exists(
              eb
                .selectFrom('changeSignature')
                .select('changeSignature.number')
                .whereRef('changeSignature.workspaceId', '=', 'change.workspaceId')
                .where('changeSignature.workspaceId', '=', scope.workspaceId)
                .whereRef('changeSignature.changeId', '=', 'change.id')
                .whereRef('changeSignature.hash', '=', 'change.hash')
                .where('changeSignature.userId', '=', userId)
                .where('changeSignature.voidedBecause', 'is', null),
            ),
          ),
        ]),
        eb.and([
          eb.val(mayDeploy ? 1 : 0).$castTo<boolean>(),
          eb('change.state', '=', 'approved'),
          eb('change.author', '=', userId),
        ]),
      ]),
    )
}
