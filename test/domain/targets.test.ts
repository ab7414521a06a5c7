// Targets as admins keep them: credentials that are typed once, take over after a check and can be taken
// back; an address that voids them; health that is never called better than it is known.

import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import {
  addTarget,
  changeTarget,
  getTarget,
  listTargets,
  removeTarget,
  requestCheck,
  seeTarget,
} from '#domain/targets/actions.ts'
import { connectTarget } from '#domain/targets/connect.ts'
import {
  promoteCredential,
  revertCredential,
  removeCredential,
  setCredential,
} from '#domain/targets/credentials.ts'
import { NewTarget, TargetEdit } from '#domain/targets/input.ts'
import type { ObservedRule, SiemRules } from '#domain/targets/port.ts'
import type { Purpose, Target } from '#domain/targets/target.ts'
import { verbsOf } from '#domain/access/permission.ts'
import { systemCaller } from '#domain/access/system.ts'
import { rotateKey } from '#domain/workspaces/keys.ts'
import { AppError } from '#kernel/error.ts'
import { addMs, DAY, HOUR, MINUTE } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import { nextTurn } from '#platform/turns.ts'
import { entriesOf } from '#test/support/api.ts'
import { smallSiem, type SmallSiem } from '#test/support/small-siem.ts'
import { startApp, type TestApp } from '#test/support/start-app.ts'

interface World {
  readonly app: TestApp
  readonly siem: SmallSiem
  readonly admin: () => Caller
}

async function startWorld(t: TestContext): Promise<World> {
  const siem = smallSiem()
  const app = await startApp(t, { openSiem: siem.open })
  const admin = () => systemCaller(app.house, 'test', undefined, app.acme.id)
  return { app, siem, admin }
}

const splunk = (name: string) =>
  NewTarget.parse({ name, kind: 'splunk', settings: { url: 'https://splunk.example:8089/' } })

async function newTarget({ app, admin }: World, name = 'london'): Promise<Target> {
  return (await addTarget(app.house, admin(), splunk(name))).target
}

async function type(world: World, { id }: Target, secret: string, purpose: Purpose = 'read') {
  const credential = { kind: 'token', token: secret } as const
  await setCredential(world.app.house, world.admin(), id, { purpose, credential })
  await settle(world)
}

async function settle({ app }: World): Promise<void> {
  await app.runner.drain()
  await nextTurn()
}

async function check(world: World, { id }: Target) {
  await requestCheck(world.app.house, world.admin(), id)
  await settle(world)
  return (await seeTarget(world.app.house, world.admin(), id)).health
}

test('every workspace has its sandbox, once, and it stays', async (t) => {
  const world = await startWorld(t)
  const { app, admin } = world
  const { items } = await listTargets(app.house, admin(), { limit: 10 })
  assert.deepEqual(
    items.map(({ target }) => [target.name, target.kind, target.mode]),
    [['local', 'local', 'read_write']],
  )
  const { id } = items[0]!.target
  await assert.rejects(removeTarget(app.house, admin(), id), { code: 'conflict' })
  assert.equal((await check(world, items[0]!.target)).state, 'healthy')
})

test('a name is taken once, in its own workspace', async (t) => {
  const world = await startWorld(t)
  const { app, admin } = world
  const target = await newTarget(world)
  await assert.rejects(newTarget(world), { code: 'conflict' })
  const other = await newTarget(world, 'paris')
  const edit = TargetEdit.parse({ name: 'london' })
  const change = changeTarget(app.house, admin(), other.id, { edit, expected: 'any' })
  await assert.rejects(change, { code: 'conflict' })
  const theirs = systemCaller(app.house, 'test', undefined, app.globex.id)
  await addTarget(app.house, theirs, splunk('london'))
  await assert.rejects(getTarget(app.house, theirs, target.id), { code: 'forbidden' })
})

test('only an admin changes targets, and every member sees them', async (t) => {
  const world = await startWorld(t)
  const { app, admin } = world
  const target = await newTarget(world)
  for (const role of ['engineer', 'analyst', 'viewer'] as const) {
    const caller = { ...admin(), verbs: verbsOf(role) }
    assert.equal((await getTarget(app.house, caller, target.id)).name, 'london')
    const credential = { kind: 'token', token: 'x' } as const
    for (const act of [
      () => addTarget(app.house, caller, splunk('paris')),
      () => setCredential(app.house, caller, target.id, { purpose: 'read', credential }),
      () => removeTarget(app.house, caller, target.id),
      () => requestCheck(app.house, caller, target.id),
    ]) {
      await assert.rejects(act, { code: 'forbidden' })
    }
  }
})

test('without a credential nothing is known; with a good one it is healthy; with a bad one that is said', async (t) => {
  const world = await startWorld(t)
  const target = await newTarget(world)
  const before = await check(world, target)
  assert.equal(before.state, 'unknown')
  assert.match(before.reason, /no credential for reading/)
  assert.deepEqual(world.siem.asked, [])
  await type(world, target, 'reader-secret')
  const { health, credentials } = await seeTarget(world.app.house, world.admin(), target.id)
  assert.equal(health.state, 'healthy', health.reason)
  assert.equal(health.facts.identity, 'rulewright-read')
  assert.equal(credentials[0]!.problem, null)
  world.siem.accounts.delete('reader-secret')
  const after = await check(world, target)
  assert.equal(after.state, 'unauthorised')
  assert.equal(after.facts.identity, null)
})

test('a credential is stored sealed, and no log or answer holds it', async (t) => {
  const world = await startWorld(t)
  const { app } = world
  const target = await newTarget(world)
  await type(world, target, 'reader-secret')
  const seen = await seeTarget(app.house, world.admin(), target.id)
  const entries = await entriesOf(app, app.acme)
  const acts = entries.map(({ action }) => action)
  assert.ok(acts.includes('target.credential_set') && acts.includes('target.health'), String(acts))
  assert.doesNotMatch(JSON.stringify([seen, entries]), /reader-secret/)
  await nextTurn()
  const scope = world.admin().scope
  const row = await app.house.db
    .read(scope)
    .selectFrom('targetCredential')
    .selectAll()
    .where('workspaceId', '=', scope.workspaceId)
    .executeTakeFirstOrThrow()
  assert.equal(row.sealed.includes('reader-secret'), false)
})

test('the next credential takes over once it was checked, and can be taken back for a day', async (t) => {
  const world = await startWorld(t)
  const { app, admin, siem } = world
  const { house } = app
  const target = await newTarget(world)
  await type(world, target, 'reader-secret')
  await type(world, target, 'wrong-secret')
  await assert.rejects(promoteCredential(house, admin(), target.id, 'read'), /cannot take over/)
  assert.equal((await check(world, target)).state, 'healthy', 'the one in force still is')

  siem.accounts.set('second-secret', { name: 'rulewright-second', may: ['search'] })
  const atWork = await connectTarget(house, admin(), target, { purpose: 'read' })
  await type(world, target, 'second-secret')
  await promoteCredential(house, admin(), target.id, 'read')
  await settle(world)
  assert.equal((await check(world, target)).facts.identity, 'rulewright-second')
  const { identity } = await atWork.check(new AbortController().signal)
  assert.equal(identity, 'rulewright-read', 'who works with it goes on')

  await revertCredential(house, admin(), target.id, 'read')
  await settle(world)
  assert.equal((await check(world, target)).facts.identity, 'rulewright-read')
  await promoteCredential(house, admin(), target.id, 'read')
  await settle(world)
  app.clock.advance(DAY)
  await assert.rejects(revertCredential(house, admin(), target.id, 'read'), { code: 'conflict' })
  await check(world, target)
  const { credentials } = await seeTarget(house, admin(), target.id)
  assert.deepEqual(
    credentials.map(({ slot }) => slot),
    ['current'],
    'the old secret is gone',
  )
})

test('another address voids the credentials, also for whoever edits the file', async (t) => {
  const world = await startWorld(t)
  const { app, admin } = world
  const { house } = app
  const target = await newTarget(world)
  await type(world, target, 'reader-secret')
  const edit = TargetEdit.parse({ settings: { url: 'https://splunk.example:8089', app: 'other' } })
  const same = await changeTarget(house, admin(), target.id, { edit, expected: 'any' })
  assert.equal(same.voided, 0)
  assert.equal(same.credentials.length, 1)
  await nextTurn()
  const moved = { ...target, settings: { url: 'https://evil.example:8089' } }
  const stolen = connectTarget(house, admin(), moved, { purpose: 'read' })
  await assert.rejects(stolen, /typed for another address/)
  const away = TargetEdit.parse({ settings: { url: 'https://evil.example:8089' } })
  const after = await changeTarget(house, admin(), target.id, { edit: away, expected: 'any' })
  assert.equal(after.voided, 1)
  assert.equal(after.health.state, 'unknown')
  assert.equal((await check(world, target)).state, 'unknown')
})

test('a read-only target takes no write, whatever the credential may do, and says so', async (t) => {
  const world = await startWorld(t)
  const { app, admin, siem } = world
  const { house } = app
  const target = await newTarget(world)
  await type(world, target, 'writer-secret')
  const health = await check(world, target)
  assert.equal(health.state, 'degraded')
  assert.match(health.reason, /read-only, yet its credential may write: schedule_search/)
  await type(world, target, 'writer-secret', 'write')
  const told = (await check(world, target)).facts.notices.join(' ')
  assert.match(told, /yet a credential for writing is stored/)

  const signal = new AbortController().signal
  const write = { ref: 'a', body: { search: 'x' }, replaces: null }
  const port = await connectTarget(house, admin(), target, { purpose: 'write' })
  await assert.rejects(port.rules!.put(write, signal), { code: 'forbidden' })
  assert.equal(siem.rules.size, 0)

  const edit = TargetEdit.parse({ mode: 'read_write' })
  const { target: open } = await changeTarget(house, admin(), target.id, { edit, expected: 'any' })
  await nextTurn()
  const opened = await connectTarget(house, admin(), open, { purpose: 'write' })
  await opened.rules!.put(write, signal)
  assert.equal(siem.rules.size, 1)
})

/** Every method of the port's rules, so that one that is added has to say what it is. */
const METHODS = {
  list: 'reads',
  read: 'reads',
  normalise: 'computes',
  refOf: 'computes',
  put: 'writes',
  remove: 'writes',
  setEnabled: 'writes',
} as const satisfies Record<keyof SiemRules, 'reads' | 'computes' | 'writes'>

test('every way to write is closed on a read-only target and on a held instance, for every credential', async (t) => {
  const world = await startWorld(t)
  const { app, admin } = world
  const { house } = app
  const target = await newTarget(world)
  const writable = await newTarget(world, 'paris')
  const edit = TargetEdit.parse({ mode: 'read_write' })
  await changeTarget(house, admin(), writable.id, { edit, expected: 'any' })
  await nextTurn()
  for (const { id } of [target, writable]) {
    for (const purpose of ['read', 'write'] as const) {
      await type(world, { id } as Target, 'writer-secret', purpose)
    }
  }
  const signal = new AbortController().signal
  const rule = { ref: 'a', name: 'a', normalised: {}, raw: {} } as unknown as ObservedRule
  const given = {
    put: [{ ref: 'a', body: { search: 'x' }, replaces: null }, signal],
    remove: ['a', rule, signal],
    setEnabled: ['a', true, signal],
  }
  const refused = async (on: Target, code: string) => {
    for (const purpose of ['read', 'write'] as const) {
      const { rules } = await connectTarget(house, admin(), on, { purpose })
      for (const name of Object.keys(rules!)) assert.ok(name in METHODS, name)
      for (const [name, args] of Object.entries(given)) {
        const write = rules![name as keyof typeof given] as (...all: unknown[]) => Promise<unknown>
        await assert.rejects(write(...args), { code }, `${name} with the credential for ${purpose}`)
      }
    }
  }
  const writes = Object.entries(METHODS).filter(([, does]) => does === 'writes')
  assert.deepEqual(writes.map(([name]) => name).toSorted(), Object.keys(given).toSorted())
  await refused(target, 'forbidden')
  const open = await getTarget(house, admin(), writable.id)
  house.keys.replace({
    ...house.keys.opened,
    hold: { reason: 'restored', at: app.clock.now() },
  })
  await refused(open, 'conflict')
  assert.equal(world.siem.rules.size, 0)
})

test('what is not as it should be is told: lacking rights, clocks, ends, absence', async (t) => {
  const world = await startWorld(t)
  const { app, siem, admin } = world
  const target = await newTarget(world)
  siem.accounts.set('poor-secret', { name: 'poor', may: [] })
  await type(world, target, 'poor-secret')
  assert.match((await check(world, target)).reason, /reading needs is missing: search/)
  await removeCredential(app.house, admin(), target.id, { purpose: 'read', slot: 'current' })

  const expiresAt = addMs(app.clock.now(), 20 * DAY)
  siem.accounts.set('short-secret', { name: 'short', may: ['search'], expiresAt })
  await type(world, target, 'short-secret')
  const soon = await check(world, target)
  assert.match(soon.reason, /expires in 20 days/)
  app.clock.advance(18 * DAY)
  await check(world, target)
  await check(world, target)
  const entries = await entriesOf(app, app.acme)
  const warned = entries.filter(({ action }) => action === 'target.credential_expires')
  assert.deepEqual(
    warned.map(({ data }) => (data as { withinDays: number }).withinDays),
    [3, 30],
    'once for each of the days that came',
  )
  siem.clockSkewMs = -3 * MINUTE
  assert.match((await check(world, target)).facts.notices.join(' '), /3 minutes behind/)

  siem.failure = new AppError('timeout', 'splunk.example did not answer in time.')
  const away = await check(world, target)
  assert.deepEqual([away.state, away.reason], ['unreachable', siem.failure.message])
  const { since } = away
  app.clock.advance(HOUR)
  assert.equal((await check(world, target)).since, since)
})

test('a target is checked every five minutes by itself, and no more once it is gone', async (t) => {
  const world = await startWorld(t)
  const { app, siem, admin } = world
  const target = await newTarget(world)
  await type(world, target, 'reader-secret')
  const before = siem.asked.length
  app.clock.advance(5 * MINUTE)
  app.runner.wake()
  await settle(world)
  const after = siem.asked.length
  assert.ok(after > before, 'it was asked')
  await removeTarget(app.house, admin(), target.id)
  app.clock.advance(10 * MINUTE)
  app.runner.wake()
  await settle(world)
  assert.equal(siem.asked.length, after)
})

test('a new key of the workspace seals credentials again, and they still open', async (t) => {
  const world = await startWorld(t)
  const target = await newTarget(world)
  await type(world, target, 'reader-secret')
  await rotateKey(world.app.house, world.admin())
  await settle(world)
  assert.equal((await check(world, target)).state, 'healthy')
})
