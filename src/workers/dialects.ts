// The worker of every query language but Kusto, which has its own: texts of strangers are read here, so
// that a long one keeps nobody else waiting and one that takes too long is dropped with its thread.

import { askDialect, type DialectQuestion } from '#domain/queries/task.ts'
import { DIALECTS } from '#languages/dialects.ts'
import { answerTasks, handle } from '#platform/worker-thread.ts'

answerTasks([handle(askDialect, answer)])

function answer({ language, verb, given }: DialectQuestion): unknown {
  // The asking side pairs each verb with its arguments by the same type.
  const run = DIALECTS[language][verb] as (...given: readonly unknown[]) => unknown
  return run(...given)
}
