// What happens to single sign-on as time goes by: a client secret that is changed, sessions that a provider
// began, and how they end here and there.

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { changeProvider, getProvider } from '#domain/identity/actions.ts'
import { systemCaller } from '#domain/access/system.ts'
import { readAudit } from '#domain/audit/actions.ts'
import { proveAgain } from '#domain/access/arrival.ts'
import { addMs, DAY, HOUR, SECOND } from '#kernel/time.ts'
import { adoptProvider, Browser, CLIENT, startProvider } from '#test/support/oidc.ts'
import { startApp } from '#test/support/start-app.ts'

const app = await startApp({ after }, { env: { RULEWRIGHT_OUTBOUND_ALLOW: '127.0.0.1' } })
const provider = await startProvider({ after })
const { ada } = app.cast
const id = await adoptProvider(app, provider, { domain: 'acme.example', defaultRole: 'viewer' })
provider.redirectUri = new URL(`/sign-in/with/${id}/callback`, app.url).href
const root = `/w/acme/settings/single-sign-on/${id}`

const inAcme = () => systemCaller(app.house, 'test', undefined, app.acme.id)

async function audited(action: string): Promise<readonly string[]> {
  const { items } = await readAudit(app.house, inAcme(), {}, { limit: 50 })
  return items.filter((one) => one.action === action).map(({ data }) => JSON.stringify(data))
}

function become(sub: string, more: Readonly<Record<string, unknown>> = {}): void {
  provider.as = { sub, claims: { email: `${sub}@acme.example`, email_verified: true, ...more } }
}

async function comeIn(): Promise<Browser> {
  const browser = new Browser(app)
  const home = await browser.go(`/sign-in/with/${id}`)
  assert.equal(home.status, 200, home.at.href)
  return browser
}

async function pageOf(path: string): Promise<string> {
  return (await app.fetchAs(ada, path)).text()
}

/** From now on the provider knows us by this secret alone. */
function takeOnly(secret: string): void {
  provider.bend = (request, _response, pass) => {
    const [, given] = /^Basic (.+)$/.exec(request.headers.authorization ?? '') ?? []
    if (given !== undefined && request.url === '/token') {
      const typed = decodeURIComponent(Buffer.from(given, 'base64').toString()).split(':')[1]
      const sent = `${CLIENT.id}:${typed === secret ? CLIENT.secret : 'wrong'}`
      request.headers.authorization = `Basic ${Buffer.from(sent).toString('base64')}`
    }
    pass()
  }
}

test('a client secret is changed here and there in any order, and nobody is shut out', async () => {
  become('nina')
  const type = (clientSecret: string, more = {}) =>
    changeProvider(app.house, inAcme(), id, { edit: { clientSecret, ...more }, expected: 'any' })
  takeOnly(CLIENT.secret)
  const secretExpiresAt = addMs(app.clock.now(), 5 * DAY)
  await changeProvider(app.house, inAcme(), id, { edit: { secretExpiresAt }, expected: 'any' })

  const mistyped = await type('with-a-typo', { secretExpiresAt })
  await type('the-next-secret')
  assert.equal(mistyped.secretExpiresAt, null, 'that day was of the secret before')
  await comeIn()
  assert.ok((await getProvider(app.house, inAcme(), id)).isSecretNew)
  assert.match(await pageOf(root), /not taken by the provider yet/)
  const refused = await audited('session.start')
  assert.ok(
    refused.some((data) => data.includes('the new client secret was refused')),
    refused[0],
  )

  takeOnly('the-next-secret')
  await comeIn()
  assert.ok(!(await getProvider(app.house, inAcme(), id)).isSecretNew)
  assert.equal((await audited('provider.secret_taken')).length, 1)
  takeOnly(CLIENT.secret)
  const late = await new Browser(app).go(`/sign-in/with/${id}`)
  assert.equal(late.status, 403, 'the one before was forgotten')
  takeOnly('the-next-secret')
})

test('whoever signs out here is led to sign out there, and comes back', async () => {
  become('nina')
  const browser = await comeIn()
  const cookie = browser.session
  const answer = await browser.ask('/sign-out', { method: 'POST' })
  assert.equal(answer.status, 200)
  assert.equal(await app.sessions.find(cookie), undefined, 'here at once, whatever happens there')
  const [, href] = /href="([^"]+\/session\/end[^"]+)"/.exec(await answer.text())!
  const there = new URL(href!.replaceAll('&amp;', '&'))
  assert.equal(there.origin, provider.issuer)
  assert.equal(there.searchParams.get('client_id'), CLIENT.id)
  assert.equal(there.searchParams.get('id_token_hint')?.split('.').length, 3)
  const back = new URL(there.searchParams.get('post_logout_redirect_uri')!)
  assert.deepEqual([back.pathname, back.port], ['/sign-in', new URL(app.url).port])
  assert.equal((await browser.ask(there.href)).status, 200, 'the provider takes the hint')

  const byHand = new Browser(app)
  byHand.session = await app.signIn(ada)
  const home = await byHand.ask('/sign-out', { method: 'POST' })
  assert.deepEqual([home.status, home.headers.get('Location')], [303, '/'])
})

test('nobody is signed out by a page of somebody else: front-channel logout is refused', async () => {
  become('nina', { sid: 'session-of-nina' })
  const browser = await comeIn()
  const told = new URLSearchParams({ iss: provider.issuer, sid: 'session-of-nina' }).toString()
  for (const at of [`/sign-in/with/${id}/logout`, '/sign-out']) {
    const answer = await browser.ask(`${at}?${told}`)
    assert.ok([400, 404, 405].includes(answer.status), `${at} ${answer.status}`)
  }
  const headers = { 'Sec-Fetch-Site': 'cross-site', Origin: 'https://evil.example' }
  const cookie = `session=${browser.session!}`
  const forged = await app.fetch('/sign-out', { method: 'POST', headers: { ...headers, cookie } })
  assert.equal(forged.status, 403)
  assert.ok((await app.sessions.find(browser.session)) !== undefined)
})

test('a session by a provider ends after its hours, however often it is used and proved', async () => {
  become('nina')
  await changeProvider(app.house, inAcme(), id, { edit: { sessionHours: 2 }, expected: 'any' })
  const browser = await comeIn()
  const isIn = async () => (await app.sessions.find(browser.session)) !== undefined
  const own = new Browser(app)
  own.session = await app.signIn(ada)
  app.clock.advance(1.5 * HOUR)
  assert.ok(await isIn())
  const row = (await app.sessions.find(browser.session))!
  const self = systemCaller(app.house, 'test')
  browser.session = await proveAgain(app.house, app.sessions, self, row, { factor: 'password' })
  app.clock.advance(0.5 * HOUR - SECOND)
  assert.ok(await isIn())
  app.clock.advance(SECOND)
  assert.ok(!(await isIn()), 'a proof of one’s own does not make it longer')
  assert.equal((await browser.ask('/w/acme/rules')).status, 401)
  assert.ok((await app.sessions.find(own.session)) !== undefined, 'no other session')
})
