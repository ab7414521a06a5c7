// Signing in by password and code: who gets in, what the others are told, how often one may try, and
// the tries on record against pages like this one.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findSecondFactors } from '#domain/access/factors.ts'
import { changeMember } from '#domain/access/members.ts'
import { safeNext } from '#http/next.ts'
import { HOUR, MINUTE, SECOND } from '#kernel/time.ts'
import { findUser, updateUser } from '#domain/access/user-store.ts'
import { systemCaller } from '#domain/access/system.ts'
import { readAudit } from '#domain/audit/actions.ts'
import { callerFor, givePassword, giveTotp, PASSWORD } from '#test/support/passwords.ts'
import { startApp, type CastMember, type TestApp } from '#test/support/start-app.ts'
import { thoroughly } from '#test/support/thorough.ts'

const ADA = 'ada@acme.example'

/** Cookies of one browser, by name. */
type Jar = Map<string, string>

async function send(
  app: TestApp,
  path: string,
  form: Readonly<Record<string, string>> | null,
  jar: Jar = new Map(),
): Promise<Response> {
  const answer = await app.fetch(path, {
    method: form === null ? 'GET' : 'POST',
    headers: {
      'Sec-Fetch-Site': 'same-origin',
      Cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; '),
    },
    ...(form !== null && { body: new URLSearchParams(form) }),
  })
  for (const set of answer.headers.getSetCookie()) {
    const [, name, value] = /^(\w+)=([^;]*)/.exec(set)!
    if (/Max-Age=0/.test(set)) jar.delete(name!)
    else jar.set(name!, value!)
  }
  return answer
}

function signIn(app: TestApp, jar: Jar, more: Readonly<Record<string, string>> = {}) {
  return send(app, '/sign-in', { email: ADA, password: PASSWORD, ...more }, jar)
}

async function sessionOf(app: TestApp, { userId }: CastMember) {
  return (await app.sessions.find(await app.signIn({ userId })))!
}

test('the right password signs in, on a new session, and goes on where a link led', async (t) => {
  const app = await startApp(t)
  await givePassword(app.house, app.cast.ada.userId)
  const jar: Jar = new Map([['session', await app.signIn(app.cast.vera)]])
  const planted = jar.get('session')!
  const page = await app.fetch('/sign-in?next=/w/acme/audit')
  assert.match(await page.text(), /name="next" value="\/w\/acme\/audit"/)
  const answer = await signIn(app, jar, { email: ' Ada@ACME.example ', next: '/w/acme/audit?a=b' })
  assert.equal(answer.status, 303)
  assert.equal(answer.headers.get('Location'), '/w/acme/audit?a=b')
  const session = (await app.sessions.find(jar.get('session')))!
  assert.equal(session.userId, app.cast.ada.userId)
  assert.deepEqual(session.factors, ['password'])
  assert.equal(await app.sessions.find(planted), undefined, 'session fixation')
})

test('a wrong password, an unknown address and a suspended account get the same answer', async (t) => {
  const app = await startApp(t)
  const { house, cast } = app
  await givePassword(house, cast.ada.userId)
  await givePassword(house, cast.vera.userId)
  const key = house.keys.purpose('row-mac')
  const caller = systemCaller(house, 'test')
  await house.db.write(caller, async (tx) => {
    const vera = (await findUser(tx, key, cast.vera.userId))!
    await updateUser(tx, key, { ...vera, state: 'suspended' })
  })
  const answers = []
  for (const given of [
    { email: ADA, password: 'not the password at all' },
    { email: 'zed@acme.example', password: PASSWORD },
    { email: 'vera@acme.example', password: PASSWORD },
    { email: 'ravi@acme.example', password: PASSWORD }, // has none
    { email: 'no address', password: PASSWORD },
  ]) {
    const answer = await send(app, '/sign-in', given)
    const body = (await answer.text())
      .replaceAll(given.email, 'EMAIL')
      .replaceAll(/nonce="[\w-]{24}"/g, '')
    const names = [...answer.headers.keys()].toSorted()
    answers.push({ status: answer.status, names, body })
  }
  assert.equal(answers[0]!.status, 401)
  assert.match(answers[0]!.body, /The e-mail address or the password is not right/)
  for (const answer of answers) assert.deepEqual(answer, answers[0])
  assert.doesNotMatch(answers[0]!.body, /tulip|not the password at all/, 'no password comes back')
  const { items } = await readAudit(house, caller, { action: 'session.start' }, { limit: 10 })
  assert.equal(items.filter(({ outcome }) => outcome === 'refused').length, 5)
  assert.doesNotMatch(JSON.stringify(items), /zed@|tulip/, 'what was typed is not kept')
})

test('open redirect by next: another site in disguise is no place to go on', () => {
  for (const evil of [
    '//evil',
    '/\\evil',
    '\\\\evil',
    'https:evil',
    'https://evil/',
    '/%2f%2fevil',
    '/%5cevil',
    '/..//evil',
    '/./\\evil',
    '/\t/evil',
    '/\n/evil',
    ' //evil',
    'javascript:alert(1)',
    'data:text/html,x',
    '/w/acme\r\nSet-Cookie: a=b',
    '/w\\acme',
    '',
    'w/acme',
    '/'.padEnd(3_000, 'a'),
  ]) {
    assert.equal(safeNext(evil), undefined, JSON.stringify(evil))
  }
  assert.equal(safeNext('/w/acme/audit?q=//evil&a=%2f'), '/w/acme/audit?q=//evil&a=%2f')
  assert.equal(safeNext('/'), '/')
})

const GUESSES = thoroughly(1_500, 10_000)

test('guesses at one account from many addresses: at most 100 are looked at in an hour', async (t) => {
  const app = await startApp(t)
  const { house, clock } = app
  const { countAttempt } = await import('#domain/access/attempts.ts')
  let looked = 0
  for (let guess = 0; guess < GUESSES; guess++) {
    clock.advance(HOUR / GUESSES)
    const attempt = {
      account: ADA,
      network: `192.0.${guess % (GUESSES / 10)}.7`,
      knownDevice: undefined,
    }
    const caller = systemCaller(house, 'test')
    const refused = await countAttempt(house, caller, attempt).then(
      () => false,
      () => true,
    )
    if (!refused) looked += 1
  }
  assert.ok(looked >= 10 && looked <= 100, `${looked} of ${GUESSES}`)
})

test('guesses at many accounts from one network stop after 30 a minute, and go on after it', async (t) => {
  const app = await startApp(t)
  const { house, clock } = app
  const { countAttempt } = await import('#domain/access/attempts.ts')
  const guess = (n: number, network: string) =>
    countAttempt(house, systemCaller(house, 'test'), {
      account: `${n}@acme.example`,
      network,
      knownDevice: undefined,
    })
  for (let n = 0; n < 30; n++) await guess(n, '2001:db8:1:2::/64')
  await assert.rejects(guess(31, '2001:db8:1:2::/64'), { code: 'rate_limited' })
  await guess(32, '2001:db8:1:3::/64')
  clock.advance(MINUTE)
  await guess(33, '2001:db8:1:2::/64')
})

test('a stranger who guesses cannot lock out a browser that signed in before', async (t) => {
  const app = await startApp(t)
  await givePassword(app.house, app.cast.ada.userId)
  const known: Jar = new Map()
  assert.equal((await signIn(app, known)).status, 303)
  for (let guess = 0; guess < 10; guess++) {
    assert.equal((await signIn(app, new Map(), { password: 'wrong' })).status, 401, `${guess}`)
  }
  const refused = await signIn(app, new Map())
  assert.equal(refused.status, 429)
  assert.equal(refused.headers.get('Retry-After'), '60')
  assert.equal(refused.headers.get('RateLimit-Remaining'), '0')
  assert.equal(refused.headers.get('RateLimit-Reset'), '60')
  assert.match(await refused.text(), /Too many tries. Wait 60 seconds/)
  assert.equal((await signIn(app, known)).status, 303, 'its owner comes in')
  app.clock.advance(MINUTE)
  assert.equal((await signIn(app, new Map())).status, 303, 'and so does a stranger after the pause')
  assert.equal((await signIn(app, new Map(), { password: 'wrong' })).status, 401, 'counted anew')
})

test('second factor: the password alone opens nothing, a code opens once', async (t) => {
  const app = await startApp(t)
  const { ada } = app.cast
  await givePassword(app.house, ada.userId)
  const totp = await giveTotp(app.house, await sessionOf(app, ada))
  const jar: Jar = new Map()
  const first = await signIn(app, jar, { next: '/w/acme/jobs' })
  assert.equal(first.headers.get('Location'), '/sign-in/second')
  assert.equal(jar.get('session'), undefined)
  assert.match(await (await send(app, '/sign-in/second', null, jar)).text(), /authenticator app/)
  const reused = await send(app, '/sign-in/second', { code: totp.code() }, jar)
  assert.equal(reused.status, 401, 'the code that set the app up is used')
  app.clock.advance(30 * SECOND)
  const code = totp.code()
  const other: Jar = new Map()
  await signIn(app, other)
  const second = await send(app, '/sign-in/second', { code }, jar)
  assert.equal(second.headers.get('Location'), '/w/acme/jobs')
  const session = (await app.sessions.find(jar.get('session')))!
  assert.deepEqual(session.factors, ['password', 'totp'])
  assert.equal((await send(app, '/sign-in/second', { code }, other)).status, 401, 'replay')
  assert.equal(
    (await send(app, '/sign-in/second', { code }, jar)).headers.get('Location'),
    '/sign-in',
  )
})

test('a code drifts by one step either way and by no more', async (t) => {
  const app = await startApp(t)
  const { ada } = app.cast
  await givePassword(app.house, ada.userId)
  const totp = await giveTotp(app.house, await sessionOf(app, ada))
  app.clock.advance(5 * MINUTE)
  const jar: Jar = new Map()
  await signIn(app, jar)
  for (const steps of [-2, 2]) {
    const answer = await send(app, '/sign-in/second', { code: totp.code(steps) }, jar)
    assert.equal(answer.status, 401, `${steps}`)
  }
  const early = await send(app, '/sign-in/second', { code: totp.code(1) }, jar)
  assert.equal(early.status, 303)
  const again: Jar = new Map()
  await signIn(app, again)
  const late = await send(app, '/sign-in/second', { code: totp.code() }, again)
  assert.equal(late.status, 401, 'a step before the one that was used')
})

test('a recovery code works once, however it is typed', async (t) => {
  const app = await startApp(t)
  const { ada } = app.cast
  await givePassword(app.house, ada.userId)
  const totp = await giveTotp(app.house, await sessionOf(app, ada))
  assert.equal(new Set(totp.recoveryCodes).size, 10)
  const [one] = totp.recoveryCodes
  const code = ` ${one!.replace('-', ' ').toUpperCase()}`
  for (const expected of [303, 401]) {
    const jar: Jar = new Map()
    await signIn(app, jar)
    assert.equal((await send(app, '/sign-in/second', { code }, jar)).status, expected)
  }
  const caller = callerFor(app.house, ada.userId)
  const left = await findSecondFactors(app.house, caller, ada.userId)
  assert.equal(left.recoveryCodesLeft, 9)
})

test('guesses at the second step are counted with the account, and begin again is no way out', async (t) => {
  const app = await startApp(t)
  const { ada } = app.cast
  await givePassword(app.house, ada.userId)
  await giveTotp(app.house, await sessionOf(app, ada))
  const jar: Jar = new Map()
  await signIn(app, jar)
  for (let guess = 1; guess < 10; guess++) {
    const code = String(guess).padStart(6, '0')
    assert.equal((await send(app, '/sign-in/second', { code }, jar)).status, 401)
  }
  assert.equal((await send(app, '/sign-in/second', { code: '000000' }, jar)).status, 429)
  assert.equal((await signIn(app, new Map())).status, 429)
})

test('the second step ends after ten minutes, and with the password it began with', async (t) => {
  const app = await startApp(t)
  const { ada } = app.cast
  await givePassword(app.house, ada.userId)
  const totp = await giveTotp(app.house, await sessionOf(app, ada))
  const jar: Jar = new Map()
  await signIn(app, jar)
  app.clock.advance(10 * MINUTE)
  const late = await send(app, '/sign-in/second', { code: totp.code() }, jar)
  assert.equal(late.headers.get('Location'), '/sign-in')
  await signIn(app, jar)
  await givePassword(app.house, ada.userId)
  app.clock.advance(MINUTE)
  await signIn(app, jar)
  app.clock.advance(MINUTE)
  await givePassword(app.house, ada.userId)
  const changed = await send(app, '/sign-in/second', { code: totp.code() }, jar)
  assert.equal(changed.headers.get('Location'), '/sign-in')
})

test('a person is told of a new browser, and not of one they know', async (t) => {
  const app = await startApp(t)
  const { ada } = app.cast
  await givePassword(app.house, ada.userId)
  const { readNotices } = await import('#domain/messages/actions.ts')
  const caller = callerFor(app.house, ada.userId)
  const told = async () =>
    (await readNotices(app.house, caller, ada.userId)).map(({ kind }) => kind)
  const jar: Jar = new Map()
  await signIn(app, jar)
  const device = jar.get('device')
  await signIn(app, jar)
  assert.equal(jar.get('device'), device)
  assert.deepEqual(await told(), [], 'the first browser is how they came')
  const planted: Jar = new Map([['device', 'A'.repeat(43)]])
  await signIn(app, planted)
  assert.deepEqual(await told(), ['device.new'])
  assert.notEqual(planted.get('device'), 'A'.repeat(43), 'a planted value is not taken over')
})

test('a proof older than five minutes is asked for again; the session then has a new secret', async (t) => {
  const app = await startApp(t)
  const { ada } = app.cast
  await givePassword(app.house, ada.userId)
  const jar: Jar = new Map()
  await signIn(app, jar)
  const before = jar.get('session')!
  const session = (await app.sessions.find(before))!
  const page = await send(app, '/account/prove?next=/w/acme&sent=1', null, jar)
  assert.match(await page.text(), /What you just sent was not done/)
  const wrong = await send(app, '/account/prove', { password: 'wrong', next: '/w/acme' }, jar)
  assert.equal(wrong.status, 401)
  app.clock.advance(MINUTE)
  const right = await send(app, '/account/prove', { password: PASSWORD, next: '/w/acme' }, jar)
  assert.equal(right.headers.get('Location'), '/w/acme')
  assert.notEqual(jar.get('session'), before)
  assert.equal(await app.sessions.find(before), undefined, 'the old secret opens nothing')
  assert.ok(await app.sessions.isLive(session), 'the streams of its pages go on')
  const renewed = (await app.sessions.find(jar.get('session')))!
  assert.equal(renewed.provedAt - session.provedAt, MINUTE)
  assert.equal(renewed.startedAt, session.startedAt, 'it lasts no longer for that')
})

test('a role that changes ends the sessions of its holder', async (t) => {
  const app = await startApp(t)
  const { house, cast, acme } = app
  const cookie = await app.signIn(cast.ravi)
  assert.ok(await app.sessions.find(cookie))
  const caller = systemCaller(house, 'test', undefined, acme.id)
  await changeMember(house, caller, cast.ravi.userId, {
    role: 'viewer',
    isApprover: false,
    isAuditor: false,
  })
  assert.equal(await app.sessions.find(cookie), undefined)
})
