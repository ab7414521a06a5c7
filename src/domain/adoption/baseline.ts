// The baseline of an adopted object: what stood there, when, and who said that this is where we begin. It
// is signed with the key of the audit log, so that it can be proved later and by others.

import type { Actor } from '#kernel/actor.ts'
import { contentHash, sha256Hex } from '#kernel/hash.ts'
import { canonicalJson } from '#kernel/json.ts'
import { formatInstant, type Instant } from '#kernel/time.ts'
import type { AuditKeys, AuditPublicKeys } from '#platform/audit/keys.ts'
import { isSignedStatement, signStatement } from '#platform/audit/statement.ts'
import type { Target } from '#domain/targets/target.ts'
import type { RuleSummary } from '#domain/rules/rule.ts'
import type { NewAdoption, StoredAdoption, WholeCandidate } from './adoption-store.ts'
import type { Ownership } from './observed.ts'

interface Bound {
  readonly target: Target
  readonly candidate: WholeCandidate
  readonly rule: Pick<RuleSummary, 'id' | 'version' | 'contentHash'>
  readonly ownership: Ownership
  readonly at: Instant
  readonly by: Actor
  readonly workspaceId: string
  readonly installId: string
}

export function makeBaseline(keys: AuditKeys, bound: Bound): NewAdoption {
  const { target, candidate, rule, ownership, at, by } = bound
  const raw = JSON.stringify(candidate.raw)
  const statement = canonicalJson({
    version: 1,
    install: bound.installId,
    workspace: bound.workspaceId,
    target: { id: target.id, name: target.name, kind: target.kind },
    object: { id: candidate.id, ref: candidate.ref, name: candidate.name },
    rule: { id: rule.id, version: rule.version, contentHash: rule.contentHash },
    bodyHash: candidate.hash,
    rawHash: sha256Hex(raw),
    ownership,
    at: formatInstant(at),
    by,
  })
  return {
    observedId: candidate.id,
    targetId: target.id,
    ruleId: rule.id,
    ownership,
    hash: candidate.hash,
    body: JSON.stringify(candidate.body),
    raw,
    statement,
    ...signStatement(keys, 'baseline', statement),
    adoptedAt: at,
    adoptedBy: by,
  }
}

/** How a rule stands whose baseline this is. */
export function baselinePlace(
  { ref, isEnabled, hash, body, raw, etag }: WholeCandidate,
  now: Instant,
) {
  return {
    ref,
    state: isEnabled === 0 ? 'paused' : 'live',
    hash,
    body,
    raw,
    etag,
    origin: 'baseline',
    deploymentId: null,
    isSigned: true,
    soakUntil: null,
    since: now,
    checkedAt: now,
  } as const
}

export type BaselineVerdict =
  { readonly isSound: true } | { readonly isSound: false; readonly reason: string }

/** Whether the signature is ours, and what is kept beside it is what was signed. */
export function verifyBaseline(keys: AuditPublicKeys, stored: StoredAdoption): BaselineVerdict {
  const { statement, hash, body, raw, ruleId, ownership, observedId } = stored
  if (!isSignedStatement(keys, 'baseline', statement, stored)) {
    return { isSound: false, reason: 'The signature is not of this statement.' }
  }
  const said = JSON.parse(statement) as Readonly<Record<string, Readonly<Record<string, unknown>>>>
  const isSame =
    contentHash(JSON.parse(body) as never) === hash &&
    (said['bodyHash'] as unknown) === hash &&
    (said['rawHash'] as unknown) === sha256Hex(raw) &&
    said['rule']?.['id'] === ruleId &&
    said['object']?.['id'] === observedId &&
    (said['ownership'] as unknown) === ownership
  if (isSame) return { isSound: true }
  return { isSound: false, reason: 'What is kept beside the signature is not what was signed.' }
}
