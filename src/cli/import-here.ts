// `rule import --workspace`: on the data directory. In a running server a job writes the import, else
// this process does; either way a stop in the middle leaves whole batches, and the rest can follow.

import { cancelJob } from '#domain/jobs/actions.ts'
import type { Finding, ImportResult } from '#domain/rules/imports/import.ts'
import {
  getImport,
  listImportItems,
  previewImport,
  runImport,
  startImport,
} from '#domain/rules/imports/actions.ts'
import type { ImportId } from '#kernel/id.ts'
import { PAGE_LIMIT_MAX } from '#kernel/page.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { nextTurn } from '#platform/turns.ts'
import { followJob } from './demo/follow-job.ts'
import {
  conflictsKept,
  type ImportOrder,
  type ImportReport,
  type ReportedItem,
} from './import-report.ts'
import { Progress } from './progress.ts'
import type { HouseCall } from './shell.ts'

/** Throws `cancelled`, or what the signal aborts with, after a whole batch. */
export async function importHere(
  { shell, house, caller, hasRunner }: HouseCall,
  { source, files, wish }: ImportOrder,
): Promise<ImportReport> {
  const { signal } = shell
  const examining = new Progress(shell, 'examining rules', files.length)
  const id = await previewImport(
    house,
    caller,
    { source, files },
    { signal, progress: (done, total) => examining.show((done / total) * files.length) },
  )
  examining.clear()
  await nextTurn() // the reader is not used in the turn of a commit
  const { findings } = await getImport(house, caller, id)
  const total = Object.values(findings).reduce((sum, count) => sum + count, 0)
  const isRefused = wish.isAllOrNothing && findings.broken !== undefined
  if (!isRefused) {
    const writing = new Progress(shell, 'importing rules', total)
    const report = (done: number) => writing.show(done)
    if (hasRunner) await writeByJob(house, caller, id, { wish, signal, report })
    else await runImport(house, caller, id, wish, { signal, report: ({ done }) => report(done) })
    writing.clear()
    await nextTurn()
  }
  return makeReport(house, caller, id)
}

interface JobWatch {
  readonly wish: ImportOrder['wish']
  readonly signal: AbortSignal
  readonly report: (done: number) => void
}

async function writeByJob(
  house: House,
  caller: Caller,
  id: ImportId,
  { wish, signal, report }: JobWatch,
): Promise<void> {
  const jobId = await startImport(house, caller, id, wish)
  await nextTurn()
  const cancel = () => void cancelJob(house, caller, jobId).catch(() => {}) // it may have ended
  signal.addEventListener('abort', cancel, { once: true })
  try {
    if (signal.aborted) cancel()
    await followJob(house, caller, jobId, ({ done }) => report(done))
    signal.throwIfAborted()
  } finally {
    signal.removeEventListener('abort', cancel)
  }
}

async function makeReport(house: House, caller: Caller, id: ImportId): Promise<ImportReport> {
  const { found, findings, results, compiles } = await getImport(house, caller, id)
  const list = (of: ItemsOf) => listItems(house, caller, id, of)
  return {
    import: id,
    state: found.state === 'preview' ? 'preview' : 'done',
    findings,
    results,
    compiles,
    broken: await list({ finding: 'broken' }),
    conflicting: conflictsKept(await list({ finding: 'conflicting' })),
    refused: await list({ result: 'refused' }),
  }
}

interface ItemsOf {
  readonly finding?: Finding
  readonly result?: ImportResult
}

async function listItems(
  house: House,
  caller: Caller,
  id: ImportId,
  of: ItemsOf,
): Promise<readonly ReportedItem[]> {
  const items: ReportedItem[] = []
  let cursor: string | undefined
  do {
    const page = await listImportItems(house, caller, id, { ...of, limit: PAGE_LIMIT_MAX, cursor })
    items.push(...page.items)
    cursor = page.next ?? undefined
  } while (cursor !== undefined)
  return items
}
