// Run as a child by the power-cut and I/O-error tests: writes numbered rules from four callers and
// prints `ACK n` after each acknowledged write, `ERR` for each refused. Half way it is stopped and
// upgraded, so that the faults meet the migration of a used database too. argv: folder, writes.

import { writeSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { createLog } from '#platform/audit/log.ts'
import type { DatabaseSchema } from '#platform/db/database.ts'
import type { Migration } from '#platform/db/migrate.ts'
import { acme, openSampleDatabase, SAMPLE_SCHEMA, saveRule } from '#test/support/database.ts'

const CALLERS = 4
const PROBE_MS = 20

// The tools that simulate a disk read the numbers from `t`.
const numbers: Migration = {
  number: 9_100,
  name: 'numbers',
  up: async (db) => {
    await sql`create view t as select cast(id as integer) as n from sampleRule`.execute(db)
  },
}

const titles: Migration = {
  number: 9_101,
  name: 'titles',
  up: async (db) => {
    await sql`alter table sampleRule add column title text`.execute(db)
    await sql`update sampleRule set title = name`.execute(db)
  },
}

const old = { ...SAMPLE_SCHEMA, migrations: [...SAMPLE_SCHEMA.migrations, numbers] }
const upgraded = { ...old, migrations: [...old.migrations, titles] }
const [folder, writes] = process.argv.slice(2) as [string, string]
const half = Math.floor(Number(writes) / 2)
let next = 1
try {
  await countTo(half, old)
  await countTo(Number(writes), upgraded)
} catch {
  say('ERR')
}

async function countTo(last: number, schema: DatabaseSchema): Promise<void> {
  const isNew = next === 1
  const db = await openSampleDatabase(folder, {
    schema,
    walIdleMs: 5,
    probeEveryMs: PROBE_MS,
    beforeMigrate: () => {}, // the copy is a file of its own, and no part of what is counted
  })
  if (isNew) await db.write({ scope: acme }, createLog)
  const caller = async () => {
    while (next <= last) {
      const n = next++
      try {
        await db.write({ scope: acme }, (tx) => saveRule(tx, String(n)))
        say(`ACK ${n}`)
      } catch {
        say('ERR')
        await sleep(2 * PROBE_MS) // so that there is something left to write after the recovery
      }
    }
  }
  await Promise.all(Array.from({ length: CALLERS }, caller))
  await db.close()
}

function say(line: string): void {
  writeSync(1, `${line}\n`)
}
