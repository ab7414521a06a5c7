// The kill test, quick with a few kills and thorough with many.

import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import type { TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { verifyLog } from '#platform/audit/verify.ts'
import { spawnTest } from './child.ts'
import { keys, makeFolder, openSampleDatabase, ruleIds } from './database.ts'

/** However slow the machine: a process that did nothing yet has nothing to lose. */
const ACKNOWLEDGED_BEFORE = 8

/** Kills a writing process with SIGKILL again and again, then counts what it had acknowledged. */
export async function loseNothingToKills(t: TestContext, kills: number): Promise<void> {
  const folder = makeFolder(t)
  const acknowledged: string[] = []
  for (let i = 0; i < kills; i++) acknowledged.push(...(await runAndKill(folder, `k${i}`)))
  const db = await openSampleDatabase(folder)
  const present = new Set(ruleIds(db))
  const verdict = await verifyLog(db, keys)
  await db.close()
  const missing = acknowledged.filter((id) => !present.has(id))
  t.diagnostic(`${acknowledged.length} acknowledged, ${present.size} present`)
  assert.ok(acknowledged.length > kills * 5, 'the premise: there was load')
  assert.deepEqual(missing, [])
  assert.ok(verdict.ok, JSON.stringify(verdict))
  assert.equal(verdict.rows, present.size)
}

async function runAndKill(folder: string, prefix: string): Promise<string[]> {
  const child = spawnTest('test/support/load.ts', folder, prefix, '16')
  let output = ''
  const exited = new Promise((resolve) => child.on('close', resolve))
  const underLoad = new Promise<void>((resolve) =>
    child.stdout.on('data', (chunk) => {
      output += chunk
      if (output.split(`${prefix}-`).length > ACKNOWLEDGED_BEFORE) resolve()
    }),
  )
  await Promise.race([underLoad, exited])
  await sleep(randomInt(60))
  child.kill('SIGKILL')
  await exited
  // The last line may be cut short.
  const lines = output.split('\n').slice(0, -1)
  return lines.filter((line) => line.startsWith(prefix))
}
