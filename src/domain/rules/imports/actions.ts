// Importing rules: what was brought is judged, which makes a preview; then a job writes it, a batch at a
// time. One bad document stops nothing else.

import { permit } from '#domain/access/permission.ts'
import { AppError } from '#kernel/error.ts'
import { ID_PREFIXES, makeId, type ImportId, type JobId } from '#kernel/id.ts'
import type { Page } from '#kernel/page.ts'
import { readPage } from '#kernel/page.ts'
import type { Caller } from '#platform/caller.ts'
import type { Tx } from '#platform/db/tx.ts'
import type { House } from '#platform/house.ts'
import type { Job } from '#platform/jobs/job.ts'
import { nextTurn } from '#platform/turns.ts'
import type { Kind } from '#domain/rules/renders/kinds.ts'
import type { Counts, Finding, ImportItem, ImportResult, ImportWish, RuleImport } from './import.ts'
import { importJob } from './jobs.ts'
import { judgeFiles, type JudgeWatch } from './judge.ts'
import { brokenSomewhere, writeImport, type WriteWatch } from './run.ts'
import * as store from './store.ts'
import type { FileToSplit } from './split-task.ts'

export interface Brought {
  /** What people call it: the name of the archive, or how many files. */
  readonly source: string
  readonly files: readonly FileToSplit[]
}

/** Stores a preview; nothing is written to rules. Throws `invalid` when nothing was brought. */
export async function previewImport(
  house: House,
  caller: Caller,
  brought: Brought,
  watch?: JudgeWatch,
): Promise<ImportId> {
  const row = makeImport(house, caller, brought)
  const items = await judgeFiles(house, caller, brought.files, watch)
  await house.db.write(caller, (tx) => keepImport(tx, house, caller, row, items))
  return row.id
}

export interface StartedImport {
  readonly importId: ImportId
  readonly jobId: JobId
}

/**
 * Preview and start in one write, for whoever does not want to look between. With `isAllOrNothing` and
 * something broken the job fails and the import stays a preview.
 */
export async function importFiles(
  house: House,
  caller: Caller,
  brought: Brought,
  wish: ImportWish,
): Promise<StartedImport> {
  const row = makeImport(house, caller, brought)
  const items = await judgeFiles(house, caller, brought.files)
  return house.db.write(caller, async (tx) => {
    await keepImport(tx, house, caller, row, items)
    return { importId: row.id, jobId: await begin(tx, house, caller, row, wish) }
  })
}

function makeImport(house: House, caller: Caller, { source, files }: Brought): RuleImport {
  permit(caller, 'rule.write')
  if (files.length === 0) throw new AppError('invalid', 'Nothing was sent. Choose files or paste.')
  return {
    id: makeId(ID_PREFIXES.import, caller.now, house.random(10)),
    state: 'preview',
    source: source.slice(0, 200).toWellFormed(),
    fileCount: files.length,
    conflicts: null,
    jobId: null,
    createdAt: caller.now,
    createdBy: caller.actor,
  }
}

async function keepImport(
  tx: Tx,
  house: House,
  caller: Caller,
  row: RuleImport,
  items: readonly store.NewItem[],
): Promise<void> {
  await store.insertImport(tx, row)
  await store.insertItems(tx, row.id, items)
  const data = { files: row.fileCount, documents: items.length }
  await house.audit.record(tx, caller, { action: 'rule.import', target: row.id, data })
}

async function begin(
  tx: Tx,
  house: House,
  caller: Caller,
  { id, source }: Pick<RuleImport, 'id' | 'source'>,
  { conflicts, isAllOrNothing, keepsBroken }: ImportWish,
): Promise<JobId> {
  const input = { importId: id, isAllOrNothing, keepsBroken }
  const title = `Import of ${source}`
  const jobId = await house.jobs.enqueue(tx, caller, importJob, input, { title })
  await store.updateImport(tx, id, { state: 'running', conflicts, jobId })
  return jobId
}

/**
 * Starts a preview, or goes on with an import that was stopped: what has a result already keeps it.
 * Throws `conflict` for one that runs or is done, or that is broken somewhere and shall be whole. Audited.
 */
export async function startImport(
  house: House,
  caller: Caller,
  id: ImportId,
  wish: ImportWish,
): Promise<JobId> {
  permit(caller, 'rule.write')
  const seen = await store.getImport(house.db.read(caller.scope), caller.scope, id)
  const wasStopped = await isStopped(house, caller, seen)
  return house.db.write(caller, async (tx) => {
    const found = await store.getImport(tx, tx.scope, id)
    const mayStart = wasStopped ? found.jobId === seen.jobId : found.state === 'preview'
    if (!mayStart) throw hasRun()
    const { broken = 0 } = await store.countItems(tx, tx.scope, id, 'finding')
    if (wish.isAllOrNothing && broken > 0) throw brokenSomewhere(broken)
    const jobId = await begin(tx, house, caller, found, wish)
    const data = { conflicts: wish.conflicts }
    await house.audit.record(tx, caller, { action: 'rule.import-start', target: id, data })
    return jobId
  })
}

/**
 * As startImport, but written here and now: for a process beside which no server runs, so that nobody
 * would take up a job. Whatever ends it in the middle leaves an import that is stopped. Audited.
 */
export async function runImport(
  house: House,
  caller: Caller,
  id: ImportId,
  { conflicts, ...wish }: ImportWish,
  watch: Pick<WriteWatch, 'signal' | 'report'>,
): Promise<void> {
  permit(caller, 'rule.write')
  await house.db.write(caller, async (tx) => {
    const { state } = await store.getImport(tx, tx.scope, id)
    if (state !== 'preview') throw hasRun()
    await store.updateImport(tx, id, { state: 'running', conflicts, jobId: null })
    const data = { conflicts }
    await house.audit.record(tx, caller, { action: 'rule.import-start', target: id, data })
  })
  await nextTurn() // the reader is not used in the turn of a commit
  await writeImport(house, caller, id, { ...wish, ...watch })
}

function hasRun(): AppError {
  return new AppError('conflict', 'This import runs or has run already.')
}

/** Its job was cancelled, failed, or went with the process: nobody goes on with it by himself. */
export async function isStopped(
  house: House,
  { scope }: Caller,
  found: RuleImport,
): Promise<boolean> {
  if (found.state !== 'running') return false
  if (found.jobId === null) return true
  const job = await house.jobs.find(scope, found.jobId).catch(orForgotten)
  return job === undefined || job.endedAt !== null
}

/** Jobs that have ended are forgotten after a while. */
function orForgotten(error: unknown): Job | undefined {
  if (error instanceof AppError && error.code === 'forbidden') return undefined
  throw error
}

export interface ImportShown {
  readonly found: RuleImport
  /** It may be started again, and goes on with the rest. */
  readonly isStopped: boolean
  readonly findings: Counts<Finding>
  readonly results: Counts<ImportResult>
  /** When it is done: how many of its rules compile for each kind of place now. */
  readonly compiles: Counts<Kind>
  /** Of the same rules: those without a case that fires or one that stays silent. */
  readonly lackTests: number
  /** Of the same rules: those in the words of a place alone; some may be offered as Sigma. */
  readonly native: number
}

/** Throws `forbidden` for an import that is not here. */
export async function getImport(house: House, caller: Caller, id: ImportId): Promise<ImportShown> {
  permit(caller, 'rule.write')
  const { scope } = caller
  const reader = house.db.read(scope)
  const found = await store.getImport(reader, scope, id)
  const isDone = found.state === 'done'
  return {
    found,
    isStopped: await isStopped(house, caller, found),
    findings: await store.countItems(reader, scope, id, 'finding'),
    results: await store.countItems(reader, scope, id, 'result'),
    compiles: isDone ? await store.countCompiling(reader, scope, id) : {},
    lackTests: isDone ? await store.countLackingTests(reader, scope, id) : 0,
    native: isDone ? await store.countNative(reader, scope, id) : 0,
  }
}

export interface ImportListed extends RuleImport {
  readonly documents: number
  readonly broken: number
  /** Rules that it wrote. */
  readonly written: number
  /** A few of its rules by name. */
  readonly titles: readonly string[]
}

/** Newest first; the last twenty. */
export async function listImports(house: House, caller: Caller): Promise<readonly ImportListed[]> {
  permit(caller, 'rule.write')
  const reader = house.db.read(caller.scope)
  const imports = await store.selectImports(reader, caller.scope)
  const ids = imports.map(({ id }) => id)
  const glances = await store.selectGlances(reader, caller.scope, ids)
  return imports.map((one) => {
    const own = glances.filter(({ importId }) => importId === one.id)
    const sum = (some: readonly store.ImportGlance[]) =>
      some.reduce((total, { count }) => total + count, 0)
    return {
      ...one,
      documents: sum(own),
      broken: sum(own.filter(({ finding }) => finding === 'broken')),
      written: sum(own.filter(({ result }) => result === 'created' || result === 'saved')),
      titles: own.flatMap(({ title }) => title ?? []),
    }
  })
}

export interface ItemsWanted {
  readonly finding?: Finding | undefined
  readonly result?: ImportResult | undefined
  readonly limit: number
  readonly cursor?: string | undefined
}

/** In the order of the files. Throws as getImport. */
export async function listImportItems(
  house: House,
  caller: Caller,
  id: ImportId,
  { limit, cursor, finding, result }: ItemsWanted,
): Promise<Page<ImportItem>> {
  permit(caller, 'rule.write')
  const { scope } = caller
  const reader = house.db.read(scope)
  await store.getImport(reader, scope, id)
  return readPage({
    key: house.keys.purpose('cursor'),
    binding: {
      workspaceId: scope.workspaceId,
      list: 'import-items',
      id,
      finding: finding ?? null,
      result: result ?? null,
    },
    limit,
    cursor,
    placeOf: ({ position }: ImportItem) => position,
    select: (wanted) => store.selectItems(reader, scope, id, { ...wanted, finding, result }),
  })
}
