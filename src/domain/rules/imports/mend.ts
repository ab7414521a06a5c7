// A broken document of an import, mended where it is: without the file it came from, and without
// bringing the others again.

import { permit } from '#domain/access/permission.ts'
import { AppError } from '#kernel/error.ts'
import type { ImportId } from '#kernel/id.ts'
import type { Problem } from '#kernel/problem.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { nextTurn } from '#platform/turns.ts'
import type { ImportItem } from './import.ts'
import { judgeFiles } from './judge.ts'
import { writeImport } from './run.ts'
import * as store from './store.ts'
import { isStopped } from './actions.ts'

export interface ItemWithText extends ImportItem {
  readonly text: string
}

/** Throws `forbidden` for one that is not here. */
export async function getImportItem(
  { db }: House,
  { scope, ...caller }: Caller,
  id: ImportId,
  position: number,
): Promise<ItemWithText> {
  permit({ scope, ...caller }, 'rule.write')
  return store.getItem(db.read(scope), scope, id, position)
}

/** What is still wrong with the text; none when it was taken. */
export type StillWrong = readonly Problem[]

/**
 * The text takes the place of what was brought and is judged anew; where the import has run, it is written.
 * Throws `conflict` for an import that runs, and for a document that is not broken. Audited.
 */
export async function mendImportItem(
  house: House,
  caller: Caller,
  id: ImportId,
  { position, text }: { readonly position: number; readonly text: string },
): Promise<StillWrong> {
  permit(caller, 'rule.write')
  const { scope } = caller
  const found = await store.getImport(house.db.read(scope), scope, id)
  const { path, finding } = await store.getItem(house.db.read(scope), scope, id, position)
  const isUnderWay = found.state === 'running' && !(await isStopped(house, caller, found))
  if (isUnderWay) throw new AppError('conflict', 'This import runs. Wait until it is done.')
  if (finding !== 'broken') throw new AppError('conflict', 'This document was mended already.')
  const [judged, another] = await judgeFiles(house, caller, [{ path, text }], {
    hasOthers: found.state !== 'done',
  })
  if (judged === undefined || another !== undefined) return [SEVERAL]
  const { position: _, ...change } = judged
  const isMended = judged.finding !== 'broken'
  const isWritten = isMended && found.state !== 'preview'
  await house.db.write(caller, async (tx) => {
    await store.updateItem(tx, id, position, { ...change, ...(isMended && { result: null }) })
    if (isWritten) await store.updateImport(tx, id, { state: 'running', jobId: null })
    const data = { position, finding: judged.finding }
    await house.audit.record(tx, caller, { action: 'rule.import-mend', target: id, data })
  })
  await nextTurn() // the reader is not used in the turn of a commit
  if (isWritten)
    await writeImport(house, caller, id, { ...ALONE, signal: new AbortController().signal })
  return isMended ? [] : (await store.getItem(house.db.read(scope), scope, id, position)).problems
}

const ALONE = { isAllOrNothing: false, keepsBroken: false, report: () => {} }

const SEVERAL: Problem = {
  code: 'import/several',
  severity: 'error',
  message: 'This text holds several documents, or none.',
  hint: 'Keep one of them here; the others are brought as files of their own.',
}
