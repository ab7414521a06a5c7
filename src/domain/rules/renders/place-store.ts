// SQL of renderings for one target: what is pending because the target calls things otherwise now.

import type { Tx } from '#platform/db/tx.ts'
import type { Kind } from './kinds.ts'

interface Named {
  readonly name: string
  readonly kind: Kind
}

/**
 * Marks what every rule is compiled to for a target with a mapping of its own. A rule without a rendering
 * for it gets what it was so far, that of the kind, marked.
 */
export async function markMappedPending(tx: Tx, { name, kind }: Named): Promise<void> {
  const { workspaceId } = tx.scope
  await tx
    .insertInto('ruleRender')
    .columns(['workspaceId', ...COPIED, 'target', 'isPending'])
    .expression((eb) =>
      eb
        .selectFrom('ruleRender')
        .select((row) => [row.val(workspaceId).as('workspaceId')])
        .select([...COPIED])
        .select((row) => [row.val(name).as('target'), row.lit(1).as('isPending')])
        .where('workspaceId', '=', workspaceId)
        .where('kind', '=', kind)
        .where('target', '=', ''),
    )
    .onConflict((conflict) =>
      conflict.columns(['workspaceId', 'ruleId', 'kind', 'target']).doUpdateSet({ isPending: 1 }),
    )
    .execute()
}

const COPIED = [
  'ruleId',
  'kind',
  'state',
  'renderer',
  'inputHash',
  'queries',
  'problems',
  'version',
  'renderedAt',
] as const

/** Marks the rules that say something for this target, or are given its parameters. */
export async function markNamedPending(tx: Tx, { name, kind }: Named): Promise<void> {
  const { workspaceId } = tx.scope
  const naming = tx
    .selectFrom('ruleBody')
    .select('ruleId')
    .where('workspaceId', '=', workspaceId)
    .where('kind', '=', kind)
    .where('overlay', '=', name)
  await tx
    .updateTable('ruleRender')
    .set({ isPending: 1 })
    .where('workspaceId', '=', workspaceId)
    .where('kind', '=', kind)
    .where('target', 'in', ['', name])
    .where('ruleId', 'in', naming)
    .execute()
  await tx
    .updateTable('ruleRender')
    .set({ isPending: 1 })
    .where('workspaceId', '=', workspaceId)
    .where('kind', '=', kind)
    .where('target', '=', name)
    .execute()
}

/** Of a target that is gone, or has another name. */
export async function dropRendersAt(tx: Tx, { name, kind }: Named): Promise<void> {
  await tx
    .deleteFrom('ruleRender')
    .where('workspaceId', '=', tx.scope.workspaceId)
    .where('kind', '=', kind)
    .where('target', '=', name)
    .execute()
}
