// Reads everything that stands on a target and keeps what was seen. It only reads: no call of it changes
// anything there. A list that is not complete marks nothing as missing.

import { AppError } from '#kernel/error.ts'
import { contentHash } from '#kernel/hash.ts'
import { ID_PREFIXES, makeId, type JobId, type TargetId, type WorkspaceId } from '#kernel/id.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import type { JobProgress } from '#platform/jobs/job.ts'
import { nextTurn } from '#platform/turns.ts'
import { permit } from '#domain/access/permission.ts'
import { getTarget } from '#domain/targets/actions.ts'
import { connectTarget } from '#domain/targets/connect.ts'
import type { Completeness, ObservedRule, SiemPort } from '#domain/targets/port.ts'
import type { Target } from '#domain/targets/target.ts'
import { readObserved } from '#languages/rule-formats/observed/observed.ts'
import {
  beginning,
  markedRule,
  NO_COUNTS,
  sortNameOf,
  type Pull,
  type PullCounts,
} from './observed.ts'
import { AFTER_PULL, AFTER_UNREAD } from './after-pull.ts'
import { pullDependencies, type Touched } from './pull-dependencies.ts'
import * as store from './store.ts'

export interface PullWatch {
  readonly jobId: JobId
  /** By the timetable. */
  readonly isSweep: boolean
  readonly signal: AbortSignal
  readonly report: (progress: JobProgress) => void
}

const BATCH = 100

/** Throws what the target refuses with, after that was written down; and what the signal aborts with. */
export async function pullTarget(
  house: House,
  caller: Caller,
  targetId: TargetId,
  watch: PullWatch,
): Promise<PullCounts> {
  permit(caller, 'rule.write')
  const target = await getTarget(house, caller, targetId)
  const pull = await beginPull(house, caller, target, watch.jobId)
  try {
    const port = await connectTarget(house, caller, target, { purpose: 'read' })
    const done = await readAll(house, caller, target, port, watch, pull)
    const follow = await house.ports.get(AFTER_PULL)()
    await follow(house, caller, {
      target,
      startedAt: pull.startedAt,
      isComplete: done.completeness?.kind === 'complete',
      signal: watch.signal,
    })
    await endPull(house, caller, target, done, isTold(done, watch))
    return done.counts
  } catch (error) {
    const reason = error instanceof AppError ? error.message : 'The pull was given up.'
    await nextTurn()
    await endPull(house, caller, target, { ...pull, state: 'failed', reason }, false)
    if (isOutOfReach(error) && !watch.signal.aborted) {
      const follow = await house.ports.get(AFTER_UNREAD)()
      await follow(house, caller, { target, readAt: pull.doneAt, signal: watch.signal })
    }
    throw error
  }
}

function isOutOfReach(error: unknown): boolean {
  return error instanceof AppError && (error.code === 'upstream' || error.code === 'timeout')
}

async function beginPull(
  house: House,
  caller: Caller,
  { id: targetId }: Target,
  jobId: JobId,
): Promise<Pull> {
  const { now } = caller
  return house.db.write(caller, async (tx) => {
    const before = await store.findPull(tx, tx.scope, targetId)
    const pull = beginning(targetId, jobId, now, before)
    await store.savePull(tx, pull)
    tell(house, caller, targetId, tx)
    return pull
  })
}

async function endPull(
  house: House,
  caller: Caller,
  { id, name }: Target,
  ended: Pull,
  isAudited: boolean,
): Promise<void> {
  const endedAt = house.clock.now()
  const pull: Pull = { ...ended, endedAt, doneAt: ended.state === 'done' ? endedAt : ended.doneAt }
  await house.db.write(caller, async (tx) => {
    await store.savePull(tx, pull)
    if (isAudited) {
      const data = { name, ...pull.counts, completeness: pull.completeness?.kind ?? null }
      await house.audit.record(tx, caller, { action: 'target.pull', target: id, data })
    }
    tell(house, caller, id, tx)
  })
}

/** What failed changed nothing; its job tells why. Of the timetable's only what found something is told. */
function isTold({ counts, completeness }: Pull, { isSweep }: PullWatch): boolean {
  const { added, changed, missing } = counts
  return !isSweep || added + changed + missing > 0 || completeness?.kind !== 'complete'
}

async function readAll(
  house: House,
  caller: Caller,
  target: Target,
  port: SiemPort,
  { signal, report }: PullWatch,
  pull: Pull,
): Promise<Pull> {
  if (port.rules === undefined) {
    throw new AppError('unsupported', `${target.name} has no rules that can be read.`)
  }
  report({ done: 0, total: null, unit: 'rules', note: 'reading' })
  const { rules, completeness } = await port.rules.list(signal)
  let counts: PullCounts = { ...NO_COUNTS, rules: rules.length }
  const touched: Touched[] = []
  for (let at = 0; at < rules.length; at += BATCH) {
    signal.throwIfAborted()
    await nextTurn() // the reader is not used in the turn of a commit
    const kept = await keepBatch(house, caller, target, rules.slice(at, at + BATCH))
    touched.push(...kept.touched)
    counts = {
      ...counts,
      added: counts.added + kept.added,
      changed: counts.changed + kept.changed,
    }
    report({
      done: Math.min(at + BATCH, rules.length),
      total: rules.length,
      unit: 'rules',
      note: '',
    })
  }
  const missing = await markGone(house, caller, target, completeness, pull)
  report({ done: rules.length, total: rules.length, unit: 'rules', note: 'what they build on' })
  const asked = { target, port, touched, since: pull.doneAt }
  const dependencies = await pullDependencies(house, caller, asked, signal)
  return { ...pull, state: 'done', completeness, dependencies, counts: { ...counts, missing } }
}

function markGone(
  house: House,
  caller: Caller,
  { id }: Target,
  completeness: Completeness,
  { startedAt }: Pull,
): Promise<number> {
  if (completeness.kind !== 'complete') return Promise.resolve(0)
  return house.db.write(caller, (tx) =>
    store.markMissing(tx, id, { seenSince: startedAt, now: caller.now }),
  )
}

async function keepBatch(
  house: House,
  caller: Caller,
  target: Target,
  rules: readonly ObservedRule[],
): Promise<{
  readonly added: number
  readonly changed: number
  readonly touched: readonly Touched[]
}> {
  const { installId } = house.keys
  const read = rules.map((rule) => rowOf(target, rule, installId))
  const { now } = caller
  return house.db.write(caller, async (tx) => {
    const refs = read.map(({ row }) => row.ref)
    const known = await store.selectKnown(tx, tx.scope, target.id, refs)
    const added: store.NewObserved[] = []
    const touched: Touched[] = []
    let changed = 0
    for (const { row, facts } of read) {
      const before = known.get(row.ref)
      const seen = { lastSeenAt: now, missingSince: null }
      // A body without a mark takes nothing away of what is known of it.
      const { marker, ...unmarked } = row
      const again = marker === null ? unmarked : row
      if (before === undefined) {
        const id = makeId(ID_PREFIXES.observed, now, house.random(10))
        added.push({ ...row, ...seen, id, firstSeenAt: now, changedAt: now })
        touched.push({ ...facts, id })
      } else if (before.hash === row.hash) {
        // What a proof found of this body stays found.
        const { observeOnly, ...rest } = again
        const told = observeOnly === null ? rest : again
        await store.updateObserved(tx, before.id, { ...told, ...seen })
      } else {
        changed++
        touched.push({ ...facts, id: before.id })
        await store.updateObserved(tx, before.id, { ...again, ...seen, changedAt: now })
      }
    }
    await store.insertObserved(tx, added)
    return { added: added.length, changed, touched }
  })
}

function rowOf({ id, kind }: Target, rule: ObservedRule, installId: string) {
  const { ref, name, raw, normalised, notices, etag, changedAt, changedBy } = rule
  const facts = readObserved(kind, { ref, name, raw, body: normalised })
  const body = JSON.stringify(normalised)
  const row = {
    targetId: id,
    ref,
    name,
    sortName: sortNameOf(name),
    type: facts.type,
    level: facts.level,
    isEnabled: rule.isEnabled === null ? null : rule.isEnabled ? (1 as const) : (0 as const),
    hash: contentHash(normalised),
    body,
    raw: JSON.stringify(raw),
    uuid: facts.uuid,
    marker: markedRule(body, installId),
    managers: JSON.stringify(facts.managers),
    isManaged: facts.managers.length > 0 ? (1 as const) : (0 as const),
    actions: JSON.stringify(facts.actions),
    notices: JSON.stringify(notices),
    observeOnly: facts.observeOnly,
    etag,
    remoteChangedAt: changedAt,
    remoteChangedBy: changedBy,
  }
  return { row, facts: { query: facts.query, names: facts.names } }
}

function tell(
  { events }: House,
  { scope }: Caller,
  targetId: TargetId,
  tx: Parameters<House['events']['publish']>[0],
): void {
  const workspaceId = scope.workspaceId as WorkspaceId
  events.publish(tx, { workspaceId, noun: 'observed', id: targetId, verb: 'changed' })
}
