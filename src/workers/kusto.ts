// The worker of Kusto: Microsoft's parser, loaded with the first question and never elsewhere. It is
// foreign code over foreign texts, so whoever asks sets a time limit.

import { queryEvents } from '#adapters/siem/local/query-events.ts'
import { queryKustoTask } from '#adapters/siem/local/tasks.ts'
import { runKustoHere } from '#domain/queries/run-kusto.ts'
import { runKustoTask } from '#domain/queries/run-task.ts'
import { offerKustoHere } from '#domain/rules/offers/kusto.ts'
import { offerKustoTask } from '#domain/rules/offers/task.ts'
import { askKusto, type DialectRequest } from '#domain/queries/task.ts'
import { KUSTO } from '#languages/kusto/dialect.ts'
import { answerTasks, handle } from '#platform/worker-thread.ts'

answerTasks([
  handle(askKusto, answer),
  handle(runKustoTask, runKustoHere),
  handle(offerKustoTask, offerKustoHere),
  handle(queryKustoTask, (asked) => queryEvents(asked, runKustoHere)),
])

function answer({ verb, given }: DialectRequest): unknown {
  // The asking side pairs each verb with its arguments by the same type.
  const run = KUSTO[verb] as (...given: readonly unknown[]) => unknown
  return run(...given)
}
