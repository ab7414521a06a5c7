// The worker that runs queries over events in memory: foreign queries over foreign events, so whoever
// asks sets a time limit.

import { runQueryHere } from '#domain/queries/run-here.ts'
import { runQueryTask } from '#domain/queries/run-task.ts'
import { answerTasks, handle } from '#platform/worker-thread.ts'

answerTasks([handle(runQueryTask, runQueryHere)])
