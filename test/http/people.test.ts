// The owner's pages about people and workspaces: suspending, owners, erasing, entering; and who may not.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { invite } from '#domain/access/invitations.ts'
import { findSecondFactors, hasSecondFactor } from '#domain/access/factors.ts'
import { systemCaller } from '#domain/access/system.ts'
import { addToken, getMaker } from '#domain/access/token-actions.ts'
import { NewToken } from '#domain/access/token-input.ts'
import { replaceTotp } from '#domain/access/totp-store.ts'
import { getJob } from '#domain/jobs/actions.ts'
import { readNotices } from '#domain/messages/actions.ts'
import { sendMailJob } from '#domain/messages/jobs.ts'
import type { JobId, MailId } from '#kernel/id.ts'
import type { Caller } from '#platform/caller.ts'
import { startApp, type CastMember, type TestApp } from '#test/support/start-app.ts'

const PEOPLE = '/instance/people'
/** A mail that is gone: sending it is nothing to do. */
const NO_MAIL = 'mai_0198f000-0000-7000-8000-000000000001' as MailId
const WORKSPACES = '/instance/workspaces'

function post(app: TestApp, who: CastMember, path: string, form: Record<string, string> = {}) {
  return app.fetchAs(who, path, {
    method: 'POST',
    headers: { 'Sec-Fetch-Site': 'same-origin' },
    body: new URLSearchParams(form),
  })
}

const read = async (app: TestApp, who: CastMember, path: string) =>
  (await app.fetchAs(who, path)).text()

test('an owner finds people by name and state', async (t) => {
  const app = await startApp(t)
  const { ada, gwen } = app.cast
  const all = await read(app, ada, PEOPLE)
  for (const name of ['Ada', 'Gwen', 'Ravi', 'Vera']) assert.ok(all.includes(name), name)
  const some = await read(app, ada, `${PEOPLE}?q=gw+globex`)
  assert.match(some, /Gwen/)
  assert.doesNotMatch(some, /ravi@/)
  assert.match(await read(app, ada, `${PEOPLE}?state=erased`), /Nobody fits the filter/)
  assert.match(await read(app, ada, `${PEOPLE}/${gwen.userId}`), /gwen@globex\.example/)
})

test('who is suspended is out at once, and in again when reinstated', async (t) => {
  const app = await startApp(t)
  const { ada, ravi } = app.cast
  const headers = { Cookie: `session=${await app.signIn(ravi)}` }
  assert.equal((await app.fetch('/w/acme', { headers })).status, 200, 'the premise')
  const path = `${PEOPLE}/${ravi.userId}/suspension`
  assert.equal((await post(app, ada, path)).status, 303)
  assert.equal((await app.fetch('/w/acme', { headers })).status, 401)
  assert.equal((await app.fetchAs(ravi, '/w/acme')).status, 401, 'nor on a new session')
  assert.match(await read(app, ada, '/w/acme/audit?act=user.suspend'), /user\.suspend/)
  assert.equal((await post(app, ada, path)).status, 303)
  assert.equal((await app.fetchAs(ravi, '/w/acme')).status, 200)
})

test('the last owner stays, and nobody suspends or erases themselves', async (t) => {
  const app = await startApp(t)
  const { ada, gwen } = app.cast
  const own = `${PEOPLE}/${ada.userId}`
  for (const [path, form, words] of [
    [`${own}/owner`, { isOwner: 'no' }, /An install keeps an owner/],
    [`${own}/suspension`, {}, /Nobody does this to themselves/],
    [`${own}/erasure`, {}, /Nobody does this to themselves/],
  ] as const) {
    const answer = await post(app, ada, path, form)
    assert.equal(answer.status, 409, path)
    assert.match(await answer.text(), words)
  }
  assert.equal(
    (await post(app, ada, `${PEOPLE}/${gwen.userId}/owner`, { isOwner: 'yes' })).status,
    303,
  )
  assert.equal((await app.fetchAs(gwen, '/instance')).status, 200)
  assert.equal((await post(app, gwen, `${own}/owner`, { isOwner: 'no' })).status, 303)
  assert.equal((await app.fetchAs(ada, '/instance')).status, 403)
})

test('an owner hands over a link for a new password, and the person is told', async (t) => {
  const app = await startApp(t)
  const { ada, ravi } = app.cast
  const html = await (await post(app, ada, `${PEOPLE}/${ravi.userId}/reset`)).text()
  const [, path] = /value="http:\/\/localhost:\d+(\/reset\/[\w-]{43})"/.exec(html)!
  assert.equal((await app.fetch(path!)).status, 200)
  const told = await readNotices(app.house, systemCaller(app.house, 'test'), ravi.userId)
  assert.deepEqual(
    told.map(({ kind }) => kind),
    ['password.reset'],
  )
})

test('an export holds what is kept about a person and nothing that opens a door', async (t) => {
  const app = await startApp(t)
  const { ada, ravi } = app.cast
  await app.signIn(ravi)
  await post(app, ada, `/w/acme/settings/members/${ravi.userId}`, { role: 'analyst' })
  const cookie = await app.signIn(ravi)
  const answer = await app.fetchAs(ada, `${PEOPLE}/${ravi.userId}/export`)
  assert.match(answer.headers.get('Content-Disposition') ?? '', /attachment/)
  const text = await answer.text()
  const { user, memberships, sessions, audit } = JSON.parse(text) as {
    user: { email: string }
    memberships: { slug: string; role: string }[]
    sessions: unknown[]
    audit: { action: string }[]
  }
  assert.equal(user.email, 'ravi@acme.example')
  assert.deepEqual(
    memberships.map(({ slug, role }) => [slug, role]),
    [['acme', 'analyst']],
  )
  assert.equal(sessions.length, 1)
  assert.ok(audit.some(({ action }) => action === 'member.change'))
  assert.ok(!text.includes(cookie))
  assert.doesNotMatch(text, /passwordHash|"key"|"mac"|argon2|gwen/)
})

test('who is erased is nowhere by name, and the log stays whole', async (t) => {
  const app = await startApp(t)
  const { house, acme } = app
  const { ada } = app.cast
  const admin = systemCaller(house, 'test', undefined, acme.id)
  const as = { role: 'engineer', isApprover: false, isAuditor: false } as const
  const { token } = await invite(house, admin, { email: 'neil@acme.example', ...as }, String)
  const account = { name: 'Neil Ashby', email: 'x', password: 'wide river 47 lanterns' }
  const accepted = await app.fetch(`/invite/${token}`, {
    method: 'POST',
    headers: { 'Sec-Fetch-Site': 'same-origin', 'User-Agent': 'Neils browser' },
    body: new URLSearchParams(account),
  })
  assert.equal(accepted.status, 303)
  await invite(house, admin, { email: 'neil.other@acme.example', ...as }, String)
  const list = await read(app, ada, `${PEOPLE}?q=ashby`)
  const [, path] = new RegExp(`href="(${PEOPLE}/usr_[^"]+)"`).exec(list)!
  assert.equal((await post(app, ada, `${path}/erasure`)).status, 303)
  const places = [PEOPLE, path!, '/w/acme/settings/members', '/w/acme/audit', '/instance/audit']
  for (const place of places) {
    assert.doesNotMatch(await read(app, ada, place), /Ashby|neil@acme/, place)
  }
  assert.match(await read(app, ada, path!), /Erased person/)
  assert.doesNotMatch(await read(app, ada, `${path}/export`), /Ashby|neil@acme|Neils browser/)
  const verdict = await house.audit.verify()
  assert.equal(verdict.ok, true)
  const again = await post(app, ada, `${path}/erasure`)
  assert.equal(again.status, 403, 'there is nobody to erase any more')
})

test('an owner adds a workspace, enters it, and its admins and its log know', async (t) => {
  const app = await startApp(t)
  const { ada, gwen } = app.cast
  const bad = await post(app, ada, WORKSPACES, { slug: 'No Slug', name: 'Umbrella' })
  assert.equal(bad.status, 422)
  assert.match(await bad.text(), /value="No Slug"/)
  const taken = await post(app, ada, WORKSPACES, { slug: 'acme', name: 'Umbrella' })
  assert.match(await taken.text(), /There is a workspace acme already/)
  assert.equal(
    (await post(app, ada, WORKSPACES, { slug: 'umbrella', name: 'Umbrella' })).status,
    303,
  )
  assert.equal((await app.fetchAs(ada, '/w/globex')).status, 403, 'an owner is no member')
  assert.equal((await post(app, ada, `${WORKSPACES}/${app.globex.id}/entry`)).status, 303)
  assert.equal((await app.fetchAs(ada, '/w/globex')).status, 200)
  assert.match(await read(app, gwen, '/w/globex/audit?act=workspace.enter'), /workspace\.enter/)
  const told = await readNotices(app.house, systemCaller(app.house, 'test'), gwen.userId)
  assert.deepEqual(
    told.map(({ kind }) => kind),
    ['workspace.entered'],
  )
  assert.equal((await post(app, ada, `${WORKSPACES}/${app.globex.id}/entry`)).status, 409)
})

test('a suspended workspace lets nobody in until it is opened again', async (t) => {
  const app = await startApp(t)
  const { ada, gwen } = app.cast
  const path = `${WORKSPACES}/${app.globex.id}/suspension`
  const gwens = systemCaller(app.house, 'test', undefined, app.globex.id)
  const maker = await getMaker(app.house, gwens, gwen.userId)
  const wanted = NewToken.parse({ name: 'CI', kind: 'pat', scopes: ['rules:read'] })
  const { text } = await addToken(app.house, gwens, maker, wanted)
  const bearer = { Authorization: `Bearer ${text}` }
  assert.equal((await app.fetch('/api/v1/me', { headers: bearer })).status, 200, 'the premise')
  const headers = { Cookie: `session=${await app.signIn(gwen)}` }
  assert.equal((await app.fetch('/w/globex', { headers })).status, 200, 'the premise')
  assert.equal((await post(app, ada, path, { isSuspended: 'yes' })).status, 303)
  assert.equal((await app.fetch('/w/globex', { headers })).status, 403)
  assert.equal((await post(app, ada, path, { isSuspended: 'yes' })).status, 409)
  assert.equal((await app.fetch('/api/v1/me', { headers: bearer })).status, 401)
  const inside = systemCaller(app.house, 'test', undefined, app.globex.id)
  const job = await app.house.db.write(inside, async (tx) =>
    app.house.jobs.enqueue(tx, inside, sendMailJob, { mailId: NO_MAIL }, { title: 'a job' }),
  )
  await app.runner.drain()
  assert.equal((await getJob(app.house, inside, job)).state, 'queued')
  assert.equal((await post(app, ada, path, { isSuspended: 'no' })).status, 303)
  assert.equal((await app.fetch('/w/globex', { headers })).status, 200)
  assert.equal((await app.fetch('/api/v1/me', { headers: bearer })).status, 200)
  await finished(app, inside, job)
  assert.equal((await getJob(app.house, inside, job)).state, 'succeeded')
})

/** Resolves once the job has ended: that it may begin is told after the answer. */
function finished({ house, globex }: TestApp, caller: Caller, id: JobId): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const look = async () => {
    if ((await getJob(house, caller, id)).state === 'succeeded') resolve()
  }
  house.events.subscribe(globex.id, () => void look())
  void look()
  return promise
}

test('an owner removes the second factors of somebody who lost them, and shows them out', async (t) => {
  const app = await startApp(t)
  const { ada, ravi } = app.cast
  const { house } = app
  const path = `${PEOPLE}/${ravi.userId}`
  const none = await post(app, ada, `${path}/factors`)
  assert.equal(none.status, 409, 'there is none yet')
  const caller = systemCaller(house, 'test')
  const row = {
    userId: ravi.userId,
    secret: Buffer.alloc(8),
    confirmedAt: caller.now,
    lastStep: 0,
    createdAt: caller.now,
  }
  await house.db.write(caller, (tx) => replaceTotp(tx, row))
  assert.ok(hasSecondFactor(await findSecondFactors(house, caller, ravi.userId)), 'the premise')
  const headers = { Cookie: `session=${await app.signIn(ravi)}` }
  assert.equal((await post(app, ada, `${path}/factors`)).status, 303)
  assert.ok(!hasSecondFactor(await findSecondFactors(house, caller, ravi.userId)))
  assert.equal((await app.fetch('/w/acme', { headers })).status, 401)
  const told = await readNotices(house, caller, ravi.userId)
  assert.deepEqual(
    told.map(({ kind }) => kind),
    ['factor.removed'],
  )
  const again = { Cookie: `session=${await app.signIn(ravi)}` }
  assert.equal((await post(app, ada, `${path}/sessions`)).status, 303)
  assert.equal((await app.fetch('/w/acme', { headers: again })).status, 401)
  assert.equal((await post(app, ada, `${PEOPLE}/${ada.userId}/factors`)).status, 409, 'not oneself')
})
