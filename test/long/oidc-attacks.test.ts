// Every attack on an OpenID Connect answer that has a name, by a provider that turned hostile or by
// somebody between: forged tokens, answers made for another, providers that mix each other up, addresses
// of the inside. The untouched answer is taken; what was tampered with is refused for a reason of its own.

import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { after, suite, test } from 'node:test'
import * as jose from 'jose'
import { pino } from 'pino'
import { IdentityClients } from '#src/adapters/identity/clients.ts'
import { openOidc } from '#src/adapters/identity/oidc.ts'
import type { Asserted, OidcProvider, ProviderWhole } from '#domain/identity/port.ts'
import { systemActor } from '#kernel/actor.ts'
import { AppError } from '#kernel/error.ts'
import type { ProviderId, WorkspaceId } from '#kernel/id.ts'
import { addMs, instant, MINUTE, type Instant } from '#kernel/time.ts'
import { fakeClock } from '#test/support/clock.ts'
import { CLIENT, startProvider, type TestProvider } from '#test/support/oidc.ts'

const clock = fakeClock()
clock.jumpTo(instant(Date.now()))
const now = clock.now()
const seconds = Math.floor(now / 1_000)
const redirectUri = 'http://127.0.0.1:1/callback'

const log = pino({ level: 'silent' })
const clients = new IdentityClients({ clock, random: randomBytes, log, allow: ['127.0.0.1'] })
after(() => clients.close())
const port = openOidc(clients)

const [ours, theirs] = await Promise.all([
  jose.generateKeyPair('RS256', { extractable: true }),
  jose.generateKeyPair('RS256', { extractable: true }),
])
const publicJwk = await jose.exportJWK(ours.publicKey)
const theirJwk = await jose.exportJWK(theirs.publicKey)
const publicPem = await jose.exportSPKI(ours.publicKey)

type Claims = Readonly<Record<string, unknown>>

/** What a hostile provider, or one between, does to an answer. */
interface Attack {
  /** Undefined takes a claim away. */
  readonly claims?: Claims
  readonly header?: Partial<jose.JWTHeaderParameters>
  readonly key?: jose.CryptoKey
  readonly forge?: (good: string, claims: jose.JWTPayload) => string | Promise<string>
  /** Of the address that the browser comes back to; null takes one away. */
  readonly back?: Readonly<Record<string, string | null>>
  readonly kept?: Readonly<Record<string, string>>
  readonly me?: Claims
  readonly answer?: (response: ServerResponse) => void
  readonly provider?: ProviderWhole
  readonly at?: Instant
  readonly forceProof?: boolean
}

const providers = new Map<string, ProviderWhole>()
const idp = await startHostile()
const other = await startHostile()
const whole = providerOf(idp)
let sent = new URLSearchParams()

async function startHostile(): Promise<TestProvider> {
  const started = await startProvider({ after })
  started.redirectUri = redirectUri
  started.bend = (_request, _response, pass) => pass()
  return started
}

function providerOf(
  { issuer }: Pick<TestProvider, 'issuer'>,
  settings: Partial<OidcProvider['settings']> = {},
): ProviderWhole {
  const by = systemActor('test')
  const made: ProviderWhole = {
    id: `idp_${providers.size}` as ProviderId,
    workspaceId: 'wsp_acme' as WorkspaceId,
    kind: 'oidc',
    preset: 'generic',
    name: 'Acme ID',
    isEnabled: true,
    isEmailTrusted: false,
    defaultRole: 'viewer',
    groupRoles: [],
    secretExpiresAt: null,
    sessionHours: 10,
    adminCameAt: null,
    version: 1,
    createdAt: now,
    createdBy: by,
    changedAt: now,
    changedBy: by,
    settings: {
      issuer,
      clientId: CLIENT.id,
      groupsClaim: 'groups',
      scopes: [],
      hostedDomain: null,
      ca: null,
      ...settings,
    },
    secrets: { clientSecret: CLIENT.secret },
  }
  providers.set(made.id, made)
  return made
}

const json = (response: ServerResponse, value: unknown) => {
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify(value))
}

/** One whole way in, with whatever was tampered with. */
async function come(attack: Attack = {}): Promise<Asserted> {
  const provider = attack.provider ?? whole
  const { forceProof = false } = attack
  const way = { state: 'state-of-the-way', redirectUri, forceProof, hint: null }
  const { kept } = await port.begin(provider, way)
  const access = 'the-access-token'
  const claims = without({
    iss: idp.issuer,
    aud: CLIENT.id,
    sub: 'nina',
    iat: seconds,
    exp: seconds + 300,
    nonce: kept['nonce'],
    at_hash: halfHash(access),
    email: 'nina@acme.example',
    email_verified: true,
    groups: ['soc'],
    ...attack.claims,
  })
  const header = { alg: 'RS256', kid: 'ours', ...attack.header }
  const good = await new jose.SignJWT(claims)
    .setProtectedHeader(header)
    .sign(attack.key ?? ours.privateKey)
  const token = (await attack.forge?.(good, claims)) ?? good
  idp.bend = async (request, response, pass) => {
    const { pathname } = new URL(request.url!, idp.issuer)
    if (pathname === '/jwks') {
      return json(response, { keys: [{ ...publicJwk, kid: 'ours', alg: 'RS256', use: 'sig' }] })
    }
    if (pathname === '/me') return json(response, attack.me ?? {})
    if (pathname !== '/token') return pass()
    sent = new URLSearchParams(await new Response(request as never).text())
    if (attack.answer) return attack.answer(response)
    return json(response, { access_token: access, token_type: 'Bearer', id_token: token })
  }
  const url = new URL(redirectUri)
  const back = { state: way.state, code: 'the-code', iss: idp.issuer, ...attack.back }
  for (const [name, value] of Object.entries(back)) {
    if (value !== null) url.searchParams.set(name, value)
  }
  const held = { ...kept, ...attack.kept }
  return port.finish(provider, held, { url, form: {} }, attack.at ?? now)
}

const without = (claims: Claims): jose.JWTPayload =>
  Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== undefined))

function halfHash(text: string): string {
  return createHash('sha256').update(text).digest().subarray(0, 16).toString('base64url')
}

/** Each is refused, and for this reason: it stands in the log, and tells nothing to who stands there. */
async function refused(attack: Attack, why: RegExp): Promise<void> {
  await assert.rejects(come(attack), (error: unknown) => {
    assert.ok(error instanceof AppError, String(error))
    assert.match(`${error.code} ${String(error.details['why'] ?? error.message)}`, why)
    for (const secret of [CLIENT.secret, 'the-code', 'the-access-token']) {
      assert.ok(!JSON.stringify([error.message, error.details]).includes(secret), secret)
    }
    return true
  })
}

function each(attacks: Readonly<Record<string, readonly [Attack, RegExp]>>): void {
  for (const [name, [attack, why]] of Object.entries(attacks)) {
    test(name, () => refused(attack, why))
  }
}

test('the premise: what nobody tampered with is taken, and the verifier of PKCE is sent', async () => {
  const { url } = await port.begin(whole, {
    state: 's',
    redirectUri,
    forceProof: false,
    hint: null,
  })
  const asked = new URL(url).searchParams
  assert.equal(asked.get('code_challenge_method'), 'S256')
  const verifier = 'v'.repeat(43)
  const { subject, email } = await come({ kept: { verifier } })
  assert.deepEqual([subject, email], ['nina', 'nina@acme.example'])
  assert.equal(sent.get('code_verifier'), verifier)
  assert.equal(sent.get('redirect_uri'), redirectUri, 'to the letter, whatever came')
})

suite('answers that belong to another way in', () => {
  each({
    'no state': [{ back: { state: null } }, /state/],
    'another state': [{ back: { state: 'of-another' } }, /state/],
    'no issuer, where the provider says that it sends one': [{ back: { iss: null } }, /iss/],
    'the issuer of another provider': [{ back: { iss: other.issuer } }, /iss/],
    'an error in place of a code': [{ back: { code: null, error: 'access_denied' } }, /denied/],
    'no code': [{ back: { code: null } }, /code/],
    'no nonce': [{ claims: { nonce: undefined } }, /nonce/],
    'another nonce': [{ claims: { nonce: 'of-another' } }, /nonce/],
    'a code that was used': [
      {
        answer: (response) => {
          response.statusCode = 400
          json(response, { error: 'invalid_grant', error_description: 'used before' })
        },
      },
      /refused the code \(400 invalid_grant\)/,
    ],
  })
})

suite('forged tokens', () => {
  const b64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const unsigned = (alg: string) => (good: string) =>
    `${b64({ alg, kid: 'ours' })}.${good.split('.')[1]}.`
  const hmac = (secret: string) => (_: string, claims: jose.JWTPayload) =>
    new jose.SignJWT(claims)
      .setProtectedHeader({ alg: 'HS256', kid: 'ours' })
      .sign(new TextEncoder().encode(secret))
  each({
    'alg none': [{ forge: unsigned('none') }, /alg|signature/i],
    'alg NONE': [{ forge: unsigned('NONE') }, /alg|signature/i],
    'a signature taken away': [{ forge: (good) => good.replace(/[^.]*$/, '') }, /signature/i],
    'HS256 by the client secret': [{ forge: hmac(CLIENT.secret) }, /alg/i],
    'HS256 by the public key': [{ forge: hmac(publicPem) }, /alg/i],
    'PS256 by a key of RS256': [{ forge: (good) => good.replace(/^[^.]*/, b64({ alg: 'PS256', kid: 'ours' })) }, /alg|key/i], // prettier-ignore
    'the key of another': [{ key: theirs.privateKey }, /signature/i],
    'a key that the token brings along': [
      { key: theirs.privateKey, header: { jwk: theirJwk } },
      /signature/i,
    ],
    'a key at an address that the token names': [
      { key: theirs.privateKey, header: { jku: `${other.issuer}/jwks` } },
      /signature/i,
    ],
    'an extension that nobody knows': [
      {
        forge: (good) =>
          good.replace(/^[^.]*/, b64({ alg: 'RS256', kid: 'ours', crit: ['x'], x: 1 })),
      },
      /crit|extension/i,
    ],
    'a bit flipped in what it says': [
      {
        forge: (good) =>
          good.replace(/\.(.{9})(.)/, (_, head, one) => `.${head}${one === 'A' ? 'B' : 'A'}`),
      },
      /signature|JWT|parse|JSON|payload|token/i,
    ],
    'a megabyte': [{ claims: { filler: 'x'.repeat(1_100_000) } }, /./],
    'a signature cut short': [{ forge: (good) => good.slice(0, -8) }, /signature/i],
    'a key at an x5u of the token': [
      { key: theirs.privateKey, header: { x5u: `${other.issuer}/cert` } },
      /signature/i,
    ],
    'a kid that is a path': [{ header: { kid: '../../dev/null' } }, /key/i],
    'a kid that is a query': [{ header: { kid: "' or 1=1 --" } }, /key/i],
    'a kid that is an address': [{ header: { kid: 'http://127.0.0.1/key' } }, /key/i],
    'a token within a token': [{ forge: (good) => new jose.CompactSign(new TextEncoder().encode(good)).setProtectedHeader({ alg: 'RS256', kid: 'ours', cty: 'JWT' }).sign(ours.privateKey)}, /payload|JSON|JWT/i], // prettier-ignore
    'an encrypted one, by a password that is costly to try': [{ forge: (_, claims) => `${b64({ alg: 'PBES2-HS256+A128KW', enc: 'A128GCM', p2c: 2 ** 31, p2s: 'AAAA', zip: 'DEF' })}.a.b.${b64(claims)}.c`}, /encrypted|JW[SET]|token|part/i], // prettier-ignore
    'a token of a logout': [{ header: { typ: 'logout+jwt' }, claims: { nonce: undefined, events: { 'http://schemas.openid.net/event/backchannel-logout': {} }}}, /nonce/], // prettier-ignore
    'over at a word': [{ claims: { exp: 'tomorrow' } }, /exp/],
    'another issuer': [{ claims: { iss: other.issuer } }, /iss/],
    'no issuer': [{ claims: { iss: undefined } }, /iss/],
    'another audience': [{ claims: { aud: 'of-another' } }, /aud/],
    'our audience and another, made for that one': [
      { claims: { aud: [CLIENT.id, 'of-another'], azp: 'of-another' } },
      /azp/,
    ],
    'our audience and another, made for nobody': [
      { claims: { aud: [CLIENT.id, 'of-another'] } },
      /aud/,
    ],
    'made for us, and handed to another': [{ claims: { azp: 'of-another' } }, /azp/],
    'made in the future': [{ claims: { iat: seconds + 120 } }, /iat/],
    'made at no time': [{ claims: { iat: undefined } }, /iat/],
    'made at a word': [{ claims: { iat: 'now' } }, /iat/],
    'over for two minutes': [{ claims: { exp: seconds - 120 } }, /exp/],
    'without an end': [{ claims: { exp: undefined } }, /exp/],
    'not yet good': [{ claims: { nbf: seconds + 120 } }, /nbf/],
    'of another access token': [{ claims: { at_hash: halfHash('another') } }, /at_hash/],
    'a hash that is none': [{ claims: { at_hash: 7 } }, /at_hash/],
    'of another code': [{ claims: { c_hash: halfHash('another') } }, /c_hash/],
    'of nobody': [{ claims: { sub: '' } }, /sub/],
    'of no name': [{ claims: { sub: undefined } }, /sub/],
    'of a name without an end': [{ claims: { sub: 'x'.repeat(256) } }, /sub/],
  })

  test('a minute of two clocks is no attack', async () => {
    await come({ claims: { exp: seconds - 50 } })
    await come({ claims: { iat: seconds + 50 } })
  })
})

suite('what a provider tells beside the token', () => {
  const asks = { groups: undefined }
  each({
    'another person': [{ claims: asks, me: { sub: 'ada', email: 'ada@acme.example' } }, /sub/],
    nobody: [{ claims: asks, me: { email: 'ada@acme.example' } }, /sub/],
    'another domain of Google Workspace': [
      {
        provider: providerOf(idp, { hostedDomain: 'acme.example' }),
        claims: { hd: 'evil.example' },
      },
      /hd/,
    ],
    'no time of the proof that was asked for': [{ forceProof: true }, /auth_time/],
    'a proof of an hour ago': [
      { forceProof: true, claims: { auth_time: seconds - 3_600 } },
      /an old one/,
    ],
  })

  test('a token’s address is not verified by the word about another', async () => {
    const claims = { groups: undefined, email: 'ada@acme.example', email_verified: undefined }
    const me = { sub: 'nina', email: 'nina@acme.example', email_verified: true }
    const asserted = await come({ claims, me })
    assert.deepEqual([asserted.email, asserted.isEmailVerified], ['ada@acme.example', false])
  })

  test('an address and the word about it may both come beside the token', async () => {
    const claims = { groups: undefined, email: undefined, email_verified: true }
    const me = { sub: 'nina', email: 'nina@acme.example' }
    assert.equal((await come({ claims, me })).isEmailVerified, false, 'the word was about another')
    const both = await come({ claims, me: { ...me, email_verified: true } })
    assert.deepEqual([both.email, both.isEmailVerified], ['nina@acme.example', true])
  })

  test('ten thousand groups are cut, and it is told', async () => {
    const groups = Array.from({ length: 10_000 }, (_, index) => `group-${index}`)
    const asserted = await come({ claims: { groups } })
    assert.equal(asserted.groups.length, 500)
    assert.ok(asserted.groupsWereCut)
  })
})

suite('answers of the token endpoint', () => {
  const says = (status: number, type: string, body: string) => (response: ServerResponse) => {
    response.writeHead(status, { 'content-type': type })
    response.end(body)
  }
  each({
    'a page': [{ answer: says(200, 'text/html', '<h1>Sign in</h1>') }, /content|JSON|response/i],
    'a page with an error': [{ answer: says(500, 'text/html', 'oh') }, /./],
    'ten megabytes': [{ answer: says(200, 'application/json', ' '.repeat(10_000_000)) }, /limit|large|bytes|MB|longer|more than/i], // prettier-ignore
    'no token of who it is': [{ answer: says(200, 'application/json', '{"access_token":"the-access-token","token_type":"Bearer"}') }, /id_token/], // prettier-ignore
    'a redirect to the inside': [
      {
        answer: (response) => {
          response.writeHead(307, { location: 'http://169.254.169.254/latest' })
          response.end()
        },
      },
      /./,
    ],
    silence: [{ answer: () => undefined }, /timeout/],
  })
})

suite('what a provider tells of itself', () => {
  const discovered = (change: Claims) => (idp2: TestProvider) => {
    idp2.bend = async (request, response, pass) => {
      if (!request.url!.startsWith('/.well-known/')) return pass()
      json(response, {
        issuer: idp2.issuer,
        authorization_endpoint: `${idp2.issuer}/auth`,
        token_endpoint: `${idp2.issuer}/token`,
        jwks_uri: `${idp2.issuer}/jwks`,
        ...change,
      })
    }
  }
  const asked = (provider: ProviderWhole) =>
    port.begin(provider, { state: 's', redirectUri, forceProof: false, hint: null })

  test('the name of another is refused', async () => {
    discovered({ issuer: 'https://login.evil.example' })(other)
    await assert.rejects(asked(providerOf(other)), (error: unknown) => {
      assert.ok(error instanceof AppError && error.code === 'upstream')
      return /issuer/.test(String(error.details['why']))
    })
  })

  test('an issuer on the inside is not asked', async () => {
    const inside = providerOf({ issuer: 'http://169.254.169.254' })
    await assert.rejects(asked(inside), { name: 'AppError', code: 'forbidden' })
  })

  for (const place of ['token_endpoint', 'jwks_uri']) {
    test(`a ${place} on the inside is not asked`, async () => {
      const change = { [place]: 'http://169.254.169.254/latest' }
      discovered(change)(other)
      const provider = providerOf(other)
      const { kept } = await asked(provider)
      const bend = other.bend!
      const { sub, nonce } = { sub: 'nina', nonce: kept['nonce'] }
      const claims = {
        iss: other.issuer,
        aud: CLIENT.id,
        sub,
        nonce,
        iat: seconds,
        exp: seconds + 9,
      }
      const id_token = await new jose.SignJWT(claims)
        .setProtectedHeader({ alg: 'RS256' })
        .sign(ours.privateKey)
      other.bend = (request, response, pass) =>
        request.url === '/token'
          ? json(response, { access_token: 'a', token_type: 'Bearer', id_token })
          : bend(request, response, pass)
      const url = new URL(`${redirectUri}?state=s&code=c`)
      const finished = port.finish(provider, kept, { url, form: {} }, now)
      await assert.rejects(finished, { name: 'AppError', code: 'forbidden' })
    })
  }
})

test('a storm of tokens by unknown keys asks for the keys once more at most', async () => {
  const before = idp.asked.filter((path) => path === '/jwks').length
  for (let index = 0; index < 12; index++) {
    await refused({ header: { kid: `unknown-${index}` } }, /key/i)
  }
  const asked = idp.asked.filter((path) => path === '/jwks').length - before
  assert.ok(asked <= 2, `${asked} times`)
})

suite('logout by the provider', () => {
  const EVENT = 'http://schemas.openid.net/event/backchannel-logout'
  const told = async (
    change: Claims = {},
    header: Partial<jose.JWTHeaderParameters> = {},
    key = ours.privateKey,
  ) => {
    const iat = Math.floor(clock.now() / 1_000)
    const claims = without({
      iss: idp.issuer,
      aud: CLIENT.id,
      iat,
      exp: iat + 60,
      jti: 'one',
      sub: 'nina',
      events: { [EVENT]: {} },
      ...change,
    })
    const token = await new jose.SignJWT(claims)
      .setProtectedHeader({ alg: 'RS256', kid: 'ours', typ: 'logout+jwt', ...header })
      .sign(key)
    return port.ended(whole, new URLSearchParams({ logout_token: token }).toString(), now)
  }
  const refusedFor: Readonly<Record<string, readonly [Parameters<typeof told>, RegExp]>> = {
    'a token of a sign-in': [[{ events: undefined, nonce: 'n' }], /events/],
    'one with a nonce': [[{ nonce: 'n' }], /nonce/],
    'one without a name of its own': [[{ jti: undefined }], /jti/],
    'one about nobody': [[{ sub: undefined }], /sub, sid/],
    'one for another': [[{ aud: 'of-another' }], /aud/],
    'one of another provider': [[{ iss: other.issuer }], /iss/],
    'one of ten minutes ago': [[{ iat: Math.floor(addMs(now, -10 * MINUTE) / 1_000) }], /iat/],
    'a token of another kind': [[{}, { typ: 'at+jwt' }], /another kind/],
    'one that is over': [[{ exp: Math.floor(now / 1_000) - 120 }], /exp/],
    'one about an empty name': [[{ sub: '', sid: '' }], /sub, sid/],
    'one by another key': [[{}, {}, theirs.privateKey], /signature/],
  }
  test('the premise: one that holds names whose sessions end', async () => {
    assert.deepEqual(await told(), { subject: 'nina', session: null, id: 'one' })
  })
  for (const [name, [given, why]] of Object.entries(refusedFor)) {
    test(name, async () => {
      await assert.rejects(told(...given), (error: unknown) => {
        assert.ok(error instanceof AppError)
        return why.test(String(error.details['why']))
      })
    })
  }
})
