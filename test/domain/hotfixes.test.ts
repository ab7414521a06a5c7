// What runs without signatures ends by itself, also when the server was gone meanwhile; and nobody judges
// their own.

import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { verbsOf, type Role } from '#domain/access/permission.ts'
import { systemCaller } from '#domain/access/system.ts'
import { getChange, openChange } from '#domain/changes/actions.ts'
import { readNotices } from '#domain/messages/actions.ts'
import {
  getHotfix,
  keepHotfix,
  listHotfixes,
  reviewHotfix,
} from '#domain/deployments/hotfix-actions.ts'
import { breakGlass, startHotfix } from '#domain/deployments/hotfix-making.ts'
import { NewHotfix } from '#domain/deployments/hotfix-input.ts'
import { listPlacements } from '#domain/placements/actions.ts'
import { getExclusion } from '#domain/rules/exclusions/actions.ts'
import { changePolicy, readPolicy } from '#domain/workspaces/policy-actions.ts'
import type { Policy } from '#domain/workspaces/policy.ts'
import type { RuleId } from '#kernel/id.ts'
import { DAY, HOUR } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import { startApp as start } from '#src/app.ts'
import { testConfiguration } from '#test/support/configuration.ts'
import { nextTurn } from '#platform/turns.ts'
import { deployingIn } from '#test/support/deploying.ts'
import { startApp, type TestApp } from '#test/support/start-app.ts'

const ROLES: Readonly<Record<string, Role>> = { ada: 'admin', ravi: 'engineer', vera: 'viewer' }

/** As they would call it in a browser. */
function as(app: TestApp, name: 'ada' | 'ravi' | 'vera'): Caller {
  const caller = systemCaller(app.house, 'test', undefined, app.acme.id)
  const verbs = verbsOf(ROLES[name]!)
  return { ...caller, actor: app.cast[name].userId, verbs, personal: { name } }
}

async function setPolicy(app: TestApp, change: Partial<Policy>): Promise<void> {
  const { policy, version } = await readPolicy(app.house, as(app, 'ada'))
  await changePolicy(app.house, as(app, 'ada'), { policy: { ...policy, ...change }, version })
  await nextTurn()
}

async function quiet(app: TestApp): Promise<void> {
  await app.runner.drain()
  await nextTurn()
}

async function restarted(t: TestContext, app: TestApp): Promise<TestApp> {
  const configuration = testConfiguration(app.data, {})
  const again = await start({ configuration, clock: app.clock })
  t.after(() => again.stop())
  return { ...app, ...again }
}

async function standing(app: TestApp, ruleId: RuleId) {
  const [placed] = await listPlacements(app.house, as(app, 'vera'), { ruleIds: [ruleId] })
  return placed
}

async function deployed(app: TestApp, number: number): Promise<RuleId> {
  const world = deployingIn(app)
  const target = await world.local()
  const ruleId = await world.rule(number)
  const { deployment } = await world.deploy([await world.wish(target, ruleId, 'add')])
  assert.equal(deployment.state, 'deployed', 'the premise')
  return ruleId
}

const wish = (more: object) => NewHotfix.parse({ reason: 'It floods the team', hours: 2, ...more })

test('a hotfix stands at once, ends by itself, and does not come twice', async (t) => {
  const app = await startApp(t)
  const { house } = app
  const [one, two] = [await deployed(app, 1), await deployed(app, 2)]
  const pause = wish({ ruleId: one, kind: 'pause' })
  await assert.rejects(startHotfix(house, as(app, 'ravi'), pause), { code: 'conflict' })
  // No window is open, and it waits for none.
  await setPolicy(app, { hotfix: true, review: true, windows: 'freeze 2020-01-01 2090-01-01 UTC' })
  await assert.rejects(startHotfix(house, as(app, 'vera'), pause), { code: 'forbidden' })

  const paused = await startHotfix(house, as(app, 'ravi'), pause)
  await quiet(app)
  const leave = [{ field: 'User', value: 'svc-backup' }]
  const excluded = await startHotfix(
    house,
    as(app, 'ravi'),
    wish({ ruleId: two, kind: 'exclude', values: leave }),
  )
  await quiet(app)
  assert.equal((await standing(app, one))?.state, 'paused')
  assert.match(JSON.stringify((await standing(app, two))?.body), /svc-backup/)
  const { change } = await getChange(house, as(app, 'vera'), paused.changeId)
  assert.deepEqual([change.origin, change.state, change.signatureCount], ['hotfix', 'deployed', 0])
  assert.equal((await getHotfix(house, as(app, 'vera'), paused.id)).state, 'running')

  // The server is gone when its time comes.
  await app.stop()
  app.clock.advance(2 * HOUR)
  const again = await restarted(t, app)
  await quiet(again)
  await quiet(again)
  const { items } = await listHotfixes(again.house, as(again, 'vera'), { limit: 10 })
  assert.deepEqual(
    items.map(({ state }) => state),
    ['reverted', 'reverted'],
  )
  assert.equal((await standing(again, one))?.state, 'live')
  assert.doesNotMatch(JSON.stringify((await standing(again, two))?.body), /svc-backup/)
  const exclusion = await getExclusion(again.house, as(again, 'vera'), excluded.exclusionId!)
  assert.equal(exclusion.state, 'ended')
  const twice = startHotfix(again.house, as(again, 'ravi'), pause)
  await assert.rejects(twice, /What shall last longer/)
})

test('somebody else keeps a hotfix with a signature, and then it stays', async (t) => {
  const app = await startApp(t)
  const { house } = app
  const ruleId = await deployed(app, 1)
  await setPolicy(app, { hotfix: true, review: true })
  const { id, changeId } = await startHotfix(
    house,
    as(app, 'ravi'),
    wish({ ruleId, kind: 'pause' }),
  )
  await quiet(app)
  const { hash } = (await getChange(house, as(app, 'ravi'), changeId)).change
  const keep = { hash, comment: 'Agreed' }
  await assert.rejects(keepHotfix(house, as(app, 'ravi'), id, keep), { code: 'forbidden' })
  assert.equal((await keepHotfix(house, as(app, 'ada'), id, keep)).state, 'kept')
  app.clock.advance(DAY)
  await quiet(app)
  assert.equal((await standing(app, ruleId))?.state, 'paused')
})

test('a broken glass skips signatures alone, is told to admins, undone, and flagged unless somebody else justifies it', async (t) => {
  const app = await startApp(t)
  const { house } = app
  await setPolicy(app, { review: true })
  const world = deployingIn(app)
  const [ruleId, target] = [await world.rule(1), await world.local()]
  const change = await openChange(house, as(app, 'ravi'), {
    title: 'Find it now',
    why: '',
    origin: 'rules',
    items: [{ ruleId, targetId: target.id }],
  })
  await nextTurn()
  const wanted = { hours: 4, reason: 'They are in' }
  const again = () => breakGlass(house, as(app, 'ada'), change.id, wanted)
  await assert.rejects(breakGlass(house, as(app, 'ravi'), change.id, wanted), { code: 'forbidden' })
  const { id } = await breakGlass(house, as(app, 'ada'), change.id, wanted)
  await quiet(app)
  assert.equal((await standing(app, ruleId))?.state, 'live')
  const told = await readNotices(house, as(app, 'ada'), app.cast.ada.userId)
  assert.ok(told.some(({ kind }) => kind === 'glass.broken'))
  await assert.rejects(again(), /nobody has looked at that yet/)

  app.clock.advance(4 * HOUR)
  await quiet(app)
  await quiet(app)
  const undone = await getHotfix(house, as(app, 'vera'), id)
  assert.deepEqual([undone.state, undone.review], ['reverted', 'open'])
  assert.equal(await standing(app, ruleId), undefined)
  app.clock.advance(3 * DAY)
  assert.equal((await getHotfix(house, as(app, 'vera'), id)).review, 'flagged')
  const justified = { verdict: 'justified', comment: '' } as const
  await assert.rejects(reviewHotfix(house, as(app, 'ada'), id, justified), { code: 'forbidden' })
  const reviewed = await reviewHotfix(house, as(app, 'ravi'), id, justified)
  assert.equal(reviewed.review, 'justified')
})
