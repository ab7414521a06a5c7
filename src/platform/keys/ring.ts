// The keys of a running instance: what actions seal secrets with, and where the parts of the
// platform get the key of their purpose. Workspace keys are unwrapped for one use and not kept.

import type { KeyObject } from 'node:crypto'
import { AppError, assert } from '#kernel/error.ts'
import {
  openSealed,
  SEAL_RANDOM_BYTES,
  sealedKeyVersion,
  sealValue,
  type Place,
  type SealKey,
} from '#kernel/seal.ts'
import type { Clock } from '#kernel/time.ts'
import type { AuditKeys } from '#platform/audit/keys.ts'
import type { Database } from '#platform/db/database.ts'
import type { WorkspaceScope } from '#platform/db/scope.ts'
import type { Tx } from '#platform/db/tx.ts'
import type { Hold, OpenedKeys } from './instance.ts'
import { findActiveWorkspaceKey, findWorkspaceKey, insertWorkspaceKey } from './store.ts'
import {
  KEY_BYTES,
  openWorkspaceKey,
  wrapWorkspaceKey,
  type Random,
  type WorkspaceKeyRow,
} from './wraps.ts'

/** Purposes whose key is handed out; those that wrap keys stay inside. */
export type RingPurpose = 'session' | 'cursor' | 'row-mac' | 'backup' | 'token-pepper'

export interface KeyRingParts {
  readonly db: Database
  readonly clock: Clock
  readonly random: Random
}

export class KeyRing {
  readonly #parts: KeyRingParts
  #opened: OpenedKeys
  #onTampered: (scope: WorkspaceScope, place: Place) => void = () => {}

  /** The file of the master secret, when the product may exchange it. */
  readonly secretFile: string | undefined

  constructor(parts: KeyRingParts, opened: OpenedKeys, secretFile?: string) {
    this.#parts = parts
    this.#opened = opened
    this.secretFile = secretFile
  }

  /** Hex, 32 characters: names this installation, also in the marks it leaves on targets. */
  get installId(): string {
    return this.#opened.installId
  }

  /** Names the master secret in force without telling anything about it. */
  get mkId(): string {
    return this.#opened.derived.mkId
  }

  /** Why nothing may leave this instance; undefined when it runs freely. */
  get hold(): Hold | undefined {
    return this.#opened.hold
  }

  get audit(): AuditKeys {
    return this.#opened.audit
  }

  /** Read it for each use: a new master secret changes all but the token pepper. */
  purpose(purpose: RingPurpose): KeyObject {
    return purpose === 'token-pepper'
      ? this.#opened.tokenPepper
      : this.#opened.derived.keys[purpose]
  }

  /**
   * Seals a secret for one place. Call it before the write body that stores the result: it costs
   * half a millisecond and makes the workspace's key when there is none yet.
   */
  async seal(scope: WorkspaceScope, place: Place, plaintext: Uint8Array): Promise<Buffer> {
    return (await this.sealer(scope))(place, plaintext)
  }

  /**
   * For what is known only inside a write body: get it before, use it inside, and keep it no longer.
   */
  async sealer(scope: WorkspaceScope): Promise<(place: Place, plaintext: Uint8Array) => Buffer> {
    const key = await this.#activeKey(scope)
    const { random } = this.#parts
    return (place, plaintext) =>
      sealValue(key, scope.workspaceId, place, plaintext, random(SEAL_RANDOM_BYTES))
  }

  /**
   * The plaintext, for the caller to clear. Throws `conflict` when the value or its key was changed,
   * or was moved here from another row, column, workspace or version; the audit log says so then.
   */
  async unseal(scope: WorkspaceScope, place: Place, sealed: Buffer): Promise<Buffer> {
    const version = sealedKeyVersion(sealed)
    const { workspaceId } = scope
    const row =
      version === undefined
        ? undefined
        : await findWorkspaceKey(this.#parts.db.read(scope), workspaceId, version)
    const key = row && tryOpen(this.#opened, row)
    const plaintext = key && openSealed(key, workspaceId, place, sealed)
    if (plaintext) return plaintext
    this.#onTampered(scope, place)
    throw new AppError(
      'conflict',
      `The secret in ${place.table}.${place.column} was changed or moved outside the product. Enter it again.`,
      { details: { ...place } },
    )
  }

  /** Told of every value that did not open. Nobody waits for it: it may be in a write body. */
  set onTampered(listener: (scope: WorkspaceScope, place: Place) => void) {
    this.#onTampered = listener
  }

  /** The rows' keys under the master secret in force. For rotation. */
  get opened(): OpenedKeys {
    return this.#opened
  }

  /**
   * Puts new keys in force. The last thing a rotation's write body does, because the next body of
   * the same group must already use them; undo with the value returned when the write fails.
   */
  replace(opened: OpenedKeys): OpenedKeys {
    const before = this.#opened
    assert(opened.installId === before.installId, 'keys of another installation')
    this.#opened = opened
    return before
  }

  async #activeKey(scope: WorkspaceScope): Promise<SealKey> {
    const { db } = this.#parts
    const row =
      (await findActiveWorkspaceKey(db.read(scope), scope.workspaceId)) ??
      (await db.write({ scope }, async (tx) => this.#makeKey(tx)))
    return openWorkspaceKey(this.#opened.derived, row)
  }

  // Two first secrets of a workspace may come at once: the second finds the key of the first.
  async #makeKey(tx: Tx): Promise<WorkspaceKeyRow> {
    const { workspaceId } = tx.scope
    const existing = await findActiveWorkspaceKey(tx, workspaceId)
    if (existing) return existing
    const row = newWorkspaceKey(this.#opened, workspaceId, 1, this.#parts)
    await insertWorkspaceKey(tx, row)
    return row
  }
}

// Undefined for a key that was changed in the file: what it sealed is lost, and that is all.
function tryOpen({ derived }: OpenedKeys, row: WorkspaceKeyRow): SealKey | undefined {
  try {
    return openWorkspaceKey(derived, row)
  } catch (error) {
    if (error instanceof AppError && error.code === 'conflict') return undefined
    throw error
  }
}

export function newWorkspaceKey(
  { derived }: OpenedKeys,
  workspaceId: string,
  version: number,
  { clock, random }: Pick<KeyRingParts, 'clock' | 'random'>,
): WorkspaceKeyRow {
  const key = random(KEY_BYTES)
  const wrapped = wrapWorkspaceKey(derived, { workspaceId, version }, key, random)
  key.fill(0)
  const at = clock.now()
  const { mkId } = derived
  return { workspaceId, version, mkId, wrapped, state: 'active', createdAt: at, retiredAt: null }
}
