// Metadata of SAML 2.0, both ways: what an identity provider says of itself, and what we tell it.
// A document that an admin pastes is trusted as the admin is; signatures in it are not looked at.

import { X509Certificate } from 'node:crypto'
import { instant, type Instant } from '#kernel/time.ts'
import { refuse, SAML_BYTES_MAX, SIGNATURE } from './saml-checks.ts'
import {
  attributeOf,
  childrenOf,
  everyElement,
  readXml,
  XmlRefusal,
  type XmlElement,
} from './xml.ts'

const METADATA = 'urn:oasis:names:tc:SAML:2.0:metadata'
const REDIRECT = 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect'
const CERTIFICATES_MAX = 8
const KEY_BITS_MIN = 2_048

/** Of a provider: who it is, where people sign in, and with which keys it may sign. */
export interface SamlIdp {
  readonly entityId: string
  readonly signInUrl: string
  /** PEM. Several while the provider changes its key. */
  readonly certificates: readonly string[]
  /** Where it takes answers to a logout. */
  readonly logoutUrl?: string | null
}

/** Throws `SamlRefusal` with a sentence for the admin who pasted it. */
export function readIdpMetadata(xml: string): SamlIdp {
  if (Buffer.byteLength(xml) > SAML_BYTES_MAX) refuse('The metadata are larger than 256 kB.')
  const root = read(xml.trim())
  const entities = [...everyElement(root)].filter(
    ({ name, namespace }) => name === 'EntityDescriptor' && namespace === METADATA,
  )
  const [entity, another] = entities.filter(
    (one) => childrenOf(one, METADATA, 'IDPSSODescriptor').length === 1,
  )
  if (entity === undefined) refuse('These metadata describe no identity provider.')
  if (another !== undefined) refuse('These metadata describe more than one identity provider.')
  const [descriptor] = childrenOf(entity, METADATA, 'IDPSSODescriptor')
  return {
    entityId: attributeOf(entity, 'entityID') ?? refuse('The provider has no entityID.'),
    signInUrl: signInUrlIn(descriptor!),
    certificates: certificatesIn(descriptor!),
    logoutUrl: logoutUrlIn(descriptor!),
  }
}

export interface CertificateLook {
  readonly subject: string
  readonly startsAt: Instant
  readonly endsAt: Instant
  /** Why signatures by it are not taken; null when they are. */
  readonly problem: string | null
}

/** What can be said of a certificate before it is used. */
export function lookAtCertificate(pem: string): CertificateLook {
  const { subject, validFrom, validTo, publicKey } = new X509Certificate(pem)
  const { asymmetricKeyType: kind, asymmetricKeyDetails: details } = publicKey
  const isStrong = kind === 'rsa' && (details?.modulusLength ?? 0) >= KEY_BITS_MIN
  return {
    subject: subject.replaceAll(/\s*\n\s*/g, ', '),
    startsAt: instant(Date.parse(validFrom)),
    endsAt: instant(Date.parse(validTo)),
    problem: isStrong ? null : `It needs an RSA key of at least ${KEY_BITS_MIN} bits.`,
  }
}

function read(xml: string): XmlElement {
  try {
    return readXml(withoutComments(xml))
  } catch (err) {
    if (err instanceof XmlRefusal) refuse(`The metadata hold ${err.message}.`)
    throw err
  }
}

// Nothing is signed here that a comment could split, and people's files have them.
const withoutComments = (xml: string) => xml.replaceAll(/<!--[^<>]*-->/g, '')

function signInUrlIn(descriptor: XmlElement): string {
  const service = childrenOf(descriptor, METADATA, 'SingleSignOnService').find(
    (one) => attributeOf(one, 'Binding') === REDIRECT,
  )
  const location = service && attributeOf(service, 'Location')
  if (location === undefined) refuse('The provider offers no sign-in by HTTP-Redirect.')
  return location
}

function logoutUrlIn(descriptor: XmlElement): string | null {
  const service = childrenOf(descriptor, METADATA, 'SingleLogoutService').find(
    (one) => attributeOf(one, 'Binding') === REDIRECT,
  )
  if (!service) return null
  return attributeOf(service, 'ResponseLocation') ?? attributeOf(service, 'Location') ?? null
}

function certificatesIn(descriptor: XmlElement): readonly string[] {
  const found = childrenOf(descriptor, METADATA, 'KeyDescriptor')
    .filter((key) => attributeOf(key, 'use') !== 'encryption')
    .flatMap((key) => [...everyElement(key)])
    .filter(({ name, namespace }) => name === 'X509Certificate' && namespace === SIGNATURE)
    .map(({ text }) => toPem(text))
  const different = [...new Set(found)]
  if (different.length === 0) refuse('The provider names no certificate that signs.')
  if (different.length > CERTIFICATES_MAX) refuse('The provider names too many certificates.')
  return different
}

function toPem(text: string): string {
  try {
    return new X509Certificate(Buffer.from(text, 'base64')).toString()
  } catch {
    return refuse('A certificate in the metadata cannot be read.')
  }
}
