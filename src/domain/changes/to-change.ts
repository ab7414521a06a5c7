// A change as it is shown, from its row and its signatures. In a file of its own, because lists of changes
// need it and nothing of what writes them. Pure.

import type { Change } from './change.ts'
import { countApprovals, signaturesNeeded } from './moves.ts'
import type { StoredChange, StoredSignature } from './store.ts'

export function toChange(
  { editors: _, heldSince: _h, remindedAt: _r, ...stored }: StoredChange,
  signatures: readonly StoredSignature[],
): Change {
  const { hash, policy } = stored
  return {
    ...stored,
    signaturesNeeded: signaturesNeeded(policy),
    signatureCount: countApprovals(signatures, { hash, policy }),
  }
}
