// Keys that stand in the database wrapped by keys that follow from the master secret: those of
// workspaces, and those of the instance that must outlive a change of the master secret. Pure: rows
// in, keys out. A row that was changed, moved or written under another secret is refused.

import { createSecretKey, type KeyObject } from 'node:crypto'
import { AppError, assert } from '#kernel/error.ts'
import { INSTANCE_WORKSPACE } from '#kernel/id.ts'
import { isSameBytes } from '#kernel/hash.ts'
import { unwrapKey, wrapKey, WRAP_RANDOM_BYTES, type SealKey } from '#kernel/seal.ts'
import type { DerivedKeys } from './hierarchy.ts'

export type Random = (bytes: number) => Buffer

/** What each stored key of the instance is for. */
export type InstanceKeyPurpose = 'audit-mac' | 'audit-sign' | 'token-pepper'

export interface InstanceKeyRow {
  readonly purpose: InstanceKeyPurpose
  readonly version: number
  /** First audit entry this key speaks for; 0 for keys that have nothing to do with the log. */
  readonly fromSeq: number
  /** Raw 32 bytes of an Ed25519 key; null for others. */
  readonly publicKey: Buffer | null
  readonly mkId: string
  /** Null for a signing key that was replaced: it can never sign again. */
  readonly wrapped: Buffer | null
  readonly createdAt: number
  /** HMAC over the rest, so that nobody slips in a public key of their own. */
  readonly mac: Buffer
}

export interface WorkspaceKeyRow {
  readonly workspaceId: string
  readonly version: number
  readonly mkId: string
  readonly wrapped: Buffer
  readonly state: 'active' | 'retired'
  readonly createdAt: number
  readonly retiredAt: number | null
}

export const KEY_BYTES = 32
const CANARY = Buffer.from('rulewright canary')

/** Proves later that a master secret is the one this database was made with. */
export function makeCanary(derived: DerivedKeys, installId: string, random: Random): Buffer {
  const labels = ['canary', installId, derived.mkId]
  return wrapKey(derived.keys.canary, labels, CANARY, random(WRAP_RANDOM_BYTES))
}

export function isCanary(derived: DerivedKeys, installId: string, canary: Buffer): boolean {
  const opened = unwrapKey(derived.keys.canary, ['canary', installId, derived.mkId], canary)
  return opened !== undefined && isSameBytes(opened, CANARY)
}

/** Clears nothing: the caller owns `key`. */
export function wrapInstanceKey(
  derived: DerivedKeys,
  { purpose, version }: Pick<InstanceKeyRow, 'purpose' | 'version'>,
  key: Buffer,
  random: Random,
): Buffer {
  const labels = ['instance', purpose, String(version), derived.mkId]
  return wrapKey(instanceWrapping(derived, purpose), labels, key, random(WRAP_RANDOM_BYTES))
}

/** The key's bytes, for the caller to clear. Throws `conflict` for a row that does not open. */
export function unwrapInstanceKey(derived: DerivedKeys, row: InstanceKeyRow): Buffer {
  const { purpose, version, wrapped } = row
  assert(wrapped, `${purpose} ${version} has no private part any more`)
  const labels = ['instance', purpose, String(version), derived.mkId]
  const key = unwrapKey(instanceWrapping(derived, purpose), labels, wrapped)
  if (!key) throw damaged(`instance key ${purpose} ${version}`)
  return key
}

export function wrapWorkspaceKey(
  derived: DerivedKeys,
  { workspaceId, version }: Pick<WorkspaceKeyRow, 'workspaceId' | 'version'>,
  key: Buffer,
  random: Random,
): Buffer {
  const labels = [workspaceId, String(version), derived.mkId]
  return wrapKey(workspaceWrapping(derived, workspaceId), labels, key, random(WRAP_RANDOM_BYTES))
}

/** The key's bytes, for the caller to clear. Throws `conflict` for a row that does not open. */
export function unwrapWorkspaceKey(derived: DerivedKeys, row: WorkspaceKeyRow): Buffer {
  const { workspaceId, version, wrapped } = row
  const labels = [workspaceId, String(version), derived.mkId]
  const key = unwrapKey(workspaceWrapping(derived, workspaceId), labels, wrapped)
  if (!key) throw damaged(`key ${version} of workspace ${workspaceId}`)
  return key
}

export function openWorkspaceKey(derived: DerivedKeys, row: WorkspaceKeyRow): SealKey {
  const bytes = unwrapWorkspaceKey(derived, row)
  const key = createSecretKey(bytes)
  bytes.fill(0)
  return { version: row.version, key }
}

export function damaged(what: string): AppError {
  return new AppError(
    'conflict',
    `The ${what} was changed outside the product or is damaged. Restore a backup.`,
  )
}

function instanceWrapping({ keys }: DerivedKeys, purpose: InstanceKeyPurpose): KeyObject {
  return purpose === 'audit-sign' ? keys['audit-sign-wrap'] : keys.config
}

// What the instance itself seals (secrets of identity providers, say) is under a key of its own.
function workspaceWrapping({ keys }: DerivedKeys, workspaceId: string): KeyObject {
  return workspaceId === INSTANCE_WORKSPACE ? keys.config : keys.credentials
}
