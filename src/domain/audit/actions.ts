// What is done with the audit log: read it, prove that it is whole, let go of what is old, take it
// along.

import { permit } from '#domain/access/permission.ts'
import { AppError, forbidden } from '#kernel/error.ts'
import { readLongestAuditDays } from '#domain/workspaces/policy-actions.ts'
import { DAY, HOUR } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import {
  findEntry,
  lastCheckpoint,
  lastVerified,
  listEntries,
  type AuditFilter,
  type AuditPage,
  type FoundEntry,
} from '#platform/audit/list.ts'
import {
  listSignedHeads,
  proveConsistency,
  proveInclusion,
  type ConsistencyProof,
  type InclusionProof,
  type SignedHead,
} from '#platform/audit/proofs.ts'
import { removeOlder } from '#platform/audit/retention.ts'
import { verifyAudit } from '#platform/audit/verify-task.ts'
import { EXPORT_ACTION, exportCsv, exportLines } from '#platform/audit/export.ts'
import type { House } from '#platform/house.ts'

export interface AuditShown extends AuditPage {
  /** Null while none was signed. */
  readonly checkpoint: { readonly size: number; readonly at: number } | null
  /** The last walk over the whole log that found nothing wrong; null while there was none. */
  readonly verified: { readonly size: number; readonly at: number } | null
  /** Where the log contradicts itself or what was signed before; null while it does not. */
  readonly broken: { readonly seq: number; readonly message: string } | null
}

/** Entries of the caller's workspace, newest first; `before` is where the page before ended. */
export async function readAudit(
  house: House,
  caller: Caller,
  filter: AuditFilter,
  page: { readonly limit: number; readonly before?: number },
): Promise<AuditShown> {
  permit(caller, 'audit.read')
  const found = await house.db.inspect(listEntries(caller.scope.workspaceId, filter, page))
  const checkpoint = await house.db.inspect(lastCheckpoint())
  const verified = await house.db.inspect(lastVerified(VERIFIED))
  const { broken } = house.audit
  return {
    ...found,
    checkpoint: checkpoint ?? null,
    verified: verified ?? null,
    broken: broken ?? null,
  }
}

export interface AuditEntryShown extends FoundEntry {
  /** Null while no checkpoint covers it: the next one follows within a minute. */
  readonly proof: InclusionProof | null
}

/** One entry of the caller's workspace, what its hash is made of, and the proof that it is signed. */
export async function readAuditEntry(
  house: House,
  caller: Caller,
  seq: number,
): Promise<AuditEntryShown> {
  permit(caller, 'audit.read')
  const found = await house.db.inspect(findEntry(caller.scope.workspaceId, seq))
  if (!found) throw forbidden()
  const proof = await house.db.inspect(proveInclusion(seq))
  return { ...found, proof: proof ?? null }
}

/** Signed heads of the log, newest first, those of fewer entries than `before`. */
export async function readCheckpoints(
  house: House,
  caller: Caller,
  page: { readonly limit: number; readonly before?: number },
): Promise<readonly SignedHead[]> {
  permit(caller, 'audit.read')
  return house.db.inspect(listSignedHeads(page.limit, page.before))
}

/**
 * Proves to whoever kept the checkpoint of `oldSize` entries that the newest one goes on from it.
 * Throws `invalid` when no checkpoint of that size is kept.
 */
export async function proveContinuation(
  house: House,
  caller: Caller,
  oldSize: number,
): Promise<ConsistencyProof> {
  permit(caller, 'audit.read')
  const proof = await house.db.inspect(proveConsistency(oldSize))
  if (proof) return proof
  throw new AppError('invalid', `No checkpoint over ${oldSize} entries is kept.`)
}

/** The entry that says so, in the log of the instance. */
const VERIFIED = { action: 'audit.verify', target: 'audit' }

/**
 * Walks the whole log in a worker thread and compares it with every anchor; returns how many entries
 * it holds, and records that nothing was found. Throws `conflict` and says where when it is broken, and nothing is recorded from then on.
 */
export async function verifyAuditLog(
  house: House,
  caller: Caller,
  signal: AbortSignal,
): Promise<number> {
  permit(caller, 'audit.verify')
  const file = house.directory.database
  const { origin, macKeys, verifyKeys, rowKey } = house.keys.audit // never the signing key
  const keys = { origin, macKeys, verifyKeys, rowKey }
  const verdict = await house.audit.verify((options) =>
    house.workers.run(verifyAudit, { file, keys, options }, { timeoutMs: 12 * HOUR, signal }),
  )
  if (verdict.ok) {
    const { size, checkpointed, anchored } = verdict
    const data = { size, checkpointed, anchored }
    await house.db.write(caller, (tx) => house.audit.record(tx, caller, { ...VERIFIED, data }))
    return verdict.rows
  }
  throw new AppError(
    'conflict',
    `The audit log is broken at entry ${verdict.seq}: ${verdict.message} Keep this data directory as evidence.`,
  )
}

/**
 * Removes entries older than the settings and every workspace's policy ask, whole signed stretches at a time, and
 * returns how many. Each cut is an entry itself. Verify first: evidence of a broken log must stay.
 */
export async function removeOldEntries(
  house: House,
  caller: Caller,
  signal: AbortSignal,
): Promise<number> {
  permit(caller, 'audit.retain')
  const policyMs = (await readLongestAuditDays(house, caller)) * DAY
  const before = caller.now - Math.max(house.settings.audit.retentionMs, policyMs)
  const removed = await removeOlder(house, caller, before, signal)
  if (removed > 0) await house.audit.checkpoint()
  await house.audit.thinAnchors()
  return removed
}

/**
 * The log of the caller's workspace, line by line. As ndjson it can be verified without this instance.
 * The export is an entry itself, and signed before the first line.
 */
export async function* exportAudit(
  house: House,
  caller: Caller,
  format: 'ndjson' | 'csv',
): AsyncGenerator<string> {
  permit(caller, 'audit.export')
  const { workspaceId } = caller.scope
  await house.db.write(caller, (tx) =>
    house.audit.record(tx, caller, {
      action: EXPORT_ACTION,
      target: workspaceId,
      data: { format },
    }),
  )
  await house.audit.checkpoint()
  yield* format === 'csv'
    ? exportCsv(house.db, workspaceId)
    : exportLines(house.db, { workspaceId, keys: house.keys.audit, exportedAt: caller.now })
}
