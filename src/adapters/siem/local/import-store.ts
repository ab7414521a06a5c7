// Imports as rows of the sandbox: how far one is stands in the same transaction as the events of each
// step. Beside them the fields that events were seen to have.

import type { Connection } from '#platform/db/engine/sqlite/open.ts'
import { sourceIdOf } from './store.ts'

export interface ImportRow {
  readonly id: string
  readonly name: string
  readonly format: string | null
  /** The log source that was given; empty where events say their own. */
  readonly sourceText: string
  readonly state: 'running' | 'done' | 'failed' | 'cancelled'
  readonly reason: string | null
  readonly sizeBytes: number
  readonly doneBytes: number
  /** The next one, from 1. */
  readonly line: number
  readonly eventCount: number
  readonly badCount: number
  /** Events that say no time: they have the time of their import. */
  readonly untimedCount: number
  /** JSON: the first ones, with the reason. */
  readonly badLines: string
  readonly startedAt: number
  readonly endedAt: number | null
  readonly startedBy: string
}

export type NewImport = Pick<
  ImportRow,
  'id' | 'name' | 'format' | 'sourceText' | 'sizeBytes' | 'startedAt' | 'startedBy'
>

/** Nothing happens when it is there already: a step that is repeated. */
export function addImport(db: Connection, row: NewImport): void {
  db.prepare(
    `insert into import (id, name, format, sourceText, state, sizeBytes, startedAt, startedBy)
     values (@id, @name, @format, @sourceText, 'running', @sizeBytes, @startedAt, @startedBy)
     on conflict do nothing`,
  ).run(row)
}

export function findImport(db: Connection, id: string): ImportRow | undefined {
  return db.prepare('select * from import where id = ?').get(id) as ImportRow | undefined
}

/** Newest first. */
export function listImports(db: Connection, limit: number): readonly ImportRow[] {
  const rows = db
    .prepare('select * from import order by startedAt desc, id desc limit ?')
    .all(limit)
  return rows as ImportRow[]
}

export function saveImport(db: Connection, row: ImportRow): void {
  db.prepare(
    `update import set state = @state, reason = @reason, doneBytes = @doneBytes, line = @line,
     eventCount = @eventCount, badCount = @badCount, untimedCount = @untimedCount,
     badLines = @badLines, endedAt = @endedAt where id = @id`,
  ).run(row)
}

// FIELDS──────────────────────────────────────────────────────────────────────────────────────

export interface FieldRow {
  readonly sourceText: string
  readonly name: string
  readonly type: string
  readonly lastSeenAt: number
}

export function saveFields(db: Connection, fields: readonly FieldRow[]): void {
  const save = db.prepare(
    `insert into field (sourceId, name, type, lastSeenAt) values (?, ?, ?, ?)
     on conflict do update set lastSeenAt = max(lastSeenAt, excluded.lastSeenAt),
     type = case when type = excluded.type then type else 'mixed' end`,
  )
  for (const { sourceText, name, type, lastSeenAt } of fields) {
    save.run(sourceIdOf(db, sourceText), name, type, lastSeenAt)
  }
}

/** By log source, then in the order of names. */
export function listFields(db: Connection): readonly FieldRow[] {
  const rows = db
    .prepare(
      `select source.text as sourceText, name, type, lastSeenAt
       from field join source on source.id = sourceId order by sourceText, name`,
    )
    .all()
  return rows as FieldRow[]
}
