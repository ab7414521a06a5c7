// Questions about query texts, one shape for every language: what is wrong, what is read, whether it
// only reads, how it is printed, what changed. Threads read the texts, for a limited time. Nothing is
// stored and no permission is needed: a question concerns the asker's own text.

import { AppError } from '#kernel/error.ts'
import type { Problem } from '#kernel/problem.ts'
import type { Dialect, Difference, Formatted, ReadQuery } from '#languages/dialect.ts'
import type { ClassedToken, Completions } from '#languages/editor.ts'
import type { Verdict } from '#languages/guard.ts'
import type { QueryLanguage, QuerySchema } from '#languages/query.ts'
import type { TaskLimits, Workers } from '#platform/worker.ts'
import { runKustoTask, runQueryTask, type QueryToRun, type RanQuery } from './run-task.ts'
import { askDialect, askKusto, type DialectVerb } from './task.ts'

export interface Query {
  readonly language: QueryLanguage
  readonly text: string
  /** What is known of the data it runs over. */
  readonly schema?: QuerySchema
}

/** The first question waits for the parser to load; a query of 64 kB takes under a second. */
const LIMITS: TaskLimits = { timeoutMs: 15_000 }

export async function lintQuery(
  workers: Workers,
  { language, text, schema }: Query,
): Promise<readonly Problem[]> {
  try {
    return await ask(workers, language, 'lint', [text, schema])
  } catch (error) {
    return [tooLong(error)]
  }
}

export async function readQuery(
  workers: Workers,
  { language, text, schema }: Query,
): Promise<ReadQuery> {
  try {
    return await ask(workers, language, 'read', [text, schema])
  } catch (error) {
    return { facts: null, problems: [tooLong(error)] }
  }
}

/** Refuses whatever could not be read in time, too. */
export async function guardQuery(
  workers: Workers,
  { language, text, schema }: Query,
): Promise<Verdict> {
  try {
    return await ask(workers, language, 'guard', [text, schema])
  } catch (error) {
    return { isAllowed: false, problems: [tooLong(error)] }
  }
}

export async function formatQuery(workers: Workers, { language, text }: Query): Promise<Formatted> {
  try {
    return await ask(workers, language, 'format', [text])
  } catch (error) {
    return { text: null, problems: [tooLong(error)] }
  }
}

export async function compareQueries(
  workers: Workers,
  language: QueryLanguage,
  before: string,
  after: string,
): Promise<Difference> {
  try {
    return await ask(workers, language, 'compare', [before, after])
  } catch (error) {
    return { words: null, problems: [tooLong(error)] }
  }
}

/** A thread that does not end in time is ended; before that the query refuses itself. */
const GRACE_MS = 5_000

/** Throws `timeout`, and `busy` when too much waits. */
export async function runQuery(workers: Workers, asked: QueryToRun): Promise<RanQuery> {
  const task = asked.language === 'kusto' ? runKustoTask : runQueryTask
  return workers.run(task, asked, { timeoutMs: asked.timeoutMs + GRACE_MS })
}

/** What could stand at an offset (UTF-16 code units from 0). */
export async function completeQuery(
  workers: Workers,
  { language, text, schema }: Query,
  offset: number,
): Promise<Completions> {
  return ask(workers, language, 'complete', [text, offset, schema])
}

/** What the word at an offset means; null where there is nothing to say. */
export async function hoverQuery(
  workers: Workers,
  { language, text, schema }: Query,
  offset: number,
): Promise<string | null> {
  return ask(workers, language, 'hover', [text, offset, schema])
}

export async function colourQuery(
  workers: Workers,
  { language, text }: Query,
): Promise<readonly ClassedToken[]> {
  return ask(workers, language, 'colour', [text])
}

async function ask<V extends DialectVerb>(
  workers: Workers,
  language: QueryLanguage,
  verb: V,
  given: Parameters<Dialect[V]>,
): Promise<ReturnType<Dialect[V]>> {
  const answer =
    language === 'kusto'
      ? await workers.run(askKusto, { verb, given }, LIMITS)
      : await workers.run(askDialect, { language, verb, given }, LIMITS)
  return answer as ReturnType<Dialect[V]>
}

/** A text that takes too long is a problem of the text; anything else that flies, flies on. */
function tooLong(error: unknown): Problem {
  if (!(error instanceof AppError && error.code === 'timeout')) throw error
  return {
    code: 'query/too-slow',
    severity: 'error',
    message: 'This query could not be read in time.',
    hint: 'Split it, or shorten its longest expression.',
    line: 1,
    column: 1,
    endLine: 1,
    endColumn: 1,
  }
}
