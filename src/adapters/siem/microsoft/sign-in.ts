// Signs in at Microsoft Entra as an app, with a secret or with an assertion that a certificate's key
// signs, and has the token of each scope kept until shortly before it ends. Secrets go to the address of
// the token service alone. Source: Microsoft identity platform, client credentials flow and certificate
// credentials, read 2026-11.

import { createHash, createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto'
import { SignJWT } from 'jose'
import { z } from 'zod'
import type { Connection, Credential } from '#domain/targets/port.ts'
import { AppError, type ErrorCode } from '#kernel/error.ts'
import { addMs, instant, INSTANT_MAX, MINUTE, SECOND, type Instant } from '#kernel/time.ts'
import type { OutboundClient, OutboundReply } from '#platform/outbound-client.ts'
import { authorityOf, type CloudSettings } from './cloud.ts'

export interface SignIn {
  /**
   * For `https://api.loganalytics.io/.default` and the like. `isFresh` asks for a new one although one is
   * kept: for a check, and once after a 401.
   */
  token(
    scope: string,
    signal: AbortSignal,
    options?: { readonly isFresh?: boolean },
  ): Promise<string>
}

type AppCredential = Extract<Credential, { kind: 'client_secret' | 'client_assertion' }>

/** Ends early enough for the longest call that begins with it to be let in. */
const EARLY_MS = 5 * MINUTE
const ASSERTION_MS = 10 * MINUTE

/** Throws `unsupported` for a credential that is no app's. */
export function openSignIn(connection: Connection, settings: CloudSettings): SignIn {
  const { signIns } = connection
  const credential = appCredentialOf(connection.credential)
  const outbound = connection.client('sign_in')
  return {
    async token(scope, signal, { isFresh = false } = {}) {
      const known = signIns.find(scope)
      if (known !== undefined && !isFresh) return known.authorization.slice(BEARER.length)
      const asked = { outbound, credential, scope, signal }
      const { token, until } = await signIn(connection, settings, asked)
      signIns.keep(scope, { authorization: BEARER + token, cookies: new Map(), until })
      return token
    },
  }
}

const BEARER = 'Bearer '

function appCredentialOf(credential: Credential): AppCredential {
  const { kind } = credential
  if (kind === 'client_secret' || kind === 'client_assertion') return credential
  throw new AppError('unsupported', 'Microsoft takes an app with a secret or a certificate.')
}

const answer = z.object({
  access_token: z.string().min(1),
  expires_in: z.coerce.number().nonnegative(),
})

async function signIn(
  { now }: Connection,
  settings: CloudSettings,
  asked: {
    readonly outbound: OutboundClient
    readonly credential: AppCredential
    readonly scope: string
    readonly signal: AbortSignal
  },
): Promise<{ readonly token: string; readonly until: Instant }> {
  const { outbound, credential, scope, signal } = asked
  const path = `/${encodeURIComponent(credential.tenant)}/oauth2/v2.0/token`
  const proof = await proofOf(credential, `${authorityOf(settings)}${path}`, now())
  const reply = await outbound.send({
    method: 'POST',
    path,
    headers: {
      Accept: 'application/json',
      'Content-Type': 'application/x-www-form-urlencoded',
    },
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: credential.clientId,
      scope,
      ...proof,
    }).toString(),
    // A second token harms nobody.
    effect: 'read',
    signal,
  })
  if (reply.status !== 200) throw refusalOf(reply)
  const read = answer.safeParse(parsed(reply.text))
  if (!read.success) {
    const message = 'What answered for Microsoft Entra gave no token.'
    throw new AppError('upstream', message, { cause: read.error })
  }
  const ms = read.data.expires_in * SECOND
  const until = addMs(now(), Math.min(ms > 2 * EARLY_MS ? ms - EARLY_MS : ms / 2, MINUTE * 60 * 24))
  return { token: read.data.access_token, until }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // a proxy in between: said by whoever looks for members
  }
}

// ── What proves who we are ───────────────────────────────────────────────────────────────────────

async function proofOf(
  credential: AppCredential,
  audience: string,
  now: Instant,
): Promise<Readonly<Record<string, string>>> {
  if (credential.kind === 'client_secret') return { client_secret: credential.secret }
  const { clientId } = credential
  const { key, certificate } = readCertificate(credential)
  const seconds = Math.floor(now / SECOND)
  const assertion = await new SignJWT()
    .setProtectedHeader({
      alg: 'PS256',
      typ: 'JWT',
      'x5t#S256': createHash('sha256').update(certificate.raw).digest('base64url'),
    })
    .setAudience(audience)
    .setIssuer(clientId)
    .setSubject(clientId)
    .setJti(crypto.randomUUID())
    .setNotBefore(seconds)
    .setIssuedAt(seconds)
    .setExpirationTime(seconds + ASSERTION_MS / SECOND)
    .sign(key)
  return {
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: assertion,
  }
}

function readCertificate({
  privateKey,
  certificate,
}: Extract<AppCredential, { kind: 'client_assertion' }>): {
  readonly key: KeyObject
  readonly certificate: X509Certificate
} {
  let pair
  try {
    pair = { key: createPrivateKey(privateKey), certificate: new X509Certificate(certificate) }
  } catch (cause) {
    throw new AppError('invalid', 'The certificate or its key is not PEM.', { cause })
  }
  if (pair.key.asymmetricKeyType !== 'rsa') {
    throw new AppError('invalid', 'Microsoft Entra takes certificates with RSA keys only.')
  }
  if (pair.certificate.checkPrivateKey(pair.key)) return pair
  throw new AppError('invalid', 'The key is not the one of the certificate.')
}

/** When the credential stops working: a certificate says so itself, a secret does not. */
export function expiryOf(credential: Credential): Instant | null {
  if (credential.kind !== 'client_assertion') return null
  const at = readCertificate(credential).certificate.validToDate.getTime()
  return at < 0 || at > INSTANT_MAX ? null : instant(at)
}

const names = z.object({ app_displayname: z.string().optional(), appid: z.string().optional() })

/** Who a token speaks for, for a person to read: nothing is decided by it. */
export function identityOf(token: string): string | null {
  const payload = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8')
  const read = names.safeParse(parsed(payload))
  return read.success ? (read.data.app_displayname ?? read.data.appid ?? null) : null
}

// ── What it says when it refuses ─────────────────────────────────────────────────────────────────

type Refusal = readonly [code: ErrorCode, message: string]

/** learn.microsoft.com, Microsoft Entra authentication and authorization error codes, read 2026-11. */
const REFUSALS: Readonly<Record<number, Refusal>> = {
  7000215: [
    'unauthenticated',
    'Microsoft Entra does not know this client secret. It wants the value of the secret, not its ID.',
  ],
  7000222: ['unauthenticated', 'The client secret has expired. Make a new one and enter it here.'],
  700016: ['unauthenticated', 'This tenant has no app registration with this client ID.'],
  7000229: ['unauthenticated', 'The app has no service principal in this tenant yet.'],
  7000112: ['forbidden', 'The app registration is disabled in Microsoft Entra.'],
  90002: [
    'unauthenticated',
    'Microsoft Entra does not know this tenant, or it is of another cloud.',
  ],
  900023: ['unauthenticated', 'This is no ID of a tenant of Microsoft Entra.'],
  700027: [
    'unauthenticated',
    'Microsoft Entra does not take this certificate: it is not uploaded for the app, or has expired.',
  ],
  700024: [
    'unauthenticated',
    'Microsoft Entra finds the signature too old or too new: a clock is wrong, most likely the one of this machine.',
  ],
  700023: ['unauthenticated', 'The signature was made for another address of Microsoft Entra.'],
  53003: ['forbidden', 'A Conditional Access policy of Microsoft Entra keeps this app out.'],
  50076: ['forbidden', 'Microsoft Entra asks for a second factor, which an app does not have.'],
  500011: ['forbidden', 'This tenant does not have the service that is asked for.'],
}

const failure = z.object({
  error: z.string().default(''),
  error_description: z.string().default(''),
  error_codes: z.array(z.number()).default([]),
})

function refusalOf({ status, text, headers }: OutboundReply): AppError {
  const read = failure.safeParse(parsed(text))
  const said = read.success ? read.data : { error: '', error_description: '', error_codes: [] }
  const [first = ''] = said.error_description.split(/\s*Trace ID:|[\r\n]/)
  const cause = new Error(`${status}: ${said.error} ${first}`)
  const known = said.error_codes.map((code) => REFUSALS[code]).find((one) => one !== undefined)
  if (known !== undefined) return new AppError(known[0], known[1], { cause })
  if (status === 429) {
    const seconds = Number(headers['retry-after'])
    const message = 'Microsoft Entra asks for fewer sign-ins.'
    return new AppError('rate_limited', message, {
      cause,
      ...(Number.isFinite(seconds) && { retryAfterSeconds: Math.ceil(seconds) }),
    })
  }
  if (status >= 300 && status < 400) {
    const message = 'Microsoft Entra sends the sign-in to another address, which is not followed.'
    return new AppError('upstream', message, { cause })
  }
  const [code] = said.error_codes
  if ((status === 400 || status === 401) && said.error !== '') {
    const number = code === undefined ? said.error : `AADSTS${code}`
    return new AppError('unauthenticated', `Microsoft Entra refuses the sign-in (${number}).`, {
      cause,
    })
  }
  const message = `Microsoft Entra, or what stands before it, answered ${status} to the sign-in.`
  return new AppError('upstream', message, { cause })
}
