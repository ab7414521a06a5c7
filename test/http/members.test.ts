// The members page through its door: inviting, roles, who may not, and what is kept on an error.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemCaller } from '#domain/access/system.ts'
import { readNotices } from '#domain/messages/actions.ts'
import { startApp, type CastMember, type TestApp } from '#test/support/start-app.ts'

const MEMBERS = '/w/acme/settings/members'

function post(app: TestApp, who: CastMember, path: string, form: Record<string, string> = {}) {
  return app.fetchAs(who, path, {
    method: 'POST',
    headers: { 'Sec-Fetch-Site': 'same-origin' },
    body: new URLSearchParams(form),
  })
}

const read = async (app: TestApp, who: CastMember, path: string) =>
  (await app.fetchAs(who, path)).text()

test('an admin invites somebody and sees the link once', async (t) => {
  const app = await startApp(t)
  const { ada } = app.cast
  const form = { email: ' Neil@Acme.example', role: 'engineer', isAuditor: 'on' }
  const made = await post(app, ada, MEMBERS, form)
  assert.equal(made.status, 200)
  const html = await made.text()
  const [, token] = /value="http:\/\/localhost:\d+\/invite\/([\w-]{43})"/.exec(html)!
  const list = await read(app, ada, MEMBERS)
  assert.match(list, /neil@acme\.example/)
  assert.ok(!list.includes(token!))
  const [, again] = /action="([^"]+\/link)"/.exec(list)!
  const renewed = await (await post(app, ada, again!)).text()
  assert.match(renewed, /\/invite\/[\w-]{43}/)
  assert.ok(!renewed.includes(token!))
  const [, end] = /action="([^"]+\/end)"/.exec(await read(app, ada, MEMBERS))!
  assert.equal((await post(app, ada, end!)).status, 303)
  assert.doesNotMatch(await read(app, ada, MEMBERS), /neil@acme\.example/)
})

test('what was not accepted stands in the form with its reason beside it', async (t) => {
  const app = await startApp(t)
  const form = { email: 'no address', role: 'analyst', isApprover: 'on' }
  const answer = await post(app, app.cast.ada, MEMBERS, form)
  assert.equal(answer.status, 422)
  const html = await answer.text()
  assert.match(html, /value="no address"/)
  assert.match(html, /The address is not an e-mail address\./)
  assert.match(html, /<option value="analyst" selected/)
  assert.match(html, /name="isApprover" checked/)
  const member = await post(app, app.cast.ada, MEMBERS, { ...form, email: 'vera@acme.example' })
  assert.equal(member.status, 422)
  assert.match(await member.text(), /is in this workspace already/)
})

test('another role is saved; the last admin stays one and is told why', async (t) => {
  const app = await startApp(t)
  const { ada, ravi } = app.cast
  const saved = await post(app, ada, `${MEMBERS}/${ravi.userId}`, { role: 'viewer' })
  assert.equal(saved.headers.get('Location'), `${MEMBERS}/${ravi.userId}`)
  assert.match(await read(app, ada, `${MEMBERS}/${ravi.userId}`), /<dd>Viewer<\/dd>/)
  const told = await readNotices(app.house, systemCaller(app.house, 'test'), ravi.userId)
  assert.deepEqual(
    told.map(({ kind, data }) => [kind, data]),
    [['role.changed', { workspace: 'Acme', role: 'viewer' }]],
  )
  const own = `${MEMBERS}/${ada.userId}`
  for (const [path, form] of [
    [own, { role: 'engineer' }],
    [`${own}/removal`, {}],
  ] as const) {
    const answer = await post(app, ada, path, form)
    assert.equal(answer.status, 409)
    assert.match(await answer.text(), /A workspace keeps an admin/)
  }
})

test('the flag of an approver waits for a second admin', async (t) => {
  const app = await startApp(t)
  const { ada, ravi, vera } = app.cast
  await post(app, ada, `${MEMBERS}/${ravi.userId}`, { role: 'admin' })
  await post(app, ada, `${MEMBERS}/${vera.userId}`, { role: 'analyst', isApprover: 'on' })
  const page = await read(app, ada, `${MEMBERS}/${vera.userId}`)
  assert.match(page, /Asked by <!-- -->Ada|Asked by Ada/)
  assert.doesNotMatch(page, /Confirm as approver/)
  const confirm = `${MEMBERS}/${vera.userId}/approver`
  assert.equal((await post(app, ada, confirm)).status, 409)
  assert.match(await read(app, ravi, `${MEMBERS}/${vera.userId}`), /Confirm as approver/)
  assert.equal((await post(app, ravi, confirm)).status, 303)
  assert.doesNotMatch(await read(app, ada, MEMBERS), /to be confirmed/)
})

test('who is removed is out at once', async (t) => {
  const app = await startApp(t)
  const { ada, ravi } = app.cast
  const headers = { Cookie: `session=${await app.signIn(ravi)}` }
  assert.equal((await app.fetch('/w/acme', { headers })).status, 200)
  assert.equal((await post(app, ada, `${MEMBERS}/${ravi.userId}/removal`)).status, 303)
  assert.equal((await app.fetch('/w/acme', { headers })).status, 401)
  assert.equal((await app.fetchAs(ravi, '/w/acme')).status, 403)
})

test('who is no admin finds no door, and no tab', async (t) => {
  const app = await startApp(t)
  const { ravi, vera } = app.cast
  assert.doesNotMatch(await read(app, ravi, '/w/acme/settings'), /settings\/members/)
  assert.equal((await app.fetchAs(ravi, MEMBERS)).status, 403)
  assert.equal((await post(app, vera, MEMBERS, { email: 'a@b.c', role: 'admin' })).status, 403)
  assert.equal((await post(app, vera, `${MEMBERS}/${vera.userId}`, { role: 'admin' })).status, 403)
})
