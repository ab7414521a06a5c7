// Raw statements of the platform that read alike on every engine. A procedure is a generator: it
// yields statements and gets their rows. SQLite runs it to the end in one go, so that the awaits of
// a body cannot tear it apart; PostgreSQL awaits each statement and lets no other of the body in
// between. Not walled to a workspace: for tables of the platform only.
//
// Text is SQL both engines read: camelCase names in double quotes, `?` for a value.

import { assert } from '#kernel/error.ts'
import type { Tx } from './tx.ts'

export type Value = string | number | Buffer | null

export interface Statement {
  readonly text: string
  readonly values: readonly Value[]
  /** No more than one row is wanted. */
  readonly isFirst?: true
}

/** From `open` to `close` all statements of a procedure see one state of the database. */
export type Step = Statement | { readonly snapshot: 'open' | 'close' }

export interface StepResult {
  readonly rows: readonly unknown[]
  /** Rows inserted, updated or deleted. */
  readonly changes: number
}

/** A procedure that ends with a `T`. */
export type Steps<T> = Generator<Step, T, StepResult>

/** Runs procedures in the order given, each to its end before the next begins. */
export interface StepRunner {
  run<T>(steps: Steps<T>): Promise<T>
  /** Throws when the body is over. */
  assertLive(): void
}

/** How a tx carries its runner: only this folder has the key. */
export const stepRunner: unique symbol = Symbol('step runner')

export interface HasStepRunner {
  readonly [stepRunner]: StepRunner
}

/** The caller says what a row looks like: these are our own tables, whose columns a test compares. */
export function* all<Row>(text: string, ...values: Value[]): Steps<readonly Row[]> {
  const { rows } = yield { text, values }
  return rows as readonly Row[]
}

export function* first<Row>(text: string, ...values: Value[]): Steps<Row | undefined> {
  const { rows } = yield { text, values, isFirst: true }
  return rows[0] as Row | undefined
}

/** Returns how many rows changed. */
export function* change(text: string, ...values: Value[]): Steps<number> {
  const { changes } = yield { text, values }
  return changes
}

/** Nothing but statements may happen inside: the state is held as long as it is open. */
export function* inSnapshot<T>(steps: Steps<T>): Steps<T> {
  yield { snapshot: 'open' }
  try {
    return yield* steps
  } finally {
    yield { snapshot: 'close' }
  }
}

/** Runs a procedure inside the transaction of a write body. */
export function runSteps<T>(tx: Tx, steps: Steps<T>): Promise<T> {
  const runner = (tx as Partial<HasStepRunner>)[stepRunner]
  assert(runner, 'not a tx')
  return runner.run(steps)
}

/** Drives a procedure whose statements answer at once. An error is thrown into the procedure. */
export function driveSteps<T>(steps: Steps<T>, execute: (step: Step) => StepResult): T {
  let next = steps.next()
  while (!next.done) {
    let result: StepResult
    try {
      result = execute(next.value)
    } catch (error) {
      next = steps.throw(error)
      continue
    }
    next = steps.next(result)
  }
  return next.value
}
