// Rows that were read from targets: a file of its own beside the database, in no backup, whose pieces are
// sealed under the workspace's key and gone when their time is over. A workspace that keeps nothing
// (0 days) has its pieces in memory alone, and they go with the process.

import { AppError } from '#kernel/error.ts'
import { addMs, HOUR, type Instant } from '#kernel/time.ts'
import type { Place } from '#kernel/seal.ts'
import {
  isStorageError,
  openMemory,
  openWriter,
  type Connection,
} from '#platform/db/engine/sqlite/open.ts'
import type { WorkspaceScope } from '#platform/db/scope.ts'

/** One piece: some rows of one part of one thing. */
export interface PieceKey {
  /** The id of what was asked. */
  readonly owner: string
  /** Which part of it, and which try: `2.1`. */
  readonly part: string
  readonly position: number
}

export interface NewPiece extends PieceKey {
  readonly rowCount: number
  readonly sealed: Buffer
  readonly at: Instant
  /** How long it is kept; 0 days: in memory, for an hour. */
  readonly days: number
}

export interface PieceInfo {
  readonly part: string
  readonly position: number
  readonly rowCount: number
}

/** Long enough to look at what was just asked. */
const MEMORY_MS = HOUR
const DAY_MS = 24 * HOUR

const SCHEMA = `
create table if not exists piece (
  workspaceId text not null,
  owner text not null,
  part text not null,
  position integer not null,
  rowCount integer not null,
  expiresAt integer not null,
  sealed blob not null,
  primary key (workspaceId, owner, part, position)
) strict;
create index if not exists pieceExpires on piece (expiresAt);
`

/** Where a piece is sealed for: it opens nowhere else. */
export function piecePlace({ owner, part, position }: PieceKey): Place {
  return { table: 'piece', row: `${owner}/${part}/${position}`, column: 'sealed' }
}

export class EvidenceFile {
  readonly #kept: Connection
  readonly #memory: Connection

  /** Makes `file` when it is missing. */
  constructor(file: string) {
    this.#kept = openWriter(file)
    this.#memory = openMemory()
    for (const connection of [this.#kept, this.#memory]) connection.exec(SCHEMA)
  }

  /** Throws `storage_full` when the disk takes nothing. The same piece again replaces it. */
  put({ workspaceId }: WorkspaceScope, piece: NewPiece): void {
    const { owner, part, position, rowCount, sealed, at, days } = piece
    const expiresAt = addMs(at, days === 0 ? MEMORY_MS : days * DAY_MS)
    try {
      ;(days === 0 ? this.#memory : this.#kept)
        .prepare('insert or replace into piece values (?, ?, ?, ?, ?, ?, ?)')
        .run(workspaceId, owner, part, position, rowCount, expiresAt, sealed)
    } catch (cause) {
      if (!isStorageError(cause)) throw cause
      throw new AppError('storage_full', 'The disk takes no more evidence: free space on it.', {
        cause,
      })
    }
  }

  /** Undefined: it never was, or its time is over. */
  get({ workspaceId }: WorkspaceScope, { owner, part, position }: PieceKey): Buffer | undefined {
    for (const connection of this.#both) {
      const sealed = connection
        .prepare(
          'select sealed from piece where workspaceId = ? and owner = ? and part = ? and position = ?',
        )
        .pluck()
        .get(workspaceId, owner, part, position)
      if (Buffer.isBuffer(sealed)) return sealed
    }
    return undefined
  }

  /** In order of parts and positions. */
  list({ workspaceId }: WorkspaceScope, owner: string): readonly PieceInfo[] {
    return this.#both.flatMap(
      (connection) =>
        connection
          .prepare(
            'select part, position, rowCount from piece where workspaceId = ? and owner = ? order by part, position',
          )
          .all(workspaceId, owner) as PieceInfo[],
    )
  }

  /** All of a thing, or of one part of it. */
  remove({ workspaceId }: WorkspaceScope, owner: string, part?: string): void {
    for (const connection of this.#both) {
      connection
        .prepare(
          'delete from piece where workspaceId = ? and owner = ? and part = coalesce(?, part)',
        )
        .run(workspaceId, owner, part ?? null)
    }
  }

  /** What is over at `now`, of every workspace; a piece of work at a time. Returns how many are gone. */
  prune(now: Instant): number {
    let gone = 0
    for (const connection of this.#both) {
      gone += connection
        .prepare(
          'delete from piece where rowid in (select rowid from piece where expiresAt <= ? limit 500)',
        )
        .run(now).changes
    }
    return gone
  }

  close(): void {
    for (const connection of this.#both) connection.close()
  }

  get #both(): readonly Connection[] {
    return [this.#kept, this.#memory]
  }
}
