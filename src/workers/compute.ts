// The worker for the product's own computation. (Code that may grow without bound, such as a foreign
// parser, gets a worker of its own.)

import { verifyAudit, verifyAuditHere } from '#platform/audit/verify-task.ts'
import { checkDatabaseFile, checkDatabaseFileHere } from '#platform/db/check-task.ts'
import { answerTasks, handle } from '#platform/worker-thread.ts'

answerTasks([
  handle(verifyAudit, verifyAuditHere),
  handle(checkDatabaseFile, checkDatabaseFileHere),
])
