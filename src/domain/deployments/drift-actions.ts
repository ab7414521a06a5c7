// What people and programs do with drift: look at what was found, and have a target read again now.

import { permit } from '#domain/access/permission.ts'
import { systemCaller } from '#domain/access/system.ts'
import { enqueuePull, findPull, isReading } from '#domain/adoption/actions.ts'
import { getTarget } from '#domain/targets/actions.ts'
import type { Target } from '#domain/targets/target.ts'
import { listWorkspaces } from '#domain/workspaces/actions.ts'
import type { DriftId, JobId, TargetId } from '#kernel/id.ts'
import { readPage, type Page } from '#kernel/page.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { wordsOf } from '#platform/db/words.ts'
import { nextTurn } from '#platform/turns.ts'
import type { Drift } from './drift.ts'
import type { DriftFilter } from './drift-input.ts'
import * as store from './drift-store.ts'

export interface DriftWanted {
  readonly filter: DriftFilter
  /** Each word stands in the name, the title of the rule or the name of the target. */
  readonly text?: string
  readonly limit: number
  readonly cursor?: string | undefined
}

export interface DriftPage extends Page<Drift> {
  /** Of the whole list, not of the page. */
  readonly count: number
}

/** Newest first. */
export async function listDrift(
  house: House,
  caller: Caller,
  { filter: narrow, text = '', limit, cursor }: DriftWanted,
): Promise<DriftPage> {
  permit(caller, 'drift.read')
  const { scope } = caller
  const reader = house.db.read(scope)
  const filter = { ...narrow, words: wordsOf(text) }
  const page = await readPage({
    key: house.keys.purpose('cursor'),
    binding: { workspaceId: scope.workspaceId, list: 'drift', filter: { ...narrow }, text },
    limit,
    cursor,
    placeOf: ({ id }: Drift) => id,
    select: (wanted) => store.selectDrift(reader, scope, filter, wanted),
  })
  return { ...page, count: await store.countDrift(reader, scope, filter) }
}

/** Throws `forbidden` for one that is not here. */
export async function getDrift(house: House, caller: Caller, id: DriftId): Promise<Drift> {
  permit(caller, 'drift.read')
  return store.getDrift(house.db.read(caller.scope), caller.scope, id)
}

export interface Scan {
  readonly targetId: TargetId
  readonly jobId: JobId
}

export interface ScanAsked {
  /** Null or absent: every target on which something of ours stands. */
  readonly targetId?: TargetId | null
  /** By the timetable. */
  readonly isSweep?: boolean
}

/**
 * Has a target read now, or each on which something of ours stands; one that is being read goes on.
 * Throws `forbidden` for a target that is not here.
 */
export async function scanDrift(
  house: House,
  caller: Caller,
  { targetId = null, isSweep = false }: ScanAsked,
): Promise<readonly Scan[]> {
  permit(caller, 'drift.resolve')
  const { scope } = caller
  const ids =
    targetId === null ? await store.selectPlacedTargets(house.db.read(scope), scope) : [targetId]
  const wanted: { readonly target: Target; readonly running: JobId | null }[] = []
  for (const id of ids) {
    const pull = await findPull(house, caller, id)
    const running = pull && (await isReading(house, caller, pull)) ? pull.jobId : null
    wanted.push({ target: await getTarget(house, caller, id), running })
  }
  return house.db.write(caller, async (tx) => {
    const scans: Scan[] = []
    for (const { target, running } of wanted) {
      const jobId = running ?? (await enqueuePull(tx, house, caller, target, isSweep))
      scans.push({ targetId: target.id, jobId })
    }
    return scans
  })
}

/** In every workspace, each target on which something stands. Returns how many are read. */
export async function sweepAll(house: House, caller: Caller, signal: AbortSignal): Promise<number> {
  permit(caller, 'workspace.list')
  let count = 0
  for (const { id, suspendedAt } of await listWorkspaces(house, caller)) {
    signal.throwIfAborted()
    await nextTurn() // the reader is not used in the turn of a commit
    if (suspendedAt !== null) continue
    const own = systemCaller(house, 'drift', undefined, id)
    count += (await scanDrift(house, own, { isSweep: true })).length
  }
  return count
}
