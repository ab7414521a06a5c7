// The token service of Microsoft Entra: apps sign in with a secret, or with an assertion that the key of
// a registered certificate signed. Source: Microsoft identity platform, OAuth 2.0 client credentials
// flow, read 2026-11; @azure/identity 4.13.1 judges it.

import { createHash, randomUUID, X509Certificate } from 'node:crypto'
import type { Hono } from 'hono'
import { decodeProtectedHeader, errors, jwtVerify, SignJWT } from 'jose'
import { SECOND } from '#kernel/time.ts'
import type { Directory, Registration } from './directory.ts'

class EntraError extends Error {
  readonly number: number
  readonly kind: string

  constructor(number: number, kind: string, text: string) {
    super(text)
    this.number = number
    this.kind = kind
  }
}

export function serveSignIn(app: Hono, directory: Directory): void {
  app.get('/:tenant/v2.0/.well-known/openid-configuration', ({ req }) => {
    const { origin } = new URL(req.url)
    const authority = `${origin}/${req.param('tenant')}`
    return Response.json({
      issuer: `${authority}/v2.0`,
      authorization_endpoint: `${authority}/oauth2/v2.0/authorize`,
      token_endpoint: `${authority}/oauth2/v2.0/token`,
      jwks_uri: `${authority}/discovery/v2.0/keys`,
      token_endpoint_auth_methods_supported: ['client_secret_post', 'private_key_jwt'],
      response_types_supported: ['code', 'id_token'],
      subject_types_supported: ['pairwise'],
      id_token_signing_alg_values_supported: ['RS256'],
      scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
    })
  })
  app.post('/:tenant/oauth2/v2.0/token', async ({ req }) => {
    const form = new URLSearchParams(await req.text())
    try {
      refuseOtherTenants(directory, req.param('tenant'))
      const registration = await signedIn(directory, form, new URL(req.path, req.url).href)
      return Response.json({
        token_type: 'Bearer',
        expires_in: directory.tokenSeconds,
        ext_expires_in: directory.tokenSeconds,
        access_token: await tokenFor(directory, registration, audienceOf(form)),
      })
    } catch (error) {
      if (error instanceof EntraError) return refusal(directory, error)
      throw error
    }
  })
}

function refuseOtherTenants({ tenant }: Directory, named: string): void {
  if (named === tenant) return
  throw new EntraError(
    90002,
    'invalid_request',
    `Tenant '${named}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud.`,
  )
}

async function signedIn(
  directory: Directory,
  form: URLSearchParams,
  endpoint: string,
): Promise<Registration> {
  const clientId = form.get('client_id') ?? ''
  if (form.get('grant_type') !== 'client_credentials') {
    throw new EntraError(70003, 'unsupported_grant_type', 'The app requested an unsupported grant.')
  }
  const registration = directory.registrations.find((one) => one.clientId === clientId)
  if (registration === undefined) {
    const text = `Application with identifier '${clientId}' was not found in the directory '${directory.tenant}'.`
    throw new EntraError(700016, 'unauthorized_client', text)
  }
  const assertion = form.get('client_assertion')
  if (assertion === null) judgeSecret(directory, registration, form.get('client_secret'))
  else await judgeAssertion(directory, registration, { assertion, audience: endpoint })
  if (registration.isBlocked) {
    const text = 'Access has been blocked by Conditional Access policies.'
    throw new EntraError(53003, 'invalid_grant', text)
  }
  return registration
}

function judgeSecret(
  { clock }: Directory,
  { clientId, secrets }: Registration,
  given: string | null,
): void {
  const known = secrets.find(({ value }) => value === given)
  if (known === undefined) {
    const text = `Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '${clientId}'.`
    throw new EntraError(7000215, 'invalid_client', text)
  }
  if (known.expiresAt > clock.now()) return
  const text = `The provided client secret keys for app '${clientId}' are expired.`
  throw new EntraError(7000222, 'invalid_client', text)
}

async function judgeAssertion(
  { clock }: Directory,
  { clientId, certificates }: Registration,
  { assertion, audience }: { readonly assertion: string; readonly audience: string },
): Promise<void> {
  const header = headerOf(assertion)
  const certificate = certificates
    .map((pem) => new X509Certificate(pem))
    .find(({ raw }) => {
      const thumbprint = (hash: string) => createHash(hash).update(raw).digest('base64url')
      return header['x5t#S256'] === thumbprint('sha256') || header.x5t === thumbprint('sha1')
    })
  const unknown = (reason: string) =>
    new EntraError(
      700027,
      'invalid_client',
      `The certificate with identifier used to sign the client assertion is not registered on application. [Reason - ${reason}]`,
    )
  if (certificate === undefined) throw unknown('The key was not found.')
  const now = clock.now()
  if (now > certificate.validToDate.getTime()) throw unknown('The key used is expired.')
  try {
    await jwtVerify(assertion, certificate.publicKey, {
      algorithms: ['PS256', 'RS256'],
      audience,
      issuer: clientId,
      subject: clientId,
      requiredClaims: ['exp', 'jti'],
      currentDate: new Date(now),
      clockTolerance: 300,
    })
  } catch (error) {
    throw entraErrorOf(error) ?? unknown('The signature does not verify.')
  }
}

function headerOf(assertion: string): ReturnType<typeof decodeProtectedHeader> {
  try {
    return decodeProtectedHeader(assertion)
  } catch {
    throw new EntraError(50027, 'invalid_request', 'JWT token is invalid or malformed.')
  }
}

function entraErrorOf(error: unknown): EntraError | undefined {
  const isEarly = error instanceof errors.JWTClaimValidationFailed && error.claim === 'nbf'
  if (error instanceof errors.JWTExpired || isEarly) {
    const text = 'Client assertion is not within its valid time range.'
    return new EntraError(700024, 'invalid_client', text)
  }
  if (!(error instanceof errors.JWTClaimValidationFailed)) return undefined
  const text = `Client assertion ${error.claim} claim does not match what is expected.`
  return new EntraError(700023, 'invalid_client', text)
}

/** Of the one scope that an app can ask for at a time. */
function audienceOf(form: URLSearchParams): string {
  const [scope = ''] = (form.get('scope') ?? '').split(' ')
  if (URL.canParse(scope) && scope.endsWith('/.default')) return scope.slice(0, -'/.default'.length)
  const text = `The provided value for scope ${scope} is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier.`
  throw new EntraError(1002012, 'invalid_scope', text)
}

function tokenFor(
  { clock, tenant, tokenSeconds, signingKey }: Directory,
  { clientId, name, roles }: Registration,
  audience: string,
): Promise<string> {
  const seconds = Math.floor(clock.now() / SECOND)
  return new SignJWT({ appid: clientId, app_displayname: name, tid: tenant, roles })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setAudience(audience)
    .setIssuer(`https://sts.windows.net/${tenant}/`)
    .setIssuedAt(seconds)
    .setNotBefore(seconds)
    .setExpirationTime(seconds + tokenSeconds)
    .setJti(randomUUID())
    .sign(signingKey)
}

function refusal({ clock }: Directory, { number, kind, message }: EntraError): Response {
  const timestamp = new Date(clock.now()).toISOString().replace('T', ' ').replace(/\..*/, 'Z')
  const [trace, correlation] = [randomUUID(), randomUUID()]
  const status = kind === 'invalid_client' ? 401 : 400
  const text = `AADSTS${number}: ${message} Trace ID: ${trace} Correlation ID: ${correlation} Timestamp: ${timestamp}`
  return Response.json(
    {
      error: kind,
      error_description: text,
      error_codes: [number],
      timestamp,
      trace_id: trace,
      correlation_id: correlation,
      error_uri: `https://login.microsoftonline.com/error?code=${number}`,
    },
    { status },
  )
}
