// Statements that the log's key signs beside its checkpoints: what was found somewhere, when and for
// whom, provable later by whoever keeps the public keys. Each purpose signs texts of its own, and none of
// them can be taken for a checkpoint, which begins with the name of its log.

import { sign, verify } from 'node:crypto'
import { assert } from '#kernel/error.ts'
import type { AuditKeys, AuditPublicKeys } from './keys.ts'

export interface StatementSignature {
  /** Ed25519, base64. */
  readonly signature: string
  /** First entry that the key speaks for: its name among the keys of the log. */
  readonly keySeq: number
}

export type StatementPurpose = 'baseline' | 'change-signature' | 'as-of'

export function signStatement(
  { verifyKeys, signKey }: AuditKeys,
  purpose: StatementPurpose,
  text: string,
): StatementSignature {
  const newest = verifyKeys.at(-1)
  assert(newest, 'a log has a key')
  const signature = sign(null, bytesOf(purpose, text), signKey).toString('base64')
  return { signature, keySeq: newest.fromSeq }
}

export function isSignedStatement(
  { verifyKeys }: AuditPublicKeys,
  purpose: StatementPurpose,
  text: string,
  { signature, keySeq }: StatementSignature,
): boolean {
  const found = verifyKeys.find(({ fromSeq }) => fromSeq === keySeq)
  if (!found) return false
  return verify(null, bytesOf(purpose, text), found.key, Buffer.from(signature, 'base64'))
}

function bytesOf(purpose: StatementPurpose, text: string): Buffer {
  return Buffer.from(`rulewright-statement/1 ${purpose}\n${text}`)
}
