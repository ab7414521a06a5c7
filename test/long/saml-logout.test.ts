// Logout by SAML: a stranger signs nobody out, whatever of a real request they caught or changed.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SAML } from '@node-saml/node-saml'
import { readLogout, logoutAnswerUrl } from '#src/adapters/identity/saml-logout.ts'
import type { SamlIdp } from '#src/adapters/identity/saml-metadata.ts'
import { HOUR, instant } from '#kernel/time.ts'
import {
  logoutQuery,
  logoutXml,
  SAML_ISSUER,
  samlKey,
  type LogoutWish,
} from '#test/support/saml-idp.ts'

const at = 'http://localhost/sign-in/with/idp_1/logout'
const now = instant(Date.now())
const key = samlKey(now)
const idp: SamlIdp = {
  entityId: SAML_ISSUER,
  signInUrl: 'https://idp.acme.example/sso',
  certificates: [key.cert],
}
const wish: LogoutWish = { at, nameId: 'u-1', session: '_s-1' }
const read = (sent: string, isNamed = true) => readLogout(idp, sent, at, now, isNamed)
const refused = (sent: string, why: RegExp) =>
  assert.rejects(read(sent), { name: 'SamlRefusal', message: why })

test('the premise: one that the provider signed ends one session, or all of a person', async () => {
  const { ended, relayState } = await read(logoutQuery(key, wish))
  assert.deepEqual([ended.session, ended.subject], ['_s-1', 'u-1'])
  assert.equal(relayState, 'their-state')
  const { ended: all } = await read(logoutQuery(key, { at, nameId: 'u-1' }))
  assert.deepEqual([all.session, all.subject], [null, 'u-1'])
})

const refusals: readonly (readonly [string, string, RegExp])[] = [
  ['no signature', new URLSearchParams({ SAMLRequest: 'aGVsbG8=' }).toString(), /not XML/],
  [
    'no signature on a proper one',
    new URLSearchParams({
      SAMLRequest: Buffer.from(logoutXml(wish)).toString('base64'),
    }).toString(),
    /logout is not signed/,
  ],
  ['another key', logoutQuery(samlKey(now), wish), /does not hold/],
  [
    'SHA-1',
    logoutQuery(key, { ...wish, algorithm: 'http://www.w3.org/2000/09/xmldsig#rsa-sha1' }),
    /not taken/,
  ],
  ['another state', logoutQuery(key, wish).replace('their-state', 'other'), /does not hold/],
  ['a request twice', `${logoutQuery(key, wish)}&SAMLRequest=x`, /says something twice/],
  [
    'another destination',
    logoutQuery(key, { ...wish, at: 'http://other/' }),
    /another destination/,
  ],
  ['another issuer', logoutQuery(key, { ...wish, issuer: 'urn:other' }), /another provider/],
  ['an old one', logoutQuery(key, { ...wish, issuedAt: now - HOUR }), /too old/],
  ['one of the future', logoutQuery(key, { ...wish, issuedAt: now + HOUR }), /of the future/],
  ['a comment in the NameID', logoutQuery(key, { ...wish, nameId: 'u<!---->-1' }), /a comment/],
]
for (const [name, sent, why] of refusals) test(`refused: ${name}`, () => refused(sent, why))

test('a name that is nobody’s here ends no more than the session', async () => {
  const { ended } = await read(logoutQuery(key, wish), false)
  assert.deepEqual([ended.session, ended.subject], ['_s-1', null])
  await assert.rejects(read(logoutQuery(key, { at, nameId: 'u-1' }), false), /no single session/)
})

test('a library of another house reads our answer', async () => {
  const to = 'https://idp.acme.example/slo?tenant=a'
  const answer = { to, entityId: 'urn:us', inResponseTo: '_1', id: '_2', relayState: 'r' }
  const url = new URL(logoutAnswerUrl({ ...answer, ownKey: undefined }, now))
  const theirs = new SAML({
    issuer: 'urn:them',
    callbackUrl: to,
    entryPoint: to,
    idpCert: [key.cert],
    idpIssuer: 'urn:us',
  })
  const query = Object.fromEntries(url.searchParams)
  const done = await theirs.validateRedirectAsync(query, url.search.slice(1))
  assert.equal(done.loggedOut, true)
})
