// SQL of noise budgets.

import type { RuleId } from '#kernel/id.ts'
import type { WorkspaceScope } from '#platform/db/scope.ts'
import type { Tx } from '#platform/db/tx.ts'
import type { Budget } from './budget.ts'
import type { Handle } from './rule-store.ts'

/** That of the workspace first, then groups, then rules. */
export async function selectBudgets(db: Handle, scope: WorkspaceScope): Promise<readonly Budget[]> {
  const rows = await db
    .selectFrom('noiseBudget')
    .selectAll()
    .where('workspaceId', '=', scope.workspaceId)
    .orderBy('scope', 'desc')
    .orderBy('name')
    .execute()
  return rows.map(({ workspaceId: _, ...budget }) => budget)
}

export async function saveBudget(tx: Tx, budget: Budget): Promise<void> {
  await tx
    .insertInto('noiseBudget')
    .values({ ...budget, workspaceId: tx.scope.workspaceId })
    .onConflict((conflict) =>
      conflict.columns(['workspaceId', 'scope', 'name']).doUpdateSet(budget),
    )
    .execute()
}

export async function saveProposal(
  tx: Tx,
  { scope, name }: Pick<Budget, 'scope' | 'name'>,
  proposal: Pick<Budget, 'proposedId' | 'proposedAt'>,
): Promise<void> {
  await tx
    .updateTable('noiseBudget')
    .set(proposal)
    .where('workspaceId', '=', tx.scope.workspaceId)
    .where('scope', '=', scope)
    .where('name', '=', name)
    .execute()
}

/** Whether there was one. */
export async function deleteBudget(
  tx: Tx,
  { scope, name }: Pick<Budget, 'scope' | 'name'>,
): Promise<boolean> {
  const { numDeletedRows } = await tx
    .deleteFrom('noiseBudget')
    .where('workspaceId', '=', tx.scope.workspaceId)
    .where('scope', '=', scope)
    .where('name', '=', name)
    .executeTakeFirstOrThrow()
  return numDeletedRows > 0n
}

/** Groups of rules that have one. */
export async function selectGroupsOf(
  db: Handle,
  scope: WorkspaceScope,
  ruleIds: readonly RuleId[],
): Promise<ReadonlyMap<RuleId, string | null>> {
  if (ruleIds.length === 0) return new Map()
  const rows = await db
    .selectFrom('rule')
    .select(['id', 'group'])
    .where('workspaceId', '=', scope.workspaceId)
    .where('id', 'in', ruleIds)
    .execute()
  return new Map(rows.map(({ id, group }) => [id, group]))
}
