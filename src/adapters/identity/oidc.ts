// OpenID Connect by the authorisation code flow, with PKCE, state and nonce always. What the library checks
// (state, nonce, issuer, audience, times, RFC 9207) is checked by it; the signature is checked here, with
// algorithms that we name, though a token came over TLS from the provider itself.

import * as client from 'openid-client'
import { AppError } from '#kernel/error.ts'
import { SECOND, type Instant } from '#kernel/time.ts'
import type {
  Answer,
  Asserted,
  Begun,
  Ended,
  IdentityPort,
  OidcProvider,
  ProviderWhole,
  Step,
  Way,
} from '#domain/identity/port.ts'
import { ADVICE } from './advice.ts'
import { assertedOf, joinClaims } from './oidc-claims.ts'
import type { IdentityClients } from './clients.ts'
import { readLogout } from './oidc-logout.ts'
import { lookAt } from './oidc-look.ts'
import { OidcServers, type OidcServer } from './oidc-server.ts'
import { checkHashes, verifyToken } from './oidc-token.ts'
import { asRefusal, isWrongClient, refusal } from './refusal.ts'

type Whole = OidcProvider & Pick<ProviderWhole, 'secrets'>

/** Clocks of two machines differ; more than a minute is an error. */
const SKEW_SECONDS = 60

export function openOidc(clients: IdentityClients): IdentityPort {
  const servers = new OidcServers(clients)
  return {
    async begin(provider, way) {
      const whole = oidcOf(provider)
      return begin(whole, await servers.get(whole), way, clients)
    },
    async finish(provider, kept, answer, now) {
      const whole = oidcOf(provider)
      const server = await servers.get(whole)
      return finish(whole, server, kept, answer, now)
    },
    look: (provider): Promise<readonly Step[]> =>
      lookAt(oidcOf(provider), servers, clients.clock.now()),
    async ended(provider, body, now): Promise<Ended> {
      const whole = oidcOf(provider)
      return readLogout(whole, await servers.get(whole), body, now)
    },
  }
}

function oidcOf(provider: ProviderWhole): Whole {
  if (provider.kind === 'oidc') return provider
  throw new AppError('unsupported', 'This provider does not speak OpenID Connect.')
}

async function begin(
  provider: Whole,
  server: OidcServer,
  { state, redirectUri, forceProof, hint }: Way,
  { random, clock }: Pick<IdentityClients, 'random' | 'clock'>,
): Promise<Begun> {
  const { settings } = provider
  const nonce = random(32).toString('base64url')
  const verifier = random(32).toString('base64url')
  const url = client.buildAuthorizationUrl(configure(provider, server, clock.now()), {
    redirect_uri: redirectUri,
    response_type: 'code',
    scope: ['openid', 'email', 'profile', ...settings.scopes].join(' '),
    state,
    nonce,
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    ...(hint !== null && { login_hint: hint }),
    ...(settings.hostedDomain !== null && { hd: settings.hostedDomain }),
    // Both: providers differ in which of them they heed.
    ...(forceProof && { prompt: 'login', max_age: '0' }),
  })
  const since = forceProof ? String(Math.floor(clock.now() / SECOND)) : ''
  return { url: url.href, kept: { state, nonce, verifier, redirectUri, since } }
}

async function finish(
  provider: Whole,
  server: OidcServer,
  kept: Readonly<Record<string, string>>,
  { url }: Answer,
  now: Instant,
): Promise<Asserted> {
  // The address that the browser was sent back to is the one that was registered, whatever proxies say.
  const answered = new URL(kept['redirectUri']!)
  answered.search = url.search
  try {
    const { config, tokens, secret } = await redeem(provider, server, { answered, kept, now })
    const { alg, claims } = await verifyToken(provider, server, tokens.id_token!, now)
    checkHashes(alg, claims, {
      at_hash: tokens.access_token,
      c_hash: answered.searchParams.get('code') ?? '',
    })
    checkProof(claims, kept['since'] ?? '')
    const more = await askMore(provider, config, tokens.access_token, claims)
    const signOut = signOutAt(config, tokens.id_token!, kept['redirectUri']!)
    return { ...assertedOf(provider, joinClaims(claims, more)), secret, signOut }
  } catch (error) {
    throw asRefusal(error)
  }
}

/** Servers and proxies take some 8 kB of an address. */
const HINT_CHARACTERS_MAX = 4_000

/**
 * OpenID Connect RP-Initiated Logout 1.0: with the token as the hint, so that the provider knows whose
 * session it is and asks nothing; a token too long for an address is left out, and it asks.
 */
function signOutAt(
  config: client.Configuration,
  idToken: string,
  redirectUri: string,
): string | undefined {
  if (config.serverMetadata().end_session_endpoint === undefined) return undefined
  const isShort = idToken.length <= HINT_CHARACTERS_MAX
  return client.buildEndSessionUrl(config, {
    post_logout_redirect_uri: new URL('/sign-in', redirectUri).href,
    ...(isShort && { id_token_hint: idToken }),
  }).href
}

interface Redeeming {
  readonly answered: URL
  readonly kept: Readonly<Record<string, string>>
  readonly now: Instant
}

/**
 * The code for tokens. While there are two client secrets and the provider does not know the new one, by
 * the one before: a provider looks at the secret before it looks at the code, so the code is still good.
 */
async function redeem(provider: Whole, server: OidcServer, { answered, kept, now }: Redeeming) {
  const { formerSecret, ...secrets } = provider.secrets
  const by = async (clientSecret: string | undefined) => {
    const config = configure({ ...provider, secrets: secretsOf(clientSecret) }, server, now)
    const tokens = await client.authorizationCodeGrant(config, answered, {
      expectedState: kept['state']!,
      expectedNonce: kept['nonce']!,
      pkceCodeVerifier: kept['verifier']!,
      idTokenExpected: true,
    })
    return { config, tokens }
  }
  try {
    return { ...(await by(secrets['clientSecret'])), secret: 'last' as const }
  } catch (error) {
    if (formerSecret === undefined || !isWrongClient(error)) throw error
    return { ...(await by(formerSecret)), secret: 'former' as const }
  }
}

const secretsOf = (clientSecret: string | undefined): Readonly<Record<string, string>> =>
  clientSecret === undefined ? {} : { clientSecret }

/** When a proof was asked for, they proved who they are after that. */
function checkProof(claims: Readonly<Record<string, unknown>>, since: string): void {
  if (since === '') return
  const at = claims['auth_time']
  if (typeof at !== 'number') {
    throw refusal(
      'a fresh proof was asked for, and the provider does not tell when somebody proved who they are (auth_time)',
      'Your provider does not tell that you have just proved who you are. Prove it by a passkey.',
      ADVICE.proof,
    )
  }
  if (at < Number(since) - SKEW_SECONDS) {
    throw refusal(
      'a fresh proof was asked for, and the provider took an old one',
      'Your provider did not ask you again who you are. Prove it by a passkey.',
      ADVICE.proof,
    )
  }
}

/** What the provider tells of somebody beside the token, where the token tells no address or no groups. */
async function askMore(
  { settings }: Whole,
  config: client.Configuration,
  accessToken: string,
  claims: Readonly<Record<string, unknown>> & { readonly sub: string },
): Promise<Readonly<Record<string, unknown>>> {
  const hasAll = claims['email'] !== undefined && claims[settings.groupsClaim] !== undefined
  if (hasAll || config.serverMetadata().userinfo_endpoint === undefined) return {}
  return client.fetchUserInfo(config, accessToken, claims.sub)
}

function configure(
  { settings, secrets }: Whole,
  { metadata, fetch }: OidcServer,
  now: Instant,
): client.Configuration {
  const secret = secrets['clientSecret']
  const config = new client.Configuration(
    metadata,
    settings.clientId,
    {
      [client.clockTolerance]: SKEW_SECONDS,
      // The house's clock is the one that counts.
      [client.clockSkew]: Math.round((now - Date.now()) / SECOND),
    },
    secret === undefined ? client.None() : authenticate(metadata, secret),
  )
  config[client.customFetch] = fetch
  config.timeout = 30
  if (metadata.issuer.startsWith('http:')) client.allowInsecureRequests(config)
  return config
}

/** As the provider says it takes it; in the header where it says nothing (OpenID Connect Core, 9). */
function authenticate(
  { token_endpoint_auth_methods_supported: taken }: client.ServerMetadata,
  secret: string,
): client.ClientAuth {
  const isPost = taken?.includes('client_secret_post') === true
  const isBasic = taken === undefined || taken.includes('client_secret_basic')
  return isPost && !isBasic ? client.ClientSecretPost(secret) : client.ClientSecretBasic(secret)
}
