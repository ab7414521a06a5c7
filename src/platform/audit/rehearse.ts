// An intruder with the file, rehearsed on a copy: edits one entry behind the log's back, triggers
// taken down, and asks the verifier. For the demonstration and its tests; never on a live database.

import { mkdtempSync, rmSync } from 'node:fs'
import path from 'node:path'
import Sqlite from 'better-sqlite3'
import { snapshotDatabase } from '#platform/backup/snapshot.ts'
import type { VerifyKeys } from './trust.ts'
import { verifyAuditHere } from './verify-task.ts'
import type { Verdict } from './verify.ts'

export interface Rehearsal {
  /** The log before the edit: the verifier must not cry wolf. */
  readonly before: Verdict
  /** The entry that was edited. */
  readonly edited: number
  readonly after: Verdict
}

/** The copy lies in `folder` while it is needed. */
export async function rehearseEdit(
  database: string,
  folder: string,
  keys: VerifyKeys,
): Promise<Rehearsal> {
  const scratch = mkdtempSync(path.join(folder, 'rehearsal-'))
  const copy = path.join(scratch, 'copy.db')
  try {
    await snapshotDatabase(database, copy)
    const verify = () => verifyAuditHere({ file: copy, keys, options: { from: 'start' } })
    const before = verify()
    const edited = editNewest(copy)
    return { before, edited, after: verify() }
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

function editNewest(copy: string): number {
  const connection = new Sqlite(copy)
  try {
    connection.exec('drop trigger "auditEntryFixed"')
    const seq = connection
      .prepare(
        `update "auditEntry" set "actor" = 'system:nobody'
         where "seq" = (select max("seq") from "auditEntry") returning "seq"`,
      )
      .pluck()
      .get()
    return Number(seq)
  } finally {
    connection.close()
  }
}
