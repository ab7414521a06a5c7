// Opens the keys of an instance at start, or makes the instance when the database is new. A database
// without its master secret is never given a new one: what is sealed in it would be lost for good.

import { existsSync } from 'node:fs'
import { AppError } from '#kernel/error.ts'
import { INSTANCE_WORKSPACE } from '#kernel/id.ts'
import type { Instant } from '#kernel/time.ts'
import { makeScope } from '#platform/db/scope.ts'
import type { Tx } from '#platform/db/tx.ts'
import { finishExchange } from './exchange.ts'
import { deriveKeys } from './hierarchy.ts'
import { makeStoredKeys, openKeys, type OpenedKeys } from './instance.ts'
import {
  checkMasterSecret,
  makeMasterSecret,
  nextSecretFile,
  readMasterSecret,
  writeMasterSecret,
} from './master.ts'
import { KeyRing, type KeyRingParts } from './ring.ts'
import { findStoredKeys, insertStoredKeys } from './store.ts'

export interface OpenRingOptions {
  readonly secret: SecretOrigin
  /** Files that may hold the secret in force while it is being changed; missing ones are skipped. */
  readonly otherSecretFiles?: readonly string[]
  /** Writes what a new instance needs beside its keys: the first entry of the audit log. */
  onCreate(tx: Tx, opened: OpenedKeys): Promise<void>
}

/** Where the master secret is. */
export type SecretOrigin =
  | {
      readonly kind: 'file'
      /** Made, mode 0600, when the database is new and the file is missing. */
      readonly path: string
      /** Kept from others by something stronger than its mode, which is then not looked at. */
      readonly isGuarded?: boolean
    }
  | { readonly kind: 'value'; readonly text: string; readonly name: string }

/** Throws `invalid` without the right master secret, `conflict` when stored keys were changed. */
export async function openKeyRing(parts: KeyRingParts, options: OpenRingOptions): Promise<KeyRing> {
  const scope = makeScope(INSTANCE_WORKSPACE)
  const stored = await findStoredKeys(parts.db.read(scope))
  if (!stored) return createKeyRing(parts, options)
  const secrets = readSecrets(options)
  try {
    const opened = openKeys(stored, secrets)
    settleExchange(options, opened)
    return new KeyRing(parts, opened, secretFileOf(options))
  } finally {
    for (const secret of secrets) secret.fill(0)
  }
}

// The secret is on the disk before anything is wrapped under it; a crash in between leaves a secret
// without a database, and the next start goes on from there.
async function createKeyRing(parts: KeyRingParts, options: OpenRingOptions): Promise<KeyRing> {
  const { secret } = options
  if (secret.kind === 'file' && !existsSync(secret.path)) {
    writeMasterSecret(secret.path, makeMasterSecret(parts.random))
  }
  const master = readSecret(secret)
  const stored = makeStoredKeys(master, parts.clock.now() satisfies Instant, parts.random)
  const opened = openKeys(stored, [master])
  master.fill(0)
  await parts.db.write({ scope: makeScope(INSTANCE_WORKSPACE) }, async (tx) => {
    await insertStoredKeys(tx, stored)
    await options.onCreate(tx, opened)
  })
  return new KeyRing(parts, opened, secretFileOf(options))
}

// A crash came between the transaction of a rotation and the exchange of the files.
function settleExchange(options: OpenRingOptions, { installId, derived }: OpenedKeys): void {
  const secretFile = secretFileOf(options)
  if (secretFile === undefined || !existsSync(nextSecretFile(secretFile))) return
  const next = deriveKeys(readMasterSecret(nextSecretFile(secretFile)), installId)
  if (next.mkId !== derived.mkId) return // that rotation did not happen
  const old = existsSync(secretFile) ? deriveKeys(readMasterSecret(secretFile), installId) : next
  if (old.mkId !== next.mkId) finishExchange(secretFile, old.mkId)
}

/** The file the product itself may exchange; undefined when somebody else keeps the secret. */
function secretFileOf({ secret }: OpenRingOptions): string | undefined {
  return secret.kind === 'file' && !secret.isGuarded ? secret.path : undefined
}

function readSecrets({ secret, otherSecretFiles = [] }: OpenRingOptions): Buffer[] {
  const isThere = secret.kind === 'value' || existsSync(secret.path)
  const others = otherSecretFiles.filter((file) => existsSync(file))
  if (isThere) return [readSecret(secret), ...others.map((file) => readMasterSecret(file))]
  if (others.length > 0) return others.map((file) => readMasterSecret(file))
  throw new AppError(
    'invalid',
    `The master secret ${secret.path} is missing. Put back the one this data was made with.`,
  )
}

/** Throws `invalid` for a secret that is missing, open to others or predictable. */
export function readSecret(secret: SecretOrigin): Buffer {
  if (secret.kind === 'value') return checkMasterSecret(Buffer.from(secret.text), secret.name)
  return readMasterSecret(secret.path, { isGuarded: secret.isGuarded ?? false })
}
