// What a breached budget that pauses does: it proposes, and by policy pauses one rule for a day. Never what
// is critical, never the only cover of a technique, never twice.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemCaller } from '#domain/access/system.ts'
import { verbsOf } from '#domain/access/permission.ts'
import { getChange, withdrawChange } from '#domain/changes/actions.ts'
import { listHotfixes } from '#domain/deployments/hotfix-actions.ts'
import { listBudgets, setBudget } from '#domain/health/budgets.ts'
import { listNeeds } from '#domain/health/overview.ts'
import { breachOf, type Loud } from '#domain/health/pausing.ts'
import { proposePausesJob } from '#domain/health/jobs.ts'
import { readNotices } from '#domain/messages/actions.ts'
import { listPlacements } from '#domain/placements/actions.ts'
import { changePolicy, readPolicy } from '#domain/workspaces/policy-actions.ts'
import type { Policy } from '#domain/workspaces/policy.ts'
import type { Actor } from '#kernel/actor.ts'
import type { RuleId, TargetId } from '#kernel/id.ts'
import { DAY, instant, MINUTE } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import { nextTurn } from '#platform/turns.ts'
import { healthWorld, WHOAMI, type HealthWorld } from '#test/support/health.ts'

const loud = (name: string, perDay: number | null, more: Partial<Loud> = {}): Loud => ({
  ruleId: name as RuleId,
  targetId: 'tgt_1' as TargetId,
  title: name,
  level: 'high',
  group: 'windows',
  tags: ['attack.t1033'],
  isManaged: true,
  perDay,
  isFeed: false,
  ...more,
})
const BUDGET = {
  scope: 'workspace',
  name: '',
  perDay: 10,
  onBreach: 'pause',
  setAt: instant(0),
  setBy: 'usr_ada' as Actor,
  proposedId: null,
  proposedAt: null,
} as const

test('the loudest that may be paused are, until the rest fits the budget', () => {
  const paused = (running: readonly Loud[]) =>
    breachOf(BUDGET, running)?.pause.map(({ title }) => title)
  assert.equal(paused([loud('a', 4), loud('b', 6)]), undefined, 'it is kept')
  assert.equal(paused([loud('a', null), loud('b', null)]), undefined, 'nobody tells')
  assert.deepEqual(paused([loud('a', 4), loud('b', 60), loud('c', 5)]), ['b'])
  assert.deepEqual(paused([loud('a', 4), loud('b', 60, { level: 'critical' })]), ['a'])
  const alone = breachOf(BUDGET, [
    loud('a', 4, { tags: [] }),
    loud('b', 60, { tags: ['attack.t1059'] }),
  ])!
  assert.deepEqual(
    [alone.pause.map(({ title }) => title), alone.leftOver, alone.spared],
    [['a'], 50, { title: 'b', why: 'it alone covers T1059' }],
  )
  // Each covers the technique as long as the other runs: one of them stays.
  assert.deepEqual(paused([loud('a', 70), loud('b', 60)]), ['a'])
  assert.deepEqual(paused([loud('a', 70, { isFeed: true }), loud('b', 2)]), ['b'])
  assert.deepEqual(paused([loud('a', 70, { isManaged: false }), loud('b', 2)]), ['b'])
  const twice = [loud('a', 7), loud('a', 7, { targetId: 'tgt_2' as TargetId }), loud('b', 2)]
  assert.deepEqual(paused(twice), ['a', 'a'], 'at each target')
  const group = { ...BUDGET, scope: 'group', name: 'linux' } as const
  assert.equal(breachOf(group, [loud('a', 99)]), undefined)
})

async function breach(world: HealthWorld): Promise<void> {
  const { app, admin } = world
  await world.send([0, 1, 2].map(world.whoami))
  await world.run()
  app.clock.advance(MINUTE)
  await world.look()
  const wish = { scope: 'workspace', name: '', perDay: 0, onBreach: 'pause' } as const
  await setBudget(app.house, admin(), wish)
  await nextTurn()
}

/** As the tending job does every quarter of an hour. */
async function tend({ app, admin }: HealthWorld): Promise<void> {
  const title = 'Look whether noise budgets are kept'
  await app.house.db.write(admin(), async (tx) => {
    await app.house.jobs.enqueue(tx, admin(), proposePausesJob, {}, { title })
  })
  await app.runner.drain()
  await nextTurn()
}

function asAda({ app }: Pick<HealthWorld, 'app'>): Caller {
  const caller = systemCaller(app.house, 'test', undefined, app.acme.id)
  return { ...caller, actor: app.cast.ada.userId, verbs: verbsOf('admin') }
}

async function setPolicy({ app }: HealthWorld, change: Partial<Policy>): Promise<void> {
  const ada = asAda({ app })
  const { policy, version } = await readPolicy(app.house, ada)
  await changePolicy(app.house, ada, { policy: { ...policy, ...change }, version })
  await nextTurn()
}

const proposedIn = async ({ app, admin }: HealthWorld) =>
  (await listBudgets(app.house, admin()))[0]!.proposedId

test('a breach opens one change that pauses, and admins are told', async (t) => {
  const world = await healthWorld(t)
  const { app, admin } = world
  const [one] = [await world.deploy(WHOAMI), await world.deploy(`${WHOAMI}# another\n`)]
  await setPolicy(world, { review: true })
  await breach(world)
  await tend(world)
  const id = await proposedIn(world)
  assert.ok(id)
  const { change, items } = await getChange(app.house, admin(), id)
  assert.equal(change.origin, 'budget')
  assert.match(change.state, /^(?:draft|in_review)$/)
  assert.deepEqual(
    items.map(({ action }) => action),
    ['pause'],
    'the other one alone covers the technique then',
  )
  assert.match(change.why, /Not paused: .* because it alone covers T1033/)
  const placed = await listPlacements(app.house, admin(), { ruleIds: [one.id] })
  assert.equal(placed[0]!.state, 'live', 'nothing is paused without a signature')
  const needs = await listNeeds(app.house, admin())
  const [need] = needs.find(({ kind }) => kind === 'budget')!.items
  assert.equal(need!.id, id)
  assert.match(need!.note, /pause proposed/)
  const notices = await readNotices(app.house, asAda(world), app.cast.ada.userId)
  assert.equal(notices.filter(({ kind }) => kind === 'budget.breached').length, 1)

  await tend(world)
  assert.equal(await proposedIn(world), id, 'it waits for that one')
  await withdrawChange(app.house, admin(), id, { expected: 'any' })
  await nextTurn()
  await tend(world)
  assert.equal(await proposedIn(world), id, 'and rests when it is turned down')
  app.clock.advance(8 * DAY)
  await tend(world)
  assert.notEqual(await proposedIn(world), id)
})

test('where hotfixes are allowed one rule is paused for a day, and comes back', async (t) => {
  const world = await healthWorld(t)
  const { app, admin } = world
  const rules = [await world.deploy(WHOAMI), await world.deploy(`${WHOAMI}# another\n`)]
  await setPolicy(world, { hotfix: true })
  await breach(world)
  await tend(world)
  const states = async () => {
    const ruleIds = rules.map(({ id }) => id)
    const placed = await listPlacements(app.house, admin(), { ruleIds })
    return placed.map(({ state }) => state).toSorted()
  }
  assert.deepEqual(await states(), ['live', 'paused'])
  const [hotfix] = (await listHotfixes(app.house, admin(), { limit: 10 })).items
  assert.equal(hotfix!.kind, 'pause')
  assert.equal(hotfix!.endsAt - hotfix!.createdAt, DAY)
  assert.equal(await proposedIn(world), hotfix!.changeId)
  await tend(world)
  assert.deepEqual(await states(), ['live', 'paused'], 'the only cover left runs on')

  app.clock.advance(DAY + MINUTE)
  await app.runner.drain()
  await nextTurn()
  assert.deepEqual(await states(), ['live', 'live'])
})
