// A file of events into the sandbox, step by step: each step reads some megabytes, packs its events and
// says in the same transaction how far it came. Killed at any point, it goes on at the next step.

import {
  closeSync,
  createReadStream,
  createWriteStream,
  fstatSync,
  openSync,
  readSync,
  rmSync,
  statSync,
} from 'node:fs'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { AppError } from '#kernel/error.ts'
import type { EventFormat } from '#languages/events/format.ts'
import { readerFor } from '#languages/events/read.ts'
import { recogniseFormat } from '#languages/events/recognise.ts'
import { Batch } from './batch.ts'
import { withWriter } from './file.ts'
import { receivedPath } from './receive.ts'
import { addImport, findImport, saveImport, type ImportRow } from './import-store.ts'

export interface ImportBegin {
  /** Of the sandbox. */
  readonly file: string
  readonly id: string
  /** What people know the file by. */
  readonly name: string
  /** Absolute path of what is read. */
  readonly path: string
  readonly sourceText: string
  readonly now: number
  readonly startedBy: string
  /** Unpacked; more is refused. */
  readonly bytesMax: number
}

export interface ImportStep {
  readonly file: string
  readonly id: string
  readonly path: string
  readonly now: number
}

const HEAD_BYTES = 256 * 1024
const STEP_BYTES = 16 * 1024 * 1024
const EVENT_BYTES_MAX = 64 * 1024 * 1024
const BAD_LINES_MAX = 100
const FORMATS =
  'NDJSON, JSON, CSV, Windows event XML, evtx-dump JSON and syslog, each also packed by gzip'

/**
 * Looks at the file, unpacks it beside the sandbox where it is packed, and makes the row of the import.
 * Safe to repeat. Throws `invalid` for what is no file of events.
 */
export async function beginImport(begin: ImportBegin): Promise<ImportRow> {
  const known = existing(begin)
  if (known !== undefined) return known
  await unpack(begin)
  const place = placeOf(begin)
  const head = readAt(place, 0, HEAD_BYTES)
  const format = recogniseFormat(head.toString('utf8').replace(/^\uFEFF/, ''))
  if (format === undefined) {
    rmSync(spoolOf(begin), { force: true })
    const message = `${begin.name} holds no events in a format that is known: ${FORMATS}.`
    throw new AppError('invalid', message)
  }
  return withWriter(begin.file, (db) => {
    const { id, name, sourceText, now, startedBy } = begin
    const sizeBytes = statSync(place).size
    addImport(db, { id, name, sourceText, format, sizeBytes, startedAt: now, startedBy })
    return findImport(db, id)!
  })
}

function existing({ file, id }: ImportBegin): ImportRow | undefined {
  return withWriter(file, (db) => findImport(db, id))
}

/** One step. The import is over when its state is no longer `running`. */
export function stepImport(step: ImportStep): ImportRow {
  const row = withWriter(step.file, (db) => {
    const before = findImport(db, step.id)
    if (before === undefined) throw new AppError('not_found', 'The import was deleted meanwhile.')
    if (before.state !== 'running') return before
    return db.transaction(() => {
      const after = readStep(
        new Batch(db, { ...before, importId: before.id, now: step.now }),
        before,
        step,
      )
      saveImport(db, after)
      return after
    })()
  })
  if (row.state !== 'running') removeCopies(step)
  return row
}

/** A running import that nobody goes on with; what came in stays. */
export function endImport(step: ImportStep, state: 'failed' | 'cancelled', reason: string): void {
  withWriter(step.file, (db) => {
    const row = findImport(db, step.id)
    if (row?.state === 'running') saveImport(db, { ...row, state, reason, endedAt: step.now })
  })
  removeCopies(step)
}

/** What was unpacked or received for it; never somebody's own file. */
function removeCopies(step: ImportStep): void {
  rmSync(spoolOf(step), { force: true })
  rmSync(receivedPath(step.file, step.id), { force: true })
}

function readStep(batch: Batch, row: ImportRow, step: ImportStep): ImportRow {
  const place = placeOf(step)
  const isStart = row.doneBytes === 0
  const firstLine = firstLineOf(place)
  const reader = readerFor(row.format as EventFormat, { firstLine, now: row.startedAt })
  const bad = JSON.parse(row.badLines) as { line: number; reason: string }[]
  let badCount = row.badCount
  for (let length = STEP_BYTES; ; length *= 2) {
    const read = readAt(place, row.doneBytes, length)
    const mark = isStart && read.subarray(0, 3).equals(BYTE_ORDER_MARK) ? 3 : 0
    const bytes = read.subarray(mark)
    const isLast = row.doneBytes + read.length >= row.sizeBytes
    const { used, lines } = reader.read(
      { bytes, firstLine: row.line, isLast },
      {
        take: (event, text) => batch.add(event, text),
        refuse: (line, reason) => {
          badCount++
          if (bad.length < BAD_LINES_MAX) bad.push({ line, reason: reason.slice(0, 300) })
        },
      },
    )
    if (used === 0 && bytes.length > 0 && !isLast) {
      if (length < EVENT_BYTES_MAX) continue
      const reason = `After line ${row.line} no event ends for 64 MiB.`
      return { ...row, state: 'failed', reason, endedAt: step.now }
    }
    batch.flush()
    return {
      ...row,
      state: isLast ? 'done' : 'running',
      endedAt: isLast ? step.now : null,
      doneBytes: row.doneBytes + mark + used,
      line: row.line + lines,
      eventCount: row.eventCount + batch.eventCount,
      untimedCount: row.untimedCount + batch.untimedCount,
      badCount,
      badLines: JSON.stringify(bad),
    }
  }
}

const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf])

function firstLineOf(place: string): string {
  const head = readAt(place, 0, HEAD_BYTES)
    .toString('utf8')
    .replace(/^\uFEFF/, '')
  return /^[^\r\n]*/.exec(head)![0]
}

/** The file as it is read: what was packed, or in UTF-16, is written anew beside the sandbox. */
function placeOf(begin: Pick<ImportBegin, 'file' | 'id' | 'path'>): string {
  return statSync(spoolOf(begin), { throwIfNoEntry: false }) ? spoolOf(begin) : begin.path
}

function spoolOf({ file, id }: Pick<ImportBegin, 'file' | 'id'>): string {
  return path.join(path.dirname(file), `${path.basename(file, '.db')}.${id}.unpacked`)
}

async function unpack(begin: ImportBegin): Promise<void> {
  const magic = readAt(begin.path, 0, 2).toString('hex')
  const isPacked = magic === '1f8b'
  if (!isPacked && magic !== 'fffe') return
  let bytes = 0
  const decoder = new TextDecoder(magic === 'fffe' ? 'utf-16le' : 'utf-8')
  async function* counted(chunks: AsyncIterable<Buffer>) {
    for await (const chunk of chunks) {
      bytes += chunk.length
      if (bytes > begin.bytesMax) {
        throw new AppError('too_large', `${begin.name} is larger than an import may be.`)
      }
      yield isPacked ? chunk : Buffer.from(decoder.decode(chunk, { stream: true }))
    }
  }
  const source = createReadStream(begin.path)
  const target = createWriteStream(spoolOf(begin), { mode: 0o600 })
  try {
    if (isPacked) await pipeline(source, createGunzip(), counted, target)
    else await pipeline(source, counted, target)
  } catch (cause) {
    rmSync(spoolOf(begin), { force: true })
    if (cause instanceof AppError) throw cause
    throw new AppError('invalid', `${begin.name} cannot be unpacked: ${String(cause)}`, { cause })
  }
}

/** Throws `invalid` when it cannot be read. */
function readAt(file: string, offset: number, length: number): Buffer {
  let descriptor: number
  try {
    descriptor = openSync(file, 'r')
  } catch (cause) {
    const code = (cause as { code?: string }).code
    const why = code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})`
    throw new AppError('invalid', `${path.basename(file)} ${why}.`, { cause })
  }
  try {
    const { size } = fstatSync(descriptor)
    const bytes = Buffer.allocUnsafe(Math.max(0, Math.min(length, size - offset)))
    let done = 0
    while (done < bytes.length) {
      const read = readSync(descriptor, bytes, done, bytes.length - done, offset + done)
      if (read === 0) break
      done += read
    }
    return bytes.subarray(0, done)
  } finally {
    closeSync(descriptor)
  }
}
