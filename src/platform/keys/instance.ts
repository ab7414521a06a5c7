// The instance as its one row and its stored keys say it is: install id, which master secret it was
// made with, whether it is held. Opening means proving that the master secret is the right one and
// that nobody changed these rows without it. Reading the rows is the store's, here it is pure.

import { createSecretKey, type KeyObject } from 'node:crypto'
import { AppError, assert } from '#kernel/error.ts'
import { isSameBytes } from '#kernel/hash.ts'
import type { Json } from '#kernel/json.ts'
import type { Instant } from '#kernel/time.ts'
import { rawPublicKey, signingKey, verifyingKey } from '#platform/audit/ed25519.ts'
import type { AuditKeys } from '#platform/audit/keys.ts'
import { deriveKeys, INSTALL_ID_BYTES, rowMac, type DerivedKeys } from './hierarchy.ts'
import {
  damaged,
  isCanary,
  makeCanary,
  unwrapInstanceKey,
  wrapInstanceKey,
  type InstanceKeyPurpose,
  type InstanceKeyRow,
  type Random,
} from './wraps.ts'

export interface InstanceRow {
  readonly installId: string
  readonly mkId: string
  readonly canary: Buffer
  readonly createdAt: number
  /** Since when nothing leaves this instance; null when it runs freely. */
  readonly heldAt: number | null
  readonly heldReason: string | null
  /** HMAC over the rest. */
  readonly mac: Buffer
  /** Since when every workspace's row has a digest; null: not yet, and it was made before they had. */
  readonly rowsSealedAt: number | null
}

export interface Hold {
  readonly at: Instant
  /** For a person. */
  readonly reason: string
}

export interface StoredKeys {
  readonly instance: InstanceRow
  readonly keys: readonly InstanceKeyRow[]
}

/** Everything that follows from the rows and the right master secret. */
export interface OpenedKeys {
  readonly installId: string
  readonly derived: DerivedKeys
  readonly audit: AuditKeys
  readonly tokenPepper: KeyObject
  /** Why nothing leaves this instance; undefined when it runs freely. */
  readonly hold: Hold | undefined
}

/**
 * `secrets` are tried in order; the one whose key id the database names opens it. Throws `invalid`
 * when none does, `conflict` when a row was changed without the secret.
 */
export function openKeys(stored: StoredKeys, secrets: readonly Buffer[]): OpenedKeys {
  const { instance } = stored
  const derived = secrets
    .map((secret) => deriveKeys(secret, instance.installId))
    .find(({ mkId }) => mkId === instance.mkId)
  if (!derived) throw wrongSecret(instance)
  return openWith(stored, derived)
}

/** The same with keys derived already. */
export function openWith(stored: StoredKeys, derived: DerivedKeys): OpenedKeys {
  const { instance } = stored
  if (!isCanary(derived, instance.installId, instance.canary)) throw wrongSecret(instance)
  assertInstance(derived, instance)
  for (const row of stored.keys) assertKeyRow(derived, row)
  return {
    installId: instance.installId,
    derived,
    audit: auditKeys(derived, stored),
    tokenPepper: secretKey(derived, lastOf(stored, 'token-pepper')),
    hold: holdOf(instance),
  }
}

/** Rows of a new instance: its id, its canary, its first keys. */
export function makeStoredKeys(master: Buffer, createdAt: number, random: Random): StoredKeys {
  const installId = random(INSTALL_ID_BYTES).toString('hex')
  const derived = deriveKeys(master, installId)
  const seed = random(32)
  const keys = [
    makeKeyRow(derived, { purpose: 'audit-mac', version: 1, fromSeq: 1, createdAt }, random),
    makeKeyRow(derived, { purpose: 'audit-sign', version: 1, fromSeq: 1, createdAt }, random, seed),
    makeKeyRow(derived, { purpose: 'token-pepper', version: 1, fromSeq: 0, createdAt }, random),
  ]
  const canary = makeCanary(derived, installId, random)
  const { mkId } = derived
  const held = { heldAt: null, heldReason: null }
  const row = { installId, mkId, canary, createdAt, ...held, rowsSealedAt: createdAt }
  return { instance: { ...row, mac: instanceMac(derived, row) }, keys }
}

function holdOf({ heldAt, heldReason }: InstanceRow): Hold | undefined {
  return heldAt === null ? undefined : { at: heldAt as Instant, reason: heldReason ?? '' }
}

type KeyRowInput = Pick<InstanceKeyRow, 'purpose' | 'version' | 'fromSeq' | 'createdAt'>

/** A signing key needs its seed, which is cleared; the others follow from the master secret. */
export function makeKeyRow(
  derived: DerivedKeys,
  input: KeyRowInput,
  random: Random,
  seed?: Buffer,
): InstanceKeyRow {
  assert((seed !== undefined) === (input.purpose === 'audit-sign'), 'a seed is of a signing key')
  const bytes = seed ?? derived.keys[input.purpose as 'audit-mac' | 'token-pepper'].export()
  const publicKey = seed ? rawPublicKey(signingKey(seed)) : null
  const wrapped = wrapInstanceKey(derived, input, bytes, random)
  bytes.fill(0)
  const row = { ...input, publicKey, mkId: derived.mkId, wrapped }
  return { ...row, mac: keyRowMac(derived, row) }
}

export function instanceMac(derived: DerivedKeys, row: Omit<InstanceRow, 'mac'>): Buffer {
  const { installId, mkId, createdAt, heldAt, heldReason, rowsSealedAt } = row
  // The last one came later: a row without it, as in an older backup, keeps its digest.
  const columns: Record<string, Json> = { installId, mkId, createdAt, heldAt, heldReason }
  if ((rowsSealedAt ?? null) !== null) columns['rowsSealedAt'] = rowsSealedAt
  return rowMac(derived.keys['row-mac'], 'instance', columns)
}

export function keyRowMac(derived: DerivedKeys, row: Omit<InstanceKeyRow, 'mac'>): Buffer {
  const { purpose, version, fromSeq, mkId, createdAt } = row
  const publicKey = row.publicKey?.toString('hex') ?? null
  const columns = { purpose, version, fromSeq, mkId, createdAt, publicKey }
  return rowMac(derived.keys['row-mac'], 'instanceKey', columns)
}

export function assertInstance(derived: DerivedKeys, row: InstanceRow): void {
  if (!isSameBytes(row.mac, instanceMac(derived, row))) throw damaged('row of the instance')
}

function assertKeyRow(derived: DerivedKeys, row: InstanceKeyRow): void {
  const isOurs = row.mkId === derived.mkId && isSameBytes(row.mac, keyRowMac(derived, row))
  if (!isOurs) throw damaged(`instance key ${row.purpose} ${row.version}`)
}

function auditKeys(derived: DerivedKeys, stored: StoredKeys): AuditKeys {
  const signing = lastOf(stored, 'audit-sign')
  const seed = unwrapInstanceKey(derived, signing)
  const signKey = signingKey(seed)
  seed.fill(0)
  if (!isSameBytes(rawPublicKey(signKey), signing.publicKey!)) throw damaged('audit signing key')
  return {
    origin: auditOrigin(stored.instance.installId),
    macKeys: rowsOf(stored, 'audit-mac').map((row) => ({
      fromSeq: row.fromSeq,
      key: secretKey(derived, row),
    })),
    verifyKeys: rowsOf(stored, 'audit-sign').map((row) => ({
      fromSeq: row.fromSeq,
      key: verifyingKey(row.publicKey!),
    })),
    signKey,
    rowKey: derived.keys['row-mac'],
  }
}

/** Name of the log in its checkpoints. */
export function auditOrigin(installId: string): string {
  return `rulewright/audit/${installId}`
}

function secretKey(derived: DerivedKeys, row: InstanceKeyRow): KeyObject {
  const bytes = unwrapInstanceKey(derived, row)
  const key = createSecretKey(bytes)
  bytes.fill(0)
  return key
}

function rowsOf({ keys }: StoredKeys, purpose: InstanceKeyPurpose): InstanceKeyRow[] {
  return keys.filter((row) => row.purpose === purpose).toSorted((a, b) => a.version - b.version)
}

function lastOf(stored: StoredKeys, purpose: InstanceKeyPurpose): InstanceKeyRow {
  const row = rowsOf(stored, purpose).at(-1)
  if (!row) throw damaged(`instance key ${purpose}`)
  return row
}

function wrongSecret({ mkId }: InstanceRow): AppError {
  return new AppError(
    'invalid',
    `The master secret is not the one this data was made with: it needs the secret with key id ${mkId}.`,
  )
}
