// An exclusion's end is signed with it: what runs from then on is deployed by itself, byte for byte as it was
// signed, or waits as a draft where the rule moved on.

import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { verbsOf, type Role } from '#domain/access/permission.ts'
import { systemCaller } from '#domain/access/system.ts'
import { getChange, listChanges, openChange, submitChange } from '#domain/changes/actions.ts'
import { hashChange } from '#domain/changes/change.ts'
import { signChange } from '#domain/changes/sign.ts'
import { deployChange } from '#domain/deployments/actions.ts'
import { listNeeds } from '#domain/health/overview.ts'
import { listSilenced } from '#domain/health/silencing.ts'
import { listPlacements } from '#domain/placements/actions.ts'
import { addExclusion, changeExclusion } from '#domain/rules/exclusions/actions.ts'
import { changePolicy, readPolicy } from '#domain/workspaces/policy-actions.ts'
import type { ChangeId, RuleId } from '#kernel/id.ts'
import { DAY } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import { nextTurn } from '#platform/turns.ts'
import { startApp as start } from '#src/app.ts'
import { testConfiguration } from '#test/support/configuration.ts'
import { deployingIn } from '#test/support/deploying.ts'
import { startApp, type TestApp } from '#test/support/start-app.ts'

const ROLES: Readonly<Record<string, Role>> = { ada: 'admin', ravi: 'engineer', vera: 'viewer' }

/** As they would call it in a browser. */
function as(app: TestApp, name: 'ada' | 'ravi' | 'vera'): Caller {
  const caller = systemCaller(app.house, 'test', undefined, app.acme.id)
  const flags = name === 'ada' ? ['change.sign' as const] : []
  const verbs = new Set([...verbsOf(ROLES[name]!), ...flags])
  return { ...caller, actor: app.cast[name].userId, verbs, personal: { name } }
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

/** Leaves one account out, for so many days. */
async function excluded(app: TestApp, ruleId: RuleId, user: string, days: number) {
  const ends = new Date(app.clock.now() + days * DAY).toISOString().slice(0, 10)
  const text = `title: ${user}
logsource: {product: windows, category: process_creation}
filter:
  rules: [${ruleId}]
  selection: {User: ${user}}
  condition: not selection
rulewright:
  owner: ada@acme.example
  reason: Known work
  ends: ${ends}
`
  const { id } = await addExclusion(app.house, as(app, 'ravi'), { text })
  await quiet(app)
  return { id, text }
}

/** Reviewed, signed by somebody else and deployed. */
async function deployed(app: TestApp, ruleId: RuleId): Promise<ChangeId> {
  const { house } = app
  const target = await deployingIn(app).local()
  const items = [{ ruleId, targetId: target.id }]
  const given = { title: 'Leave them out', why: 'Known', origin: 'rules', items } as const
  const { id } = await openChange(house, as(app, 'ravi'), given)
  await nextTurn()
  const { hash } = await submitChange(house, as(app, 'ravi'), id, { expected: 'any' })
  await nextTurn()
  const signature = { id, decision: 'approve', hash, comment: 'Yes' } as const
  await signChange(house, as(app, 'ada'), signature)
  await nextTurn()
  await deployChange(house, as(app, 'ravi'), id)
  await quiet(app)
  assert.equal((await getChange(house, as(app, 'vera'), id)).change.state, 'deployed')
  return id
}

async function standing(app: TestApp, ruleId: RuleId): Promise<string> {
  const [placed] = await listPlacements(app.house, as(app, 'vera'), { ruleIds: [ruleId] })
  return JSON.stringify(placed!.body)
}

async function reviewed(t: TestContext) {
  const app = await startApp(t)
  const { policy, version } = await readPolicy(app.house, as(app, 'ada'))
  await changePolicy(app.house, as(app, 'ada'), { policy: { ...policy, review: true }, version })
  await nextTurn()
  const ruleId = await deployingIn(app).rule(1)
  return { app, ruleId }
}

async function follower(app: TestApp) {
  const { items } = await listChanges(app.house, as(app, 'vera'), {}, { limit: 10 })
  return items.filter(({ origin }) => origin === 'exclusion')
}

test('at each end the rendering that was signed for it is deployed, also after a restart, and once', async (t) => {
  const { app, ruleId } = await reviewed(t)
  await excluded(app, ruleId, 'svc-a', 5)
  await excluded(app, ruleId, 'svc-b', 10)
  const id = await deployed(app, ruleId)
  assert.match(await standing(app, ruleId), /svc-a.*svc-b|svc-b.*svc-a/)
  const [item] = (await getChange(app.house, as(app, 'vera'), id)).items
  assert.equal(item!.switches.length, 2)
  assert.match(JSON.stringify(item!.switches[0]!.body), /svc-b/)
  assert.doesNotMatch(JSON.stringify(item!.switches[0]!.body), /svc-a/)

  await app.stop()
  app.clock.advance(6 * DAY)
  const again = await restarted(t, app)
  await quiet(again)
  await quiet(again)
  assert.match(await standing(again, ruleId), /svc-b/)
  assert.doesNotMatch(await standing(again, ruleId), /svc-a/)
  const [first, ...more] = await follower(again)
  assert.deepEqual([first!.state, first!.follows, more.length], ['deployed', id, 0])
  const [done] = (await getChange(again.house, as(again, 'vera'), first!.id)).items
  assert.equal(done!.bodyHash, item!.switches[0]!.bodyHash)

  again.clock.advance(5 * DAY)
  await quiet(again)
  await quiet(again)
  assert.doesNotMatch(await standing(again, ruleId), /svc-/)
  const [second, ...others] = await follower(again)
  assert.deepEqual([second!.state, second!.follows, others.length], ['deployed', first!.id, 1])
  again.clock.advance(DAY)
  await quiet(again)
  assert.equal((await follower(again)).length, 2)
})

test('where the rule moved on, one draft waits for somebody', async (t) => {
  const { app, ruleId } = await reviewed(t)
  await excluded(app, ruleId, 'svc-a', 5)
  await deployed(app, ruleId)
  // Another exclusion came meanwhile, which nobody deployed.
  await excluded(app, ruleId, 'svc-c', 20)
  app.clock.advance(6 * DAY)
  await quiet(app)
  await quiet(app)
  assert.match(await standing(app, ruleId), /svc-a/)
  const [draft, ...more] = await follower(app)
  assert.deepEqual([draft!.state, more.length], ['draft', 0])
  const silenced = await listSilenced(app.house, as(app, 'vera'), { rule: ruleId })
  const overdue = silenced.items.filter(({ isOverdue }) => isOverdue)
  assert.deepEqual(
    overdue.map(({ kind, exclusionId }) => [kind, exclusionId]),
    [['exclusion', null]],
  )
  const needs = await listNeeds(app.house, as(app, 'vera'))
  assert.equal(needs.find(({ kind }) => kind === 'overdue')?.count, 1)
  const [item] = (await getChange(app.house, as(app, 'vera'), draft!.id)).items
  assert.match(JSON.stringify(item!.body), /svc-c/)
})

test('an exclusion that is prolonged asks for nothing at its first end', async (t) => {
  const { app, ruleId } = await reviewed(t)
  const { id, text } = await excluded(app, ruleId, 'svc-a', 5)
  await deployed(app, ruleId)
  const later = new Date(app.clock.now() + 30 * DAY).toISOString().slice(0, 10)
  await changeExclusion(app.house, as(app, 'ravi'), id, {
    text: text.replace(/ends: .*/, `ends: ${later}`),
    why: 'It goes on',
    expected: 'any',
  })
  await quiet(app)
  app.clock.advance(6 * DAY)
  await quiet(app)
  assert.match(await standing(app, ruleId), /svc-a/)
  assert.deepEqual(await follower(app), [])
})

test('what was edited in the file is not deployed at the end', async (t) => {
  const { app, ruleId } = await reviewed(t)
  await excluded(app, ruleId, 'svc-a', 5)
  const id = await deployed(app, ruleId)
  const { items, change } = await getChange(app.house, as(app, 'vera'), id)
  assert.equal(hashChange(items), change.hash)
  const without = items.map((item) => ({ ...item, switches: [] }))
  assert.notEqual(hashChange(without), change.hash, 'the end is signed')
  await app.house.db.write(as(app, 'ada'), (tx) =>
    tx
      .updateTable('changeItem')
      .set({ switches: JSON.stringify([{ ...items[0]!.switches[0]!, bodyHash: 'f'.repeat(64) }]) })
      .where('workspaceId', '=', app.acme.id)
      .execute(),
  )
  app.clock.advance(6 * DAY)
  await quiet(app)
  assert.match(await standing(app, ruleId), /svc-a/)
  const [draft] = await follower(app)
  assert.equal(draft!.state, 'draft')
})
