// Reads a file of events into a sandbox, step by step, until somebody kills it. argv: sandbox, file, id.
// Says after each step how far it is.

import { beginImport, stepImport } from '#adapters/siem/local/import.ts'
import { instant } from '#kernel/time.ts'

const [file = '', path = '', id = ''] = process.argv.slice(2)
const step = { file, path, id, now: instant(Date.UTC(2026, 10, 22)) }
const begin = { ...step, name: 'events', sourceText: '', startedBy: 'test', bytesMax: 1e9 }
let row = await beginImport(begin)
console.log(row.eventCount)
while (row.state === 'running') {
  row = stepImport(step)
  console.log(row.eventCount)
}
