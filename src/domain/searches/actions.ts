// Asking targets, and what may be done with what was asked.

import { permit } from '#domain/access/permission.ts'
import type { Target } from '#domain/targets/target.ts'
import { readPolicy } from '#domain/workspaces/policy-actions.ts'
import type { Actor } from '#kernel/actor.ts'
import { AppError } from '#kernel/error.ts'
import { ID_PREFIXES, makeId, type JobId, type SavedSearchId, type SearchId } from '#kernel/id.ts'
import { DAY, instant } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import type { Tx } from '#platform/db/tx.ts'
import type { House } from '#platform/house.ts'
import type { SearchInput } from './input.ts'
import { runSegmentJob } from './jobs.ts'
import { partOf } from './evidence.ts'
import { phrase, phraseWritten, type Phrase, type Phrased, type WrittenQuery } from './phrasing.ts'
import { isOver, mayRetry, type Search } from './search.ts'
import { countPins } from './pin-store.ts'
import * as store from './store.ts'
import { targetsOf } from './whom.ts'

export interface AskedAs {
  /** A run of this saved search. */
  readonly savedId?: SavedSearchId
  /** The owner of a schedule: they stand for it, here and at the target. */
  readonly askedBy?: Actor
  /** Chosen by whoever must find it again after a restart. */
  readonly id?: SearchId
  /** The text is what the product wrote for this very target, and is sent as it is. */
  readonly written?: WrittenQuery
}

/**
 * A job for each target starts at once. Throws `invalid` for a range that holds nothing, a query that
 * does more than read, and a question no target of these can be asked; `forbidden` for a target that is
 * not here. Audited with every text that leaves.
 */
export async function startSearch(
  house: House,
  caller: Caller,
  input: SearchInput,
  { savedId, askedBy = caller.actor, id: chosenId, written }: AskedAs = {},
): Promise<Search> {
  permit(caller, 'search.run')
  const [from, to] = [instant(input.from), instant(input.to)]
  if (to <= from) throw new AppError('invalid', 'The range ends before it begins.')
  if (to > caller.now + DAY) throw new AppError('invalid', 'The range ends in the future.')
  const targets = await targetsOf(house, caller, input)
  const phrased = written
    ? await phraseWritten(house, caller, input.question, written, targets)
    : await phrase(house, caller, input.question, targets)
  const phrases = targets.map(
    ({ name, kind }) => phrased.byTarget.get(name) ?? phrased.byKind.get(kind)!,
  )
  const [first] = phrases
  if (!phrases.some(({ isAsked }) => isAsked) && first?.isAsked === false) {
    throw new AppError('invalid', first.why)
  }
  const { policy } = await readPolicy(house, caller)
  const id = chosenId ?? makeId(ID_PREFIXES.search, caller.now, house.random(10))
  const { title, language, text, ruleId } = phrased
  const { purpose } = input
  return house.db.write(caller, async (tx) => {
    const segments: store.NewSegment[] = []
    for (const [at, target] of targets.entries()) {
      const place = { searchId: id, position: at + 1, target }
      segments.push(await newSegment(tx, house, caller, place, { ...phrases[at]!, phrased }))
    }
    const search: store.NewSearch = {
      id,
      title,
      language,
      text,
      ruleId,
      purpose,
      fromAt: from,
      toAt: to,
      rowsMax: input.rows,
      bytesMax: input.bytes,
      secondsMax: input.seconds,
      scannedMax: input.scanned,
      evidenceDays: policy.evidenceDays,
      savedId: savedId ?? null,
      createdAt: caller.now,
      createdBy: askedBy,
    }
    await store.insertSearch(tx, search, segments)
    const queries = segments.map((one) => ({
      on: one.targetId,
      language: one.language,
      text: one.text,
    }))
    const data = { purpose, rule: ruleId, from, to, queries, by: askedBy, saved: savedId ?? null }
    await house.audit.record(tx, caller, { action: 'search.start', target: id, data })
    return store.getSearch(tx, tx.scope, id)
  })
}

/** With its job; one that cannot be asked has failed already, and says why. */
async function newSegment(
  tx: Tx,
  house: House,
  caller: Caller,
  place: { readonly searchId: SearchId; readonly position: number; readonly target: Target },
  asked: Phrase & { readonly phrased: Phrased },
): Promise<store.NewSegment> {
  const { searchId, position, target } = place
  const { id: targetId, name: targetName, kind } = target
  const base = { ...store.UNASKED, position, targetId, targetName, kind }
  if (!asked.isAsked) {
    const { language } = asked.phrased
    const ended = { jobId: null, reason: asked.why, endedAt: caller.now }
    return { ...base, ...ended, state: 'failed', language, text: '' }
  }
  const job = { searchId, position, attempt: 1, targetId }
  const jobId = await enqueue(tx, house, caller, job, targetName)
  return { ...base, ...asked.query, state: 'queued', jobId }
}

function enqueue(
  tx: Tx,
  house: House,
  caller: Caller,
  input: {
    readonly searchId: SearchId
    readonly position: number
    readonly attempt: number
    readonly targetId: string
  },
  name: string,
): Promise<JobId> {
  return house.jobs.enqueue(tx, caller, runSegmentJob, input, { title: `Search on ${name}` })
}

/**
 * Ends what still runs: a segment that waits at once, one that runs when its target was told to stop.
 * Throws `conflict` when all have ended. Audited.
 */
export async function cancelSearch(house: House, caller: Caller, id: SearchId): Promise<Search> {
  permit(caller, 'search.run')
  return house.db.write(caller, async (tx) => {
    const { segments } = await store.getSearch(tx, tx.scope, id)
    const running = segments.filter(({ state }) => !isOver(state))
    if (running.length === 0) throw new AppError('conflict', 'This search has ended already.')
    for (const { jobId, position } of running) {
      const job = jobId && (await cancelJob(tx, house, caller, jobId))
      if (job && job.endedAt === null) continue
      const reason = 'Cancelled before the target was asked.'
      await store.updateSegment(tx, id, position, {
        state: 'cancelled',
        reason,
        endedAt: caller.now,
      })
    }
    const data = { segments: running.map(({ position }) => position) }
    await house.audit.record(tx, caller, { action: 'search.cancel', target: id, data })
    return store.getSearch(tx, tx.scope, id)
  })
}

/** Undefined for a job that has ended, or is remembered no longer. */
async function cancelJob(tx: Tx, house: House, caller: Caller, id: JobId) {
  try {
    return await house.jobs.cancel(tx, caller, id)
  } catch (error) {
    if (error instanceof AppError) return undefined
    throw error
  }
}

/** Asks one target again; what came of the try before is gone. Throws `conflict` unless it failed. Audited. */
export async function retrySegment(
  house: House,
  caller: Caller,
  id: SearchId,
  position: number,
): Promise<Search> {
  permit(caller, 'search.run')
  return house.db.write(caller, async (tx) => {
    const before = store.toSegment(await store.getSegment(tx, tx.scope, id, position))
    if (!mayRetry(before.state) || before.text === '') {
      throw new AppError(
        'conflict',
        'Only what failed, was cancelled or is unknown is asked again.',
      )
    }
    const { targetId, targetName } = before
    const attempt = before.attempt + 1
    const job = { searchId: id, position, attempt, targetId }
    const jobId = await enqueue(tx, house, caller, job, targetName)
    await store.updateSegment(tx, id, position, {
      ...store.UNASKED,
      state: 'queued',
      attempt,
      jobId,
    })
    const data = { segment: position, on: targetId, attempt }
    await house.audit.record(tx, caller, { action: 'search.retry', target: id, data })
    const { scope } = tx
    tx.afterCommit(() => house.evidence.remove(scope, id, partOf(before)))
    return store.getSearch(tx, tx.scope, id)
  })
}

/** With its rows, for good. Throws `conflict` while it runs, and while rows of it are pinned. Audited. */
export async function deleteSearch(house: House, caller: Caller, id: SearchId): Promise<void> {
  permit(caller, 'search.run')
  await house.db.write(caller, async (tx) => {
    const { segments } = await store.getSearch(tx, tx.scope, id)
    if (segments.some(({ state }) => !isOver(state))) {
      throw new AppError('conflict', 'Cancel the search before you delete it.')
    }
    if ((await countPins(tx, tx.scope, id)) > 0) {
      throw new AppError('conflict', 'Rows of this search are pinned. Unpin them first.')
    }
    await store.deleteSearch(tx, id)
    await house.audit.record(tx, caller, { action: 'search.delete', target: id, data: {} })
    const { scope } = tx
    tx.afterCommit(() => house.evidence.remove(scope, id))
  })
}
