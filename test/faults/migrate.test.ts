// An upgrade of an existing database is killed, by a real SIGKILL, at every point of its way.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cpSync, globSync } from 'node:fs'
import path from 'node:path'
import test, { type TestContext } from 'node:test'
import { verifyLog } from '#platform/audit/verify.ts'
import { openDatabase, type DatabaseSchema } from '#platform/db/database.ts'
import { readApplied } from '#platform/db/engine/sqlite/migrate.ts'
import { openReader } from '#platform/db/engine/sqlite/open.ts'
import { readSchema, schemaDigest } from '#platform/db/engine/sqlite/schema.ts'
import { commandOf } from '#test/support/child.ts'
import { keys, makeFolder, ruleIds } from '#test/support/database.ts'
import { makeOldDatabase, OLD_RULES, schemaAhead } from '#test/support/migrate-crash.ts'

test('an upgrade killed at any point stands before a migration or after it, and the next start finishes', async (t) => {
  const old = makeFolder(t)
  await makeOldDatabase(old)
  const digests = await digestsOf(t, schemaAhead())
  const folder = makeFolder(t)
  const found: number[] = []
  for (let point = 1; ; point++) {
    const fresh = path.join(folder, String(point))
    cpSync(old, fresh, { recursive: true })
    if (!upgradeUntil(fresh, point)) break
    found.push(checkBetween(fresh, digests))
    await checkFinished(fresh)
  }
  t.diagnostic(`${found.length} kills found the schema at ${found.join(' ')}`)
  assert.deepEqual([...new Set(found)], [9_000, 9_001, 9_002], 'the premise: killed all along')
})

/** False when the upgrade ended by itself before the point. */
function upgradeUntil(folder: string, point: number): boolean {
  const [command, ...args] = commandOf('test/support/migrate-crash.ts', folder, String(point))
  const { signal, status, stderr } = spawnSync(command!, args, { encoding: 'utf8' })
  assert.ok(signal === 'SIGKILL' || status === 0, stderr)
  return signal === 'SIGKILL'
}

function checkBetween(folder: string, digests: ReadonlyMap<number, string>): number {
  const reader = openReader(path.join(folder, 'rulewright.db'))
  try {
    const { number } = readApplied(reader).at(-1)!
    assert.equal(schemaDigest(reader), digests.get(number), 'half a migration is in the file')
    assert.equal(reader.pragma('integrity_check', { simple: true }), 'ok')
    const count = (text: string) => reader.prepare(text).pluck().get()
    assert.equal(count('select count(*) from sampleRule'), OLD_RULES)
    if (number === 9_001) {
      assert.equal(count('select count(*) from sampleRule where title is not null'), 0)
    }
    return number
  } finally {
    reader.close()
  }
}

async function checkFinished(folder: string): Promise<void> {
  const db = await openDatabase(folder, { schema: schemaAhead() })
  assert.ok(readSchema(db.reader)['sampleTitle'])
  const titles = db.reader.prepare('select count(*) from sampleTitle').pluck().get()
  assert.equal(titles, OLD_RULES)
  assert.equal(ruleIds(db).length, OLD_RULES)
  assert.ok((await verifyLog(db, keys)).ok)
  await db.close()
  assert.deepEqual(globSync('backups/*.partial', { cwd: folder }), [])
}

/** What the schema is after each of the last migrations, made without any interruption. */
async function digestsOf(
  t: TestContext,
  schema: DatabaseSchema,
): Promise<ReadonlyMap<number, string>> {
  const digests = new Map<number, string>()
  const folder = makeFolder(t)
  for (const [i, { number }] of schema.migrations.entries()) {
    if (number < 9_000) continue
    const migrations = schema.migrations.slice(0, i + 1)
    const db = await openDatabase(folder, { schema: { ...schema, migrations } })
    digests.set(number, schemaDigest(db.reader))
    await db.close()
  }
  return digests
}
