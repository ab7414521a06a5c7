// Passkeys through the doors: one that is right opens, and each way of being wrong that is on record
// opens nothing.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { listPasskeys } from '#domain/access/passkeys.ts'
import { MINUTE } from '#kernel/time.ts'
import {
  Authenticator,
  type Answer,
  type CreationOptions,
  type RequestOptions,
} from '#test/support/authenticator.ts'
import { callerFor, givePassword, PASSWORD } from '#test/support/passwords.ts'
import { startApp, type CastMember, type TestApp } from '#test/support/start-app.ts'

class Browser {
  readonly #app: TestApp
  readonly jar = new Map<string, string>()
  /** By name, as a browser would: passkeys are for names. */
  readonly origin: string

  constructor(app: TestApp) {
    this.#app = app
    this.origin = `http://localhost:${new URL(app.url).port}`
  }

  async send(path: string, form?: Readonly<Record<string, string>>): Promise<Response> {
    const answer = await fetch(new URL(path, this.origin), {
      method: form === undefined ? 'GET' : 'POST',
      redirect: 'manual',
      headers: {
        'Sec-Fetch-Site': 'same-origin',
        Cookie: [...this.jar].map(([name, value]) => `${name}=${value}`).join('; '),
      },
      ...(form !== undefined && { body: new URLSearchParams(form) }),
    })
    for (const set of answer.headers.getSetCookie()) {
      const [, name, value] = /^(\w+)=([^;]*)/.exec(set)!
      if (/Max-Age=0/.test(set)) this.jar.delete(name!)
      else this.jar.set(name!, value!)
    }
    return answer
  }

  async enter(person: CastMember): Promise<this> {
    this.jar.set('session', await this.#app.signIn(person))
    return this
  }

  async creation(): Promise<CreationOptions> {
    return (await (await this.send(`${ROOT}/options`)).json()) as CreationOptions
  }

  async request(path = '/sign-in/passkey'): Promise<RequestOptions> {
    return (await (await this.send(path)).json()) as RequestOptions
  }

  async register(device: Authenticator, answer: Answer = {}): Promise<Response> {
    const credential = device.create(await this.creation(), { origin: this.origin, ...answer })
    return this.send(ROOT, { credential, name: 'Laptop' })
  }

  async signIn(device: Authenticator, answer: Answer = {}): Promise<Response> {
    const credential = device.get(await this.request(), { origin: this.origin, ...answer })
    return this.send('/sign-in/passkey', { credential, next: '/w/acme/jobs' })
  }
}

const ROOT = '/account/security/passkeys'
const opened = (answer: Response) => answer.headers.get('Location') === '/w/acme/jobs'

async function withPasskey(app: TestApp, person: CastMember): Promise<Authenticator> {
  const device = new Authenticator()
  assert.equal((await (await new Browser(app).enter(person)).register(device)).status, 200)
  return device
}

test('a passkey signs in without password or name, and its challenge is good once', async (t) => {
  const app = await startApp(t)
  const { ada } = app.cast
  const device = await withPasskey(app, ada)
  const browser = new Browser(app)
  const options = await browser.request()
  assert.equal('allowCredentials' in options, false, 'any passkey the device keeps for us')
  const credential = device.get(options, { origin: browser.origin })
  const visit = browser.jar.get('visit')!
  assert.ok(opened(await browser.send('/sign-in/passkey', { credential, next: '/w/acme/jobs' })))
  const session = await app.sessions.find(browser.jar.get('session'))
  assert.equal(session?.userId, ada.userId)
  assert.deepEqual(session.factors, ['passkey'])
  browser.jar.set('visit', visit)
  const replay = await browser.send('/sign-in/passkey', { credential, next: '/w/acme/jobs' })
  assert.equal(replay.status, 401, 'challenge reuse')
})

const WRONG: Readonly<Record<string, Answer>> = {
  'wrong origin': { origin: 'https://evil.example' },
  'wrong relying party': { rpId: 'evil.example' },
  'nobody was verified': { flags: 1 },
  'nobody was present': { flags: 4 },
  'signature counter going back': { counter: 1 },
  'user handle of another account': { userHandle: Buffer.from('usr_x').toString('base64url') },
  'inside a page of another site': { client: { crossOrigin: true } },
  'a top origin of another site': { client: { topOrigin: 'https://evil.example' } },
  'backed up but not eligible': { flags: 5 | 16 },
  'an answer to another ceremony': { type: 'webauthn.create' },
}

test('sign-in by passkey is refused for every wrong answer', async (t) => {
  const app = await startApp(t)
  const device = await withPasskey(app, app.cast.ada)
  for (const [name, answer] of Object.entries(WRONG)) {
    const refused = await new Browser(app).signIn(device, answer)
    assert.equal(refused.status, 401, name)
    assert.match(await refused.text(), /This passkey was not accepted/)
  }
  assert.equal((await new Browser(app).signIn(new Authenticator())).status, 401, 'unknown key')
  const browser = new Browser(app)
  const late = device.get(await browser.request(), { origin: browser.origin })
  app.clock.advance(5 * MINUTE)
  assert.equal(
    (await browser.send('/sign-in/passkey', { credential: late })).status,
    401,
    'expired',
  )
  const theirs = device.get(await new Browser(app).request(), { origin: browser.origin })
  assert.equal(
    (await browser.send('/sign-in/passkey', { credential: theirs })).status,
    401,
    'the challenge of another browser',
  )
  for (const credential of ['', '{}', '[]', '{"id":1}', '['.repeat(10_000), 'x'.repeat(16_384)]) {
    const status = (await browser.send('/sign-in/passkey', { credential })).status
    assert.equal(status, 401, credential.slice(0, 20))
  }
  const huge = await browser.send('/sign-in/passkey', { credential: 'x'.repeat(900_000) })
  assert.equal(huge.status, 422, '1 MB')
  assert.ok(opened(await new Browser(app).signIn(device)), 'the premise')
})

test('making a passkey is refused for weak keys, wrong answers and one that is known', async (t) => {
  const app = await startApp(t)
  const browser = await new Browser(app).enter(app.cast.ada)
  const { 'signature counter going back': _, ...others } = WRONG
  for (const [name, answer] of Object.entries(others)) {
    if (answer.userHandle !== undefined) continue
    const ceremony = answer.type === undefined ? answer : { type: 'webauthn.get' }
    assert.equal((await browser.register(new Authenticator(), ceremony)).status, 422, name)
  }
  assert.equal((await browser.register(new Authenticator(1_024))).status, 422, 'RSA of 1024 bits')
  const rs1 = await browser.register(new Authenticator(2_048, -65_535))
  assert.equal(rs1.status, 422, 'RS1')
  assert.equal((await browser.register(new Authenticator(2_048))).status, 200, 'the premise')
  const device = await withPasskey(app, app.cast.vera)
  assert.equal((await browser.register(device)).status, 409, 'credentialId collision')
  const caller = callerFor(app.house, app.cast.ada.userId)
  assert.equal((await listPasskeys(app.house, caller, app.cast.ada.userId)).length, 1)
})

test('attestations that are forged, huge or bottomless are refused, and make no passkey', async (t) => {
  const app = await startApp(t)
  const { ada } = app.cast
  const browser = await new Browser(app).enter(ada)
  const sig = Buffer.alloc(70, 1)
  const forged = new Map<string, number | Buffer>([['alg', -7], ['sig', sig]]) // prettier-ignore
  const attestations: Readonly<Record<string, NonNullable<Answer['attestation']>>> = {
    'self-signed with a wrong signature': { fmt: 'packed', statement: forged },
    'none, with a statement': { fmt: 'none', statement: forged },
    'packed without anything': { fmt: 'packed', statement: new Map() },
    'a depth bomb of arrays': Buffer.alloc(11_000, 0x81),
    'a depth bomb of tags': Buffer.alloc(11_000, 0xc1),
    'an array of 2^32 - 1': Buffer.from('9affffffff', 'hex'),
    'bytes that are not there': Buffer.from('5affffffff00', 'hex'),
    'a number': Buffer.of(1),
    'an empty map': Buffer.of(0xa0),
    '1 MB': Buffer.alloc(750_000, 0x81),
    'more than a body may have': Buffer.alloc(1_500_000, 0x81),
  }
  for (const [name, attestation] of Object.entries(attestations)) {
    const { status } = await browser.register(new Authenticator(), { attestation })
    assert.ok(status === 422 || status === 413, `${name}: ${status}`)
  }
  for (const fmt of ['packed', 'fido-u2f', 'apple', 'tpm', 'android-key', 'x'.repeat(5_000)]) {
    const statement = new Map([['x5c', [Buffer.alloc(64, 0x30)]]])
    const { status } = await browser.register(new Authenticator(), {
      attestation: { fmt, statement },
    })
    assert.equal(status, 422, fmt.slice(0, 20))
  }
  const caller = callerFor(app.house, ada.userId)
  assert.equal((await listPasskeys(app.house, caller, ada.userId)).length, 0)
  assert.equal((await browser.register(new Authenticator())).status, 200, 'the premise')
})

test('a passkey is the second step of its own person only', async (t) => {
  const app = await startApp(t)
  const { ada, vera } = app.cast
  await givePassword(app.house, ada.userId)
  const device = await withPasskey(app, ada)
  const other = await withPasskey(app, vera)
  const browser = new Browser(app)
  const first = await browser.send('/sign-in', { email: 'ada@acme.example', password: PASSWORD })
  assert.equal(first.headers.get('Location'), '/sign-in/second')
  assert.match(await (await browser.send('/sign-in/second')).text(), /Use your passkey/)
  assert.equal((await browser.signIn(other)).status, 401)
  const second = await browser.signIn(device)
  assert.ok(opened(second))
  const session = await app.sessions.find(browser.jar.get('session'))
  assert.deepEqual(session?.factors, ['password', 'passkey'])
})

test('a passkey proves again who it is, and one that was removed opens nothing', async (t) => {
  const app = await startApp(t)
  const { ada, vera } = app.cast
  await givePassword(app.house, ada.userId)
  const device = await withPasskey(app, ada)
  const other = await withPasskey(app, vera)
  const browser = await new Browser(app).enter(ada)
  app.clock.advance(10 * MINUTE)
  const prove = async (by: Authenticator) => {
    const options = await browser.request('/account/prove/passkey')
    const credential = by.get(options, { origin: browser.origin })
    return browser.send('/account/prove', { credential, next: '/account/security' })
  }
  assert.equal((await prove(other)).status, 401)
  assert.equal((await prove(device)).headers.get('Location'), '/account/security')
  const caller = callerFor(app.house, ada.userId)
  const [passkey] = await listPasskeys(app.house, caller, ada.userId)
  const foreign = await (
    await new Browser(app).enter(vera)
  ).send(`${ROOT}/${passkey!.id}/removal`, {})
  assert.equal(foreign.status, 403)
  assert.equal((await browser.send(`${ROOT}/${passkey!.id}/removal`, {})).status, 303)
  assert.equal((await new Browser(app).signIn(device)).status, 401)
})
