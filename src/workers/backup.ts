// The worker of backups: one of them may run for minutes and must not keep the computing threads.

import { writeBackup, writeBackupHere } from '#platform/backup/write-task.ts'
import { answerTasks, handle } from '#platform/worker-thread.ts'

answerTasks([handle(writeBackup, writeBackupHere)])
