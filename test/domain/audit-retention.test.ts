import assert from 'node:assert/strict'
import path from 'node:path'
import test from 'node:test'
import Sqlite from 'better-sqlite3'
import { systemCaller } from '#domain/access/system.ts'
import { readAudit, removeOldEntries, verifyAuditLog } from '#domain/audit/actions.ts'
import { changeMember } from '#domain/access/members.ts'
import { policyAt, roleAt } from '#domain/deployments/as-of-log.ts'
import { addWorkspace } from '#domain/workspaces/actions.ts'
import { changePolicy, readPolicy } from '#domain/workspaces/policy-actions.ts'
import { DEFAULT_POLICY, type Policy } from '#domain/workspaces/policy.ts'
import { DAY } from '#kernel/time.ts'
import { makeScope } from '#platform/db/scope.ts'
import { first } from '#platform/db/steps.ts'
import { nextTurn } from '#platform/turns.ts'
import type { House } from '#platform/house.ts'
import { startApp } from '#test/support/start-app.ts'

test('entries older than the policy go, whole signed stretches, and the rest verifies', async (t) => {
  const { house, clock } = await startApp(t)
  const caller = () => systemCaller(house, 'test')
  const remove = () => removeOldEntries(house, caller(), t.signal)
  for (const slug of ['a1', 'a2', 'a3']) await addWorkspace(house, caller(), { slug, name: slug })
  await house.audit.checkpoint()
  const old = await count(house)
  assert.equal(await remove(), 0, 'nothing is that old')
  clock.advance(800 * DAY)
  for (const slug of ['b1', 'b2']) await addWorkspace(house, caller(), { slug, name: slug })
  await house.audit.checkpoint()
  assert.equal(await remove(), old)
  assert.equal(await remove(), 0)
  const { items, count: kept, before } = await readAudit(house, caller(), {}, { limit: 50 })
  assert.deepEqual([items.length, before], [kept, null], 'the list ends where the log begins')
  const verdict = await house.audit.verify()
  assert.ok(verdict.ok, JSON.stringify(verdict))
  assert.ok(verdict.checkpointed === verdict.size, 'the cut was signed')
})

test('what one workspace keeps longer is kept for all', async (t) => {
  const { house, clock, acme } = await startApp(t)
  const caller = () => systemCaller(house, 'test')
  const remove = () => removeOldEntries(house, caller(), t.signal)
  const policy = { ...DEFAULT_POLICY, auditDays: 1_000 }
  const member = () => ({ ...caller(), scope: makeScope(acme.id) })
  await changePolicy(house, member(), { policy, version: 0 })
  await house.audit.checkpoint()
  clock.advance(900 * DAY)
  await addWorkspace(house, caller(), { slug: 'b1', name: 'b1' })
  await house.audit.checkpoint()
  assert.equal(await remove(), 0)
  clock.advance(101 * DAY)
  assert.ok((await remove()) > 0)
})

test('policies and roles of then are told however many entries came since, and unknown once they are gone', async (t) => {
  const { house, clock, acme, cast } = await startApp(t)
  const caller = () => systemCaller(house, 'test', undefined, acme.id)
  const { userId: ravi } = cast.ravi
  const change = async (policy: Partial<Policy>) => {
    const { policy: now, version } = await readPolicy(house, caller())
    await changePolicy(house, caller(), { policy: { ...now, ...policy }, version })
    await nextTurn()
  }
  await change({ soakDays: 1 })
  const then = clock.now()
  clock.advance(DAY)
  await change({ soakDays: 2 })
  await changeMember(house, caller(), ravi, { role: 'viewer' })
  await house.db.write(caller(), async (tx) => {
    for (const target of [ravi, acme.id]) {
      for (let n = 0; n < 600; n++) {
        await house.audit.record(tx, caller(), { action: 'rule.view', target, data: { n } })
      }
    }
  })
  await nextTurn()
  const told = async () => [
    (await policyAt(house, caller(), then))?.soakDays,
    await roleAt(house, caller(), ravi, then),
  ]
  assert.deepEqual(await told(), [1, 'engineer'])
  assert.equal((await readPolicy(house, caller())).policy.soakDays, 2, 'it is another one now')
  await house.audit.checkpoint()
  clock.advance(800 * DAY)
  await addWorkspace(house, systemCaller(house, 'test'), { slug: 'b1', name: 'b1' })
  await house.audit.checkpoint()
  assert.ok((await removeOldEntries(house, systemCaller(house, 'test'), t.signal)) > 1_000)
  await nextTurn()
  assert.deepEqual(await told(), [undefined, null], 'nobody knows any more')
})

test('a broken log is named, and nothing is changed from then on', async (t) => {
  const { house, data } = await startApp(t)
  const caller = systemCaller(house, 'test')
  await addWorkspace(house, caller, { slug: 'a1', name: 'a1' })
  await house.audit.checkpoint()
  const file = new Sqlite(path.join(data, 'rulewright.db'))
  file.exec("drop trigger auditEntryFixed; update auditEntry set actor = 'usr_eve' where seq = 2")
  file.close()
  await assert.rejects(verifyAuditLog(house, caller, t.signal), {
    code: 'conflict',
    message: /entry 2/,
  })
  const refused = addWorkspace(house, caller, { slug: 'a2', name: 'a2' })
  await assert.rejects(refused, { code: 'conflict', message: /audit log is broken/ })
})

async function count(house: House): Promise<number> {
  const row = await house.db.inspect(
    first<{ count: number }>('select count(*) as "count" from "auditEntry"'),
  )
  return row!.count
}
