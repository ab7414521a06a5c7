// Long files of events over several threads: the same lines, to the byte, whatever the number of cores.

import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { blocksOf, LINE_BYTES_MAX } from '#cli/event-blocks.ts'
import { MatchReport } from '#cli/match-report.ts'
import { matchStream } from '#cli/match-threads.ts'
import { BlockMatcher } from '#domain/rules/match-block-task.ts'
import { parseSigma } from '#languages/sigma/parse.ts'
import { makeFolder } from '#test/support/database.ts'
import { runHere, shellFor } from '#test/support/shell.ts'
import { thoroughly } from '#test/support/thorough.ts'

const RULES = `title: Fails
name: fails
logsource: {category: authentication}
detection: {sel: {Result: fail}, condition: sel}
---
title: Any of root
logsource: {category: authentication}
detection: {sel: {User|startswith: roo}, condition: sel}
---
title: Wins
name: wins
logsource: {category: authentication}
detection: {sel: {Result: win}, condition: sel}
---
title: Guessing
name: guessing
correlation: {type: event_count, rules: [fails], group-by: [User], timespan: 1m, condition: {gte: 5}}
---
title: Guessed
correlation: {type: temporal_ordered, rules: [fails, wins], group-by: [User], timespan: 1m}
---
title: Few
correlation: {type: event_count, rules: [wins], group-by: [User], timespan: 1m, condition: {lt: 2}}
`

/** Users take turns; some events come late, some say no time, some lines are none. */
function events(count: number): string {
  const lines = Array.from({ length: count }, (_, at) => {
    if (at % 97 === 0) return at % 2 === 0 ? '' : '[1]'
    const second = at % 13 === 0 ? at - 20 : at
    const time = new Date(1_700_000_000_000 + second * 1000).toISOString()
    const event = { User: ['root', 'ada', 'Zoë'][at % 3], Result: at % 11 === 0 ? 'win' : 'fail' }
    return JSON.stringify(at % 31 === 0 ? event : { ...event, '@timestamp': time })
  })
  return lines.join('\n')
}

async function matched(cores: number, format: 'ndjson' | 'summary', blockBytes: number) {
  const out: string[] = []
  const shell = shellFor({ out: (line) => void out.push(line), err: (line) => void out.push(line) })
  const files = [{ path: 'r.yml', text: RULES, outlines: parseSigma(RULES).outlines }]
  const matcher = new BlockMatcher(files)
  const report = new MatchReport(shell, format, matcher)
  const bytes = Buffer.from(events(3000))
  const pieces = Array.from({ length: Math.ceil(bytes.length / 5000) }, (_, at) =>
    bytes.subarray(at * 5000, (at + 1) * 5000),
  )
  const chunks = Readable.from(pieces)
  const threads = { cores, bytesMin: 2 * blockBytes, blockBytes }
  let blocks = 0
  for await (const block of matchStream(shell, chunks, { files, matcher, format }, threads)) {
    blocks++
    report.take(block)
  }
  report.end()
  return { text: out.join('\n'), blocks }
}

async function all<Item>(items: AsyncIterable<Item>): Promise<readonly Item[]> {
  const list: Item[] = []
  for await (const item of items) list.push(item)
  return list
}

function json(text: string): readonly { title?: string; type?: string }[] {
  const lines = text.split('\n').filter((line) => line.startsWith('{'))
  return lines.map((line) => JSON.parse(line) as { title?: string; type?: string })
}

void test('blocks are whole lines, numbered, however the bytes come', async () => {
  const text = 'a\n\nbc\r\nd\ne'
  for (const size of [1, 2, 3, 100]) {
    const bytes = Buffer.from(text)
    const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
      bytes.subarray(at * size, (at + 1) * size),
    )
    const blocks = await all(blocksOf(Readable.from(chunks), 2))
    assert.equal(blocks.map((one) => Buffer.from(one.bytes).toString()).join(''), text)
    let line = 0
    for (const { firstLine, lineCount, bytes: own } of blocks) {
      assert.equal(firstLine, line)
      assert.equal(Buffer.from(own).toString().trimEnd().split('\n').length <= lineCount, true)
      line += lineCount
    }
    assert.equal(line, 5)
  }
})

void test('a file without line ends is refused before it fills the memory', async () => {
  const chunk = Buffer.alloc(1024 * 1024, 'x')
  const endless = Readable.from(
    (function* () {
      for (;;) yield chunk
    })(),
  )
  await assert.rejects(all(blocksOf(endless)), /no line ends for 64 MiB/)
  assert.equal(endless.destroyed, true)
  assert.equal(LINE_BYTES_MAX % chunk.length, 0)
})

void test('matches and correlations are the same with any number of cores', async () => {
  const whole = await matched(1, 'ndjson', 1 << 30)
  assert.equal(whole.blocks, 1)
  const seen = new Set(json(whole.text).map(({ title, type }) => title ?? type))
  assert.deepEqual(seen, new Set(['Any of root', 'event_count', 'temporal_ordered']))
  assert.ok(/\d+ events say no time/.test(whole.text))
  const summary = await matched(1, 'summary', 1 << 30)
  for (const cores of thoroughly([2], [1, 2, 3])) {
    const found = await matched(cores, 'ndjson', 8192)
    assert.ok(found.blocks > 10)
    assert.equal(found.text === whole.text, true, `${cores} cores`)
    assert.equal((await matched(cores, 'summary', 8192)).text, summary.text)
  }
})

void test('events come from a pipe, a file or a gzipped one, with their progress on a terminal', async (t) => {
  const cwd = makeFolder(t)
  mkdirSync(join(cwd, 'rules'))
  writeFileSync(join(cwd, 'rules/r.yml'), RULES)
  writeFileSync(join(cwd, 'e.ndjson'), events(500))
  writeFileSync(join(cwd, 'e.ndjson.gz'), gzipSync(events(500)))
  const shown: string[] = []
  const overwrite = (line: string) => void shown.push(line)
  const input = () => Readable.from([Buffer.from(events(500))])
  const match = (file: string) =>
    runHere(['rule', 'match', '--rules', 'rules', '--events', file], { cwd, overwrite, input })
  const fromPipe = await match('-')
  assert.equal(fromPipe.code, 0)
  assert.match(fromPipe.err, /6 of 500 lines could not be read|\d+ of 500 lines/)
  assert.deepEqual(shown, ['matching events 494', ''])
  assert.deepEqual(await match('e.ndjson'), fromPipe)
  assert.match(shown.at(-2)!, /^matching events █+ 100 %$/)
  assert.deepEqual(await match('e.ndjson.gz'), fromPipe)
  const missing = await match('nowhere')
  assert.deepEqual([missing.code, missing.err], [2, 'rulewright: nowhere does not exist'])
})

void test('a person who gives up while events are awaited is answered at once', async (t) => {
  const cwd = makeFolder(t)
  writeFileSync(join(cwd, 'r.yml'), RULES)
  const ending = new AbortController()
  const waiting = new Readable({ read: () => ending.abort(new Error('enough')) })
  const ran = await runHere(['rule', 'match', '--rules', 'r.yml', '--events', '-'], {
    cwd,
    signal: ending.signal,
    input: () => waiting,
  })
  assert.match(ran.err, /enough/)
  assert.equal(waiting.destroyed, true)
})
