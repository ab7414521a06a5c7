// The backup file: a clear header that says what it is and which secret it needs, then encrypted
// chunks. Pure: bytes in, bytes out. Vectors in test/platform/backup/envelope.test.ts never change.
//
//   file    = "RWBACKUP" | header length u32 | header (canonical JSON) | header mac 32 | chunk *
//   prk     = HKDF-SHA256(backup key, salt, info = "rulewright/backup/v1|" + purpose + "|" + SHA-256(header))
//   mac     = HMAC-SHA256(prk "header", header)
//   chunk   = AES-256-GCM(prk "chunks", nonce = 0 u32 | index u64, AAD = index u64 | last u8) | tag 16
//   content = the database (databaseBytes of the header), then the manifest (canonical JSON)
//
// Every chunk but the last holds exactly chunkBytes. Index and last flag are authenticated, so that
// chunks can be neither reordered, repeated, dropped nor cut off (the STREAM construction), and the
// key is new for every file: salt and header are in its derivation.

import {
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  hkdfSync,
  type KeyObject,
} from 'node:crypto'
import { z } from 'zod'
import { AppError } from '#kernel/error.ts'
import { hmacSha256, isSameBytes, sha256Hex } from '#kernel/hash.ts'
import { canonicalJson } from '#kernel/json.ts'

export const BACKUP_MAGIC = Buffer.from('RWBACKUP')
export const CHUNK_BYTES = 256 * 1024
export const TAG_BYTES = 16
/** Magic, length: what must be read to know how much header follows. */
export const PREFIX_BYTES = 12
const MAC_BYTES = 32
const HEADER_BYTES_MAX = 4_096
const CHUNK_BYTES_MAX = 16 * 1024 * 1024

const headerSchema = z.strictObject({
  format: z.literal(1),
  installId: z.string().regex(/^[0-9a-f]{32}$/),
  /** Names the master secret that opens the file. */
  mkId: z.string().regex(/^[0-9a-f]{16}$/),
  /** Version of the product that wrote it. */
  version: z.string().max(64),
  createdAt: z.string().max(32),
  salt: z.string().regex(/^[0-9a-f]{64}$/),
  chunkBytes: z.int().min(1).max(CHUNK_BYTES_MAX),
  databaseBytes: z.int().min(0),
})
export type BackupHeader = z.infer<typeof headerSchema>

/** What a file holds before its chunks. `bytes` is where the chunks begin. */
export interface OpenedHeader {
  readonly header: BackupHeader
  readonly raw: Buffer
  readonly mac: Buffer
  readonly bytes: number
}

/** Encrypts or decrypts the chunks of one file, in order. */
export interface ChunkCipher {
  seal(index: number, isLast: boolean, plaintext: Uint8Array): Buffer
  /** Undefined when the chunk was changed, moved or is not the last it claims to be. */
  open(index: number, isLast: boolean, sealed: Buffer): Buffer | undefined
}

export function encodeHeader(header: BackupHeader, backupKey: KeyObject): Buffer {
  const raw = Buffer.from(canonicalJson(headerSchema.parse(header)))
  const prefix = Buffer.alloc(PREFIX_BYTES)
  BACKUP_MAGIC.copy(prefix)
  prefix.writeUInt32BE(raw.length, BACKUP_MAGIC.length)
  return Buffer.concat([prefix, raw, headerMac(backupKey, header, raw)])
}

/** Bytes from the start of the file to the first chunk. Throws `invalid` for another kind of file. */
export function headerLength(prefix: Buffer): number {
  const length = prefix.length === PREFIX_BYTES ? prefix.readUInt32BE(BACKUP_MAGIC.length) : 0
  const isOurs = isSameBytes(prefix.subarray(0, BACKUP_MAGIC.length), BACKUP_MAGIC)
  if (!isOurs || length === 0 || length > HEADER_BYTES_MAX) throw notABackup()
  return PREFIX_BYTES + length + MAC_BYTES
}

/**
 * Reads what anyone may read. Nothing of it is true before `assertHeader` has seen the key.
 * Throws `invalid` for another kind of file, `unsupported` for a newer format.
 */
export function decodeHeader(bytes: Buffer): OpenedHeader {
  if (headerLength(bytes.subarray(0, PREFIX_BYTES)) !== bytes.length) throw notABackup()
  const raw = bytes.subarray(PREFIX_BYTES, -MAC_BYTES)
  const value = parseJson(raw)
  const format = (value as { format?: unknown } | undefined)?.format
  if (typeof format === 'number' && format > 1) {
    throw new AppError('unsupported', 'This backup was written by a newer version. Use that one.')
  }
  const parsed = headerSchema.safeParse(value)
  if (!parsed.success || canonicalJson(parsed.data) !== raw.toString()) throw notABackup()
  return { header: parsed.data, raw, mac: bytes.subarray(-MAC_BYTES), bytes: bytes.length }
}

/** Throws `conflict` when the header was changed since it was written. */
export function assertHeader({ header, raw, mac }: OpenedHeader, backupKey: KeyObject): void {
  if (isSameBytes(headerMac(backupKey, header, raw), mac)) return
  throw new AppError('conflict', 'The header of this backup was changed. Use another backup.')
}

export function chunkCipher(header: BackupHeader, backupKey: KeyObject): ChunkCipher {
  const key = fileKey(backupKey, header, 'chunks')
  return {
    seal(index, isLast, plaintext) {
      const cipher = createCipheriv('aes-256-gcm', key, nonceOf(index)).setAAD(aadOf(index, isLast))
      return Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()])
    },
    open(index, isLast, sealed) {
      if (sealed.length < TAG_BYTES) return undefined
      const options = { authTagLength: TAG_BYTES }
      const decipher = createDecipheriv('aes-256-gcm', key, nonceOf(index), options)
      decipher.setAAD(aadOf(index, isLast)).setAuthTag(sealed.subarray(-TAG_BYTES))
      const plaintext = decipher.update(sealed.subarray(0, -TAG_BYTES))
      try {
        decipher.final()
        return plaintext
      } catch {
        return undefined
      }
    },
  }
}

function headerMac(backupKey: KeyObject, header: BackupHeader, raw: Buffer): Buffer {
  return hmacSha256(fileKey(backupKey, header, 'header'), raw)
}

function fileKey(backupKey: KeyObject, header: BackupHeader, purpose: string): KeyObject {
  const info = `rulewright/backup/v1|${purpose}|${sha256Hex(canonicalJson(header))}`
  const salt = Buffer.from(header.salt, 'hex')
  return createSecretKey(Buffer.from(hkdfSync('sha256', backupKey, salt, info, 32)))
}

function nonceOf(index: number): Buffer {
  const nonce = Buffer.alloc(12)
  nonce.writeBigUInt64BE(BigInt(index), 4)
  return nonce
}

function aadOf(index: number, isLast: boolean): Buffer {
  const aad = Buffer.alloc(9)
  aad.writeBigUInt64BE(BigInt(index))
  aad.writeUInt8(isLast ? 1 : 0, 8)
  return aad
}

function parseJson(raw: Buffer): unknown {
  try {
    return JSON.parse(raw.toString()) as unknown
  } catch {
    return undefined
  }
}

function notABackup(): AppError {
  return new AppError('invalid', 'This file is not a backup of this product.')
}
