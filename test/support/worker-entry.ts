// A worker entry for the tests of the pool: tasks that behave and tasks that do not.

import { threadId } from 'node:worker_threads'
import { AppError } from '#kernel/error.ts'
import { answerTasks, handle } from '#platform/worker-thread.ts'
import type { WorkerTask } from '#platform/worker.ts'

const task = <Input, Output>(name: string): WorkerTask<Input, Output> => ({ worker: 'test', name })

/** Counts to `n`, keeping its thread busy; answers with the thread's number. */
export const count = task<{ n: number }, { thread: number; sum: number }>('count')
export const refuse = task<null, never>('refuse')
export const fail = task<null, never>('fail')
export const exit = task<null, never>('exit')
export const spin = task<null, never>('spin')
export const hoard = task<null, never>('hoard')

if (threadId !== 0) {
  answerTasks([
    handle(count, ({ n }) => {
      let sum = 0
      for (let i = 0; i < n; i++) sum = (sum + i) % 1_000_003
      return { thread: threadId, sum }
    }),
    handle(refuse, () => {
      throw new AppError('too_large', 'That is too much.')
    }),
    handle(fail, () => {
      throw new TypeError('broken')
    }),
    handle(exit, () => process.exit(3)),
    handle(spin, () => {
      for (;;);
    }),
    handle(hoard, () => {
      for (const all: string[] = []; ;) all.push('x'.repeat(1_000) + String(all.length))
    }),
  ])
}
