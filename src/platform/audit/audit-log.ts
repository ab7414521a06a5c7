// The audit log of a running instance: what actions record with, and the keeper of its checkpoints.
// A change and its entry commit together or not at all. While the log contradicts what was signed
// before, nothing is recorded, and so nothing is changed, until a person accepts the break.

import type { Logger } from 'pino'
import { AppError } from '#kernel/error.ts'
import { INSTANCE_WORKSPACE } from '#kernel/id.ts'
import type { Json } from '#kernel/json.ts'
import { addMs, DAY, MINUTE, type Clock } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import type { Database } from '#platform/db/database.ts'
import { makeScope } from '#platform/db/scope.ts'
import { hideShapes } from '#platform/scrub.ts'
import type { Tx } from '#platform/db/tx.ts'
import { readAnchors, thinAnchors, writeAnchor, writePublicKeys, type Anchor } from './anchors.ts'
import type { Entry } from './chain.ts'
import { lastOutside, openEpoch } from './epoch.ts'
import type { AuditKeys } from './keys.ts'
import { appendEntry, erasePersonal } from './log.ts'
import { checkpointKeys } from './public-key.ts'
import { RefusalCounter, type CountedRefusal, type Refusal } from './refusals.ts'
import { writeCheckpoint } from './signing.ts'
import { verifyLog, type Finding, type Verdict, type VerifyOptions } from './verify.ts'

export interface AuditParts {
  readonly db: Database
  /** Read for each use: rotation exchanges them. */
  readonly keys: { readonly audit: AuditKeys }
  readonly clock: Clock
  readonly log: Logger
  /** Absolute. */
  readonly anchorDir: string
}

export interface AuditInput {
  /** The verb that was done: `workspace.add`. */
  readonly action: string
  /** What it was done to: an id. */
  readonly target: string
  readonly outcome?: Entry['outcome']
  /** Whole numbers, texts, ids; never secrets. */
  readonly data: Json
  /** What a person may ask us to erase; by default what the caller carries. */
  readonly personal?: Json
  /** Whose log it stands in; by default that of the tx. For acts on the instance that concern one. */
  readonly workspaceId?: string
}

/** A checkpoint follows at least this many entries, or this long after the first one since. */
export const CHECKPOINT_ENTRIES = 256
export const CHECKPOINT_AFTER_MS = MINUTE
/** Anchors compared at start; the full walk compares all. */
const ANCHORS_AT_START = 100

const ANCHORS_WHOLE_MS = 30 * DAY

const instance = makeScope(INSTANCE_WORKSPACE)

export interface OpenAuditOptions {
  /** Whoever decides to go on with a log that contradicts its checkpoints. */
  readonly acceptFork?: Caller
}

/**
 * Walks what follows the last checkpoint and compares it with the anchors. Never throws for a broken
 * log: `broken` then says where, and `record` refuses.
 */
export async function openAuditLog(
  parts: AuditParts,
  { acceptFork }: OpenAuditOptions = {},
): Promise<AuditLog> {
  const { db, keys, anchorDir, log } = parts
  const notes = await readAnchors(anchorDir, ANCHORS_AT_START)
  const options = { from: 'checkpoint', notes } as const
  let verdict = await verifyLog(db, keys.audit, options)
  if (!verdict.ok && acceptFork) {
    log.warn({ seq: verdict.seq, code: verdict.code }, 'a break of the audit log was accepted')
    await acceptBreak(parts, acceptFork, verdict, notes)
    verdict = await verifyLog(db, keys.audit, options)
  }
  const audit = new AuditLog(parts, verdict.ok ? undefined : verdict)
  if (audit.broken) log.error({ finding: audit.broken }, 'the audit log is broken')
  else await audit.checkpoint()
  return audit
}

export class AuditLog {
  readonly #parts: AuditParts
  readonly #refusals = new RefusalCounter()
  #broken: Finding | undefined
  #entriesSince = 0
  #timer: NodeJS.Timeout | undefined
  /** Checkpoints one after another; anchors are written in their order. */
  #signing: Promise<unknown> = Promise.resolve()

  constructor(parts: AuditParts, broken: Finding | undefined) {
    this.#parts = parts
    this.#broken = broken && { seq: broken.seq, code: broken.code, message: broken.message }
  }

  /** Where the log contradicts itself or its anchors; undefined while it does not. */
  get broken(): Finding | undefined {
    return this.#broken
  }

  /**
   * Writes the entry of what `tx` does. Throws `conflict` while the log
   * is broken: what cannot be recorded does not happen.
   */
  async record(tx: Tx, caller: Caller, input: AuditInput): Promise<void> {
    if (this.#broken) throw brokenLog(this.#broken)
    const entry = {
      at: caller.now,
      actor: caller.actor,
      requestId: caller.requestId,
      action: input.action,
      target: input.target,
      outcome: input.outcome ?? 'done',
      // A reason, a title or a name may hold what somebody pasted, and no entry is ever changed.
      data: hideShapes(input.data),
      personal: hideShapes(input.personal ?? personalOf(caller)),
    }
    await appendEntry(tx, this.#parts.keys.audit, entry, input.workspaceId)
    tx.afterCommit(() => this.#grown())
  }

  /**
   * Erases what the log keeps of a person, in every workspace: of entries by or about `subject`, the
   * id of a user, token or invitation. Returns how many entries lost something. The log stays valid
   * and says who erased and when. Throws `conflict` while the log is broken.
   */
  async erasePersonal(tx: Tx, caller: Caller, subject: string): Promise<number> {
    if (this.#broken) throw brokenLog(this.#broken)
    const { now: at, actor, requestId } = caller
    const erased = await erasePersonal(tx, this.#parts.keys.audit, subject, {
      at,
      actor,
      requestId,
    })
    tx.afterCommit(() => this.#grown())
    return erased
  }

  /** For the error boundary of a door: a write of its own, after the action's was rolled back. */
  async recordRefusal(caller: Caller, refusal: Refusal): Promise<void> {
    await this.#writeRefusals(this.#refusals.take(caller, refusal))
    this.#wake()
  }

  /**
   * What was asked and changed nothing, told like a refusal: the first of a minute of its actor and
   * `part` at once, the others as a count.
   */
  recordQuestion(caller: Caller, question: Omit<Refusal, 'code'>): Promise<void> {
    return this.recordRefusal(caller, { ...question, code: 'done' })
  }

  /** Signs the head if anything is new, and puts the checkpoint where the database is not. */
  checkpoint(): Promise<Anchor | undefined> {
    const next = this.#signing.then(() => this.#sign())
    this.#signing = next.catch(() => undefined)
    return next
  }

  /**
   * Walks everything that is kept and compares it with every anchor: here, giving way between pages,
   * or wherever `walk` does it.
   */
  async verify(walk?: (options: VerifyOptions) => Promise<Verdict>): Promise<Verdict> {
    const { db, keys, anchorDir } = this.#parts
    const options = { notes: await readAnchors(anchorDir) }
    const verdict = await (walk?.(options) ?? verifyLog(db, keys.audit, options))
    if (!verdict.ok) this.#breaks(verdict)
    return verdict
  }

  /** Writes what was counted and signs the end. The database closes after it. */
  async stop(): Promise<void> {
    clearTimeout(this.#timer)
    if (!this.#broken) {
      await this.#writeRefusals(this.#refusals.takeDue())
      await this.checkpoint()
    }
    clearTimeout(this.#timer)
  }

  #grown(): void {
    this.#entriesSince += 1
    if (this.#entriesSince === CHECKPOINT_ENTRIES) void this.#tick()
    else this.#wake()
  }

  #wake(): void {
    this.#timer ??= setTimeout(() => void this.#tick(), CHECKPOINT_AFTER_MS).unref()
  }

  async #tick(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    try {
      await this.#writeRefusals(this.#refusals.takeDue(this.#parts.clock.now()))
      await this.checkpoint()
    } catch (error) {
      this.#parts.log.error({ err: error }, 'no checkpoint of the audit log could be written')
    }
  }

  async #sign(): Promise<Anchor | undefined> {
    const { db, keys, clock } = this.#parts
    const at = clock.now()
    this.#entriesSince = 0
    let anchor: Anchor | undefined
    try {
      anchor = await db.write({ scope: instance }, (tx) => writeCheckpoint(tx, keys.audit, at))
    } catch (error) {
      const finding = error instanceof AppError ? error.details['finding'] : undefined
      if (finding) this.#breaks(finding as Finding)
      throw error
    }
    if (anchor) await this.keepAnchor(anchor)
    return anchor
  }

  /** Puts a checkpoint that was just committed where the database is not. */
  async keepAnchor(anchor: Anchor): Promise<void> {
    const { clock, keys, log, anchorDir } = this.#parts
    log.info({ checkpoint: anchor.note }, 'audit checkpoint')
    try {
      await writeAnchor(anchorDir, anchor, clock.now())
      await writePublicKeys(anchorDir, checkpointKeys(keys.audit))
    } catch (error) {
      log.error({ err: error, anchorDir }, 'the anchor of a checkpoint could not be written')
    }
  }

  /** Of anchors older than a month one a day is kept: enough to notice a rollback below it. */
  async thinAnchors(): Promise<void> {
    const { clock, anchorDir, log } = this.#parts
    const removed = await thinAnchors(anchorDir, addMs(clock.now(), -ANCHORS_WHOLE_MS))
    if (removed > 0) log.info({ removed }, 'old anchors were thinned')
  }

  async #writeRefusals(refusals: readonly CountedRefusal[]): Promise<void> {
    for (const { caller, verb, target, code, count, data: more } of refusals) {
      const isDone = code === 'done'
      const data = { ...more, ...(!isDone && { code }), count }
      const outcome = isDone ? ('done' as const) : ('refused' as const)
      await this.#parts.db.write(caller, (tx) =>
        this.record(tx, caller, { action: verb, target, outcome, data }),
      )
    }
  }

  #breaks({ seq, code, message }: Finding): void {
    if (this.#broken) return
    this.#broken = { seq, code, message }
    this.#parts.log.error({ finding: this.#broken }, 'the audit log is broken')
  }
}

async function acceptBreak(
  { db, keys }: AuditParts,
  caller: Caller,
  { seq, code, message }: Finding,
  notes: readonly string[],
): Promise<void> {
  await db.write({ scope: instance }, (tx) =>
    openEpoch(tx, keys.audit, {
      at: caller.now,
      actor: caller.actor,
      requestId: caller.requestId,
      reason: 'accepted',
      last: lastOutside(keys.audit, notes),
      data: { brokenAt: seq, code, message },
    }),
  )
}

function personalOf({ personal }: Caller): Json {
  if (!personal) return null
  const { name, ip } = personal
  return { ...(name !== undefined && { name }), ...(ip !== undefined && { ip }) }
}

function brokenLog({ seq, message }: Finding): AppError {
  return new AppError(
    'conflict',
    `Nothing can be changed: the audit log is broken at entry ${seq} (${message}). ` +
      'Look into it with rulewright audit verify, then restore a backup or start with --accept-audit-fork.',
  )
}
