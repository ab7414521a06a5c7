// The worker that reads and writes the sandbox of events. Imports come in steps, so that searches get
// their turn between two of them.

import { EVENT_TASKS } from '#adapters/siem/local/answer.ts'
import { answerTasks } from '#platform/worker-thread.ts'

answerTasks(EVENT_TASKS)
