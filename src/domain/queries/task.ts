// What is asked of the workers of query languages: a verb of the dialect and its arguments. Types only, so that the
// program which asks does not load what answers.

import type { Dialect } from '#languages/dialect.ts'
import type { QueryLanguage } from '#languages/query.ts'
import type { WorkerTask } from '#platform/worker.ts'

export type DialectVerb = keyof Dialect

export interface DialectRequest {
  readonly verb: DialectVerb
  readonly given: readonly unknown[]
}

export interface DialectQuestion extends DialectRequest {
  readonly language: Exclude<QueryLanguage, 'kusto'>
}

export const askDialect: WorkerTask<DialectQuestion, unknown> = {
  worker: 'dialects',
  name: 'dialect.ask',
}

export const askKusto: WorkerTask<DialectRequest, unknown> = {
  worker: 'kusto',
  name: 'kusto.ask',
}
