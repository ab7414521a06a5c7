// Run as a child by the kill and disk tests: writes without end from several callers and prints the
// id of every acknowledged write. argv: folder, prefix, callers.

import { writeSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { createLog } from '#platform/audit/log.ts'
import { walkLog } from '#platform/audit/verify.ts'
import { acme, keys, openSampleDatabase, saveRule } from '#test/support/database.ts'

const [folder, prefix, callers] = process.argv.slice(2) as [string, string, string]
const db = await openSampleDatabase(folder, {
  probeEveryMs: 100,
  report: (event) => say(`# ${event}`),
  *verify() {
    const { ok } = yield* walkLog(keys, { from: 'checkpoint' })
    if (!ok) throw new Error('the log is broken')
  },
})
const isNew = db.reader.prepare('select 1 from auditHead').get() === undefined
if (isNew) await db.write({ scope: acme }, async (tx) => createLog(tx))
say('# ready')

let count = 0
for (let i = 0; i < Number(callers); i++) void work()

async function work() {
  while (true) {
    const id = `${prefix}-${count++}`
    try {
      await db.write({ scope: acme }, (tx) => saveRule(tx, id))
      say(id)
    } catch (error) {
      say(`! ${id} ${(error as { code?: string }).code}`)
      await sleep(20)
    }
  }
}

function say(line: string) {
  writeSync(1, `${line}\n`)
}
