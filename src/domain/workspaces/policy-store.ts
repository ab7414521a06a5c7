// SQL of policies. Each row is checked against its digest, and the workspace's own row says which
// version there is: `conflict` for one that was edited, deleted or put back in the file.

import type { WorkspaceId } from '#kernel/id.ts'
import type { WorkspaceScope } from '#platform/db/scope.ts'
import type { Reader, Tx } from '#platform/db/tx.ts'
import { checkMac, rowDamaged, withMac, type RowKey } from '#platform/keys/row-mac.ts'
import { DEFAULT_POLICY, Policy, type PolicyProposal, type PolicyRow } from './policy.ts'
import { getPolicyVersion, updateWorkspace } from './store.ts'

type Handle = Pick<Reader, 'selectFrom'>

const NOTHING_DECIDED: PolicyRow = {
  policy: DEFAULT_POLICY,
  version: 0,
  changedAt: null,
  changedBy: null,
}

export async function findPolicy(
  db: Handle,
  key: RowKey,
  scope: WorkspaceScope,
): Promise<PolicyRow> {
  const workspaceId = scope.workspaceId as WorkspaceId
  const row = await db
    .selectFrom('workspacePolicy')
    .selectAll()
    .where('workspaceId', '=', workspaceId)
    .executeTakeFirst()
  if ((row?.version ?? 0) !== (await getPolicyVersion(db, key, workspaceId))) {
    const words = 'The policies of this workspace were changed outside the product.'
    throw rowDamaged(words, { table: 'workspacePolicy', row: workspaceId })
  }
  if (!row) return NOTHING_DECIDED
  const { policy, version, changedAt, changedBy } = checkMac(key, 'workspacePolicy', row)
  return { policy: Policy.parse(JSON.parse(policy)), version, changedAt, changedBy }
}

export async function savePolicy(
  tx: Tx,
  key: RowKey,
  { policy, version, changedAt, changedBy }: Required<PolicyRow>,
): Promise<void> {
  const workspaceId = tx.scope.workspaceId as WorkspaceId
  const row = withMac(key, 'workspacePolicy', {
    workspaceId,
    policy: JSON.stringify(policy),
    version,
    changedAt: changedAt!,
    changedBy: changedBy!,
  })
  const { workspaceId: _, ...rest } = row
  await tx
    .insertInto('workspacePolicy')
    .values(row)
    .onConflict((oc) => oc.column('workspaceId').doUpdateSet(rest))
    .execute()
  await updateWorkspace(tx, key, workspaceId, { policyVersion: version })
}

/** The longest that any workspace asks its entries to be kept, in days; undefined when none asks. */
export async function longestAuditDays(db: Handle, key: RowKey): Promise<number | undefined> {
  const rows = await db.selectFrom('workspacePolicy').selectAll().execute()
  const days = rows.map(
    (row) => Policy.parse(JSON.parse(checkMac(key, 'workspacePolicy', row).policy)).auditDays,
  )
  return days.length === 0 ? undefined : Math.max(...days)
}

/** Undefined while none waits. Checked against its digest like every row that decides. */
export async function findProposal(
  db: Handle,
  key: RowKey,
  scope: WorkspaceScope,
): Promise<PolicyProposal | undefined> {
  const row = await db
    .selectFrom('policyProposal')
    .selectAll()
    .where('workspaceId', '=', scope.workspaceId as WorkspaceId)
    .executeTakeFirst()
  if (!row) return undefined
  const { policy, version, askedAt, askedBy } = checkMac(key, 'policyProposal', row)
  return { policy: Policy.parse(JSON.parse(policy)), version, askedAt, askedBy }
}

/** In the place of the one there is. */
export async function saveProposal(
  tx: Tx,
  key: RowKey,
  { policy, ...proposal }: PolicyProposal,
): Promise<void> {
  await deleteProposal(tx)
  const row = {
    ...proposal,
    workspaceId: tx.scope.workspaceId as WorkspaceId,
    policy: JSON.stringify(policy),
  }
  await tx
    .insertInto('policyProposal')
    .values(withMac(key, 'policyProposal', row))
    .execute()
}

export async function deleteProposal(tx: Tx): Promise<void> {
  await tx
    .deleteFrom('policyProposal')
    .where('workspaceId', '=', tx.scope.workspaceId as WorkspaceId)
    .execute()
}
