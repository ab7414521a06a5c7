// A sign-in by SAML with an identity provider of another house: what is asked, what comes back, and two
// answers that let nobody in. All the attacks there are a name for are in test/long.

import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, test } from 'node:test'
import { judgeAnswer, requestUrl } from '#src/adapters/identity/saml-answer.ts'
import { USUAL_NAMES, type Expected } from '#src/adapters/identity/saml-assertion.ts'
import { ownMetadata } from '#domain/identity/saml-own.ts'
import { readIdpMetadata } from '#src/adapters/identity/saml-metadata.ts'
import { readXml } from '#src/adapters/identity/xml.ts'
import { openSaml } from '#src/adapters/identity/saml.ts'
import type { ProviderWhole } from '#domain/identity/port.ts'
import { instant, type Clock } from '#kernel/time.ts'
import { SAML_ISSUER, startSamlIdp } from '#test/support/saml-idp.ts'

const ours = 'http://localhost/sign-in/with/idp_1/metadata'
const acs = 'http://localhost/sign-in/with/idp_1/callback'
const running = await startSamlIdp({
  id: 'u-4711',
  displayName: 'Ada Lovelace',
  emails: [{ value: 'Ada@acme.example' }],
  claims: { groups: ['detection', 'on-call'] },
})
after(() => running[Symbol.asyncDispose]())

const expected = (requestId: string, forceProof = false): Expected => ({
  issuer: SAML_ISSUER,
  audience: ours,
  recipient: acs,
  requestId,
  requestedAt: instant(Date.now()),
  forceProof,
  names: USUAL_NAMES,
})

async function ask(requestId: string, forceProof = false) {
  const request = { entityId: ours, acs, requestId, relayState: 'state-1', forceProof }
  const url = await requestUrl(running.idp, request)
  const answer = await fetch(url)
  assert.equal(answer.status, 200)
  return (await answer.json()) as { SAMLResponse: string; RelayState: string; acs: string }
}

test('a provider reads our request, and its answer says who came', async () => {
  const { SAMLResponse, RelayState, acs: sentTo } = await ask('_request-1', true)
  assert.equal(sentTo, acs)
  assert.equal(RelayState, 'state-1')
  assert.deepEqual(
    { ...running.last },
    {
      issuer: ours,
      assertionConsumerServiceURL: acs,
      destination: running.idp.signInUrl,
      forceAuthn: 'true',
      id: '_request-1',
    },
  )
  const now = instant(Date.now())
  const who = await judgeAnswer(running.idp, expected('_request-1', true), SAMLResponse, now)
  assert.equal(who.subject, 'u-4711')
  assert.equal(who.email, 'ada@acme.example')
  assert.equal(who.name, 'Ada Lovelace')
  assert.deepEqual(who.groups, ['detection', 'on-call'])
  assert.equal(who.groupsWereCut, false)
  assert.equal(who.session, '_session-1')
})

test('a provider of a workspace is asked and answers through its port, and ran-out keys are told of', async () => {
  const { entityId: issuer, signInUrl: signOnUrl, certificates } = running.idp
  const settings = { issuer, signOnUrl, certificates, ...USUAL_NAMES, ca: null }
  const provider = { kind: 'saml', secrets: {}, settings } as unknown as ProviderWhole
  const clock = { now: () => instant(Date.now()) } as Clock
  const port = openSaml({ clock, random: randomBytes })
  const way = { state: 'state-2', redirectUri: acs, forceProof: false, hint: null }
  const { url, kept } = await port.begin(provider, way)
  const { SAMLResponse } = (await (await fetch(url)).json()) as { SAMLResponse: string }
  const answer = { url: new URL(acs), form: { SAMLResponse } }
  const asserted = await port.finish(provider, kept, answer, clock.now())
  assert.equal(asserted.subject, 'u-4711')
  assert.ok(asserted.once && asserted.once.endsAt > clock.now())
  const other = { ...kept, requestId: '_other' }
  await assert.rejects(port.finish(provider, other, answer, clock.now()), {
    code: 'unauthenticated',
    details: { why: 'The answer belongs to another request, or to none.' },
  })
  const steps = await port.look(provider)
  assert.deepEqual(
    steps.map(({ verdict }) => verdict),
    ['odd', 'good'],
    'loopback without TLS, and a certificate that lasts',
  )
})

test('an answer with a second assertion lets nobody in, whatever is signed', async () => {
  const { SAMLResponse } = await ask('_request-2')
  const xml = Buffer.from(SAMLResponse, 'base64').toString()
  const [assertion] = /<saml:Assertion[\s\S]*<\/saml:Assertion>/.exec(xml)!
  const evil = assertion
    .replace(/ ID="[^"]+"/, ' ID="_evil"')
    .replace('u-4711', 'u-1')
    .replace(/<Signature[\s\S]*<\/Signature>/, '')
  const forged = xml.replace(assertion, evil + assertion)
  assert.notEqual(forged, xml)
  await refused(forged, /2 assertions where exactly one/)
})

test('an answer to another request lets nobody in', async () => {
  const { SAMLResponse } = await ask('_request-3')
  const xml = Buffer.from(SAMLResponse, 'base64').toString()
  await refused(xml, /another request/)
})

test('metadata of a provider are read, with both of its certificates while it changes them', () => {
  const [pem] = running.idp.certificates
  const bare = pem!.replaceAll(/-----[^-]+-----|\s/g, '')
  const described = readIdpMetadata(`<?xml version="1.0"?><!-- ours -->
    <md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="${SAML_ISSUER}">
      <md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
        <md:KeyDescriptor use="signing"><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#">
          <ds:X509Data><ds:X509Certificate>${bare}</ds:X509Certificate></ds:X509Data>
        </ds:KeyInfo></md:KeyDescriptor>
        <md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
          Location="https://idp.acme.example/sso?tenant=a&amp;b=1"/>
      </md:IDPSSODescriptor>
    </md:EntityDescriptor>`)
  assert.equal(described.entityId, SAML_ISSUER)
  assert.equal(described.signInUrl, 'https://idp.acme.example/sso?tenant=a&b=1')
  assert.equal(described.certificates.length, 1)
  assert.equal(
    readXml(ownMetadata({ metadata: ours, callback: acs, logout: acs })).name,
    'EntityDescriptor',
  )
})

async function refused(xml: string, why: RegExp): Promise<void> {
  const field = Buffer.from(xml).toString('base64')
  const judged = judgeAnswer(running.idp, expected('_request-2'), field, instant(Date.now()))
  await assert.rejects(judged, { name: 'SamlRefusal', message: why })
}
