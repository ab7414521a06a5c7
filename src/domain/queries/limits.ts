// What bounds an evaluation and its answer.

import type { Checked } from '#kernel/problem.ts'
import type { Cell, QueryToRun, RanQuery } from './run-task.ts'

/** The clock that the asker gave, and the time that passes here. */
export function limitsOf({ now, timeoutMs }: QueryToRun) {
  const end = performance.now() + timeoutMs
  return { now, isExpired: () => performance.now() > end }
}

interface Rows {
  readonly columns: readonly string[]
  readonly rows: readonly Readonly<Record<string, Cell>>[]
}

/** The first rows of an answer, and how many there are. */
export function cut({ value, problems }: Checked<Rows>, { rowsMax }: QueryToRun): RanQuery {
  if (value === undefined) return { columns: [], rows: [], count: 0, problems }
  const { columns, rows } = value
  return { columns, rows: rows.slice(0, rowsMax), count: rows.length, problems }
}
