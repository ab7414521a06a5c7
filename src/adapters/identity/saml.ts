// SAML 2.0 behind the port: what providers by it are asked and what their answers say. Requests may be
// signed, assertions must be, and may be encrypted for us.

import { AppError } from '#kernel/error.ts'
import type { OwnCertificate } from '#platform/own-certificate.ts'
import { instant, type Clock, type Instant } from '#kernel/time.ts'
import type {
  Answer,
  Asserted,
  Begun,
  Ended,
  IdentityPort,
  ProviderWhole,
  SamlDescription,
  SamlProvider,
  Step,
  Way,
} from '#domain/identity/port.ts'
import { judgeAnswer, requestUrl } from './saml-answer.ts'
import type { Judged } from './saml-assertion.ts'
import { SamlRefusal } from './saml-checks.ts'
import { logoutAnswerUrl, readLogout } from './saml-logout.ts'
import { lookAtCertificate, readIdpMetadata, type SamlIdp } from './saml-metadata.ts'

export interface SamlParts {
  readonly clock: Clock
  readonly random: (bytes: number) => Buffer
}

const AGAIN =
  'The answer of your provider was not accepted. Begin again; if it comes back, tell an admin.'

export function openSaml(parts: SamlParts): IdentityPort {
  return {
    begin: (provider, way) => begin(samlOf(provider), way, parts),
    finish: (provider, kept, answer, now) => finish(samlOf(provider), kept, answer, now),
    look: async (provider) => lookAt(samlOf(provider), parts.clock.now()),
    readMetadata,
    ended: (provider, body, now, at) => ended(samlOf(provider), body, now, at ?? '', parts),
  }
}

function readMetadata(text: string): SamlDescription {
  try {
    const { entityId: issuer, signInUrl: signOnUrl, ...rest } = readIdpMetadata(text)
    const { certificates, logoutUrl = null } = rest
    return { issuer, signOnUrl, certificates: [...certificates], logoutUrl }
  } catch (error) {
    if (error instanceof SamlRefusal) throw new AppError('invalid', error.message)
    throw error
  }
}

function samlOf(provider: ProviderWhole): ProviderWhole & SamlProvider {
  if (provider.kind === 'saml') return provider
  throw new AppError('unsupported', 'This provider does not speak SAML.')
}

function signingKeyOf({ ownKeys = [] }: ProviderWhole & SamlProvider): OwnCertificate {
  const [oldest] = ownKeys
  if (oldest) return oldest
  throw new AppError('conflict', 'Your provider cannot be asked at the moment. Tell an admin.', {
    details: { why: 'requests are to be signed, and there is no key of ours' },
  })
}

/** We are known by the address of our own metadata. */
const entityOf = (acs: string) => acs.replace(/\/callback$/, '/metadata')

async function begin(
  provider: ProviderWhole & SamlProvider,
  { state, redirectUri, forceProof }: Way,
  { clock, random }: SamlParts,
): Promise<Begun> {
  const requestId = `_${random(20).toString('hex')}`
  const ownKey = provider.settings.signsRequests ? signingKeyOf(provider) : undefined
  const request = { entityId: entityOf(redirectUri), acs: redirectUri, relayState: state, ownKey }
  const url = await requestUrl(idpOf(provider), { ...request, requestId, forceProof })
  const requestedAt = String(clock.now())
  return { url, kept: { requestId, requestedAt, redirectUri, forceProof: String(forceProof) } }
}

async function finish(
  provider: ProviderWhole & SamlProvider,
  kept: Readonly<Record<string, string>>,
  { form }: Answer,
  now: Instant,
): Promise<Asserted> {
  const recipient = kept['redirectUri']!
  const expected = {
    issuer: provider.settings.issuer,
    audience: entityOf(recipient),
    recipient,
    requestId: kept['requestId']!,
    requestedAt: instant(Number(kept['requestedAt'])),
    forceProof: kept['forceProof'] === 'true',
    names: provider.settings,
  }
  try {
    const field = form['SAMLResponse'] ?? ''
    const judged = await judgeAnswer(idpOf(provider), expected, field, now, provider.ownKeys)
    return assertedOf(judged)
  } catch (error) {
    if (!(error instanceof SamlRefusal)) throw error
    throw new AppError('unauthenticated', AGAIN, { details: { why: error.message } })
  }
}

async function ended(
  provider: ProviderWhole & SamlProvider,
  body: string,
  now: Instant,
  at: string,
  { random }: SamlParts,
): Promise<Ended> {
  const { settings, ownKeys = [] } = provider
  try {
    const isNamedByNameId = settings.subjectAttribute === null
    const asked = await readLogout(idpOf(provider), body, at, now, isNamedByNameId)
    const { logoutUrl: to } = settings
    if (to === null) return asked.ended
    const answer = {
      to,
      entityId: at.replace(/logout$/, 'metadata'),
      inResponseTo: asked.ended.id,
      id: `_${random(20).toString('hex')}`,
      relayState: asked.relayState,
      ownKey: ownKeys[0],
    }
    return { ...asked.ended, goOn: logoutAnswerUrl(answer, now) }
  } catch (error) {
    if (!(error instanceof SamlRefusal)) throw error
    throw new AppError('unauthenticated', 'The logout was not accepted.', {
      details: { why: error.message },
    })
  }
}

function assertedOf({ assertionId, endsAt, attributes, ...judged }: Judged): Asserted {
  return {
    ...judged,
    // SAML has no word for it: whether its addresses count is said of the provider as a whole.
    isEmailVerified: false,
    once: { id: assertionId, endsAt },
    claims: { NameID: judged.subject, ...attributes },
  }
}

function idpOf({ settings }: SamlProvider): SamlIdp {
  const { issuer: entityId, signOnUrl: signInUrl, certificates } = settings
  return { entityId, signInUrl, certificates }
}

const SOON_MS = 30 * 24 * 60 * 60 * 1_000

function lookAt({ settings }: SamlProvider, now: Instant): readonly Step[] {
  const isSecret = settings.signOnUrl.startsWith('https:')
  const address: Step = {
    name: 'Where people sign in',
    verdict: isSecret ? 'good' : 'odd',
    text: isSecret ? settings.signOnUrl : `${settings.signOnUrl} is not secured by TLS.`,
  }
  return [address, ...settings.certificates.map((pem) => lookAtOne(pem, now))]
}

function lookAtOne(pem: string, now: Instant): Step {
  const { subject, endsAt, problem } = lookAtCertificate(pem)
  const name = `Certificate ${subject}`
  if (problem !== null) return { name, verdict: 'bad', text: problem }
  const day = new Date(endsAt).toISOString().slice(0, 10)
  // Providers sign on with a certificate that has run out; its date is a promise to change it.
  if (endsAt <= now) return { name, verdict: 'odd', text: `It ran out on ${day}.` }
  const verdict = endsAt - now < SOON_MS ? 'odd' : 'good'
  return { name, verdict, text: `It is good until ${day}.` }
}
