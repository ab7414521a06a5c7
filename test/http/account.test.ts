// A person's own pages: what they change takes effect, what lets them in asks for a fresh proof, and
// nobody reaches anything of somebody else.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { choosePassword } from '#domain/access/credentials.ts'
import { findSecondFactors, nameFactors } from '#domain/access/factors.ts'
import { insertPasskey } from '#domain/access/passkey-store.ts'
import { removeTotp } from '#domain/access/second-factor.ts'
import { findUser } from '#domain/access/user-store.ts'
import { Secret, TOTP } from 'otpauth'
import { systemCaller } from '#domain/access/system.ts'
import { changePolicy } from '#domain/workspaces/policy-actions.ts'
import { DEFAULT_POLICY } from '#domain/workspaces/policy.ts'
import { ID_PREFIXES, makeId, type PasskeyId, type UserId } from '#kernel/id.ts'
import { MINUTE, SECOND } from '#kernel/time.ts'
import type { House } from '#platform/house.ts'
import { callerFor, givePassword, giveTotp } from '#test/support/passwords.ts'
import { startApp, type TestApp } from '#test/support/start-app.ts'

async function givePasskey(house: House, userId: UserId): Promise<PasskeyId> {
  const caller = callerFor(house, userId)
  const key = house.keys.purpose('row-mac')
  const id = makeId(ID_PREFIXES.passkey, caller.now, house.random(10))
  await house.db.write(caller, async (tx) => {
    await insertPasskey(tx, key, {
      id,
      userId,
      credentialId: id,
      publicKey: Buffer.of(1),
      counter: 0,
      transports: '[]',
      isBackedUp: 0,
      name: 'Laptop',
      createdAt: caller.now,
      usedAt: null,
    })
    await nameFactors(tx, key, userId)
  })
  return id
}

interface Browser {
  session: string
}

async function post(
  app: TestApp,
  browser: Browser,
  path: string,
  form: Readonly<Record<string, string>> = {},
): Promise<Response> {
  const answer = await app.fetch(path, {
    method: 'POST',
    headers: { 'Sec-Fetch-Site': 'same-origin', Cookie: `session=${browser.session}` },
    body: new URLSearchParams(form),
  })
  const renewed = answer.headers.getSetCookie().find((set) => set.startsWith('session='))
  if (renewed) browser.session = /=([^;]*)/.exec(renewed)![1]!
  return answer
}

const read = (app: TestApp, browser: Browser, path: string) =>
  app.fetch(path, { headers: { Cookie: `session=${browser.session}` } })

test('a profile is saved, and what does not fit comes back beside its field', async (t) => {
  const app = await startApp(t)
  const vera: Browser = { session: await app.signIn(app.cast.vera) }
  const bad = await post(app, vera, '/account', { name: 'Vera', timeZone: 'Mars/Olympus' })
  assert.equal(bad.status, 422)
  assert.match(await bad.text(), /value="Mars\/Olympus".*The time zone is not one like/s)
  const good = await post(app, vera, '/account', { name: 'Véra  Q', timeZone: 'Europe/Paris' })
  assert.equal(good.status, 303)
  const page = await (await read(app, vera, '/account')).text()
  assert.match(page, /Your profile is saved/)
  assert.match(page, /value="Véra {2}Q"/)
  const key = app.house.keys.purpose('row-mac')
  const caller = callerFor(app.house, app.cast.vera.userId)
  const user = await findUser(app.house.db.read(caller.scope), key, app.cast.vera.userId)
  assert.equal(user!.timeZone, 'Europe/Paris')
})

test('what lets somebody in asks for a proof of the last five minutes', async (t) => {
  const app = await startApp(t)
  const vera: Browser = { session: await app.signIn(app.cast.vera) }
  app.clock.advance(5 * MINUTE)
  for (const path of ['password', 'totp', 'totp/confirmation', 'totp/removal', 'recovery-codes']) {
    const answer = await post(app, vera, `/account/security/${path}`, { password: 'x', code: '1' })
    const next = path.startsWith('totp') ? '/account/security/totp' : '/account/security'
    const expected = `/account/prove?${new URLSearchParams({ next, sent: '1' }).toString()}`
    assert.equal(answer.headers.get('Location'), expected, path)
  }
  const asked = await read(app, vera, '/account/security/totp')
  assert.equal(asked.headers.get('Location'), '/account/prove?next=%2Faccount%2Fsecurity%2Ftotp')
})

test('signing and breaking the glass ask for one; the answer of a passkey is one', async (t) => {
  const app = await startApp(t)
  const ada: Browser = { session: await app.signIn(app.cast.ada) }
  app.clock.advance(5 * MINUTE)
  const change = `/w/acme/changes/${makeId('chg', app.clock.now(), new Uint8Array(10))}`
  const hotfix = `/w/acme/hotfixes/${makeId('hfx', app.clock.now(), new Uint8Array(10))}`
  const asking = [
    [`${change}/signatures`, change],
    [`${change}/breakglass`, `${change}/breakglass`],
    [`${hotfix}/keep`, hotfix],
  ] as const
  for (const [path, next] of asking) {
    const expected = `/account/prove?${new URLSearchParams({ next, sent: '1' }).toString()}`
    assert.equal((await post(app, ada, path, {})).headers.get('Location'), expected, path)
  }
  const answered = await post(app, ada, `${change}/signatures/passkey`, {})
  assert.equal(answered.status, 403, 'it got past the gate, to a change that is not there')
})

test('a changed password ends the other sessions and gives this one a new secret', async (t) => {
  const app = await startApp(t)
  const { vera } = app.cast
  const here: Browser = { session: await app.signIn(vera) }
  const there = await app.signIn(vera)
  const before = here.session
  const weak = await post(app, here, '/account/security/password', {
    password: 'vera@acme.example',
  })
  assert.equal(weak.status, 422)
  assert.match(await weak.text(), /among the first guesses/)
  const password = 'violet thimble jar'
  const answer = await post(app, here, '/account/security/password', { password })
  assert.equal(answer.status, 303)
  assert.equal(await app.sessions.find(there), undefined)
  assert.equal(await app.sessions.find(before), undefined)
  assert.ok(await app.sessions.find(here.session))
  const events = await (await read(app, here, '/account/events')).text()
  assert.match(events, /Your password was changed/)
  assert.match(events, />New</)
  assert.doesNotMatch(await (await read(app, here, '/account/events')).text(), />New</)
})

test('an authenticator app is set up with a code of it; its key is shown until then and never again', async (t) => {
  const app = await startApp(t)
  const { vera } = app.cast
  const here: Browser = { session: await app.signIn(vera) }
  assert.equal((await read(app, here, '/account/security/totp')).status, 303, 'none is begun')
  await post(app, here, '/account/security/totp')
  const page = await (await read(app, here, '/account/security/totp')).text()
  const key = /id="totp-key"[^>]*>([A-Z2-7 ]+)</.exec(page)![1]!
  assert.match(page, /aria-label="The key as a QR code"/)
  const wrong = await post(app, here, '/account/security/totp/confirmation', { code: '000000' })
  assert.equal(wrong.status, 422)
  assert.ok((await wrong.text()).includes(key), 'a typing error does not begin anew')
  const totp = new TOTP({ secret: Secret.fromBase32(key.replaceAll(' ', '')) })
  const code = totp.generate({ timestamp: app.clock.now() })
  const shown = await post(app, here, '/account/security/totp/confirmation', { code })
  const codes = [...(await shown.text()).matchAll(/<li>([0-9a-z]{5}-[0-9a-z]{5})<\/li>/g)]
  assert.equal(codes.length, 10)
  assert.equal((await read(app, here, '/account/security/totp')).status, 303, 'the key is gone')
  assert.deepEqual((await app.sessions.find(here.session))!.factors, ['link', 'totp'])
  const security = await (await read(app, here, '/account/security')).text()
  assert.match(security, /10 of 10 left/)
  for (const [, one] of codes) assert.ok(!security.includes(one!))
})

test('eight characters are enough for a password once a second factor stands behind it', async (t) => {
  const app = await startApp(t)
  const here: Browser = { session: await app.signIn(app.cast.vera) }
  const password = 'k7#mQ2xz'
  assert.equal((await post(app, here, '/account/security/password', { password })).status, 422)
  await giveTotp(app.house, (await app.sessions.find(here.session))!)
  assert.equal((await post(app, here, '/account/security/password', { password })).status, 303)
})

test('removing the last second factor takes the recovery codes with it, and ends other sessions', async (t) => {
  const app = await startApp(t)
  const { vera } = app.cast
  await givePassword(app.house, vera.userId)
  const here: Browser = { session: await app.signIn(vera) }
  await giveTotp(app.house, (await app.sessions.find(here.session))!)
  const there = await app.signIn(vera)
  app.clock.advance(SECOND)
  const answer = await post(app, here, '/account/security/totp/removal')
  assert.equal(answer.status, 303)
  assert.equal(await app.sessions.find(there), undefined)
  const left = await findSecondFactors(app.house, callerFor(app.house, vera.userId), vera.userId)
  assert.deepEqual(left, { totpSince: null, passkeyCount: 0, recoveryCodesLeft: 0 })
})

test('a short password never stays alone: the last factor goes with a longer one, or not at all', async (t) => {
  const app = await startApp(t)
  const { vera } = app.cast
  const { house } = app
  const here: Browser = { session: await app.signIn(vera) }
  const short = 'k7#mQ2xz'
  await giveTotp(house, (await app.sessions.find(here.session))!)
  await post(app, here, '/account/security/password', { password: short })
  const removal = '/account/security/totp/removal'
  const refused = await post(app, here, removal)
  assert.equal(refused.status, 422)
  assert.match(await refused.text(), /Your password is short.*name="password"/s)
  const again = await post(app, here, removal, { password: 'another9' })
  assert.equal(again.status, 422)
  assert.match(await again.text(), /Use at least 15 characters/)
  const factors = () => findSecondFactors(house, callerFor(house, vera.userId), vera.userId)
  assert.notEqual((await factors()).totpSince, null, 'nothing was removed')

  // Beside another factor it may go at once, and then the other one may not.
  const passkey = await givePasskey(house, vera.userId)
  assert.equal((await post(app, here, removal)).status, 303)
  const last = `/account/security/passkeys/${passkey}/removal`
  assert.equal((await post(app, here, last)).status, 422)
  const longer = 'violet thimble jar'
  assert.equal((await post(app, here, last, { password: longer })).status, 303)
  assert.equal((await factors()).passkeyCount, 0)
  const signIn = (password: string) =>
    app.fetch('/sign-in', {
      method: 'POST',
      headers: { 'Sec-Fetch-Site': 'same-origin' },
      body: new URLSearchParams({ email: 'vera@acme.example', password }),
    })
  assert.equal((await signIn(short)).status, 401)
  assert.equal((await signIn(longer)).status, 303)
})

test('two factors that go at once leave no short password alone', async (t) => {
  const app = await startApp(t)
  const { vera } = app.cast
  const here: Browser = { session: await app.signIn(vera) }
  await giveTotp(app.house, (await app.sessions.find(here.session))!)
  const passkey = await givePasskey(app.house, vera.userId)
  await post(app, here, '/account/security/password', { password: 'k7#mQ2xz' })
  const answers = await Promise.all([
    post(app, { ...here }, '/account/security/totp/removal'),
    post(app, { ...here }, `/account/security/passkeys/${passkey}/removal`),
  ])
  assert.deepEqual(
    answers.map(({ status }) => status).toSorted((a, b) => a - b),
    [303, 422],
  )
})

test('a short password that is chosen while the last factor goes is not kept', async (t) => {
  const app = await startApp(t)
  const { house } = app
  const { vera } = app.cast
  await givePassword(house, vera.userId)
  const here: Browser = { session: await app.signIn(vera) }
  await giveTotp(house, (await app.sessions.find(here.session))!)
  const caller = callerFor(house, vera.userId)
  const session = (await app.sessions.find(here.session))!
  // Judged beside the factor; hashing takes longer than removing it.
  const [chosen, removed] = await Promise.allSettled([
    choosePassword(house, caller, vera.userId, 'k7#mQ2xz', { keep: session }),
    removeTotp(house, caller, { keep: session }),
  ])
  assert.equal(removed.status, 'fulfilled', 'the premise')
  assert.equal(chosen.status, 'rejected')
  const key = house.keys.purpose('row-mac')
  const user = await findUser(house.db.read(caller.scope), key, vera.userId)
  assert.equal(user?.isPasswordShort, false)
})

test('somebody ends one session or all others of their own, and none of anybody else', async (t) => {
  const app = await startApp(t)
  const { vera, ada } = app.cast
  const here: Browser = { session: await app.signIn(vera) }
  const others = [await app.signIn(vera), await app.signIn(vera), await app.signIn(vera)]
  const foreign = await app.signIn(ada)
  const page = await (await read(app, here, '/account/sessions')).text()
  assert.match(page, /4 sessions/)
  assert.equal(page.match(/This one/g)?.length, 1)
  const first = (await app.sessions.find(others[0]))!
  assert.equal((await post(app, here, `/account/sessions/${first.id}/end`)).status, 303)
  assert.equal(await app.sessions.find(others[0]), undefined)
  const theirs = (await app.sessions.find(foreign))!
  const refused = await post(app, here, `/account/sessions/${theirs.id}/end`)
  const missing = await post(app, here, `/account/sessions/${first.id}/end`)
  assert.equal(refused.status, 403)
  assert.equal(missing.status, 403, 'one that is gone looks the same')
  assert.ok(await app.sessions.find(foreign))
  assert.equal((await post(app, here, '/account/sessions/others')).status, 303)
  assert.equal(await app.sessions.find(others[1]), undefined)
  assert.ok(await app.sessions.find(here.session))
  assert.ok(await app.sessions.find(foreign))
  app.clock.advance(5 * MINUTE)
  const later = await app.signIn(vera)
  const { id } = (await app.sessions.find(later))!
  for (const path of ['/account/sessions/others', `/account/sessions/${id}/end`]) {
    const asked = await post(app, here, path)
    assert.match(asked.headers.get('Location')!, /^\/account\/prove\?/, 'who one is, first')
  }
  assert.ok(await app.sessions.find(later))
})

test('a workspace that demands a second factor opens once its member has one', async (t) => {
  const app = await startApp(t)
  const { vera } = app.cast
  const caller = systemCaller(app.house, 'test', undefined, app.acme.id)
  const policy = { ...DEFAULT_POLICY, secondFactor: true }
  const here: Browser = { session: await app.signIn(vera) }
  assert.equal((await read(app, here, '/w/acme')).status, 200, 'the premise')
  const open = (await app.sessions.find(here.session))!
  assert.ok(await app.sessions.isLive(open, app.acme.id), 'as an open stream asks')
  await changePolicy(app.house, caller, { policy, version: 0 })
  assert.ok(!(await app.sessions.isLive(open, app.acme.id)), 'streams that are open end, too')
  assert.ok(await app.sessions.isLive(open), 'and the session goes on elsewhere')
  for (const path of ['/w/acme', '/w/acme/jobs', '/w/acme/signals']) {
    const shut = await read(app, here, path)
    assert.equal(shut.headers.get('Location'), '/account/security', path)
  }
  assert.match(await (await read(app, here, '/account/security')).text(), /Acme asks for a second/)
  const before = here.session
  await giveTotp(app.house, (await app.sessions.find(before))!)
  const asked = (await read(app, here, '/w/acme')).headers.get('Location')
  assert.equal(asked, '/account/prove?next=%2Fw%2Facme&by=second', 'whoever has one proves it')
  assert.doesNotMatch(await (await read(app, here, asked)).text(), /type="password"/)
  const strong = await app.sessions.start(callerFor(app.house, vera.userId), {
    userId: vera.userId,
    factors: ['password', 'totp'],
  })
  assert.equal((await read(app, { session: strong }, '/w/acme')).status, 200)
  assert.ok(await app.sessions.isLive((await app.sessions.find(strong))!, app.acme.id))
})
