// The sign-in at Microsoft Entra: tokens are kept as long as they hold, and a person is told what to do
// where Entra refuses.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cloudSettings } from '#adapters/siem/microsoft/cloud.ts'
import { expiryOf, identityOf, openSignIn } from '#adapters/siem/microsoft/sign-in.ts'
import type { Credential } from '#domain/targets/port.ts'
import { addMs, HOUR, instant, MINUTE } from '#kernel/time.ts'
import { answers, badGateway, redirected, tooManyRequests } from '#standins/faults.ts'
import { makeCertificate } from '#test/support/certificate.ts'
import { fakeClock, START } from '#test/support/clock.ts'
import { CLIENT_ID, microsoftWorld, SECRET, VALID } from '#test/support/microsoft.ts'
import { refusal } from '#test/support/siem.ts'
import { TENANT } from '#standins/microsoft/directory.ts'

const clock = fakeClock()
const world = await microsoftWorld(clock)
const { directory, standin } = world
const never = new AbortController().signal
const [LOGS, ARM] = [
  'https://api.loganalytics.io/.default',
  'https://management.azure.com/.default',
]
const pair = makeCertificate(...VALID, 7, 'rsa')

function open(credential: Credential = SECRET) {
  const connection = world.connect({ kind: 'sentinel', clock, credential })
  return openSignIn(connection, cloudSettings.parse(connection.settings))
}

function withCertificate(cert: string, key: string): Credential {
  return {
    kind: 'client_assertion',
    tenant: TENANT,
    clientId: CLIENT_ID,
    certificate: cert,
    privateKey: key,
  }
}

const told = async (credential?: Credential) => {
  const { code, message } = await refusal(open(credential).token(LOGS, never))
  return [code, message]
}

test('a token is kept for its scope until shortly before it ends', async () => {
  const signIn = open()
  const first = await signIn.token(LOGS, never)
  assert.equal(await signIn.token(LOGS, never), first)
  assert.notEqual(await signIn.token(ARM, never), first)
  assert.equal(world.seen('POST', '/token').length, 2)
  clock.advance(56 * MINUTE)
  const second = await signIn.token(LOGS, never)
  assert.notEqual(second, first)
  assert.notEqual(await signIn.token(LOGS, never, { isFresh: true }), second)
  assert.equal(identityOf(second), 'rulewright')
})

test('a token that does not live long is still used', async () => {
  directory.tokenSeconds = 60
  const signIn = open()
  assert.equal(await signIn.token(LOGS, never), await signIn.token(LOGS, never))
  directory.tokenSeconds = 3_599
})

test('a certificate signs in, says when it ends, and its key goes nowhere', async () => {
  directory.registrations[0]!.certificates.push(pair.cert)
  const credential = withCertificate(pair.cert, pair.key)
  assert.ok(await open(credential).token(LOGS, never))
  assert.equal(expiryOf(credential), VALID[1])
  assert.equal(expiryOf(SECRET), null)
  const [{ body } = { body: '' }] = world.seen('POST', '/token')
  assert.deepEqual([...new URLSearchParams(body).keys()].toSorted(), [
    'client_assertion',
    'client_assertion_type',
    'client_id',
    'grant_type',
    'scope',
  ])
})

test('a certificate that is not registered, expired or of the wrong kind is told apart', async () => {
  const other = makeCertificate(...VALID, 8, 'rsa')
  assert.match((await told(withCertificate(other.cert, other.key)))[1]!, /not uploaded/)
  assert.deepEqual(await told(withCertificate(pair.cert, other.key)), [
    'invalid',
    'The key is not the one of the certificate.',
  ])
  const elliptic = makeCertificate(...VALID)
  assert.match((await told(withCertificate(elliptic.cert, elliptic.key)))[1]!, /RSA keys only/)
  assert.match((await told(withCertificate('none', 'none')))[1]!, /is not PEM/)
  const old = makeCertificate(VALID[0], addMs(START, -HOUR), 9, 'rsa')
  directory.registrations[0]!.certificates.push(old.cert)
  assert.match((await told(withCertificate(old.cert, old.key)))[1]!, /has expired/)
})

test('a clock that is wrong is named', async () => {
  const late = fakeClock(addMs(START, -2 * HOUR))
  const connection = world.connect({
    kind: 'sentinel',
    clock: late,
    credential: withCertificate(pair.cert, pair.key),
  })
  const signIn = openSignIn(connection, cloudSettings.parse(connection.settings))
  assert.match((await refusal(signIn.token(LOGS, never))).message, /a clock is wrong/)
})

test('what Entra refuses is told in words that help', async () => {
  const known = SECRET as Extract<Credential, { kind: 'client_secret' }>
  const [secret, client, tenant] = [
    { ...known, secret: 'another' },
    { ...known, clientId: TENANT },
    { ...known, tenant: CLIENT_ID },
  ]
  assert.match((await told(secret)).join(), /^unauthenticated,.*value of the secret, not its ID/)
  assert.match((await told(client)).join(), /^unauthenticated,.*no app registration/)
  assert.match((await told(tenant)).join(), /^unauthenticated,.*does not know this tenant/)
  const [registration] = directory.registrations
  registration!.secrets.push({ value: 'old', expiresAt: instant(START - HOUR) })
  assert.match((await told({ ...known, secret: 'old' })).join(), /secret has expired/)
  registration!.isBlocked = true
  assert.match((await told()).join(), /^forbidden,.*Conditional Access/)
  registration!.isBlocked = false
  assert.throws(() => open({ kind: 'token', token: 'x' }), { code: 'unsupported' })
})

test('what stands before Entra is told as it is, and no secret is in it', async () => {
  const at = { path: '/token' }
  standin.faults.on(at, badGateway())
  assert.match((await told()).join(), /^upstream,.*answered 502 to the sign-in/)
  standin.faults.on(at, redirected('https://elsewhere.example/'))
  assert.match((await told()).join(), /^upstream,.*another address, which is not followed/)
  standin.faults.on(at, tooManyRequests('7'))
  const { code, retryAfterSeconds } = await refusal(open().token(LOGS, never))
  assert.deepEqual([code, retryAfterSeconds], ['rate_limited', 7])
  standin.faults.on(at, answers(200, '<html>Welcome to the hotel</html>'))
  assert.match((await told()).join(), /^upstream,.*gave no token/)
  const description = 'AADSTS999999: A new reason. Trace ID: 1'
  standin.faults.on(
    at,
    answers(400, { error: 'x', error_codes: [999999], error_description: description }),
  )
  const error = await refusal(open().token(LOGS, never))
  assert.equal(error.message, 'Microsoft Entra refuses the sign-in (AADSTS999999).')
  assert.doesNotMatch(String(error.cause), /a long secret/)
})
