// The file of one workspace's sandbox: events in blocks, imports, the rules that run over the events,
// and the alerts they made. Nothing in it is the product's own: it can be deleted at any time, and is
// in no backup.

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
  etag integer not null, changedAt integer not null,
  lastRunAt integer, lastBlock integer not null default 0
) strict;
create table ruleRun (
  ref text not null, ranAt integer not null, tookMs integer not null, alertCount integer not null,
  lagMs integer, error text
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
