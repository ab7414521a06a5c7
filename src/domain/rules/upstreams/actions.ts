// Upstreams: bundles of rules that others publish. A bundle is brought, a job plans what it would change,
// a person decides where both sides changed the same, and a job applies it.

import { permit } from '#domain/access/permission.ts'
import { AppError } from '#kernel/error.ts'
import { ID_PREFIXES, makeId, type JobId, type RuleId, type UpstreamId } from '#kernel/id.ts'
import { sha256Hex } from '#kernel/hash.ts'
import { readPage, type Page } from '#kernel/page.ts'
import { formatInstant } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import type { Tx } from '#platform/db/tx.ts'
import type { House } from '#platform/house.ts'
import type { TaskLimits } from '#platform/worker.ts'
import { hashText } from '#domain/rules/rule.ts'
import { getRule } from '#domain/rules/rule-store.ts'
import { splitFiles, type FileToSplit } from '#domain/rules/imports/split-task.ts'
import {
  choicesFor,
  summarisePlan,
  type PlanSummary,
  type Upstream,
  type UpstreamChoice,
  type UpstreamFinding,
  type UpstreamItem,
  type UpstreamUpdate,
} from './upstream.ts'
import { applyUpstreamJob, planUpstreamJob } from './jobs.ts'
import * as store from './store.ts'

/** Thousands of files take seconds; more than this is no folder of rules. */
const LIMITS: TaskLimits = { timeoutMs: 120_000 }

export interface NewUpstream {
  readonly name: string
  readonly address: string | null
  readonly licence: string | null
  readonly author: string | null
}

/** Throws `conflict` when one of this name is there, or too many. */
export async function addUpstream(
  house: House,
  caller: Caller,
  given: NewUpstream,
): Promise<Upstream> {
  permit(caller, 'rule.write')
  const upstream: Upstream = {
    ...given,
    id: makeId(ID_PREFIXES.upstream, caller.now, house.random(10)),
    latest: 0,
    createdAt: caller.now,
    createdBy: caller.actor,
  }
  return house.db.write(caller, async (tx) => {
    const others = await store.selectUpstreams(tx, tx.scope)
    if (others.some(({ name }) => name === given.name)) {
      throw new AppError('conflict', 'An upstream of this name is there already. Give it another.')
    }
    if (others.length >= store.UPSTREAMS_MAX) {
      throw new AppError(
        'conflict',
        `A workspace follows at most ${store.UPSTREAMS_MAX} upstreams.`,
      )
    }
    await store.insertUpstream(tx, upstream)
    const data = { name: given.name }
    await house.audit.record(tx, caller, { action: 'upstream.add', target: upstream.id, data })
    return upstream
  })
}

export interface Bundle {
  readonly files: readonly FileToSplit[]
  /** What people call it, `r2026-11-20`; the day when nobody says. */
  readonly label: string | null
  /** Where the repository stood; read from the archive when nobody says. */
  readonly commit: string | null
}

/** Stores the bundle and begins its plan. Throws `invalid` when it holds no file. */
export async function bringBundle(
  house: House,
  caller: Caller,
  id: UpstreamId,
  { files, label, commit }: Bundle,
): Promise<JobId> {
  permit(caller, 'rule.write')
  if (files.length === 0) throw new AppError('invalid', 'Nothing was sent. Choose a bundle.')
  const { name } = await store.getUpstream(house.db.read(caller.scope), caller.scope, id)
  const { folder, inside } = withoutFolder(files)
  const documents = await house.workers.run(splitFiles, inside, LIMITS)
  const items = documents.map((one, at): store.ItemRow => {
    const { path, text, problems } = one
    return {
      ...UNPLANNED,
      position: at + 1,
      path: path.toWellFormed(),
      text: text.toWellFormed(),
      contentHash: hashText(text),
      problems: JSON.stringify(problems),
    }
  })
  return house.db.write(caller, async (tx) => {
    const { latest } = await store.getUpstream(tx, tx.scope, id)
    const number = latest + 1
    const title = `Plan of ${name}`
    const jobId = await house.jobs.enqueue(
      tx,
      caller,
      planUpstreamJob,
      { upstreamId: id, number },
      { title },
    )
    const update: UpstreamUpdate = {
      number,
      label: label ?? formatInstant(caller.now).slice(0, 10),
      commit: commit ?? /[-_]([0-9a-f]{40})$/.exec(folder)?.[1] ?? null,
      digest: digestOf(inside),
      fileCount: files.length,
      state: 'planning',
      jobId,
      createdAt: caller.now,
      createdBy: caller.actor,
    }
    await store.insertUpdate(tx, id, update)
    await store.deleteItems(tx, id)
    await store.insertItems(tx, id, items)
    const data = { number, label: update.label, digest: update.digest, documents: items.length }
    await house.audit.record(tx, caller, { action: 'upstream.bring', target: id, data })
    return jobId
  })
}

const UNPLANNED = {
  title: null,
  sigmaId: null,
  finding: null,
  merged: null,
  conflicts: 0,
  ruleId: null,
  ruleVersion: null,
  successor: null,
  confidence: null,
  choice: null,
  result: null,
} as const

/** An archive of a repository lies in one folder, which is called another way each time. */
function withoutFolder(files: readonly FileToSplit[]) {
  const [first = ''] = files.map(({ path }) => path)
  const folder = first.slice(0, Math.max(0, first.indexOf('/')))
  const isOne = folder !== '' && files.every(({ path }) => path.startsWith(`${folder}/`))
  if (!isOne) return { folder: '', inside: files }
  const inside = files.map((file) => ({ ...file, path: file.path.slice(folder.length + 1) }))
  return { folder, inside }
}

/** As `sha256sum` over what `sha256sum` prints of the files, in the order of their names. */
function digestOf(files: readonly FileToSplit[]): string {
  const lines = files.map(({ path, text }) => `${sha256Hex(text)}  ${path}\n`)
  return sha256Hex(lines.toSorted((a, b) => (a.slice(66) < b.slice(66) ? -1 : 1)).join(''))
}

/** By name, each with its newest update and how many rules follow it. */
export async function listUpstreams(house: House, caller: Caller): Promise<readonly UpstreamRow[]> {
  permit(caller, 'rule.read')
  const { scope } = caller
  const reader = house.db.read(scope)
  const found = await store.selectUpstreams(reader, scope)
  const followers = await store.countLinks(reader, scope)
  const rows: UpstreamRow[] = []
  for (const upstream of found) {
    const [update] = await store.selectUpdates(reader, scope, upstream.id, 1)
    rows.push({ upstream, update: update ?? null, ruleCount: followers.get(upstream.id) ?? 0 })
  }
  return rows
}

export interface UpstreamRow {
  readonly upstream: Upstream
  readonly update: UpstreamUpdate | null
  /** Rules that follow it. */
  readonly ruleCount: number
}

export interface UpstreamShown {
  readonly upstream: Upstream
  /** Newest first; the last twenty. */
  readonly updates: readonly UpstreamUpdate[]
  /** The plan of the newest. */
  readonly summary: PlanSummary
  /** The job that plans or applies it now. */
  readonly running: JobId | null
}

/** Throws `forbidden` for an upstream that is not here. */
export async function getUpstream(
  house: House,
  caller: Caller,
  id: UpstreamId,
): Promise<UpstreamShown> {
  permit(caller, 'rule.read')
  const { scope } = caller
  const reader = house.db.read(scope)
  const upstream = await store.getUpstream(reader, scope, id)
  const updates = await store.selectUpdates(reader, scope, id)
  const counts = await store.countItems(reader, scope, id)
  const summary = summarisePlan(counts)
  return { upstream, updates, summary, running: await findRunning(house, caller, updates[0]) }
}

async function findRunning(
  { jobs }: House,
  { scope }: Caller,
  update: UpstreamUpdate | undefined,
): Promise<JobId | null> {
  if (!update?.jobId || update.state === 'open') return null
  const { state } = await jobs.find(scope, update.jobId)
  return state === 'queued' || state === 'leased' ? update.jobId : null
}

export interface PlanWanted {
  readonly finding?: UpstreamFinding | undefined
  readonly limit: number
  readonly cursor?: string | undefined
}

/** The plan of the newest bundle. Throws `forbidden` for an upstream that is not here. */
export async function listPlan(
  house: House,
  caller: Caller,
  id: UpstreamId,
  { limit, cursor, finding }: PlanWanted,
): Promise<Page<UpstreamItem>> {
  permit(caller, 'rule.read')
  const { scope } = caller
  const reader = house.db.read(scope)
  const { latest } = await store.getUpstream(reader, scope, id)
  const binding = {
    workspaceId: scope.workspaceId,
    list: 'upstream-plan',
    id,
    latest,
    finding: finding ?? null,
  }
  return readPage({
    key: house.keys.purpose('cursor'),
    binding,
    limit,
    cursor,
    placeOf: ({ position }: UpstreamItem) => position,
    select: (wanted) => store.selectItems(reader, scope, id, { ...wanted, finding }),
  })
}

/** Throws `conflict` for a choice that the item does not offer, or that was applied already. */
export async function decide(
  house: House,
  caller: Caller,
  id: UpstreamId,
  { position, choice }: { readonly position: number; readonly choice: UpstreamChoice },
): Promise<void> {
  permit(caller, 'rule.write')
  await house.db.write(caller, async (tx) => {
    const item = await store.getItemRow(tx, tx.scope, id, position)
    if (item.result !== null || !choicesFor(item).includes(choice)) {
      throw new AppError('conflict', 'This cannot be chosen here any more. Look at the plan again.')
    }
    await store.updateItem(tx, id, position, { choice })
    const data = {
      position,
      choice,
      path: item.path.slice(0, 200),
      ...(item.ruleId && { rule: item.ruleId }),
    }
    await house.audit.record(tx, caller, { action: 'upstream.decide', target: id, data })
  })
}

/** Begins the job that applies what is decided. Throws `conflict` before there is a plan. */
export async function applyPlan(
  house: House,
  caller: Caller,
  id: UpstreamId,
  { addsNew }: { readonly addsNew: boolean },
): Promise<JobId> {
  permit(caller, 'rule.write')
  return house.db.write(caller, async (tx) => {
    const { upstream, update } = await getPlanned(tx, id)
    const input = { upstreamId: id, number: update.number, addsNew }
    const title = `Update from ${upstream.name}`
    const jobId = await house.jobs.enqueue(tx, caller, applyUpstreamJob, input, { title })
    await store.updateUpdate(tx, id, update.number, { state: 'applying', jobId })
    const data = { number: update.number, addsNew }
    await house.audit.record(tx, caller, { action: 'upstream.apply', target: id, data })
    return jobId
  })
}

async function getPlanned(tx: Tx, id: UpstreamId) {
  const upstream = await store.getUpstream(tx, tx.scope, id)
  const [update] = await store.selectUpdates(tx, tx.scope, id, 1)
  if (!update || update.state === 'planning') {
    throw new AppError('conflict', 'The plan is not made yet. Wait for it.')
  }
  return { upstream, update }
}

/** Makes the plan of the newest bundle anew, over the rules as they are now. */
export async function planBundle(house: House, caller: Caller, id: UpstreamId): Promise<JobId> {
  permit(caller, 'rule.write')
  return house.db.write(caller, async (tx) => {
    const upstream = await store.getUpstream(tx, tx.scope, id)
    const { latest: number } = upstream
    if (number === 0) throw new AppError('conflict', 'Bring a bundle first.')
    const input = { upstreamId: id, number }
    const options = { title: `Plan of ${upstream.name}` }
    const jobId = await house.jobs.enqueue(tx, caller, planUpstreamJob, input, options)
    await store.updateUpdate(tx, id, number, { state: 'planning', jobId })
    const data = { number }
    await house.audit.record(tx, caller, { action: 'upstream.plan', target: id, data })
    return jobId
  })
}

/** The rule stays as it is and hears of no update any more. Throws `forbidden` for a rule not here. */
export async function stopFollowing(house: House, caller: Caller, ruleId: RuleId): Promise<void> {
  permit(caller, 'rule.write')
  await house.db.write(caller, async (tx) => {
    await getRule(tx, tx.scope, ruleId)
    const link = await store.findLink(tx, tx.scope, ruleId)
    if (!link) return
    await store.deleteLink(tx, ruleId)
    const data = { upstream: link.upstreamId }
    await house.audit.record(tx, caller, { action: 'rule.unfollow', target: ruleId, data })
  })
}
