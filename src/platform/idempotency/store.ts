// SQL of idempotency keys: which requests came with one, and what was answered.

import type { Actor } from '#kernel/actor.ts'
import type { Instant } from '#kernel/time.ts'
import type { Tx } from '#platform/db/tx.ts'

export interface RequestKey {
  readonly actor: Actor
  readonly key: string
}

export interface RequestRow extends RequestKey {
  /** Hex SHA-256 of the request. */
  readonly requestDigest: string
  readonly createdAt: Instant
  /** Sealed; null until there is one. */
  readonly answer: Buffer | null
}

export async function findRequest(
  tx: Tx,
  { actor, key }: RequestKey,
): Promise<RequestRow | undefined> {
  return tx
    .selectFrom('idempotencyKey')
    .select(['actor', 'key', 'requestDigest', 'createdAt', 'answer'])
    .where('workspaceId', '=', tx.scope.workspaceId)
    .where('actor', '=', actor)
    .where('key', '=', key)
    .executeTakeFirst()
}

export async function insertRequest(tx: Tx, row: RequestRow): Promise<void> {
  await tx
    .insertInto('idempotencyKey')
    .values({ workspaceId: tx.scope.workspaceId, ...row })
    .execute()
}

export async function saveAnswer(
  tx: Tx,
  { actor, key }: RequestKey,
  answer: Buffer,
): Promise<void> {
  await tx
    .updateTable('idempotencyKey')
    .set({ answer })
    .where('workspaceId', '=', tx.scope.workspaceId)
    .where('actor', '=', actor)
    .where('key', '=', key)
    .execute()
}

export async function deleteRequest(tx: Tx, { actor, key }: RequestKey): Promise<void> {
  await tx
    .deleteFrom('idempotencyKey')
    .where('workspaceId', '=', tx.scope.workspaceId)
    .where('actor', '=', actor)
    .where('key', '=', key)
    .execute()
}

export async function deleteRequestsBefore(tx: Tx, before: Instant): Promise<void> {
  await tx
    .deleteFrom('idempotencyKey')
    .where('workspaceId', '=', tx.scope.workspaceId)
    .where('createdAt', '<', before)
    .execute()
}
