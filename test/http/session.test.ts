// Sessions: what opens one, what ends it, and what a planted cookie is worth.

import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { createSecretKey, randomBytes } from 'node:crypto'
import { openEnvelope, sealEnvelope } from '#domain/access/envelope.ts'
import { systemCaller } from '#domain/access/system.ts'
import { DemoLinks } from '#http/demo-links.ts'
import { pageRoute } from '#http/routes.ts'
import type { ServerSettings } from '#http/settings.ts'
import { makeSignInParts, signInRoutes } from '#http/sign-in.ts'
import { sha256Hex } from '#kernel/hash.ts'
import { HOUR, MINUTE, SECOND } from '#kernel/time.ts'
import { START } from '#test/support/clock.ts'
import { ada, ravi, vera } from '#test/support/cast.ts'
import { serveRoutes, type TestServer } from '#test/support/http.ts'
import { exchange } from '#test/support/raw-http.ts'

const account = pageRoute('GET', '/account', 'signed-in', (c) => c.text(c.var.caller!.actor))

/** With the routes that sign in over the server's own sessions. */
async function serveSignIn(
  t: TestContext,
  settings: Partial<ServerSettings> = {},
): Promise<TestServer & { demoLinks: DemoLinks }> {
  const demoLinks = new DemoLinks({ random: randomBytes })
  const served = await serveRoutes(
    t,
    (sessions) => [
      account,
      ...signInRoutes({ ...makeSignInParts(randomBytes, sessions), demoLinks }),
    ],
    settings,
  )
  return { ...served, demoLinks }
}

test('a session ends after 8 hours without use and after 24 hours whatever happens', async (t) => {
  const { sessions, signIn, clock } = await serveRoutes(t, [])
  const idle = await signIn(ada)
  clock.advance(8 * HOUR - 1)
  assert.ok(await sessions.find(idle))
  clock.advance(8 * HOUR)
  assert.equal(await sessions.find(idle), undefined)

  const busy = await signIn(ada)
  for (let hour = 0; hour < 23; hour++) {
    clock.advance(HOUR)
    assert.ok(await sessions.find(busy), `hour ${hour}`)
  }
  clock.advance(HOUR)
  assert.equal(await sessions.find(busy), undefined)
})

test('looking whether a session lives is no use of it', async (t) => {
  const { sessions, signIn, clock } = await serveRoutes(t, [])
  const session = (await sessions.find(await signIn(ada)))!
  for (let i = 0; i < 8; i++) {
    assert.ok(await sessions.isLive(session))
    clock.advance(HOUR)
  }
  assert.ok(!(await sessions.isLive(session)))
})

test('a clock set back revives nothing: far back, everybody is signed out', async (t) => {
  const { sessions, signIn, clock } = await serveRoutes(t, [])
  const token = await signIn(ada)
  clock.advance(HOUR)
  assert.ok(await sessions.find(token))
  clock.jumpTo((START + HOUR - 30 * SECOND) as typeof START)
  assert.ok(await sessions.find(token), 'a little back is an ordinary correction')
  clock.jumpTo((START + HOUR - 2 * MINUTE) as typeof START)
  assert.equal(await sessions.find(token), undefined)
  assert.ok(await sessions.find(await signIn(ada)), 'and nobody is locked out for good')
})

test('signing out takes effect at the next request', async (t) => {
  const { house, sessions, signIn, fetch } = await serveRoutes(t, [account])
  const token = await signIn(vera)
  const headers = { Cookie: `session=${token}` }
  assert.equal((await fetch('/account', { headers })).status, 200)
  await sessions.revoke(systemCaller(house, 'test'), (await sessions.find(token))!)
  assert.equal((await fetch('/account', { headers })).status, 401)
})

test('two cookies of the name, a guess, and the name of the other scheme open nothing', async (t) => {
  const { signIn, fetch } = await serveRoutes(t, [account])
  const token = await signIn(vera)
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

test('no byte of a session can be changed, and nothing made elsewhere is one', async (t) => {
  const { sessions, signIn, house } = await serveRoutes(t, [])
  const { keys } = house
  const token = await signIn(ada)
  const head = 'v4.local.'
  const bytes = Buffer.from(token.slice(head.length), 'base64url')
  const forged: Record<string, string> = {}
  for (let at = 0; at < bytes.length; at++) {
    const flipped = Buffer.from(bytes)
    flipped[at]! ^= 1
    forged[`byte ${at} changed`] = head + flipped.toString('base64url')
    forged[`cut to ${at} bytes`] = head + bytes.subarray(0, at).toString('base64url')
  }
  const value = openEnvelope(keys.purpose('session'), keys.installId, token)!
  const ours = keys.purpose('session')
  forged['the value alone'] = value
  forged['what the file holds'] = sha256Hex(value)
  forged['sealed with another key'] = sealEnvelope(randomKey(), keys.installId, value)
  forged['sealed with a key of another purpose'] = sealEnvelope(keys.purpose('token-pepper'), keys.installId, value) // prettier-ignore
  forged['sealed for another installation'] = sealEnvelope(ours, 'ins_other', value)
  forged['with a footer'] =
    `${token}.${Buffer.from('{"kid":"../../dev/null"}').toString('base64url')}`
  forged['a megabyte'] = token + 'A'.repeat(1_000_000)
  for (const kind of ['v4.public.', 'v3.local.', 'v2.local.', 'v1.local.', 'V4.LOCAL.']) {
    forged[kind] = kind + token.slice(head.length)
  }
  for (const header of JWT_HEADERS) forged[JSON.stringify(header)] = jwt(header, { id: value })
  for (const [what, one] of Object.entries(forged)) {
    assert.equal(await sessions.find(one), undefined, what)
  }
  assert.ok(await sessions.find(token), 'the premise')
  assert.ok(await sessions.find(sealEnvelope(ours, keys.installId, value)), 'and of the sealing')
})

const randomKey = () => createSecretKey(randomBytes(32))

/** Tokens of another format, as one that took any would fall for. */
const JWT_HEADERS: readonly Readonly<Record<string, unknown>>[] = [
  { alg: 'none' },
  { alg: 'None' },
  { alg: 'NONE' },
  { alg: 'HS256' },
  { alg: 'HS256', kid: '../../dev/null' },
  { alg: 'HS256', kid: "' or 1=1 --" },
  { alg: 'HS256', crit: ['unknown'], unknown: true },
  { alg: 'RS256', jku: 'https://attacker.invalid/jwks' },
  { alg: 'ES256', jwk: { kty: 'EC', crv: 'P-256' } },
  { alg: 'dir', enc: 'A256GCM', zip: 'DEF' },
  { alg: 'PBES2-HS256+A128KW', enc: 'A128GCM', p2c: 2 ** 31 },
]

function jwt(header: object, claims: object): string {
  const parts = [header, claims].map((part) => Buffer.from(JSON.stringify(part)))
  return [...parts, Buffer.alloc(header === JWT_HEADERS[0] ? 0 : 32)]
    .map((part) => part.toString('base64url'))
    .join('.')
}

test('on https the cookie is bound to the host and marked Secure', async (t) => {
  const { demoLinks, signIn, port } = await serveSignIn(t, {
    trustedProxies: ['127.0.0.1'],
    publicUrls: ['https://rules.example'],
  })
  const ask = (path: string, more = '') =>
    exchange(
      port,
      `GET ${path} HTTP/1.1\r\nHost: rules.example\r\nX-Forwarded-Proto: https\r\n${more}\r\n`,
    )
  const entered = await ask(`/demo/${demoLinks.make(ada.userId)}`)
  assert.match(
    entered.headers['set-cookie']!,
    /^__Host-session=v4\.local\.[\w-]{150,}; Path=\/; HttpOnly; SameSite=Lax; Secure$/,
  )
  const token = await signIn(ada)
  assert.equal((await ask('/account', `Cookie: __Host-session=${token}\r\n`)).status, 200)
  assert.equal((await ask('/account', `Cookie: session=${token}\r\n`)).status, 401)
})

test('a link of the demo signs in once, in a new session', async (t) => {
  const world = await serveSignIn(t)
  const link = `/demo/${world.demoLinks.make(ravi.userId)}`
  assert.equal(
    (await world.fetch(link, { method: 'HEAD' })).status,
    204,
    'a preview spends nothing',
  )
  const planted = await world.signIn(vera)
  const entered = await world.fetch(link, { headers: { Cookie: `session=${planted}` } })
  assert.equal(entered.status, 303)
  assert.equal(entered.headers.get('Location'), '/w/acme')
  assert.equal(await world.sessions.find(planted), undefined)
  const set = entered.headers.getSetCookie()
  const cookie = set.find((one) => one.startsWith('session='))!.split(';')[0]!
  assert.equal(
    await (await world.fetch('/account', { headers: { Cookie: cookie } })).text(),
    'usr_ravi',
  )
  const again = await world.fetch(link)
  assert.equal(again.status, 403)
  assert.equal(again.headers.get('Set-Cookie'), null)
  assert.doesNotMatch(JSON.stringify(world.logged), new RegExp(link.slice(6)))
})

test('somebody has at most 20 sessions: the one longest unused gives way', async (t) => {
  const { sessions, signIn, clock } = await serveRoutes(t, [])
  const cookies: string[] = []
  for (let count = 0; count < 21; count++) {
    cookies.push(await signIn(ravi))
    clock.advance(SECOND)
  }
  const other = await signIn(vera)
  assert.equal(await sessions.find(cookies[0]), undefined)
  for (const cookie of [...cookies.slice(1), other]) assert.ok(await sessions.find(cookie))
})
