// What leaves with a target, in domains that stand on targets and that this one does not know. Filled by
// app.ts.

import type { TargetId } from '#kernel/id.ts'
import type { Caller } from '#platform/caller.ts'
import type { Tx } from '#platform/db/tx.ts'
import type { House } from '#platform/house.ts'
import { portKey } from '#platform/ports.ts'

/** In the transaction that removes the target, before it is gone. */
type Leave = (tx: Tx, house: House, caller: Caller, id: TargetId) => Promise<void>

/** Loaded when a target is removed: it brings along what a start does without. */
export const LEAVE = portKey<() => Promise<Leave>>('what leaves with a target')
