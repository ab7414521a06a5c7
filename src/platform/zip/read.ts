// Reads a ZIP file that somebody sent, from memory. The threat is its author: names that climb out of a
// folder, files that unpack to more than they say, entries that share their bytes, two lists of entries
// that disagree. So the central directory is the one list, every local header must agree with it, no
// two entries overlap, nothing is unpacked beyond its cap, and a name is a text and never a path of ours.

import { crc32, inflateRawSync } from 'node:zlib'
import { AppError } from '#kernel/error.ts'
import {
  ZIP_FILE_BYTES_MAX,
  ZIP_FILES_MAX,
  ZIP_NAME_BYTES_MAX,
  ZIP_UNPACKED_BYTES_MAX,
} from '#kernel/limits.ts'

// The records of the format (PKWARE APPNOTE 6.3.10, section 4.3).

/** Signatures, as little-endian numbers. */
const LOCAL_HEADER = 0x04034b50
const CENTRAL_HEADER = 0x02014b50
const END_RECORD = 0x06054b50

/** Lengths without names, extra fields and comments. */
const LOCAL_BYTES = 30
const CENTRAL_BYTES = 46
const END_BYTES = 22

const STORED = 0
const DEFLATED = 8

/** Bits of the flags. */
const ENCRYPTED = 1 << 0

/** What stands in a field whose value is in a ZIP64 record instead. */
const IN_ZIP64_16 = 0xffff
const IN_ZIP64_32 = 0xffffffff

export interface ZipFile {
  /** As the archive spells it: `rules/windows/a.yml`, or `../../etc/passwd`. Names, never opens anything. */
  readonly name: string
  /** Unpacked, as the archive says; `read` holds it to that. */
  readonly sizeBytes: number
  /**
   * Unpacks it. Throws `too_large` over the cap of one file, or of all that was read of this archive;
   * `invalid` for bytes that are not what the archive says; `unsupported` for an unknown compression.
   */
  read(): Buffer
}

export interface ZipCaps {
  readonly filesMax: number
  readonly fileBytesMax: number
  /** Of all files that are read, together. */
  readonly unpackedBytesMax: number
}

const CAPS: ZipCaps = {
  filesMax: ZIP_FILES_MAX,
  fileBytesMax: ZIP_FILE_BYTES_MAX,
  unpackedBytesMax: ZIP_UNPACKED_BYTES_MAX,
}

/**
 * Its files in the order of the archive; nothing is unpacked yet, so whoever wants only some pays for
 * those. Folders and symbolic links are left out. Throws `invalid`, `unsupported` and `too_large`.
 */
export function readZip(bytes: Buffer, caps: ZipCaps = CAPS): readonly ZipFile[] {
  const entries = readDirectory(bytes, caps)
  refuseOverlaps(entries)
  refuseTwins(entries)
  let left = caps.unpackedBytesMax
  return entries.filter(isFile).map((entry) => ({
    name: entry.name,
    sizeBytes: entry.sizeBytes,
    read() {
      const { sizeBytes, name } = entry
      if (sizeBytes > caps.fileBytesMax) throw tooLarge(`${quote(name)} is too large`)
      if (sizeBytes > left) throw tooLarge('The files of this archive are too large together')
      left -= sizeBytes
      return unpack(bytes, entry)
    },
  }))
}

interface Entry {
  readonly name: string
  readonly flags: number
  readonly method: number
  readonly crc: number
  readonly packedBytes: number
  readonly sizeBytes: number
  readonly unixMode: number
  /** From its local header to the last of its packed bytes. */
  readonly start: number
  readonly dataStart: number
  readonly end: number
}

function readDirectory(bytes: Buffer, { filesMax }: ZipCaps): readonly Entry[] {
  const at = findEnd(bytes)
  const isSplit = bytes.readUInt32LE(at + 4) !== 0 // this disk, and the one with the directory
  const count = bytes.readUInt16LE(at + 10)
  const length = bytes.readUInt32LE(at + 12)
  const start = bytes.readUInt32LE(at + 16)
  if (count === IN_ZIP64_16 || length === IN_ZIP64_32 || start === IN_ZIP64_32) throw isZip64()
  if (isSplit) throw new AppError('unsupported', 'This is one part of a ZIP file in parts.')
  if (count > filesMax) throw tooLarge(`This ZIP file holds more than ${filesMax} files`)
  if (start + length !== at) throw damaged('its directory is not where it says')
  const entries: Entry[] = []
  let place = start
  for (let n = 0; n < count; n++) {
    const { entry, next } = readEntry(bytes, place, { start, end: at })
    entries.push(entry)
    place = next
  }
  if (place !== at) throw damaged('its directory holds more than it says')
  return entries
}

/** The end record is last, but for a comment of up to 64 kB whose length it tells. */
function findEnd(bytes: Buffer): number {
  const first = Math.max(0, bytes.length - END_BYTES - 0xffff)
  for (let at = bytes.length - END_BYTES; at >= first; at--) {
    if (bytes.readUInt32LE(at) !== END_RECORD) continue
    if (at + END_BYTES + bytes.readUInt16LE(at + 20) === bytes.length) return at
  }
  throw new AppError('invalid', 'This is no ZIP file, or its end is missing.')
}

interface Directory {
  readonly start: number
  readonly end: number
}

function readEntry(
  bytes: Buffer,
  at: number,
  directory: Directory,
): { readonly entry: Entry; readonly next: number } {
  if (at + CENTRAL_BYTES > directory.end) throw damaged('its directory ends too early')
  if (bytes.readUInt32LE(at) !== CENTRAL_HEADER) throw damaged('its directory is not one')
  const nameBytes = bytes.readUInt16LE(at + 28)
  const nameEnd = at + CENTRAL_BYTES + nameBytes
  const next = nameEnd + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32)
  if (next > directory.end) throw damaged('its directory ends too early')
  if (nameBytes === 0 || nameBytes > ZIP_NAME_BYTES_MAX) {
    throw new AppError('invalid', `A name in it has no or more than ${ZIP_NAME_BYTES_MAX} bytes.`)
  }
  const rawName = bytes.subarray(at + CENTRAL_BYTES, nameEnd)
  const told = {
    name: decodeName(rawName),
    flags: bytes.readUInt16LE(at + 8),
    method: bytes.readUInt16LE(at + 10),
    crc: bytes.readUInt32LE(at + 16),
    packedBytes: bytes.readUInt32LE(at + 20),
    sizeBytes: bytes.readUInt32LE(at + 24),
    unixMode: bytes.readUInt16LE(at + 40),
    start: bytes.readUInt32LE(at + 42),
  }
  if ([told.packedBytes, told.sizeBytes, told.start].includes(IN_ZIP64_32)) throw isZip64()
  const dataStart = findData(bytes, { ...told, rawName }, directory)
  const end = dataStart + told.packedBytes
  if (end > directory.start) throw damaged(`${quote(told.name)} reaches into its directory`)
  return { entry: { ...told, dataStart, end }, next }
}

// Sizes may stand after the data instead, so of the local header only what must agree is compared.
function findData(
  bytes: Buffer,
  {
    name,
    rawName,
    start,
    method,
  }: Pick<Entry, 'name' | 'start' | 'method'> & { readonly rawName: Buffer },
  directory: Directory,
): number {
  const nameEnd = start + LOCAL_BYTES + rawName.length
  const isThere =
    nameEnd <= directory.start &&
    bytes.readUInt32LE(start) === LOCAL_HEADER &&
    bytes.readUInt16LE(start + 8) === method &&
    bytes.readUInt16LE(start + 26) === rawName.length &&
    bytes.subarray(start + LOCAL_BYTES, nameEnd).equals(rawName)
  if (!isThere) throw damaged(`${quote(name)} is not where its directory says`)
  return nameEnd + bytes.readUInt16LE(start + 28)
}

// Old archives have names in the code page of a machine; byte for byte they stay apart, if misspelt.
function decodeName(raw: Buffer): string {
  try {
    return UTF8.decode(raw)
  } catch {
    return raw.toString('latin1')
  }
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Entries that share bytes unpack to many times the archive (Fifield, "A better zip bomb", 2019). */
function refuseOverlaps(entries: readonly Entry[]): void {
  const byPlace = entries.toSorted((a, b) => a.start - b.start)
  byPlace.forEach((entry, index) => {
    const before = byPlace[index - 1]
    if (before && before.end > entry.start) throw damaged('its files overlap')
  })
}

function refuseTwins(entries: readonly Entry[]): void {
  const seen = new Set<string>()
  for (const { name } of entries) {
    if (seen.has(name)) throw new AppError('invalid', `It holds ${quote(name)} twice.`)
    seen.add(name)
  }
}

const KIND_OF_MODE = 0o170000
const SYMBOLIC_LINK = 0o120000

function isFile({ name, unixMode }: Entry): boolean {
  return !name.endsWith('/') && (unixMode & KIND_OF_MODE) !== SYMBOLIC_LINK
}

function unpack(bytes: Buffer, entry: Entry): Buffer {
  const { name, flags, method, crc, sizeBytes, dataStart, end } = entry
  if (flags & ENCRYPTED) throw new AppError('unsupported', `${quote(name)} is encrypted.`)
  const packed = bytes.subarray(dataStart, end)
  const unpacked = decompress(packed, { name, method, sizeBytes })
  if (unpacked.length !== sizeBytes) throw damaged(`${quote(name)} is of another size than it says`)
  if (crc32(unpacked) !== crc) throw damaged(`${quote(name)} has another checksum than it says`)
  return unpacked
}

function decompress(
  packed: Buffer,
  { name, method, sizeBytes }: Pick<Entry, 'name' | 'method' | 'sizeBytes'>,
): Buffer {
  if (method === STORED) return packed
  if (method !== DEFLATED) {
    throw new AppError('unsupported', `${quote(name)} is compressed in a way that is not read.`)
  }
  try {
    return inflateRawSync(packed, { maxOutputLength: Math.max(1, sizeBytes) })
  } catch (cause) {
    throw damaged(`${quote(name)} cannot be unpacked to the size it says`, cause)
  }
}

const quote = (name: string) => JSON.stringify(name.slice(0, 200))

function damaged(what: string, cause?: unknown): AppError {
  return new AppError('invalid', `This ZIP file is damaged: ${what}.`, { cause })
}

function tooLarge(what: string): AppError {
  return new AppError('too_large', `${what}.`)
}

function isZip64(): AppError {
  return new AppError('unsupported', 'This is a ZIP64 file. Pack it without, it is small enough.')
}
