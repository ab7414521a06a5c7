// The walk over the whole log in a worker thread, on a connection of its own that only reads: minutes
// of hashing on a large log, and the event loop does not notice.

import { inspectNow } from '#platform/db/engine/sqlite/inspect.ts'
import { openReader } from '#platform/db/engine/sqlite/open.ts'
import type { WorkerTask } from '#platform/worker.ts'
import type { VerifyKeys } from './trust.ts'
import { walkLog, type Verdict, type VerifyOptions } from './verify.ts'

export interface VerifyAuditInput {
  /** The database; a live one may be written meanwhile. */
  readonly file: string
  readonly keys: VerifyKeys
  readonly options: VerifyOptions
}

export const verifyAudit: WorkerTask<VerifyAuditInput, Verdict> = {
  worker: 'compute',
  name: 'audit.verify',
}

export function verifyAuditHere({ file, keys, options }: VerifyAuditInput): Verdict {
  const connection = openReader(file)
  try {
    return inspectNow(connection, walkLog(keys, options))
  } finally {
    connection.close()
  }
}
