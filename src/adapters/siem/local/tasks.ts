// What is asked of the threads that hold the sandbox's files open, and what they answer. Types only, so
// that the program which asks does not load what answers.

import type { WorkerTask } from '#platform/worker.ts'
import type { ImportBegin, ImportStep } from './import.ts'
import type { SigmaFound } from './sigma-search.ts'
import type { ImportRow } from './store.ts'

const task = <Input, Output>(name: string): WorkerTask<Input, Output> => ({
  worker: 'events',
  name: `events.${name}`,
})

export const beginImportTask = task<ImportBegin, ImportRow>('begin-import')
export const stepImportTask = task<ImportStep, ImportRow>('step-import')
export const endImportTask = task<
  ImportStep & { readonly state: 'failed' | 'cancelled'; readonly reason: string },
  void
>('end-import')

export interface SigmaToSearch {
  readonly file: string
  readonly text: string
  readonly from: number
  readonly to: number
  readonly matchesMax: number
  readonly timeoutMs: number
}

export const searchSigmaTask = task<SigmaToSearch, SigmaFound>('search-sigma')
