// Every attack on a SAML answer that has a name: wrapped signatures, swapped ones, documents that two
// readers take for two things, answers made for somebody else. The untouched answer is taken, and each
// that was tampered with is refused for a reason of its own.

import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { judgeAnswer } from '#src/adapters/identity/saml-answer.ts'
import { USUAL_NAMES, type Expected } from '#src/adapters/identity/saml-assertion.ts'
import type { SamlIdp } from '#src/adapters/identity/saml-metadata.ts'
import { readXml, XmlRefusal } from '#src/adapters/identity/xml.ts'
import { HOUR, instant, MINUTE, type Instant } from '#kernel/time.ts'
import { answerXml, SAML_ISSUER, samlKey, type SamlAnswer } from '#test/support/saml-idp.ts'
import { makeCertificate } from '#test/support/certificate.ts'

const ours = 'http://localhost/sign-in/with/idp_1/metadata'
const acs = 'http://localhost/sign-in/with/idp_1/callback'
const now = instant(Date.now())
const key = samlKey(now)
const idp: SamlIdp = {
  entityId: SAML_ISSUER,
  signInUrl: 'https://idp.acme.example/sso',
  certificates: [key.cert],
}
const expected: Expected = {
  issuer: SAML_ISSUER,
  audience: ours,
  recipient: acs,
  requestId: '_request-1',
  requestedAt: now,
  forceProof: false,
  names: USUAL_NAMES,
}
const person = { id: 'vera@acme.example', emails: [{ value: 'vera@acme.example' }] }
const asked = { audience: ours, recipient: acs, destination: acs, inResponseTo: '_request-1' }

const made = (how: Partial<SamlAnswer> = {}) =>
  answerXml({ ...asked, signedBy: key, ...how }, person)
const base64 = (xml: string) => Buffer.from(xml).toString('base64')
const judge = (xml: string, at: Instant = now, given = expected, by = idp) =>
  judgeAnswer(by, given, base64(xml), at)

const good = await made()
const both = await made({ signResponse: true })
const SIGNATURE = /<(?:ds:)?Signature [\s\S]*?<\/(?:ds:)?Signature>/
const ASSERTION = /<saml:Assertion [\s\S]*<\/saml:Assertion>/
const assertion = ASSERTION.exec(good)![0]
const signature = SIGNATURE.exec(assertion)![0]
const unsigned = assertion.replace(SIGNATURE, '')
/** What an attacker wants read: another person under another id. */
const evil = unsigned.replace(/ ID="[^"]+"/, ' ID="_evil"').replaceAll('vera@acme', 'ada@acme')
const around = (inner: string) => good.replace(ASSERTION, () => inner)
const within = (outer: string, inner: string) =>
  outer.replace('</saml:Assertion>', () => `${inner}</saml:Assertion>`)

async function refused(xml: string, why: RegExp, at: Instant = now, given = expected) {
  assert.notEqual(xml, good, 'the answer was tampered with')
  await assert.rejects(judge(xml, at, given), { name: 'SamlRefusal', message: why })
}

test('the premise: what nobody tampered with is taken, signed once or twice', async () => {
  assert.equal((await judge(good)).subject, 'vera@acme.example')
  assert.equal((await judge(both)).subject, 'vera@acme.example')
})

suite('signature wrapping', () => {
  const response = /<samlp:Response [^>]*>/.exec(both)![0]
  const responseSignature = SIGNATURE.exec(both)![0]
  const evilResponse = both
    .replace(SIGNATURE, '')
    .replace(/ ID="[^"]+"/, ' ID="_evil-response"')
    .replace(ASSERTION, () => evil)
  const evilSigned = evil.replace('</saml:Issuer>', () => `</saml:Issuer>${signature}`)
  const signatureHolding = (inner: string) =>
    signature.replace('</Signature>', () => `<Object>${inner}</Object></Signature>`)
  const wrapped: Readonly<Record<string, string>> = {
    'XSW1: the signed response within the signature of another': evilResponse.replace(
      '</saml:Issuer>',
      () =>
        `</saml:Issuer>${responseSignature.replace('</Signature>', () => `<Object>${both.replace(SIGNATURE, '')}</Object></Signature>`)}`,
    ),
    'XSW2: the signed response beside its signature': evilResponse.replace(
      '</saml:Issuer>',
      () => `</saml:Issuer>${both.replace(SIGNATURE, '')}${responseSignature}`,
    ),
    'XSW3: another assertion before the signed one': around(evil + assertion),
    'XSW4: the signed assertion within another': around(within(evil, assertion)),
    'XSW5: the signature moved into another, the signed one behind it': around(
      evilSigned + unsigned,
    ),
    'XSW6: the signed assertion within the signature of another': around(
      evil.replace(
        '</saml:Issuer>',
        () =>
          `</saml:Issuer>${signature.replace('</SignatureValue>', () => `</SignatureValue>${unsigned}`)}`,
      ),
    ),
    'XSW7: another assertion in an extension': good.replace(
      '<saml:Assertion ',
      () => `<samlp:Extensions>${evil}</samlp:Extensions><saml:Assertion `,
    ),
    'XSW8: the signed assertion in an object of another one’s signature': around(
      evil.replace('</saml:Issuer>', () => `</saml:Issuer>${signatureHolding(unsigned)}`),
    ),
    'XSW9: the signed assertion in the advice of another': around(
      evilSigned.replace(
        '<saml:Conditions',
        () => `<saml:Advice>${unsigned}</saml:Advice><saml:Conditions`,
      ),
    ),
  }
  for (const [name, xml] of Object.entries(wrapped)) {
    test(name, () => refused(xml, /assertions where exactly one|same ID|more than a signature/))
  }

  test('an assertion that another one’s signature speaks of', () =>
    refused(around(evilSigned), /another element than the one it stands in/))

  test('a response around the whole of another', () =>
    refused(
      both.replace(response, () => `${response}${both}`),
      /assertions where exactly one|same ID/,
    ))

  test('a changed word under a signature', () =>
    refused(good.replaceAll('vera@acme', 'ada@acme'), /signature does not hold/))

  test('a changed word of the response under a signature of its own', () =>
    refused(both.replace('<samlp:Status>', '<samlp:Status><x/>'), /signature does not hold/))
})

suite('signatures that are missing or weak', () => {
  test('no signature', () => refused(around(unsigned), /assertion is not signed/))
  test('an assertion without one in a signed response', async () =>
    refused(await made({ signAssertion: false, signResponse: true }), /assertion is not signed/))
  test('a signature by SHA-1', async () =>
    refused(await made({ signatureAlgorithm: 'rsa-sha1' }), /rsa-sha1 are not taken/))
  test('a digest by SHA-1', async () =>
    refused(await made({ digestAlgorithm: 'sha1' }), /sha1 are not taken/))
  test('a key that calls itself the same', async () => {
    const faked = samlKey(now)
    const xml = await made({ signedBy: faked })
    assert.match(xml, /X509Certificate/)
    await refused(xml, /signature does not hold/)
  })
  test('a signature by HMAC with the certificate as its secret', () =>
    refused(good.replace(/rsa-sha256"/, 'hmac-sha256"'), /hmac-sha256 are not taken/))
  test('a key of an elliptic curve among the certificates', async () => {
    const curve = makeCertificate(instant(now - HOUR), instant(now + HOUR))
    const judged = judge(good, now, expected, { ...idp, certificates: [curve.cert] })
    await assert.rejects(judged, { message: /None of the provider’s certificates/ })
  })
  test('while the provider changes its key, either signs', async () => {
    const next = samlKey(now, 2)
    const rolling = { ...idp, certificates: [next.cert, key.cert] }
    assert.equal((await judge(good, now, expected, rolling)).subject, person.id)
    const later = await made({ signedBy: next })
    assert.equal((await judge(later, now, expected, rolling)).subject, person.id)
  })
  const transform = '<Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/>'
  test('the premise: the signature has this transform', () => assert.ok(good.includes(transform)))
  const others = {
    XSLT: '<Transform Algorithm="http://www.w3.org/TR/1999/REC-xslt-19991116"><a/></Transform>',
    XPath: '<Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116"/>',
    none: '',
  }
  for (const [name, other] of Object.entries(others)) {
    test(`a transform by ${name}`, () =>
      refused(good.replace(transform, other), /transforms what it covers/))
  }
  test('canonical XML with comments', () =>
    refused(
      good.replaceAll(
        'http://www.w3.org/2001/10/xml-exc-c14n#"',
        'http://www.w3.org/2001/10/xml-exc-c14n#WithComments"',
      ),
      /not made over exclusive canonical XML/,
    ))
  test('two references in one signature', () =>
    refused(
      good.replace(/<Reference[\s\S]*<\/Reference>/, (one) => one + one),
      /exactly one Reference/,
    ))
  test('two digests in one reference', () =>
    refused(
      good.replace(/<DigestMethod [^>]*>/, (one) => one + one),
      /exactly one DigestMethod/,
    ))
  test('two parts that are signed in one signature', () =>
    refused(
      good.replace(/<SignedInfo>[\s\S]*<\/SignedInfo>/, (one) => one + one),
      /exactly one SignedInfo/,
    ))
  test('a comment in a digest', () =>
    refused(good.replace('<DigestValue>', '<DigestValue><!--AAAA-->'), /a comment/))
  test('a reference to nothing by name', () =>
    refused(good.replace(/URI="#[^"]*"/, 'URI=""'), /another element/))
})

suite('documents that two readers take for two things', () => {
  const cases: readonly (readonly [string, string, RegExp])[] = [
    [
      'a comment in the NameID',
      good.replace('vera@acme.example', 'vera@acme.example<!---->.evil.example'),
      /a comment/,
    ],
    [
      'a comment anywhere',
      good.replace('<samlp:Status>', '<!-- hello --><samlp:Status>'),
      /a comment/,
    ],
    [
      'CDATA',
      good.replace('vera@acme.example', '<![CDATA[vera@acme.example]]>'),
      /a comment, CDATA/,
    ],
    ['a document type', `<!DOCTYPE a>${good}`, /document type/],
    ['an external one', `<!DOCTYPE a SYSTEM "http://169.254.169.254/">${good}`, /document type/],
    [
      'an entity that names a file',
      `<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>${good.replace('vera@acme.example', '&x;')}`,
      /document type/,
    ],
    [
      'entities that grow',
      `<!DOCTYPE a [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]>${good}`,
      /document type/,
    ],
    ['an entity of one’s own', good.replace('vera@acme.example', '&vera;'), /an entity/],
    [
      'a processing instruction',
      good.replace('<samlp:Status>', '<?php x?><samlp:Status>'),
      /a processing instruction/,
    ],
    [
      'an attribute twice',
      good.replace(/ ID="([^"]+)"/, ' ID="$1" ID="_x"'),
      /an attribute that stands twice/,
    ],
    [
      'an attribute twice by two prefixes',
      good.replace('<samlp:Status>', '<samlp:Status xmlns:a="u" xmlns:b="u" a:x="1" b:x="2">'),
      /stands twice/,
    ],
    [
      'an id twice',
      good.replace('<samlp:Status>', `<samlp:Status ID="${/ ID="([^"]+)"/.exec(assertion)![1]}">`),
      /same ID/,
    ],
    [
      'an id twice, in another spelling',
      good.replace('<samlp:Status>', `<samlp:Status id="${/ ID="([^"]+)"/.exec(assertion)![1]}">`),
      /same ID/,
    ],
    [
      'a prefix nobody declared',
      good.replace('<samlp:Status>', '<samlp:Status foo:x="1">'),
      /a prefix that nobody declared/,
    ],
    [
      'an assertion of another namespace beside it',
      good.replace('<saml:Assertion ', '<Assertion xmlns="urn:x"/><saml:Assertion '),
      /2 assertions/,
    ],
    [
      'a signature of another namespace',
      good.replace('<samlp:Status>', '<Signature xmlns="urn:x"/><samlp:Status>'),
      /where none may stand/,
    ],
    [
      'an element within the NameID',
      good.replace('vera@acme.example<', 'vera@acme.example<b/><'),
      /signature does not hold/,
    ],
    ['a second document behind the first', good + good, /after the end/],
    [
      'a NUL character',
      good.replace('vera@', 'vera\u0000@'),
      /a character that XML does not allow/,
    ],
    ['a text that is no XML', 'hello', /not XML/],
    ['nothing', '', /not base64/],
    [
      'another root',
      good.replaceAll('samlp:Response', 'samlp:LogoutResponse'),
      /not a SAML 2.0 response/,
    ],
  ]
  for (const [name, xml, why] of cases) test(name, () => refused(xml, why))

  test('more than 256 kB', () =>
    refused(
      good.replace('<samlp:Status>', `<samlp:Status x="${'a'.repeat(300_000)}">`),
      /larger than 256 kB/,
    ))

  test('elements nested without end are refused, not followed', () => {
    assert.throws(() => readXml('<a>'.repeat(50_000)), XmlRefusal)
  })

  test('a text is read in a time that grows with its length alone', () => {
    const many = `<a>${'<b x="&amp;&amp;"> &lt; </b>'.repeat(9_000)}</a>`
    assert.equal(readXml(many).children.length, 9_000)
    assert.throws(() => readXml(`<a>${'&'.repeat(200_000)}</a>`), XmlRefusal)
  })
})

suite('answers made for somebody else, or too late', () => {
  test('another destination', async () =>
    refused(await made({ destination: 'http://globex.example/acs' }), /another destination/))
  test('another recipient', async () =>
    refused(await made({ recipient: 'http://globex.example/acs' }), /another recipient/))
  test('another audience', async () =>
    refused(await made({ audience: 'http://globex.example' }), /another audience/))
  test('another issuer', async () =>
    refused(await made({ issuer: 'urn:idp.globex.example' }), /another provider/))
  test('another request', async () =>
    refused(await made({ inResponseTo: '_request-2' }), /another request/))
  test('no request: nobody asked for this answer', async () => {
    const { inResponseTo: _, ...rest } = asked
    const xml = await answerXml({ ...rest, signedBy: key }, person)
    await refused(xml, /another request, or to none/)
  })
  test('another request inside, under a matching response', () =>
    made({ inResponseTo: '_request-2' }).then((xml) =>
      refused(
        xml.replace('InResponseTo="_request-2"', 'InResponseTo="_request-1"'),
        /another request|does not hold/,
      ),
    ))
  test('too late', async () => {
    const judged = judge(good, instant(now + 10 * MINUTE))
    await assert.rejects(judged, { message: /good no longer/ })
  })
  test('too early', async () => {
    await assert.rejects(judge(good, instant(now - 10 * MINUTE)), { message: /not good yet/ })
  })
  test('a minute of difference between clocks is nothing', async () => {
    assert.equal((await judge(good, instant(now - 30_000))).subject, person.id)
  })
  test('an old proof where a fresh one was asked for', async () => {
    const given = { ...expected, forceProof: true, requestedAt: instant(now + HOUR) }
    await assert.rejects(judge(good, now, given), { message: /fresh proof/ })
  })
  test('a NameID that changes with every sign-in', async () => {
    const format = 'urn:oasis:names:tc:SAML:2.0:nameid-format:transient'
    await refused(await made({ nameIdentifierFormat: format }), /changes with every sign-in/)
  })
  test('a provider that says no', () =>
    refused(
      good.replace('status:Success', 'status:Responder'),
      /let nobody in: its status is Responder/,
    ))
})
