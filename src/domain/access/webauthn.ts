// What passkeys say (WebAuthn Level 3), judged strictly: our own origin and relying party, a person who
// was verified, no frame of another site, no attestation to trust, keys of a sound algorithm and size.
// The challenge is the caller's to judge. Knows no database.

import { z } from 'zod'
import { AppError } from '#kernel/error.ts'
import type { PasskeyRow } from './passkey-store.ts'

/** Who the browser makes a passkey for: the host, and the one origin it is served at. */
export interface RelyingParty {
  readonly id: string
  readonly origin: string
}

const ED25519 = -8
const ES256 = -7
const RS256 = -257
const ALGORITHMS = [ED25519, ES256, RS256]
const RSA_BITS_MIN = 2_048
/** Of a COSE key (RFC 9053): its algorithm, and the modulus of an RSA one. */
const COSE_ALG = 3
const COSE_RSA_N = -1

const CEREMONY_MS = 120_000

/** A browser's answer is two kilobytes; an attestation with certificates, which we do not ask for, eight. */
export const CREDENTIAL_CHARACTERS_MAX = 16_384

const Base64url = z.string().regex(/^[\w-]+$/).max(CREDENTIAL_CHARACTERS_MAX) // prettier-ignore
const Common = {
  id: Base64url.max(1_400),
  rawId: Base64url.max(1_400),
  type: z.literal('public-key'),
  authenticatorAttachment: z.string().max(40).nullish(),
  clientExtensionResults: z.object({}),
}
const Registration = z.object({
  ...Common,
  response: z.object({
    clientDataJSON: Base64url,
    attestationObject: Base64url,
    transports: z.array(z.string().max(40)).max(10).optional(),
  }),
})
const Assertion = z.object({
  ...Common,
  response: z.object({
    clientDataJSON: Base64url,
    authenticatorData: Base64url,
    signature: Base64url,
    userHandle: Base64url.nullish(),
  }),
})
const ClientData = z.object({
  challenge: z.string(),
  crossOrigin: z.boolean().optional(),
  topOrigin: z.string().optional(),
})

export type Registration = z.infer<typeof Registration>
export type Assertion = z.infer<typeof Assertion>

/** Options for `navigator.credentials.create`, as `parseCreationOptionsFromJSON` takes them. */
export function creationOptions(
  rp: RelyingParty,
  challenge: string,
  user: { readonly handle: string; readonly name: string; readonly displayName: string },
  known: readonly PasskeyRow[],
): object {
  return {
    rp: { id: rp.id, name: 'Rulewright' },
    user: { id: user.handle, name: user.name, displayName: user.displayName },
    challenge,
    pubKeyCredParams: ALGORITHMS.map((alg) => ({ type: 'public-key', alg })),
    timeout: CEREMONY_MS,
    excludeCredentials: known.map(nameCredential),
    authenticatorSelection: {
      residentKey: 'required',
      requireResidentKey: true,
      userVerification: 'required',
    },
    attestation: 'none',
  }
}

/**
 * Options for `navigator.credentials.get`: one of these may answer. Without them any that the device
 * keeps for us: then there is no list at all, because some devices take an empty one for a refusal.
 */
export function requestOptions(
  { id: rpId }: RelyingParty,
  challenge: string,
  known: readonly PasskeyRow[] = [],
): object {
  const options = { challenge, rpId, timeout: CEREMONY_MS, userVerification: 'required' }
  return known.length === 0 ? options : { ...options, allowCredentials: known.map(nameCredential) }
}

const nameCredential = ({ credentialId: id }: PasskeyRow) => ({ type: 'public-key', id })

export function parseRegistration(text: string): Registration {
  return parse(Registration, text)
}

export function parseAssertion(text: string): Assertion {
  return parse(Assertion, text)
}

/** The challenge that was answered. Throws `invalid` for an answer given inside another site's page. */
export function challengeOf({ response }: Registration | Assertion): string {
  const text = Buffer.from(response.clientDataJSON, 'base64url').toString('utf8')
  const { challenge, crossOrigin, topOrigin } = parse(ClientData, text)
  if (crossOrigin === true || topOrigin !== undefined) throw notAccepted()
  return challenge
}

/** The new key. Throws `invalid`. */
export async function verifyRegistration(
  rp: RelyingParty,
  registration: Registration,
): Promise<{ credentialId: string; publicKey: Buffer; counter: number; isBackedUp: boolean }> {
  await refuseCertificates(registration)
  const { verifyRegistrationResponse } = await import('@simplewebauthn/server')
  const verified = await verifyRegistrationResponse({
    response: registration as never, // the library's type names every literal a browser may send
    expectedChallenge: challengeOf(registration),
    expectedOrigin: rp.origin,
    expectedRPID: rp.id,
    requireUserVerification: true,
    supportedAlgorithmIDs: ALGORITHMS,
  }).catch((cause: unknown) => {
    throw notAccepted(cause)
  })
  if (!verified.verified) throw notAccepted()
  const { credential, credentialBackedUp } = verified.registrationInfo
  const publicKey = Buffer.from(credential.publicKey)
  await refuseWeakKey(publicKey)
  return {
    credentialId: credential.id,
    publicKey,
    counter: credential.counter,
    isBackedUp: credentialBackedUp,
  }
}

/** What the use of a known key says. Throws `invalid`, also for a counter that did not go on. */
export async function verifyAssertion(
  rp: RelyingParty,
  assertion: Assertion,
  { credentialId, publicKey, counter }: Pick<PasskeyRow, 'credentialId' | 'publicKey' | 'counter'>,
): Promise<{ counter: number; isBackedUp: boolean }> {
  const { verifyAuthenticationResponse } = await import('@simplewebauthn/server')
  const verified = await verifyAuthenticationResponse({
    response: assertion as never,
    expectedChallenge: challengeOf(assertion),
    expectedOrigin: rp.origin,
    expectedRPID: rp.id,
    requireUserVerification: true,
    credential: { id: credentialId, publicKey: new Uint8Array(publicKey), counter },
  }).catch((cause: unknown) => {
    throw notAccepted(cause)
  })
  if (!verified.verified) throw notAccepted()
  const { newCounter, credentialBackedUp } = verified.authenticationInfo
  return { counter: newCounter, isBackedUp: credentialBackedUp }
}

// We ask for none; `packed` without a certificate is how some say the same. Refused before anything else
// is verified: whether a certificate is revoked would be asked at an address that it names itself.
async function refuseCertificates({ response }: Registration): Promise<void> {
  const { decodeAttestationObject } = await import('@simplewebauthn/server/helpers')
  let isPlain: boolean
  try {
    const bytes = new Uint8Array(Buffer.from(response.attestationObject, 'base64url'))
    const attestation = decodeAttestationObject(bytes)
    const fmt = attestation.get('fmt')
    isPlain =
      fmt === 'none' || (fmt === 'packed' && attestation.get('attStmt').get('x5c') === undefined)
  } catch (cause) {
    throw notAccepted(cause)
  }
  if (!isPlain) throw notAccepted()
}

async function refuseWeakKey(publicKey: Buffer): Promise<void> {
  const { decodeCredentialPublicKey } = await import('@simplewebauthn/server/helpers')
  const key = decodeCredentialPublicKey(new Uint8Array(publicKey)) as Map<number, unknown>
  if (key.get(COSE_ALG) !== RS256) return
  const modulus = key.get(COSE_RSA_N)
  const bits = modulus instanceof Uint8Array ? modulus.byteLength * 8 : 0
  if (bits < RSA_BITS_MIN) throw notAccepted()
}

function parse<S extends z.ZodType>(schema: S, text: string): z.output<S> {
  if (text.length > CREDENTIAL_CHARACTERS_MAX) throw notAccepted()
  try {
    return schema.parse(JSON.parse(text))
  } catch (cause) {
    throw notAccepted(cause)
  }
}

export function notAccepted(cause?: unknown): AppError {
  return new AppError('invalid', 'This passkey was not accepted. Try again, or use another way.', {
    cause,
  })
}
