// The test of an identity provider explains each failure in a sentence that says what to do: a real
// provider, bent in every way that a set-up goes wrong.

import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { after, afterEach, test } from 'node:test'
import * as jose from 'jose'
import { changeProvider } from '#domain/identity/actions.ts'
import type { ProviderEdit } from '#domain/identity/input.ts'
import { assertedOf } from '#src/adapters/identity/oidc-claims.ts'
import { AppError } from '#kernel/error.ts'
import { systemCaller } from '#domain/access/system.ts'
import { adoptProvider, Browser, CLIENT, startProvider } from '#test/support/oidc.ts'
import { startApp } from '#test/support/start-app.ts'

const app = await startApp({ after }, { env: { RULEWRIGHT_OUTBOUND_ALLOW: '127.0.0.1' } })
const { privateKey } = await jose.generateKeyPair('RS256', { extractable: true })
const jwk = { ...(await jose.exportJWK(privateKey)), kid: 'one', alg: 'RS256', use: 'sig' }
const provider = await startProvider({ after }, { jwks: { keys: [jwk] } })
const groupRoles = [
  { group: 'soc', role: 'engineer', isApprover: false, isAuditor: false },
] as const
const id = await adoptProvider(app, provider, { domain: 'acme.example', groupRoles })
provider.redirectUri = new URL(`/sign-in/with/${id}/callback`, app.url).href
const root = `/w/acme/settings/single-sign-on/${id}`

const admin = new Browser(app)
admin.session = await app.signIn(app.cast.ada)

const settings = {
  issuer: provider.issuer,
  clientId: CLIENT.id,
  groupsClaim: 'groups',
  scopes: [],
  hostedDomain: null,
  ca: null,
}

const change = (edit: ProviderEdit) =>
  changeProvider(app.house, systemCaller(app.house, 'test', undefined, app.acme.id), id, {
    edit,
    expected: 'any',
  })

/** What the page says, without its marks. */
async function wordsOf(answer: Response): Promise<string> {
  return (await answer.text()).replaceAll(/<[^>]+>/g, ' ').replaceAll(/\s+/g, ' ')
}

const look = async () => wordsOf(await admin.ask(`${root}/test`))

const good = { email: 'ada@acme.example', email_verified: true, groups: ['soc'] }

async function goThere(claims: Readonly<Record<string, unknown>> = good): Promise<string> {
  provider.as = { sub: 'nina', claims: { ...claims } }
  return wordsOf(await admin.go(`${root}/test/begin`))
}

const json = (response: ServerResponse, value: unknown) => {
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify(value))
}

/** Answers one path in place of the provider. */
function bend(path: string, answer: (response: ServerResponse) => void): void {
  provider.bend = (request, response, pass) =>
    new URL(request.url!, provider.issuer).pathname === path ? answer(response) : pass()
}

test('the premise: with nothing bent each step is good, and nothing is to be done', async () => {
  const seen = await look()
  assert.match(seen, /good Discovery\..*good Keys\..*good Clocks\./)
  const came = await goThere({ ...good, email: 'nina@acme.example' })
  assert.match(came, /An account is made for them, and they come in, as engineer/)
  assert.doesNotMatch(`${seen}${came}`, /not good/)
})

afterEach(() => {
  provider.bend = undefined
})

const DISCOVERY = '/.well-known/openid-configuration'

test('what can be told without a person is told with what to do', async () => {
  const described = (more: Readonly<Record<string, unknown>>) => (response: ServerResponse) =>
    json(response, {
      issuer: provider.issuer,
      authorization_endpoint: `${provider.issuer}/auth`,
      token_endpoint: `${provider.issuer}/token`,
      jwks_uri: `${provider.issuer}/jwks`,
      ...more,
    })
  bend(DISCOVERY, described({ issuer: `${provider.issuer}/other` }))
  assert.match(await look(), /not good Discovery\..*to the letter/)
  bend(DISCOVERY, (response) => response.writeHead(404).end())
  assert.match(await look(), /not good Discovery\..*in a browser/)
  bend(DISCOVERY, (response) => response.destroy())
  assert.match(await look(), /not good Discovery\..*firewall/)
  bend('/jwks', (response) => json(response, { keys: [] }))
  assert.match(await look(), /not good Keys\..*switch on a signing key/)
  bend('/jwks', (response) => response.writeHead(500).end())
  assert.match(await look(), /not good Keys\..*cannot be read/)
  bend('/jwks', (response) => {
    response.setHeader('Date', new Date(app.clock.now() - 3_600_000).toUTCString())
    json(response, { keys: [jwk] })
  })
  assert.match(await look(), /not good Clocks\. .*apart.*NTP/)
})

test('a client secret that is wrong, and tokens that do not fit, are told with what to do', async () => {
  await change({ clientSecret: 'not-this-one' })
  assert.match(await goThere(), /does not take our client id and secret.*make a new client secret/)
  await change({ clientSecret: CLIENT.secret })
  const says = (code: string) => (response: ServerResponse) => {
    response.statusCode = 400
    json(response, { error: code })
  }
  bend('/token', says('invalid_grant'))
  assert.match(await goThere(), /Enter the redirect URI .* to the letter/)
  bend('/token', says('redirect_uri_mismatch'))
  assert.match(await goThere(), /Enter the redirect URI .* to the letter/)

  const seconds = Math.floor(Date.now() / 1_000)
  const token = (more: jose.JWTPayload, key = privateKey) => {
    const nonce = 'of-another'
    const claims = { iss: provider.issuer, aud: CLIENT.id, sub: 'nina', iat: seconds, exp: seconds + 300, nonce, ...more } // prettier-ignore
    return new jose.SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'one' }).sign(key)
  }
  const gives = async (more: jose.JWTPayload) => {
    const id_token = await token(more)
    bend('/token', (response) =>
      json(response, { access_token: 'a', token_type: 'Bearer', id_token }),
    )
    return goThere()
  }
  assert.match(await gives({ exp: seconds - 600, iat: seconds - 900 }), /Set the clock/)
  assert.match(await gives({ aud: 'of-another' }), /Enter the client id of this very application/)
  assert.match(await gives({ iss: 'https://other.example' }), /Enter the issuer to the letter/)
  assert.match(await gives({}), /Begin the test again/)
})

test('claims that are missing are told with what to do at this provider', async () => {
  const without = await goThere({ groups: ['soc'] })
  assert.match(without, /No e-mail address came\..*send the claim email/)
  const unverified = await goThere({ ...good, email_verified: false })
  assert.match(unverified, /does not say that it is verified\..*email_verified/)
  assert.match(await goThere({ ...good, groups: [] }), /No groups came\..*with the groups of this application/) // prettier-ignore
  const cut = { ...good, groups: Array.from({ length: 501 }, (_, index) => `group-${index}`) }
  assert.match(await goThere(cut), /did not send all of them/)
  const nobody = { email: 'nina@acme.example', email_verified: true, groups: ['sales'] }
  assert.match(await goThere(nobody), /none of their groups gives a role\..*choose a default role/)
  const stranger = { ...good, email: 'nina@other.example' }
  assert.match(
    await goThere(stranger),
    /is not a confirmed one.*let an owner of the server confirm/,
  )
  await change({ settings: { ...settings, hostedDomain: 'acme.example' } })
  assert.match(
    await goThere({ ...good, hd: 'evil.example' }),
    /Choose an account of your own domain/,
  )
})

test('a person whom the provider refuses is told so, and the admin what to do', async () => {
  provider.bend = (request, response, pass) => {
    const url = new URL(request.url!, provider.issuer)
    if (url.pathname !== '/auth') return pass()
    const back = new URL(url.searchParams.get('redirect_uri')!)
    const told = { error: 'access_denied', state: url.searchParams.get('state')! }
    back.search = new URLSearchParams({ ...told, iss: provider.issuer }).toString()
    response.writeHead(303, { location: back.href }).end()
  }
  assert.match(await goThere(), /access_denied.*Assign the person, or one of their groups/)
})

test('a tenant of Entra ID vouches for its own people, and one for all tenants for nobody', () => {
  const own = '11111111-2222-3333-4444-555555555555'
  const at = (tenant: string) => ({
    preset: 'entra' as const,
    settings: {
      ...settings,
      issuer: `https://login.microsoftonline.com/${tenant}/v2.0`,
    },
  })
  const claims = { sub: 'nina', tid: own, preferred_username: 'nina@acme.example' }
  assert.equal(assertedOf(at(own), claims).email, 'nina@acme.example')
  assert.ok(assertedOf(at(own), { ...claims, _claim_names: { groups: 'src1' } }).groupsWereCut)
  const strange = [
    [own, { ...claims, tid: own.replace('1', '9') }],
    [own, { ...claims, tid: undefined }],
    ['common', claims],
    ['organizations', { ...claims, tid: 'organizations' }],
  ] as const
  for (const [tenant, told] of strange) {
    assert.throws(
      () => assertedOf(at(tenant), told),
      (error: unknown) => error instanceof AppError && /tid/.test(String(error.details['why'])),
      tenant,
    )
  }
})
