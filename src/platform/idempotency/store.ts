// SQL of idempotency keys: which requests came with one, and what was answered.

import type { Actor } from '#kernel/actor.ts'
import { assert } from '#kernel/error.ts'
import type { Instant } from '#kernel/time.ts'
import type { WorkspaceScope } from '#platform/db/scope.ts'
import type { Reader, Tx } from '#platform/db/tx.ts'

export interface RequestKey {
  readonly actor: Actor
  readonly key: string
}

export interface RequestRow extends RequestKey {
  /** Hex SHA-256 of the request. */
  readonly requestDigest: string
  readonly createdAt: Instant
  /** Sealed. */
  readonly answer: Buffer
}

/** Of those that came after `after`. */
export async function findRequest(
  db: Pick<Reader, 'selectFrom'>,
  { workspaceId }: WorkspaceScope,
  { actor, key }: RequestKey,
  after: Instant,
): Promise<RequestRow | undefined> {
  const row = await db
    .selectFrom('idempotencyKey')
    .select(['actor', 'key', 'requestDigest', 'createdAt', 'answer'])
    .where('workspaceId', '=', workspaceId)
    .where('actor', '=', actor)
    .where('key', '=', key)
    .where('createdAt', '>', after)
    .executeTakeFirst()
  if (!row) return undefined
  const { answer, ...rest } = row
  assert(answer, 'a key is stored together with its answer')
  return { ...rest, answer }
}

export async function insertRequest(tx: Tx, row: RequestRow): Promise<void> {
  await tx
    .insertInto('idempotencyKey')
    .values({ workspaceId: tx.scope.workspaceId, ...row })
    .execute()
}

export async function deleteRequestsBefore(tx: Tx, before: Instant): Promise<void> {
  await tx
    .deleteFrom('idempotencyKey')
    .where('workspaceId', '=', tx.scope.workspaceId)
    .where('createdAt', '<=', before)
    .execute()
}
