// The round trip of SAML 2.0: the request that sends a browser to its provider, and the answer that
// comes back. node-saml finds out whether signatures hold and hands over the bytes they cover; shape
// (saml-checks.ts) and meaning (saml-assertion.ts) are judged here, on those bytes and by our clock.

import { SAML, ValidateInResponseTo, type SamlConfig } from '@node-saml/node-saml'
import { judgeAssertion, judgeResponse, type Expected, type Judged } from './saml-assertion.ts'
import { checkShape, decodeSaml, readSigned, refuse } from './saml-checks.ts'
import { lookAtCertificate, type SamlIdp } from './saml-metadata.ts'
import type { Instant } from '#kernel/time.ts'

export interface SamlRequest {
  readonly entityId: string
  /** Where the answer goes. */
  readonly acs: string
  /** `_` and random characters: it comes back as InResponseTo. */
  readonly requestId: string
  readonly relayState: string
  readonly forceProof: boolean
}

/** Where to send the browser. */
export async function requestUrl(idp: SamlIdp, request: SamlRequest): Promise<string> {
  const saml = new SAML({
    ...settingsOf(idp, request.entityId, request.acs),
    forceAuthn: request.forceProof,
    generateUniqueId: () => request.requestId,
  })
  return saml.getAuthorizeUrlAsync(request.relayState, undefined, {})
}

/**
 * Who came in, by the form field `SAMLResponse`. Throws `SamlRefusal` with the reason, for admins. That
 * an answer is taken once is up to the caller: the request it belongs to, and the assertion's id.
 */
export async function judgeAnswer(
  idp: SamlIdp,
  expected: Expected,
  field: string,
  now: Instant,
): Promise<Judged> {
  const xml = decodeSaml(field)
  const { root, isResponseSigned } = checkShape(xml)
  judgeResponse(root, expected)
  const signed = await signedBytes(idp, expected, { xml, isResponseSigned })
  return judgeAssertion(readSigned(signed), expected, now)
}

/** The assertion as it was signed. */
async function signedBytes(
  idp: SamlIdp,
  { audience, recipient }: Expected,
  { xml, isResponseSigned }: { readonly xml: string; readonly isResponseSigned: boolean },
): Promise<string> {
  const strong = idp.certificates.filter((pem) => lookAtCertificate(pem).problem === null)
  if (strong.length === 0) refuse('None of the provider’s certificates has a key that is taken.')
  const saml = new SAML({
    ...settingsOf({ ...idp, certificates: strong }, audience, recipient),
    wantAuthnResponseSigned: isResponseSigned, // one that is there must hold
  })
  const field = Buffer.from(xml).toString('base64')
  const { profile } = await saml
    .validatePostResponseAsync({ SAMLResponse: field })
    .catch(() => refuse('The signature does not hold with any of the provider’s certificates.'))
  const read = profile?.getAssertionXml?.()
  return read ?? refuse('Nothing in the answer is signed.')
}

// Times, audience and request are judged by us: the library would read them by the machine's clock.
function settingsOf(
  { entityId, signInUrl, certificates }: SamlIdp,
  audience: string,
  acs: string,
): SamlConfig {
  return {
    issuer: audience,
    audience: false,
    callbackUrl: acs,
    entryPoint: signInUrl,
    idpIssuer: entityId,
    idpCert: [...certificates],
    identifierFormat: null,
    disableRequestedAuthnContext: true,
    signatureAlgorithm: 'sha256',
    wantAssertionsSigned: true,
    wantAuthnResponseSigned: false,
    validateInResponseTo: ValidateInResponseTo.never,
    acceptedClockSkewMs: -1,
  }
}
