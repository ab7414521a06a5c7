// The round trip of SAML 2.0: the request that sends a browser to its provider, and the answer that
// comes back. Whether signatures hold, and over which bytes, says saml-signature.ts; shape
// (saml-checks.ts) and meaning (saml-assertion.ts) are judged on those bytes and by our clock.

import { SAML, ValidateInResponseTo, type SamlConfig } from '@node-saml/node-saml'
import type { Instant } from '#kernel/time.ts'
import type { OwnCertificate } from '#platform/own-certificate.ts'
import { judgeAssertion, judgeResponse, type Expected, type Judged } from './saml-assertion.ts'
import { ASSERTION, checkOpened, checkShape, decodeSaml, readSigned } from './saml-checks.ts'
import { openAssertion } from './saml-encryption.ts'
import type { SamlIdp } from './saml-metadata.ts'
import { childrenOfDom, signedBytes, type DomElement } from './saml-signature.ts'

export interface SamlRequest {
  readonly entityId: string
  /** Where the answer goes. */
  readonly acs: string
  /** `_` and random characters: it comes back as InResponseTo. */
  readonly requestId: string
  readonly relayState: string
  readonly forceProof: boolean
  /** Signs it. */
  readonly ownKey?: OwnCertificate | undefined
}

/** Where to send the browser. */
export async function requestUrl(idp: SamlIdp, request: SamlRequest): Promise<string> {
  const saml = new SAML({
    ...settingsOf(idp, request.entityId, request.acs),
    forceAuthn: request.forceProof,
    generateUniqueId: () => request.requestId,
    ...(request.ownKey && { privateKey: request.ownKey.privateKey }),
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
  ownKeys: readonly OwnCertificate[] = [],
): Promise<Judged> {
  const xml = decodeSaml(field)
  const { root, isResponseSigned, encrypted } = checkShape(xml)
  judgeResponse(root, expected)
  // Before anything is decrypted: whoever tampers with the outside learns nothing of the inside.
  if (isResponseSigned) await signedBytes(idp, xml, (response) => response)
  const opened = encrypted && openAssertion(encrypted, ownKeys, isResponseSigned)
  if (opened !== undefined) checkOpened(opened)
  const signed =
    opened === undefined
      ? await signedBytes(idp, xml, assertionIn)
      : await signedBytes(idp, opened, (assertion) => assertion)
  return judgeAssertion(readSigned(signed), expected, now)
}

const assertionIn = (response: DomElement): DomElement | undefined =>
  childrenOfDom(response).find(
    ({ localName, namespaceURI }) => localName === 'Assertion' && namespaceURI === ASSERTION,
  )

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
