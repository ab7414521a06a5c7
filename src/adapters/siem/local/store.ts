// The file of one workspace's sandbox events, and the only SQL of it. Events stand in blocks, each of
// one log source; the row of a block says its times, and an index of three characters rules it out.
// Also here: imports, the rules that run over the events, and the alerts they made.
// Nothing in this file is the product's own: it can be deleted at any time, and is in no backup.

import { closeSync, existsSync, mkdirSync, openSync, rmSync } from 'node:fs'
import path from 'node:path'
import { AppError } from '#kernel/error.ts'
import { openReader, openWriter, type Connection } from '#platform/db/engine/sqlite/open.ts'

const SCHEMA_VERSION = 1

const SCHEMA = `
create table source (id integer primary key, text text not null unique) strict;
create table import (
  id text primary key, name text not null, format text, sourceText text not null,
  state text not null check (state in ('running', 'done', 'failed', 'cancelled')), reason text,
  sizeBytes integer not null, doneBytes integer not null default 0, line integer not null default 1,
  eventCount integer not null default 0, badCount integer not null default 0,
  untimedCount integer not null default 0,
  badLines text not null default '[]' check (json_valid(badLines)),
  startedAt integer not null, endedAt integer, startedBy text not null
) strict;
create table block (
  id integer primary key, sourceId integer not null references source (id),
  importId text not null references import (id), minAt integer not null, maxAt integer not null,
  eventCount integer not null, byteCount integer not null, isPlain integer not null, grams blob not null
) strict;
create index blockTime on block (maxAt, minAt);
create index blockSource on block (sourceId, maxAt, minAt);
create table blockEvents (
  blockId integer primary key references block (id) on delete cascade,
  times blob not null, lines blob not null
) strict;
create table field (
  sourceId integer not null, name text not null, type text not null, lastSeenAt integer not null,
  primary key (sourceId, name)
) strict, without rowid;
create table rule (
  ref text primary key, body text not null check (json_valid(body)), isEnabled integer not null,
  etag integer not null, changedAt integer not null, lastRunAt integer, lastUntil integer, lastError text
) strict;
create table ruleRun (
  ref text not null, ranAt integer not null, untilAt integer not null, tookMs integer not null,
  alertCount integer not null, error text
) strict;
create index ruleRunTime on ruleRun (ranAt);
create table alert (
  id integer primary key, ref text not null, dedupKey text not null, atMs integer not null,
  recordedAt integer not null, body text not null check (json_valid(body)),
  unique (ref, dedupKey)
) strict;
create index alertTime on alert (atMs);
`

/** Absolute; workspace ids are letters, digits and dashes. */
export function localFile(dataDir: string, workspaceId: string): string {
  return path.join(dataDir, 'local', `${workspaceId}.db`)
}

/** Runs `use` with the file open for writing; makes the file when it is missing. */
export function withWriter<T>(file: string, use: (db: Connection) => T): T {
  if (!existsSync(file)) {
    mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 })
    closeSync(openSync(file, 'a', 0o600))
  }
  const db = openWriter(file)
  try {
    prepareSchema(db)
    return use(db)
  } catch (error) {
    throw readable(error)
  } finally {
    db.close()
  }
}

/** Undefined when there is no file yet. */
export function withReader<T>(file: string, use: (db: Connection) => T): T | undefined {
  if (!existsSync(file)) return undefined
  const db = openReader(file)
  try {
    if (db.pragma('user_version', { simple: true }) === 0) return undefined
    return use(db)
  } catch (error) {
    throw readable(error)
  } finally {
    db.close()
  }
}

/** All of it, the log of SQLite included. */
export function removeFile(file: string): void {
  for (const end of ['', '-wal', '-shm']) rmSync(`${file}${end}`, { force: true })
}

function prepareSchema(db: Connection): void {
  const version = db.pragma('user_version', { simple: true }) as number
  if (version === SCHEMA_VERSION) return
  if (version !== 0) {
    const message = 'The sandbox events were written by another version. Delete them to begin anew.'
    throw new AppError('unsupported', message)
  }
  db.pragma('auto_vacuum = incremental')
  db.exec('vacuum')
  db.transaction(() => {
    db.exec(SCHEMA)
    db.pragma(`user_version = ${SCHEMA_VERSION}`)
  })()
}

function readable(error: unknown): unknown {
  const code = (error as { code?: unknown }).code
  if (code !== 'SQLITE_FULL') return error
  const message = 'The disk is full: nothing of this step was kept.'
  return new AppError('storage_full', message, { cause: error })
}

// ── Blocks ───────────────────────────────────────────────────────────────────────────────────────

export interface NewBlock {
  readonly sourceText: string
  readonly importId: string
  readonly minAt: number
  readonly maxAt: number
  readonly eventCount: number
  readonly byteCount: number
  readonly isPlain: boolean
  readonly grams: Buffer
  readonly times: Buffer
  readonly lines: Buffer
}

export function addBlock(db: Connection, block: NewBlock): void {
  const { sourceText, times, lines, isPlain, ...row } = block
  const { lastInsertRowid: blockId } = db
    .prepare(
      `insert into block (sourceId, importId, minAt, maxAt, eventCount, byteCount, isPlain, grams)
       values (@sourceId, @importId, @minAt, @maxAt, @eventCount, @byteCount, @isPlain, @grams)`,
    )
    .run({ ...row, sourceId: sourceIdOf(db, sourceText), isPlain: isPlain ? 1 : 0 })
  db.prepare('insert into blockEvents values (?, ?, ?)').run(blockId, times, lines)
}

export function sourceIdOf(db: Connection, text: string): number {
  const found = db.prepare('select id from source where text = ?').pluck().get(text)
  if (found !== undefined) return found as number
  return Number(db.prepare('insert into source (text) values (?)').run(text).lastInsertRowid)
}

export interface BlockHead {
  readonly id: number
  readonly sourceText: string
  readonly minAt: number
  readonly maxAt: number
  readonly eventCount: number
  readonly byteCount: number
  readonly isPlain: number
  readonly grams: Buffer
}

export interface BlockFilter {
  readonly from: number
  /** Exclusive. */
  readonly to: number
  /** Which log sources; undefined for all. */
  readonly takes?: (sourceText: string) => boolean
}

/** Newest first. */
export function listBlocks(db: Connection, { from, to, takes }: BlockFilter): readonly BlockHead[] {
  const rows = db
    .prepare(
      `select block.id, source.text as sourceText, minAt, maxAt, eventCount, byteCount, isPlain, grams
       from block join source on source.id = sourceId
       where maxAt >= ? and minAt < ?
       and sourceId in (select value from json_each(?))
       order by maxAt desc, block.id desc`,
    )
    .all(from, to, JSON.stringify(sourcesOf(db, takes)))
  return rows as BlockHead[]
}

function sourcesOf(db: Connection, takes: BlockFilter['takes']): readonly number[] {
  const all = db.prepare('select id, text from source').all() as { id: number; text: string }[]
  return all.filter(({ text }) => takes?.(text) ?? true).map(({ id }) => id)
}

export interface PackedEvents {
  readonly times: Buffer
  readonly lines: Buffer
}

export function readBlock(db: Connection, id: number): PackedEvents | undefined {
  const row = db.prepare('select times, lines from blockEvents where blockId = ?').get(id)
  return row as PackedEvents | undefined
}

export interface Totals {
  readonly eventCount: number
  readonly blockCount: number
  readonly oldestAt: number | null
  readonly newestAt: number | null
  readonly fileBytes: number
}

export function readTotals(db: Connection): Totals {
  const row = db
    .prepare(
      `select coalesce(sum(eventCount), 0) as eventCount, count(*) as blockCount,
       min(minAt) as oldestAt, max(maxAt) as newestAt from block`,
    )
    .get() as Omit<Totals, 'fileBytes'>
  return { ...row, fileBytes: fileBytes(db) }
}

function fileBytes(db: Connection): number {
  const [pages, free, size] = ['page_count', 'freelist_count', 'page_size'].map(
    (name) => db.pragma(name, { simple: true }) as number,
  )
  return (pages! - free!) * size!
}

/** Removes whole blocks: those wholly before `before`, then the oldest until the file is small enough. */
export function removeOld(db: Connection, before: number, bytesMax: number): number {
  const remove = db.prepare('delete from block where id = ?')
  const old = db.prepare('select id, eventCount from block where maxAt < ?').all(before)
  let removed = 0
  const drop = (rows: readonly unknown[]) => {
    for (const { id, eventCount } of rows as { id: number; eventCount: number }[]) {
      remove.run(id)
      removed += eventCount
    }
  }
  db.transaction(() => drop(old))()
  while (fileBytes(db) > bytesMax) {
    const oldest = db.prepare('select id, eventCount from block order by maxAt limit 16').all()
    if (oldest.length === 0) break
    db.transaction(() => drop(oldest))()
  }
  db.prepare('delete from alert where recordedAt < ?').run(before)
  db.prepare('delete from ruleRun where ranAt < ?').run(before)
  if (removed > 0) db.pragma('incremental_vacuum')
  return removed
}

// ── Imports ──────────────────────────────────────────────────────────────────────────────────────

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

// ── Fields ───────────────────────────────────────────────────────────────────────────────────────

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
