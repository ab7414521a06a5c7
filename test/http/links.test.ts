// The links that let somebody in: claim, invitation, password reset. Each once, for its purpose and its
// person, and the same answer for every link that is over.

import assert from 'node:assert/strict'
import { globSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { invite } from '#domain/access/invitations.ts'
import { makeReset } from '#domain/access/resets.ts'
import { findUser, updateUser } from '#domain/access/user-store.ts'
import { systemCaller } from '#domain/access/system.ts'
import { MINUTE, SECOND } from '#kernel/time.ts'
import { startApp as start } from '#src/app.ts'
import { fakeClock, START } from '#test/support/clock.ts'
import { testConfiguration } from '#test/support/configuration.ts'
import { makeFolder } from '#test/support/database.ts'
import { startApp, type TestApp } from '#test/support/start-app.ts'

const PASSWORD = 'wide river 47 lanterns'
const ACCOUNT = { name: 'Neil', email: 'neil@acme.example', password: PASSWORD }

type Fetch = (path: string, init?: RequestInit) => Promise<Response>

function post(fetch: Fetch, path: string, form: Record<string, string>, cookie = '') {
  return fetch(path, {
    method: 'POST',
    headers: { 'Sec-Fetch-Site': 'same-origin', Cookie: cookie },
    body: new URLSearchParams(form),
  })
}

const cookieOf = (answer: Response) =>
  answer.headers
    .getSetCookie()
    .map((line) => line.split(';')[0]!)
    .join('; ')

/** An install that nobody owns, and the path of its claim link. */
async function startFresh(t: TestContext) {
  const app = await start({ configuration: testConfiguration(makeFolder(t)), clock: fakeClock() })
  t.after(() => app.stop())
  const call: Fetch = (path, init) => fetch(new URL(path, app.url), { redirect: 'manual', ...init })
  const link = await app.claimLink()
  return { ...app, fetch: call, link, path: new URL(link!).pathname }
}

async function inviteTo({ house, acme }: TestApp, email = ACCOUNT.email): Promise<string> {
  const admin = systemCaller(house, 'test', undefined, acme.id)
  const as = { role: 'engineer', isApprover: false, isAuditor: false } as const
  return `/invite/${(await invite(house, admin, { email, ...as }, String)).token}`
}

test('who opens the claim link owns the install, and nobody after them', async (t) => {
  const app = await startFresh(t)
  assert.match(app.link!, /^http:\/\/localhost:\d+\/claim\/[\w-]{43}$/)
  assert.equal((await app.fetch(app.path)).status, 200)
  assert.equal((await app.fetch(app.path)).status, 200, 'looking does not use it up')
  const claimed = await post(app.fetch, app.path, ACCOUNT)
  assert.deepEqual([claimed.status, claimed.headers.get('Location')], [303, '/w/default'])
  const headers = { Cookie: cookieOf(claimed) }
  assert.equal((await app.fetch('/instance', { headers })).status, 200)
  assert.equal((await app.fetch('/w/default/settings/members', { headers })).status, 200)
  assert.equal((await app.fetch(app.path)).status, 403)
  const again = { ...ACCOUNT, email: 'eve@acme.example' }
  assert.equal((await post(app.fetch, app.path, again)).status, 403)
  assert.equal(await app.claimLink(), undefined)
})

test('a start prints another claim link and ends the one before', async (t) => {
  const app = await startFresh(t)
  const next = new URL((await app.claimLink())!).pathname
  assert.equal((await app.fetch(app.path)).status, 403)
  assert.equal((await app.fetch(next)).status, 200)
})

test('of two who claim at once one gets it', async (t) => {
  const app = await startFresh(t)
  const answers = await Promise.all(
    ['one', 'two', 'three'].map((who) =>
      post(app.fetch, app.path, { ...ACCOUNT, email: `${who}@acme.example` }),
    ),
  )
  assert.deepEqual(answers.map(({ status }) => String(status)).toSorted(), ['303', '403', '403'])
})

test('what is not accepted is kept, but for the password, with the reason beside it', async (t) => {
  const app = await startFresh(t)
  for (const [form, problem] of [
    [{ ...ACCOUNT, password: 'short' }, /id="error-password".*at least 15/s],
    [{ ...ACCOUNT, password: 'neil neil neil neil' }, /among the first guesses/],
    [{ ...ACCOUNT, email: 'nobody' }, /The address is not an e-mail address/],
    [{ ...ACCOUNT, name: '   ' }, /The name is empty/],
  ] as const) {
    const answer = await post(app.fetch, app.path, form)
    assert.equal(answer.status, 422)
    const html = await answer.text()
    assert.match(html, problem)
    assert.ok(html.includes(`value="${form.email}"`))
    assert.ok(!html.includes(`value="${form.password}"`))
  }
  assert.equal((await post(app.fetch, app.path, ACCOUNT)).status, 303, 'the link is still good')
})

test('an invitation makes an account that comes in as its role, once', async (t) => {
  const app = await startApp(t)
  const path = await inviteTo(app)
  assert.match(await (await app.fetch(path)).text(), /neil@acme\.example/)
  const stolen = { ...ACCOUNT, email: 'eve@acme.example' }
  const accepted = await post(app.fetch, path, stolen)
  assert.equal(accepted.headers.get('Location'), '/w/acme')
  const overview = await app.fetch('/w/acme', { headers: { Cookie: cookieOf(accepted) } })
  assert.match(await overview.text(), /engineer/i)
  const members = await (await app.fetchAs(app.cast.ada, '/w/acme/settings/members')).text()
  assert.match(members, /neil@acme\.example/)
  assert.doesNotMatch(members, /eve@acme\.example/, 'the link says whose account it is')
  assert.equal((await post(app.fetch, path, ACCOUNT)).status, 403)
})

test('whoever has an account accepts signed in, as themselves, and nobody in their place', async (t) => {
  const app = await startApp(t)
  const path = await inviteTo(app, 'gwen@globex.example')
  const stranger = await (await app.fetch(path)).text()
  assert.match(stranger, /\/sign-in\?next=%2Finvite%2F/)
  await post(app.fetch, path, ACCOUNT)
  const cookie = async (who: 'vera' | 'gwen') => `session=${await app.signIn(app.cast[who])}`
  await post(app.fetch, path, {}, await cookie('vera'))
  assert.equal((await app.fetchAs(app.cast.gwen, '/w/acme')).status, 403, 'not yet')
  const joined = await post(app.fetch, path, {}, await cookie('gwen'))
  assert.equal(joined.headers.get('Location'), '/w/acme')
  assert.equal((await app.fetchAs(app.cast.gwen, '/w/acme')).status, 200)
})

test('a link is good for its own purpose, and all that are not look the same', async (t) => {
  const app = await startApp(t)
  const [, , token] = (await inviteTo(app)).split('/')
  const bodies = new Set<string>()
  for (const path of [
    `/claim/${token}`,
    `/reset/${token}`,
    `/invite/${'A'.repeat(43)}`,
    '/invite/short',
    `/reset/${'A'.repeat(43)}`,
    `/claim/%00`,
  ]) {
    for (const answer of [await app.fetch(path), await post(app.fetch, path, ACCOUNT)]) {
      assert.equal(answer.status, 403, path)
      bodies.add((await answer.text()).replaceAll(/nonce="[\w-]+"|\/static\/[\w.-]+/g, ''))
    }
  }
  assert.equal(bodies.size, 1)
})

async function resetFor(app: TestApp, who: 'ada' | 'ravi'): Promise<string> {
  const owner = systemCaller(app.house, 'test')
  return `/reset/${(await makeReset(app.house, owner, app.cast[who].userId)).token}`
}

test('a reset sets a password once, ends every session, and signs nobody in', async (t) => {
  const app = await startApp(t)
  const cookie = `session=${await app.signIn(app.cast.ravi)}`
  const path = await resetFor(app, 'ravi')
  assert.match(await (await app.fetch(path)).text(), /ravi@acme\.example/)
  const weak = await post(app.fetch, path, { password: 'ravi ravi ravi ravi' })
  assert.equal(weak.status, 422)
  const done = await post(app.fetch, path, { password: PASSWORD })
  assert.deepEqual([done.status, done.headers.getSetCookie()], [200, []])
  assert.equal((await app.fetch('/w/acme', { headers: { Cookie: cookie } })).status, 401)
  assert.equal((await post(app.fetch, path, { password: PASSWORD })).status, 403)
})

test('a reset ends by a newer one, after 30 minutes, and when the clock is set back', async (t) => {
  const app = await startApp(t)
  const status = async (path: string) => (await app.fetch(path)).status
  const first = await resetFor(app, 'ravi')
  const second = await resetFor(app, 'ravi')
  assert.deepEqual([await status(first), await status(second)], [403, 200])
  app.clock.advance(30 * MINUTE - SECOND)
  assert.equal(await status(second), 200)
  app.clock.advance(SECOND)
  assert.equal(await status(second), 403)
  const third = await resetFor(app, 'ravi')
  app.clock.jumpTo(START)
  assert.equal(await status(third), 403, 'it is from the future')
})

test('without a mail server nobody can ask for a reset, and the page says who can help', async (t) => {
  const app = await startApp(t)
  for (const email of ['ada@acme.example', 'nobody@acme.example']) {
    const html = await (await post(app.fetch, '/reset', { email })).text()
    assert.match(html, /This instance sends no mail/)
  }
})

test('the token of a link stands in no file, used or not', async (t) => {
  const app = await startApp(t)
  const paths = [await inviteTo(app), await inviteTo(app, 'grace@acme.example')]
  paths.push(await resetFor(app, 'ravi'), new URL((await freshClaim(app))!, app.url).pathname)
  for (const path of paths) await app.fetch(path)
  await post(app.fetch, paths[0]!, ACCOUNT)
  await app.stop()
  const files = globSync('**/*', { cwd: app.data }).map((name) => join(app.data, name))
  const bytes = Buffer.concat(
    files.filter((file) => statSync(file).isFile()).map((file) => readFileSync(file)),
  )
  assert.ok(bytes.includes('grace@acme.example'), 'the premise: what is stored is found')
  assert.ok(!bytes.includes(PASSWORD))
  for (const path of paths) assert.ok(!bytes.includes(path.split('/')[2]!), path)
})

/** As if nobody owned the install yet. */
async function freshClaim({ house, cast, claimLink }: TestApp): Promise<string | undefined> {
  const owner = systemCaller(house, 'test')
  await house.db.write(owner, async (tx) => {
    const key = house.keys.purpose('row-mac')
    const user = (await findUser(tx, key, cast.ada.userId))!
    await updateUser(tx, key, { ...user, isOwner: false })
  })
  return claimLink()
}
