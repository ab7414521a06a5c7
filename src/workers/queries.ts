// The worker that runs queries over events in memory, and over those of the sandbox: foreign queries
// over foreign events, so whoever asks sets a time limit.

import { queryEvents } from '#adapters/siem/local/query-events.ts'
import { queryTask } from '#adapters/siem/local/tasks.ts'
import { runQueryHere } from '#domain/queries/run-here.ts'
import { runQueryTask } from '#domain/queries/run-task.ts'
import { offerSigmaHere } from '#domain/rules/offers/here.ts'
import { offerSigmaTask } from '#domain/rules/offers/task.ts'
import { answerTasks, handle } from '#platform/worker-thread.ts'

answerTasks([
  handle(runQueryTask, runQueryHere),
  handle(offerSigmaTask, offerSigmaHere),
  handle(queryTask, (asked) => queryEvents(asked, runQueryHere)),
])
