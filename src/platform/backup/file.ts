// Writes and reads backup files: streams the database through the cipher, so memory stays small
// whatever its size. A file appears under its name only when it is whole and on the disk.

import { createHash, type KeyObject } from 'node:crypto'
import { open, rename, rm, type FileHandle } from 'node:fs/promises'
import path from 'node:path'
import { AppError } from '#kernel/error.ts'
import { canonicalJson, type Json } from '#kernel/json.ts'
import {
  assertHeader,
  chunkCipher,
  CHUNK_BYTES,
  decodeHeader,
  encodeHeader,
  headerLength,
  PREFIX_BYTES,
  TAG_BYTES,
  type BackupHeader,
  type ChunkCipher,
  type OpenedHeader,
} from './envelope.ts'

/** What a long run tells and listens to. `done` and `total` are bytes of the database. */
export interface Watch {
  readonly signal?: AbortSignal
  readonly progress?: (done: number, total: number, note: string) => void
}

export interface WriteOptions extends Watch {
  /** The copy of the database that nobody changes meanwhile. */
  readonly database: string
  readonly file: string
  readonly backupKey: KeyObject
  readonly header: Omit<BackupHeader, 'format' | 'chunkBytes' | 'databaseBytes'>
  /** What stands behind the database; `sha256` is hex over its bytes. */
  manifest(sha256: string): Json
}

/** Throws `conflict` when `file` exists, `storage_full` when the disk is full. */
export async function writeBackupFile(options: WriteOptions): Promise<void> {
  const partial = `${options.file}.partial`
  await assertAbsent(options.file)
  const source = await open(options.database, 'r')
  try {
    const target = await open(partial, 'w', 0o600)
    try {
      await stream(source, target, options)
      await target.sync()
    } finally {
      await target.close()
    }
    await rename(partial, options.file)
    await syncFolder(path.dirname(options.file))
  } catch (error) {
    await rm(partial, { force: true })
    throw asStorageError(error, options.file)
  } finally {
    await source.close()
  }
}

async function stream(
  source: FileHandle,
  target: FileHandle,
  options: WriteOptions,
): Promise<void> {
  const { size: databaseBytes } = await source.stat()
  const header = { ...options.header, format: 1 as const, chunkBytes: CHUNK_BYTES, databaseBytes }
  const { backupKey, signal, progress } = options
  await writeAll(target, encodeHeader(header, backupKey))
  const chunks = new ChunkWriter(target, chunkCipher(header, backupKey))
  const digest = createHash('sha256')
  const buffer = Buffer.alloc(CHUNK_BYTES)
  for (let done = 0; done < databaseBytes;) {
    signal?.throwIfAborted()
    const { bytesRead } = await source.read(buffer, 0, Math.min(CHUNK_BYTES, databaseBytes - done))
    if (bytesRead === 0) throw new AppError('conflict', 'The database copy changed while read.')
    const bytes = buffer.subarray(0, bytesRead)
    digest.update(bytes)
    await chunks.push(bytes)
    done += bytesRead
    progress?.(done, databaseBytes, 'Writing the backup')
  }
  await chunks.push(Buffer.from(canonicalJson(options.manifest(digest.digest('hex')))))
  await chunks.end()
}

// Keeps one chunk back, because only the last one is marked as last.
class ChunkWriter {
  readonly #target: FileHandle
  readonly #cipher: ChunkCipher
  #index = 0
  #pending: Buffer = Buffer.alloc(0)

  constructor(target: FileHandle, cipher: ChunkCipher) {
    this.#target = target
    this.#cipher = cipher
  }

  async push(bytes: Buffer): Promise<void> {
    this.#pending = Buffer.concat([this.#pending, bytes])
    while (this.#pending.length > CHUNK_BYTES) {
      await this.#write(this.#pending.subarray(0, CHUNK_BYTES), false)
      this.#pending = this.#pending.subarray(CHUNK_BYTES)
    }
  }

  async end(): Promise<void> {
    await this.#write(this.#pending, true)
  }

  async #write(plaintext: Buffer, isLast: boolean): Promise<void> {
    await writeAll(this.#target, this.#cipher.seal(this.#index, isLast, plaintext))
    this.#index += 1
  }
}

/** The clear part of a file; nothing of it is proven. Throws `invalid` for another kind of file. */
export async function readBackupHeader(file: string): Promise<OpenedHeader> {
  const handle = await openToRead(file)
  try {
    return await readHeader(handle)
  } finally {
    await handle.close()
  }
}

export interface Extracted {
  readonly header: BackupHeader
  /** Hex over the bytes that were written to the target. */
  readonly sha256: string
  /** As written; the caller checks its shape. */
  readonly manifest: unknown
}

/**
 * Decrypts the database of a backup into `target`, which is removed again when anything is wrong.
 * Throws `conflict` for a damaged or truncated file, `storage_full` when it does not fit.
 */
export async function extractBackup(
  file: string,
  target: string,
  backupKey: KeyObject,
  watch: Watch = {},
): Promise<Extracted> {
  const source = await openToRead(file)
  try {
    const opened = await readHeader(source)
    assertHeader(opened, backupKey)
    const output = await open(target, 'w', 0o600)
    try {
      const extracted = await extract(source, output, opened, backupKey, watch)
      await output.sync()
      return extracted
    } finally {
      await output.close()
    }
  } catch (error) {
    await rm(target, { force: true })
    throw asStorageError(error, target)
  } finally {
    await source.close()
  }
}

async function extract(
  source: FileHandle,
  output: FileHandle,
  { header, bytes: headerBytes }: OpenedHeader,
  backupKey: KeyObject,
  { signal, progress }: Watch,
): Promise<Extracted> {
  const cipher = chunkCipher(header, backupKey)
  const { size } = await source.stat()
  const digest = createHash('sha256')
  const sealedBytes = header.chunkBytes + TAG_BYTES
  const buffer = Buffer.alloc(sealedBytes)
  const tail: Buffer[] = []
  let written = 0
  for (let index = 0, at = headerBytes; at < size || index === 0; index++) {
    signal?.throwIfAborted()
    const bytesRead = await readFully(source, buffer, at)
    at += bytesRead
    const plaintext = cipher.open(index, at >= size, buffer.subarray(0, bytesRead))
    if (!plaintext) throw damagedBackup(at - bytesRead)
    const database = plaintext.subarray(0, header.databaseBytes - written)
    digest.update(database)
    await writeAll(output, database)
    written += database.length
    tail.push(Buffer.from(plaintext.subarray(database.length)))
    progress?.(written, header.databaseBytes, 'Reading the backup')
  }
  if (written !== header.databaseBytes) throw damagedBackup(size)
  return { header, sha256: digest.digest('hex'), manifest: parseManifest(Buffer.concat(tail)) }
}

async function readHeader(handle: FileHandle): Promise<OpenedHeader> {
  const prefix = await readExactly(handle, 0, PREFIX_BYTES)
  return decodeHeader(await readExactly(handle, 0, headerLength(prefix)))
}

// A disk that is nearly full takes a part of what it is given; the next write then says why.
async function writeAll(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    const { bytesWritten } = await handle.write(bytes, at)
    at += bytesWritten
  }
}

// Shorter than asked at the end of the file: whoever parses it notices.
async function readExactly(handle: FileHandle, at: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length)
  return buffer.subarray(0, await readFully(handle, buffer, at))
}

// A network file system may give less than was asked for before the end.
async function readFully(handle: FileHandle, buffer: Buffer, at: number): Promise<number> {
  let length = 0
  while (length < buffer.length) {
    const wanted = buffer.length - length
    const { bytesRead } = await handle.read(buffer, length, wanted, at + length)
    if (bytesRead === 0) break
    length += bytesRead
  }
  return length
}

function parseManifest(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString()) as unknown
  } catch {
    return undefined
  }
}

async function openToRead(file: string): Promise<FileHandle> {
  try {
    return await open(file, 'r')
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    throw new AppError('invalid', `The backup ${file} cannot be read (${code}).`, { cause })
  }
}

async function assertAbsent(file: string): Promise<void> {
  const existing = await open(file, 'r').catch(() => undefined)
  await existing?.close()
  if (existing) throw new AppError('conflict', `${file} exists already. Choose another name.`)
}

export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

function damagedBackup(at: number): AppError {
  return new AppError(
    'conflict',
    `The backup is damaged or cut off (near byte ${at}). Use another backup.`,
  )
}

function asStorageError(error: unknown, file: string): unknown {
  const { code } = error as NodeJS.ErrnoException
  if (code !== 'ENOSPC' && code !== 'EDQUOT' && code !== 'EFBIG' && code !== 'EIO') return error
  return new AppError('storage_full', `Not enough room to write ${file}. Free space there.`, {
    cause: error,
  })
}
