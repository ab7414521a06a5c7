// What a start notices about a file that somebody or something damaged, and what it cannot.

import assert from 'node:assert/strict'
import { readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { findDamage } from '#platform/db/engine/sqlite/check.ts'
import { openReader } from '#platform/db/engine/sqlite/open.ts'
import { acme, makeFolder, openSampleDatabase, saveRule } from '#test/support/database.ts'
import { createLog } from '#platform/audit/log.ts'

const RULES = 200

async function makeFile(t: TestContext): Promise<{ folder: string; file: string }> {
  const folder = makeFolder(t)
  const db = await openSampleDatabase(folder)
  await db.write({ scope: acme }, createLog)
  await Promise.all(
    Array.from({ length: RULES }, (_, i) =>
      db.write({ scope: acme }, (tx) => saveRule(tx, `rul_${i}`)),
    ),
  )
  await db.close()
  return { folder, file: join(folder, 'rulewright.db') }
}

function flip(file: string, at: number): void {
  const bytes = readFileSync(file)
  bytes[at]! ^= 0x10
  writeFileSync(file, bytes)
}

const seen: Record<string, (file: string) => void> = {
  'a file that is something else': (file) => writeFileSync(file, 'hello, '.repeat(2_000)),
  'a header of one flipped bit': (file) => flip(file, 3),
  'a header cut short': (file) => truncateSync(file, 60),
  'the last page missing': (file) => truncateSync(file, statSync(file).size - 4_096),
  'half of the file missing': (file) => truncateSync(file, Math.floor(statSync(file).size / 2)),
  'a page of zeros': (file) => {
    const bytes = readFileSync(file)
    bytes.fill(0, 4_096, 8_192)
    writeFileSync(file, bytes)
  },
  'the kind of a page flipped': (file) => flip(file, 4_096),
}

test('a start refuses a file that is visibly damaged, with one clear line, and changes nothing', async (t) => {
  for (const [name, damage] of Object.entries(seen)) {
    const { folder, file } = await makeFile(t)
    damage(file)
    const before = readFileSync(file)
    await assert.rejects(
      openSampleDatabase(folder),
      { name: 'AppError', code: 'invalid', message: /is damaged: .*Restore the newest backup/ },
      name,
    )
    assert.ok(readFileSync(file).equals(before), name)
  }
})

test('a bit flipped inside a value is beyond what SQLite sees; the audit chain is there for it', async (t) => {
  const { folder, file } = await makeFile(t)
  const at = readFileSync(file).lastIndexOf('rul_77')
  assert.ok(at > 0, 'the premise: the value is found')
  flip(file, at + 4)
  const reader = openReader(file)
  assert.deepEqual(findDamage(reader, 'quick'), [])
  reader.close()
  const db = await openSampleDatabase(folder)
  await db.close()
})
