// Events in blocks, each of one log source: the row of a block says its times, and an index of three
// characters rules it out.

import type { Connection } from '#platform/db/engine/sqlite/open.ts'

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
}

export interface BlockFilter {
  readonly from: number
  /** Exclusive. */
  readonly to: number
  /** Which log sources; undefined for all. */
  readonly takes?: (sourceText: string) => boolean
  /** Only blocks that came in after this one. */
  readonly after?: number
}

/** Newest first. */
export function listBlocks(
  db: Connection,
  { from, to, takes, after = 0 }: BlockFilter,
): readonly BlockHead[] {
  const rows = db
    .prepare(
      `select block.id, source.text as sourceText, minAt, maxAt, eventCount, byteCount, isPlain
       from block join source on source.id = sourceId
       where maxAt >= ? and minAt < ? and block.id > ?
       and sourceId in (select value from json_each(?))
       order by maxAt desc, block.id desc`,
    )
    .all(from, to, after, JSON.stringify(sourcesOf(db, takes)))
  return rows as BlockHead[]
}

function sourcesOf(db: Connection, takes: BlockFilter['takes']): readonly number[] {
  const all = db.prepare('select id, text from source').all() as { id: number; text: string }[]
  return all.filter(({ text }) => takes?.(text) ?? true).map(({ id }) => id)
}

/** The index of a block, much larger than its row. */
export function readGrams(db: Connection, id: number): Buffer {
  const grams = db.prepare('select grams from block where id = ?').pluck().get(id)
  return (grams as Buffer | undefined) ?? Buffer.alloc(1)
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

/**
 * Removes whole blocks: those that came in before `before`, then the oldest to come in until the file
 * is small enough. Samples are often of long ago: the time that events say decides nothing.
 */
export function removeOld(db: Connection, before: number, bytesMax: number): number {
  const remove = db.prepare('delete from block where id = ?')
  const drop = (rows: readonly unknown[]) => {
    for (const { id } of rows as { id: number }[]) remove.run(id)
    return (rows as { eventCount: number }[]).reduce((sum, { eventCount }) => sum + eventCount, 0)
  }
  const old = db
    .prepare(
      `select block.id, block.eventCount from block join import on import.id = importId
       where startedAt < ?`,
    )
    .all(before)
  let removed = db.transaction(() => drop(old))()
  while (fileBytes(db) > bytesMax) {
    const oldest = db.prepare('select id, eventCount from block order by id limit 16').all()
    if (oldest.length === 0) break
    removed += db.transaction(() => drop(oldest))()
  }
  db.prepare('delete from alert where recordedAt < ?').run(before)
  db.prepare('delete from ruleRun where ranAt < ?').run(before)
  if (removed > 0) db.pragma('incremental_vacuum')
  return removed
}
