// SQL of credentials. What is read here is sealed; only connect.ts opens it.

import type { Selectable } from 'kysely'
import type { CredentialId, TargetId } from '#kernel/id.ts'
import type { Instant } from '#kernel/time.ts'
import type { WorkspaceScope } from '#platform/db/scope.ts'
import type { Tables } from '#platform/db/tables.ts'
import type { Reader, Tx } from '#platform/db/tx.ts'
import { KnownDependants } from './health.ts'
import type { Credential } from './port.ts'
import type { CredentialSummary, Purpose, Slot } from './target.ts'

type Handle = Pick<Reader, 'selectFrom'>
type Row = Selectable<Tables['targetCredential']>

/** What opens it: where it is sealed, and the sealed bytes. */
export interface SealedCredential {
  readonly id: CredentialId
  readonly sealed: Buffer
}

/** Without the secret. */
export interface ListedCredential extends CredentialSummary {
  /** Of the last warning about its end. */
  readonly warnedDays: number | null
}

export interface StoredCredential extends Omit<CredentialSummary, CheckedColumn> {
  readonly targetId: TargetId
  readonly sealed: Buffer
}

/** What a check finds out. */
type CheckedColumn = 'problem' | 'checkedAt' | 'identity' | 'dependants'

/** In the place of the one that stood in its slot. */
export async function putCredential(tx: Tx, credential: StoredCredential): Promise<void> {
  await deleteSlot(tx, credential.targetId, credential)
  await tx
    .insertInto('targetCredential')
    .values({
      ...credential,
      workspaceId: tx.scope.workspaceId,
      checkedAt: null,
      problem: null,
      identity: null,
      dependants: null,
      warnedDays: null,
    })
    .execute()
}

/** Without the secrets: reading before writing, and what is in force first. */
export async function selectCredentials(
  db: Handle,
  scope: WorkspaceScope,
  targetId: TargetId,
): Promise<readonly ListedCredential[]> {
  const rows = await db
    .selectFrom('targetCredential')
    .select(['id', 'purpose', 'slot', 'kind', 'label', 'expiresAt', 'warnedDays'])
    .select(['checkedAt', 'problem', 'endsAt', 'createdAt', 'createdBy'])
    .select(['identity', 'certificate', 'certificateEndsAt', 'dependants'])
    .where('workspaceId', '=', scope.workspaceId)
    .where('targetId', '=', targetId)
    .orderBy('purpose')
    .orderBy('slot')
    .execute()
  return rows.map(({ dependants, ...row }) => ({
    ...row,
    kind: row.kind as Credential['kind'],
    dependants: dependants === null ? null : KnownDependants.parse(JSON.parse(dependants)),
  }))
}

/** In force or about to be, where it or its certificate ends before `until`. */
export async function selectCredentialEnds(
  db: Handle,
  scope: WorkspaceScope,
  until: Instant,
): Promise<readonly (Ends & { id: TargetId; name: string })[]> {
  return db
    .selectFrom('targetCredential')
    .innerJoin('target', (join) =>
      join
        .onRef('target.workspaceId', '=', 'targetCredential.workspaceId')
        .onRef('target.id', '=', 'targetCredential.targetId'),
    )
    .select(['target.id', 'target.name'])
    .select(['targetCredential.expiresAt', 'targetCredential.certificateEndsAt'])
    .where('targetCredential.workspaceId', '=', scope.workspaceId)
    .where('target.workspaceId', '=', scope.workspaceId)
    .where('targetCredential.slot', '!=', 'previous')
    .where((eb) =>
      eb.or([
        eb('targetCredential.expiresAt', '<', until),
        eb('targetCredential.certificateEndsAt', '<', until),
      ]),
    )
    .execute()
}

type Ends = Pick<CredentialSummary, 'expiresAt' | 'certificateEndsAt'>

export async function findCredential(
  db: Handle,
  scope: WorkspaceScope,
  targetId: TargetId,
  { purpose, slot }: { readonly purpose: Purpose; readonly slot: Slot },
): Promise<SealedCredential | undefined> {
  return db
    .selectFrom('targetCredential')
    .select(['id', 'sealed'])
    .where('workspaceId', '=', scope.workspaceId)
    .where('targetId', '=', targetId)
    .where('purpose', '=', purpose)
    .where('slot', '=', slot)
    .executeTakeFirst()
}

export async function updateCredential(
  tx: Tx,
  id: CredentialId,
  change: Partial<
    Pick<
      Row,
      | 'slot'
      | 'checkedAt'
      | 'problem'
      | 'identity'
      | 'dependants'
      | 'expiresAt'
      | 'endsAt'
      | 'warnedDays'
    >
  >,
): Promise<void> {
  await tx
    .updateTable('targetCredential')
    .set(change)
    .where('workspaceId', '=', tx.scope.workspaceId)
    .where('id', '=', id)
    .execute()
}

export async function deleteSlot(
  tx: Tx,
  targetId: TargetId,
  { purpose, slot }: { readonly purpose: Purpose; readonly slot: Slot },
): Promise<void> {
  await tx
    .deleteFrom('targetCredential')
    .where('workspaceId', '=', tx.scope.workspaceId)
    .where('targetId', '=', targetId)
    .where('purpose', '=', purpose)
    .where('slot', '=', slot)
    .execute()
}

/** All of a target; how many there were. */
export async function deleteCredentials(tx: Tx, targetId: TargetId): Promise<number> {
  const [result] = await tx
    .deleteFrom('targetCredential')
    .where('workspaceId', '=', tx.scope.workspaceId)
    .where('targetId', '=', targetId)
    .execute()
  return Number(result?.numDeletedRows ?? 0)
}

/** Previous ones of a target whose time is over. */
export async function deleteEndedCredentials(
  tx: Tx,
  targetId: TargetId,
  now: Instant,
): Promise<void> {
  await tx
    .deleteFrom('targetCredential')
    .where('workspaceId', '=', tx.scope.workspaceId)
    .where('targetId', '=', targetId)
    .where('endsAt', '<=', now)
    .execute()
}
