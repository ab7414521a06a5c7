// The nightly look for damage, over a live database.

import assert from 'node:assert/strict'
import path from 'node:path'
import test from 'node:test'
import Sqlite from 'better-sqlite3'
import { systemCaller } from '#domain/access/system.ts'
import { readAudit } from '#domain/audit/actions.ts'
import { checkDatabase } from '#domain/instance/actions.ts'
import { startApp, type TestApp } from '#test/support/start-app.ts'

test('a whole database passes, and the log says so', async (t) => {
  const app = await startApp(t)
  await checkDatabase(app.house, systemCaller(app.house, 'test'), t.signal)
  assert.deepEqual(await results(app), [{ outcome: 'done', data: { problems: [] } }])
})

test('pages that belong to nothing are found, named and recorded', async (t) => {
  const app = await startApp(t)
  const file = new Sqlite(path.join(app.data, 'rulewright.db'))
  file.unsafeMode(true)
  file.pragma('writable_schema = on')
  assert.equal(file.prepare("delete from sqlite_schema where name = 'jobEnded'").run().changes, 1)
  file.close()
  await assert.rejects(checkDatabase(app.house, systemCaller(app.house, 'test'), t.signal), {
    code: 'conflict',
    message: /The database is damaged: .*never used/,
  })
  assert.equal((await results(app))[0]?.outcome, 'failed')
})

async function results({ house }: TestApp) {
  const { items } = await readAudit(house, systemCaller(house, 'test'), {}, { limit: 100 })
  return items
    .filter(({ action }) => action === 'database.check')
    .map(({ outcome, data }) => ({ outcome, data }))
}
