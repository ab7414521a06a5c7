// Once in the life of an instance that is older than the digests of workspaces: gives each its digest.
// That it was done stands in the instance's own row, under a digest, so that nobody who edits the file
// gets it done again.

import { assert } from '#kernel/error.ts'
import type { Caller } from '#platform/caller.ts'
import type { Database } from '#platform/db/database.ts'
import { assertInstance, instanceMac } from './instance.ts'
import type { KeyRing } from './ring.ts'
import { withMac } from './row-mac.ts'
import { findInstance, updateInstance } from './store.ts'

export async function sealWorkspaceRows(
  house: { readonly db: Database; readonly keys: KeyRing },
  caller: Caller,
): Promise<void> {
  const known = await findInstance(house.db.read(caller.scope))
  if (known?.rowsSealedAt !== null) return
  const { derived } = house.keys.opened
  await house.db.write(caller, async (tx) => {
    const instance = await findInstance(tx)
    assert(instance, 'there is an instance')
    assertInstance(derived, instance)
    const policies = await tx.selectFrom('workspacePolicy').selectAll().execute()
    for (const row of await tx.selectFrom('workspace').selectAll().execute()) {
      const policy = policies.find(({ workspaceId }) => workspaceId === row.id)
      const policyVersion = policy?.version ?? null
      const { mac } = withMac(derived.keys['row-mac'], 'workspace', { ...row, policyVersion })
      await tx
        .updateTable('workspace')
        .set({ policyVersion, mac })
        .where('id', '=', row.id)
        .execute()
    }
    const sealed = { ...instance, rowsSealedAt: caller.now }
    await updateInstance(tx, { ...sealed, mac: instanceMac(derived, sealed) })
  })
}
