// What the second verifier is told to trust, out of the product's keys.

import { rawPublicKey } from '#platform/audit/ed25519.ts'
import type { AuditKeys } from '#platform/audit/keys.ts'
import type { Trusted } from './second-verifier.ts'

export function trustedOf(keys: AuditKeys, isKeyed: boolean): Trusted {
  const { origin, verifyKeys, macKeys } = keys
  return {
    origin,
    publicKeys: verifyKeys.map(({ fromSeq, key }) => ({ from: fromSeq, raw: rawPublicKey(key) })),
    ...(isKeyed && {
      chainKeys: macKeys.map(({ fromSeq, key }) => ({ from: fromSeq, bytes: key.export() })),
    }),
  }
}
