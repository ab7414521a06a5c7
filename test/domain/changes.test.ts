// A change from its opening to its approval: what it is made of, who may say yes to it, and what makes
// that yes void.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { verbsOf, type Role } from '#domain/access/permission.ts'
import { systemCaller } from '#domain/access/system.ts'
import {
  addComment,
  getChange,
  openChange,
  refreshChange,
  signChange,
  submitChange,
  withdrawChange,
} from '#domain/changes/actions.ts'
import type { Change } from '#domain/changes/change.ts'
import { renderAgain, requireDeployable } from '#domain/changes/deploying.ts'
import { tendChangesJob } from '#domain/changes/jobs.ts'
import { readNotices } from '#domain/messages/actions.ts'
import { createRule, saveRule } from '#domain/rules/actions.ts'
import { listTargets } from '#domain/targets/actions.ts'
import { changePolicy, readPolicy } from '#domain/workspaces/policy-actions.ts'
import type { Policy } from '#domain/workspaces/policy.ts'
import type { RuleId, TargetId } from '#kernel/id.ts'
import { DAY } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import { nextTurn } from '#platform/turns.ts'
import { startApp, type CastMember, type TestApp } from '#test/support/start-app.ts'

const rule = (title: string, image = 'whoami') => `title: ${title}
logsource: {category: process_creation, product: windows}
detection: {selection: {Image|endswith: '\\${image}.exe'}, condition: selection}
`

const ROLES: Readonly<Record<string, Role>> = { ada: 'admin', ravi: 'engineer', vera: 'viewer' }

/** As they would call it in a browser. */
function as(app: TestApp, name: 'ada' | 'ravi' | 'vera'): Caller {
  const { userId }: CastMember = app.cast[name]
  const caller = systemCaller(app.house, 'test', undefined, app.acme.id)
  return { ...caller, actor: userId, verbs: verbsOf(ROLES[name]!), personal: { name } }
}

async function setPolicy(app: TestApp, change: Partial<Policy>): Promise<void> {
  const { policy, version } = await readPolicy(app.house, as(app, 'ada'))
  await changePolicy(app.house, as(app, 'ada'), { policy: { ...policy, ...change }, version })
  await nextTurn()
}

async function newRule(app: TestApp, text: string): Promise<RuleId> {
  const { rule: made } = await createRule(app.house, as(app, 'ravi'), {
    text,
    reason: '',
    origin: 'written',
  })
  await nextTurn()
  return made.id
}

async function local(app: TestApp): Promise<TargetId> {
  const { items } = await listTargets(app.house, as(app, 'ada'), { limit: 10 })
  return items.find(({ target }) => target.kind === 'local')!.target.id
}

async function open(app: TestApp, ruleId: RuleId, targetId: TargetId): Promise<Change> {
  const items = [{ ruleId, targetId }]
  const given = {
    title: 'Deploy whoami',
    why: 'seen in an incident',
    origin: 'rules',
    items,
  } as const
  const change = await openChange(app.house, as(app, 'ravi'), given)
  await nextTurn()
  return change
}

const any = { expected: 'any' } as const
const deployable = (app: TestApp, id: Change['id']) =>
  app.house.db.write(as(app, 'ravi'), (tx) => requireDeployable(tx, app.house, as(app, 'ravi'), id))

test('from a draft to an approval, and back when anything it was made of changes', async (t) => {
  const app = await startApp(t)
  const targetId = await local(app)
  const ruleId = await newRule(app, rule('Whoami'))
  await setPolicy(app, { review: true })
  const approve = { decision: 'approve', comment: '' } as const

  const opened = await open(app, ruleId, targetId)
  assert.equal(opened.state, 'draft')
  const { items, whoMaySign } = await getChange(app.house, as(app, 'vera'), opened.id)
  assert.equal(items[0]!.action, 'add')
  assert.deepEqual(items[0]!.problems, [])
  assert.match(String(items[0]!.body!['rule']), /whoami/)
  assert.deepEqual(
    whoMaySign.map(({ name, whyNot }) => [name, whyNot === null]),
    [
      ['Ada', true],
      ['Ravi', false],
    ],
  )
  await assert.rejects(deployable(app, opened.id), { code: 'conflict' })

  const { state, hash, id } = await submitChange(app.house, as(app, 'ravi'), opened.id, any)
  assert.equal(state, 'in_review')
  const sign = (who: 'ada' | 'ravi' | 'vera', over: string) =>
    signChange(app.house, as(app, who), { id, hash: over, ...approve })
  await nextTurn()
  await assert.rejects(sign('ravi', hash), { code: 'forbidden', message: /opened this change/ })
  await nextTurn()
  await assert.rejects(sign('vera', hash), { code: 'forbidden' })
  await assert.rejects(sign('ada', '0'.repeat(64)), { code: 'stale' })
  await nextTurn()
  const approved = await sign('ada', hash)
  assert.deepEqual([approved.state, approved.signatureCount], ['approved', 1])
  await nextTurn()
  assert.equal((await deployable(app, id)).isSigned, true)
  await nextTurn()
  await renderAgain(app.house, as(app, 'ravi'), approved)

  // Somebody saves the rule: the approval is of other bytes.
  const text = rule('Whoami', 'other')
  await saveRule(app.house, as(app, 'ada'), ruleId, { text, reason: '', ...any })
  await nextTurn()
  await assert.rejects(deployable(app, id), { code: 'stale' })
  await nextTurn()
  await assert.rejects(renderAgain(app.house, as(app, 'ravi'), approved), { code: 'stale' })
  await nextTurn()
  const after = await getChange(app.house, as(app, 'ravi'), id)
  assert.deepEqual([after.change.state, after.change.signatureCount], ['draft', 0])
  assert.match(after.signatures[0]!.voidedBecause!, /newer version/)
  assert.notEqual(after.change.hash, hash)
  // Now ada has a hand in it, too, and nobody is left to sign.
  assert.ok(after.whoMaySign.every(({ whyNot }) => whyNot !== null))
  await nextTurn()
  const withdrawn = await withdrawChange(app.house, as(app, 'ravi'), id, any)
  assert.equal(withdrawn.state, 'withdrawn')
  await nextTurn()
  await assert.rejects(refreshChange(app.house, as(app, 'ravi'), id), { code: 'conflict' })
})

test('what nobody touches for a day is remembered, what nobody uses in a week is over, and what changes is void at once', async (t) => {
  const app = await startApp(t)
  const targetId = await local(app)
  const { house, clock } = app
  await setPolicy(app, { review: true })
  const notices = async (name: 'ada' | 'ravi') => {
    const found = await readNotices(house, as(app, name), app.cast[name].userId)
    return found.map(({ kind }) => kind).filter((kind) => kind.startsWith('change.'))
  }
  const send = async (ruleId: RuleId) => {
    const { id } = await open(app, ruleId, targetId)
    const change = await submitChange(house, as(app, 'ravi'), id, any)
    await nextTurn()
    return change
  }
  const tend = async () => {
    await house.db.write(as(app, 'ada'), (tx) =>
      house.jobs.enqueue(tx, as(app, 'ada'), tendChangesJob, {}, { title: 'x' }),
    )
    await app.runner.drain()
  }
  const stateOf = async ({ id }: Change) =>
    (await getChange(house, as(app, 'ravi'), id)).change.state

  const ruleId = await newRule(app, rule('Whoami'))
  const first = await send(ruleId)
  assert.deepEqual(await notices('ada'), ['change.review'])
  await saveRule(house, as(app, 'ravi'), ruleId, { text: rule('Whoami', 'b'), reason: '', ...any })
  const { scope } = as(app, 'ada')
  const asked = () => house.jobs.list(scope, { kind: tendChangesJob.kind }, { limit: 1 })
  while ((await asked()).length === 0) await nextTurn() // the save is heard, and nobody else asks
  await app.runner.drain()
  assert.equal(await stateOf(first), 'draft')
  await withdrawChange(house, as(app, 'ravi'), first.id, any)

  const second = await send(await newRule(app, rule('Hostname', 'hostname')))
  clock.advance(DAY + 1)
  await tend()
  assert.deepEqual((await notices('ada')).slice(0, 2), ['change.reminder', 'change.review'])
  const { hash, id } = second
  await signChange(house, as(app, 'ada'), { id, hash, decision: 'approve', comment: '' })
  await addComment(house, as(app, 'vera'), id, { text: 'Late, @ada?' })
  assert.equal((await notices('ada'))[0], 'change.mentioned')
  assert.deepEqual(await notices('ravi'), ['change.decided', 'change.voided'])
  clock.advance(7 * DAY + 1)
  await tend()
  assert.equal(await stateOf(second), 'expired')
  assert.equal((await notices('ravi'))[0], 'change.decided')
  await assert.rejects(deployable(app, id), { code: 'conflict' })
})
