// Run as a child by the power-cut and I/O-error tests: writes numbered rules from four callers and
// prints `ACK n` after each acknowledged write, `ERR` for each refused. argv: folder, writes.

import { writeSync } from 'node:fs'
import { createLog } from '#platform/audit/log.ts'
import { acme, openSampleDatabase, SAMPLE_SCHEMA, saveRule } from '#test/support/database.ts'
import type { SchemaDatabase } from '#platform/db/engine/schema-engine.ts'
import { sql } from 'kysely'

const CALLERS = 4
const [folder, writes] = process.argv.slice(2) as [string, string]

// The tools that cut the power read the numbers from `t`.
const withNumbers = {
  number: 9_100,
  name: 'numbers',
  up: async (db: SchemaDatabase) => {
    await sql`create view t as select cast(id as integer) as n from sampleRule`.execute(db)
  },
}
const schema = { ...SAMPLE_SCHEMA, migrations: [...SAMPLE_SCHEMA.migrations, withNumbers] }
let next = 1
try {
  const db = await openSampleDatabase(folder, { schema, walIdleMs: 5, probeEveryMs: 20 })
  await db.write({ scope: acme }, createLog)
  await Promise.all(
    Array.from({ length: CALLERS }, async () => {
      while (next <= Number(writes)) {
        const n = next++
        await db
          .write({ scope: acme }, (tx) => saveRule(tx, String(n)))
          .then(
            () => say(`ACK ${n}`),
            () => say('ERR'),
          )
      }
    }),
  )
  await db.close()
} catch {
  say('ERR')
}

function say(line: string): void {
  writeSync(1, `${line}\n`)
}
