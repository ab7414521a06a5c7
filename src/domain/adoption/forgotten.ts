// Ours, and forgotten: objects that this installation made, by their mark and their id, while the rule has
// no place there. A copy that somebody made of one bears the mark and is not ours; what is not certain is
// not told.

import { permit } from '#domain/access/permission.ts'
import { ownRefOf, picksId } from '#domain/placements/refs.ts'
import type { RuleBody } from '#domain/targets/port.ts'
import type { RuleId, TargetId } from '#kernel/id.ts'
import type { SiemKind } from '#kernel/siem.ts'
import type { Instant } from '#kernel/time.ts'
import { findMarker } from '#languages/rule-formats/write/marker.ts'
import type { Caller } from '#platform/caller.ts'
import type { WorkspaceScope } from '#platform/db/scope.ts'
import type { Reader } from '#platform/db/tx.ts'
import type { House } from '#platform/house.ts'
import { selectMarked, type MarkedRow } from './forgotten-store.ts'
import type { Stands } from './what-stands.ts'

export interface Forgotten {
  readonly ruleId: RuleId
  readonly ruleTitle: string
  readonly targetId: TargetId
  readonly targetName: string
  readonly targetKind: SiemKind
  /** What the target calls it. */
  readonly name: string
  readonly ref: string
  /** Of the rule, as its mark says. */
  readonly version: number
  readonly isEnabled: boolean | null
  readonly seenAt: Instant
}

/** So many are looked at; what is left is found once these are gone. */
const LOOKED_AT = 1_000

/** By title of the rule, as the last reading of each target found it. */
export async function listForgotten(
  house: House,
  caller: Caller,
  { targetId }: { readonly targetId?: TargetId | undefined },
): Promise<readonly Forgotten[]> {
  permit(caller, 'drift.read')
  const { scope } = caller
  const rows = await selectMarked(house.db.read(scope), scope, { targetId }, LOOKED_AT)
  return certain(rows, house.keys.installId).map(({ row, version }) => ({
    ruleId: row.ruleId,
    ruleTitle: row.ruleTitle,
    targetId: row.targetId,
    targetName: row.targetName,
    targetKind: row.targetKind as SiemKind,
    name: row.name,
    ref: row.ref,
    version,
    isEnabled: row.isEnabled === null ? null : row.isEnabled === 1,
    seenAt: row.lastSeenAt,
  }))
}

/** What of a rule stands at a target and was forgotten there; null for nothing. */
export async function whatIsForgotten(
  db: Pick<Reader, 'selectFrom'>,
  scope: WorkspaceScope,
  installId: string,
  at: { readonly ruleId: RuleId; readonly targetId: TargetId },
): Promise<Stands | null> {
  const [found] = certain(await selectMarked(db, scope, at, LOOKED_AT), installId)
  if (!found) return null
  const { ref, hash, body, isEnabled } = found.row
  return {
    ref,
    hash,
    body: JSON.parse(body) as RuleBody,
    isEnabled: isEnabled === null ? null : isEnabled === 1,
  }
}

interface Certain {
  readonly row: MarkedRow
  readonly version: number
}

function certain(rows: readonly MarkedRow[], installId: string): readonly Certain[] {
  const marked = rows.flatMap((row): Certain[] => {
    const mark = findMarker(row.body)
    const isOurs = mark?.install === installId.slice(0, 8) && mark.ruleId === row.ruleId
    return isOurs ? [{ row, version: mark.version }] : []
  })
  const places = [...Map.groupBy(marked, ({ row }) => `${row.ruleId} ${row.targetId}`).values()]
  return places.flatMap((there) => {
    const known = there.filter(({ row }) => isOwnRef(row, installId))
    if (known.length > 0) return known.length === 1 ? known : []
    // Where the vendor picks the id only the mark tells, and only where it stands once.
    return there.filter(({ row }) => there.length === 1 && picksId(row.targetKind as SiemKind))
  })
}

/** It stands as we would put it there, or as a deployment of ours did. */
function isOwnRef(row: MarkedRow, installId: string): boolean {
  const { ruleId, targetId, ref, name, ruleTitle, targetKind, isOnRecord } = row
  if (isOnRecord === 1) return true
  if (targetKind === 'splunk') return name === ruleTitle
  return ref === ownRefOf({ installId, ruleId, targetId })
}
