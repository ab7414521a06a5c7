// The doors of single sign-on around a sign-in: enforced domains and who breaks in, connecting, a fresh
// proof, a provider that ends sessions, the wall between workspaces, and a client secret that stays sealed.

import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { after, test } from 'node:test'
import * as jose from 'jose'
import { systemCaller } from '#domain/access/system.ts'
import { readAudit } from '#domain/audit/actions.ts'
import { addProvider } from '#domain/identity/actions.ts'
import { NewProvider } from '#domain/identity/input.ts'
import { readNotices } from '#domain/messages/actions.ts'
import { makeId } from '#kernel/id.ts'
import { SECOND } from '#kernel/time.ts'
import { adoptProvider, Browser, CLIENT, startProvider } from '#test/support/oidc.ts'
import { givePassword, giveTotp, PASSWORD } from '#test/support/passwords.ts'
import { startApp, type CastMember } from '#test/support/start-app.ts'

const { privateKey } = await jose.generateKeyPair('RS256', { extractable: true })
const jwk = { ...(await jose.exportJWK(privateKey)), kid: 'one', alg: 'RS256', use: 'sig' }
const app = await startApp({ after }, { env: { RULEWRIGHT_OUTBOUND_ALLOW: '127.0.0.1' } })
const provider = await startProvider({ after }, { jwks: { keys: [jwk] } })
const { ada, ravi, vera, gwen } = app.cast
const id = await adoptProvider(app, provider, { domain: 'acme.example', defaultRole: 'viewer' })
provider.redirectUri = new URL(`/sign-in/with/${id}/callback`, app.url).href
const root = '/w/acme/settings/single-sign-on'

/** Whoever the provider takes them for from now on. */
function become(sub: string, more: Readonly<Record<string, unknown>> = {}): void {
  provider.as = { sub, claims: { email: `${sub}@acme.example`, email_verified: true, ...more } }
}

async function browserOf(person?: CastMember): Promise<Browser> {
  const browser = new Browser(app)
  if (person) browser.session = await app.signIn(person)
  return browser
}

const send = (browser: Browser, at: string, form: Record<string, string>) =>
  browser.ask(at, { method: 'POST', body: new URLSearchParams(form) })

const inAcme = () => systemCaller(app.house, 'test', undefined, app.acme.id)

async function actions(): Promise<readonly string[]> {
  const { items } = await readAudit(app.house, inAcme(), {}, { limit: 100 })
  return items.map(({ action }) => action)
}

test('people connect by a fresh proof, each account of the provider with one person', async () => {
  const browser = await browserOf(ada)
  become('ada')
  const begun = await browser.go(`/account/connections/${id}/begin`, ({ pathname }) =>
    pathname.startsWith('/auth'),
  )
  assert.equal(begun.at.searchParams.get('max_age'), '0')
  const connected = await browser.go(begun.at.href)
  assert.equal(connected.at.pathname, '/account/connections')
  assert.match(await connected.text(), /Acme ID is connected with your account/)
  const other = await browserOf(vera)
  const taken = await other.go(`/account/connections/${id}/begin`)
  assert.equal(taken.status, 403)
  assert.match(await taken.text(), /connected with somebody else here/)
})

test('a domain is enforced when an admin came that way and somebody can break in', async () => {
  let admin = await browserOf(ada)
  const wish = { domain: 'acme.example', isEnforced: 'yes' }
  const enforce = () => send(admin, `${root}/${id}/domains/enforce`, wish)
  const first = await enforce()
  assert.equal(first.status, 409)
  assert.match(await first.text(), /an admin of this workspace signs in/)

  become('ada')
  assert.equal((await (await browserOf()).go(`/sign-in/with/${id}`)).status, 200)
  assert.match(await (await enforce()).text(), /name a break-in account/)
  const breakIn = (userId: string) => send(admin, `${root}/break-in`, { userId, isBreakIn: 'yes' })
  assert.equal((await breakIn(ada.userId)).status, 409, 'no password, no second factor')

  await givePassword(app.house, ada.userId)
  const session = (await app.sessions.find(await app.signIn(ada)))!
  const totp = await giveTotp(app.house, session)
  admin = await browserOf(ada) // a new factor ended the others
  assert.equal((await breakIn(ada.userId)).status, 303)
  assert.equal((await enforce()).status, 303)

  await givePassword(app.house, ravi.userId)
  const engineer = await browserOf()
  const refused = await send(engineer, '/sign-in', { email: 'ravi@acme.example', password: PASSWORD }) // prettier-ignore
  assert.match(await refused.text(), /People with your address sign in with Acme ID/)
  assert.equal(engineer.session, undefined)

  const problemOf = async (email: string, password: string) => {
    const answer = await send(await browserOf(), '/sign-in', { email, password })
    return [answer.status, /<strong>([^<]+)<\/strong>/.exec(await answer.text())?.[1]]
  }
  const own = await problemOf('ravi@acme.example', PASSWORD)
  assert.match(String(own[1]), /sign in with Acme ID/)
  assert.deepEqual(await problemOf('ravi@acme.example', 'not the password of ravi'), own)
  assert.deepEqual(await problemOf('nobody@acme.example', 'not a password at all'), own)
  const elsewhere = await problemOf('nobody@other.example', 'not a password at all')
  assert.equal(elsewhere[0], 401)
  assert.doesNotMatch(String(elsewhere[1]), /Acme ID/)

  app.clock.advance(30 * SECOND)
  const breaking = await browserOf()
  await send(breaking, '/sign-in', { email: 'ada@acme.example', password: PASSWORD })
  const inside = await send(breaking, '/sign-in/second', { code: totp.code() })
  assert.equal(inside.status, 303)
  assert.ok(breaking.session !== undefined)
  assert.ok((await actions()).includes('session.break_in'))
  const told = await readNotices(app.house, inAcme(), ada.userId)
  assert.ok(told.some(({ kind }) => kind === 'account.broke_in'))
  const open = await send(admin, `${root}/${id}/domains/enforce`, { ...wish, isEnforced: 'no' })
  assert.equal(open.status, 303)
})

test('a fresh proof is one by the same person, and a session by a provider stays inside', async () => {
  const browser = await browserOf()
  become('ada')
  await browser.go(`/sign-in/with/${id}`)
  const before = browser.session
  assert.equal((await browser.ask('/w/acme/rules')).status, 200)
  const instance = await browser.ask('/instance')
  assert.notEqual(instance.status, 200, 'ada is an owner, and the provider does not make her one')
  become('mallory')
  // The provider has no session of this one, or it would ask whether to end that.
  const fresh = await browserOf()
  fresh.session = browser.session!
  const stranger = await fresh.go(`/account/prove/with/${id}?next=/w/acme/rules`)
  assert.equal(stranger.status, 403)
  assert.match(await stranger.text(), /names somebody else/)
  become('ada')
  const proved = await browser.go(`/account/prove/with/${id}?next=/w/acme/rules`)
  assert.deepEqual([proved.status, proved.at.pathname], [200, '/w/acme/rules'])
  assert.notEqual(browser.session, before, 'the session is a new one')
  const leads = await browser.go(`/account/prove/with/${id}?next=https:%2F%2Fevil.example`)
  assert.equal(leads.at.port, new URL(app.url).port)
})

test('a way never leads out of this server', async () => {
  become('ada')
  for (const next of ['//evil.example', '/\\evil.example', 'https:evil.example', '/%2f%2fevil']) {
    const browser = await browserOf()
    const home = await browser.go(`/sign-in/with/${id}?${new URLSearchParams({ next }).toString()}`)
    assert.equal(home.at.port, new URL(app.url).port, `${next} led to ${home.at.href}`)
  }
})

/** A message of the provider, signed as its tokens are. */
async function logout(change: Readonly<Record<string, unknown>>): Promise<number> {
  const iat = Math.floor(app.clock.now() / SECOND)
  const events = { 'http://schemas.openid.net/event/backchannel-logout': {} }
  const claims = { iss: provider.issuer, aud: CLIENT.id, iat, exp: iat + 60, events, ...change }
  const token = await new jose.SignJWT(claims)
    .setProtectedHeader({ alg: 'RS256', kid: 'one', typ: 'logout+jwt' })
    .sign(privateKey)
  const body = new URLSearchParams({ logout_token: token })
  return (await app.fetch(`/sign-in/with/${id}/logout`, { method: 'POST', body })).status
}

test('the provider ends sessions at once, by a message that counts once', async () => {
  become('ada')
  const browser = await browserOf()
  await browser.go(`/sign-in/with/${id}`)
  const own = await browserOf(ada)
  const isIn = async (one: Browser) => (await app.sessions.find(one.session)) !== undefined
  const cookie = browser.session!
  for (const change of [
    { sub: 'ada' },
    { sub: 'ada', jti: 'a', nonce: 'n' },
    { jti: 'b' },
    { sub: 'ada', jti: 'c', iss: 'https://evil.example' },
  ]) {
    assert.equal(await logout(change), 400)
  }
  assert.ok(await isIn(browser), 'none of these ended it')
  const message = { sub: 'ada', jti: 'good' }
  assert.equal(await logout(message), 200)
  assert.equal(await app.sessions.find(cookie), undefined)
  assert.ok(await isIn(own), 'one by her own word goes on')
  await browser.go(`/sign-in/with/${id}`)
  assert.equal(await logout(message), 400, 'it was used')
  assert.ok(await isIn(browser))
})

test('a message about one session ends that one, and about an unknown one none', async () => {
  const [one, two] = [await browserOf(), await browserOf()]
  become('ada', { sid: 'session-1' })
  await one.go(`/sign-in/with/${id}`)
  become('ada', { sid: 'session-2' })
  await two.go(`/sign-in/with/${id}`)
  const isIn = async (browser: Browser) => (await app.sessions.find(browser.session)) !== undefined
  assert.equal(await logout({ sid: 'of-nobody', jti: 'sid-1' }), 200)
  assert.equal(await logout({ sub: 'of-nobody', jti: 'sid-2' }), 200)
  assert.ok((await isIn(one)) && (await isIn(two)))
  assert.equal(await logout({ sid: 'session-1', jti: 'sid-3', aud: 'of-another' }), 400)
  assert.equal(await logout({ sid: 'session-1', sub: 'ada', jti: 'sid-4' }), 200)
  assert.deepEqual([await isIn(one), await isIn(two)], [false, true])
})

test('a token of the provider is no session and no token of the API', async () => {
  const iat = Math.floor(app.clock.now() / SECOND)
  const claims = { iss: provider.issuer, aud: CLIENT.id, sub: 'ada', iat, exp: iat + 300 }
  const token = await new jose.SignJWT(claims)
    .setProtectedHeader({ alg: 'RS256', kid: 'one' })
    .sign(privateKey)
  const browser = await browserOf()
  browser.session = token
  assert.equal((await browser.ask('/w/acme/rules')).status, 401)
  const headers = { Authorization: `Bearer ${token}` }
  assert.equal((await app.fetch('/api/v1/me', { headers })).status, 401)
})

test('another workspace’s provider is nobody’s here, and takes no domain and no person', async () => {
  const theirs = makeId('idp', app.clock.now(), app.house.random(10))
  const inGlobex = systemCaller(app.house, 'test', undefined, app.globex.id)
  const settings = { issuer: provider.issuer, clientId: CLIENT.id }
  const wish = { kind: 'oidc', name: 'Globex ID', settings, clientSecret: CLIENT.secret, defaultRole: 'admin' } // prettier-ignore
  await addProvider(app.house, inGlobex, NewProvider.parse(wish), theirs)
  const missing = makeId('idp', app.clock.now(), app.house.random(10))
  const strange = await browserOf(gwen)
  const globexRoot = '/w/globex/settings/single-sign-on'
  for (const one of [id, missing]) {
    assert.equal((await strange.ask(`${globexRoot}/${one}`)).status, 403)
    const removed = await send(strange, `${globexRoot}/${one}/remove`, {})
    assert.equal(removed.status, 403)
    assert.equal((await strange.ask(`/account/connections/${one}/begin`)).status, 403)
  }
  const domain = 'acme.example'
  await send(strange, `${globexRoot}/${theirs}/domains`, { domain })
  const decided = { providerId: theirs, domain, decision: 'confirm' }
  assert.equal((await send(strange, '/instance/domains', decided)).status, 403, 'no owner')
  const owner = await browserOf(ada)
  assert.equal((await send(owner, '/instance/domains', decided)).status, 409, 'it is acme’s')

  become('ada')
  provider.bend = (request, response, pass) => {
    // The same client at the same provider, under a way back that it did not register.
    request.url = request.url!.replaceAll(theirs, id)
    pass()
  }
  const browser = await browserOf()
  const back = await browser.go(`/sign-in/with/${theirs}`, ({ pathname }) =>
    pathname.endsWith('/callback'),
  )
  const crossed = await browser.ask(back.at.href)
  assert.equal(crossed.status, 403, 'a way of one provider does not end at another')
  assert.equal(browser.session, undefined)
  provider.bend = undefined
})

test('the same name and group at another issuer are somebody else, with no address of ours', async () => {
  const evil = await startProvider({ after })
  const group = { group: 'admin', role: 'admin' }
  const wish = { name: 'Evil ID', groupRoles: [group], defaultRole: 'admin' }
  const other = await adoptProvider(app, evil, wish)
  evil.redirectUri = new URL(`/sign-in/with/${other}/callback`, app.url).href
  const claims = { email: 'ada@acme.example', email_verified: true, groups: ['admin'] }
  evil.as = { sub: 'ada', claims }
  const browser = await browserOf()
  const answer = await browser.go(`/sign-in/with/${other}`)
  assert.equal(answer.status, 403)
  assert.match(await answer.text(), /you are not known here/)
  assert.equal(browser.session, undefined)
})

test('whoever disconnects is signed out by it, and is not found by their address again', async () => {
  become('ada')
  const browser = await browserOf()
  await browser.go(`/sign-in/with/${id}`)
  const cookie = browser.session
  const own = await browserOf(ada)
  assert.equal((await send(own, `/account/connections/${id}/end`, {})).status, 303)
  assert.equal(await app.sessions.find(cookie), undefined)
  const again = await (await browserOf()).go(`/sign-in/with/${id}`)
  assert.equal(again.status, 403, 'an owner is never connected by an address')
})

test('the client secret is on no page, in no log of the workspace, and not in the files', async () => {
  const browser = await browserOf(ada)
  const said = [JSON.stringify((await readAudit(app.house, inAcme(), {}, { limit: 100 })).items)]
  for (const at of [root, `${root}/${id}`, `${root}/${id}/test`, '/w/acme/audit', '/instance']) {
    const answer = await browser.ask(at)
    assert.equal(answer.status, 200, at)
    said.push(await answer.text())
  }
  assert.match(said.join(), /Acme ID/, 'the premise: its pages were read')
  const files = readdirSync(app.data, { recursive: true, withFileTypes: true })
  for (const file of files.filter((one) => one.isFile())) {
    said.push(readFileSync(path.join(file.parentPath, file.name), 'latin1'))
  }
  assert.ok(!said.some((text) => text.includes(CLIENT.secret)))
})
