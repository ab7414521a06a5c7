// Writes a ZIP file piece by piece, so that an archive of any length takes the memory of one file and a
// line per entry. The same files give the same bytes: the time of each is given, names are UTF-8.

import { promisify } from 'node:util'
import { crc32, deflateRaw } from 'node:zlib'
import { AppError, assert } from '#kernel/error.ts'
import type { Instant } from '#kernel/time.ts'
import {
  CENTRAL_BYTES,
  CENTRAL_HEADER,
  DEFLATED,
  END_BYTES,
  END_RECORD,
  IN_ZIP64_16,
  IN_ZIP64_32,
  LOCAL_BYTES,
  LOCAL_HEADER,
  STORED,
  UTF8_NAME,
} from './format.ts'

export interface NewZipFile {
  /** Unique in the archive, with `/` between folders. */
  readonly name: string
  readonly bytes: Uint8Array | string
  readonly modifiedAt: Instant
}

/** Throws `too_large` where only ZIP64 would do: 65,534 files, or four gigabytes. */
export async function* writeZip(
  files: Iterable<NewZipFile> | AsyncIterable<NewZipFile>,
): AsyncGenerator<Buffer, void> {
  const directory: Buffer[] = []
  let at = 0
  for await (const file of files) {
    const entry = await packFile(file)
    directory.push(centralHeader(entry, at))
    for (const part of [localHeader(entry), entry.packed]) {
      yield part
      at += part.length
    }
    if (directory.length >= IN_ZIP64_16 || at >= IN_ZIP64_32) {
      throw new AppError('too_large', 'This is more than a ZIP file holds. Export NDJSON instead.')
    }
  }
  yield* directory
  const length = directory.reduce((sum, header) => sum + header.length, 0)
  yield endRecord(directory.length, { at, length })
}

interface Entry {
  readonly name: Buffer
  readonly packed: Buffer
  /** Flags to sizes: the stretch of 22 bytes that both headers hold. */
  readonly facts: Buffer
}

const deflate = promisify(deflateRaw)

/** Reading needs version 2.0: deflate. */
const VERSION = 20
const MADE_ON_UNIX = 3 << 8
const REGULAR_FILE = 0o100644

async function packFile({ name, bytes, modifiedAt }: NewZipFile): Promise<Entry> {
  const plain = typeof bytes === 'string' ? Buffer.from(bytes) : bytes
  const deflated = await deflate(plain)
  const isSmaller = deflated.length < plain.length
  const packed = isSmaller ? deflated : Buffer.from(plain)
  const rawName = Buffer.from(name)
  assert(rawName.length > 0 && rawName.length < IN_ZIP64_16, 'a file in an archive has a name')
  const { date, time } = dosTime(modifiedAt)
  const facts = Buffer.alloc(22)
  facts.writeUInt16LE(UTF8_NAME, 0)
  facts.writeUInt16LE(isSmaller ? DEFLATED : STORED, 2)
  facts.writeUInt16LE(time, 4)
  facts.writeUInt16LE(date, 6)
  facts.writeUInt32LE(crc32(plain), 8)
  facts.writeUInt32LE(packed.length, 12)
  facts.writeUInt32LE(plain.length, 16)
  facts.writeUInt16LE(rawName.length, 20)
  return { name: rawName, packed, facts }
}

function localHeader({ name, facts }: Entry): Buffer {
  const header = Buffer.alloc(LOCAL_BYTES)
  header.writeUInt32LE(LOCAL_HEADER, 0)
  header.writeUInt16LE(VERSION, 4)
  facts.copy(header, 6)
  return Buffer.concat([header, name])
}

function centralHeader({ name, facts }: Entry, at: number): Buffer {
  const header = Buffer.alloc(CENTRAL_BYTES)
  header.writeUInt32LE(CENTRAL_HEADER, 0)
  header.writeUInt16LE(MADE_ON_UNIX | VERSION, 4)
  header.writeUInt16LE(VERSION, 6)
  facts.copy(header, 8)
  header.writeUInt16LE(REGULAR_FILE, 40)
  header.writeUInt32LE(at, 42)
  return Buffer.concat([header, name])
}

function endRecord(count: number, { at, length }: { at: number; length: number }): Buffer {
  const record = Buffer.alloc(END_BYTES)
  record.writeUInt32LE(END_RECORD, 0)
  record.writeUInt16LE(count, 8)
  record.writeUInt16LE(count, 10)
  record.writeUInt32LE(length, 12)
  record.writeUInt32LE(at, 16)
  return record
}

/** In UTC, to two seconds, from 1980 to 2107. */
function dosTime(at: Instant): { readonly date: number; readonly time: number } {
  const when = new Date(at)
  const year = Math.min(Math.max(when.getUTCFullYear() - 1980, 0), 127)
  return {
    date: (year << 9) | ((when.getUTCMonth() + 1) << 5) | when.getUTCDate(),
    time: (when.getUTCHours() << 11) | (when.getUTCMinutes() << 5) | (when.getUTCSeconds() >> 1),
  }
}
