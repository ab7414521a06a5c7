// The worker for rule files: whoever has thousands of them shares them among these threads.

import { examineRules, examineRulesHere } from '#domain/rules/examine-task.ts'
import { answerTasks, handle } from '#platform/worker-thread.ts'

answerTasks([handle(examineRules, examineRulesHere)])
