// Single sign-on by a real OpenID provider: from the settings page to a session, and who is not let in.

import assert from 'node:assert/strict'
import { before, test, after } from 'node:test'
import { readAudit } from '#domain/audit/actions.ts'
import { systemCaller } from '#domain/access/system.ts'
import { adoptProvider, Browser, startProvider, type TestProvider } from '#test/support/oidc.ts'
import { startApp, type TestApp } from '#test/support/start-app.ts'
import type { ProviderId } from '#kernel/id.ts'

let app: TestApp
let provider: TestProvider
let id: ProviderId

const ends: (() => unknown)[] = []
after(async () => {
  for (const end of ends.toReversed()) await end()
})

before(async () => {
  const life = { after: (end: () => unknown) => void ends.push(end) }
  app = await startApp(life, { env: { RULEWRIGHT_OUTBOUND_ALLOW: '127.0.0.1' } })
  provider = await startProvider(life)
  id = await adoptProvider(app, provider, {
    domain: 'acme.example',
    groupRoles: [{ group: 'soc', role: 'engineer' }],
    defaultRole: 'viewer',
  })
  provider.redirectUri = new URL(`/sign-in/with/${id}/callback`, app.url).href
})

const verified = (email: string, more = {}) => ({ email, email_verified: true, ...more })

test('an address leads to its provider, and who comes back is made a member by their groups', async () => {
  const browser = new Browser(app)
  const page = await (await browser.ask('/sign-in')).text()
  assert.match(page, /formaction="\/sign-in\/with"/)
  const body = new URLSearchParams({ email: 'Nina@acme.example', next: '/w/acme/rules' })
  const chosen = await (await browser.ask('/sign-in/with', { method: 'POST', body })).text()
  const [, way] = /href="(\/sign-in\/with\/idp_[^"]+)"/.exec(chosen)!
  provider.as = {
    sub: 'nina',
    claims: verified('nina@acme.example', { name: 'Nina', groups: ['soc'] }),
  }
  const home = await browser.go(way!)
  assert.equal(home.status, 200, home.at.href)
  assert.equal(home.at.pathname, '/w/acme/rules')
  const sessions = await (await browser.ask('/account/sessions')).text()
  assert.match(sessions, /Signed in with single sign-on/)
  const nina = (await app.sessions.find(browser.session))!.person
  assert.deepEqual(
    nina.memberships.map(({ slug, role }) => [slug, role]),
    [['acme', 'engineer']],
  )
  const caller = systemCaller(app.house, 'test', undefined, app.acme.id)
  const { items } = await readAudit(app.house, caller, {}, { limit: 50 })
  const actions = items.map(({ action }) => action)
  for (const action of ['member.add', 'identity.connect', 'user.add']) {
    assert.ok(actions.includes(action), `${action} among ${actions.join()}`)
  }
})

test('an address that the provider does not vouch for makes nobody, and finds nobody', async () => {
  const browser = new Browser(app)
  provider.as = { sub: 'mallory', claims: { email: 'ravi@acme.example', email_verified: false } }
  const answer = await browser.go(`/sign-in/with/${id}`)
  assert.equal(answer.status, 403)
  assert.match(await answer.text(), /does not vouch for your address/)
  assert.equal(browser.session, undefined)
})

test('a way in that another browser began is refused, and so is a second use', async () => {
  const [victim, attacker] = [new Browser(app), new Browser(app)]
  provider.as = { sub: 'nina', claims: verified('nina@acme.example') }
  const back = await attacker.go(`/sign-in/with/${id}`, ({ pathname }) =>
    pathname.endsWith('/callback'),
  )
  await victim.ask(`/sign-in/with/${id}`)
  const answer = await victim.go(back.at.href)
  assert.equal(answer.status, 403)
  assert.equal(victim.session, undefined)
  assert.equal((await attacker.go(back.at.href)).status, 403, 'it is spent')
})
