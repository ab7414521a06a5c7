// A new key for what one workspace has sealed: its own secrets, or the instance's. It seals from then
// on; what older keys sealed is sealed again in the background, and the old key goes a day later.

import { permit } from '#domain/access/permission.ts'
import { addMs, MINUTE } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { sealedColumnsOf } from '#platform/keys/sealed-columns.ts'
import {
  KEEP_RETIRED_MS,
  resealWorkspace,
  rotateWorkspaceKey,
} from '#platform/keys/workspace-keys.ts'

/** The kind of `resealJob` in jobs.ts, which calls this file. */
export const RESEAL_KIND = 'workspace.reseal'

/** Makes a new key for the caller's workspace and returns its version. Audited. */
export async function rotateKey(house: House, caller: Caller): Promise<number> {
  permit(caller, 'workspace.rotate_key')
  return rotateWorkspaceKey(house, caller, async (tx) => {
    const reseal = { title: 'Seal every secret under the new key' }
    await house.jobs.enqueueKind(tx, caller, RESEAL_KIND, {}, reseal)
    const runAt = addMs(caller.now, KEEP_RETIRED_MS + MINUTE)
    await house.jobs.enqueueKind(tx, caller, RESEAL_KIND, {}, { title: 'Drop the old key', runAt })
  })
}

/**
 * Seals under the key in force whatever in the caller's workspace is not, and drops old keys that
 * nothing needs. Returns how many values it sealed. Throws `conflict` for a value that does not open;
 * no key is dropped then.
 */
export async function reseal(house: House, caller: Caller, signal: AbortSignal): Promise<number> {
  permit(caller, 'workspace.reseal')
  return resealWorkspace(house, caller, sealedColumnsOf(caller.scope.workspaceId), signal)
}
