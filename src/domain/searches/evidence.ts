// The rows of a segment as evidence: packed, sealed under the workspace's key, kept in pieces so that
// half a million rows pass through memory a thousand at a time.

import type { RowsPage } from '#domain/targets/port.ts'
import { AppError } from '#kernel/error.ts'
import type { SearchId } from '#kernel/id.ts'
import type { Json } from '#kernel/json.ts'
import type { Instant } from '#kernel/time.ts'
import type { WorkspaceScope } from '#platform/db/scope.ts'
import { piecePlace, type PieceInfo, type PieceKey } from '#platform/evidence/evidence-file.ts'
import type { House } from '#platform/house.ts'
import { pack, unpack } from '#platform/packed.ts'
import type { Column, Segment } from './search.ts'

export interface Rows {
  readonly columns: readonly Column[]
  readonly rows: readonly (readonly Json[])[]
}

/** Which pieces are of this try of this segment. */
export function partOf({ position, attempt }: Pick<Segment, 'position' | 'attempt'>): string {
  return `${String(position).padStart(3, '0')}.${attempt}`
}

export interface Keeping {
  readonly searchId: SearchId
  readonly part: string
  readonly days: number
  readonly at: Instant
}

/** Returns how many bytes the rows are, unpacked. Throws `storage_full`. */
export async function keepRows(
  house: House,
  scope: WorkspaceScope,
  { searchId, part, days, at }: Keeping,
  position: number,
  { columns, rows }: RowsPage,
): Promise<number> {
  const text = Buffer.from(JSON.stringify({ columns, rows } satisfies Rows))
  const key: PieceKey = { owner: searchId, part, position }
  const sealed = await house.keys.seal(scope, piecePlace(key), await pack(text))
  house.evidence.put(scope, { ...key, rowCount: rows.length, sealed, at, days })
  return text.length
}

/** Throws `not_found` when its time is over, `conflict` when it was changed outside the product. */
export async function readRows(
  house: House,
  scope: WorkspaceScope,
  searchId: SearchId,
  { part, position }: Pick<PieceInfo, 'part' | 'position'>,
): Promise<Rows> {
  const key: PieceKey = { owner: searchId, part, position }
  const sealed = house.evidence.get(scope, key)
  if (!sealed) throw new AppError('not_found', 'These rows are no longer kept. Ask again.')
  const packed = await house.keys.unseal(scope, piecePlace(key), sealed)
  // Sealed by keepRows, so its shape is ours.
  return JSON.parse((await unpack(packed)).toString('utf8')) as Rows
}

/** The pieces of the tries that count, in the order of segments. */
export function piecesOf(
  house: House,
  scope: WorkspaceScope,
  searchId: SearchId,
  segments: readonly Segment[],
): readonly (PieceInfo & { readonly segment: Segment })[] {
  const byPart = new Map(segments.map((segment) => [partOf(segment), segment]))
  return house.evidence.list(scope, searchId).flatMap((piece) => {
    const segment = byPart.get(piece.part)
    return segment ? [{ ...piece, segment }] : []
  })
}
