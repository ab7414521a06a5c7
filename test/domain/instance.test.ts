// The installation: the end of a hold.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { verbsOf } from '#domain/access/permission.ts'
import { systemCaller } from '#domain/access/system.ts'
import { readAudit } from '#domain/audit/actions.ts'
import { releaseInstance } from '#domain/instance/actions.ts'
import { AppError } from '#kernel/error.ts'
import { changeHold } from '#platform/keys/hold.ts'
import { startApp } from '#test/support/start-app.ts'

const code = (wanted: string) => (error: unknown) =>
  error instanceof AppError && error.code === wanted

test('a held instance is released by its owner, once, and the log says so', async (t) => {
  const { house } = await startApp(t)
  const caller = systemCaller(house, 'cli', 'ada')
  await assert.rejects(() => releaseInstance(house, caller), code('conflict'))
  const hold = { at: house.clock.now(), reason: 'restored from a backup' }
  await changeHold(house, caller, hold, async () => {})
  assert.deepEqual(house.keys.hold, hold)
  await releaseInstance(house, caller)
  assert.equal(house.keys.hold, undefined)
  const { items } = await readAudit(house, caller, { action: 'instance.release' }, { limit: 10 })
  assert.equal(items.length, 1)
})

test('an admin of a workspace does not release the installation', async (t) => {
  const { house } = await startApp(t)
  const admin = { ...systemCaller(house, 'cli', 'ada'), verbs: verbsOf('admin') }
  await assert.rejects(() => releaseInstance(house, admin), code('forbidden'))
})
