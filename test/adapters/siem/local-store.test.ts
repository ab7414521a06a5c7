// The sandbox's file: what comes in is found again by exactly the rules that match it, the index hides
// nothing, an import that was killed goes on, and old events leave.

import assert from 'node:assert/strict'
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { after, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { gramsOf, hasPlaces, placesOf } from '#adapters/siem/local/grams.ts'
import { beginImport, stepImport } from '#adapters/siem/local/import.ts'
import { searchSigma } from '#adapters/siem/local/sigma-search.ts'
import { withReader, withWriter } from '#adapters/siem/local/file.ts'
import { listFields, type ImportRow } from '#adapters/siem/local/import-store.ts'
import { readTotals, removeOld } from '#adapters/siem/local/store.ts'
import { DAY, instant } from '#kernel/time.ts'
import { collect } from '#languages/sigma/collection.ts'
import { sourceOf } from '#languages/sigma/event-source.ts'
import { parseSigma } from '#languages/sigma/parse.ts'
import { MatchRun } from '#languages/sigma/run.ts'
import { sampleEvents } from '#src/starter/sample-events.ts'
import { newFolder } from '#test/support/folder.ts'

const folder = newFolder('local-store')
after(() => rmSync(folder, { recursive: true, force: true }))

const DAY_BEGINS = instant(Date.UTC(2026, 10, 20))
const SAMPLES = sampleEvents(DAY_BEGINS)
let count = 0

async function importText(
  file: string,
  bytes: string | Buffer,
  sourceText = '',
  now = DAY_BEGINS,
): Promise<ImportRow> {
  const id = `imp_${++count}`
  const given = path.join(folder, `${id}.events`)
  writeFileSync(given, bytes)
  const step = { file, id, path: given, now }
  const begin = { ...step, name: `${id}.events`, sourceText, startedBy: 'test', bytesMax: 1e8 }
  let row = await beginImport(begin)
  while (row.state === 'running') row = stepImport(step)
  return row
}

const linesOf = (events: readonly object[]) =>
  events.map((event) => JSON.stringify(event)).join('\n')

function search(file: string, text: string, from: number = DAY_BEGINS, to = from + DAY) {
  const asked = { text, from, to, matchesMax: 10_000, isExpired: () => false }
  const found = withReader(file, (db) => searchSigma(db, asked))
  assert.ok(found)
  return found
}

const rule = (logsource: string, detection: string) =>
  `title: r\nlogsource: {${logsource}}\ndetection: {${detection}}\n`

test('a search finds what the matcher finds in all events, and parses few of them', async () => {
  const file = path.join(folder, 'same.db')
  const { state, eventCount, badCount, format } = await importText(file, gzipSync(linesOf(SAMPLES)))
  assert.deepEqual([state, eventCount, badCount, format], ['done', SAMPLES.length, 0, 'ndjson'])
  const rules = [
    rule(
      'category: process_creation, product: windows',
      "s: {CommandLine|contains: ' -enc '}, condition: s",
    ),
    rule(
      'category: process_creation',
      "s: {Image|endswith: ['\\whoami.exe', '/curl']}, condition: s",
    ),
    rule('product: windows', 's: {EventID: 4769}, condition: s'),
    rule('product: azure', 's: {Absent: null}, condition: s'),
    rule('category: proxy', 'k: [EVIL.example, nothing], condition: k'),
    rule(
      'category: dns',
      "s: {query|re: '^.{30,}'}, f: {query|endswith: acme.example}, condition: s and not f",
    ),
  ]
  for (const text of rules) {
    const run = new MatchRun(collect(parseSigma(text).documents))
    const expected = SAMPLES.flatMap((event) =>
      run.next(event, sourceOf(event)).length > 0 ? [event] : [],
    )
    assert.ok(expected.length > 0, `${text} is about something`)
    const { matches, problems } = search(file, text)
    assert.deepEqual(problems, [])
    const byText = (one: unknown) => JSON.stringify(one)
    assert.deepEqual(
      matches.map(({ event }) => byText(event)).toSorted(),
      expected.map(byText).toSorted(),
    )
  }
  const [first] = rules
  assert.ok(search(file, first!).parsed < 5, 'the index leaves few')
  assert.equal(search(file, first!, DAY_BEGINS - DAY).matches.length, 0, 'another day')
})

test('a correlation counts events in the order of their times, from whatever block', async () => {
  const file = path.join(folder, 'correlation.db')
  const at = (second: number) => new Date(DAY_BEGINS + second * 1_000).toISOString()
  const logsource = { product: 'linux', service: 'sshd' }
  const failed = (second: number) => ({
    logsource,
    '@timestamp': at(second),
    user: 'root',
    ok: 'no',
  })
  await importText(file, linesOf([failed(40), failed(10), failed(500)]))
  await importText(file, linesOf([failed(30), failed(20)]))
  const text = `${rule('product: linux', 's: {ok: no}, condition: s')}name: failed
---
title: many
correlation: {type: event_count, rules: [failed], group-by: [user], timespan: 1m, condition: {gte: 4}}
`
  const { matches, problems } = search(file, text.replace('ok: no}', "ok: 'no'}"))
  assert.deepEqual(problems, [])
  assert.deepEqual(
    matches.map(({ title, fields, keys }) => [title, fields, keys.length]),
    [['many', { user: 'root', events: 4 }, 4]],
  )
})

test('the index never hides a text that stands in a value', () => {
  const value = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 30 }),
    fc.constantFrom('C:\\Temp\\K\u212Aelvin', 'İstanbul', 'a/b\t"c"', '\u0001x', 'ΟΔΟΣ', '\ud800x'),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.maxSafeInteger(),
  )
  const event = fc.dictionary(fc.string({ maxLength: 5 }), value, { maxKeys: 4 })
  fc.assert(
    fc.property(fc.array(event, { maxLength: 5 }), (events) => {
      const { bits, isPlain } = gramsOf(
        Buffer.from(events.map((one) => `${JSON.stringify(one)}\n`).join('')),
      )
      for (const one of events.flatMap((item) => Object.values(item))) {
        const text = String(one).toLowerCase()
        for (let at = 0; at < text.length; at++) {
          const part = text.slice(at, at + 6)
          assert.ok(hasPlaces(bits, placesOf(part)), `${JSON.stringify(part)} of ${text}`)
          if (!isPlain) continue
          const written = JSON.stringify(part).slice(1, -1)
          assert.ok(events.some((item) => JSON.stringify(item).toLowerCase().includes(written)))
        }
      }
    }),
    { numRuns: 300 },
  )
  const { bits } = gramsOf(Buffer.from('{"a":"whoami"}\n'))
  assert.ok(!hasPlaces(bits, placesOf('mimikatz')), 'and it does rule out')
})

test('bad lines are counted and told with their places, and events without a time are, too', async () => {
  const file = path.join(folder, 'bad.db')
  const row = await importText(
    file,
    '{"a":1}\nnot json\n{"@timestamp":"2026-11-20T09:00:00Z"}\n[]\n',
  )
  assert.deepEqual([row.state, row.eventCount, row.badCount, row.untimedCount], ['done', 2, 2, 1])
  const bad = JSON.parse(row.badLines) as { line: number; reason: string }[]
  assert.deepEqual(
    bad.map(({ line }) => line),
    [2, 4],
  )
  await assert.rejects(importText(file, '%PDF-1.7'), /no events in a format that is known/)
})

test('UTF-16 and a byte order mark are no obstacle, and a log source can be given', async () => {
  const file = path.join(folder, 'encodings.db')
  const event = { '@timestamp': '2026-11-20T09:00:00Z', user: 'Zoë' }
  await importText(
    file,
    Buffer.from(`\uFEFF${JSON.stringify(event)}\n`, 'utf16le'),
    'product=linux',
  )
  await importText(file, `\uFEFF${JSON.stringify(event)}`, 'product=windows')
  const text = rule('product: linux', 's: {user: ZOË}, condition: s')
  assert.deepEqual(
    search(file, text).matches.map((match) => match.event),
    [event],
  )
  const fields = withReader(file, listFields)!
  assert.deepEqual(
    fields.map(({ sourceText, name, type }) => [sourceText, name, type]),
    [
      ['product=linux', '@timestamp', 'string'],
      ['product=linux', 'user', 'string'],
      ['product=windows', '@timestamp', 'string'],
      ['product=windows', 'user', 'string'],
    ],
  )
})

test('an import that ends between two steps goes on, and nothing comes in twice', async () => {
  const file = path.join(folder, 'steps.db')
  const padding = 'x'.repeat(1_000)
  const events = Array.from({ length: 18_000 }, (_, n) => ({
    n,
    ts: (DAY_BEGINS + n) / 1000,
    padding,
  }))
  const given = path.join(folder, 'steps.events')
  writeFileSync(given, linesOf(events))
  const step = { file, id: 'imp_steps', path: given, now: DAY_BEGINS }
  const begin = { ...step, name: 'steps', sourceText: '', startedBy: 'test', bytesMax: 1e8 }
  await beginImport(begin)
  const first = stepImport(step)
  assert.equal(first.state, 'running')
  assert.ok(first.doneBytes > 0 && first.eventCount > 0 && first.eventCount < events.length)
  assert.deepEqual(await beginImport(begin), first, 'beginning again changes nothing')
  let row = first
  while (row.state === 'running') row = stepImport(step)
  assert.deepEqual([row.state, row.eventCount], ['done', events.length])
  assert.equal(stepImport(step).eventCount, events.length, 'a step too many does nothing')
  assert.equal(withReader(file, readTotals)!.eventCount, events.length)
})

test('old events leave in whole blocks, then the oldest to come in until the file is small enough', async () => {
  const file = path.join(folder, 'old.db')
  for (const day of [0, 1, 2]) {
    const noise = Array.from({ length: 300 }, (_, n) => ({
      ts: 1e9,
      n,
      r: Math.sin(n * (day + 1)),
    }))
    await importText(file, linesOf(noise), '', instant(DAY_BEGINS + day * DAY))
  }
  const removed = withWriter(file, (db) => removeOld(db, DAY_BEGINS + DAY / 2, 1e9))
  assert.equal(removed, 300, 'those of the first day, though all say the same time')
  assert.equal(withReader(file, readTotals)!.eventCount, 600)
  assert.equal(
    withWriter(file, (db) => removeOld(db, 0, 1)),
    600,
  )
  assert.ok(existsSync(file))
})
