// Sessions that end while something is under way: streams that are open, requests that come together,
// a workspace that closes.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { endOwnSession } from '#domain/access/account.ts'
import { proveAgain } from '#domain/access/arrival.ts'
import { removeMember } from '#domain/access/members.ts'
import { suspendPerson } from '#domain/access/people.ts'
import { selectSessionsOf } from '#domain/access/session-store.ts'
import { systemCaller } from '#domain/access/system.ts'
import { suspendWorkspace } from '#domain/workspaces/actions.ts'
import { callerFor, givePassword, PASSWORD } from '#test/support/passwords.ts'
import { startApp, type CastMember, type TestApp } from '#test/support/start-app.ts'

const read = (app: TestApp, cookie: string, path: string) =>
  app.fetch(path, { headers: { Cookie: `session=${cookie}` } })

function post(app: TestApp, cookie: string, path: string, form: Record<string, string> = {}) {
  return app.fetch(path, {
    method: 'POST',
    headers: { 'Sec-Fetch-Site': 'same-origin', Cookie: `session=${cookie}` },
    body: new URLSearchParams(form),
  })
}

const sessionsOf = ({ house }: TestApp, { userId }: CastMember) =>
  selectSessionsOf(house.db.read(systemCaller(house, 'test').scope), userId)

/** Something happens in acme: every stream of it looks whether it may go on. */
function tell({ house, acme }: TestApp, id: string): Promise<void> {
  const caller = systemCaller(house, 'test', undefined, acme.id)
  return house.db.write(caller, async (tx) =>
    house.events.publish(tx, { workspaceId: acme.id, noun: 'job', id, verb: 'changed' }),
  )
}

async function readUntil(stream: Response, wanted: string): Promise<string> {
  let text = ''
  for await (const part of stream.body!.pipeThrough(new TextDecoderStream())) {
    text += part
    if (text.includes(wanted)) break
  }
  return text
}

const ENDED = /event: ended\ndata: {}\n\n$/

test('an open stream ends with sign-out elsewhere, suspension, removal and a new password', async (t) => {
  const app = await startApp(t)
  const { house, cast, acme } = app
  const caller = systemCaller(house, 'test', undefined, acme.id)
  const here = await app.signIn(cast.ada)
  const there = await app.signIn(cast.ada)
  const thereToo = await app.signIn(cast.ada)
  const { id } = (await app.sessions.find(there))!
  const cases: [string, string, () => Promise<unknown>][] = [
    [
      'sign-out elsewhere',
      there,
      () => endOwnSession(house, callerFor(house, cast.ada.userId), id),
    ],
    [
      'suspension',
      await app.signIn(cast.vera),
      () => suspendPerson(house, caller, cast.vera.userId),
    ],
    ['removal', await app.signIn(cast.ravi), () => removeMember(house, caller, cast.ravi.userId)],
    [
      'a new password',
      thereToo,
      async () => {
        const form = { password: 'violet thimble jar' }
        assert.equal((await post(app, here, '/account/security/password', form)).status, 303)
      },
    ],
  ]
  const own = await read(app, here, '/w/acme/signals')
  for (const [name, cookie, revoke] of cases) {
    const stream = await read(app, cookie, '/w/acme/signals')
    assert.equal(stream.status, 200, name)
    await revoke()
    await tell(app, 'secret')
    const text = await readUntil(stream, 'event: ended')
    assert.match(text, ENDED, name)
    assert.doesNotMatch(text, /secret/, name)
  }
  await tell(app, 'last')
  assert.match(await readUntil(own, '"last"'), /"last"/, 'the one that chose the password goes on')
})

test('a workspace that closes ends its streams and pages, and leaves the session for others', async (t) => {
  const app = await startApp(t)
  const { house, cast, acme } = app
  const cookie = await app.signIn(cast.vera)
  const stream = await read(app, cookie, '/w/acme/signals')
  assert.equal(stream.status, 200, 'the premise')
  await suspendWorkspace(house, systemCaller(house, 'test'), acme.id, true)
  await tell(app, 'secret')
  const text = await readUntil(stream, 'event: ended')
  assert.match(text, ENDED)
  assert.doesNotMatch(text, /secret/)
  for (const path of ['/w/acme', '/w/acme/signals', '/w/acme/jobs']) {
    assert.equal((await read(app, cookie, path)).status, 403, path)
  }
  assert.equal((await read(app, cookie, '/account')).status, 200)
  await suspendWorkspace(house, systemCaller(house, 'test'), acme.id, false)
  assert.equal((await read(app, cookie, '/w/acme')).status, 200)
})

test('ten sign-outs at once, among requests: nothing breaks and nothing is left', async (t) => {
  const app = await startApp(t)
  const { vera } = app.cast
  const cookie = await app.signIn(vera)
  const other = await app.signIn(vera)
  const answers = await Promise.all(
    Array.from({ length: 10 }, () => [
      post(app, cookie, '/sign-out'),
      read(app, cookie, '/account'),
    ]).flat(),
  )
  const outs = answers.filter((_, index) => index % 2 === 0).map(({ status }) => status)
  const reads = answers.filter((_, index) => index % 2 === 1).map(({ status }) => status)
  assert.ok(outs.includes(303))
  assert.ok(
    outs.every((status) => [303, 401].includes(status)),
    String(outs),
  )
  assert.ok(
    reads.every((status) => [200, 401].includes(status)),
    String(reads),
  )
  assert.equal((await read(app, cookie, '/account')).status, 401)
  assert.equal((await read(app, other, '/account')).status, 200, 'the other browser stays')
})

test('signing out ends a session whose secret a proof has changed meanwhile', async (t) => {
  const app = await startApp(t)
  const { vera } = app.cast
  const session = (await app.sessions.find(await app.signIn(vera)))!
  const caller = callerFor(app.house, vera.userId)
  const factor = { factor: 'password' } as const
  const renewed = await proveAgain(app.house, app.sessions, caller, session, factor)
  assert.ok(await app.sessions.find(renewed), 'the premise')
  await app.sessions.revoke(caller, session)
  assert.equal(await app.sessions.find(renewed), undefined)
  await assert.rejects(proveAgain(app.house, app.sessions, caller, session, factor), {
    code: 'unauthenticated',
  })
})

test('two requests that prove at once: one gets the new secret, and there is one session', async (t) => {
  const app = await startApp(t)
  const { ada } = app.cast
  await givePassword(app.house, ada.userId)
  const cookie = await app.signIn(ada)
  const form = { password: PASSWORD, next: '/w/acme' }
  const answers = await Promise.all([1, 2].map(() => post(app, cookie, '/account/prove', form)))
  const cookies = answers.flatMap((answer) => answer.headers.getSetCookie())
  const fresh = cookies.flatMap((set) => /^session=([^;]+)/.exec(set)?.[1] ?? [])
  assert.deepEqual(
    answers.map(({ status }) => status).toSorted((a, b) => a - b),
    [303, 401],
  )
  assert.equal(fresh.length, 1)
  assert.equal((await sessionsOf(app, ada)).length, 1)
  assert.ok(await app.sessions.find(fresh[0]))
  assert.equal(await app.sessions.find(cookie), undefined)
})
