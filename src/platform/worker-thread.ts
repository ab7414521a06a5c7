// The other side of worker.ts: what runs in the thread. A thread works on one task at a time and
// holds no state between two.

import { parentPort } from 'node:worker_threads'
import { AppError, assert } from '#kernel/error.ts'
import type { TaskAnswer, TaskRequest, WorkerTask } from './worker.ts'

export interface TaskHandler {
  readonly name: string
  run(input: unknown): unknown
}

/** Pairs a task with what does it. */
export function handle<Input, Output>(
  task: WorkerTask<Input, Output>,
  run: (input: Input) => Output | Promise<Output>,
): TaskHandler {
  // The sender's side is typed by the same task.
  return { name: task.name, run: (input) => run(input as Input) }
}

/** Called once by an entry in src/workers. */
export function answerTasks(handlers: readonly TaskHandler[]): void {
  const port = parentPort
  assert(port, 'this runs in a worker thread')
  const byName = new Map(handlers.map((handler) => [handler.name, handler]))
  assert(byName.size === handlers.length, 'two tasks bear the same name')
  port.on('message', (request: TaskRequest) => {
    void answer(byName.get(request.name), request).then((reply) => port.postMessage(reply))
  })
}

async function answer(
  handler: TaskHandler | undefined,
  { name, input }: TaskRequest,
): Promise<TaskAnswer> {
  try {
    assert(handler, `this worker knows no task ${name}`)
    return { kind: 'done', output: await handler.run(input) }
  } catch (error) {
    // Structured clone would make a plain Error of it.
    if (error instanceof AppError) {
      return { kind: 'refused', code: error.code, message: error.message }
    }
    return { kind: 'failed', error }
  }
}
