// An instance below its doors: database, keys and audit log in one folder, a clock that stands still.

import { randomBytes } from 'node:crypto'
import { cpSync } from 'node:fs'
import path from 'node:path'
import type { TestContext } from 'node:test'
import pino from 'pino'
import { systemCaller } from '#domain/access/system.ts'
import { openAuditLog, type AuditLog } from '#platform/audit/audit-log.ts'
import { beginLog } from '#platform/audit/log.ts'
import type { Caller } from '#platform/caller.ts'
import type { SqliteDatabase } from '#platform/db/database.ts'
import { nextSecretFile } from '#platform/keys/master.ts'
import { openKeyRing } from '#platform/keys/open.ts'
import type { KeyRing } from '#platform/keys/ring.ts'
import { fakeClock, type FakeClock } from './clock.ts'
import { openSampleDatabase } from './database.ts'

export interface TestInstance {
  readonly db: SqliteDatabase
  readonly keys: KeyRing
  readonly audit: AuditLog
  readonly clock: FakeClock
  readonly random: (bytes: number) => Buffer
  readonly caller: Caller
  readonly folder: string
  readonly secretFile: string
  /** An entry of the log. */
  readonly record: (target: string, caller?: Caller) => Promise<void>
  readonly close: () => Promise<void>
}

/** `secretFrom` is the folder of another instance whose master secret this one is made with. */
export async function openInstance(
  t: TestContext,
  folder: string,
  { secretFrom }: { readonly secretFrom?: string } = {},
): Promise<TestInstance> {
  const clock = fakeClock()
  const random = randomBytes
  const db = await openSampleDatabase(folder)
  const close = async () => {
    await audit?.stop()
    await db.close()
  }
  let audit: AuditLog | undefined
  t.after(() => db.close())
  const caller = systemCaller({ clock, random }, 'test')
  const secretFile = path.join(folder, 'master.secret')
  if (secretFrom !== undefined) cpSync(path.join(secretFrom, 'master.secret'), secretFile)
  try {
    const keys = await openKeyRing(
      { db, clock, random },
      {
        secret: { kind: 'file', path: secretFile },
        otherSecretFiles: [nextSecretFile(secretFile)],
        onCreate: (tx, opened) => beginLog(tx, opened.audit, caller),
      },
    )
    const log = pino({ level: 'silent' })
    const opened = await openAuditLog({
      db,
      keys,
      clock,
      log,
      anchorDir: path.join(folder, 'anchors'),
    })
    audit = opened
    const record = (target: string, by: Caller = caller) =>
      db.write(by, (tx) => opened.record(tx, by, { action: 'test.act', target, data: {} }))
    return { db, keys, audit, clock, random, caller, folder, secretFile, record, close }
  } catch (error) {
    await db.close()
    throw error
  }
}
