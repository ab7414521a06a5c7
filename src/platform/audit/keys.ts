// The keys of the log. Each chain key and signing key speaks for the entries from its first one to
// the next key's: what an older key signs beyond that proves nothing, so a stolen old key is worth
// nothing.

import type { KeyObject } from 'node:crypto'
import { assert } from '#kernel/error.ts'

export interface KeyFrom {
  /** First entry, or first size of a checkpoint, this key speaks for. */
  readonly fromSeq: number
  readonly key: KeyObject
}

/** What a verifier without our secrets holds. */
export interface AuditPublicKeys {
  /** Name of this log in checkpoints; a later epoch adds `/2`, `/3` … */
  readonly origin: string
  /** Oldest first. */
  readonly verifyKeys: readonly KeyFrom[]
}

export interface AuditKeys extends AuditPublicKeys {
  /** Oldest first. */
  readonly macKeys: readonly KeyFrom[]
  /** Private half of the newest verify key. */
  readonly signKey: KeyObject
  /** HMAC key of rows that decide what is believed; here, of epochs. */
  readonly rowKey: KeyObject
}

/** The key that speaks for entry `seq`. */
export function keyAt(keys: readonly KeyFrom[], seq: number): KeyObject {
  const found = keys.findLast(({ fromSeq }) => fromSeq <= seq)
  assert(found, 'no key speaks for this entry')
  return found.key
}
