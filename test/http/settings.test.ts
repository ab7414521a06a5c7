// A workspace's settings: who reads, who changes, what is refused, and what the log says of it.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemCaller } from '#domain/access/system.ts'
import { readAudit } from '#domain/audit/actions.ts'
import { readPolicy } from '#domain/workspaces/policy-actions.ts'
import { DEFAULT_POLICY } from '#domain/workspaces/policy.ts'
import { addPerson } from '#cli/demo/cast.ts'
import { startApp, type TestApp } from '#test/support/start-app.ts'

const FORM = {
  version: '0',
  signatures: '2',
  approvalDays: '7',
  soakDays: '0',
  evidenceDays: '7',
  auditDays: '365',
  tokenDays: '90',
  agentCallsPerMinute: '120',
  agentCallsPerDay: '10000',
  agentRowsPerDay: '100000',
  agentSearchesPerDay: '500',
  agentMegabytesPerDay: '500',
}

function post(app: TestApp, who: keyof TestApp['cast'], path: string, form: object) {
  return app.fetchAs(app.cast[who], path, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/x-www-form-urlencoded',
      'Sec-Fetch-Site': 'same-origin',
    },
    body: new URLSearchParams(form as Record<string, string>).toString(),
  })
}

const entries = async (app: TestApp, action: string) => {
  const caller = systemCaller(app.house, 'test', undefined, app.acme.id)
  const { items } = await readAudit(app.house, caller, {}, { limit: 100 })
  return items.filter((entry) => entry.action === action)
}

const inAcme = (app: TestApp) => systemCaller(app.house, 'test', undefined, app.acme.id)

test('an admin changes policies; the log names each value that differs', async (t) => {
  const app = await startApp(t)
  const answer = await post(app, 'ada', '/w/acme/settings/policies', { ...FORM, review: 'on' })
  assert.equal(answer.status, 303)
  const { policy, version } = await readPolicy(app.house, inAcme(app))
  assert.deepEqual(policy, { ...DEFAULT_POLICY, review: true, signatures: 2, tokenDays: 90 })
  assert.equal(version, 1)
  const [entry] = await entries(app, 'policy.change')
  assert.deepEqual(entry?.data, {
    version: 1,
    changes: [
      { name: 'review', from: false, to: true },
      { name: 'signatures', from: 1, to: 2 },
      { name: 'tokenDays', from: 365, to: 90 },
    ],
  })
})

test('saving what stands already is no change and no entry', async (t) => {
  const app = await startApp(t)
  const form = { ...FORM, signatures: '1', tokenDays: '365' }
  assert.equal((await post(app, 'ada', '/w/acme/settings/policies', form)).status, 303)
  assert.deepEqual(await entries(app, 'policy.change'), [])
})

test('what would weaken review waits for another admin', async (t) => {
  const app = await startApp(t)
  const path = '/w/acme/settings/policies'
  const olga = { userId: await addPerson(app.house, app.acme, 'olga', 'admin', false) }
  const isReviewed = async () => (await readPolicy(app.house, inAcme(app))).policy.review
  await post(app, 'ada', path, { ...FORM, review: 'on' })
  await post(app, 'ada', path, { ...FORM, version: '1' })
  assert.equal(await isReviewed(), true)
  const shown = await (await app.fetchAs(app.cast.ada, '/w/acme/settings')).text()
  assert.match(shown, /Waits for another admin/)
  assert.equal((await post(app, 'ada', `${path}/confirm`, {})).status, 409)
  assert.equal(await isReviewed(), true)
  await post(app, 'ada', `${path}/drop`, {})
  await post(app, 'ada', path, { ...FORM, version: '1' })
  const headers = { 'Sec-Fetch-Site': 'same-origin' }
  const confirmed = await app.fetchAs(olga, `${path}/confirm`, { method: 'POST', headers })
  assert.equal(confirmed.status, 303)
  assert.equal(await isReviewed(), false)
  assert.equal((await entries(app, 'policy.propose')).length, 2)
})

test('of two who save at once the second is told, and the first one stands', async (t) => {
  const app = await startApp(t)
  await post(app, 'ada', '/w/acme/settings/policies', { ...FORM, review: 'on' })
  const late = await post(app, 'ada', '/w/acme/settings/policies', { ...FORM, hotfix: 'on' })
  assert.equal(late.status, 412)
  const { policy } = await readPolicy(app.house, inAcme(app))
  assert.equal(policy.hotfix, false)
})

test('a value out of bounds comes back beside its field with what was typed', async (t) => {
  const app = await startApp(t)
  for (const [name, value, said] of [
    ['signatures', '6', 'At most 5.'],
    ['auditDays', '30', 'At least 365.'],
    ['soakDays', 'a few', 'Give a whole number.'],
  ] as const) {
    const answer = await post(app, 'ada', '/w/acme/settings/policies', { ...FORM, [name]: value })
    assert.equal(answer.status, 422, name)
    const html = await answer.text()
    assert.ok(html.includes(said), name)
    assert.ok(html.includes(`value="${value}"`), name)
  }
  assert.equal((await readPolicy(app.house, inAcme(app))).version, 0)
})

test('who is no admin reads and cannot change; of another workspace nothing is read', async (t) => {
  const app = await startApp(t)
  for (const who of ['ravi', 'vera'] as const) {
    const shown = await app.fetchAs(app.cast[who], '/w/acme/settings')
    assert.equal(shown.status, 200)
    assert.doesNotMatch(await shown.text(), /Save policies/)
    assert.equal((await post(app, who, '/w/acme/settings/policies', FORM)).status, 403)
    assert.equal((await post(app, who, '/w/acme/settings/name', { name: 'Mine' })).status, 403)
  }
  assert.equal((await app.fetchAs(app.cast.gwen, '/w/acme/settings')).status, 403)
})

test('a workspace is renamed and keeps its address', async (t) => {
  const app = await startApp(t)
  const renamed = await post(app, 'ada', '/w/acme/settings/name', { name: ' Acme Europe ' })
  assert.equal(renamed.status, 303)
  const shown = await (await app.fetchAs(app.cast.ada, '/w/acme/settings')).text()
  assert.match(shown, /Acme Europe/)
  const refused = await post(app, 'ada', '/w/acme/settings/name', { name: '' })
  assert.equal(refused.status, 422)
  assert.match(await refused.text(), /The name is empty\./)
})

test('a policy edited in the file is refused, not obeyed', async (t) => {
  const app = await startApp(t)
  await post(app, 'ada', '/w/acme/settings/policies', { ...FORM, review: 'on' })
  await app.house.db.write(inAcme(app), async (tx) => {
    const policy = JSON.stringify({ ...DEFAULT_POLICY, review: false })
    await tx.updateTable('workspacePolicy').set({ policy }).execute()
  })
  await assert.rejects(readPolicy(app.house, inAcme(app)), { code: 'conflict' })
})

test('a page that wants the jobs of the overview gets them and nothing else', async (t) => {
  const app = await startApp(t)
  const { ada } = app.cast
  const whole = await (await app.fetchAs(ada, '/w/acme')).text()
  assert.match(whole, /id="overview-jobs"/)
  assert.match(whole, /Add a second factor to your account/)
  const headers = {
    'HX-Request': 'true',
    'HX-Request-Type': 'partial',
    'HX-Target': 'div#overview-jobs',
  }
  const part = await (await app.fetchAs(ada, '/w/acme', { headers })).text()
  assert.match(part, /id="overview-jobs"/)
  assert.doesNotMatch(part, /second factor/)
})
