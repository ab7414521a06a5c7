// Targets as rules know them: by the name that overlays use, with what their queries are given there.

import type { TargetId } from '#kernel/id.ts'
import type { Caller } from '#platform/caller.ts'
import type { WorkspaceScope } from '#platform/db/scope.ts'
import type { Reader, Tx } from '#platform/db/tx.ts'
import type { House } from '#platform/house.ts'
import { portKey } from '#platform/ports.ts'
import type { SiemKind } from './port.ts'
import { selectPlaces } from './store.ts'

export interface Place {
  readonly id: TargetId
  readonly name: string
  readonly kind: SiemKind
  /** What queries name as `${index.windows}`. */
  readonly parameters: Readonly<Record<string, string>>
}

/** By name. For compiling, whoever asks: nothing of how a target is reached is among it. */
export function listPlaces(
  db: Pick<Reader, 'selectFrom'>,
  scope: WorkspaceScope,
): Promise<readonly Place[]> {
  return selectPlaces(db, scope)
}

type Named = Pick<Place, 'name' | 'kind'>

/** With the write that made rules become something else at a target. `after` is null for one that goes. */
export type PlaceChanged = (
  tx: Tx,
  house: House,
  caller: Caller,
  change: { readonly before: Named; readonly after: Named | null },
) => Promise<void>

/** Filled by what compiles rules, which is a domain behind this one. */
export const PLACE_CHANGED = portKey<PlaceChanged>('place.changed')
