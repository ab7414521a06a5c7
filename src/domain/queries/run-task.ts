// What is asked of the threads that run queries over events in memory, and what they answer. Types only,
// so that the program which asks does not load what answers.

import type { Problem } from '#kernel/problem.ts'
import type { EventRecord, Value } from '#languages/evaluation.ts'
import type { QueryLanguage, QuerySchema } from '#languages/query.ts'
import type { WorkerTask } from '#platform/worker.ts'

export interface QueryToRun {
  readonly language: QueryLanguage
  readonly text: string
  readonly events: readonly EventRecord[]
  /** Types of columns, by table. */
  readonly schema?: QuerySchema
  /** Rows of the lookups and lookup indexes that the query names. */
  readonly lookups: Readonly<Record<string, readonly EventRecord[]>>
  /** Unix milliseconds; what the query calls now. */
  readonly now: number
  /** Where events say their time, when that is not `@timestamp`. */
  readonly timeField?: string
  /** More rows than this are counted and left out. */
  readonly rowsMax: number
  /** The query is refused when it takes longer. */
  readonly timeoutMs: number
}

export interface RanQuery {
  readonly columns: readonly string[]
  readonly rows: readonly Readonly<Record<string, Cell>>[]
  /** In all; more than `rows` holds when there were too many. */
  readonly count: number
  /** With an error there are no rows: the query is wrong, or asks what is not known exactly here. */
  readonly problems: readonly Problem[]
}

/** What JSON can hold: Kusto has bags of values. */
export type Cell = Value | readonly Cell[] | { readonly [name: string]: Cell }

export const runQueryTask: WorkerTask<QueryToRun, RanQuery> = {
  worker: 'queries',
  name: 'queries.run',
}

/** Kusto's parser is in a worker of its own. */
export const runKustoTask: WorkerTask<QueryToRun, RanQuery> = {
  worker: 'kusto',
  name: 'kusto.run',
}
