// Targets as rules know them: by the name that overlays use, with what their queries are given there.

import type { WorkspaceScope } from '#platform/db/scope.ts'
import type { Reader } from '#platform/db/tx.ts'
import type { SiemKind } from './port.ts'
import { selectPlaces } from './store.ts'

export interface Place {
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
