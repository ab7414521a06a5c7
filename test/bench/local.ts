// The sandbox of events: a million events into its file, then rules over a day of them.

import { mkdtempSync, rmSync, statSync, createWriteStream } from 'node:fs'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { beginImport, stepImport } from '#adapters/siem/local/import.ts'
import { listNewest } from '#adapters/siem/local/newest.ts'
import { searchSigma } from '#adapters/siem/local/sigma-search.ts'
import { withReader } from '#adapters/siem/local/file.ts'
import { DAY, instant } from '#kernel/time.ts'
import { quietDay } from '#src/starter/background.ts'
import { attackStory } from '#src/starter/story.ts'
import type { Bench, Print } from './bench.ts'

const COUNT = 1_000_000
const MIDNIGHT = instant(Date.UTC(2026, 10, 20))

const RULES: readonly (readonly [string, string])[] = [
  ['a rare text', ruleOf('CommandLine|contains: " -enc "')],
  ['a text that does not occur', ruleOf('CommandLine|contains: mimikatz')],
  ['a text in every tenth event of its source', ruleOf("Image|endswith: '\\whoami.exe'")],
  ['a text in every event of its source', ruleOf("ParentImage|endswith: '\\explorer.exe'")],
  [
    'keywords over a product',
    'title: k\nlogsource: {product: windows}\ndetection: {k: [svc-backup], condition: k}',
  ],
  [
    'no text to go by, one source',
    'title: n\nlogsource: {category: process_creation, product: windows}\ndetection: {s: {Absent: null}, f: {CommandLine|contains: x}, t: {CommandLine|contains: i}, condition: not (s and f or s and t)}',
  ],
]

function ruleOf(item: string): string {
  return `title: r\nlogsource: {category: process_creation, product: windows}\ndetection: {s: {${item}}, condition: s}`
}

export const bench: Bench = {
  name: 'local: the sandbox of events',
  async run(print) {
    const folder = mkdtempSync(path.join(tmpdir(), 'bench-local-'))
    try {
      const events = path.join(folder, 'events.ndjson')
      await writeEvents(events)
      const file = path.join(folder, 'sandbox.db')
      await measureImport(print, events, file)
      for (const [name, text] of RULES) measureSearch(print, file, name, text)
      measureList(print, file, 'newest 30 events', undefined)
      measureList(print, file, 'newest 30 with a rare text', 'PSEXESVC')
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  },
}

async function writeEvents(file: string): Promise<void> {
  const out = createWriteStream(file)
  const story = attackStory(MIDNIGHT).map(({ event }) => JSON.stringify(event))
  for (let part = 0; part < 100; part++) {
    const quiet = quietDay(MIDNIGHT, COUNT / 100, part).map((event) => JSON.stringify(event))
    const lines = part === 50 ? [...story, ...quiet] : quiet
    if (!out.write(`${lines.join('\n')}\n`)) await once(out, 'drain')
  }
  out.end()
  await once(out, 'close')
}

async function measureImport(print: Print, events: string, file: string): Promise<void> {
  const cpu = process.cpuUsage()
  const began = performance.now()
  const begin = { file, id: 'imp_1', name: 'events', path: events, sourceText: '' }
  await beginImport({ ...begin, now: MIDNIGHT, startedBy: 'bench', bytesMax: 4e9 })
  let row = stepImport({ ...begin, now: MIDNIGHT })
  while (row.state === 'running') row = stepImport({ ...begin, now: MIDNIGHT })
  const seconds = (performance.now() - began) / 1000
  const { user, system } = process.cpuUsage(cpu)
  print('events imported', `${row.eventCount}`)
  print('import, by the clock', `${Math.round(row.eventCount / seconds)}/s`, '20000/s')
  print('import, a second of CPU', `${Math.round((row.eventCount / (user + system)) * 1e6)}/s`)
  print('file of events', `${Math.round(statSync(events).size / 1e6)} MB`)
  print('sandbox', `${Math.round(statSync(file).size / 1e6)} MB`)
  print('memory', `${Math.round(process.memoryUsage.rss() / 1e6)} MB`)
}

function measureSearch(print: Print, file: string, name: string, text: string): void {
  const cpu = process.cpuUsage()
  const began = performance.now()
  const found = withReader(file, (db) =>
    searchSigma(db, {
      text,
      from: MIDNIGHT,
      to: MIDNIGHT + DAY,
      matchesMax: 1_000,
      isExpired: () => false,
    }),
  )!
  const ms = Math.round(performance.now() - began)
  const what = `${name}: ${found.matches.length} of ${found.scanned}, ${found.parsed} parsed`
  const { user, system } = process.cpuUsage(cpu)
  print(what, `${ms} ms`, '2000 ms')
  print('  of CPU', `${Math.round((user + system) / 1_000)} ms`)
  for (const { message } of found.problems) print(message, 'refused')
}

function measureList(print: Print, file: string, what: string, text: string | undefined): void {
  const began = performance.now()
  const filter = { from: 0, to: MIDNIGHT + DAY, limit: 30, ...(text !== undefined && { text }) }
  const found = withReader(file, (db) => listNewest(db, filter))!
  print(`${what}: ${found.length}`, `${Math.round(performance.now() - began)} ms`)
}
