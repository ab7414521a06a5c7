// The entry format of the audit log, pure. Vectors in test/platform/audit/vectors.json must never change.
//
//   commitment = SHA-256(salt16 || canonical JSON of the personal data), or none
//   leaf       = SHA-256(0x00 || canonical JSON of the entry with the commitment in hex)
//   chain_n    = HMAC-SHA256(key, 0x01 || chain_{n-1} || leaf_n),  chain_0 = 32 zero bytes
//
// The leaf is an RFC 6962 leaf hash, so the Merkle tree over the same leaves gives outsiders
// proofs without the key, while the keyed chain catches whoever edits and recomputes without it.
// A leaf commits to digests: erasing personal data and its salt changes no hash, and without the
// salt nobody can guess what the commitment stood for.

import { createHmac, hash, type KeyObject } from 'node:crypto'
import { Bug } from '#kernel/error.ts'
import { canonicalJson, canonicalString, type Json } from '#kernel/json.ts'

export const CHAIN_START: Buffer = Buffer.alloc(32)

export interface Entry {
  readonly seq: number
  readonly workspaceId: string
  readonly workspaceSeq: number
  readonly at: number
  readonly actor: string
  readonly action: string
  readonly target: string
  readonly outcome: 'done' | 'refused' | 'failed'
  readonly requestId: string
  /** Canonical JSON text; hashed as these bytes. */
  readonly data: string
  readonly commitment: Buffer | null
}

/**
 * Canonical JSON of what an entry says. Numbers are safe integers only, stricter than RFC 8785: the
 * spelling of fractions and exponents is where verifiers in other languages go wrong. Throws `Bug`.
 */
export function entryJson(value: Json): string {
  const text = canonicalJson(value)
  refuseFractions(value)
  return text
}

/** `personal` is canonical JSON text; `salt` 16 random bytes, new for every entry. */
export function commit(salt: Buffer, personal: string): Buffer {
  return sha256(Buffer.concat([salt, Buffer.from(personal)]))
}

// Written out because verification spends its time here; members stand in canonical order.
export function leafText(entry: Entry): string {
  return (
    `{"action":${canonicalString(entry.action)},"actor":${canonicalString(entry.actor)},"at":${entry.at}` +
    `,"data":${entry.data},"outcome":${canonicalString(entry.outcome)}` +
    `,"personal":${entry.commitment ? `"${entry.commitment.toString('hex')}"` : 'null'}` +
    `,"requestId":${canonicalString(entry.requestId)},"seq":${entry.seq},"target":${canonicalString(entry.target)}` +
    `,"workspaceId":${canonicalString(entry.workspaceId)},"workspaceSeq":${entry.workspaceSeq}}`
  )
}

export function leafHash(entry: Entry): Buffer {
  return sha256(Buffer.from(`\0${leafText(entry)}`))
}

export function nextChain(key: KeyObject, previous: Buffer, leaf: Buffer): Buffer {
  return createHmac('sha256', key).update(ONE).update(previous).update(leaf).digest()
}

export function sha256(bytes: Buffer): Buffer {
  return hash('sha256', bytes, 'buffer')
}

function refuseFractions(value: Json): void {
  if (typeof value === 'number' && !Number.isSafeInteger(value)) {
    throw new Bug('an audit entry holds whole numbers only')
  }
  if (typeof value !== 'object' || value === null) return
  for (const item of Object.values(value)) refuseFractions(item)
}

const ONE = Buffer.from([1])
