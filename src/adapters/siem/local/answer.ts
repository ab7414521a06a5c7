// The thread's side: each task opens the sandbox's file, does its work and closes it, so that a file
// can be deleted between any two.

import { handle, type TaskHandler } from '#platform/worker-thread.ts'
import { beginImport, endImport, stepImport } from './import.ts'
import { searchSigma, type SigmaFound } from './sigma-search.ts'
import { withReader } from './store.ts'
import {
  beginImportTask,
  endImportTask,
  searchSigmaTask,
  stepImportTask,
  type SigmaToSearch,
} from './tasks.ts'

export const EVENT_TASKS: readonly TaskHandler[] = [
  handle(beginImportTask, beginImport),
  handle(stepImportTask, stepImport),
  handle(endImportTask, ({ state, reason, ...step }) => endImport(step, state, reason)),
  handle(searchSigmaTask, searchSigmaHere),
]

const EMPTY: SigmaFound = {
  matches: [],
  scanned: 0,
  parsed: 0,
  isCut: false,
  isExpired: false,
  problems: [],
}

function searchSigmaHere({ file, timeoutMs, ...search }: SigmaToSearch): SigmaFound {
  const end = performance.now() + timeoutMs
  const isExpired = () => performance.now() > end
  return withReader(file, (db) => searchSigma(db, { ...search, isExpired })) ?? EMPTY
}
