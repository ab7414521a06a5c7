// What stands where a rule has its place, as far as anybody here knows: what was put there, or what was
// found there since. A change over it binds exactly that.

import type { NamedPlacement } from '#domain/placements/placement.ts'
import type { TargetId } from '#kernel/id.ts'
import type { RuleBody } from '#domain/targets/port.ts'
import type { WorkspaceScope } from '#platform/db/scope.ts'
import type { Reader } from '#platform/db/tx.ts'
import { findObservedByRef, getObserved } from './store.ts'

export interface Stands {
  readonly ref: string
  /** Hex SHA-256 of the canonical `body`. */
  readonly hash: string
  readonly body: RuleBody
  /** Null: not known. */
  readonly isEnabled: boolean | null
}

/** Null where nothing stands any more. */
export async function whatStands(
  db: Pick<Reader, 'selectFrom'>,
  scope: WorkspaceScope,
  { ref, hash, body, state, targetId }: NamedPlacement,
): Promise<Stands | null> {
  if (state === 'missing') return null
  if (state === 'drifted') return whatIsSeen(db, scope, targetId, ref)
  const isEnabled = state === 'paused' ? false : state === 'unknown' ? null : true
  return { ref, hash, body, isEnabled }
}

/** As the last reading found it. */
export async function whatIsSeen(
  db: Pick<Reader, 'selectFrom'>,
  scope: WorkspaceScope,
  targetId: TargetId,
  ref: string | undefined,
): Promise<Stands | null> {
  const found = ref === undefined ? undefined : await findObservedByRef(db, scope, targetId, ref)
  if (!found || found.missingSince !== null) return null
  const { hash, body, isEnabled } = await getObserved(db, scope, found.id)
  return { ref: found.ref, hash, body, isEnabled }
}
