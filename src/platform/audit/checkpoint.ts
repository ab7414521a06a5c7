// C2SP tlog-checkpoint (c2sp.org/tlog-checkpoint) as a signed note (c2sp.org/signed-note), Ed25519:
// origin, size and root of the log in a form that anyone's witness or verifier reads.
// This file signs what it is told; log.ts makes sure it never contradicts an earlier checkpoint.

import { sign, verify, type KeyObject } from 'node:crypto'
import { assert } from '#kernel/error.ts'
import { sha256 } from './chain.ts'
import { rawPublicKey } from './ed25519.ts'

export interface Checkpoint {
  readonly origin: string
  readonly size: number
  readonly root: Buffer
}

const ED25519 = 0x01
const SIGNATURE_BYTES = 64
const NOTE_BYTES_MAX = 64 * 1024
const SIGNATURES_MAX = 16

export function signCheckpoint(
  checkpoint: Checkpoint,
  keys: { signKey: KeyObject; verifyKey: KeyObject },
): string {
  assert(isOrigin(checkpoint.origin), 'an origin has no spaces, plus signs or control characters')
  const text = `${checkpoint.origin}\n${checkpoint.size}\n${checkpoint.root.toString('base64')}\n`
  const signature = Buffer.concat([
    keyId(checkpoint.origin, keys.verifyKey),
    sign(null, Buffer.from(text), keys.signKey),
  ])
  return `${text}\n— ${checkpoint.origin} ${signature.toString('base64')}\n`
}

/**
 * Returns the checkpoint when our key of that origin signed it, else undefined. Signatures of
 * witnesses are ignored, as the spec asks; extension lines are signed but not read.
 */
export function openCheckpoint(
  note: string,
  origin: string,
  verifyKey: KeyObject,
): Checkpoint | undefined {
  if (note.length > NOTE_BYTES_MAX || !note.isWellFormed()) return undefined
  const end = note.lastIndexOf('\n\n')
  if (end < 0 || !note.endsWith('\n')) return undefined
  const text = note.slice(0, end + 1)
  const signatures = note.slice(end + 2, -1).split('\n')
  if (signatures.length > SIGNATURES_MAX) return undefined
  if (!signatures.some((line) => isSignature(line, text, origin, verifyKey))) return undefined
  const [first, size, root] = text.split('\n')
  if (
    first !== origin ||
    !/^(0|[1-9]\d{0,15})$/.test(size ?? '') ||
    !/^[A-Za-z0-9+/]{43}=$/.test(root ?? '')
  )
    return undefined
  return { origin, size: Number(size), root: Buffer.from(root!, 'base64') }
}

function isSignature(line: string, text: string, origin: string, verifyKey: KeyObject): boolean {
  const [dash, name, encoded, ...rest] = line.split(' ')
  if (dash !== '—' || name !== origin || encoded === undefined || rest.length > 0) return false
  const bytes = Buffer.from(encoded, 'base64')
  if (bytes.length !== 4 + SIGNATURE_BYTES || bytes.toString('base64') !== encoded) return false
  if (!bytes.subarray(0, 4).equals(keyId(origin, verifyKey))) return false
  return verify(null, Buffer.from(text), verifyKey, bytes.subarray(4))
}

/** First four bytes of SHA-256(name || 0x0A || algorithm || public key). */
export function keyId(name: string, verifyKey: KeyObject): Buffer {
  return sha256(
    Buffer.concat([Buffer.from(`${name}\n`), Buffer.from([ED25519]), rawPublicKey(verifyKey)]),
  ).subarray(0, 4)
}

function isOrigin(origin: string): boolean {
  return /^[^\s+\p{Cc}]+$/u.test(origin)
}
