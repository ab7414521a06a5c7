// What people and programs do with what stands on a target: have it read, look at it, bind it to rules of
// ours, let go of it. Reading is for everybody who sees the target, the rest for who writes rules.

import { permit } from '#domain/access/permission.ts'
import { getTarget } from '#domain/targets/actions.ts'
import { asksReview } from '#domain/workspaces/group-policy.ts'
import { readPolicy } from '#domain/workspaces/policy-actions.ts'
import type { Target } from '#domain/targets/target.ts'
import { AppError } from '#kernel/error.ts'
import type { JobId, ObservedId, TargetId } from '#kernel/id.ts'
import type { Json } from '#kernel/json.ts'
import { readPage, type Page } from '#kernel/page.ts'
import type { Caller } from '#platform/caller.ts'
import type { Tx } from '#platform/db/tx.ts'
import type { House } from '#platform/house.ts'
import { countBound, findAdoption, selectChosenBound } from './adoption-store.ts'
import { verifyBaseline, type BaselineVerdict } from './baseline.ts'
import type { AdoptWish, Chosen, ObservedFilter, ObservedSort } from './input.ts'
import { adoptRulesJob, pullTargetJob, releaseRulesJob } from './jobs.ts'
import { beginning, type Observed, type ObservedWhole, type Pull } from './observed.ts'
import { selectReactions } from './dependency-store.ts'
import * as store from './store.ts'

/** Throws `conflict` while another pull of this target waits or runs, `forbidden` for one not here. */
export async function requestPull(house: House, caller: Caller, id: TargetId): Promise<JobId> {
  permit(caller, 'rule.write')
  const { name } = await getTarget(house, caller, id)
  const before = await store.findPull(house.db.read(caller.scope), caller.scope, id)
  if (before && (await isReading(house, caller, before))) {
    throw new AppError('conflict', `${name} is being read already.`)
  }
  return house.db.write(caller, (tx) => enqueuePull(tx, house, caller, { id, name }))
}

/** One reading of a target follows another. What the timetable asks for is audited where it finds something. */
export async function enqueuePull(
  tx: Tx,
  house: House,
  caller: Caller,
  { id, name }: Pick<Target, 'id' | 'name'>,
  isSweep = false,
): Promise<JobId> {
  const before = await store.findPull(tx, tx.scope, id)
  const input = { targetId: id, ...(isSweep && { isSweep }) }
  const title = `Read the rules of ${name}`
  const jobId = await house.jobs.enqueue(tx, caller, pullTargetJob, input, { title })
  await store.savePull(tx, beginning(id, jobId, caller.now, before))
  if (isSweep) return jobId
  await house.audit.record(tx, caller, {
    action: 'target.pull_start',
    target: id,
    data: { jobId },
  })
  return jobId
}

/** Whether the job behind it waits or runs. */
export async function isReading(
  house: House,
  { scope }: Caller,
  { jobId }: Pull,
): Promise<boolean> {
  try {
    const { state } = await house.jobs.find(scope, jobId)
    return state === 'queued' || state === 'leased'
  } catch (error) {
    // Jobs that have ended are forgotten after a while.
    if (error instanceof AppError && error.code === 'forbidden') return false
    throw error
  }
}

/** Throws `forbidden` for a target that is not here; undefined while nobody had it read. */
export async function findPull(
  house: House,
  caller: Caller,
  id: TargetId,
): Promise<Pull | undefined> {
  await getTarget(house, caller, id)
  return store.findPull(house.db.read(caller.scope), caller.scope, id)
}

export interface ObservedWanted {
  readonly filter: ObservedFilter
  readonly sort: ObservedSort
  readonly limit: number
  readonly cursor?: string | undefined
}

export interface ObservedPage extends Page<Observed> {
  /** Of the whole list, not of the page. */
  readonly count: number
}

/** A page of what stands there. Throws `forbidden` for a target that is not here. */
export async function listObserved(
  house: House,
  caller: Caller,
  id: TargetId,
  { filter, sort, limit, cursor }: ObservedWanted,
): Promise<ObservedPage> {
  await getTarget(house, caller, id)
  const { scope, now } = caller
  const reader = house.db.read(scope)
  const narrowing = { filter, now }
  const page = await readPage({
    key: house.keys.purpose('cursor'),
    binding: {
      workspaceId: scope.workspaceId,
      list: 'observed',
      id,
      filter: JSON.parse(JSON.stringify(filter)) as Json,
      sort,
    },
    limit,
    cursor,
    placeOf: ({ observed, sortName }: store.PlacedObserved) =>
      [sort === 'name' ? sortName : observed.changedAt, observed.id] as const,
    select: (wanted) => store.selectObserved(reader, scope, id, narrowing, { ...wanted, sort }),
  })
  return {
    items: await withReactions(
      house,
      caller,
      page.items.map(({ observed }) => observed),
    ),
    next: page.next,
    count: await store.countObserved(reader, scope, id, narrowing),
  }
}

export async function countTypes(house: House, caller: Caller, id: TargetId) {
  await getTarget(house, caller, id)
  return store.countTypes(house.db.read(caller.scope), caller.scope, id)
}

export interface SeenObserved {
  readonly target: Target
  readonly observed: ObservedWhole
}

/** Throws `forbidden` for one that is not here. */
export async function seeObserved(
  house: House,
  caller: Caller,
  id: ObservedId,
): Promise<SeenObserved> {
  permit(caller, 'target.read')
  const found = await store.getObserved(house.db.read(caller.scope), caller.scope, id)
  const [observed = found] = await withReactions(house, caller, [found])
  return { target: await getTarget(house, caller, observed.targetId), observed }
}

/** A rule sets off what its settings name, and what takes it up without its knowing. */
async function withReactions<Rule extends Observed>(
  house: House,
  { scope }: Caller,
  rules: readonly Rule[],
): Promise<readonly Rule[]> {
  const ids = rules.map(({ id }) => id)
  const reactions = await selectReactions(house.db.read(scope), scope, ids)
  return rules.map((rule) => ({
    ...rule,
    actions: [...rule.actions, ...(reactions.get(rule.id) ?? [])],
  }))
}

/** By the vendor's own id or name; undefined where nothing of that name was seen. */
export async function findObservedByRef(
  house: House,
  caller: Caller,
  targetId: TargetId,
  ref: string,
): Promise<Observed | undefined> {
  await getTarget(house, caller, targetId)
  const { scope } = caller
  const found = await store.findObservedByRef(house.db.read(scope), scope, targetId, ref)
  return found && (await withReactions(house, caller, [found]))[0]
}

/** Binds what was chosen, as a job. Nothing is written on the target. Audited, and again rule by rule. */
export async function requestAdoption(
  house: House,
  caller: Caller,
  id: TargetId,
  wish: AdoptWish,
): Promise<JobId> {
  permit(caller, 'rule.write')
  const { name } = await getTarget(house, caller, id)
  return house.db.write(caller, async (tx) => {
    const input = { targetId: id, wish }
    const title = `Adopt rules of ${name}`
    const jobId = await house.jobs.enqueue(tx, caller, adoptRulesJob, input, { title })
    const data = { jobId, count: wish.ids?.length ?? null, ownership: wish.ownership }
    await house.audit.record(tx, caller, { action: 'target.adopt', target: id, data })
    return jobId
  })
}

/** Unbinds what was chosen, as a job. Nothing is written on the target. Audited, and again one by one. */
export async function requestRelease(
  house: House,
  caller: Caller,
  id: TargetId,
  wish: Chosen,
): Promise<JobId> {
  permit(caller, 'rule.write')
  const { name } = await getTarget(house, caller, id)
  return house.db.write(caller, async (tx) => {
    const input = { targetId: id, wish }
    const title = `Let go of rules of ${name}`
    const jobId = await house.jobs.enqueue(tx, caller, releaseRulesJob, input, { title })
    const data = { jobId, count: wish.ids?.length ?? null }
    await house.audit.record(tx, caller, { action: 'target.release', target: id, data })
    return jobId
  })
}

/** What letting go would be about: how many, and the names of the first. */
export async function previewRelease(
  house: House,
  caller: Caller,
  id: TargetId,
  { chosen, shown }: { readonly chosen: Chosen; readonly shown: number },
) {
  permit(caller, 'rule.write')
  await getTarget(house, caller, id)
  const { scope, now } = caller
  const reader = house.db.read(scope)
  const { policy } = await readPolicy(house, caller)
  const which = { chosen, now, isReviewed: asksReview(policy) }
  return {
    count: await countBound(reader, scope, id, which),
    first: await selectChosenBound(reader, scope, id, { ...which, limit: shown }),
  }
}

/** Whether the signed state of then holds; undefined for what is not bound. */
export async function proveBaseline(
  house: House,
  caller: Caller,
  id: ObservedId,
): Promise<BaselineVerdict | undefined> {
  permit(caller, 'target.read')
  const stored = await findAdoption(house.db.read(caller.scope), caller.scope, id)
  return stored && verifyBaseline(house.keys.audit, stored)
}
