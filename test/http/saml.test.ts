// Single sign-on by SAML, from the settings page to a session, with an identity provider of another
// house; and an answer that another browser posts.

import assert from 'node:assert/strict'
import { verify } from 'node:crypto'
import { after, test } from 'node:test'
import { systemCaller } from '#domain/access/system.ts'
import { putDomain } from '#domain/identity/store.ts'
import type { ProviderId } from '#kernel/id.ts'
import { instant } from '#kernel/time.ts'
import { Browser } from '#test/support/oidc.ts'
import { logoutQuery, samlKey, startSamlIdp } from '#test/support/saml-idp.ts'
import { startApp } from '#test/support/start-app.ts'

const person = { id: 'u-1', displayName: 'Nina', emails: [{ value: 'nina@acme.example' }] }
const running = await startSamlIdp({ ...person, claims: { groups: 'soc' } })
after(() => running[Symbol.asyncDispose]())
const app = await startApp({ after })
app.clock.jumpTo(instant(Date.now())) // as the provider's

const bare = running.key.cert.replaceAll(/-----[^-]+-----|\s/g, '')
const METADATA = `<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="${running.idp.entityId}">
  <IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
    <KeyDescriptor use="signing"><KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data><X509Certificate>${bare}</X509Certificate></X509Data></KeyInfo></KeyDescriptor>
    <SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="${running.idp.signInUrl}"/>
  </IDPSSODescriptor>
</EntityDescriptor>`

/** Goes to the provider and brings back what its form would post. */
async function askProvider(browser: Browser, id: string) {
  const to = await browser.go(`/sign-in/with/${id}`, ({ pathname }) => pathname === '/sso')
  const answer = await fetch(to.at)
  const { acs, ...form } = (await answer.json()) as Record<string, string>
  return { path: new URL(acs!).pathname, body: new URLSearchParams(form) }
}

/** A form of ours. */
const send = (path: string, fields: Record<string, string>) =>
  app.fetchAs(app.cast.ada, path, {
    method: 'POST',
    body: new URLSearchParams(fields),
    headers: { 'sec-fetch-site': 'same-origin' },
  })

/** As a browser posts a form of another site: without the cookie of ours. */
async function post({ path, body }: { readonly path: string; readonly body: URLSearchParams }) {
  const answer = await app.fetch(path, { method: 'POST', body })
  assert.equal(answer.status, 303)
  return answer.headers.get('location')!
}

test('an admin enters a provider by its metadata, and its people come in', async () => {
  const { ada } = app.cast
  const root = '/w/acme/settings/single-sign-on'
  const page = await (await app.fetchAs(ada, `${root}/new/saml`)).text()
  const id = /name="id" value="(idp_[^"]+)"/.exec(page)![1] as ProviderId
  const fields = { id, name: 'ADFS', groupRoles: 'soc = engineer', isEmailTrusted: 'on' }
  const refused = await send(`${root}/new/saml`, { ...fields, metadata: '<a/>' })
  assert.equal(refused.status, 422)
  assert.match(await refused.text(), /describe no identity provider/)
  const added = await send(`${root}/new/saml`, { ...fields, metadata: METADATA })
  assert.equal(added.status, 303)
  const seen = await (await app.fetchAs(ada, `${root}/${id}/saml`)).text()
  assert.match(seen, /It is good until/)
  const { house, acme } = app
  const caller = systemCaller(house, 'test', undefined, acme.id)
  const at = { askedAt: caller.now, askedBy: caller.actor }
  const confirmed = { confirmedAt: caller.now, confirmedBy: caller.actor, isEnforced: false }
  const domain = { domain: 'acme.example', providerId: id, ...at, ...confirmed }
  await house.db.write(caller, (tx) => putDomain(tx, house.keys.purpose('row-mac'), domain))

  const nina = new Browser(app)
  const home = await nina.go(await post(await askProvider(nina, id)))
  assert.equal(home.status, 200)
  const { person: found } = (await app.sessions.find(nina.session))!
  assert.equal(found.name, 'Nina')
  assert.deepEqual(
    found.memberships.map(({ slug, role }) => [slug, role]),
    [['acme', 'engineer']],
  )

  const [victim, attacker] = [new Browser(app), new Browser(app)]
  const stolen = await askProvider(attacker, id)
  await victim.ask(`/sign-in/with/${id}`)
  const led = await victim.go(await post(stolen))
  assert.equal(led.status, 403)
  assert.equal(victim.session, undefined, 'nobody is signed in by an answer that another began')

  const portal = await new Browser(app).go(
    await post({ path: stolen.path, body: new URLSearchParams({ SAMLResponse: 'aGVsbG8=' }) }),
  )
  assert.match(await portal.text(), /was not begun here/, 'an answer that nobody asked for')

  const metadata = await app.fetch(`/sign-in/with/${id}/metadata`)
  assert.match(await metadata.text(), new RegExp(`entityID="[^"]+/sign-in/with/${id}/metadata"`))
})

test('a directory page shows a token once', async () => {
  const { ada, vera } = app.cast
  const list = await (await app.fetchAs(ada, '/w/acme/settings/single-sign-on')).text()
  const [path] = /\/w\/acme\/settings\/single-sign-on\/idp_[\w-]+/.exec(list)!
  const made = await send(`${path}/directory`, { networks: '' })
  const [token] = /rw_scim_[0-9a-f]{32}_[\w-]{43}_[0-9a-f]{8}/.exec(await made.text())!
  const headers = { authorization: `Bearer ${token}` }
  assert.equal((await app.fetch('/scim/v2/ServiceProviderConfig', { headers })).status, 200)
  const again = await (await app.fetchAs(ada, `${path}/directory`)).text()
  assert.ok(!again.includes(token))
  assert.equal((await app.fetchAs(vera, `${path}/directory`)).status, 403)
})

test('with a key of ours requests are signed, and what is encrypted for it is read', async () => {
  const { ada } = app.cast
  const list = await (await app.fetchAs(ada, '/w/acme/settings/single-sign-on')).text()
  const [path, id] = /\/w\/acme\/settings\/single-sign-on\/(idp_[\w-]+)/.exec(list)!
  const page = await (await app.fetchAs(ada, path)).text()
  const version = /name="version" value="(\d+)"/.exec(page)![1]!
  const fields = { version, name: 'ADFS', groupRoles: 'soc = engineer', signsRequests: 'on' }
  const switches = { isEnabled: 'on', isEmailTrusted: 'on' }
  assert.equal((await send(path, { ...fields, ...switches })).status, 422, 'there is no key yet')
  assert.equal((await send(`${path}/saml/keys`, {})).status, 303)
  assert.equal((await send(path, { ...fields, ...switches })).status, 303)
  const metadata = await (await app.fetch(`/sign-in/with/${id}/metadata`)).text()
  assert.match(metadata, /AuthnRequestsSigned="true"/)
  const [, bare] = /use="encryption">[^]*?<X509Certificate>([^<]+)/.exec(metadata)!
  const pem = `-----BEGIN CERTIFICATE-----\n${bare}\n-----END CERTIFICATE-----`
  running.encryptsFor = pem
  const nina = new Browser(app)
  const { at } = await nina.go(`/sign-in/with/${id}`, ({ pathname }) => pathname === '/sso')
  const [signed, signature] = new URL(at).search.slice(1).split('&Signature=')
  assert.ok(
    verify(
      'sha256',
      Buffer.from(signed!),
      pem,
      Buffer.from(decodeURIComponent(signature!), 'base64'),
    ),
  )
  const asked = await askProvider(nina, id!)
  assert.ok(Buffer.from(asked.body.get('SAMLResponse')!, 'base64').includes('EncryptedAssertion'))
  await nina.go(await post(asked))
  assert.equal((await app.sessions.find(nina.session))!.person.name, 'Nina')
})

test('a provider ends a session that it began, by a request that it signed', async () => {
  const { ada } = app.cast
  const list = await (await app.fetchAs(ada, '/w/acme/settings/single-sign-on')).text()
  const [, id] = /\/w\/acme\/settings\/single-sign-on\/(idp_[\w-]+)/.exec(list)!
  const nina = new Browser(app)
  await nina.go(await post(await askProvider(nina, id!)))
  const { session } = nina
  assert.ok(await app.sessions.find(session), 'the premise')
  const metadata = await (await app.fetch(`/sign-in/with/${id}/metadata`)).text()
  const [, at] = /HTTP-Redirect" Location="([^"]+)/.exec(metadata)!
  const logout = logoutQuery(running.key, { at: at!, session: '_session-1', nameId: 'u-1' })
  const forged = logoutQuery(samlKey(), { at: at!, session: '_session-1', nameId: 'u-1' })
  assert.equal((await app.fetch(`${new URL(at!).pathname}?${forged}`)).status, 403)
  assert.ok(await app.sessions.find(session), 'another key ends nothing')
  const path = `${new URL(at!).pathname}?${logout}`
  assert.equal((await app.fetch(path)).status, 200)
  assert.equal(await app.sessions.find(session), undefined)
  assert.equal((await app.fetch(path)).status, 403, 'once')
})

test('newer metadata show what they change before they are in force', async () => {
  const { ada } = app.cast
  const list = await (await app.fetchAs(ada, '/w/acme/settings/single-sign-on')).text()
  const [path] = /\/w\/acme\/settings\/single-sign-on\/idp_[\w-]+/.exec(list)!
  const next = samlKey(undefined, 2).cert.replaceAll(/-----[^-]+-----|\s/g, '')
  const [descriptor] = /<KeyDescriptor[^]*<\/KeyDescriptor>/.exec(METADATA)!
  const metadata = METADATA.replace(descriptor, descriptor + descriptor.replace(bare, next))
  const countKeys = async () => {
    const page = await (await app.fetchAs(ada, `${path}/saml`)).text()
    return page.split('It is good until').length - 1
  }
  const before = await countKeys()
  const shown = await send(`${path}/saml`, { metadata })
  assert.equal(shown.status, 200)
  const text = await shown.text()
  assert.ok(text.includes('added') && text.includes('stays') && !text.includes('removed'))
  assert.equal(await countKeys(), before, 'nothing is in force yet')
  assert.equal((await send(`${path}/saml`, { metadata, isSeen: 'yes' })).status, 303)
  assert.equal(await countKeys(), 2 * before)
})

test('what an admin said of a provider is changed on its page', async () => {
  const { ada } = app.cast
  const root = '/w/acme/settings/single-sign-on'
  const list = await (await app.fetchAs(ada, root)).text()
  const [path] = /\/w\/acme\/settings\/single-sign-on\/idp_[\w-]+/.exec(list)!
  const page = await (await app.fetchAs(ada, path)).text()
  assert.match(page, /soc = engineer/)
  const version = /name="version" value="(\d+)"/.exec(page)![1]!
  const fields = { version, name: 'AD FS', groupRoles: 'soc = analyst', groupsAttribute: 'teams' }
  assert.equal((await send(path, fields)).status, 303)
  assert.equal((await send(path, fields)).status, 412, 'by a page that is old')
  const seen = await (await app.fetchAs(ada, path)).text()
  assert.match(seen, /soc = analyst/)
  assert.match(seen, /value="teams"/)
  assert.ok(
    !/name="is(?:Enabled|EmailTrusted)"[^>]*checked/.test(seen),
    'neither trusted nor in use',
  )
})
