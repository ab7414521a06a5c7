// Runs a reading procedure on a connection. Between statements it gives the event loop a turn when
// it has worked long enough, but never while a snapshot is open: queries of others on the same
// connection would land in it.

import { driveSteps, type Step, type StepResult, type Steps } from '#platform/db/steps.ts'
import type { Connection } from './open.ts'
import { Statements } from './statements.ts'

const TURN_MS = 5

export async function inspect<T>(statements: Statements, steps: Steps<T>): Promise<T> {
  let next = steps.next()
  let isHeld = false
  let turnBegan = performance.now()
  while (!next.done) {
    const step: Step = next.value
    if ('snapshot' in step) isHeld = step.snapshot === 'open'
    next = answer(steps, () => execute(statements, step))
    if (isHeld || performance.now() - turnBegan < TURN_MS) continue
    await new Promise((resolve) => setImmediate(resolve))
    turnBegan = performance.now()
  }
  return next.value
}

/** The same without giving way, for workers and for a connection of one's own. */
export function inspectNow<T>(connection: Connection, steps: Steps<T>): T {
  const statements = new Statements(connection)
  return driveSteps(steps, (step) => execute(statements, step))
}

function answer<T>(steps: Steps<T>, run: () => StepResult): IteratorResult<Step, T> {
  let result: StepResult
  try {
    result = run()
  } catch (error) {
    return steps.throw(error)
  }
  return steps.next(result)
}

function execute(statements: Statements, step: Step): StepResult {
  if (!('snapshot' in step)) return statements.step(step)
  const text = step.snapshot === 'open' ? 'begin deferred' : 'commit'
  return statements.step({ text, values: [] })
}
