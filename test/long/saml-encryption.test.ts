// Assertions that are encrypted for us: which are opened, and what an attacker gets who holds only our
// certificate, which everybody can read, and answers that were caught on their way.

import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { suite, test } from 'node:test'
import { judgeAnswer } from '#src/adapters/identity/saml-answer.ts'
import { USUAL_NAMES, type Expected } from '#src/adapters/identity/saml-assertion.ts'
import type { SamlIdp } from '#src/adapters/identity/saml-metadata.ts'
import { addMs, DAY, instant } from '#kernel/time.ts'
import { makeOwnCertificate } from '#platform/own-certificate.ts'
import { answerXml, SAML_ISSUER, samlKey, type SamlAnswer } from '#test/support/saml-idp.ts'

const audience = 'http://localhost/sign-in/with/idp_1/metadata'
const recipient = 'http://localhost/sign-in/with/idp_1/callback'
const now = instant(Date.now())
const key = samlKey(now)
const idp: SamlIdp = {
  entityId: SAML_ISSUER,
  signInUrl: 'https://idp.acme.example/sso',
  certificates: [key.cert],
}
const expected: Expected = {
  issuer: SAML_ISSUER,
  audience,
  recipient,
  requestId: '_request-1',
  requestedAt: now,
  forceProof: false,
  names: USUAL_NAMES,
}
const person = { id: 'vera@acme.example', emails: [{ value: 'vera@acme.example' }] }
const makeKey = () =>
  makeOwnCertificate({
    commonName: 'idp_1',
    from: addMs(now, -DAY),
    until: addMs(now, DAY),
    serial: randomBytes(16),
  })
const [ours, next, foreign] = await Promise.all([makeKey(), makeKey(), makeKey()])

const made = (how: Partial<SamlAnswer> = {}) =>
  answerXml(
    {
      audience,
      recipient,
      destination: recipient,
      inResponseTo: '_request-1',
      encryptedFor: ours.certificate,
      signedBy: key,
      ...how,
    },
    person,
  )
const judge = (xml: string, keys = [ours]) =>
  judgeAnswer(idp, expected, Buffer.from(xml).toString('base64'), now, keys)
const refused = (xml: string, why: RegExp, keys = [ours]) =>
  assert.rejects(judge(xml, keys), { name: 'SamlRefusal', message: why })

const GCM = 'http://www.w3.org/2009/xmlenc11#aes256-gcm'
const CBC = 'http://www.w3.org/2001/04/xmlenc#aes256-cbc'
const good = await made()
const plain = await answerXml(
  { audience, recipient, destination: recipient, inResponseTo: '_request-1', signedBy: key },
  person,
)
const ENCRYPTED = /<saml:EncryptedAssertion[\s\S]*<\/saml:EncryptedAssertion>/
const ASSERTION = /<saml:Assertion [\s\S]*<\/saml:Assertion>/
const encrypted = ENCRYPTED.exec(good)![0]

suite('what is opened', () => {
  test('the premise: nothing of the person is in the clear', () => {
    assert.ok(!good.includes('vera@acme.example'))
    assert.ok(good.includes(GCM))
  })
  test('an assertion by AES-GCM', async () => {
    assert.equal((await judge(good)).subject, person.id)
  })
  test('one for either of two keys, while one is exchanged', async () => {
    assert.equal((await judge(good, [next, ours])).subject, person.id)
    const later = await made({ encryptedFor: next.certificate })
    assert.equal((await judge(later, [ours, next])).subject, person.id)
  })
  test('one by AES-CBC within a response that is signed', async () => {
    const xml = await made({ encryptionAlgorithm: CBC, signResponse: true })
    assert.ok(xml.includes(CBC))
    assert.equal((await judge(xml)).subject, person.id)
  })
})

suite('what is not opened', () => {
  test('one by AES-CBC that nothing keeps from being changed', async () =>
    refused(await made({ encryptionAlgorithm: CBC }), /AES-CBC in a response that is not signed/))
  test('one by AES-CBC whose response was changed', async () => {
    const xml = await made({ encryptionAlgorithm: CBC, signResponse: true })
    await refused(withChangedCipher(xml), /signature does not hold/)
  })
  test('one by a cipher that is not taken', async () => {
    const xml = await made({
      encryptionAlgorithm: 'http://www.w3.org/2001/04/xmlenc#tripledes-cbc',
    })
    await refused(xml, /Encryption by tripledes-cbc is not taken/)
  })
  test('a key by RSA with PKCS #1 v1.5', () =>
    refused(good.replace('#rsa-oaep-mgf1p', '#rsa-1_5'), /rsa-1_5 with sha1 is not taken/))
  test('a ciphertext that was changed', () => refused(withChangedCipher(good), /does not open/))
  test('a ciphertext that was cut', () =>
    refused(
      withCipher(good, (bytes) => bytes.subarray(0, 20)),
      /does not open/,
    ))
  test('one for somebody else', async () =>
    refused(await made({ encryptedFor: foreign.certificate }), /does not open with any key/))
  test('one while we have no key', () => refused(good, /we have no key/, []))
  test('a ciphertext that stands elsewhere', () =>
    refused(
      good.replace(
        /<[\w:]*CipherValue>[^<]*<\/[\w:]*CipherValue>/,
        '<x:CipherReference xmlns:x="http://www.w3.org/2001/04/xmlenc#" URI="http://169.254.169.254/"/>',
      ),
      /does not stand in the answer itself/,
    ))
})

suite('wrapped by whoever has our certificate', () => {
  test('an assertion that nobody signed', async () =>
    refused(await made({ signAssertion: false }), /assertion is not signed/))
  test('an assertion that nobody signed, in a signed response', async () =>
    refused(await made({ signAssertion: false, signResponse: true }), /assertion is not signed/))
  test('an assertion by another key', async () =>
    refused(await made({ signedBy: samlKey(now) }), /signature does not hold/))
  test('a plain assertion beside it', () =>
    refused(
      plain.replace(ASSERTION, (one) => encrypted + one),
      /2 assertions where exactly one/,
    ))
  test('a plain one that is signed, behind an encrypted one that is not ours', async () => {
    const evil = ENCRYPTED.exec(await made({ signAssertion: false }))![0]
    await refused(
      plain.replace(ASSERTION, (one) => one + evil),
      /2 assertions/,
    )
  })
  test('two of them', () =>
    refused(
      good.replace(ENCRYPTED, (one) => one + one),
      /2 assertions/,
    ))
  test('one within an extension', () =>
    refused(
      plain.replace(
        '<saml:Assertion ',
        () => `<samlp:Extensions>${encrypted}</samlp:Extensions><saml:Assertion `,
      ),
      /2 assertions/,
    ))
  test('one that stands in an object of a signature', () =>
    refused(
      plain.replace('</Signature>', () => `<Object>${encrypted}</Object></Signature>`),
      /2 assertions/,
    ))
  test('one that holds two ciphertexts', () =>
    refused(
      good.replace(
        /<xenc:EncryptedData[\s\S]*<\/xenc:EncryptedData>/,
        (data) => data + data.replaceAll(/ Id="[^"]*"/g, ''),
      ),
      /exactly one EncryptedData/,
    ))
})

function withCipher(xml: string, change: (bytes: Buffer) => Buffer): string {
  const values = [...xml.matchAll(/<[\w:]*CipherValue>([^<]*)<\/[\w:]*CipherValue>/g)]
  const [, last] = values.at(-1)!
  return xml.replace(last!, change(Buffer.from(last!, 'base64')).toString('base64'))
}

function withChangedCipher(xml: string): string {
  return withCipher(xml, (bytes) => {
    bytes[30]! ^= 1
    return bytes
  })
}
