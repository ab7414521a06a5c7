// A clock that is set back: noticed in the process and across restarts, told once, forgiven.

import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import pino from 'pino'
import { systemCaller } from '#domain/access/system.ts'
import { readAudit } from '#domain/audit/actions.ts'
import { HOUR, instant, MINUTE, SECOND } from '#kernel/time.ts'
import { ClockMark, openClockMark } from '#platform/clock-mark.ts'
import { all } from '#platform/db/steps.ts'
import { START } from '#test/support/clock.ts'
import { makeFolder } from '#test/support/database.ts'
import { startApp } from '#test/support/start-app.ts'
import { openInstance, type TestInstance } from '#test/support/trust.ts'

test('a clock two minutes back is told once, and then the mark goes on from it', async (t) => {
  const { world, open } = await makeWorld(t)
  const mark = await open()
  let told = 0
  mark.onBehind(() => (told += 1))
  await mark.look()
  assert.equal(told, 0, 'the premise')
  world.clock.jumpTo(instant(START - 2 * MINUTE))
  await mark.look()
  await mark.look()
  assert.equal(told, 1)
  assert.deepEqual(await stored(world), [{ id: 1, at: START - 2 * MINUTE }])
  assert.deepEqual(await entries(world), [{ mark: START, now: START - 2 * MINUTE, seconds: 120 }])
})

test('a correction of up to a minute is nothing, and does not lower the mark', async (t) => {
  const { world, open } = await makeWorld(t)
  const mark = await open()
  world.clock.jumpTo(instant(START - MINUTE))
  await mark.look()
  assert.deepEqual(await entries(world), [])
  assert.deepEqual(await stored(world), [{ id: 1, at: START }])
  world.clock.jumpTo(instant(START - MINUTE - 1))
  await mark.look()
  assert.equal((await entries(world)).length, 1, 'small steps add up')
})

test('a step back counts from where the clock would be, not from the last look', async (t) => {
  const { world, open } = await makeWorld(t)
  const mark = await open()
  world.clock.advance(50 * SECOND)
  world.clock.jumpTo(instant(START - 20 * SECOND))
  await mark.look()
  assert.equal((await entries(world))[0]?.seconds, 70)
})

test('a clock set back while nothing ran is noticed at the next start', async (t) => {
  const { world, open } = await makeWorld(t)
  world.clock.advance(HOUR)
  await (await open()).stop()
  world.clock.jumpTo(START)
  await open()
  assert.deepEqual(await entries(world), [{ mark: START + HOUR, now: START, seconds: 3_600 }])
  await open()
  assert.equal((await entries(world)).length, 1)
})

test('what the log cannot take now it takes later, and nobody is told twice', async (t) => {
  const { world, parts } = await makeWorld(t)
  let isBroken = true
  const audit = {
    record: (...given: Parameters<typeof world.audit.record>) =>
      isBroken ? Promise.reject(new Error('broken')) : world.audit.record(...given),
  }
  const mark = new ClockMark({ ...parts, audit }, instant(START + HOUR))
  t.after(() => mark.stop())
  let told = 0
  mark.onBehind(() => (told += 1))
  await mark.look()
  await mark.look()
  assert.deepEqual([told, await entries(world)], [1, []])
  isBroken = false
  await mark.look()
  assert.deepEqual([told, (await entries(world)).length], [1, 1])
})

test('setting the clock back signs everybody out, and signing in works again at once', async (t) => {
  const { house, clock, signIn, signInLink, cast, fetch } = await startApp(t)
  const ask = async (token: string) =>
    (await fetch('/w/acme', { headers: { Cookie: `session=${token}` } })).status
  const before = await signIn(cast.ada)
  const link = new URL(signInLink(cast.ada.userId)).pathname
  assert.equal(await ask(before), 200, 'the premise')
  clock.jumpTo(instant(clock.now() - 2 * MINUTE))
  assert.equal(await ask(before), 401)
  assert.equal((await fetch(link)).status, 403)
  const after = await signIn(cast.ada)
  assert.equal(await ask(after), 200)
  const caller = systemCaller(house, 'test')
  await house.db.write(caller, async () => {}) // the entry's write stands before this one
  const { items } = await readAudit(house, caller, {}, { limit: 100 })
  assert.equal(items.filter(({ action }) => action === 'clock.behind').length, 1)
  clock.jumpTo(instant(clock.now() + 2 * MINUTE))
  assert.equal(await ask(before), 401, 'nothing revives')
})

async function makeWorld(t: TestContext) {
  const world = await openInstance(t, makeFolder(t))
  const caller = () => systemCaller(world, 'clock')
  const parts = { ...world, caller, log: pino({ level: 'silent' }) }
  const open = async () => {
    const mark = await openClockMark(parts)
    t.after(() => mark.stop())
    return mark
  }
  return { world, parts, open }
}

function stored({ db }: TestInstance) {
  return db.inspect(all('select * from "clockMark"'))
}

async function entries({ db }: TestInstance): Promise<{ seconds: number }[]> {
  const rows = await db.inspect(
    all<{ data: string }>(`select "data" from "auditEntry" where "action" = 'clock.behind'`),
  )
  return rows.map(({ data }) => JSON.parse(data) as { seconds: number })
}
