// Sessions: what opens one, what ends it, and what a planted cookie is worth.

import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { pageRoute } from '#http/routes.ts'
import type { ServerSettings } from '#http/settings.ts'
import { signInRoutes } from '#http/sign-in.ts'
import { HOUR, MINUTE, SECOND } from '#kernel/time.ts'
import { START } from '#test/support/clock.ts'
import { ada, ravi, serveRoutes, vera, type TestServer } from '#test/support/http.ts'
import { exchange } from '#test/support/raw-http.ts'

const account = pageRoute('GET', '/account', 'signed-in', (c) => c.text(c.var.caller!.actor))

/** With the routes that sign in over the server's own sessions. */
function serveSignIn(t: TestContext, settings: Partial<ServerSettings> = {}): Promise<TestServer> {
  return serveRoutes(t, (sessions) => [account, ...signInRoutes(sessions)], settings)
}

test('a session ends after 8 hours without use and after 24 hours whatever happens', async (t) => {
  const { sessions, clock } = await serveRoutes(t, [])
  const idle = sessions.start(ada)
  clock.advance(8 * HOUR - 1)
  assert.ok(sessions.find(idle))
  clock.advance(8 * HOUR)
  assert.equal(sessions.find(idle), undefined)

  const busy = sessions.start(ada)
  for (let hour = 0; hour < 23; hour++) {
    clock.advance(HOUR)
    assert.ok(sessions.find(busy), `hour ${hour}`)
  }
  clock.advance(HOUR)
  assert.equal(sessions.find(busy), undefined)
})

test('looking whether a session lives is no use of it', async (t) => {
  const { sessions, clock } = await serveRoutes(t, [])
  const session = sessions.find(sessions.start(ada))!
  for (let i = 0; i < 8; i++) {
    assert.ok(sessions.isLive(session))
    clock.advance(HOUR)
  }
  assert.ok(!sessions.isLive(session))
})

test('a clock set back revives nothing: far back, everybody is signed out', async (t) => {
  const { sessions, clock } = await serveRoutes(t, [])
  const token = sessions.start(ada)
  clock.advance(HOUR)
  assert.ok(sessions.find(token))
  clock.jumpTo((START + HOUR - 30 * SECOND) as typeof START)
  assert.ok(sessions.find(token), 'a little back is an ordinary correction')
  clock.jumpTo((START + HOUR - 2 * MINUTE) as typeof START)
  assert.equal(sessions.find(token), undefined)
  assert.ok(sessions.find(sessions.start(ada)), 'and nobody is locked out for good')
})

test('signing out takes effect at the next request', async (t) => {
  const { sessions, fetch } = await serveRoutes(t, [account])
  const token = sessions.start(vera)
  const headers = { Cookie: `session=${token}` }
  assert.equal((await fetch('/account', { headers })).status, 200)
  sessions.revoke(sessions.find(token)!)
  assert.equal((await fetch('/account', { headers })).status, 401)
})

test('two cookies of the name, a guess, and the name of the other scheme open nothing', async (t) => {
  const { sessions, fetch } = await serveRoutes(t, [account])
  const token = sessions.start(vera)
  const refused = [
    `session=${token}; session=${token}`,
    `session=${'a'.repeat(43)}`,
    `__Host-session=${token}`,
    `session=${token}x`,
    `session="${token}"`,
    `xsession=${token}`,
  ]
  for (const cookie of refused) {
    assert.equal((await fetch('/account', { headers: { Cookie: cookie } })).status, 401, cookie)
  }
  const answer = await fetch('/account', { headers: { Cookie: `a=b;  session=${token};c=d` } })
  assert.equal(answer.status, 200)
})

test('on https the cookie is bound to the host and marked Secure', async (t) => {
  const { sessions, port } = await serveSignIn(t, {
    trustedProxies: ['127.0.0.1'],
    publicUrls: ['https://rules.example'],
  })
  const ask = (path: string, more = '') =>
    exchange(
      port,
      `GET ${path} HTTP/1.1\r\nHost: rules.example\r\nX-Forwarded-Proto: https\r\n${more}\r\n`,
    )
  const entered = await ask(`/demo/${sessions.makeLink(ada)}`)
  assert.match(
    entered.headers['set-cookie']!,
    /^__Host-session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Secure$/,
  )
  const token = sessions.start(ada)
  assert.equal((await ask('/account', `Cookie: __Host-session=${token}\r\n`)).status, 200)
  assert.equal((await ask('/account', `Cookie: session=${token}\r\n`)).status, 401)
})

test('a link of the demo signs in once, in a new session', async (t) => {
  const world = await serveSignIn(t)
  const link = `/demo/${world.sessions.makeLink(ravi)}`
  assert.equal(
    (await world.fetch(link, { method: 'HEAD' })).status,
    204,
    'a preview spends nothing',
  )
  const planted = world.sessions.start(vera)
  const entered = await world.fetch(link, { headers: { Cookie: `session=${planted}` } })
  assert.equal(entered.status, 303)
  assert.equal(entered.headers.get('Location'), '/w/acme')
  assert.equal(world.sessions.find(planted), undefined)
  const cookie = entered.headers.get('Set-Cookie')!.split(';')[0]!
  assert.equal(
    await (await world.fetch('/account', { headers: { Cookie: cookie } })).text(),
    'usr_ravi',
  )
  const again = await world.fetch(link)
  assert.equal(again.status, 403)
  assert.equal(again.headers.get('Set-Cookie'), null)
  assert.doesNotMatch(JSON.stringify(world.logged), new RegExp(link.slice(6)))
})
