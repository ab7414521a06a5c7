// The master secret: the one thing that is never in the database nor in a backup. Read from a file
// (or a value handed down from the environment), at least 32 bytes that look random, private to its
// owner. No message here ever shows a byte of it.

import { closeSync, fstatSync, fsyncSync, openSync, readSync, writeFileSync } from 'node:fs'
import { deflateRawSync } from 'node:zlib'
import { AppError } from '#kernel/error.ts'

export const MASTER_BYTES_MIN = 32
const MASTER_BYTES_MAX = 4_096
/** 32 random bytes give about 150 and 16 bytes written as hex at most 128. */
const ENTROPY_BITS_MIN = 129

/**
 * Reads the file whole, without one trailing line break. Throws `invalid` when it is missing, open to
 * group or world, too short, or predictable. `isGuarded`: something stronger than its mode keeps it
 * from others (systemd's credentials), so the mode is not looked at.
 */
export function readMasterSecret(file: string, { isGuarded = false } = {}): Buffer {
  const bytes = readPrivate(file, isGuarded)
  return checkMasterSecret(bytes, file)
}

/** `origin` names where the value came from, for messages. Throws `invalid` like readMasterSecret. */
export function checkMasterSecret(bytes: Buffer, origin: string): Buffer {
  const secret = withoutLineBreak(bytes)
  if (secret.length < MASTER_BYTES_MIN) {
    throw new AppError(
      'invalid',
      `The master secret in ${origin} is shorter than ${MASTER_BYTES_MIN} bytes. Make one with: openssl rand -base64 48`,
    )
  }
  if (entropyBits(secret) < ENTROPY_BITS_MIN) {
    throw new AppError(
      'invalid',
      `The master secret in ${origin} is too predictable. Make one with: openssl rand -base64 48`,
    )
  }
  return secret
}

/** Where the new secret waits while it is being put in force. */
export function nextSecretFile(secretFile: string): string {
  return `${secretFile}.next`
}

/** A new secret as the file holds it: base64url of 48 random bytes and a line break. */
export function makeMasterSecret(random: (bytes: number) => Buffer): Buffer {
  return Buffer.from(`${random(48).toString('base64url')}\n`)
}

/** Writes 0600 and waits for the disk. Throws `conflict` when the file exists: none is ever replaced. */
export function writeMasterSecret(file: string, secret: Buffer): void {
  let descriptor: number
  try {
    descriptor = openSync(file, 'wx', 0o600)
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause
    throw new AppError('conflict', `${file} exists already; a master secret is never replaced.`)
  }
  try {
    writeFileSync(descriptor, secret)
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

// Mode and bytes come from the same descriptor, so the file cannot be exchanged between the two.
function readPrivate(file: string, isGuarded: boolean): Buffer {
  let descriptor: number
  try {
    descriptor = openSync(file, 'r')
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    throw new AppError('invalid', `The master secret ${file} cannot be read (${code}).`, { cause })
  }
  try {
    const { mode, size } = fstatSync(descriptor)
    if (!isGuarded && (mode & 0o077) !== 0) {
      throw new AppError(
        'invalid',
        `The master secret ${file} can be read or written by others. Run: chmod 600 ${file}`,
      )
    }
    if (size > MASTER_BYTES_MAX) {
      throw new AppError('invalid', `The master secret ${file} is larger than 4096 bytes.`)
    }
    const bytes = Buffer.alloc(MASTER_BYTES_MAX)
    return bytes.subarray(0, readSync(descriptor, bytes, 0, bytes.length, 0))
  } finally {
    closeSync(descriptor)
  }
}

function withoutLineBreak(bytes: Buffer): Buffer {
  const end = bytes.at(-1) === 0x0a ? (bytes.at(-2) === 0x0d ? -2 : -1) : bytes.length
  return bytes.subarray(0, end)
}

// A floor, not a measure: the poorest of the bytes, of their differences and of what a compressor
// leaves, so that neither "aaaa…", nor "abcd…", nor a repeated word passes for random.
function entropyBits(bytes: Buffer): number {
  const differences = bytes.subarray(1).map((byte, index) => (byte - bytes[index]! + 256) % 256)
  const compressedBits = deflateRawSync(bytes).length * 8
  return Math.min(shannonBits(bytes), shannonBits(differences), compressedBits)
}

function shannonBits(bytes: Uint8Array): number {
  const counts = new Map<number, number>()
  for (const byte of bytes) counts.set(byte, (counts.get(byte) ?? 0) + 1)
  let bits = 0
  for (const count of counts.values()) bits -= count * Math.log2(count / bytes.length)
  return bits
}
