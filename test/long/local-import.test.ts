// An import that is killed again and again: each time it goes on where it was, and in the end every event
// is there once. And Kusto over the sandbox, whose parser takes long to load.

import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { withReader } from '#adapters/siem/local/file.ts'
import { findImport } from '#adapters/siem/local/import-store.ts'
import { queryEvents } from '#adapters/siem/local/query-events.ts'
import { scan } from '#adapters/siem/local/scan.ts'
import { runKustoHere } from '#domain/queries/run-kusto.ts'
import { spawnTest } from '#test/support/child.ts'
import { newFolder } from '#test/support/folder.ts'

const COUNT = 120_000
const folder = newFolder('local-import')
after(() => rmSync(folder, { recursive: true, force: true }))

/** Kills it some time after its `steps`th word; resolves to whether it ended by itself. */
async function readAndKill(argv: readonly string[], steps: number): Promise<boolean> {
  const child = spawnTest('test/support/import-crash.ts', ...argv)
  const exited = new Promise<number | null>((resolve) => child.on('close', resolve))
  let said = ''
  const isFar = new Promise<void>((resolve) =>
    child.stdout.on('data', (chunk) => {
      said += String(chunk)
      if (said.split('\n').length > steps) resolve()
    }),
  )
  await Promise.race([isFar, exited])
  if (Number.isFinite(steps)) {
    await sleep(randomInt(100))
    child.kill('SIGKILL')
  }
  return (await exited) === 0
}

test('whatever the kills, every event is there once', async (t) => {
  const given = path.join(folder, 'events.gz')
  const padding = 'y'.repeat(600)
  const lines = Array.from(
    { length: COUNT },
    (_, n) => `{"n":${n},"ts":17640000${n % 100},"p":"${padding}"}`,
  )
  writeFileSync(given, gzipSync(lines.join('\n'), { level: 1 }))
  const file = path.join(folder, 'sandbox.db')
  const argv = [file, given, 'imp_1']
  let killed = 0
  for (let run = 0; run < 8; run++) if (!(await readAndKill(argv, 1 + (run % 2)))) killed++
  t.diagnostic(`killed ${killed} times`)
  assert.ok(killed > 2, 'the premise')
  assert.equal(await readAndKill(argv, Infinity), true)
  const row = withReader(file, (db) => findImport(db, 'imp_1'))
  assert.deepEqual([row?.state, row?.eventCount, row?.badCount], ['done', COUNT, 0])
  const seen = new Uint8Array(COUNT)
  withReader(file, (db) => {
    for (const { text } of scan(db, { from: 0, to: Number.MAX_SAFE_INTEGER })) {
      seen[Number(/^\{"n":(\d+)/.exec(text)![1])]!++
    }
  })
  assert.ok(seen.every((times) => times === 1))

  const asked = {
    file,
    language: 'kusto',
    text: 'T | summarize c = count() by p = substring(p, 0, 1)',
  } as const
  const answer = queryEvents(
    { ...asked, from: 0, to: 2e12, now: 2e12, rowsMax: 10, timeoutMs: 120_000 },
    runKustoHere,
  )
  assert.equal(answer.inRange, COUNT)
  assert.ok(answer.seen > 50_000 && answer.seen < COUNT, 'as many as fit')
  const rows = answer.rows.map((one) => ({ ...one }))
  assert.deepEqual(rows, [{ p: 'y', c: answer.seen }], 'and it says how many it saw')
})
